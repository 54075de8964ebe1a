//! Lets guests on board: scans of phones, now or later, once or again, in any order.
//!
//! Every scan is kept under its nonce, with what it is by itself; who is on board follows from all
//! scans of a ticket (`domain::admission`). So the same uploads end in the same state in every
//! order, and a nonce that is sent again changes nothing.

use std::collections::{HashMap, HashSet};

use kernel::{DepartureId, OrderId, ShopScope, TicketId, Timestamp, UserId};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::Orders;
use crate::domain::admission::{Admission, CountedScan, admissions};
use crate::domain::order::Order;
use crate::domain::ticket::{Ticket, TicketStatus};
use crate::domain::ticket_code::TicketCode;
use crate::domain::vietnam_day::VietnamDay;
use crate::store;
use crate::store::scan::{CountedOn, KeptScan, Verdict};

/// The most scans of one upload.
pub const MOST_SCANS: usize = 500;
/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: std::ops::RangeInclusive<usize> = 16..=64;
/// The longest name of a phone, in bytes.
pub const LONGEST_DEVICE: usize = 100;
/// What of a code is looked at, in bytes; a longer one is no code.
const LONGEST_CODE: usize = 400;

/// What a phone saw.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Names the scan.
    pub nonce: String,
    /// What stood in the QR, or the ticket's id.
    pub code: String,
    /// When, by the phone's clock.
    pub scanned_at: Timestamp,
    /// Which phone.
    pub device: String,
    /// Takes the entry back.
    pub undo: bool,
}

/// An upload of scans.
#[derive(Clone, Debug)]
pub struct RedeemTickets {
    /// At whose pier.
    pub scope: ShopScope,
    /// For which departure; none: whichever the ticket is for.
    pub departure: Option<DepartureId>,
    /// The scans.
    pub scans: Vec<Scan>,
    /// Who scanned.
    pub scanned_by: Option<UserId>,
}

/// What a scan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The ticket counts.
    Counts(Admission),
    /// It does not.
    Refused(Verdict),
}

/// A scan and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The scan.
    pub nonce: String,
    /// What it comes to, after all that is known now.
    pub outcome: Outcome,
    /// The ticket, if it is one of the shop.
    pub ticket: Option<Ticket>,
}

