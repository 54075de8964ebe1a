//! Gives money of a paid order back: to the card, if a card paid; else to the shopper's bank account:
//! the one that is named, else the one that paid, if that is certain; else the refund waits until
//! somebody names one (`provide_refund_account`). Up to a limit one person is enough; above it, or to
//! another account than the payer's that a shop names, a second one agrees (`approve_refund`).

use kernel::{Money, MoneyError, OrderId, PaymentId, ShopScope, UserId};
use platform::database::Transaction;
use platform::ids;
use sea_orm::{ConnectionTrait, DbErr};
use sha2::{Digest, Sha256};

use super::give_to_card::give_to_card;
use super::payer_account::payer_account;
use super::post_refund::{RefundPosting, post_approved};
use crate::Payments;
use crate::domain::card_return::ReturnStatus;
use crate::domain::dispute::DisputeEnd;
use crate::domain::payee_account::{AccountSource, PayeeAccount, PayeeAccountRefused};
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::refund::{
    OrderAmount, Refund, RefundDestination, RefundMethod, RefundRefused, RefundRequest,
    RefundStatus, RefundablePayment,
};
use crate::domain::refund_lines::{AskedLine, RefundLinesRefused, RefundedLine, refund_of_lines};
use crate::domain::transfer_code::{TransferCode, TransferPurpose};
use crate::store;
use crate::store::cards::attempt::KeptAttempt;
use crate::store::charges::ChargedOrder;
use crate::store::payment::Inserted;
use crate::store::refund::{KeptRefund, RefundOf};

/// The longest reason.
const LONGEST_REASON: usize = 500;
/// The most lines of an order that one refund names.
const MOST_LINES: usize = 200;
/// The longest idempotency key.
pub const LONGEST_KEY: usize = 200;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct RefundPayment {
    /// The payment.
    pub payment: PaymentId,
    /// The order of which something is given back.
    pub order: OrderId,
    /// What of it.
    pub part: RefundedPart,
    /// Why.
    pub reason: String,
    /// Where the money goes: BIN, number, holder. None: to who paid.
    pub account: Option<Result<PayeeAccount, PayeeAccountRefused>>,
    /// Who asks.
    pub requested_by: UserId,
    /// Whose order it must be; any shop's, if an operator asks.
    pub scope: Option<ShopScope>,
    /// Names the request: the same again changes nothing.
    pub idempotency_key: String,
}

/// What of an order is given back.
#[derive(Clone, Debug)]
pub enum RefundedPart {
    /// An amount.
    Amount(Money),
    /// Some pieces of its lines, as orders tells of them.
    Lines(Vec<AskedLine>),
    /// All of it that was not given back before.
    Rest,
}

