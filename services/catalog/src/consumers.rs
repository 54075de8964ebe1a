//! What catalog does when others, and catalog itself, tell of events.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kernel::{ProductId, UserId};
use platform::consumer::Consumer;
use platform::database::{Database, Transaction};
use platform::outbox;
use proto::Topic;
use proto::accounts::ShopStatus;
use proto::events::event::Body;
use proto::events::{Event, ProductChanged};
use proto::orders::CheckoutStatus;
use tonic::Status;

use crate::Catalog;
use crate::search::SearchFault;
use crate::store;
use crate::store::shop::KnownShop;
use crate::usecases::index_products::index_products;
use crate::usecases::settle_holds::settle_checkouts;
use crate::usecases::write_product::changed;

/// Accounts: a shop was opened, approved, suspended.
pub struct ShopsHeard(pub Catalog);

#[async_trait]
impl Consumer for ShopsHeard {
    fn name(&self) -> &'static str {
        "catalog.shops"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Accounts]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        for event in events {
            let Some(Body::ShopChanged(said)) = &event.body else { continue };
            let Some(shop) = &said.shop else { continue };
            let known = KnownShop {
                id: shop.id.parse()?,
                name: shop.name.clone(),
                ward_code: shop.ward_code.clone(),
                approved: shop.status() == ShopStatus::Approved,
            };
            let before = store::shop::by_ids(tx, [known.id.uuid()]).await?;
            store::shop::put(tx, &known).await?;
            let mut changed = store::product::set_visible(tx, known.id, known.approved).await?;
            // Search finds products by their shop's name, too.
            if before.iter().any(|before| before.name != known.name) && known.approved {
                changed = store::product::visible_of_shop(tx, known.id).await?;
            }
            let told = changed.into_iter().map(|id| {
                let body = ProductChanged { product_id: id.to_string(), shop_id: shop.id.clone() };
                (id.to_string(), Body::ProductChanged(body))
            });
            outbox::publish_all(tx, self.0.0.clock.now(), told.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

/// Orders: a checkout was paid, or ended without money.
pub struct CheckoutsHeard(pub Catalog);

#[async_trait]
impl Consumer for CheckoutsHeard {
    fn name(&self) -> &'static str {
        "catalog.checkouts"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Orders]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let (mut paid, mut ended) = (Vec::new(), Vec::new());
        for event in events {
            let Some(Body::CheckoutChanged(said)) = &event.body else { continue };
            match said.status() {
                CheckoutStatus::Paid => paid.push(said.checkout_id.clone()),
                CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {
                    ended.push(said.checkout_id.clone());
                }
                CheckoutStatus::Starting
                | CheckoutStatus::AwaitingPayment
                | CheckoutStatus::Unspecified => {}
            }
        }
        Ok(settle_checkouts(&self.0, tx, &ended, &paid).await?)
    }
}

/// Orders: a buyer got an order, and may say what its products are like.
pub struct FulfilmentsHeard(pub Catalog);

#[async_trait]
impl Consumer for FulfilmentsHeard {
    fn name(&self) -> &'static str {
        "catalog.fulfilments"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Orders]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        for event in events {
            let Some(Body::OrderFulfilled(said)) = &event.body else { continue };
            // Who was not signed in is nobody who could say something later.
            if said.buyer_id.is_empty() {
                continue;
            }
            let products: Result<Vec<ProductId>, _> =
                said.product_ids.iter().map(|id| id.parse()).collect();
            let (buyer, order) = (said.buyer_id.parse()?, said.order_id.parse()?);
            let now = self.0.0.clock.now();
            store::review::grant(tx, buyer, &products?, order, now).await?;
        }
        Ok(())
    }
}

/// Accounts: somebody deleted their account. What they said stays, and not who said it.
pub struct PeopleForgotten(pub Catalog);

#[async_trait]
impl Consumer for PeopleForgotten {
    fn name(&self) -> &'static str {
        "catalog.people"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Accounts]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    fn passes_over(&self, event: &Event) -> bool {
        !matches!(event.body, Some(Body::UserForgotten(_)))
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let people = events.iter().filter_map(|event| match &event.body {
            Some(Body::UserForgotten(said)) => Some(said.user_id.parse::<UserId>()),
            _ => None,
        });
        let people = people.collect::<Result<Vec<_>, _>>()?;
        // Products before reviews, as where those are written: whoever removes one now writes no name back.
        let products = store::review::products_of_authors(tx, &people).await?;
        let products = store::product::lock_of_any_shops(tx, products).await?;
        store::review::forget_authors(tx, &people).await?;
        // Pages that show their name are made anew.
        let told: Vec<_> = products.iter().map(changed).collect();
        outbox::publish_all(tx, self.0.0.clock.now(), told).await?;
        Ok(())
    }
}

/// Catalog itself: the index follows the products.
pub struct IndexKept(pub Catalog);

#[async_trait]
impl Consumer for IndexKept {
    fn name(&self) -> &'static str {
        "catalog.index"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Catalog]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    async fn apply(&self, _tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let mut ids: BTreeSet<ProductId> = BTreeSet::new();
        for event in events {
            if let Some(Body::ProductChanged(said)) = &event.body {
                ids.insert(said.product_id.parse()?);
            }
        }
        // The index is no part of the transaction: putting a product in twice does no harm.
        index_products(&self.0, ids.into_iter().collect()).await.map_err(|error| {
            let fault = error.downcast_ref::<SearchFault>();
            if !fault.is_some_and(SearchFault::is_outage) {
                return error;
            }
            // Told of again until the engine is back: the index catches up without a person.
            Status::unavailable(format!("the search engine is away: {error:#}")).into()
        })
    }
}