/// Why nothing of an upload was taken.
#[derive(Debug, thiserror::Error)]
pub enum RedeemTicketsError {
    /// There are too many scans.
    #[error("more than {MOST_SCANS} scans")]
    TooMany,
    /// A field of a scan is out of its bounds.
    #[error("scan {place}: {field} is out of range")]
    Malformed {
        /// Place of the scan.
        place: usize,
        /// The field.
        field: &'static str,
    },
    /// The nonce of a scan was used for another one.
    #[error("scan {place}: the nonce names another scan")]
    NonceReused {
        /// Place of the scan.
        place: usize,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes an upload of scans.
pub async fn redeem_tickets(
    orders: &Orders,
    upload: RedeemTickets,
) -> Result<Vec<Redeemed>, RedeemTicketsError> {
    check(&upload.scans)?;
    let service = &orders.0;
    let now = service.clock.now();
    let claims: Vec<Claim> =
        upload.scans.iter().map(|scan| claim_of(orders, scan.code.trim())).collect();
    let tx = service.database.begin().await?;
    // The tickets first: uploads of the same tickets wait for each other.
    let named: HashSet<TicketId> = claims.iter().filter_map(Claim::ticket).collect();
    let locked = store::ticket::lock(&tx, named).await?;
    let mut tickets: HashMap<TicketId, Ticket> =
        locked.into_iter().map(|ticket| (ticket.id, ticket)).collect();
    let own = tickets.values().filter(|ticket| ticket.shop == upload.scope.shop());
    let found = store::order::by_ids(&tx, own.map(|ticket| ticket.order)).await?;
    let bought: HashMap<OrderId, Order> =
        found.into_iter().map(|order| (order.id, order)).collect();
    let departures = departures_of(&tickets, &bought);
    let mut fresh: HashMap<&str, KeptScan> = HashMap::new();
    for (scan, claim) in upload.scans.iter().zip(&claims) {
        let counted_at = scan.scanned_at.min(now);
        let verdict = verdict_of(claim, &upload, &tickets, &bought, counted_at);
        let ticket = claim.ticket().filter(|_| {
            !matches!(verdict, Verdict::Forged | Verdict::Unknown | Verdict::OtherShop)
        });
        fresh.entry(&scan.nonce).or_insert_with(|| KeptScan {
            nonce: scan.nonce.clone(),
            request_hash: hash_of(scan),
            ticket,
            verdict,
            undo: scan.undo,
            scanned_at: scan.scanned_at,
            counted_at,
            device: scan.device.clone(),
            scanned_by: upload.scanned_by,
            // A ticket that moves to another departure is on board of none there.
            departure: match verdict {
                Verdict::Counts => claim.ticket().and_then(|id| departures.get(&id).copied()),
                _ => upload.departure,
            },
        });
    }
    let fresh: Vec<KeptScan> = fresh.into_values().collect();
    store::scan::insert(&tx, upload.scope, &fresh, now).await?;
    let nonces: HashSet<String> = upload.scans.iter().map(|scan| scan.nonce.clone()).collect();
    let kept = store::scan::by_nonces(&tx, upload.scope, nonces).await?;
    let kept: HashMap<&str, &KeptScan> =
        kept.iter().map(|scan| (scan.nonce.as_str(), scan)).collect();
    for (place, scan) in upload.scans.iter().enumerate() {
        if kept.get(scan.nonce.as_str()).is_none_or(|kept| kept.request_hash != hash_of(scan)) {
            return Err(RedeemTicketsError::NonceReused { place });
        }
    }
    let of_nonces = store::scan::counted(&tx, kept.values().filter_map(|scan| scan.ticket)).await?;
    let told = admit(&tx, &mut tickets, &departures, of_nonces).await?;
    tx.commit().await?;
    let redeemed = upload.scans.into_iter().filter_map(|scan| {
        let kept = kept.get(scan.nonce.as_str())?;
        let outcome = match kept.verdict {
            // One that counted on a departure that the ticket was moved from counts no more.
            Verdict::Counts => told
                .get(&scan.nonce)
                .map_or(Outcome::Refused(Verdict::WrongDeparture), |told| Outcome::Counts(*told)),
            refused => Outcome::Refused(refused),
        };
        let ticket = kept.ticket.and_then(|id| tickets.get(&id).cloned());
        Some(Redeemed { nonce: scan.nonce, outcome, ticket })
    });
    Ok(redeemed.collect())
}

/// Works out who is on board, writes what changed, and gives what each scan comes to.
async fn admit(
    tx: &platform::database::Transaction,
    tickets: &mut HashMap<TicketId, Ticket>,
    departures: &HashMap<TicketId, DepartureId>,
    counted: Vec<CountedOn>,
) -> Result<HashMap<String, Admission>, DbErr> {
    let mut of_ticket: HashMap<TicketId, Vec<CountedScan>> = HashMap::new();
    for CountedOn { ticket, departure, scan } in counted {
        if departure == departures.get(&ticket).copied() {
            of_ticket.entry(ticket).or_default().push(scan);
        }
    }
    let mut told = HashMap::new();
    let (mut boarded, mut ashore) = (Vec::new(), Vec::new());
    for (id, scans) in of_ticket {
        let (outcomes, since) = admissions(&scans);
        told.extend(scans.into_iter().map(|scan| scan.nonce).zip(outcomes));
        let Some(ticket) = tickets.get_mut(&id) else { continue };
        if ticket.status == TicketStatus::Cancelled || ticket.redeemed_at == since {
            continue;
        }
        ticket.redeemed_at = since;
        ticket.status = match since {
            Some(at) => {
                boarded.push((id, at));
                TicketStatus::Redeemed
            }
            None => {
                ashore.push(id);
                TicketStatus::Valid
            }
        };
    }
    store::ticket::set_on_board(tx, &boarded).await?;
    store::ticket::set_ashore(tx, &ashore).await?;
    Ok(told)
}

/// The departures that tickets are for.
fn departures_of(
    tickets: &HashMap<TicketId, Ticket>,
    bought: &HashMap<OrderId, Order>,
) -> HashMap<TicketId, DepartureId> {
    let departure = |ticket: &Ticket| {
        let lines = &bought.get(&ticket.order)?.lines;
        let terms = lines.iter().find(|line| line.id == ticket.line)?.ticket.as_ref()?;
        Some((ticket.id, terms.departure))
    };
    tickets.values().filter_map(departure).collect()
}

/// What a scan says that it is.
enum Claim {
    Signed(TicketCode),
    Typed(TicketId),
    Unknown,
    Forged,
}

impl Claim {
    const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Signed(code) => Some(code.ticket),
            Self::Typed(id) => Some(*id),
            Self::Unknown | Self::Forged => None,
        }
    }
}

