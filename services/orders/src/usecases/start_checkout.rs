//! Begins a checkout: once a cart and key, whatever is repeated. The first transaction of the saga.

use std::collections::HashMap;

use kernel::{CartId, Currency, Locale, Money, UserId};
use platform::batching::{Unanswered, together_or_alone};
use platform::database::violated_constraint;
use platform::ids;
use sea_orm::DbErr;
use sha2::{Digest, Sha256};
use tonic::Status;

use super::advance_checkout::{AdvanceError, Advanced, Wanted, advance_checkout};
use super::take_vouchers::{Taking, buyer_of};
use crate::Orders;
use crate::domain::checkout::{Checkout, CheckoutLine, CheckoutStatus, PayWith};
use crate::domain::contact::{Contact, ContactProblem, Delivery, checked};
use crate::domain::voucher::{Buyer, CodeRefused};
use crate::store;
use crate::store::checkout::Asked;

/// What a shopper asks for.
#[derive(Clone, Debug)]
pub struct StartCheckout {
    /// The cart.
    pub cart: CartId,
    /// Who buys, if signed in.
    pub buyer: Option<UserId>,
    /// Who receives.
    pub contact: Contact,
    /// Where to.
    pub delivery: Delivery,
    /// How it is paid.
    pub pay_with: PayWith,
    /// In which language the shopper is written to.
    pub locale: Locale,
    /// Names the request, 8 to 128 characters.
    pub idempotency_key: String,
}

/// Why no checkout was begun.
#[derive(Debug, thiserror::Error)]
pub enum StartCheckoutError {
    /// Contact or delivery are wrong.
    #[error("contact or delivery are wrong")]
    Contact(Vec<ContactProblem>),
    /// The key is too short or too long.
    #[error("the idempotency key has 8 to 128 characters")]
    Key,
    /// The cart is empty.
    #[error("the cart is empty")]
    CartEmpty,
    /// Another checkout of the cart is open or paid.
    #[error("the cart is checked out")]
    CartCheckedOut,
    /// The key was used with another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// A voucher of the cart does not count.
    #[error(transparent)]
    Voucher(#[from] CodeRefused),
    /// Catalog or payments refuse: their own words.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Catalog or payments could not be asked.
    #[error(transparent)]
    Unavailable(Status),
}

impl From<AdvanceError> for StartCheckoutError {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Refused(status) => Self::Refused(status),
            AdvanceError::Voucher(refused) => Self::Voucher(refused),
            AdvanceError::Unavailable(status) => Self::Unavailable(status),
            AdvanceError::Database(error) => Self::Database(error),
        }
    }
}

impl From<Unanswered> for StartCheckoutError {
    fn from(unanswered: Unanswered) -> Self {
        Self::Unavailable(unanswered.into())
    }
}

/// A checkout that is to be begun, checked.
#[derive(Clone, Debug)]
pub struct Beginning {
    start: StartCheckout,
    contact: Contact,
    delivery: Delivery,
    asked: Asked,
    buyer: Buyer,
}

/// A checkout that was begun, now or before.
#[derive(Clone, Debug)]
pub struct Begun {
    checkout: Checkout,
    /// What is wanted, where it was begun now.
    wanted: Option<Wanted>,
}

/// Begins a checkout and takes it as far as it goes, or gives the one that the key began.
pub async fn start_checkout(
    orders: &Orders,
    start: StartCheckout,
) -> Result<Advanced, StartCheckoutError> {
    if !(8..=128).contains(&start.idempotency_key.len()) {
        return Err(StartCheckoutError::Key);
    }
    let request_hash = hash_of(&start);
    let (contact, delivery) = checked(start.contact.clone(), start.delivery.clone())
        .map_err(StartCheckoutError::Contact)?;
    let asked = Asked { key: start.idempotency_key.clone(), request_hash };
    let buyer = buyer_of(&orders.0.tokens, start.buyer, &contact);
    let beginning = Beginning { start, contact, delivery, asked, buyer };
    let together = orders.clone();
    let begun = orders.0.beginnings.ask(beginning, move |beginnings| {
        let orders = together.clone();
        async move { begin_all(&orders, beginnings).await }
    });
    let Begun { checkout, wanted } = begun.await??;
    Ok(advance_checkout(orders, checkout, wanted).await?)
}

/// Begins checkouts in one transaction; one by one, if that fails.
async fn begin_all(
    orders: &Orders,
    beginnings: Vec<Beginning>,
) -> Vec<Result<Begun, StartCheckoutError>> {
    together_or_alone(
        beginnings,
        |all| async move { begin_together(orders, &all).await },
        |one| async move { begin_alone(orders, &one).await },
    )
    .await
}

async fn begin_alone(orders: &Orders, beginning: &Beginning) -> Result<Begun, StartCheckoutError> {
    match begin_together(orders, std::slice::from_ref(beginning)).await {
        // Two requests at once, and the other one was first: it is found now.
        Err(error) if violated_constraint(&error).is_some() => {
            existing(orders, beginning).await?.ok_or(error.into())
        }
        Err(error) => Err(error.into()),
        Ok(outcomes) => outcomes.into_iter().next().ok_or(Unanswered::BrokeOff)?,
    }
}