/// Why money is not given back.
#[derive(Debug, thiserror::Error)]
pub enum RefundPaymentError {
    /// There is no such payment, or it paid no such order of the shop.
    #[error("there is no such paid order")]
    Unknown,
    /// The payment was not paid.
    #[error("the payment is {}", .0.name())]
    NotPaid(PaymentStatus),
    /// The account cannot be paid to.
    #[error(transparent)]
    Account(#[from] PayeeAccountRefused),
    /// The reason is empty or too long, or the key is.
    #[error("{0} is empty or too long")]
    Text(&'static str),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The cardholder's bank contests the payment or took it back: a refund would pay twice.
    #[error("the payment is disputed")]
    Disputed,
    /// A card paid, so the money goes back to the card and to no account.
    #[error("the money goes back to the card that paid")]
    GoesToCard,
    /// All of the order was given back before, or is on its way.
    #[error("nothing of the order is left to give back")]
    NothingLeft,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] RefundRefused),
    /// The rules of lines refuse it.
    #[error(transparent)]
    Lines(#[from] RefundLinesRefused),
    /// The database failed, or what it holds cannot be reckoned with.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl From<DbErr> for RefundPaymentError {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<MoneyError> for RefundPaymentError {
    fn from(error: MoneyError) -> Self {
        Self::Fault(error.into())
    }
}

/// Asks for a refund.
pub async fn refund_payment(
    payments: &Payments,
    asked: RefundPayment,
) -> Result<KeptRefund, RefundPaymentError> {
    let service = &payments.0;
    let named = asked.account.clone().transpose()?;
    let reason = kernel::normalize_spaces(&asked.reason);
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(RefundPaymentError::Text("reason"));
    }
    if asked.idempotency_key.is_empty() || asked.idempotency_key.len() > LONGEST_KEY {
        return Err(RefundPaymentError::Text("idempotencyKey"));
    }
    let request_hash = hash_of(&asked, named.as_ref(), &reason);
    let now = service.clock.now();
    // What was asked before waits for no lock: clients that ask again hold nobody up.
    if let Some(earlier) = asked_before(service.database.reader(), &asked, &request_hash).await? {
        return Ok(earlier);
    }
    let tx = service.database.begin().await?;
    // The end of the ledger first: the order in which everybody locks.
    let end = store::ledger::lock(&tx).await?;
    let payment = store::payment::lock(&tx, asked.payment).await?;
    if let Some(earlier) = asked_before(&tx, &asked, &request_hash).await? {
        return Ok(earlier);
    }
    let payment = payment.ok_or(RefundPaymentError::Unknown)?;
    let orders = store::charges::of_payment(&tx, payment.id).await?;
    let shop = payment
        .allocations
        .iter()
        .find(|part| part.order == asked.order)
        .map(|part| part.shop)
        .filter(|shop| asked.scope.is_none_or(|scope| scope.shop() == *shop))
        .ok_or(RefundPaymentError::Unknown)?;
    if payment.status != PaymentStatus::Succeeded {
        return Err(RefundPaymentError::NotPaid(payment.status));
    }
    let card = paid_by_card(&tx, payment.id, named.is_some()).await?;
    let payer = payer_account(&tx, payment.id).await?;
    let elsewhere = asked.scope.is_some() && named.is_some() && named != payer;
    let (payee, account_from) = match (named, payer) {
        (Some(named), _) => (Some(named), AccountSource::Request),
        (None, Some(payer)) if card.is_none() => (Some(payer), AccountSource::Payer),
        (None, _) => (None, AccountSource::Nobody),
    };
    let mut refundable = refundable(&tx, payment.id, &orders).await?;
    let (amount, lines) = reckoned(&tx, &asked, &refundable).await?;
    let reference = TransferCode::from_random(TransferPurpose::Refund, rand::random());
    let request = RefundRequest {
        reference,
        orders: vec![OrderAmount { order: asked.order, amount }],
        destination: match &card {
            Some(attempt) => to_card(attempt),
            None => destination_of(payee.clone()),
        },
        requested_by: asked.requested_by,
    };
    refundable.request(request, now)?;
    // A shop could pay itself what is still held for it: nothing goes where it says without a second
    // person.
    let limit = if elsewhere { 0 } else { service.settlement.one_person_refund_minor };
    let limit = Money::new(limit, amount.currency);
    let status = if payee.is_some() || card.is_some() {
        refundable.submit(reference, limit, now)?
    } else {
        RefundStatus::Requested
    };
    let method = method_of(&tx, &payment, card.as_ref()).await?;
    let mut refund = KeptRefund {
        id: ids::new(),
        reference,
        of: RefundOf::Order { payment: payment.id, order: asked.order, shop },
        amount,
        reason,
        payee,
        account_from,
        account_by: None,
        method,
        status,
        requested_by: asked.requested_by,
        approved_by: None,
        idempotency_key: asked.idempotency_key,
        request_hash,
        file: None,
        created_at: now,
        changed_at: now,
    };
    if store::refund::insert(&tx, &refund).await? == Inserted::Taken {
        return Err(RefundPaymentError::KeyReused);
    }
    store::refund_line::insert(&tx, refund.id, &lines).await?;
    if status == RefundStatus::Approved {
        post_approved(&tx, end, &refund, RefundPosting::Approved, now).await?;
        give_to_card(&tx, &mut refund, now).await?;
    }
    tx.commit().await?;
    service.carded.notify_one();
    metrics::counter!("refunds_total", "status" => refund.status.name()).increment(1);
    Ok(refund)
}

/// Money goes back from where it came to: the card, the shop's own account, or the market's.
async fn method_of(
    tx: &Transaction,
    payment: &Payment,
    card: Option<&KeptAttempt>,
) -> Result<RefundMethod, RefundPaymentError> {
    if card.is_some() {
        return Ok(RefundMethod::Card);
    }
    // A card paid it, and could not be given its money back: that is the market's all the same.
    let by_shop = payment.direct_to.is_some()
        && store::cards::attempt::captured_of(tx, payment.id).await?.is_none();
    Ok(if by_shop { RefundMethod::ByShop } else { RefundMethod::BankTransfer })
}

/// The refund that the key brought before; refused, if it was another request.
async fn asked_before(
    db: &impl ConnectionTrait,
    asked: &RefundPayment,
    request_hash: &[u8],
) -> Result<Option<KeptRefund>, RefundPaymentError> {
    match store::refund::by_key(db, asked.requested_by, &asked.idempotency_key).await? {
        Some(earlier) if earlier.request_hash != request_hash => Err(RefundPaymentError::KeyReused),
        other => Ok(other),
    }
}

