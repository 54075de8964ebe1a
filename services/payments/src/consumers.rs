//! What payments does when accounts and orders tell of events.

use async_trait::async_trait;
use kernel::{CheckoutId, OrderId, ShopId, Timestamp};
use platform::consumer::Consumer;
use platform::database::{Database, Transaction};
use proto::accounts::ShopKind;
use proto::events::event::Body;
use proto::events::{Event, ResellerInvoiced};
use proto::{Topic, parse_money};

use crate::Payments;
use crate::domain::tax::SellerKind;
use crate::store;
use crate::usecases::forget_payer::forget_payers_of;
use crate::usecases::invoice_reseller::{Invoiced, invoice_resellers};

/// Accounts: what a shop is, and so what tax is withheld.
pub struct ShopsHeard(pub Payments);

#[async_trait]
impl Consumer for ShopsHeard {
    fn name(&self) -> &'static str {
        "payments.accounts"
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
            let told_at = Timestamp::from_micros(event.occurred_at);
            let id = shop.id.parse::<ShopId>()?;
            store::payee::put(tx, id, seller_of(shop.kind()), told_at).await?;
        }
        Ok(())
    }
}

/// A cooperative is a legal entity (Law on Cooperatives 17/2023/QH15), and tours are sold by companies
/// only (Law on Tourism 09/2017/QH14, article 31): both declare their taxes themselves.
const fn seller_of(kind: ShopKind) -> SellerKind {
    match kind {
        ShopKind::Company | ShopKind::Cooperative | ShopKind::TourOperator => SellerKind::Company,
        ShopKind::Household | ShopKind::Unspecified => SellerKind::Household,
    }
}

/// Orders: a shopper got an order, so its money is held for a shorter time; a reseller owes for a
/// booking, or owes less; who bought is forgotten.
pub struct OrdersHeard(pub Payments);

#[async_trait]
impl Consumer for OrdersHeard {
    fn name(&self) -> &'static str {
        "payments.orders"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Orders]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    /// Payments told of the payment itself.
    fn passes_over(&self, event: &Event) -> bool {
        matches!(event.body, Some(Body::CheckoutChanged(_)))
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let (mut invoiced, mut fulfilled, mut forgotten) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            match &event.body {
                Some(Body::OrderFulfilled(said)) => {
                    let at = Timestamp::from_micros(said.fulfilled_at);
                    fulfilled.push((said.order_id.parse::<OrderId>()?, at));
                }
                Some(Body::ResellerInvoiced(said)) => invoiced.push(invoiced_of(said)?),
                Some(Body::CheckoutForgotten(said)) => {
                    forgotten.push(said.checkout_id.parse::<CheckoutId>()?);
                }
                _ => {}
            }
        }
        if !invoiced.is_empty() {
            invoice_resellers(&self.0, tx, &invoiced, self.0.0.clock.now()).await?;
        }
        if !fulfilled.is_empty() || !forgotten.is_empty() {
            // Not while a decision takes back what some of these orders are charged, or taught of who paid.
            store::ledger::share(tx).await?;
        }
        forget_payers_of(tx, &forgotten).await?;
        // Of what was only invoiced now, it is noted as well.
        store::fulfilled::note(tx, &fulfilled).await?;
        Ok(())
    }
}

fn invoiced_of(said: &ResellerInvoiced) -> anyhow::Result<Invoiced> {
    Ok(Invoiced {
        cause: said.cause.clone(),
        booking: said.booking_id.parse()?,
        reseller: said.reseller_id.parse()?,
        order: said.order_id.parse()?,
        shop: said.shop_id.parse()?,
        amount: parse_money(said.amount.as_ref())?,
        reversal: said.reversal,
    })
}
