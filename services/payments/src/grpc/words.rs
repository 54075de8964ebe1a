//! Words that all calls share: statuses, refusals, pages.

use kernel::{PageRequest, PaymentId, Timestamp};
use platform::rpc::database_fault;
use proto::common::{self, PageInfo, RefusalCode};
use proto::{Refused, payments as contract};
use sea_orm::DbErr;
use tonic::Status;
use uuid::Uuid;

use crate::domain::commission::Sold;
use crate::domain::payment::{ChangeRefused, PaymentStatus, StartRefused};
use crate::usecases::start_payment::StartPaymentError;

pub fn succeeded_at(status: PaymentStatus, closed_at: Option<Timestamp>) -> i64 {
    closed_at.filter(|_| status == PaymentStatus::Succeeded).map_or(0, Timestamp::micros)
}

pub const fn status_message(status: PaymentStatus) -> contract::PaymentStatus {
    match status {
        PaymentStatus::Pending => contract::PaymentStatus::Pending,
        PaymentStatus::Succeeded => contract::PaymentStatus::Succeeded,
        PaymentStatus::Expired => contract::PaymentStatus::Expired,
        PaymentStatus::Cancelled => contract::PaymentStatus::Cancelled,
    }
}

pub const fn sold_message(sold: Sold) -> contract::Sold {
    match sold {
        Sold::Goods => contract::Sold::Goods,
        Sold::Tour => contract::Sold::Tour,
        Sold::Unknown => contract::Sold::Unspecified,
    }
}

pub const fn sold_of(sold: contract::Sold) -> Sold {
    match sold {
        contract::Sold::Goods => Sold::Goods,
        contract::Sold::Tour => Sold::Tour,
        contract::Sold::Unspecified => Sold::Unknown,
    }
}

pub fn start_status(error: StartPaymentError) -> Status {
    match error {
        StartPaymentError::Refused(refused) => refuse_start(refused),
        StartPaymentError::NoCards => {
            Refused::new(RefusalCode::PaymentMethodUnavailable).at(&["payWith"]).into()
        }
        StartPaymentError::Different => Refused::new(RefusalCode::IdempotencyKeyReused).into(),
        StartPaymentError::Database(error) => database_fault(&error),
        StartPaymentError::Unanswered(unanswered) => unanswered.into(),
    }
}

pub fn refuse_start(refused: StartRefused) -> Status {
    let refused =
        match refused {
            StartRefused::TooSmall { minimum } => Refused::new(RefusalCode::AmountTooSmall)
                .fact("minimum", minimum.to_decimal_string()),
            StartRefused::TooLarge { maximum } => Refused::new(RefusalCode::AmountTooLarge)
                .fact("maximum", maximum.to_decimal_string()),
            StartRefused::CurrencyNotSupported => Refused::new(RefusalCode::CurrencyNotSupported),
            StartRefused::AllocationsDiffer => {
                return Status::invalid_argument("the allocations do not sum to the amount");
            }
        };
    refused.at(&["amount"]).into()
}

pub fn closed_status(refused: ChangeRefused) -> Status {
    let status = match refused {
        ChangeRefused::Closed(status) | ChangeRefused::NotPaid(status) => status.name(),
        ChangeRefused::StillInTime | ChangeRefused::TooLate => "pending",
    };
    Refused::new(RefusalCode::PaymentClosed).fact("status", status.to_uppercase()).into()
}

pub fn fault(error: DbErr) -> Status {
    database_fault(&error)
}

/// A page request whose cursors are the ids of the things themselves.
pub fn page_of(page: Option<&common::PageRequest>) -> Result<PageRequest<Uuid>, Status> {
    let page = page.cloned().unwrap_or_default();
    let first = if page.first == 0 { 20 } else { page.first };
    let after = match page.after.split_once('_') {
        Some((prefix, _)) => Some(uuid_of(prefix, &page.after)?),
        None if page.after.is_empty() => None,
        None => return Err(Refused::new(RefusalCode::Invalid).at(&["after"]).into()),
    };
    Ok(PageRequest::new(first, after))
}

pub fn uuid_of(prefix: &str, text: &str) -> Result<Uuid, Status> {
    let uuid = match prefix {
        PaymentId::PREFIX => text.parse::<PaymentId>().map(PaymentId::uuid).ok(),
        kernel::BankCreditId::PREFIX => text.parse().map(kernel::BankCreditId::uuid).ok(),
        kernel::RefundId::PREFIX => text.parse().map(kernel::RefundId::uuid).ok(),
        kernel::PayoutId::PREFIX => text.parse().map(kernel::PayoutId::uuid).ok(),
        kernel::ShopLineId::PREFIX => text.parse().map(kernel::ShopLineId::uuid).ok(),
        kernel::BankDebitId::PREFIX => text.parse().map(kernel::BankDebitId::uuid).ok(),
        kernel::CardPayoutId::PREFIX => text.parse().map(kernel::CardPayoutId::uuid).ok(),
        kernel::CardDisputeId::PREFIX => text.parse().map(kernel::CardDisputeId::uuid).ok(),
        kernel::CardMovementId::PREFIX => text.parse().map(kernel::CardMovementId::uuid).ok(),
        kernel::ResellerId::PREFIX => text.parse().map(kernel::ResellerId::uuid).ok(),
        kernel::ResellerBillId::PREFIX => text.parse().map(kernel::ResellerBillId::uuid).ok(),
        kernel::LedgerEntryId::PREFIX => text.parse().map(kernel::LedgerEntryId::uuid).ok(),
        kernel::WriteOffId::PREFIX => text.parse().map(kernel::WriteOffId::uuid).ok(),
        _ => None,
    };
    uuid.ok_or_else(|| Refused::new(RefusalCode::Invalid).at(&["after"]).into())
}

pub fn cut<T>(
    rows: Vec<T>,
    request: &PageRequest<Uuid>,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, PageInfo) {
    let page = kernel::Page::from_rows(request, rows);
    let cursors = page.items.iter().map(cursor).collect();
    (page.items, PageInfo { has_next: page.has_next, cursors, total: -1 })
}
