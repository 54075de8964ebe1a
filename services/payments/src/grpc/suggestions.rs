//! What credits that wait may be for, and what is forgotten of payers.

use kernel::BankCreditId;
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::fault;
use crate::Payments;
use crate::domain::reconciliation::{Confidence, Reason};
use crate::usecases::forget_payer::forget_payer;
use crate::usecases::suggest_payments::suggest_payments;

/// The most credits of one question.
const MOST_ASKED: usize = 100;

pub async fn suggest(
    payments: &Payments,
    request: contract::SuggestPaymentsRequest,
) -> Result<contract::SuggestedPayments, Status> {
    if request.credit_ids.len() > MOST_ASKED {
        return Err(Status::invalid_argument("too many credits"));
    }
    let ids = request.credit_ids.iter().map(|id| parse_id::<BankCreditId>(id));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let found = suggest_payments(payments, &ids).await.map_err(fault)?;
    let credits = found.into_iter().map(|(credit, suggestions)| contract::CreditSuggestions {
        credit_id: credit.to_string(),
        payments: suggestions
            .into_iter()
            .map(|one| contract::SuggestedPayment {
                payment_id: one.payment.to_string(),
                reasons: one.reasons.into_iter().map(Reason::name).map(str::to_owned).collect(),
                confidence: match one.confidence {
                    Confidence::Low => contract::MatchConfidence::Low,
                    Confidence::Medium => contract::MatchConfidence::Medium,
                    Confidence::High => contract::MatchConfidence::High,
                }
                .into(),
            })
            .collect(),
    });
    Ok(contract::SuggestedPayments { credits: credits.collect() })
}

pub async fn forget(
    payments: &Payments,
    request: contract::ForgetPayerRequest,
) -> Result<contract::ForgottenPayer, Status> {
    let credit = parse_id::<BankCreditId>(&request.credit_id)?;
    match forget_payer(payments, credit).await.map_err(fault)? {
        Some(forgotten) => Ok(contract::ForgottenPayer { forgotten: forgotten.cast_signed() }),
        None => Err(Refused::new(RefusalCode::NotFound).at(&["creditId"]).into()),
    }
}
