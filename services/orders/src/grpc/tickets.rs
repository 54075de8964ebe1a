//! Tickets and check-in over gRPC.

use kernel::{BuyerScope, DepartureId, OrderId, ShopId, ShopScope, TicketId, Timestamp, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::{Refused, bookings as contract, parse_id};
use tonic::{Response, Status};

use super::refusals::{fault, passed_on};
use super::{Answer, Grpc, optional_id};
use crate::domain::admission::Admission;
use crate::domain::cancellation::CancellationRefused;
use crate::domain::ticket::Ticket;
use crate::domain::ticket_cancellation::Account;
use crate::messages::bookings::{cancellation_message, quote_message};
use crate::store;
use crate::store::order::Viewer;
use crate::store::scan::Verdict;
use crate::usecases::advance_cancellation::AdvanceCancellationError;
use crate::usecases::cancel_tickets::{
    CancelTickets, CancelTicketsError, LONGEST_REASON, MOST_TICKETS, cancel_tickets,
    quote_cancellation,
};
use crate::usecases::get_checkout::Extent;
use crate::usecases::redeem_tickets::{
    LONGEST_DEVICE, MOST_SCANS, NONCE_LENGTH, Outcome, RedeemTickets, RedeemTicketsError, Redeemed,
    Scan, redeem_tickets,
};
use crate::usecases::show_tickets::{manifest, show_tickets};

/// Orders whose tickets are asked for at once.
const MOST_ORDERS: usize = 100;

impl Grpc {
    /// Tickets of a checkout or of orders, for who may see it.
    pub(super) async fn tickets(
        &self,
        request: contract::GetTicketsRequest,
    ) -> Answer<contract::Tickets> {
        let db = self.0.0.database.reader();
        let orders = if !request.order_ids.is_empty() {
            if request.order_ids.len() > MOST_ORDERS {
                let refused = Refused::new(RefusalCode::TooLong).at(&["orderIds"]);
                return Err(refused.fact("maximum", MOST_ORDERS).into());
            }
            // What is no order, or not for the caller to see, is left out.
            let ids = request.order_ids.iter().filter_map(|id| id.parse::<OrderId>().ok());
            let ids: Vec<OrderId> = ids.collect();
            store::order::visible(db, &ids, &[], &viewer_of(&request)?).await.map_err(fault)?
        } else if request.order_id.is_empty() {
            let (id, token, buyer) = (&request.checkout_id, &request.token, &request.buyer_id);
            let extent = Extent::WithOrders;
            self.checkout_for(id, token, buyer, request.operator, extent).await?.orders
        } else {
            let not_found = || Status::not_found("no such order");
            let id: OrderId = request.order_id.parse().map_err(|_| not_found())?;
            let viewer = viewer_of(&request)?;
            let found = store::order::visible(db, &[id], &[], &viewer).await.map_err(fault)?;
            if found.is_empty() {
                return Err(not_found());
            }
            found
        };
        let ids = orders.iter().map(|order| order.id);
        let tickets = store::ticket::of_orders(db, ids).await.map_err(fault)?;
        let tickets = self.ticket_messages(tickets).await?;
        Ok(Response::new(contract::Tickets { tickets }))
    }

    /// The public keys that phones check codes with.
    pub(super) fn ticket_keys(&self) -> contract::TicketKeys {
        let signer = &self.0.0.signer;
        let key = contract::TicketKey {
            key_id: signer.key_id(),
            public_key: signer.public_key().to_vec(),
        };
        contract::TicketKeys { keys: vec![key] }
    }

    /// Takes scans.
    pub(super) async fn redeem(
        &self,
        request: contract::RedeemTicketsRequest,
    ) -> Answer<contract::ScanResults> {
        let upload = RedeemTickets {
            scope: ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?),
            departure: optional_id::<DepartureId>(&request.departure_id)?,
            scans: request.scans.into_iter().map(scan_of).collect(),
            scanned_by: optional_id::<UserId>(&request.scanned_by)?,
        };
        let redeemed = redeem_tickets(&self.0, upload).await.map_err(redeem_status)?;
        let tickets = redeemed.iter().filter_map(|redeemed| redeemed.ticket.clone()).collect();
        let mut shown = self.ticket_messages(tickets).await?.into_iter();
        let results = redeemed.into_iter().map(|Redeemed { nonce, outcome, ticket }| {
            let admitted_at = ticket.as_ref().and_then(|ticket| ticket.redeemed_at);
            contract::ScanResult {
                nonce,
                outcome: outcome_message(outcome).into(),
                ticket: ticket.and_then(|_| shown.next()),
                admitted_at: admitted_at.map_or(0, Timestamp::micros),
            }
        });
        Ok(Response::new(contract::ScanResults { results: results.collect() }))
    }

    /// Gives tickets back, or says what would come back.
    pub(super) async fn cancel(
        &self,
        request: contract::CancelTicketsRequest,
    ) -> Answer<contract::TicketCancellation> {
        let (token, buyer) = (&request.token, &request.buyer_id);
        let (id, extent) = (&request.checkout_id, Extent::Itself);
        let checkout = self.checkout_for(id, token, buyer, false, extent).await?.checkout;
        let tickets = request.ticket_ids.iter().map(|id| id.parse::<TicketId>());
        let Ok(tickets) = tickets.collect::<Result<Vec<_>, _>>() else {
            return Err(cancel_status(CancelTicketsError::NotOneOrder));
        };
        let asked = CancelTickets {
            checkout,
            tickets,
            reason: request.reason,
            idempotency_key: request.idempotency_key,
            account: Account {
                bank_bin: request.bank_bin,
                number: request.account_number,
                holder: request.account_holder,
            },
        };
        if request.dry_run {
            let (order, quote) =
                quote_cancellation(&self.0, &asked).await.map_err(cancel_status)?;
            return Ok(Response::new(quote_message(&order, &quote)));
        }
        let (order, done) = cancel_tickets(&self.0, asked).await.map_err(cancel_status)?;
        Ok(Response::new(cancellation_message(&order, &done)))
    }

    /// Who is on a departure.
    pub(super) async fn manifest(
        &self,
        request: contract::GetManifestRequest,
    ) -> Answer<contract::Manifest> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let departure = parse_id::<DepartureId>(&request.departure_id)?;
        let db = self.0.0.database.reader();
        let found = manifest(db, scope, departure).await.map_err(fault)?;
        let add_ons = found.add_ons.into_iter();
        Ok(Response::new(contract::Manifest {
            departure_id: request.departure_id,
            tickets: found.tickets.messages(&self.0.0.signer),
            add_ons: add_ons
                .map(|(code, quantity)| contract::AddOnCount { code, quantity })
                .collect(),
            people: found.people,
            redeemed: found.redeemed,
        }))
    }

    /// Tickets in the contract's words, in their order.
    pub(super) async fn ticket_messages(
        &self,
        tickets: Vec<Ticket>,
    ) -> Result<Vec<contract::Ticket>, Status> {
        let db = self.0.0.database.reader();
        Ok(show_tickets(db, tickets).await.map_err(fault)?.messages(&self.0.0.signer))
    }
}