fn claim_of(orders: &Orders, code: &str) -> Claim {
    if code.len() > LONGEST_CODE {
        return Claim::Forged;
    }
    let typed = code.to_ascii_lowercase();
    if typed.starts_with("tkt_") {
        return typed.parse().map_or(Claim::Unknown, Claim::Typed);
    }
    orders.0.signer.read(code).map_or(Claim::Forged, Claim::Signed)
}

/// What a scan is by itself.
fn verdict_of(
    claim: &Claim,
    upload: &RedeemTickets,
    tickets: &HashMap<TicketId, Ticket>,
    bought: &HashMap<OrderId, Order>,
    at: Timestamp,
) -> Verdict {
    let Some(id) = claim.ticket() else {
        return if matches!(claim, Claim::Unknown) { Verdict::Unknown } else { Verdict::Forged };
    };
    let Some(ticket) = tickets.get(&id) else { return Verdict::Unknown };
    if ticket.shop != upload.scope.shop() {
        return Verdict::OtherShop;
    }
    if ticket.status == TicketStatus::Cancelled || ticket.cancellation.is_some() {
        return Verdict::Cancelled;
    }
    let line = bought
        .get(&ticket.order)
        .and_then(|order| order.lines.iter().find(|line| line.id == ticket.line));
    let Some(terms) = line.and_then(|line| line.ticket.as_ref()) else { return Verdict::Unknown };
    let signed_for = if let Claim::Signed(code) = claim { code.departure } else { terms.departure };
    let here = upload.departure.unwrap_or(terms.departure);
    if signed_for != terms.departure || here != terms.departure {
        return Verdict::WrongDeparture;
    }
    if VietnamDay::of(at) != VietnamDay::of(terms.starts_at) {
        return Verdict::NotToday;
    }
    Verdict::Counts
}

fn check(scans: &[Scan]) -> Result<(), RedeemTicketsError> {
    if scans.len() > MOST_SCANS {
        return Err(RedeemTicketsError::TooMany);
    }
    for (place, scan) in scans.iter().enumerate() {
        let malformed = |field| Err(RedeemTicketsError::Malformed { place, field });
        if !NONCE_LENGTH.contains(&scan.nonce.len())
            || !scan.nonce.bytes().all(|b| b.is_ascii_graphic())
        {
            return malformed("nonce");
        }
        if scan.device.len() > LONGEST_DEVICE {
            return malformed("device");
        }
        if scan.scanned_at.micros() <= 0 {
            return malformed("scannedAt");
        }
    }
    Ok(())
}

/// What makes two scans the same. Not the moment: who repeats a scan without one, at the gate, repeats
/// it later, and the first counts.
fn hash_of(scan: &Scan) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update([u8::from(scan.undo)]);
    hash.update(scan.code.trim().as_bytes());
    hash.finalize().to_vec()
}
