//! A card provider in memory: it keeps keys, pages, charges, refunds and movements as a real one does,
//! and fails when told to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kernel::{Money, PaymentId, Timestamp};

use crate::providers::card::*;

/// The fee of every charge, in thousandths.
const FEE_PER_MILLE: i64 = 39;

#[derive(Debug, Default)]
pub struct Fake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub struct State {
    /// What was made under which key.
    keys: HashMap<String, String>,
    payments: HashMap<String, CardPayment>,
    refunds: HashMap<String, Refund>,
    disputes: HashMap<String, Dispute>,
    payouts: HashMap<String, (Payout, Vec<BalanceTransactionId>)>,
    pub movements: HashMap<String, BalanceTransaction>,
    count: u64,
    /// No answer comes, and nothing happens.
    pub down: bool,
    /// So many answers are lost after the change happened.
    pub lost_answers: u32,
    /// Whether movements are told at once.
    pub slow_movements: bool,
    /// Whether refunds are refused.
    pub refuses_refunds: bool,
    /// How often each change really happened.
    pub charged: u32,
    pub refunded: u32,
}

impl Fake {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shopper types a card on a page that is open; gives the intent.
    pub fn pay(&self, reference: &str) -> Option<IntentId> {
        let mut state = self.state();
        let (intent, charge) = (state.next("pi"), state.next("ch"));
        let amount = {
            let payment = state.payments.get_mut(reference)?;
            if payment.status != CardPaymentStatus::Open {
                return None;
            }
            payment.status = CardPaymentStatus::Succeeded;
            payment.captured = payment.amount;
            payment.intent.get_or_insert_with(|| intent.parse().unwrap());
            payment.charge = Some(charge.parse().unwrap());
            payment.amount
        };
        let fee = Money::vnd(amount.minor * FEE_PER_MILLE / 1000);
        let movement = state.movement(BalanceTransactionKind::Charge, amount, fee, &charge);
        state.charged += 1;
        let slow = state.slow_movements;
        let payment = state.payments.get_mut(reference)?;
        payment.balance_transaction = (!slow).then_some(movement);
        let intent = payment.intent.clone()?;
        let paid = payment.clone();
        state.payments.insert(intent.to_string(), paid);
        Some(intent)
    }

    /// Tells the movements that were held back.
    pub fn tell_movements(&self) {
        let mut state = self.state();
        state.slow_movements = false;
        let by_source: HashMap<String, BalanceTransactionId> = state
            .movements
            .values()
            .filter_map(|one| Some((one.source.clone()?, one.id.clone())))
            .collect();
        for payment in state.payments.values_mut() {
            let charge = payment.charge.as_ref().map(ToString::to_string);
            payment.balance_transaction = charge.and_then(|charge| by_source.get(&charge).cloned());
        }
    }

    /// The bank is at a card, and says nothing yet.
    pub fn think(&self, reference: &str) {
        self.state().payments.get_mut(reference).unwrap().status = CardPaymentStatus::Processing;
    }

    /// A day goes by: what was made is kept, under which key is not.
    pub fn forget_keys(&self) {
        self.state().keys.clear();
    }

    /// The charge of an intent that was paid.
    pub fn charge_of(&self, intent: &IntentId) -> ChargeId {
        self.state().payments[intent.as_str()].charge.clone().unwrap()
    }

    /// Somebody gives money back by hand, on the provider's pages.
    pub fn refund_by_hand(&self, intent: &IntentId, amount: Money) -> CardRefundId {
        let mut state = self.state();
        let id = state.next("re");
        let (kind, back) = (BalanceTransactionKind::Refund, amount.checked_neg().unwrap());
        let movement = state.movement(kind, back, Money::vnd(0), &id);
        let refund = Refund {
            id: id.parse().unwrap(),
            intent: Some(intent.clone()),
            charge: None,
            reference: None,
            amount,
            status: RefundStatus::Succeeded,
            balance_transaction: Some(movement),
            failure_balance_transaction: None,
            failure_reason: None,
        };
        state.refunds.insert(id.clone(), refund);
        id.parse().unwrap()
    }

