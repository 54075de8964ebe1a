//! What comes back of orders, in the contract's words.

use kernel::Timestamp;
use proto::returns as contract;

use crate::domain::order_return::{OrderReturn, ReturnKind, ReturnParty, ReturnStatus};

/// How far a return is.
pub const fn return_status_message(status: ReturnStatus) -> contract::ReturnStatus {
    match status {
        ReturnStatus::Requested => contract::ReturnStatus::ReturnRequested,
        ReturnStatus::Approved => contract::ReturnStatus::ReturnApproved,
        ReturnStatus::Declined => contract::ReturnStatus::ReturnDeclined,
        ReturnStatus::Done => contract::ReturnStatus::ReturnDone,
    }
}

/// A return; none if it is no business of people: stock that was never paid for.
pub fn return_message(one: &OrderReturn) -> Option<contract::OrderReturn> {
    let kind = match one.kind {
        ReturnKind::Cancellation => contract::ReturnKind::Cancellation,
        ReturnKind::Return => contract::ReturnKind::Return,
        ReturnKind::Unpaid => return None,
    };
    let asked_by = match one.asked_by {
        ReturnParty::Buyer => contract::ReturnParty::Buyer,
        ReturnParty::Shop | ReturnParty::Market => contract::ReturnParty::Shop,
    };
    let done = one.status == ReturnStatus::Done;
    let lines = one.lines.iter().map(|line| contract::ReturnedPieces {
        order_line_id: line.line.to_string(),
        quantity: line.quantity,
    });
    Some(contract::OrderReturn {
        id: one.id.to_string(),
        kind: kind.into(),
        status: return_status_message(one.status).into(),
        asked_by: asked_by.into(),
        reason: one.reason.clone(),
        answer: one.answer.clone(),
        lines: lines.collect(),
        restock: one.restock,
        refund: done.then(|| one.refund.into()),
        refund_id: one.refund_id.map(|id| id.to_string()).unwrap_or_default(),
        account_needed: one.account_needed,
        created_at: one.created_at.micros(),
        decided_at: one.decided_at.map_or(0, Timestamp::micros),
        finished_at: one.finished_at.map_or(0, Timestamp::micros),
    })
}
