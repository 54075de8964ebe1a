//! Lists in the words of the contract: payments, a shop's payments and balance, the ledger's entries.

use kernel::{Currency, Money, PaymentId, ShopId, ShopScope};
use proto::{parse_id, payments as contract};
use tonic::Status;

use super::words::{cut, fault, page_of, status_message, succeeded_at};
use super::{messages, reports};
use crate::Payments;
use crate::domain::ledger::Account;
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::payment_code::PaymentCode;
use crate::store;

/// Payments, the newest first.
pub async fn payments(
    payments: &Payments,
    request: contract::ListPaymentsRequest,
) -> Result<contract::PaymentPage, Status> {
    let status = match request.status() {
        contract::PaymentStatus::Unspecified => None,
        contract::PaymentStatus::Pending => Some(PaymentStatus::Pending),
        contract::PaymentStatus::Succeeded => Some(PaymentStatus::Succeeded),
        contract::PaymentStatus::Expired => Some(PaymentStatus::Expired),
        contract::PaymentStatus::Cancelled => Some(PaymentStatus::Cancelled),
    };
    let page = page_of(request.page.as_ref())?;
    let found =
        store::payment::page(payments.0.database.reader(), status, request.reopened_only, &page)
            .await
            .map_err(fault)?;
    let (found, page) = cut(found, &page, |payment| payment.id.to_string());
    let messages = messages::payments(payments, &found).await?;
    Ok(contract::PaymentPage { payments: messages, page: Some(page) })
}

/// The payment with a reference, read as in a memo: case, spaces and look-alike letters do not matter.
pub async fn payment_of(payments: &Payments, reference: &str) -> Result<Payment, Status> {
    let unknown = || Status::not_found("there is no payment with this reference");
    let codes = PaymentCode::find_in(reference);
    let code = codes.first().ok_or_else(unknown)?;
    let found = store::payment::by_code(payments.0.database.reader(), *code).await;
    found.map_err(fault)?.ok_or_else(unknown)
}

/// What a shop is owed, waits for, and was paid.
pub async fn shop_balance(
    payments: &Payments,
    scope: ShopScope,
) -> Result<contract::ShopBalance, Status> {
    let db = payments.0.database.reader();
    let account = Account::ShopPayable(scope.shop()).to_string();
    let payable = store::ledger::balance(db, &account).await.map_err(fault)?;
    let pending = store::allocation::pending_of_shop(db, scope).await.map_err(fault)?;
    let owed = match payable {
        Some(balance) => balance.credit.checked_sub(balance.debit).map_err(platform::rpc::fault)?,
        None => Money::zero(Currency::Vnd),
    };
    let paid_out = store::shop_sums::paid_out(db, scope).await.map_err(fault)?;
    let paid_out = Money::vnd(paid_out.get(&Currency::Vnd).copied().unwrap_or_default());
    let reserved = store::pending_posting::announced_of(db, &account, Currency::Vnd).await;
    let reserved = Some(reserved.map_err(fault)?.into());
    let (owed, pending, paid_out) =
        (Some(owed.into()), Some(pending.into()), Some(paid_out.into()));
    Ok(contract::ShopBalance { owed, pending, paid_out, reserved })
}

/// A shop's parts of payments, the newest first.
pub async fn shop_payments(
    payments: &Payments,
    request: contract::ListShopPaymentsRequest,
) -> Result<contract::ShopPaymentPage, Status> {
    let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let page = page_of(request.page.as_ref())?;
    let db = payments.0.database.reader();
    let parts = store::allocation::page_of_shop(db, scope, &page).await.map_err(fault)?;
    let (parts, page) = cut(parts, &page, |part| part.payment.to_string());
    let ids: Vec<PaymentId> = parts.iter().map(|part| part.payment).collect();
    let by_card = messages::methods(payments, &ids).await?;
    let unpaid = parts.iter().filter(|part| part.status != PaymentStatus::Succeeded);
    let unpaid: Vec<PaymentId> = unpaid.map(|part| part.payment).collect();
    let received = store::part_payment::received(db, &unpaid).await.map_err(fault)?;
    let listed = parts
        .into_iter()
        .map(|part| contract::ShopPayment {
            payment_id: part.payment.to_string(),
            order_id: part.order.to_string(),
            status: status_message(part.status).into(),
            method: messages::method(&by_card, part.payment).into(),
            amount: Some(part.amount.into()),
            reference: part.code,
            created_at: part.created_at.micros(),
            succeeded_at: succeeded_at(part.status, part.closed_at),
            has_part_payment: received.contains_key(&part.payment),
        })
        .collect();
    Ok(contract::ShopPaymentPage { payments: listed, page: Some(page) })
}

/// Entries of the ledger, the newest first.
pub async fn ledger_entries(
    payments: &Payments,
    request: contract::ListLedgerEntriesRequest,
) -> Result<contract::LedgerEntryPage, Status> {
    let account = Some(request.account.as_str()).filter(|account| !account.is_empty());
    let page = page_of(request.page.as_ref())?;
    let span = match (request.from.as_str(), request.to.as_str()) {
        ("", "") => None,
        (from, to) => Some(reports::days_of(from, to)?.span()),
    };
    let found = store::ledger::entries(payments.0.database.reader(), account, span, &page)
        .await
        .map_err(fault)?;
    let (found, page) = cut(found, &page, |entry| entry.id.to_string());
    let entries = found
        .into_iter()
        .map(|entry| contract::LedgerEntry {
            id: entry.id.to_string(),
            posting_id: entry.posting.to_string(),
            account: entry.account,
            amount: Some(entry.amount.into()),
            kind: entry.kind,
            subject_id: entry.subject,
            posted_at: entry.posted_at.micros(),
        })
        .collect();
    Ok(contract::LedgerEntryPage { entries, page: Some(page) })
}
