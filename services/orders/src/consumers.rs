//! What orders does when payments, catalog and accounts tell of events, and which mails it notes.

use async_trait::async_trait;
use kernel::{CheckoutId, Timestamp};
use platform::consumer::Consumer;
use platform::database::{Database, Transaction};
use proto::Topic;
use proto::events::Event;
use proto::events::event::Body;

use crate::Orders;
use crate::domain::checkout::CheckoutStatus;
use crate::domain::order::OrderStatus;
use crate::store;
use crate::store::departure::CancelledDeparture;
use crate::usecases::follow_payments::{News, follow_payments};
use crate::usecases::write_mails::write_mails;

/// Payments: money came, a payment ended without, or it changed where a shop's money lands.
pub struct PaymentsHeard(pub Orders);

#[async_trait]
impl Consumer for PaymentsHeard {
    fn name(&self) -> &'static str {
        "orders.payments"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Payments]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let (mut told, mut news) = (Vec::new(), News::default());
        for event in events {
            match &event.body {
                Some(Body::PaymentSucceeded(said)) => {
                    let at = Timestamp::from_micros(said.succeeded_at);
                    news.paid.push((said.checkout_id.parse()?, at));
                }
                Some(Body::PaymentClosed(said)) => {
                    let status = if said.expired {
                        CheckoutStatus::Expired
                    } else {
                        CheckoutStatus::Cancelled
                    };
                    news.closed.push((said.checkout_id.parse()?, status));
                }
                Some(Body::PaymentReopened(said)) => {
                    // Paid, taken back, paid again: in this order it is paid.
                    if !news.paid.is_empty() || !news.closed.is_empty() {
                        told.push(std::mem::take(&mut news));
                    }
                    news.reopened.push(said.checkout_id.parse()?);
                }
                _ => {}
            }
        }
        told.push(news);
        follow_payments(&self.0, tx, &told).await?;
        let is_of_owners =
            |event: &Event| matches!(event.body, Some(Body::PaymentDestinationChanged(_)));
        if events.iter().any(is_of_owners) {
            write_mails(&self.0, tx, events).await?;
        }
        Ok(())
    }
}

/// Catalog: what was paid can no longer be sold, or a departure does not happen.
pub struct HoldsRefused(pub Orders);

#[async_trait]
impl Consumer for HoldsRefused {
    fn name(&self) -> &'static str {
        "orders.catalog"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Catalog]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    fn passes_over(&self, event: &Event) -> bool {
        matches!(event.body, Some(Body::ProductChanged(_)))
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        let mut refused = Vec::new();
        for event in events {
            match &event.body {
                // Bookings and moves hear of it in the answer of their own call.
                Some(Body::HoldCommitRefused(said)) => {
                    refused.extend(said.reference.parse::<CheckoutId>());
                }
                Some(Body::DepartureCancelled(said)) => {
                    let move_to = Some(&said.move_to).filter(|id| !id.is_empty());
                    let cancelled = CancelledDeparture {
                        departure: said.departure_id.parse()?,
                        shop: said.shop_id.parse()?,
                        reason: said.reason.clone(),
                        move_to: move_to.map(|id| id.parse()).transpose()?,
                        told_at: self.0.0.clock.now(),
                    };
                    // What follows asks payments and catalog: the sweeper does it.
                    store::departure::insert(tx, &cancelled).await?;
                }
                _ => {}
            }
        }
        if !refused.is_empty() {
            // The sweeper asks payments for the money (`refund_unsold_order`).
            let due = OrderStatus::RefundDue;
            // Checkouts, orders, returns, tickets: in this order everybody locks. And whoever calls an order
            // off at this moment wrote so before, which is found now, or finds after that nothing of it
            // comes back: returns that were looked through first would miss one, and it asked catalog forever.
            store::checkout::lock(tx, refused.iter().copied()).await?;
            store::order::set_status_of_checkouts(tx, refused.iter().copied(), due, None).await?;
            store::order_return::keep_no_stock(tx, refused.iter().copied()).await?;
            // Nobody boards with a ticket that could not be sold.
            let ids: Vec<_> = store::order::with_tickets(tx, refused)
                .await?
                .into_iter()
                .filter(|order| order.status == due)
                .map(|order| order.id)
                .collect();
            if !ids.is_empty() {
                store::ticket::cancel_of_orders(tx, ids, self.0.0.clock.now()).await?;
            }
        }
        Ok(())
    }
}

/// Accounts: somebody deleted their account. The sweeper forgets them in what is over.
pub struct PeopleForgotten(pub Orders);

#[async_trait]
impl Consumer for PeopleForgotten {
    fn name(&self) -> &'static str {
        "orders.people"
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
        for event in events {
            let Some(Body::UserForgotten(said)) = &event.body else { continue };
            let now = self.0.0.clock.now();
            store::forgotten_buyer::note(tx, said.user_id.parse()?, now).await?;
        }
        Ok(())
    }
}

/// Orders itself, catalog and accounts: something happened that people are written to about. (Of payments there
/// is little, and [`PaymentsHeard`] hears it.)
pub struct MailsNoted(pub Orders);

#[async_trait]
impl Consumer for MailsNoted {
    fn name(&self) -> &'static str {
        "orders.mails"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Orders, Topic::Catalog, Topic::Accounts]
    }

    fn database(&self) -> &Database {
        &self.0.0.database
    }

    fn passes_over(&self, event: &Event) -> bool {
        self.0.0.mailing.is_none() || matches!(event.body, Some(Body::ProductChanged(_)))
    }

    async fn apply(&self, tx: &Transaction, events: &[Event]) -> anyhow::Result<()> {
        write_mails(&self.0, tx, events).await
    }
}