/// The card that paid, to which the money goes back. Once it could not go back to the card, an account
/// may be named.
async fn paid_by_card(
    tx: &Transaction,
    payment: PaymentId,
    account_named: bool,
) -> Result<Option<KeptAttempt>, RefundPaymentError> {
    let Some(attempt) = store::cards::attempt::captured_of(tx, payment).await? else {
        return Ok(None);
    };
    must_not_be_disputed(tx, &attempt).await?;
    if !account_named {
        return Ok(Some(attempt));
    }
    let returns = store::cards::returned::of_attempt(tx, attempt.attempt.id).await?;
    let card_fails = returns.iter().any(|one| one.returned.status == ReturnStatus::Failed);
    if card_fails { Ok(None) } else { Err(RefundPaymentError::GoesToCard) }
}

/// What the cardholder's bank contests or took back is not given back a second time.
pub async fn must_not_be_disputed(
    tx: &Transaction,
    attempt: &KeptAttempt,
) -> Result<(), RefundPaymentError> {
    let disputes = store::cards::dispute::of_attempts(tx, &[attempt.attempt.id]).await?;
    if disputes.iter().any(|dispute| dispute.end() != DisputeEnd::Won) {
        return Err(RefundPaymentError::Disputed);
    }
    Ok(())
}

fn to_card(attempt: &KeptAttempt) -> RefundDestination {
    let intent = attempt.intent.as_ref().map(ToString::to_string);
    RefundDestination::Card { provider_payment: intent.unwrap_or_default() }
}

/// How much is asked for, and what of which line.
async fn reckoned(
    tx: &Transaction,
    asked: &RefundPayment,
    refundable: &RefundablePayment,
) -> Result<(Money, Vec<RefundedLine>), RefundPaymentError> {
    let lines = match &asked.part {
        RefundedPart::Amount(amount) => return Ok((*amount, Vec::new())),
        RefundedPart::Rest => {
            let left = refundable.refundable()?;
            let left = left.into_iter().find(|part| part.order == asked.order);
            let left = left.filter(|part| part.amount.is_positive());
            return left
                .map(|part| (part.amount, Vec::new()))
                .ok_or(RefundPaymentError::NothingLeft);
        }
        RefundedPart::Lines(lines) => lines,
    };
    let first = lines.first().ok_or(RefundRefused::NothingAsked)?;
    if lines.len() > MOST_LINES {
        return Err(RefundPaymentError::Text("lines"));
    }
    let held = store::refund_line::held_of_order(tx, asked.order).await?;
    let refunded = refund_of_lines(lines, |line| held.get(&line).copied().unwrap_or(0))?;
    let amounts = refunded.iter().map(|line| line.amount);
    Ok((Money::checked_sum(first.total.currency, amounts)?, refunded))
}

/// Where a refund goes, in the words of its rules.
pub fn destination_of(payee: Option<PayeeAccount>) -> RefundDestination {
    payee.map_or(RefundDestination::NotKnown, RefundDestination::BankAccount)
}

/// What of a payment was captured, and every refund of it.
pub async fn refundable(
    tx: &Transaction,
    payment: PaymentId,
    orders: &[ChargedOrder],
) -> Result<RefundablePayment, RefundPaymentError> {
    let captured = orders
        .iter()
        .map(|order| OrderAmount { order: order.order, amount: order.charges.commission.base })
        .collect();
    let kept = store::refund::of_payments(tx, &[payment]).await?;
    let refunds = kept.into_iter().filter_map(|kept| {
        let RefundOf::Order { order, .. } = kept.of else { return None };
        Some(Refund {
            reference: kept.reference,
            amount: kept.amount,
            orders: vec![OrderAmount { order, amount: kept.amount }],
            destination: destination_of(kept.payee),
            requested_by: kept.requested_by,
            approved_by: kept.approved_by,
            status: kept.status,
            changed_at: kept.changed_at,
        })
    });
    Ok(RefundablePayment::new(payment, captured, refunds.collect())?)
}

fn hash_of(asked: &RefundPayment, payee: Option<&PayeeAccount>, reason: &str) -> Vec<u8> {
    let part = match &asked.part {
        RefundedPart::Amount(amount) => amount.to_string(),
        RefundedPart::Rest => "rest".to_owned(),
        RefundedPart::Lines(lines) => {
            lines.iter().map(|line| format!("{}x{} ", line.line, line.quantity)).collect::<String>()
        }
    };
    let account = payee.map(|payee| [payee.bank_bin(), payee.number(), payee.holder()]);
    let mut hash = Sha256::new();
    let mut field = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    field(&asked.payment.to_string());
    field(&asked.order.to_string());
    field(&part);
    account.iter().flatten().for_each(|text| field(text));
    field(reason);
    hash.finalize().to_vec()
}