    /// A refund that succeeded comes back.
    pub fn fail_refund(&self, id: &CardRefundId) {
        let mut state = self.state();
        let amount = state.refunds[id.as_str()].amount;
        let kind = BalanceTransactionKind::RefundFailure;
        let movement = state.movement(kind, amount, Money::vnd(0), id.as_str());
        let refund = state.refunds.get_mut(id.as_str()).unwrap();
        refund.status = RefundStatus::Failed;
        refund.failure_balance_transaction = Some(movement);
        refund.failure_reason = Some("lost_or_stolen_card".to_owned());
    }

    /// The cardholder's bank contests a charge and takes the money, with a fee.
    pub fn dispute(&self, intent: &IntentId, fee: i64) -> DisputeId {
        let mut state = self.state();
        let id = state.next("du");
        let paid = state.payments[intent.as_str()].clone();
        let back = paid.captured.checked_neg().unwrap();
        let kind = BalanceTransactionKind::Adjustment;
        let movement = state.movement(kind, back, Money::vnd(fee), &id);
        let movement = state.movements[movement.as_str()].clone();
        let dispute = Dispute {
            id: id.parse().unwrap(),
            intent: Some(intent.clone()),
            charge: paid.charge.unwrap(),
            amount: paid.captured,
            status: DisputeStatus::NeedsResponse,
            reason: "fraudulent".to_owned(),
            evidence_due_by: None,
            balance_transactions: vec![movement],
        };
        state.disputes.insert(id.clone(), dispute);
        id.parse().unwrap()
    }

    /// A dispute ends; what was taken comes back if it is won.
    pub fn end_dispute(&self, id: &DisputeId, status: DisputeStatus) {
        let mut state = self.state();
        let amount = state.disputes[id.as_str()].amount;
        let mut back = None;
        if status == DisputeStatus::Won {
            let kind = BalanceTransactionKind::Adjustment;
            let movement = state.movement(kind, amount, Money::vnd(0), id.as_str());
            back = Some(state.movements[movement.as_str()].clone());
        }
        let dispute = state.disputes.get_mut(id.as_str()).unwrap();
        dispute.status = status;
        dispute.balance_transactions.extend(back);
    }

    /// All that was not paid out goes to our bank.
    pub fn pay_out(
        &self,
        reference: Option<&str>,
        arrives_at: Timestamp,
    ) -> (ProviderPayoutId, i64) {
        let mut state = self.state();
        let gone: Vec<BalanceTransactionId> =
            state.payouts.values().flat_map(|(_, netted)| netted.clone()).collect();
        let mut netted: Vec<BalanceTransactionId> = state
            .movements
            .values()
            .map(|one| one.id.clone())
            .filter(|id| !gone.contains(id))
            .collect();
        let sum: i64 = netted.iter().map(|id| state.movements[id.as_str()].net.minor).sum();
        let id = state.next("po");
        let kind = BalanceTransactionKind::Payout;
        let movement = state.movement(kind, Money::vnd(-sum), Money::vnd(0), &id);
        netted.push(movement.clone());
        let payout = Payout {
            id: id.parse().unwrap(),
            amount: Money::vnd(sum),
            status: PayoutStatus::Paid,
            arrives_at,
            automatic: true,
            balance_transaction: Some(movement),
            failure_balance_transaction: None,
            failure_code: None,
            bank_reference: reference.map(ToOwned::to_owned),
            statement_descriptor: Some("STRIPE CHONOI".to_owned()),
        };
        state.payouts.insert(id.clone(), (payout, netted));
        (id.parse().unwrap(), sum)
    }

    pub fn status(&self, reference: &str) -> CardPaymentStatus {
        self.state().payments[reference].status
    }

    /// What our balance at the provider is.
    pub fn balance(&self) -> i64 {
        self.state().movements.values().map(|one| one.net.minor).sum()
    }
}

