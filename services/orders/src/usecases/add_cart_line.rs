//! Puts something into a cart.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kernel::{CartId, VariantId};
use platform::database::{concerns_all, violated_constraint};

use super::get_cart::{CartError, PricedCart, offers_of, on_offer};
use crate::Orders;
use crate::domain::cart::{Addition, Cart, CartRefused, ClaimDigest, check_offer};
use crate::store;

/// Adds pieces of a variant to a cart. What is added at the same moment shares a transaction.
pub async fn add_cart_line(orders: &Orders, addition: Addition) -> Result<PricedCart, CartError> {
    let together = orders.clone();
    let added = orders.0.additions.ask(addition, move |additions| {
        let orders = together.clone();
        async move { add_all(&orders, additions).await }
    });
    added.await.map_err(|unanswered| CartError::Catalog(unanswered.into()))?
}

/// Adds in one transaction; one by one where that fails, and where a cart is named twice.
async fn add_all(orders: &Orders, additions: Vec<Addition>) -> Vec<Result<PricedCart, CartError>> {
    let mut carts = HashSet::new();
    let apart = additions.iter().all(|addition| carts.insert(addition.cart));
    if apart && additions.len() > 1 {
        match add_together(orders, &additions).await {
            Ok(outcomes) => return outcomes,
            Err(CartError::Database(error)) if concerns_all(&error) => {
                return additions.iter().map(|_| Err(error.clone().into())).collect();
            }
            // Catalog is away: it is so for all of them.
            Err(CartError::Catalog(status)) => {
                return additions.iter().map(|_| Err(CartError::Catalog(status.clone()))).collect();
            }
            Err(error) => tracing::debug!(%error, "cart lines are added one by one"),
        }
    }
    let mut outcomes = Vec::with_capacity(additions.len());
    for addition in additions {
        outcomes.push(match add_together(orders, &[addition]).await {
            Ok(alone) => alone.into_iter().next().unwrap_or(Err(CartRefused::UnknownLine.into())),
            // Others put in so much at the same moment that the database refuses the sum.
            Err(CartError::Database(error)) if violated_constraint(&error).is_some() => {
                Err(CartRefused::Quantity.into())
            }
            Err(error) => Err(error),
        });
    }
    outcomes
}

/// One transaction for all of them; each in another cart. What the rules refuse is not written; an
/// error means that nothing was.
async fn add_together(
    orders: &Orders,
    additions: &[Addition],
) -> Result<Vec<Result<PricedCart, CartError>>, CartError> {
    let service = &orders.0;
    let ids: Vec<CartId> = additions.iter().map(|addition| addition.cart).collect();
    let mut carts = store::cart::load_all(service.database.reader(), &ids).await?;
    let mut asked: BTreeMap<Option<ClaimDigest>, BTreeSet<VariantId>> = BTreeMap::new();
    for (cart, addition) in carts.iter_mut().zip(additions) {
        cart.claim = addition.claim.or(cart.claim);
        let variants = asked.entry(cart.claim).or_default();
        variants.extend(cart.lines.iter().map(|line| line.variant));
        variants.insert(addition.variant);
    }
    // Once for all, and once for each who claims seats that are kept for them.
    let mut offers = BTreeMap::new();
    for (claim, variants) in asked {
        let found = Arc::new(offers_of(orders, variants, claim).await?);
        offers.insert(claim, found);
    }
    let mut outcomes: Vec<Result<PricedCart, CartError>> = Vec::with_capacity(additions.len());
    for (cart, addition) in carts.into_iter().zip(additions) {
        let offers = offers.get(&cart.claim).cloned().unwrap_or_default();
        let offer = on_offer(&offers, &addition.variant.to_string());
        let allowed = cart.quantity_after_adding(addition.variant, addition.quantity, offer);
        let priced = PricedCart { cart, offers };
        outcomes.push(allowed.map(|_| priced).map_err(CartError::from));
    }
    let allowed = outcomes.iter().zip(additions).filter(|(outcome, _)| outcome.is_ok());
    let added: Vec<(Cart, Addition)> = allowed
        .filter_map(|(outcome, addition)| {
            outcome.as_ref().ok().map(|priced| (priced.cart.clone(), addition.clone()))
        })
        .collect();
    if added.is_empty() {
        return Ok(outcomes);
    }
    let tx = service.database.begin().await?;
    let mut lines: HashMap<CartId, _> =
        store::cart::add_to_lines(&tx, &added, service.clock.now()).await?;
    for (outcome, addition) in outcomes.iter_mut().zip(additions) {
        let Ok(priced) = outcome else { continue };
        let Some(line) = lines.remove(&addition.cart) else { continue };
        // What others put in at the same moment counts, too.
        let offer = on_offer(&priced.offers, &addition.variant.to_string());
        check_offer(addition.variant, line.quantity, offer)?;
        match priced.cart.lines.iter_mut().find(|held| held.variant == addition.variant) {
            Some(held) => *held = line,
            None => priced.cart.lines.push(line),
        }
    }
    tx.commit().await?;
    Ok(outcomes)
}