/// One transaction for all of them. What is refused does not keep the others from beginning.
async fn begin_together(
    orders: &Orders,
    beginnings: &[Beginning],
) -> Result<Vec<Result<Begun, StartCheckoutError>>, DbErr> {
    let carts: Vec<CartId> = beginnings.iter().map(|beginning| beginning.start.cart).collect();
    let tx = orders.0.database.begin().await?;
    let used = store::cart::lock(&tx, &carts).await?;
    let keys = beginnings.iter().map(|beginning| beginning.asked.key.as_str());
    let mut known = store::checkout::open_or_asked(&tx, &carts, keys).await?;
    let mut lines = store::cart::lines(&tx, &carts).await?;
    let with_vouchers: Vec<(CartId, Buyer)> = beginnings
        .iter()
        .map(|beginning| (beginning.start.cart, beginning.buyer.clone()))
        .filter(|(cart, _)| used.get(cart).is_some_and(|facts| facts.vouchers > 0))
        .collect();
    let mut vouchers = Taking::lock(&tx, &with_vouchers).await?;
    let (mut made, mut outcomes) = (Vec::new(), Vec::with_capacity(beginnings.len()));
    for beginning in beginnings {
        let cart = beginning.start.cart;
        let Some(facts) = used.get(&cart) else {
            outcomes.push(Err(StartCheckoutError::CartEmpty));
            continue;
        };
        let known = known.entry(cart).or_default();
        match decide(known, &beginning.asked) {
            Ok(None) => {}
            Ok(Some(checkout)) => {
                outcomes.push(Ok(Begun { checkout, wanted: None }));
                continue;
            }
            Err(refused) => {
                outcomes.push(Err(refused));
                continue;
            }
        }
        let wanted = lines.remove(&cart).unwrap_or_default();
        if wanted.is_empty() {
            outcomes.push(Err(StartCheckoutError::CartEmpty));
            continue;
        }
        let mut checkout = begin(orders, beginning);
        checkout.claim = facts.claim;
        let taken = match vouchers.take(cart, checkout.id, &beginning.buyer, checkout.created_at) {
            Ok(taken) => taken,
            Err(refused) => {
                outcomes.push(Err(refused.into()));
                continue;
            }
        };
        checkout.vouchers = taken.len() as u32;
        let wanted: Vec<CheckoutLine> = wanted
            .into_iter()
            .map(|line| CheckoutLine { variant: line.variant, quantity: line.quantity })
            .collect();
        known.push((checkout.clone(), beginning.asked.clone()));
        made.push((checkout.clone(), beginning.asked.clone(), wanted.clone()));
        let wanted = Some(Wanted { lines: wanted, vouchers: taken });
        outcomes.push(Ok(Begun { checkout, wanted }));
    }
    store::checkout::insert(&tx, &made).await?;
    vouchers.write(&tx, orders.0.clock.now()).await?;
    tx.commit().await?;
    metrics::counter!("checkouts_total", "status" => "starting").increment(made.len() as u64);
    Ok(outcomes)
}

fn begin(orders: &Orders, beginning: &Beginning) -> Checkout {
    let now = orders.0.clock.now();
    Checkout {
        id: ids::new(),
        cart: beginning.start.cart,
        buyer: beginning.start.buyer,
        status: CheckoutStatus::Starting,
        contact: beginning.contact.clone(),
        delivery: beginning.delivery.clone(),
        pay_with: beginning.start.pay_with,
        total: Money::zero(Currency::Vnd),
        payment: None,
        created_at: now,
        expires_at: now.after(orders.0.payment_lifetime),
        paid_at: None,
        claim: None,
        reopened_at: None,
        extended_at: None,
        vouchers: 0,
        locale: beginning.start.locale,
    }
}

async fn existing(
    orders: &Orders,
    beginning: &Beginning,
) -> Result<Option<Begun>, StartCheckoutError> {
    let (cart, key) = (beginning.start.cart, beginning.asked.key.as_str());
    let mut known: HashMap<CartId, Vec<(Checkout, Asked)>> =
        store::checkout::open_or_asked(orders.0.database.reader(), &[cart], [key]).await?;
    let known = known.remove(&cart).unwrap_or_default();
    let earlier = decide(&known, &beginning.asked)?;
    Ok(earlier.map(|checkout| Begun { checkout, wanted: None }))
}

/// The checkout that the key began; or nothing, if another may be begun.
fn decide(
    known: &[(Checkout, Asked)],
    asked: &Asked,
) -> Result<Option<Checkout>, StartCheckoutError> {
    let mut open = false;
    for (checkout, earlier) in known {
        if earlier.key == asked.key {
            let same = earlier.request_hash == asked.request_hash;
            return if same {
                Ok(Some(checkout.clone()))
            } else {
                Err(StartCheckoutError::KeyReused)
            };
        }
        // Another cart's key may have brought a checkout that has ended.
        open |= !checkout.status.ended_unpaid();
    }
    if open { Err(StartCheckoutError::CartCheckedOut) } else { Ok(None) }
}

/// What makes two requests the same: all that the shopper said, as it was said.
fn hash_of(start: &StartCheckout) -> Vec<u8> {
    let mut hash = Sha256::new();
    let delivery = &start.delivery;
    for text in [
        &start.contact.name,
        &start.contact.phone,
        &start.contact.email,
        &delivery.ward_code,
        &delivery.address,
        &delivery.note,
        &delivery.method.name().to_owned(),
        &start.pay_with.name().to_owned(),
        &start.buyer.map(|buyer| buyer.to_string()).unwrap_or_default(),
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().to_vec()
}