impl State {
    fn next(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}_{}", self.count)
    }

    pub fn movement(
        &mut self,
        kind: BalanceTransactionKind,
        amount: Money,
        fee: Money,
        source: &str,
    ) -> BalanceTransactionId {
        let id: BalanceTransactionId = self.next("txn").parse().unwrap();
        let moment = Timestamp::from_micros(0);
        let movement = BalanceTransaction {
            id: id.clone(),
            kind,
            amount,
            fee,
            net: amount.checked_sub(fee).unwrap(),
            available_on: moment,
            created_at: moment,
            source: Some(source.to_owned()),
        };
        self.movements.insert(id.to_string(), movement);
        id
    }

    fn must_be_up(&self) -> Result<(), CardError> {
        if self.down { Err(unavailable()) } else { Ok(()) }
    }

    /// The change happened; does its answer arrive?
    fn answer<T>(&mut self, answer: T) -> Result<T, CardError> {
        if self.lost_answers > 0 {
            self.lost_answers -= 1;
            return Err(unavailable());
        }
        Ok(answer)
    }

    fn open(&mut self, payment: PaymentId, amount: Money) -> CardPayment {
        CardPayment {
            payment: Some(payment),
            session: None,
            intent: None,
            charge: None,
            status: CardPaymentStatus::Open,
            amount,
            captured: Money::vnd(0),
            refunded: Money::vnd(0),
            balance_transaction: None,
            failure: None,
        }
    }

    fn close(&mut self, id: &str, status: CardPaymentStatus) -> Result<(), CardError> {
        self.must_be_up()?;
        let payment = self.payments.get_mut(id).ok_or(CardError::Refused(CardRefusal::NotFound))?;
        if payment.status != CardPaymentStatus::Open {
            let message = "it is not open".to_owned();
            let (code, parameter) = (None, None);
            return Err(CardError::Refused(CardRefusal::Other { code, parameter, message }));
        }
        payment.status = status;
        Ok(())
    }
}

fn unavailable() -> CardError {
    CardError::Unavailable("no answer came".into())
}

fn unknown() -> CardError {
    CardError::Refused(CardRefusal::NotFound)
}

