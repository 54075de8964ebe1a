//! Names the bank account of a refund of which nobody knew where to: the buyer, or an operator.

use kernel::{Money, RefundId, UserId};

use super::post_refund::{RefundPosting, post_approved};
use super::refund_payment::{RefundPaymentError, refundable};
use super::resolve_bank_credit::status_of_return;
use super::return_surplus_to_bank::surplus_must_not_be_disputed;
use crate::Payments;
use crate::domain::payee_account::{AccountSource, PayeeAccount};
use crate::domain::refund::{RefundRefused, RefundStatus};
use crate::store;
use crate::store::refund::{KeptRefund, RefundOf};

/// Who names the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvidedBy {
    /// The buyer: a guest with the checkout's token has no id.
    Buyer(Option<UserId>),
    /// An operator.
    Operator(UserId),
}

/// Names the account of a refund that waits for one; then the limit decides whether a second person
/// must agree. Naming the same account again changes nothing.
pub async fn provide_refund_account(
    payments: &Payments,
    id: RefundId,
    account: PayeeAccount,
    by: ProvidedBy,
) -> Result<KeptRefund, RefundPaymentError> {
    let service = &payments.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let mut refund = store::refund::lock(&tx, id).await?.ok_or(RefundPaymentError::Unknown)?;
    if refund.payee.as_ref() == Some(&account) {
        return Ok(refund);
    }
    if refund.status != RefundStatus::Requested || refund.payee.is_some() {
        return Err(RefundRefused::WrongStatus(refund.status).into());
    }
    (refund.account_from, refund.account_by) = match by {
        ProvidedBy::Buyer(person) => (AccountSource::Buyer, person),
        ProvidedBy::Operator(person) => (AccountSource::Operator, Some(person)),
    };
    let reached = match refund.of {
        RefundOf::Credit(_) => status_of_return(payments, refund.amount),
        RefundOf::Surplus { .. } => {
            surplus_must_not_be_disputed(&tx, &refund).await?;
            status_of_return(payments, refund.amount)
        }
        RefundOf::Order { payment, .. } => {
            let orders = store::charges::of_payment(&tx, payment).await?;
            let mut refunds = refundable(&tx, payment, &orders).await?;
            refunds.name_account(refund.reference, account.clone(), now)?;
            let currency = refund.amount.currency;
            let limit = Money::new(service.settlement.one_person_refund_minor, currency);
            refunds.submit(refund.reference, limit, now)?
        }
    };
    refund.payee = Some(account);
    (refund.status, refund.changed_at) = (reached, now);
    store::refund::name_account(&tx, &refund).await?;
    store::refund::update(&tx, &refund).await?;
    if reached == RefundStatus::Approved {
        post_approved(&tx, end, &refund, RefundPosting::Approved, now).await?;
    }
    tx.commit().await?;
    metrics::counter!("refunds_total", "status" => reached.name()).increment(1);
    Ok(refund)
}
