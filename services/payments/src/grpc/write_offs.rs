//! Money that is given up, and credits that the bank took back.

use std::collections::HashMap;

use kernel::{BankCreditId, BankDebitId, Timestamp, UserId, WriteOffId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;
use uuid::Uuid;

use super::queue::{any_fault, with_decisions};
use super::{cut, fault, page_of};
use crate::Payments;
use crate::store;
use crate::store::write_off::{WriteOff, WriteOffOf};
use crate::usecases::reverse_bank_credit::{ReverseError, reverse_bank_credit};
use crate::usecases::withdraw_write_off::{WithdrawWriteOffError, withdraw_write_off};
use crate::usecases::write_off::{WriteOffError, write_off as give_up};

pub async fn write_off(
    payments: &Payments,
    request: contract::WriteOffRequest,
) -> Result<contract::WrittenOff, Status> {
    let of = match (request.credit_id.as_str(), request.debit_id.as_str()) {
        (credit, "") if !credit.is_empty() => WriteOffOf::Credit(parse_id::<BankCreditId>(credit)?),
        ("", debit) if !debit.is_empty() => WriteOffOf::Debit(parse_id::<BankDebitId>(debit)?),
        ("", "") => return Err(Refused::new(RefusalCode::Required).at(&["creditId"]).into()),
        _ => return Err(Refused::new(RefusalCode::Invalid).at(&["debitId"]).into()),
    };
    let field = match of {
        WriteOffOf::Credit(_) => "creditId",
        WriteOffOf::Debit(_) => "debitId",
    };
    let by = parse_id::<UserId>(&request.asked_by)?;
    let refused = match give_up(payments, of, &request.reason, by).await {
        Ok(one) => return messages(payments, vec![one]).await.map(|mut told| told.remove(0)),
        Err(WriteOffError::Unknown) => Refused::new(RefusalCode::NotFound).at(&[field]),
        Err(WriteOffError::NotWaiting) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "EXPLAINED").at(&[field])
        }
        Err(WriteOffError::Reason) => Refused::new(RefusalCode::Required).at(&["reason"]),
        Err(WriteOffError::Fault(error)) => return Err(any_fault(&error)),
    };
    Err(refused.into())
}

pub async fn withdraw(
    payments: &Payments,
    request: contract::WithdrawWriteOffRequest,
) -> Result<contract::WrittenOff, Status> {
    let id = parse_id::<WriteOffId>(&request.write_off_id)?;
    let by = parse_id::<UserId>(&request.asked_by)?;
    let refused = match withdraw_write_off(payments, id, by).await {
        Ok(one) => return messages(payments, vec![one]).await.map(|mut told| told.remove(0)),
        Err(WithdrawWriteOffError::Unknown) => Refused::new(RefusalCode::NotFound),
        Err(WithdrawWriteOffError::Done) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "DONE")
        }
        Err(WithdrawWriteOffError::Database(error)) => return Err(fault(error)),
    };
    Err(refused.at(&["writeOffId"]).into())
}

/// Write-offs, the newest first.
pub async fn list(
    payments: &Payments,
    request: &contract::ListWriteOffsRequest,
) -> Result<contract::WrittenOffPage, Status> {
    let page = page_of(request.page.as_ref())?;
    let db = payments.0.database.reader();
    let found = store::write_off::page(db, request.waiting_only, &page).await.map_err(fault)?;
    let (found, page) = cut(found, &page, |one| one.id.to_string());
    let write_offs = messages(payments, found).await?;
    Ok(contract::WrittenOffPage { write_offs, page: Some(page) })
}

/// Write-offs with what stood on the bank's statement of their credits and debits.
async fn messages(
    payments: &Payments,
    write_offs: Vec<WriteOff>,
) -> Result<Vec<contract::WrittenOff>, Status> {
    let (mut credits, mut debits) = (Vec::new(), Vec::new());
    for one in &write_offs {
        match one.of {
            WriteOffOf::Credit(id) => credits.push(id),
            WriteOffOf::Debit(id) => debits.push(id),
        }
    }
    let db = payments.0.database.reader();
    let credits = store::bank_credit::by_ids(db, &credits).await.map_err(fault)?;
    let debits = store::bank_debit::by_ids(db, &debits).await.map_err(fault)?;
    let of_credits =
        credits.into_iter().map(|credit| (credit.id.uuid(), (credit.memo, credit.booked_at)));
    let of_debits =
        debits.into_iter().map(|debit| (debit.id.uuid(), (debit.memo, debit.booked_at)));
    let mut lines: HashMap<Uuid, (String, Timestamp)> = of_credits.chain(of_debits).collect();
    let told = write_offs.into_iter().map(|one| {
        let (line, credit_id, debit_id) = match one.of {
            WriteOffOf::Credit(id) => (id.uuid(), id.to_string(), String::new()),
            WriteOffOf::Debit(id) => (id.uuid(), String::new(), id.to_string()),
        };
        let (memo, booked_at) = lines.remove(&line).unzip();
        contract::WrittenOff {
            id: one.id.to_string(),
            credit_id,
            debit_id,
            amount: Some(one.amount.into()),
            reason: one.reason,
            requested_by: one.requested_by.to_string(),
            requested_at: one.requested_at.micros(),
            approved_by: one.approved_by.map(|id| id.to_string()).unwrap_or_default(),
            done_at: one.done_at.map_or(0, Timestamp::micros),
            memo: memo.unwrap_or_default(),
            booked_at: booked_at.map_or(0, Timestamp::micros),
            withdrawn_at: one.withdrawn_at.map_or(0, Timestamp::micros),
        }
    });
    Ok(told.collect())
}

pub async fn reverse(
    payments: &Payments,
    request: contract::ReverseBankCreditRequest,
) -> Result<contract::BankCredit, Status> {
    let credit = parse_id::<BankCreditId>(&request.credit_id)?;
    let debit = parse_id::<BankDebitId>(&request.debit_id)?;
    let by = parse_id::<UserId>(&request.decided_by)?;
    let refused = match reverse_bank_credit(payments, credit, debit, &request.reason, by).await {
        Ok(credit) => return Ok(with_decisions(payments, vec![credit]).await?.remove(0)),
        Err(ReverseError::UnknownCredit) => Refused::new(RefusalCode::NotFound).at(&["creditId"]),
        Err(ReverseError::OtherDebit) => Refused::new(RefusalCode::Invalid).at(&["debitId"]),
        Err(ReverseError::NotWaiting) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "RESOLVED").at(&["creditId"])
        }
        Err(ReverseError::Reason) => Refused::new(RefusalCode::Required).at(&["reason"]),
        Err(ReverseError::Database(error)) => return Err(fault(error)),
    };
    Err(refused.into())
}