/// Who asks, as far as orders are concerned.
fn viewer_of(request: &contract::GetTicketsRequest) -> Result<Viewer, Status> {
    if request.operator {
        return Ok(Viewer::Operator);
    }
    let shops = request.shop_ids.iter().map(|id| parse_id::<ShopId>(id).map(ShopScope::granted));
    Ok(Viewer::Person {
        buyer: optional_id::<UserId>(&request.buyer_id)?.map(BuyerScope::granted),
        shops: shops.collect::<Result<_, _>>()?,
    })
}

fn scan_of(scan: contract::Scan) -> Scan {
    Scan {
        nonce: scan.nonce,
        code: scan.code,
        scanned_at: Timestamp::from_micros(scan.scanned_at),
        device: scan.device,
        undo: scan.undo,
    }
}

const fn outcome_message(outcome: Outcome) -> contract::ScanOutcome {
    use contract::ScanOutcome as Said;
    match outcome {
        Outcome::Counts(Admission::Admitted) => Said::Admitted,
        Outcome::Counts(Admission::AlreadyAdmitted(_)) => Said::AlreadyAdmitted,
        Outcome::Counts(Admission::Undone) => Said::Undone,
        Outcome::Counts(Admission::NothingToUndo) => Said::NothingToUndo,
        Outcome::Refused(Verdict::WrongDeparture) => Said::WrongDeparture,
        Outcome::Refused(Verdict::NotToday) => Said::NotToday,
        Outcome::Refused(Verdict::Cancelled) => Said::TicketWasCancelled,
        Outcome::Refused(Verdict::Forged) => Said::Forged,
        Outcome::Refused(Verdict::Unknown) => Said::UnknownTicket,
        Outcome::Refused(Verdict::OtherShop) => Said::OtherShop,
        // What counts has an admission.
        Outcome::Refused(Verdict::Counts) => Said::Unspecified,
    }
}

