//! Credits and debits of the bank, and what a person decides on them.

use std::collections::HashMap;

use kernel::{BankCreditId, PaymentId, ShopId, ShopScope, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id, parse_money};
use tonic::Status;

use super::refunds::{named_account, refuse_account};
use super::reports::days_of;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::reconciliation::CreditState;
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::bank_debit::{BankDebit, DebitFilter, DebitState};
use crate::store::credit_decision::CreditAction;
use crate::store::credit_list::{CreditFilter, CreditOutcome};
use crate::usecases::report::{Days, of_age};
use crate::usecases::resolve_bank_credit::{
    MOST_PARTS, Resolution, ResolveBankCredit, ResolveError, resolve_bank_credit,
};
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, UnmatchError, unmatch_bank_credit};

pub async fn resolve(
    payments: &Payments,
    request: contract::ResolveBankCreditRequest,
) -> Result<contract::BankCredit, Status> {
    let mut parts = Vec::with_capacity(request.parts.len());
    for part in &request.parts {
        let id = parse_id::<PaymentId>(&part.payment_id)?;
        parts.push((id, parse_money(part.amount.as_ref())?));
    }
    let resolution = match request.action() {
        contract::CreditAction::MatchCredit | contract::CreditAction::SplitCredit => {
            Resolution::Pays(parts)
        }
        contract::CreditAction::RefundCredit => {
            Resolution::Refund(named_account(request.account.as_ref()))
        }
        contract::CreditAction::HoldCredit => Resolution::Hold,
        // What has an operation of its own is no way to resolve.
        _ => return Err(Refused::new(RefusalCode::Required).at(&["action"]).into()),
    };
    let asked = ResolveBankCredit {
        credit: parse_id::<BankCreditId>(&request.credit_id)?,
        resolution,
        reason: request.reason,
        by: parse_id::<UserId>(&request.decided_by)?,
    };
    match resolve_bank_credit(payments, asked).await {
        Ok(credit) => Ok(with_decisions(payments, vec![credit]).await?.remove(0)),
        Err(error) => Err(resolve_status(error)),
    }
}

pub async fn unmatch(
    payments: &Payments,
    request: contract::UnmatchBankCreditRequest,
) -> Result<contract::BankCredit, Status> {
    let asked = UnmatchBankCredit {
        credit: parse_id::<BankCreditId>(&request.credit_id)?,
        reason: request.reason,
        by: parse_id::<UserId>(&request.decided_by)?,
    };
    match unmatch_bank_credit(payments, asked).await {
        Ok(credit) => Ok(with_decisions(payments, vec![credit]).await?.remove(0)),
        Err(error) => Err(unmatch_status(error)),
    }
}

fn unmatch_status(error: UnmatchError) -> Status {
    let conflict = |status: &str| {
        Refused::new(RefusalCode::StatusConflict).fact("status", status).at(&["creditId"])
    };
    let refused = match error {
        UnmatchError::UnknownCredit => Refused::new(RefusalCode::NotFound).at(&["creditId"]),
        UnmatchError::NotMatched => conflict("NOT_MATCHED"),
        UnmatchError::Refunded(payment) => conflict("REFUNDED").fact("paymentId", payment),
        UnmatchError::Reason => Refused::new(RefusalCode::Required).at(&["reason"]),
        UnmatchError::Fault(error) => return any_fault(&error),
    };
    refused.into()
}

fn resolve_status(error: ResolveError) -> Status {
    let refused = match error {
        ResolveError::UnknownCredit => Refused::new(RefusalCode::NotFound).at(&["creditId"]),
        ResolveError::UnknownPayment(_) => {
            Refused::new(RefusalCode::NotFound).at(&["parts", "paymentId"])
        }
        ResolveError::NotWaiting => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "RESOLVED").at(&["creditId"])
        }
        ResolveError::PaymentClosed(_, status) => Refused::new(RefusalCode::PaymentClosed)
            .fact("status", status.name().to_uppercase())
            .at(&["parts", "paymentId"]),
        ResolveError::AmountsDiffer { expected, actual } => {
            Refused::new(RefusalCode::AmountsDiffer)
                .fact("expected", expected.to_decimal_string())
                .fact("actual", actual.to_decimal_string())
                .at(&["parts"])
        }
        ResolveError::OtherAccount(_) => Refused::new(RefusalCode::StatusConflict)
            .fact("status", "OTHER_ACCOUNT")
            .at(&["parts", "paymentId"]),
        ResolveError::NotOurs => Refused::new(RefusalCode::StatusConflict)
            .fact("status", "SHOP_ACCOUNT")
            .at(&["creditId"]),
        ResolveError::Parts => Refused::new(RefusalCode::OutOfRange)
            .fact("minimum", 1)
            .fact("maximum", MOST_PARTS)
            .at(&["parts"]),
        ResolveError::Reason => Refused::new(RefusalCode::Required).at(&["reason"]),
        ResolveError::Account(error) => refuse_account(&error),
        ResolveError::Fault(error) => return any_fault(&error),
    };
    refused.into()
}