#[async_trait]
impl CardProvider for Fake {
    fn name(&self) -> &'static str {
        "stripe"
    }

    async fn create_checkout_session(
        &self,
        request: &CheckoutSessionRequest,
        key: &IdempotencyKey,
    ) -> Result<CheckoutSession, CardError> {
        let mut state = self.state();
        state.must_be_up()?;
        let id = match state.keys.get(key.as_str()) {
            Some(id) => id.clone(),
            None => {
                let id = state.next("cs");
                let mut payment = state.open(request.payment, request.amount);
                payment.session = Some(id.parse().unwrap());
                state.payments.insert(id.clone(), payment);
                state.keys.insert(key.as_str().to_owned(), id.clone());
                id
            }
        };
        let (url, expires_at) = (format!("https://cards.example/{id}"), request.expires_at);
        state.answer(CheckoutSession { id: id.parse().unwrap(), url, expires_at })
    }

    async fn expire_checkout_session(
        &self,
        session: &CheckoutSessionId,
        _key: &IdempotencyKey,
    ) -> Result<(), CardError> {
        self.state().close(session.as_str(), CardPaymentStatus::Expired)
    }

    async fn create_payment_intent(
        &self,
        request: &PaymentIntentRequest,
        key: &IdempotencyKey,
    ) -> Result<PaymentIntent, CardError> {
        let mut state = self.state();
        state.must_be_up()?;
        let id = match state.keys.get(key.as_str()) {
            Some(id) => id.clone(),
            None => {
                let id = state.next("pi");
                let mut payment = state.open(request.payment, request.amount);
                payment.intent = Some(id.parse().unwrap());
                state.payments.insert(id.clone(), payment);
                state.keys.insert(key.as_str().to_owned(), id.clone());
                id
            }
        };
        let client_secret = ClientSecret(format!("{id}_secret"));
        state.answer(PaymentIntent { id: id.parse().unwrap(), client_secret })
    }

    async fn cancel_payment_intent(
        &self,
        intent: &IntentId,
        _key: &IdempotencyKey,
    ) -> Result<(), CardError> {
        self.state().close(intent.as_str(), CardPaymentStatus::Cancelled)
    }

    async fn get_payment(&self, payment: &CardPaymentReference) -> Result<CardPayment, CardError> {
        let state = self.state();
        state.must_be_up()?;
        let id = match payment {
            CardPaymentReference::CheckoutSession(id) => id.as_str(),
            CardPaymentReference::Intent(id) => id.as_str(),
        };
        state.payments.get(id).cloned().ok_or_else(unknown)
    }

    async fn refund(
        &self,
        request: &RefundRequest,
        key: &IdempotencyKey,
    ) -> Result<Refund, CardError> {
        let mut state = self.state();
        state.must_be_up()?;
        if let Some(id) = state.keys.get(key.as_str()) {
            let refund = state.refunds[id].clone();
            return state.answer(refund);
        }
        if state.refuses_refunds {
            return Err(CardError::Refused(CardRefusal::Disputed));
        }
        let id = state.next("re");
        let back = request.amount.checked_neg().unwrap();
        let kind = BalanceTransactionKind::Refund;
        let movement = state.movement(kind, back, Money::vnd(0), &id);
        let refund = Refund {
            id: id.parse().unwrap(),
            intent: Some(request.intent.clone()),
            charge: None,
            reference: Some(request.reference.clone()),
            amount: request.amount,
            status: RefundStatus::Succeeded,
            balance_transaction: Some(movement),
            failure_balance_transaction: None,
            failure_reason: None,
        };
        for payment in state.payments.values_mut() {
            if payment.intent.as_ref() == Some(&request.intent) {
                payment.refunded = payment.refunded.checked_add(request.amount).unwrap();
            }
        }
        state.refunded += 1;
        state.keys.insert(key.as_str().to_owned(), id.clone());
        state.refunds.insert(id, refund.clone());
        state.answer(refund)
    }

    async fn get_refund(&self, refund: &CardRefundId) -> Result<Refund, CardError> {
        let state = self.state();
        state.must_be_up()?;
        state.refunds.get(refund.as_str()).cloned().ok_or_else(unknown)
    }

    async fn refunds_of(&self, intent: &IntentId) -> Result<Vec<Refund>, CardError> {
        let state = self.state();
        state.must_be_up()?;
        let of_intent = |refund: &&Refund| refund.intent.as_ref() == Some(intent);
        Ok(state.refunds.values().filter(of_intent).cloned().collect())
    }

    async fn get_dispute(&self, dispute: &DisputeId) -> Result<Dispute, CardError> {
        let state = self.state();
        state.must_be_up()?;
        state.disputes.get(dispute.as_str()).cloned().ok_or_else(unknown)
    }

    async fn balance_transaction(
        &self,
        transaction: &BalanceTransactionId,
    ) -> Result<BalanceTransaction, CardError> {
        let state = self.state();
        state.must_be_up()?;
        state.movements.get(transaction.as_str()).cloned().ok_or_else(unknown)
    }

    async fn balance_transactions_since(
        &self,
        _since: Timestamp,
    ) -> Result<Vec<BalanceTransaction>, CardError> {
        let state = self.state();
        state.must_be_up()?;
        Ok(state.movements.values().cloned().collect())
    }

    async fn payout(&self, payout: &ProviderPayoutId) -> Result<Payout, CardError> {
        let state = self.state();
        state.must_be_up()?;
        state.payouts.get(payout.as_str()).map(|(payout, _)| payout.clone()).ok_or_else(unknown)
    }

    async fn payout_balance_transactions(
        &self,
        payout: &ProviderPayoutId,
    ) -> Result<Vec<BalanceTransaction>, CardError> {
        let state = self.state();
        state.must_be_up()?;
        let (_, netted) = state.payouts.get(payout.as_str()).ok_or_else(unknown)?;
        Ok(netted.iter().map(|id| state.movements[id.as_str()].clone()).collect())
    }
}
