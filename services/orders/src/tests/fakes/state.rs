//! What catalog and payments keep, and the rules by which they change it: those of the real ones,
//! as far as orders can see them.

use std::collections::{BTreeMap, HashMap};

use kernel::{HoldId, PaymentId, RefundId};
use platform::ids;
use proto::Refused;
use proto::catalog::{Hold, HoldLine, HoldStatus, HoldStockRequest, Offer, ReturnStockRequest};
use proto::common::{self, RefusalCode};
use proto::events::PaymentClosed;
use proto::events::event::Body;
use proto::payments::{
    Payment, PaymentMethod, PaymentStatus, Refund, RefundPaymentRequest, RefundedLine,
    StartPaymentRequest,
};
use proto::tours::{Departure, ReturnSeatsRequest, ReturnedSeats};
use tonic::Status;

use super::{Call, Fault};

/// Offers, holds and payments, and the calls about them.
#[derive(Default)]
pub struct State {
    pub offers: BTreeMap<String, Offer>,
    pub sold: BTreeMap<String, i64>,
    pub departures: BTreeMap<String, Departure>,
    pub returned: HashMap<String, Vec<ReturnedSeats>>,
    pub refunds: Vec<(RefundPaymentRequest, Refund)>,
    pub accounts_unknown: bool,
    /// Whether cards paid, to which money goes back.
    pub to_cards: bool,
    pub holds: HashMap<String, Hold>,
    pub payments: Vec<Payment>,
    pub told: Vec<Body>,
    /// Payments that were given more time.
    pub extended: Vec<String>,
    pub calls: Vec<Call>,
    pub planned: Option<(usize, Fault)>,
    /// Pieces that are kept for who has a token: its digest, variant, how many.
    pub kept: Option<(Vec<u8>, String, i64)>,
    /// Entries of waiting lists, and digests of tokens that claim for them, too.
    pub claims: Vec<(String, Vec<u8>)>,
}

impl State {
    /// Notes a call; gives what goes wrong with it.
    pub fn fault_of(&mut self, call: Call) -> Option<Fault> {
        let number = self.calls.len();
        self.calls.push(call);
        let (_, fault) = self.planned.take_if(|(planned, _)| *planned == number)?;
        Some(fault)
    }

