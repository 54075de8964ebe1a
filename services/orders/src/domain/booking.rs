//! A reseller's booking: seats of one departure, held, then confirmed and invoiced (OCTO).

use kernel::{
    BookingId, DepartureId, Money, OrderId, ProductId, ResellerId, ShopId, TicketId, Timestamp,
    VariantId,
};
use serde::{Deserialize, Serialize};

/// Where a booking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingStatus {
    /// Its hold is being made.
    Reserving,
    /// Seats are held until it expires.
    OnHold,
    /// The seats are being sold; a sweeper resumes it.
    Confirming,
    /// It is an order, with tickets.
    Confirmed,
    /// Its tickets are being given back; a sweeper resumes it.
    Cancelling,
    /// It was given back.
    Cancelled,
    /// Nobody confirmed it in time.
    Expired,
}

impl BookingStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Reserving,
        Self::OnHold,
        Self::Confirming,
        Self::Confirmed,
        Self::Cancelling,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserving => "reserving",
            Self::OnHold => "on_hold",
            Self::Confirming => "confirming",
            Self::Confirmed => "confirmed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether seats are held for it and nothing is sold yet.
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Reserving | Self::OnHold)
    }
}

/// How much of its price came back with a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundKind {
    /// All, or there was nothing to pay yet.
    Full,
    /// Some.
    Partial,
    /// Nothing.
    None,
}

impl RefundKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Full, Self::Partial, Self::None];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::None => "none",
        }
    }

    /// The kind of a refund of a price.
    pub const fn of(refund: Money, price: Money) -> Self {
        if refund.minor >= price.minor {
            Self::Full
        } else if refund.minor > 0 {
            Self::Partial
        } else {
            Self::None
        }
    }
}

/// Who comes, or who booked, as the reseller knows them. Every field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookingContact {
    /// The whole name.
    pub full_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Postal code.
    pub postal_code: String,
    /// What else there is to say.
    pub notes: String,
    /// Languages, the preferred first (BCP 47).
    pub locales: Vec<String>,
}

impl BookingContact {
    /// The name that the shop calls out: whole, or of its parts; empty if there is none.
    pub fn name(&self) -> String {
        if self.full_name.trim().is_empty() {
            kernel::normalize_spaces(&format!("{} {}", self.first_name, self.last_name))
        } else {
            kernel::normalize_spaces(&self.full_name)
        }
    }

    /// The longest of its texts, in bytes.
    pub fn longest_text(&self) -> usize {
        let texts = [
            &self.full_name,
            &self.first_name,
            &self.last_name,
            &self.email,
            &self.phone,
            &self.country,
            &self.postal_code,
            &self.notes,
        ];
        texts.into_iter().chain(&self.locales).map(String::len).max().unwrap_or(0)
    }
}

/// One thing of a booking that is priced: a guest, or a boat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingUnit {
    /// The reseller's id of it.
    pub uuid: String,
    /// The ticket kind: OCTO's unit id.
    pub ticket_code: String,
    /// What is held of catalog for it.
    pub variant: VariantId,
    /// What it costs.
    pub price: Money,
    /// The reseller's own number of it.
    pub reseller_reference: String,
    /// Who comes.
    pub guest_name: String,
    /// Who comes, in full.
    pub contact: BookingContact,
    /// Its ticket, once confirmed.
    pub ticket: Option<TicketId>,
}

/// A booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Who sells it on.
    pub reseller: ResellerId,
    /// Whose tour it is.
    pub shop: ShopId,
    /// The reseller's id of it: the same one is the same booking.
    pub uuid: String,
    /// SHA-256 of the request that made it.
    pub request_hash: Vec<u8>,
    /// Where it stands.
    pub status: BookingStatus,
    /// The tour.
    pub product: ProductId,
    /// The option of the tour.
    pub option_code: String,
    /// The departure.
    pub departure: DepartureId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// What catalog knows its hold by.
    pub hold_reference: String,
    /// What was held, in catalog's words (`chonoi.catalog.Offers`, encoded); empty while reserving.
    pub offers: Vec<u8>,
    /// What it costs.
    pub total: Money,
    /// The reseller's own number of it.
    pub reseller_reference: String,
    /// Notes.
    pub notes: String,
    /// Who booked.
    pub contact: BookingContact,
    /// The order, once confirmed.
    pub order: Option<OrderId>,
    /// Why it was cancelled.
    pub cancellation_reason: String,
    /// How much came back.
    pub cancellation_refund: Option<RefundKind>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Its units, in the reseller's order.
    pub units: Vec<BookingUnit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_called_by_its_whole_name_or_by_its_parts() {
        let parts = BookingContact {
            first_name: "Sáu ".to_owned(),
            last_name: "Lê".to_owned(),
            ..BookingContact::default()
        };
        assert_eq!(parts.name(), "Sáu Lê");
        assert_eq!(
            BookingContact { full_name: "Lê Thị Sáu".to_owned(), ..parts }.name(),
            "Lê Thị Sáu"
        );
        assert_eq!(BookingContact::default().name(), "");
    }

    #[test]
    fn a_refund_is_full_partial_or_none() {
        for (refund, price, kind) in [
            (10, 10, RefundKind::Full),
            (0, 0, RefundKind::Full),
            (5, 10, RefundKind::Partial),
            (0, 10, RefundKind::None),
        ] {
            assert_eq!(RefundKind::of(Money::vnd(refund), Money::vnd(price)), kind);
        }
    }
}
