//! Asks a reseller for all that is open up to a day, in one payment with a code and a QR: once a key,
//! whatever is repeated. What is given back is netted; what nets to nothing is carried into the next bill.

use kernel::{Money, ResellerBillId};
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;

use super::cancel_payment::{CancelPaymentError, cancel_payment};
use super::refund_payment::LONGEST_KEY;
use super::start_payment::CODES_TRIED;
use crate::Payments;
use crate::domain::payment::ChangeRefused;
use crate::domain::payment_code::PaymentCode;
use crate::domain::reseller_bill::{BillRefused, ResellerBill};
use crate::store;
use crate::store::payment::Inserted;
use crate::store::reseller_bill::KeptBill;

/// Why nothing was asked for.
#[derive(Debug, thiserror::Error)]
pub enum BillResellerError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] BillRefused),
    /// The key is empty or too long.
    #[error("a key has 1 to {LONGEST_KEY} bytes")]
    Key,
    /// The key was used for another day.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// There is no such bill.
    #[error("there is no such bill")]
    Unknown,
    /// The bill is paid.
    #[error(transparent)]
    Closed(#[from] ChangeRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Bills a reseller, or gives what it was billed under the key before.
pub async fn bill_reseller(
    payments: &Payments,
    bill: ResellerBill,
) -> Result<KeptBill, BillResellerError> {
    let service = &payments.0;
    if bill.idempotency_key.is_empty() || bill.idempotency_key.len() > LONGEST_KEY {
        return Err(BillResellerError::Key);
    }
    for _ in 0..CODES_TRIED {
        let tx = service.database.begin().await?;
        // Nobody invoices meanwhile, and nobody else bills the same lines.
        let _end = store::ledger::lock(&tx).await?;
        let earlier =
            store::reseller_bill::by_key(&tx, bill.reseller, &bill.idempotency_key).await?;
        if let Some(kept) = earlier {
            let same = kept.bill.until == bill.until;
            return if same { Ok(kept) } else { Err(BillResellerError::KeyReused) };
        }
        let Some(kept) = write(payments, &tx, &bill).await? else {
            tx.rollback().await?;
            continue;
        };
        tx.commit().await?;
        metrics::counter!("payments_total", "status" => "pending").increment(1);
        return Ok(kept);
    }
    Err(DbErr::Custom("no free payment code was found".to_owned()).into())
}

/// Nothing, if the payment's code is taken or the lines are others by now.
async fn write(
    payments: &Payments,
    tx: &Transaction,
    bill: &ResellerBill,
) -> Result<Option<KeptBill>, BillResellerError> {
    let until = bill.until.next().begins();
    let (lines, open): (u64, Money) =
        store::reseller_bill::open_until(tx, bill.reseller, until).await?;
    let code = PaymentCode::from_random(rand::random());
    let payment = bill.ask(open, ids::new(), code, payments.0.clock.now())?;
    if store::payment::insert(tx, &payment).await? == Inserted::Taken {
        return Ok(None);
    }
    store::reseller_bill::insert(tx, bill, payment.id, lines).await?;
    // A bill that ended at this very moment gave its lines back: then it is reckoned again.
    if store::reseller_bill::claim(tx, bill, until).await? != lines {
        return Ok(None);
    }
    Ok(Some(KeptBill { bill: bill.clone(), lines, payment }))
}

/// Takes a bill back that is not paid: its lines are open again. Taking it back again changes nothing.
pub async fn cancel_reseller_bill(
    payments: &Payments,
    id: ResellerBillId,
) -> Result<KeptBill, BillResellerError> {
    let reader = payments.0.database.reader();
    // Which payment it is, never changes: it may be looked at before it is locked.
    let found = store::reseller_bill::by_id(reader, id).await?;
    let mut kept = found.ok_or(BillResellerError::Unknown)?;
    kept.payment = match cancel_payment(payments, kept.payment.id).await {
        Ok(payment) => payment,
        Err(CancelPaymentError::Unknown(_)) => return Err(BillResellerError::Unknown),
        Err(CancelPaymentError::Refused(refused)) => return Err(refused.into()),
        Err(CancelPaymentError::Database(error)) => return Err(error.into()),
    };
    Ok(kept)
}
