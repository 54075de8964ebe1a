//! Payments in the words of the contract: with how they can be paid, and what became of their money.

use std::collections::{HashMap, HashSet};

use kernel::{CardAttemptId, Money, PaymentId, Timestamp};
use proto::payments as contract;
use tonic::Status;

use super::refunds::{refund_message, refunds_of};
use super::words::sold_message;
use super::{fault, status_message, succeeded_at};
use crate::domain::card_attempt::AttemptStatus;
use crate::domain::dispute::DisputeEnd;
use crate::domain::part_payment::PartPayment;
use crate::domain::payment::{Payment, PaymentStatus, SinceThen, Standing};
use crate::domain::vietqr::VietQr;
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::refund::RefundOf;
use crate::{Payments, ReceivingAccount};

type Attempts = HashMap<PaymentId, Vec<KeptAttempt>>;

/// Payments by their ids, in no order. What is asked for at the same moment is read together.
pub async fn of_ids(
    service: &Payments,
    ids: Vec<PaymentId>,
) -> Result<Vec<contract::Payment>, Status> {
    let together = service.clone();
    let read = service.0.readings.ask(ids, move |asked: Vec<Vec<PaymentId>>| {
        let service = together.clone();
        async move {
            match read_all(&service, &asked.concat()).await {
                Ok(found) => asked.iter().map(|ids| Ok(some_of(&found, ids))).collect(),
                Err(status) => asked.iter().map(|_| Err(status.clone())).collect(),
            }
        }
    });
    read.await?
}

type Read = HashMap<PaymentId, contract::Payment>;

async fn read_all(service: &Payments, ids: &[PaymentId]) -> Result<Read, Status> {
    let ids: Vec<PaymentId> = ids.iter().copied().collect::<HashSet<_>>().into_iter().collect();
    let db = service.0.database.reader();
    let found = store::payment::by_ids(db, &ids).await.map_err(fault)?;
    let messages = payments(service, &found).await?;
    Ok(found.iter().map(|payment| payment.id).zip(messages).collect())
}

fn some_of(found: &Read, ids: &[PaymentId]) -> Vec<contract::Payment> {
    ids.iter().filter_map(|id| found.get(id).cloned()).collect()
}

/// Payments, in their order.
pub async fn payments(
    payments: &Payments,
    found: &[Payment],
) -> Result<Vec<contract::Payment>, Status> {
    let db = payments.0.database.reader();
    let ids: Vec<PaymentId> = found.iter().map(|payment| payment.id).collect();
    let refunds = refunds_of(payments, &ids).await?;
    let attempts = methods(payments, &ids).await?;
    let received = received(payments, found).await?;
    let tries: Vec<CardAttemptId> = attempts.values().flatten().map(|one| one.attempt.id).collect();
    let disputes = store::cards::dispute::of_attempts(db, &tries).await.map_err(fault)?;
    let disputed: HashSet<CardAttemptId> = disputes
        .iter()
        .filter(|dispute| dispute.end() != DisputeEnd::Won)
        .filter_map(|dispute| dispute.attempt)
        .collect();
    let of_one = |payment: &Payment| {
        let tries = attempts.get(&payment.id).map_or(&[][..], Vec::as_slice);
        let refunds = refunds.get(&payment.id).map_or(&[][..], Vec::as_slice);
        // Money that came second is not of what the payment asked for.
        let of_orders = refunds.iter().filter(|refund| matches!(refund.of, RefundOf::Order { .. }));
        let held = of_orders.filter(|refund| refund.status.holds_money());
        let minor = held.map(|refund| refund.amount.minor).sum();
        let came = received.get(&payment.id).copied().unwrap_or_default();
        let since = SinceThen {
            received: Money::new(came, payment.amount.currency),
            processing: tries.iter().any(|one| one.attempt.status == AttemptStatus::Processing),
            refunded: Money::new(minor, payment.amount.currency),
            // Contested money that came second is not what paid.
            disputed: tries.iter().any(|one| {
                one.attempt.status == AttemptStatus::Captured && disputed.contains(&one.attempt.id)
            }),
        };
        let message = message(payments, payment, tries, since)?;
        let refunds = refunds.iter().cloned().map(refund_message).collect();
        Ok(contract::Payment { refunds, ..message })
    };
    found.iter().map(of_one).collect()
}

