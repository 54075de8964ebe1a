//! Asks for an amount at a shop's counter: once a key, whatever is repeated.

use kernel::Money;
use platform::ids;
use sea_orm::DbErr;

use super::receiving_account::receiving_account;
use super::refund_payment::LONGEST_KEY;
use super::start_payment::CODES_TRIED;
use crate::Payments;
use crate::domain::counter_sale::{CounterSale, LONGEST_NOTE};
use crate::domain::payment::StartRefused;
use crate::domain::payment_code::PaymentCode;
use crate::store;
use crate::store::counter_sale::CounterPayment;
use crate::store::payment::Inserted;

/// Why nothing was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CreateCounterPaymentError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] StartRefused),
    /// The note is too long.
    #[error("a note has at most {LONGEST_NOTE} characters")]
    NoteTooLong,
    /// The key is empty or too long.
    #[error("a key has 1 to {LONGEST_KEY} bytes")]
    Key,
    /// The key was used for another amount or note.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Asks for an amount, or gives what was asked for under the key before.
pub async fn create_counter_payment(
    payments: &Payments,
    mut sale: CounterSale,
    amount: Money,
) -> Result<CounterPayment, CreateCounterPaymentError> {
    let service = &payments.0;
    sale.note = kernel::normalize_spaces(&sale.note);
    if sale.note.chars().count() > LONGEST_NOTE {
        return Err(CreateCounterPaymentError::NoteTooLong);
    }
    if sale.idempotency_key.is_empty() || sale.idempotency_key.len() > LONGEST_KEY {
        return Err(CreateCounterPaymentError::Key);
    }
    for _ in 0..CODES_TRIED {
        let code = PaymentCode::from_random(rand::random());
        let payment = sale.ask((ids::new(), ids::new()), amount, code, service.clock.now())?;
        let direct_to = receiving_account(payments, &payment).await?;
        let payment = payment.directly_to(direct_to);
        let tx = service.database.begin().await?;
        if store::counter_sale::insert(&tx, &sale, &payment).await? == Inserted::New {
            tx.commit().await?;
            metrics::counter!("payments_total", "status" => "pending").increment(1);
            return Ok((sale, payment));
        }
        tx.rollback().await?;
        let db = service.database.reader();
        let earlier = store::counter_sale::by_key(db, sale.shop, &sale.idempotency_key).await?;
        if let Some((kept, payment)) = earlier {
            let same = payment.amount == amount && kept.note == sale.note;
            return if same {
                Ok((kept, payment))
            } else {
                Err(CreateCounterPaymentError::KeyReused)
            };
        }
    }
    Err(DbErr::Custom("no free payment code was found".to_owned()).into())
}