    /// The payment of a checkout.
    pub fn payment_of(&mut self, checkout: &str) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| payment.checkout_id == checkout)
    }

    /// What is on offer, with what is kept for who has the token of this digest.
    pub fn offer_to(&self, variant: &str, claim_digest: &[u8]) -> Option<Offer> {
        let mut offer = self.offers.get(variant)?.clone();
        if let Some((token, kept, count)) = &self.kept
            && (token.as_slice(), kept.as_str()) == (claim_digest, variant)
        {
            offer.available += count;
        }
        Some(offer)
    }

    /// Holds all lines or none, once a reference.
    pub fn hold(&mut self, request: HoldStockRequest) -> Result<Hold, Status> {
        if let Some(made) = self.holds.get(&request.reference) {
            return Ok(made.clone());
        }
        if let Some((_, variant, count)) =
            self.kept.take_if(|(token, ..)| *token == request.claim_digest)
        {
            self.offers.get_mut(&variant).unwrap().available += count;
        }
        let mut offers = Vec::new();
        let mut problems = Vec::new();
        for line in &request.lines {
            match self.offers.get(&line.variant_id) {
                Some(offer) if offer.for_sale && offer.available >= line.quantity => {
                    offers.push(offer.clone());
                }
                Some(offer) if offer.for_sale => {
                    problems.push(
                        Refused::new(RefusalCode::InsufficientStock)
                            .fact("available", offer.available)
                            .fact("variantId", &line.variant_id),
                    );
                }
                _ => problems.push(Refused::new(RefusalCode::NotForSale)),
            }
        }
        problems.extend(self.short_of_seats(&request.lines));
        if !problems.is_empty() {
            return Err(Refused::status(problems));
        }
        for line in &request.lines {
            let offer = self.offers.get_mut(&line.variant_id).unwrap();
            if offer.ticket.is_none() {
                offer.available -= line.quantity;
            }
        }
        for (departure, seats) in self.seats_of(&request.lines) {
            self.departures.get_mut(&departure).unwrap().held += seats;
        }
        let HoldStockRequest { reference, lines, expires_at, .. } = request;
        let status = HoldStatus::Held.into();
        let id = ids::new::<HoldId>().to_string();
        let hold = Hold { id, reference: reference.clone(), status, expires_at, offers, lines };
        self.holds.insert(reference, hold.clone());
        Ok(hold)
    }

    /// Sells what is held for a checkout, or sets it free; once.
    pub fn settle(&mut self, checkout: &str, reached: HoldStatus) {
        let held = self.holds.get_mut(checkout).filter(|hold| hold.status() == HoldStatus::Held);
        let Some(hold) = held else { return };
        hold.set_status(reached);
        let lines = hold.lines.clone();
        for (id, seats) in self.seats_of(&lines) {
            let departure = self.departures.get_mut(&id).unwrap();
            departure.held -= seats;
            if reached == HoldStatus::Committed {
                departure.sold += seats;
            }
        }
        for line in &lines {
            if reached == HoldStatus::Committed {
                *self.sold.entry(line.variant_id.clone()).or_default() += line.quantity;
            } else if let Some(offer) = self.offers.get_mut(&line.variant_id)
                && offer.ticket.is_none()
            {
                offer.available += line.quantity;
            }
        }
    }

    /// Starts a payment, once a checkout.
    pub fn start(&mut self, request: StartPaymentRequest, now: i64) -> Result<Payment, Status> {
        if request.method() != PaymentMethod::Vietqr {
            return Err(Refused::new(RefusalCode::PaymentMethodUnavailable).into());
        }
        let minor = |money: &Option<common::Money>| money.as_ref().unwrap().minor;
        let parts: i64 = request.allocations.iter().map(|part| minor(&part.amount)).sum();
        if parts != minor(&request.amount) {
            return Err(Status::invalid_argument("the allocations do not sum to the amount"));
        }
        if let Some(made) = self.payment_of(&request.checkout_id) {
            let same = made.amount == request.amount && made.allocations == request.allocations;
            let different = || Refused::new(RefusalCode::IdempotencyKeyReused).into();
            return if same { Ok(made.clone()) } else { Err(different()) };
        }
        let payment = Payment {
            id: ids::new::<PaymentId>().to_string(),
            checkout_id: request.checkout_id,
            status: PaymentStatus::Pending.into(),
            method: request.method,
            amount: request.amount,
            allocations: request.allocations,
            created_at: now,
            expires_at: request.expires_at,
            ..Payment::default()
        };
        self.payments.push(payment.clone());
        Ok(payment)
    }

    /// Sets seats free that were sold, once a reference.
    pub fn give_seats_back(&mut self, request: ReturnSeatsRequest) -> Result<(), Status> {
        if self.returned.contains_key(&request.reference) {
            return Ok(());
        }
        let sold =
            |seats: &ReturnedSeats| self.sold.get(&seats.variant_id).copied().unwrap_or_default();
        if request.seats.iter().any(|seats| seats.quantity > sold(seats)) {
            return Err(Refused::new(RefusalCode::OutOfRange).into());
        }
        let lines: Vec<HoldLine> = request
            .seats
            .iter()
            .map(|seats| HoldLine {
                variant_id: seats.variant_id.clone(),
                quantity: seats.quantity,
            })
            .collect();
        for (departure, seats) in self.seats_of(&lines) {
            self.departures.get_mut(&departure).unwrap().sold -= seats;
        }
        for line in lines {
            *self.sold.get_mut(&line.variant_id).unwrap() -= line.quantity;
        }
        self.returned.insert(request.reference, request.seats);
        Ok(())
    }

    /// Puts goods on sale again that a hold sold, once a reference.
    pub fn give_stock_back(&mut self, request: ReturnStockRequest) -> Result<(), Status> {
        if self.returned.contains_key(&request.reference) {
            return Ok(());
        }
        let sold = self.holds.get(&request.hold);
        if sold.is_none_or(|hold| hold.status() != HoldStatus::Committed) {
            return Err(Refused::new(RefusalCode::OutOfRange).into());
        }
        for line in &request.lines {
            let sold = self.sold.get_mut(&line.variant_id).unwrap();
            assert!(line.quantity > 0 && line.quantity <= *sold);
            *sold -= line.quantity;
            self.offers.get_mut(&line.variant_id).unwrap().available += line.quantity;
        }
        self.returned.insert(request.reference, Vec::new());
        Ok(())
    }

    /// The hold of a reference, sold; a hold that is gone is held again if the seats are there.
    pub fn commit(&mut self, reference: &str) -> Result<Hold, Status> {
        let found = self.holds.get(reference).cloned();
        let hold = found.ok_or_else(|| Status::not_found("no such hold"))?;
        match hold.status() {
            HoldStatus::Held | HoldStatus::Committed => {}
            _ if !self.short_of_seats(&hold.lines).is_empty() => {
                return Err(Refused::new(RefusalCode::HoldGone).into());
            }
            _ => {
                for (departure, seats) in self.seats_of(&hold.lines) {
                    self.departures.get_mut(&departure).unwrap().held += seats;
                }
                self.holds.get_mut(reference).unwrap().set_status(HoldStatus::Held);
            }
        }
        self.settle(reference, HoldStatus::Committed);
        Ok(self.holds[reference].clone())
    }

    /// Holds for longer what is held.
    pub fn extend(&mut self, reference: &str, until: i64) -> Result<Hold, Status> {
        let found = self.holds.get_mut(reference);
        let hold = found.ok_or_else(|| Status::not_found("no such hold"))?;
        if hold.status() != HoldStatus::Held {
            return Err(Refused::new(RefusalCode::HoldGone).into());
        }
        hold.expires_at = hold.expires_at.max(until);
        Ok(hold.clone())
    }

    /// Gives money back, once who asks and key.
    pub fn refund(&mut self, request: RefundPaymentRequest) -> Result<Refund, Status> {
        let same_key = |(known, _): &&(RefundPaymentRequest, Refund)| {
            (&known.requested_by, &known.idempotency_key)
                == (&request.requested_by, &request.idempotency_key)
        };
        if let Some((known, refund)) = self.refunds.iter().find(same_key) {
            assert_eq!(known, &request, "one key, two requests");
            return Ok(refund.clone());
        }
        if self.accounts_unknown && request.account.is_none() {
            return Err(Refused::new(RefusalCode::PayeeAccountRequired).at(&["account"]).into());
        }
        let payment =
            self.payments.iter().find(|payment| payment.id == request.payment_id).unwrap();
        if payment.status() != PaymentStatus::Succeeded {
            return Err(Refused::new(RefusalCode::StatusConflict).at(&["paymentId"]).into());
        }
        let minor = |money: &Option<common::Money>| money.as_ref().unwrap().minor;
        let paid =
            payment.allocations.iter().find(|part| part.order_id == request.order_id).unwrap();
        let back = self.refunds.iter().filter(|(known, _)| known.order_id == request.order_id);
        let back: i64 = back.map(|(_, refund)| minor(&refund.amount)).sum();
        let left = minor(&paid.amount) - back;
        let amount = if request.rest {
            left
        } else if request.lines.is_empty() {
            minor(&request.amount)
        } else {
            let of = |line: &RefundedLine| minor(&line.total) * line.quantity / line.ordered;
            request.lines.iter().map(of).sum()
        };
        if amount > left || left == 0 {
            let exceeds = Refused::new(RefusalCode::RefundExceedsCaptured);
            return Err(exceeds.fact("available", left).fact("requested", amount).into());
        }
        assert!(amount > 0);
        assert!(!request.reason.is_empty());
        let refund = Refund {
            id: ids::new::<RefundId>().to_string(),
            payment_id: request.payment_id.clone(),
            order_id: request.order_id.clone(),
            amount: Some(kernel::Money::vnd(amount).into()),
            account: request.account.clone(),
            to_card: self.to_cards,
            ..Refund::default()
        };
        self.refunds.push((request, refund.clone()));
        Ok(refund)
    }

    /// Lets a payment be paid until later, once.
    pub fn extend_payment(&mut self, id: &str, until: i64, now: i64) -> Result<Payment, Status> {
        let found = self.payments.iter_mut().find(|payment| payment.id == id);
        let payment = found.ok_or_else(|| Status::not_found("no such payment"))?;
        let closed = |status: &str| {
            Err(Refused::new(RefusalCode::PaymentClosed).fact("status", status).into())
        };
        match payment.status() {
            PaymentStatus::Pending => {}
            PaymentStatus::Succeeded => return closed("SUCCEEDED"),
            PaymentStatus::Cancelled => return closed("CANCELLED"),
            _ => return closed("EXPIRED"),
        }
        if self.extended.iter().any(|extended| extended == id) {
            return Ok(payment.clone());
        }
        if now > payment.expires_at {
            return closed("PENDING");
        }
        payment.expires_at = payment.expires_at.max(until);
        self.extended.push(id.to_owned());
        Ok(payment.clone())
    }

    /// Takes a payment back, unless money came for it.
    pub fn cancel(&mut self, id: &str) -> Result<Payment, Status> {
        let found = self.payments.iter_mut().find(|payment| payment.id == id);
        let payment = found.ok_or_else(|| Status::not_found("no such payment"))?;
        match payment.status() {
            PaymentStatus::Succeeded => {
                Err(Refused::new(RefusalCode::PaymentClosed).fact("status", "SUCCEEDED").into())
            }
            PaymentStatus::Pending => {
                payment.set_status(PaymentStatus::Cancelled);
                let told = closed(payment);
                let payment = payment.clone();
                self.told.push(told);
                Ok(payment)
            }
            _ => Ok(payment.clone()),
        }
    }
}

/// What payments tells of a payment that ended without money.
pub fn closed(payment: &Payment) -> Body {
    Body::PaymentClosed(PaymentClosed {
        payment_id: payment.id.clone(),
        checkout_id: payment.checkout_id.clone(),
        expired: payment.status() == PaymentStatus::Expired,
    })
}
