//! Cards: beginning to pay by one, and what operators see of them.

use kernel::{CardAttemptId, CardPayoutId, CheckoutId, Locale};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::{closed_status, cut, fault, messages, page_of};
use crate::Payments;
use crate::domain::card_attempt::CardWay;
use crate::domain::payment::{ChangeRefused, Payment};
use crate::providers::card::PayoutStatus;
use crate::store;
use crate::store::cards::dispute::KeptDispute;
use crate::store::cards::movement::MovementLine;
use crate::store::cards::payout::KeptCardPayout;
use crate::usecases::start_card_attempt::{
    StartCardAttempt, StartCardAttemptError, start_card_attempt,
};

pub async fn start(
    payments: &Payments,
    request: &contract::StartCardAttemptRequest,
) -> Result<contract::Payment, Status> {
    let checkout = parse_id::<CheckoutId>(&request.checkout_id)?;
    let way = match request.way() {
        contract::CardWay::Embedded => CardWay::Embedded,
        contract::CardWay::Hosted | contract::CardWay::Unspecified => CardWay::Hosted,
    };
    let locale = request.locale.parse::<Locale>().unwrap_or_default();
    let asked = StartCardAttempt { checkout, way, locale };
    let opened = start_card_attempt(payments, asked).await.map_err(start_status)?;
    let db = payments.0.database.reader();
    let payment = store::payment::by_ids(db, &[opened.attempt.attempt.payment]).await;
    let mut found = messages::payments(payments, &payment.map_err(fault)?).await?;
    let mut message = found.pop().ok_or_else(|| Status::not_found("no such payment"))?;
    if let (Some(secret), Some(card)) = (opened.client_secret, &payments.0.card) {
        message.card = Some(contract::CardCheckout {
            redirect_url: String::new(),
            client_secret: secret.0,
            publishable_key: card.publishable_key.clone(),
        });
    }
    Ok(message)
}

/// Opens the try of a payment that was just started. What does not work now is tried again by the
/// sweeper, and by the shopper.
pub async fn open_first(payments: &Payments, payment: &Payment) {
    // What is asked for at a counter is paid by transfer only.
    let Some(checkout) = payment.checkout() else { return };
    let asked = StartCardAttempt { checkout, way: CardWay::Hosted, locale: Locale::default() };
    if let Err(error) = start_card_attempt(payments, asked).await {
        tracing::warn!(payment = %payment.id, %error, "a payment by card is not open yet");
    }
}

pub async fn payouts(
    payments: &Payments,
    request: contract::ListCardPayoutsRequest,
) -> Result<contract::CardPayoutPage, Status> {
    let page = page_of(request.page.as_ref())?;
    let found = store::cards::payout::page(payments.0.database.reader(), &page).await;
    let (found, page) = cut(found.map_err(fault)?, &page, |payout| payout.id.to_string());
    let payouts = found.into_iter().map(payout_message).collect();
    Ok(contract::CardPayoutPage { payouts, page: Some(page) })
}

pub async fn disputes(
    payments: &Payments,
    request: contract::ListDisputesRequest,
) -> Result<contract::DisputePage, Status> {
    let page = page_of(request.page.as_ref())?;
    let db = payments.0.database.reader();
    let found = store::cards::dispute::page(db, &page).await.map_err(fault)?;
    let (found, page) = cut(found, &page, |dispute| dispute.id.to_string());
    let tries: Vec<CardAttemptId> = found.iter().filter_map(|one| one.attempt).collect();
    let paid = store::cards::attempt::payments_of(db, &tries).await.map_err(fault)?;
    let disputes = found.into_iter().map(|dispute| {
        let payment = dispute.attempt.and_then(|attempt| paid.get(&attempt));
        let payment_id = payment.map(ToString::to_string).unwrap_or_default();
        dispute_message(dispute, payment_id)
    });
    Ok(contract::DisputePage { disputes: disputes.collect(), page: Some(page) })
}

pub async fn movements(
    payments: &Payments,
    request: contract::ListCardMovementsRequest,
) -> Result<contract::CardMovementPage, Status> {
    let page = page_of(request.page.as_ref())?;
    let db = payments.0.database.reader();
    let found = if request.payout_id.is_empty() {
        store::cards::movement::of_source(db, &request.source, &page).await
    } else {
        let payout = parse_id::<CardPayoutId>(&request.payout_id)?;
        store::cards::movement::of_payout(db, payout, &page).await
    };
    let (found, page) = cut(found.map_err(fault)?, &page, |movement| movement.id.to_string());
    let movements = found.into_iter().map(movement_message).collect();
    Ok(contract::CardMovementPage { movements, page: Some(page) })
}

fn payout_message(payout: KeptCardPayout) -> contract::CardPayout {
    let (credit, rule) = payout.came_by.unzip();
    let status = match payout.status {
        PayoutStatus::Pending => contract::CardPayoutStatus::CardPayoutPending,
        PayoutStatus::InTransit => contract::CardPayoutStatus::CardPayoutInTransit,
        PayoutStatus::Paid => contract::CardPayoutStatus::CardPayoutPaid,
        PayoutStatus::Failed => contract::CardPayoutStatus::CardPayoutFailed,
        PayoutStatus::Cancelled => contract::CardPayoutStatus::CardPayoutCancelled,
    };
    contract::CardPayout {
        id: payout.id.to_string(),
        provider_id: payout.provider_id.to_string(),
        amount: Some(payout.amount.into()),
        status: status.into(),
        arrives_at: payout.arrives_at.micros(),
        credit_id: credit.map(|credit| credit.to_string()).unwrap_or_default(),
        rule: rule.unwrap_or_default(),
        created_at: payout.created_at.micros(),
    }
}

fn dispute_message(dispute: KeptDispute, payment_id: String) -> contract::Dispute {
    contract::Dispute {
        id: dispute.id.to_string(),
        provider_id: dispute.provider_id.to_string(),
        payment_id,
        amount: Some(dispute.amount.into()),
        status: dispute.status,
        reason: dispute.reason,
        evidence_due_by: messages::moment(dispute.evidence_due_by),
        borne: Some(dispute.borne.into()),
        created_at: dispute.created_at.micros(),
        changed_at: dispute.changed_at.micros(),
    }
}

fn movement_message(movement: MovementLine) -> contract::CardMovement {
    contract::CardMovement {
        id: movement.id.to_string(),
        provider_id: movement.provider_id,
        kind: movement.kind,
        amount: Some(movement.amount.into()),
        fee: Some(movement.fee.into()),
        net: Some(movement.net.into()),
        source: movement.source.unwrap_or_default(),
        created_at: movement.created_at.micros(),
    }
}

fn start_status(error: StartCardAttemptError) -> Status {
    match error {
        StartCardAttemptError::NoCards | StartCardAttemptError::Refused(_) => {
            Refused::new(RefusalCode::PaymentMethodUnavailable).into()
        }
        StartCardAttemptError::Unknown => Status::not_found("no such payment"),
        StartCardAttemptError::Closed(status) => closed_status(ChangeRefused::Closed(status)),
        StartCardAttemptError::Unavailable => {
            Status::unavailable("the card provider cannot be asked now")
        }
        StartCardAttemptError::Database(error) => fault(error),
    }
}
