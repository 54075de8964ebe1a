//! Refunds.

use std::collections::HashMap;

use kernel::{OrderId, PaymentId, RefundId, ShopId, ShopScope, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id, parse_money};
use tonic::Status;

use super::queue::any_fault;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::payee_account::{PayeeAccount, PayeeAccountRefused};
use crate::domain::refund::{RefundRefused, RefundStatus};
use crate::store;
use crate::store::refund::{KeptRefund, RefundOf};
use crate::usecases::decide_refund::{RefundDecision, decide_refund};
use crate::usecases::refund_payment::{RefundPayment, RefundPaymentError, refund_payment};

pub async fn refund(
    payments: &Payments,
    request: contract::RefundPaymentRequest,
) -> Result<contract::Refund, Status> {
    let asked = RefundPayment {
        payment: parse_id::<PaymentId>(&request.payment_id)?,
        order: parse_id::<OrderId>(&request.order_id)?,
        amount: parse_money(request.amount.as_ref())?,
        account: account_of(request.account.as_ref()),
        reason: request.reason,
        requested_by: parse_id::<UserId>(&request.requested_by)?,
        scope: scope_of(&request.shop_id)?,
        idempotency_key: request.idempotency_key,
    };
    let refund = refund_payment(payments, asked).await.map_err(refund_status)?;
    Ok(refund_message(refund))
}

pub async fn decide(
    payments: &Payments,
    request: contract::DecideRefundRequest,
) -> Result<contract::Refund, Status> {
    let decision = match request.decision() {
        contract::RefundDecision::ApproveRefund => RefundDecision::Approve,
        contract::RefundDecision::CancelRefund => RefundDecision::Cancel,
        contract::RefundDecision::FailRefund => RefundDecision::Fail,
        contract::RefundDecision::Unspecified => {
            return Err(Refused::new(RefusalCode::Required).at(&["decision"]).into());
        }
    };
    let id = parse_id::<RefundId>(&request.refund_id)?;
    let by = parse_id::<UserId>(&request.decided_by)?;
    let scope = scope_of(&request.shop_id)?;
    let refund = decide_refund(payments, id, decision, by, scope).await.map_err(refund_status)?;
    Ok(refund_message(refund))
}

pub async fn list(
    payments: &Payments,
    request: contract::ListRefundsRequest,
) -> Result<contract::RefundPage, Status> {
    let scope = scope_of(&request.shop_id)?;
    let status = status_of(request.status());
    let page = page_of(request.page.as_ref())?;
    let found = store::refund::page(payments.0.database.reader(), scope, status, &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |refund| refund.id.to_string());
    let refunds = found.into_iter().map(refund_message).collect();
    Ok(contract::RefundPage { refunds, page: Some(page) })
}

/// What of payments is given back, settled or in flight, in minor units.
pub async fn refunded_of(
    payments: &Payments,
    ids: &[PaymentId],
) -> Result<HashMap<PaymentId, i64>, Status> {
    let refunds = store::refund::of_payments(payments.0.database.reader(), ids).await;
    let mut refunded: HashMap<PaymentId, i64> = HashMap::new();
    for refund in refunds.map_err(fault)? {
        if let RefundOf::Order { payment, .. } = refund.of
            && refund.status.holds_money()
        {
            *refunded.entry(payment).or_default() += refund.amount.minor;
        }
    }
    Ok(refunded)
}

/// An account as the caller names it; the bank's BIN, the number and the holder.
pub fn account_of(
    account: Option<&contract::PayeeAccount>,
) -> Result<PayeeAccount, PayeeAccountRefused> {
    let account = account.cloned().unwrap_or_default();
    PayeeAccount::new(&account.bank_bin, &account.number, &account.holder)
}

/// The refusal of an account.
pub fn refuse_account(error: &PayeeAccountRefused) -> Refused {
    let field = match error {
        PayeeAccountRefused::BankBin(_) => "bin",
        PayeeAccountRefused::Number(_) => "number",
        PayeeAccountRefused::Holder(_) => "holder",
    };
    Refused::new(RefusalCode::Invalid).at(&["bankAccount", field])
}