/// A fault, told apart if it is the database's.
pub fn any_fault(error: &anyhow::Error) -> Status {
    match error.downcast_ref::<sea_orm::DbErr>() {
        Some(error) => database_fault(error),
        None => platform::rpc::fault(format!("{error:#}")),
    }
}

/// A page of credits, as the report's figures open to them.
pub async fn credits(
    payments: &Payments,
    request: contract::ListBankCreditsRequest,
) -> Result<contract::BankCreditPage, Status> {
    let page = page_of(request.page.as_ref())?;
    let days = span_of(&request.from, &request.to)?;
    let outcome = match request.outcome() {
        contract::CreditOutcome::Unspecified => {
            request.waiting_only.then_some(CreditOutcome::Waiting)
        }
        contract::CreditOutcome::OutcomeMatched => Some(CreditOutcome::Matched),
        contract::CreditOutcome::OutcomeResolved => Some(CreditOutcome::Resolved),
        contract::CreditOutcome::OutcomeWaiting => Some(CreditOutcome::Waiting),
    };
    let age = |days: u32| u16::try_from(days).unwrap_or(u16::MAX - 1);
    let to_days = (request.to_days > 0).then(|| age(request.to_days));
    let aged =
        request.by_age.then(|| of_age(payments.0.clock.now(), age(request.from_days), to_days));
    let filter = CreditFilter {
        state: CreditState::ALL.into_iter().find(|state| state_message(*state) == request.state()),
        outcome,
        resolution: Some(request.resolution).filter(|resolution| !resolution.is_empty()),
        account: Some(request.account_number).filter(|number| !number.is_empty()),
        booked_on: days.map(|days| (days.from.epoch_day(), days.to.epoch_day())),
        received: aged,
        shop: match request.shop_id.as_str() {
            "" => None,
            id => Some(ShopScope::granted(parse_id::<ShopId>(id)?)),
        },
    };
    let found = store::credit_list::page(payments.0.database.reader(), &filter, &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |credit| credit.id.to_string());
    let credits = with_decisions(payments, found).await?;
    Ok(contract::BankCreditPage { credits, page: Some(page) })
}

/// Days, if any are named.
fn span_of(from: &str, to: &str) -> Result<Option<Days>, Status> {
    if from.is_empty() && to.is_empty() { Ok(None) } else { days_of(from, to).map(Some) }
}

pub async fn debits(
    payments: &Payments,
    request: contract::ListBankDebitsRequest,
) -> Result<contract::BankDebitPage, Status> {
    let state = match request.state() {
        contract::BankDebitState::Unspecified => None,
        contract::BankDebitState::DebitMatched => Some(DebitState::Matched),
        contract::BankDebitState::DebitDiffers => Some(DebitState::Differs),
        contract::BankDebitState::DebitDuplicate => Some(DebitState::Duplicate),
        contract::BankDebitState::DebitOrphan => Some(DebitState::Orphan),
    };
    let page = page_of(request.page.as_ref())?;
    let days = span_of(&request.from, &request.to)?;
    let filter = DebitFilter {
        state,
        explained: match request.outcome() {
            contract::DebitOutcome::Unspecified => None,
            contract::DebitOutcome::OutcomeExplained => Some(true),
            contract::DebitOutcome::OutcomeUnexplained => Some(false),
        },
        account: Some(request.account_number).filter(|number| !number.is_empty()),
        booked: days.map(Days::span),
    };
    let found = store::bank_debit::page(payments.0.database.reader(), &filter, &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |debit| debit.id.to_string());
    let debits = found.into_iter().map(debit_message).collect();
    Ok(contract::BankDebitPage { debits, page: Some(page) })
}

