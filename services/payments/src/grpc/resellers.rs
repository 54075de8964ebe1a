//! What resellers owe, and the bills that ask for it.

use kernel::{PageRequest, ResellerBillId, ResellerId, UserId};
use platform::rpc::database_fault;
use proto::common::{PageInfo, RefusalCode};
use proto::{Refused, parse_id, payments as contract};
use tonic::Status;
use uuid::Uuid;

use super::messages;
use super::words::{closed_status, cut, fault, page_of, refuse_start};
use crate::Payments;
use crate::domain::reseller_bill::{BillRefused, ResellerBill};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::store::reseller_bill::{KeptBill, Owed};
use crate::usecases::bill_reseller::{
    BillResellerError as Refusal, bill_reseller, cancel_reseller_bill,
};

/// The most resellers that are asked for by their ids.
const MOST_NAMED: usize = 500;

pub async fn bill(
    payments: &Payments,
    request: contract::BillResellerRequest,
) -> Result<contract::ResellerBill, Status> {
    let invalid = |_| Status::from(Refused::new(RefusalCode::Invalid).at(&["until"]));
    let unknown = |_| Status::from(Refused::new(RefusalCode::NotFound).at(&["resellerId"]));
    let bill = ResellerBill {
        id: platform::ids::new(),
        reseller: request.reseller_id.parse::<ResellerId>().map_err(unknown)?,
        until: request.until.parse::<VietnamDay>().map_err(invalid)?,
        asked_by: parse_id::<UserId>(&request.asked_by)?,
        idempotency_key: request.idempotency_key,
    };
    let kept = bill_reseller(payments, bill).await.map_err(status_of)?;
    one(payments, kept).await
}

pub async fn cancel(
    payments: &Payments,
    request: contract::ResellerBillRequest,
) -> Result<contract::ResellerBill, Status> {
    let id = request.bill_id.parse::<ResellerBillId>().map_err(|_| status_of(Refusal::Unknown))?;
    let kept = cancel_reseller_bill(payments, id).await.map_err(status_of)?;
    one(payments, kept).await
}

pub async fn list(
    payments: &Payments,
    request: contract::ListResellerBillsRequest,
) -> Result<contract::ResellerBillPage, Status> {
    let reseller = parse_id::<ResellerId>(&request.reseller_id)?;
    let page = page_of(request.page.as_ref())?;
    let db = payments.0.database.reader();
    let found = store::reseller_bill::page(db, reseller, &page).await.map_err(fault)?;
    let (found, page) = cut(found, &page, |kept| kept.bill.id.to_string());
    let bills = bill_messages(payments, found).await?;
    Ok(contract::ResellerBillPage { bills, page: Some(page) })
}

pub async fn debts(
    payments: &Payments,
    request: contract::ListResellerDebtsRequest,
) -> Result<contract::ResellerDebtPage, Status> {
    let db = payments.0.database.reader();
    let (resellers, page): (Vec<ResellerId>, PageInfo) = if request.reseller_ids.is_empty() {
        let page: PageRequest<Uuid> = page_of(request.page.as_ref())?;
        let found = store::reseller_bill::resellers(db, &page).await.map_err(fault)?;
        cut(found, &page, ToString::to_string)
    } else {
        let named = request.reseller_ids.iter().take(MOST_NAMED);
        let named = named.map(|id| parse_id::<ResellerId>(id)).collect::<Result<_, _>>()?;
        (named, PageInfo { total: -1, ..PageInfo::default() })
    };
    let owed = store::reseller_bill::owed(db, Some(&resellers)).await.map_err(fault)?;
    let nothing = Owed { open: kernel::Money::vnd(0), billed: kernel::Money::vnd(0) };
    let debt = |id: &ResellerId| {
        let Owed { open, billed } = owed.get(id).copied().unwrap_or(nothing);
        contract::ResellerDebt {
            reseller_id: id.to_string(),
            open: Some(open.into()),
            billed: Some(billed.into()),
        }
    };
    let debts = resellers.iter().map(debt).collect();
    Ok(contract::ResellerDebtPage { debts, page: Some(page) })
}

async fn one(payments: &Payments, kept: KeptBill) -> Result<contract::ResellerBill, Status> {
    let mut messages = bill_messages(payments, vec![kept]).await?;
    messages.pop().ok_or_else(|| Status::internal("a bill without a message"))
}

async fn bill_messages(
    payments: &Payments,
    found: Vec<KeptBill>,
) -> Result<Vec<contract::ResellerBill>, Status> {
    let asked: Vec<_> = found.iter().map(|kept| kept.payment.clone()).collect();
    let asked = messages::payments(payments, &asked).await?;
    let message = |(kept, payment): (KeptBill, contract::Payment)| contract::ResellerBill {
        id: kept.bill.id.to_string(),
        reseller_id: kept.bill.reseller.to_string(),
        until: kept.bill.until.to_string(),
        lines: kept.lines.cast_signed(),
        asked_by: kept.bill.asked_by.to_string(),
        payment: Some(payment),
    };
    Ok(found.into_iter().zip(asked).map(message).collect())
}

fn status_of(error: Refusal) -> Status {
    let refused = match error {
        Refusal::Refused(BillRefused::NothingToPay { .. }) => {
            Refused::new(RefusalCode::AmountTooSmall).fact("minimum", "1").at(&["until"])
        }
        Refusal::Refused(BillRefused::Refused(refused)) => return refuse_start(refused),
        Refusal::Key => Refused::new(RefusalCode::Invalid).at(&["idempotencyKey"]),
        Refusal::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        Refusal::Unknown => Refused::new(RefusalCode::NotFound).at(&["billId"]),
        Refusal::Closed(refused) => return closed_status(refused),
        Refusal::Database(error) => return database_fault(&error),
    };
    refused.into()
}
