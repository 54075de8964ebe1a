//! Money that is given up, and credits that the bank took back.

use kernel::{BankCreditId, BankDebitId, Timestamp, UserId};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::fault;
use super::queue::{any_fault, with_decisions};
use crate::Payments;
use crate::store::write_off::WriteOffOf;
use crate::usecases::reverse_bank_credit::{ReverseError, reverse_bank_credit};
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
        Ok(one) => {
            let (credit_id, debit_id) = match one.of {
                WriteOffOf::Credit(id) => (id.to_string(), String::new()),
                WriteOffOf::Debit(id) => (String::new(), id.to_string()),
            };
            return Ok(contract::WrittenOff {
                id: one.id.to_string(),
                credit_id,
                debit_id,
                amount: Some(one.amount.into()),
                reason: one.reason,
                requested_by: one.requested_by.to_string(),
                requested_at: one.requested_at.micros(),
                approved_by: one.approved_by.map(|id| id.to_string()).unwrap_or_default(),
                done_at: one.done_at.map_or(0, Timestamp::micros),
            });
        }
        Err(WriteOffError::Unknown) => Refused::new(RefusalCode::NotFound).at(&[field]),
        Err(WriteOffError::NotWaiting) => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "EXPLAINED").at(&[field])
        }
        Err(WriteOffError::Reason) => Refused::new(RefusalCode::Required).at(&["reason"]),
        Err(WriteOffError::Fault(error)) => return Err(any_fault(&error)),
    };
    Err(refused.into())
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