fn debit_message(debit: BankDebit) -> contract::BankDebit {
    contract::BankDebit {
        id: debit.id.to_string(),
        account_number: debit.account_number,
        amount: Some(debit.amount.into()),
        memo: debit.memo,
        bank_reference: debit.bank_reference,
        booked_at: debit.booked_at.micros(),
        state: match debit.state {
            DebitState::Matched => contract::BankDebitState::DebitMatched,
            DebitState::Differs => contract::BankDebitState::DebitDiffers,
            DebitState::Duplicate => contract::BankDebitState::DebitDuplicate,
            DebitState::Orphan => contract::BankDebitState::DebitOrphan,
        }
        .into(),
        payout_id: debit.payout.map(|id| id.to_string()).unwrap_or_default(),
        refund_id: debit.refund.map(|id| id.to_string()).unwrap_or_default(),
        resolution: debit.resolution.unwrap_or_default(),
        shop_id: debit.shop.map(|shop| shop.to_string()).unwrap_or_default(),
        reversed_credit_id: debit.reversed_credit.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn credit_message(credit: BankCredit) -> contract::BankCredit {
    contract::BankCredit {
        id: credit.id.to_string(),
        feed: credit.feed,
        provider_id: credit.provider_id,
        bank: credit.bank,
        account_number: credit.account_number,
        amount: Some(credit.amount.into()),
        memo: credit.memo,
        bank_reference: credit.bank_reference,
        booked_at: credit.booked_at.micros(),
        received_at: credit.received_at.micros(),
        state: state_message(credit.state).into(),
        payment_id: credit.payment.map(|id| id.to_string()).unwrap_or_default(),
        rule: credit.rule,
        expected: credit.expected.map(Into::into),
        resolution: credit.resolution.unwrap_or_default(),
        counterparty_name: credit.counterparty_name.unwrap_or_default(),
        counterparty_account: credit.counterparty_account.unwrap_or_default(),
        decisions: Vec::new(),
        shop_id: credit.shop.map(|shop| shop.to_string()).unwrap_or_default(),
        sub_account: credit.sub_account.unwrap_or_default(),
    }
}

/// Credits with what persons decided on them.
pub async fn with_decisions(
    payments: &Payments,
    credits: Vec<BankCredit>,
) -> Result<Vec<contract::BankCredit>, Status> {
    let ids: Vec<BankCreditId> = credits.iter().map(|credit| credit.id).collect();
    let decided = store::credit_decision::of_credits(payments.0.database.reader(), &ids).await;
    let mut decisions: HashMap<String, Vec<contract::CreditDecision>> = HashMap::new();
    for decision in decided.map_err(fault)? {
        let told = decisions.entry(decision.credit.to_string()).or_default();
        told.push(contract::CreditDecision {
            action: match decision.action {
                CreditAction::Match => contract::CreditAction::MatchCredit,
                CreditAction::Split => contract::CreditAction::SplitCredit,
                CreditAction::Refund => contract::CreditAction::RefundCredit,
                CreditAction::Hold => contract::CreditAction::HoldCredit,
                CreditAction::Unmatch => contract::CreditAction::UnmatchCredit,
                CreditAction::Reverse => contract::CreditAction::ReverseCredit,
                CreditAction::WriteOff => contract::CreditAction::WriteOffCredit,
            }
            .into(),
            reason: decision.reason,
            payment_ids: decision.payments.iter().map(ToString::to_string).collect(),
            decided_by: decision.decided_by.to_string(),
            decided_at: decision.decided_at.micros(),
        });
    }
    let mut messages: Vec<_> = credits.into_iter().map(credit_message).collect();
    for message in &mut messages {
        message.decisions = decisions.remove(&message.id).unwrap_or_default();
    }
    Ok(messages)
}

/// What a credit is.
pub const fn state_message(state: CreditState) -> contract::BankCreditState {
    match state {
        CreditState::Matched => contract::BankCreditState::Matched,
        CreditState::MatchedWithTolerance => contract::BankCreditState::MatchedWithTolerance,
        CreditState::Underpaid => contract::BankCreditState::Underpaid,
        CreditState::Overpaid => contract::BankCreditState::Overpaid,
        CreditState::Late => contract::BankCreditState::Late,
        CreditState::Duplicate => contract::BankCreditState::Duplicate,
        CreditState::Orphan => contract::BankCreditState::Orphan,
    }
}
