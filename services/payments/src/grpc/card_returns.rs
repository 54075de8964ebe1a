//! Card money that came second and could not go back, in the words of the contract.

use kernel::{CardAttemptId, CardReturnId, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::queue::any_fault;
use super::refunds::refund_message;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::card_return::{ReturnStatus, SurplusReturnRefused};
use crate::store;
use crate::store::cards::returned::KeptReturn;
use crate::usecases::return_card_surplus::{ReturnCardSurplusError, return_card_surplus};
use crate::usecases::return_surplus_to_bank::return_surplus_to_bank;

pub async fn failed(
    payments: &Payments,
    request: contract::ListFailedCardReturnsRequest,
) -> Result<contract::CardReturnPage, Status> {
    let page = page_of(request.page.as_ref())?;
    let found = store::cards::returned::failed_surplus(payments.0.database.reader(), &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |kept| kept.returned.id.to_string());
    let returns = messages(payments, found).await?;
    Ok(contract::CardReturnPage { returns, page: Some(page) })
}

pub async fn again(
    payments: &Payments,
    request: &contract::ReturnCardSurplusRequest,
) -> Result<contract::CardReturn, Status> {
    let failed = parse_id::<CardReturnId>(&request.card_return_id)?;
    let by = parse_id::<UserId>(&request.asked_by)?;
    let made = return_card_surplus(payments, failed, by).await.map_err(refused)?;
    messages(payments, vec![made]).await.map(|mut returns| returns.remove(0))
}

pub async fn to_bank(
    payments: &Payments,
    request: &contract::ReturnSurplusToBankRequest,
) -> Result<contract::Refund, Status> {
    let failed = parse_id::<CardReturnId>(&request.card_return_id)?;
    let by = parse_id::<UserId>(&request.asked_by)?;
    match return_surplus_to_bank(payments, failed, &request.reason, by).await {
        Ok(refund) => Ok(refund_message(refund)),
        Err(ReturnCardSurplusError::Unknown) => {
            Err(Refused::new(RefusalCode::NotFound).at(&["cardReturnId"]).into())
        }
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: ReturnCardSurplusError) -> Status {
    let conflict = |status: &str| {
        Refused::new(RefusalCode::StatusConflict).fact("status", status).at(&["cardReturnId"])
    };
    match error {
        ReturnCardSurplusError::Unknown => Status::not_found("there is no such return"),
        ReturnCardSurplusError::Disputed => conflict("DISPUTED").into(),
        ReturnCardSurplusError::Refused(SurplusReturnRefused::NotFailed(status)) => {
            conflict(&status.name().to_uppercase()).into()
        }
        ReturnCardSurplusError::Refused(SurplusReturnRefused::OfRefund) => {
            Refused::new(RefusalCode::Invalid).at(&["cardReturnId"]).into()
        }
        ReturnCardSurplusError::Refused(SurplusReturnRefused::SentAgain) => {
            conflict("SENT_AGAIN").into()
        }
        ReturnCardSurplusError::Refused(SurplusReturnRefused::ToBank) => conflict("TO_BANK").into(),
        ReturnCardSurplusError::Reason => {
            Refused::new(RefusalCode::Required).at(&["reason"]).into()
        }
        ReturnCardSurplusError::Fault(error) => any_fault(&error),
    }
}

async fn messages(
    payments: &Payments,
    returns: Vec<KeptReturn>,
) -> Result<Vec<contract::CardReturn>, Status> {
    let tries: Vec<CardAttemptId> = returns.iter().map(|kept| kept.returned.attempt).collect();
    let db = payments.0.database.reader();
    let paid = store::cards::attempt::payments_of(db, &tries).await.map_err(fault)?;
    let message = |kept: KeptReturn| {
        let returned = kept.returned;
        contract::CardReturn {
            id: returned.id.to_string(),
            payment_id: paid.get(&returned.attempt).map(ToString::to_string).unwrap_or_default(),
            amount: Some(returned.amount.into()),
            status: status_message(returned.status).into(),
            problem: kept.problem.unwrap_or_default(),
            created_at: returned.created_at.micros(),
            changed_at: returned.changed_at.micros(),
        }
    };
    Ok(returns.into_iter().map(message).collect())
}

const fn status_message(status: ReturnStatus) -> contract::CardReturnStatus {
    match status {
        ReturnStatus::Waiting => contract::CardReturnStatus::CardReturnWaiting,
        ReturnStatus::Pending => contract::CardReturnStatus::CardReturnPending,
        ReturnStatus::Succeeded => contract::CardReturnStatus::CardReturnSucceeded,
        ReturnStatus::Failed => contract::CardReturnStatus::CardReturnFailed,
    }
}
