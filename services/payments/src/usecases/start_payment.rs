//! Asks for a payment: once a checkout, whatever is repeated.

use kernel::{CheckoutId, Locale, Money, Timestamp};
use platform::batching::{Unanswered, together_or_alone};
use platform::ids;
use sea_orm::DbErr;

use super::receiving_account::receiving_account;
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
    /// Too much is asked for at once.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
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

/// A payment that was started, now or before.
#[derive(Clone, Debug)]
pub enum Started {
    /// Now: nobody has paid, tried or refunded anything of it.
    Now(Payment),
    /// By an earlier call for the same checkout.
    Before(Payment),
}

#[cfg(test)]
impl Started {
    /// The payment, whenever it was started.
    pub fn into_payment(self) -> Payment {
        let (Self::Now(payment) | Self::Before(payment)) = self;
        payment
    }
}

/// Starts a payment, or gives the one that the checkout has. Those that are asked for at the same
/// moment are written in one transaction.
pub async fn start_payment(
    payments: &Payments,
    start: StartPayment,
) -> Result<Started, StartPaymentError> {
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
        // Cards are the market's: who means to pay by one finds no other account on the QR beside it.
        let direct_to =
            if start.by_card { None } else { receiving_account(payments, &payment).await? };
        let payment = payment.directly_to(direct_to);
        let starting = Starting { payment: payment.clone(), by_card: start.by_card };
        let together = payments.clone();
        let written = service.startings.ask(starting, move |startings| {
            let payments = together.clone();
            async move { write_all(&payments, startings).await }
        });
        if written.await?? == Inserted::New {
            metrics::counter!("payments_total", "status" => "pending").increment(1);
            return Ok(Started::Now(payment));
        }
        let earlier =
            store::payment::of_checkout(service.database.reader(), start.checkout).await?;
        if let Some(earlier) = earlier {
            let same = earlier.amount == start.amount
                && same_parts(&earlier.allocations, &start.allocations);
            return if same {
                Ok(Started::Before(earlier))
            } else {
                Err(StartPaymentError::Different)
            };
        }
    }
    Err(DbErr::Custom("no free payment code was found".to_owned()).into())
}

/// A payment that is to be written.
#[derive(Clone, Debug)]
pub struct Starting {
    payment: Payment,
    by_card: bool,
}

/// Writes payments in one transaction; one by one, if that fails.
async fn write_all(payments: &Payments, startings: Vec<Starting>) -> Vec<Result<Inserted, DbErr>> {
    together_or_alone(
        startings,
        |all| async move {
            Ok(write_together(payments, &all).await?.into_iter().map(Ok).collect())
        },
        |one| async move {
            let written = write_together(payments, &[one]).await?;
            Ok(written.first().copied().unwrap_or(Inserted::Taken))
        },
    )
    .await
}

async fn write_together(
    payments: &Payments,
    startings: &[Starting],
) -> Result<Vec<Inserted>, DbErr> {
    let service = &payments.0;
    let asked: Vec<Payment> = startings.iter().map(|one| one.payment.clone()).collect();
    let tx = service.database.begin().await?;
    let written = store::payment::insert_all(&tx, &asked).await?;
    let is_new = |starting: &Starting| written.contains(&starting.payment.id);
    if let Some(card) = &service.card {
        let now = service.clock.now();
        for starting in startings.iter().filter(|one| one.by_card && is_new(one)) {
            let attempt = new_attempt(card, &starting.payment, CardWay::Hosted, Locale::Vi, now);
            store::cards::attempt::insert(&tx, &attempt).await?;
        }
    }
    tx.commit().await?;
    let outcome = |one| if is_new(one) { Inserted::New } else { Inserted::Taken };
    Ok(startings.iter().map(outcome).collect())
}

/// What is sold is not compared: of payments that are older than the question nobody said it.
fn same_parts(left: &[Allocation], right: &[Allocation]) -> bool {
    let asked = |part: &Allocation| (part.order, part.shop, part.amount);
    let there = |part: &Allocation| right.iter().any(|other| asked(other) == asked(part));
    left.len() == right.len() && left.iter().all(there)
}