/// What came of payments by transfers that do not pay them. Nobody asks of those that are paid.
async fn received(
    payments: &Payments,
    found: &[Payment],
) -> Result<HashMap<PaymentId, i64>, Status> {
    let unpaid = found.iter().filter(|payment| payment.status != PaymentStatus::Succeeded);
    let unpaid: Vec<PaymentId> = unpaid.map(|payment| payment.id).collect();
    store::part_payment::received(payments.0.database.reader(), &unpaid).await.map_err(fault)
}

/// The tries by card of payments.
pub async fn methods(payments: &Payments, ids: &[PaymentId]) -> Result<Attempts, Status> {
    let db = payments.0.database.reader();
    store::cards::attempt::of_payments(db, ids).await.map_err(fault)
}

/// How a payment was made, or is being made: by card where a card paid or is about to.
pub fn method(attempts: &Attempts, payment: PaymentId) -> contract::PaymentMethod {
    method_of(attempts.get(&payment).map_or(&[][..], Vec::as_slice))
}

fn method_of(tries: &[KeptAttempt]) -> contract::PaymentMethod {
    let by_card = tries.iter().any(|kept| {
        kept.attempt.status == AttemptStatus::Captured || kept.attempt.status.is_live()
    });
    if by_card { contract::PaymentMethod::Card } else { contract::PaymentMethod::Vietqr }
}

/// A payment that was started just now, without a card: nothing of it needs to be read.
pub fn of_new(payments: &Payments, payment: &Payment) -> Result<contract::Payment, Status> {
    let nothing = Money::zero(payment.amount.currency);
    let since =
        SinceThen { processing: false, received: nothing, refunded: nothing, disputed: false };
    message(payments, payment, &[], since)
}

fn message(
    payments: &Payments,
    payment: &Payment,
    tries: &[KeptAttempt],
    since: SinceThen,
) -> Result<contract::Payment, Status> {
    let allocations = payment.allocations.iter().map(|part| contract::Allocation {
        order_id: part.order.to_string(),
        shop_id: part.shop.to_string(),
        amount: Some(part.amount.into()),
        sold: sold_message(part.sold).into(),
    });
    let pending = payment.status == PaymentStatus::Pending;
    let live = tries.iter().rev().find(|kept| kept.attempt.status.is_live());
    let card = live.filter(|_| pending).and_then(|kept| kept.redirect_url.clone());
    Ok(contract::Payment {
        id: payment.id.to_string(),
        checkout_id: payment.checkout().map(|id| id.to_string()).unwrap_or_default(),
        status: status_message(payment.status).into(),
        method: method_of(tries).into(),
        amount: Some(payment.amount.into()),
        reference: payment.code.to_string(),
        qr: Some(qr(payments, payment, payment.amount)?),
        allocations: allocations.collect(),
        created_at: payment.created_at.micros(),
        expires_at: payment.expires_at.micros(),
        succeeded_at: succeeded_at(payment.status, payment.closed_at),
        refunded: Some(since.refunded.into()),
        card: card.map(|redirect_url| contract::CardCheckout {
            redirect_url,
            ..contract::CardCheckout::default()
        }),
        attempts: tries.iter().map(attempt_message).collect(),
        standing: standing_message(payment.standing(since)).into(),
        takes_cards: pending && payment.checkout().is_some() && payments.0.card.is_some(),
        refunds: Vec::new(),
        reopened_at: payment.reopened_at.map_or(0, Timestamp::micros),
        to_shop_account: payment.direct_to.is_some(),
        part_payment: part_message(payments, payment, since.received)?,
    })
}

