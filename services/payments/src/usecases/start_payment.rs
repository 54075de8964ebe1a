//! Asks for a payment: once a checkout, whatever is repeated.

use kernel::{CheckoutId, Locale, Money, Timestamp};
use platform::ids;
use sea_orm::DbErr;

use super::start_card_attempt::new_attempt;
use crate::Payments;
use crate::domain::card_attempt::CardWay;
use crate::domain::payment::{Allocation, Payment, Purpose, StartRefused};
use crate::domain::payment_code::PaymentCode;
use crate::store;
use crate::store::payment::Inserted;

/// How often a code that was taken is replaced; one in a trillion is.
pub const CODES_TRIED: u32 = 5;

/// Why no payment was started.
#[derive(Debug, thiserror::Error)]
pub enum StartPaymentError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] StartRefused),
    /// The market takes no cards.
    #[error("the market takes no cards")]
    NoCards,
    /// The checkout has a payment that asks for something else.
    #[error("the checkout has another payment")]
    Different,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct StartPayment {
    /// The checkout; it has one payment.
    pub checkout: CheckoutId,
    /// The sum of the allocations.
    pub amount: Money,
    /// One part an order.
    pub allocations: Vec<Allocation>,
    /// Until when money is in time.
    pub expires_at: Timestamp,
    /// Whether the shopper wants to pay by card; a transfer pays it all the same.
    pub by_card: bool,
}

/// Starts a payment, or gives the one that the checkout has.
pub async fn start_payment(
    payments: &Payments,
    start: StartPayment,
) -> Result<Payment, StartPaymentError> {
    let service = &payments.0;
    if start.by_card && service.card.is_none() {
        return Err(StartPaymentError::NoCards);
    }
    for _ in 0..CODES_TRIED {
        let payment = Payment::start(
            ids::new(),
            Purpose::Checkout(start.checkout),
            start.amount,
            start.allocations.clone(),
            PaymentCode::from_random(rand::random()),
            service.clock.now(),
            start.expires_at,
        )?;
        let tx = service.database.begin().await?;
        if store::payment::insert(&tx, &payment).await? == Inserted::New {
            if start.by_card
                && let Some(card) = &service.card
            {
                let now = service.clock.now();
                let attempt = new_attempt(card, &payment, CardWay::Hosted, Locale::Vi, now);
                store::cards::attempt::insert(&tx, &attempt).await?;
            }
            tx.commit().await?;
            metrics::counter!("payments_total", "status" => "pending").increment(1);
            return Ok(payment);
        }
        tx.rollback().await?;
        let earlier =
            store::payment::of_checkout(service.database.reader(), start.checkout).await?;
        if let Some(earlier) = earlier {
            let same = earlier.amount == start.amount
                && same_parts(&earlier.allocations, &start.allocations);
            return if same { Ok(earlier) } else { Err(StartPaymentError::Different) };
        }
    }
    Err(DbErr::Custom("no free payment code was found".to_owned()).into())
}

fn same_parts(left: &[Allocation], right: &[Allocation]) -> bool {
    left.len() == right.len() && left.iter().all(|part| right.contains(part))
}
