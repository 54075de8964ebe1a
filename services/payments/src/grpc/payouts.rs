//! Payouts to shops, and the files by which the bank is told.

use kernel::{BankCreditId, PayoutFileId, PayoutId, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::queue::any_fault;
use super::refunds::{account_message, refund_message, scope_of};
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::payout::{PayoutMaker, PayoutRefused, PayoutStatus};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::store::payout::KeptPayout;
use crate::usecases::decide_payout::{DecidePayoutError, PayoutDecided, decide_payout};
use crate::usecases::plan_due_payouts::{PlanDueError, plan_due_payouts};
use crate::usecases::send_transfers::{TransferFormat, send_transfers, transfer_file};

pub async fn run(
    payments: &Payments,
    request: contract::RunPayoutsRequest,
) -> Result<contract::PayoutRun, Status> {
    let maker = PayoutMaker::Person(parse_id::<UserId>(&request.made_by)?);
    let invalid = |_| Status::from(Refused::new(RefusalCode::Invalid).at(&["date"]));
    let day = Some(request.date.as_str()).filter(|date| !date.is_empty());
    let day = day.map(str::parse::<VietnamDay>).transpose().map_err(invalid)?;
    let run = match plan_due_payouts(payments, maker, day, request.dry_run).await {
        Ok(run) => run,
        Err(PlanDueError::NotYet(_)) => {
            return Err(Refused::new(RefusalCode::OutOfRange).at(&["date"]).into());
        }
        Err(PlanDueError::Fault(error)) => return Err(any_fault(&error)),
    };
    let carried = run.carried.into_iter().map(|(shop, balance)| contract::CarriedBalance {
        shop_id: shop.to_string(),
        balance: Some(balance.into()),
    });
    Ok(contract::PayoutRun {
        payouts: run.payouts.into_iter().map(payout_message).collect(),
        carried: carried.collect(),
        without_account: run.without_account.iter().map(ToString::to_string).collect(),
    })
}

pub async fn decide(
    payments: &Payments,
    request: contract::DecidePayoutRequest,
) -> Result<contract::Payout, Status> {
    let decided = match request.decision() {
        contract::PayoutDecision::ApprovePayout => PayoutDecided::Approve,
        contract::PayoutDecision::DiscardPayout => PayoutDecided::Discard,
        contract::PayoutDecision::PayoutWasPaid => PayoutDecided::Paid,
        contract::PayoutDecision::PayoutWasReturned => {
            let credit = Some(request.credit_id.as_str()).filter(|id| !id.is_empty());
            PayoutDecided::Returned(credit.map(parse_id::<BankCreditId>).transpose()?)
        }
        contract::PayoutDecision::Unspecified => {
            return Err(Refused::new(RefusalCode::Required).at(&["decision"]).into());
        }
    };
    let id = parse_id::<PayoutId>(&request.payout_id)?;
    let by = parse_id::<UserId>(&request.decided_by)?;
    match decide_payout(payments, id, decided, by).await {
        Ok(payout) => Ok(payout_message(payout)),
        Err(error) => Err(decide_status(error)),
    }
}

fn decide_status(error: DecidePayoutError) -> Status {
    let refused = match error {
        DecidePayoutError::Unknown => return Status::not_found("there is no such payout"),
        DecidePayoutError::Refused(PayoutRefused::WrongStatus(status)) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", status.name().to_uppercase())
        }
        DecidePayoutError::Refused(PayoutRefused::MakerMayNotApprove) => {
            Refused::new(RefusalCode::SecondPersonRequired)
        }
        DecidePayoutError::OtherCredit => {
            Refused::new(RefusalCode::AmountsDiffer).at(&["creditId"])
        }
        DecidePayoutError::Fault(error) => return any_fault(&error),
    };
    refused.into()
}

pub async fn send(payments: &Payments) -> Result<contract::SentTransfers, Status> {
    let sent = send_transfers(payments).await.map_err(|error| any_fault(&error))?;
    Ok(sent.map_or_else(contract::SentTransfers::default, |sent| contract::SentTransfers {
        file_id: sent.file.to_string(),
        payouts: sent.payouts.into_iter().map(payout_message).collect(),
        refunds: sent.refunds.into_iter().map(refund_message).collect(),
    }))
}

pub async fn file(
    payments: &Payments,
    request: contract::GetTransferFileRequest,
) -> Result<contract::TextFile, Status> {
    let (format, ending, media_type) = match request.format() {
        contract::TransferFormat::TransferCsv => (TransferFormat::Csv, "csv", "text/csv"),
        contract::TransferFormat::Pain001 | contract::TransferFormat::Unspecified => {
            (TransferFormat::Pain001, "xml", "application/xml")
        }
    };
    let id = parse_id::<PayoutFileId>(&request.file_id)?;
    let text = transfer_file(payments, id, format).await.map_err(|error| any_fault(&error))?;
    let text = text.ok_or_else(|| Status::not_found("there is no such file"))?;
    let name = format!("{id}.{ending}");
    Ok(contract::TextFile { name, media_type: media_type.to_owned(), text })
}

pub async fn list(
    payments: &Payments,
    request: contract::ListPayoutsRequest,
) -> Result<contract::PayoutPage, Status> {
    let scope = scope_of(&request.shop_id)?;
    let wanted = request.status();
    let status = PayoutStatus::ALL.into_iter().find(|one| status_message(*one) == wanted);
    let page = page_of(request.page.as_ref())?;
    let found = store::payout::page(payments.0.database.reader(), scope, status, &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |payout| payout.id.to_string());
    let payouts = found.into_iter().map(payout_message).collect();
    Ok(contract::PayoutPage { payouts, page: Some(page) })
}

/// A payout.
pub fn payout_message(kept: KeptPayout) -> contract::Payout {
    let payout = kept.payout;
    contract::Payout {
        id: kept.id.to_string(),
        reference: payout.plan.reference.to_string(),
        shop_id: payout.plan.shop.to_string(),
        amount: Some(payout.plan.amount.into()),
        account: Some(account_message(&kept.payee)),
        status: status_message(payout.status).into(),
        made_by: match payout.made_by {
            PayoutMaker::Person(person) => person.to_string(),
            PayoutMaker::DailyRun => String::new(),
        },
        approved_by: payout.approved_by.map(|id| id.to_string()).unwrap_or_default(),
        file_id: kept.file.map(|id| id.to_string()).unwrap_or_default(),
        created_at: kept.created_at.micros(),
        changed_at: payout.changed_at.micros(),
    }
}

const fn status_message(status: PayoutStatus) -> contract::PayoutStatus {
    match status {
        PayoutStatus::Draft => contract::PayoutStatus::PayoutDraft,
        PayoutStatus::Approved => contract::PayoutStatus::PayoutApproved,
        PayoutStatus::Discarded => contract::PayoutStatus::PayoutDiscarded,
        PayoutStatus::Sent => contract::PayoutStatus::PayoutSent,
        PayoutStatus::Paid => contract::PayoutStatus::PayoutPaid,
        PayoutStatus::Returned => contract::PayoutStatus::PayoutReturned,
    }
}
