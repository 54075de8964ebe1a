//! Checking guests in: what came of showing tickets, who is expected, and the keys of genuine codes.

use async_graphql::{Error, ID, Object, SimpleObject};
use kernel::Locale;
use proto::bookings::ScanOutcome as ProtoOutcome;

use super::moment::Moment;
use super::ticket::Ticket;
use super::tour_enums::ScanOutcome;
use crate::access::{Requires, auth};
use crate::messages;

/// What came of showing a ticket.
pub struct Scan {
    scan: proto::bookings::ScanResult,
    locale: Locale,
}

impl Scan {
    /// A scan of orders, in a language. Made only for the shop at whose pier it was.
    pub const fn of(scan: proto::bookings::ScanResult, locale: Locale) -> Self {
        Self { scan, locale }
    }
}

/// What came of showing a ticket at the pier. That a guest is not let in is no refusal of the
/// request: it is its answer. Look at `admitted`.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Scan {
    /// The scan's own name, as the phone made it up.
    async fn nonce(&self) -> ID {
        ID(self.scan.nonce.clone())
    }

    /// What came of it.
    async fn outcome(&self) -> Result<ScanOutcome, Error> {
        ScanOutcome::of(self.scan.outcome)
    }

    /// Whether the guest may come on board now.
    async fn admitted(&self) -> bool {
        self.scan.outcome() == ProtoOutcome::Admitted
    }

    /// What people read of it, in the request's language.
    async fn message(&self) -> &'static str {
        messages::scan(self.scan.outcome(), self.locale)
    }

    /// The ticket, where it is one of this shop.
    async fn ticket(&self) -> Option<Ticket> {
        self.scan.ticket.clone().map(|ticket| Ticket::of(ticket, self.locale))
    }

    /// When its guest came on board.
    async fn admitted_at(&self) -> Option<Moment> {
        Moment::maybe(self.scan.admitted_at)
    }
}

/// Who is expected on a departure.
pub struct Manifest {
    manifest: proto::bookings::Manifest,
    locale: Locale,
}

impl Manifest {
    /// A manifest of orders, in a language. Made only for the shop.
    pub const fn of(manifest: proto::bookings::Manifest, locale: Locale) -> Self {
        Self { manifest, locale }
    }
}

/// Who is expected on a departure.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Manifest {
    /// The departure.
    async fn departure_id(&self) -> ID {
        ID(self.manifest.departure_id.clone())
    }

    /// The tickets by order, without those that were cancelled.
    async fn tickets(&self) -> Vec<Ticket> {
        let tickets = self.manifest.tickets.iter().cloned();
        tickets.map(|ticket| Ticket::of(ticket, self.locale)).collect()
    }

    /// What was bought besides.
    async fn add_ons(&self) -> Vec<AddOnCount> {
        let add_ons = self.manifest.add_ons.iter();
        add_ons.map(|one| AddOnCount { code: one.code.clone(), quantity: one.quantity }).collect()
    }

    /// How many people.
    async fn people(&self) -> u32 {
        self.manifest.people
    }

    /// How many tickets were redeemed.
    async fn redeemed(&self) -> u32 {
        self.manifest.redeemed
    }
}

/// How often an add-on was bought.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct AddOnCount {
    /// The add-on's code.
    code: String,
    /// How often.
    quantity: i64,
}

/// A public key by which a phone without network tells genuine codes.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct TicketKey {
    /// Its name, as it stands in codes.
    key_id: ID,
    /// The Ed25519 public key (RFC 8032), 32 bytes in hexadecimal.
    public_key: String,
}

impl TicketKey {
    /// A key of orders.
    pub fn of(key: proto::bookings::TicketKey) -> Self {
        let public_key = key.public_key.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key_id: ID(key.key_id), public_key }
    }
}