/// What came of a payment that is not paid by it, with the QR of the rest.
fn part_message(
    payments: &Payments,
    payment: &Payment,
    received: Money,
) -> Result<Option<contract::PartPayment>, Status> {
    let Some(part) = PartPayment::of(payment, received) else { return Ok(None) };
    let rest = part.takes_the_rest(payment).then(|| qr(payments, payment, part.missing));
    Ok(Some(contract::PartPayment {
        received: Some(part.received.into()),
        missing: Some(part.missing.into()),
        qr: rest.transpose()?,
    }))
}

fn qr(payments: &Payments, payment: &Payment, asked: Money) -> Result<contract::VietQr, Status> {
    let account = receiving(payments, payment);
    let memo = payment.code.to_string();
    let qr = if Payment::is_instant(asked) {
        let amount = u64::try_from(asked.minor).unwrap_or(0);
        VietQr::payment(&account.bin, &account.account, amount, &memo)
    } else {
        VietQr::open_amount(&account.bin, &account.account, &memo)
    };
    let payload = qr.write().map_err(platform::rpc::fault)?;
    Ok(contract::VietQr {
        payload,
        bank_bin: account.bin.clone(),
        account_number: account.account.clone(),
        account_holder: account.holder.clone(),
        memo,
        bank_name: account.bank_name.clone(),
        open_amount: qr.amount.is_none(),
    })
}

/// The account that a payment's QR names: of the market's, its own sub-account where there are such. What bank a shop's own is at, is said by its BIN.
fn receiving(payments: &Payments, payment: &Payment) -> ReceivingAccount {
    let Some(own) = &payment.direct_to else {
        let mut market = payments.0.receiving_account.clone();
        if let Some(sub_accounts) = &market.sub_accounts {
            market.account = sub_accounts.number_of(payment.code);
        }
        return market;
    };
    ReceivingAccount {
        bin: own.bank_bin().to_owned(),
        account: own.number().to_owned(),
        // Banks write holders in upper-case ASCII.
        holder: kernel::fold_ascii(own.holder()).to_uppercase(),
        bank_name: String::new(),
        sub_accounts: None,
    }
}

fn attempt_message(kept: &KeptAttempt) -> contract::PaymentAttempt {
    let status = match kept.attempt.status {
        AttemptStatus::Requested => contract::AttemptStatus::AttemptRequested,
        AttemptStatus::Open => contract::AttemptStatus::AttemptOpen,
        AttemptStatus::Processing => contract::AttemptStatus::AttemptProcessing,
        AttemptStatus::Captured => contract::AttemptStatus::AttemptCaptured,
        AttemptStatus::Surplus => contract::AttemptStatus::AttemptSurplus,
        AttemptStatus::Closed => contract::AttemptStatus::AttemptClosed,
        AttemptStatus::Failed => contract::AttemptStatus::AttemptFailed,
    };
    contract::PaymentAttempt {
        id: kept.attempt.id.to_string(),
        status: status.into(),
        amount: Some(kept.attempt.amount.into()),
        created_at: kept.attempt.created_at.micros(),
        changed_at: kept.attempt.changed_at.micros(),
    }
}

const fn standing_message(standing: Standing) -> contract::PaymentStanding {
    match standing {
        Standing::Pending => contract::PaymentStanding::StandingPending,
        Standing::PartiallyPaid => contract::PaymentStanding::StandingPartiallyPaid,
        Standing::Processing => contract::PaymentStanding::StandingProcessing,
        Standing::Succeeded => contract::PaymentStanding::StandingSucceeded,
        Standing::Expired => contract::PaymentStanding::StandingExpired,
        Standing::Cancelled => contract::PaymentStanding::StandingCancelled,
        Standing::PartiallyRefunded => contract::PaymentStanding::StandingPartiallyRefunded,
        Standing::Refunded => contract::PaymentStanding::StandingRefunded,
        Standing::Disputed => contract::PaymentStanding::StandingDisputed,
    }
}

/// A moment, or 0 for none.
pub fn moment(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}