/// An account in the words of the contract.
pub fn account_message(payee: &PayeeAccount) -> contract::PayeeAccount {
    contract::PayeeAccount {
        bank_bin: payee.bank_bin().to_owned(),
        number: payee.number().to_owned(),
        holder: payee.holder().to_owned(),
    }
}

/// The shop that the caller is bound to; none: any.
pub fn scope_of(shop_id: &str) -> Result<Option<ShopScope>, Status> {
    if shop_id.is_empty() {
        return Ok(None);
    }
    Ok(Some(ShopScope::granted(parse_id::<ShopId>(shop_id)?)))
}

/// A refund.
pub fn refund_message(refund: KeptRefund) -> contract::Refund {
    let (payment_id, order_id, shop_id, credit_id) = match refund.of {
        RefundOf::Order { payment, order, shop } => {
            (payment.to_string(), order.to_string(), shop.to_string(), String::new())
        }
        RefundOf::Credit(credit) => {
            (String::new(), String::new(), String::new(), credit.to_string())
        }
    };
    contract::Refund {
        id: refund.id.to_string(),
        reference: refund.reference.to_string(),
        payment_id,
        order_id,
        shop_id,
        credit_id,
        amount: Some(refund.amount.into()),
        reason: refund.reason,
        account: Some(account_message(&refund.payee)),
        status: status_message(refund.status).into(),
        requested_by: refund.requested_by.to_string(),
        approved_by: refund.approved_by.map(|id| id.to_string()).unwrap_or_default(),
        created_at: refund.created_at.micros(),
        changed_at: refund.changed_at.micros(),
    }
}

const fn status_message(status: RefundStatus) -> contract::RefundStatus {
    match status {
        RefundStatus::Requested => contract::RefundStatus::RefundRequested,
        RefundStatus::NeedsApproval => contract::RefundStatus::RefundNeedsApproval,
        RefundStatus::Approved => contract::RefundStatus::RefundApproved,
        RefundStatus::Sent => contract::RefundStatus::RefundSent,
        RefundStatus::Succeeded => contract::RefundStatus::RefundSucceeded,
        RefundStatus::Failed => contract::RefundStatus::RefundFailed,
        RefundStatus::Cancelled => contract::RefundStatus::RefundCancelled,
    }
}

fn status_of(status: contract::RefundStatus) -> Option<RefundStatus> {
    RefundStatus::ALL.into_iter().find(|one| status_message(*one) == status)
}

fn refund_status(error: RefundPaymentError) -> Status {
    let refused = match error {
        RefundPaymentError::Unknown => return Status::not_found("there is no such paid order"),
        RefundPaymentError::NotPaid(status) => Refused::new(RefusalCode::StatusConflict)
            .fact("status", status.name().to_uppercase())
            .at(&["paymentId"]),
        RefundPaymentError::Account(error) => refuse_account(&error),
        RefundPaymentError::Text(field) => Refused::new(RefusalCode::Required).at(&[field]),
        RefundPaymentError::KeyReused => Refused::new(RefusalCode::IdempotencyKeyReused),
        RefundPaymentError::Refused(refused) => refuse(&refused),
        RefundPaymentError::Fault(error) => return any_fault(&error),
    };
    refused.into()
}

fn refuse(refused: &RefundRefused) -> Refused {
    match refused {
        RefundRefused::ExceedsCaptured { requested, available, .. } => {
            Refused::new(RefusalCode::RefundExceedsCaptured)
                .fact("available", available.to_decimal_string())
                .fact("requested", requested.to_decimal_string())
                .at(&["amount"])
        }
        RefundRefused::RequesterMayNotApprove => Refused::new(RefusalCode::SecondPersonRequired),
        RefundRefused::WrongStatus(status) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", status.name().to_uppercase())
        }
        RefundRefused::NotPaidOrder(_) => Refused::new(RefusalCode::NotFound).at(&["orderId"]),
        RefundRefused::NothingAsked
        | RefundRefused::OrderTwice(_)
        | RefundRefused::UnknownRefund(_)
        | RefundRefused::ReferenceTaken(_)
        | RefundRefused::Money(_) => Refused::new(RefusalCode::Invalid).at(&["amount"]),
    }
}
