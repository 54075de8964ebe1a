//! Refunds.

use std::collections::HashMap;

use kernel::{OrderId, OrderLineId, PaymentId, RefundId, ShopId, ShopScope, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id, parse_money};
use tonic::Status;

use super::queue::any_fault;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::payee_account::{PayeeAccount, PayeeAccountRefused};
use crate::domain::refund::{RefundMethod, RefundRefused, RefundStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::refund_lines::{AskedLine, RefundLinesRefused};
use crate::domain::vietqr::VietQr;
use crate::store;
use crate::store::refund::{KeptRefund, RefundOf};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::provide_refund_account::{ProvidedBy, provide_refund_account};
use crate::usecases::refund_payment::{
    RefundPayment, RefundPaymentError, RefundedPart, refund_payment,
};

pub async fn refund(
    payments: &Payments,
    request: contract::RefundPaymentRequest,
) -> Result<contract::Refund, Status> {
    let part = if request.rest {
        RefundedPart::Rest
    } else if request.lines.is_empty() {
        RefundedPart::Amount(parse_money(request.amount.as_ref())?)
    } else {
        RefundedPart::Lines(request.lines.iter().map(asked_line).collect::<Result<_, _>>()?)
    };
    let asked = RefundPayment {
        payment: parse_id::<PaymentId>(&request.payment_id)?,
        order: parse_id::<OrderId>(&request.order_id)?,
        part,
        account: named_account(request.account.as_ref()),
        reason: request.reason,
        requested_by: parse_id::<UserId>(&request.requested_by)?,
        scope: scope_of(&request.shop_id)?,
        idempotency_key: request.idempotency_key,
    };
    let refund = refund_payment(payments, asked).await.map_err(refund_status)?;
    with_lines(payments, vec![refund]).await.map(|mut refunds| refunds.remove(0))
}

fn asked_line(line: &contract::RefundedLine) -> Result<AskedLine, Status> {
    Ok(AskedLine {
        line: parse_id::<OrderLineId>(&line.order_line_id)?,
        ordered: line.ordered,
        total: parse_money(line.total.as_ref())?,
        quantity: line.quantity,
    })
}

pub async fn get(
    payments: &Payments,
    request: contract::GetRefundRequest,
) -> Result<contract::Refund, Status> {
    let id = parse_id::<RefundId>(&request.refund_id)?;
    let found = store::refund::by_id(payments.0.database.reader(), id).await.map_err(fault)?;
    let refund = found.ok_or_else(|| Status::not_found("there is no such refund"))?;
    with_lines(payments, vec![refund]).await.map(|mut refunds| refunds.remove(0))
}

pub async fn provide_account(
    payments: &Payments,
    request: contract::ProvideRefundAccountRequest,
) -> Result<contract::Refund, Status> {
    let id = parse_id::<RefundId>(&request.refund_id)?;
    let account = account_of(request.account.as_ref()).map_err(|error| refuse_account(&error))?;
    let person = Some(request.provided_by.as_str()).filter(|id| !id.is_empty());
    let person = person.map(parse_id::<UserId>).transpose()?;
    let by = match (request.operator, person) {
        (true, Some(operator)) => ProvidedBy::Operator(operator),
        (true, None) => return Err(Status::invalid_argument("an operator has an id")),
        (false, buyer) => ProvidedBy::Buyer(buyer),
    };
    let refund = provide_refund_account(payments, id, account, by).await.map_err(refund_status)?;
    with_lines(payments, vec![refund]).await.map(|mut refunds| refunds.remove(0))
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
    with_lines(payments, vec![refund]).await.map(|mut refunds| refunds.remove(0))
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
    let refunds = with_lines(payments, found).await?;
    Ok(contract::RefundPage { refunds, page: Some(page) })
}

/// The refunds of payments, the oldest first.
pub async fn refunds_of(
    payments: &Payments,
    ids: &[PaymentId],
) -> Result<HashMap<PaymentId, Vec<KeptRefund>>, Status> {
    let refunds = store::refund::of_payments(payments.0.database.reader(), ids).await;
    let mut of_payments: HashMap<PaymentId, Vec<KeptRefund>> = HashMap::new();
    for refund in refunds.map_err(fault)? {
        if let RefundOf::Order { payment, .. } | RefundOf::Surplus { payment, .. } = refund.of {
            of_payments.entry(payment).or_default().push(refund);
        }
    }
    Ok(of_payments)
}

/// An account as the caller names it; the bank's BIN, the number and the holder.
pub fn account_of(
    account: Option<&contract::PayeeAccount>,
) -> Result<PayeeAccount, PayeeAccountRefused> {
    let account = account.cloned().unwrap_or_default();
    PayeeAccount::new(&account.bank_bin, &account.number, &account.holder)
}

/// An account, if the caller names one.
pub fn named_account(
    account: Option<&contract::PayeeAccount>,
) -> Option<Result<PayeeAccount, PayeeAccountRefused>> {
    account.map(|account| account_of(Some(account)))
}

/// Refunds with what of which line they are.
async fn with_lines(
    payments: &Payments,
    refunds: Vec<KeptRefund>,
) -> Result<Vec<contract::Refund>, Status> {
    let ids: Vec<RefundId> = refunds.iter().map(|refund| refund.id).collect();
    let lines = store::refund_line::of_refunds(payments.0.database.reader(), &ids).await;
    let mut lines = lines.map_err(fault)?;
    let message = |refund: KeptRefund| {
        let lines = lines.remove(&refund.id).unwrap_or_default();
        let lines = lines.into_iter().map(|line| contract::RefundedLine {
            order_line_id: line.line.to_string(),
            quantity: line.quantity,
            ordered: line.ordered,
            total: None,
            amount: Some(line.amount.into()),
        });
        contract::Refund { lines: lines.collect(), ..refund_message(refund) }
    };
    Ok(refunds.into_iter().map(message).collect())
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
    let qr = shop_qr(&refund);
    let (payment_id, order_id, shop_id, credit_id) = match refund.of {
        RefundOf::Order { payment, order, shop } => {
            (payment.to_string(), order.to_string(), shop.to_string(), String::new())
        }
        RefundOf::Credit(credit) => {
            (String::new(), String::new(), String::new(), credit.to_string())
        }
        RefundOf::Surplus { payment, order } => {
            (payment.to_string(), order.to_string(), String::new(), String::new())
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
        account: refund.payee.as_ref().map(account_message),
        status: status_message(refund.status).into(),
        requested_by: refund.requested_by.to_string(),
        approved_by: refund.approved_by.map(|id| id.to_string()).unwrap_or_default(),
        created_at: refund.created_at.micros(),
        changed_at: refund.changed_at.micros(),
        lines: Vec::new(),
        account_from: refund.account_from.name().to_owned(),
        to_card: refund.method == RefundMethod::Card,
        by_shop: refund.method == RefundMethod::ByShop,
        shop_qr: qr,
    }
}

/// What a shop's banking app scans to give a shopper money back: the shopper's account, the amount, and the
/// code by which the shop's feed or statement proves it.
fn shop_qr(refund: &KeptRefund) -> Option<contract::VietQr> {
    let to_send = refund.method == RefundMethod::ByShop && refund.status == RefundStatus::Approved;
    let payee = refund.payee.as_ref().filter(|_| to_send)?;
    let memo = refund.reference.to_string();
    let amount = u64::try_from(refund.amount.minor).ok()?;
    let payload = VietQr::payment(payee.bank_bin(), payee.number(), amount, &memo).write();
    Some(contract::VietQr {
        payload: payload.ok()?,
        bank_bin: payee.bank_bin().to_owned(),
        account_number: payee.number().to_owned(),
        account_holder: payee.holder().to_owned(),
        memo,
        bank_name: String::new(),
        open_amount: false,
    })
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
        RefundPaymentError::Disputed => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "DISPUTED").at(&["paymentId"])
        }
        RefundPaymentError::GoesToCard => Refused::new(RefusalCode::Invalid).at(&["bankAccount"]),
        RefundPaymentError::KeyReused => Refused::new(RefusalCode::IdempotencyKeyReused),
        RefundPaymentError::NothingLeft => {
            Refused::new(RefusalCode::RefundExceedsCaptured).fact("available", 0).at(&["orderId"])
        }
        RefundPaymentError::Refused(refused) => refuse(&refused),
        RefundPaymentError::Lines(refused) => refuse_lines(&refused),
        RefundPaymentError::Fault(error) => return any_fault(&error),
    };
    refused.into()
}

fn refuse_lines(refused: &RefundLinesRefused) -> Refused {
    match refused {
        RefundLinesRefused::TooMany { available, .. } => Refused::new(RefusalCode::OutOfRange)
            .fact("minimum", 1)
            .fact("maximum", *available)
            .at(&["lines", "quantity"]),
        RefundLinesRefused::Nothing(_) => {
            Refused::new(RefusalCode::OutOfRange).fact("minimum", 1).at(&["lines", "quantity"])
        }
        RefundLinesRefused::LineTwice(_) => {
            Refused::new(RefusalCode::Invalid).at(&["lines", "orderLineId"])
        }
        RefundLinesRefused::Reversal(_) | RefundLinesRefused::Money(_) => {
            Refused::new(RefusalCode::Invalid).at(&["lines"])
        }
    }
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
        RefundRefused::AccountNotKnown => {
            Refused::new(RefusalCode::PayeeAccountRequired).at(&["bankAccount"])
        }
        RefundRefused::NothingAsked
        | RefundRefused::OrderTwice(_)
        | RefundRefused::UnknownRefund(_)
        | RefundRefused::ReferenceTaken(_)
        | RefundRefused::Money(_) => Refused::new(RefusalCode::Invalid).at(&["amount"]),
    }
}