fn cancel_status(error: CancelTicketsError) -> Status {
    let refused = match error {
        CancelTicketsError::Key => Refused::new(RefusalCode::OutOfRange)
            .at(&["idempotencyKey"])
            .fact("minimum", 8)
            .fact("maximum", 128),
        CancelTicketsError::Reason => {
            Refused::new(RefusalCode::TooLong).at(&["reason"]).fact("maximum", LONGEST_REASON)
        }
        CancelTicketsError::Count => Refused::new(RefusalCode::OutOfRange)
            .at(&["ticketIds"])
            .fact("minimum", 1)
            .fact("maximum", MOST_TICKETS),
        CancelTicketsError::NotOneOrder
        | CancelTicketsError::Refused(CancellationRefused::UnknownTicket(_)) => {
            Refused::new(RefusalCode::NotFound).at(&["ticketIds"])
        }
        CancelTicketsError::Refused(CancellationRefused::NotValid { ticket, status }) => {
            not_cancellable(&status.name().to_uppercase()).fact("ticketId", ticket)
        }
        CancelTicketsError::Refused(CancellationRefused::Departed(ticket)) => {
            not_cancellable("DEPARTED").fact("ticketId", ticket)
        }
        CancelTicketsError::OfReseller => not_cancellable("OF_RESELLER"),
        CancelTicketsError::DepartureCancelled => not_cancellable("DEPARTURE_CANCELLED"),
        CancelTicketsError::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        CancelTicketsError::Refused(CancellationRefused::Money(error)) => {
            return platform::rpc::fault(error);
        }
        CancelTicketsError::Advance(AdvanceCancellationError::Refused(status)) => return status,
        CancelTicketsError::Advance(AdvanceCancellationError::Unavailable(status)) => {
            return passed_on(status);
        }
        CancelTicketsError::Advance(AdvanceCancellationError::Database(error))
        | CancelTicketsError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn not_cancellable(status: &str) -> Refused {
    Refused::new(RefusalCode::TicketNotCancellable).at(&["ticketIds"]).fact("status", status)
}

fn redeem_status(error: RedeemTicketsError) -> Status {
    let of_scan =
        |code, place: usize, field| Refused::new(code).at(&["scans", &place.to_string(), field]);
    match error {
        RedeemTicketsError::TooMany => {
            Refused::new(RefusalCode::TooLong).at(&["scans"]).fact("maximum", MOST_SCANS).into()
        }
        RedeemTicketsError::Malformed { place, field } => {
            let refused = of_scan(RefusalCode::OutOfRange, place, field);
            match field {
                "nonce" => refused
                    .fact("minimum", NONCE_LENGTH.start())
                    .fact("maximum", NONCE_LENGTH.end())
                    .into(),
                "device" => refused.fact("minimum", 0).fact("maximum", LONGEST_DEVICE).into(),
                _ => refused.fact("minimum", 1).into(),
            }
        }
        RedeemTicketsError::NonceReused { place } => {
            of_scan(RefusalCode::IdempotencyKeyReused, place, "nonce").into()
        }
        RedeemTicketsError::Database(error) => database_fault(&error),
    }
}
