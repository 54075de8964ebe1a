//! A departure of a tour: when it leaves, how many seats it has, until when they are sold.

use std::time::Duration;

use kernel::{DepartureId, ProductId, ShopId, Timestamp, VariantId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::departure_price::DeparturePrice;
use super::seats::Seats;
use super::tour::{Tour, Way};

/// Where a departure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartureStatus {
    /// Its seats are sold.
    Open,
    /// Blacked out: no more is sold, what is sold stands.
    Closed,
    /// It does not happen.
    Cancelled,
}

impl DepartureStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::Cancelled];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Its id; it follows from tour and start.
    pub id: DepartureId,
    /// Of which tour.
    pub product: ProductId,
    /// Whose it is.
    pub shop: ShopId,
    /// When it leaves.
    pub starts_at: Timestamp,
    /// When it is back.
    pub ends_at: Timestamp,
    /// Where it stands.
    pub status: DepartureStatus,
    /// Its seats.
    pub seats: Seats,
    /// Until when before the start seats are sold, in minutes.
    pub cutoff_minutes: u32,
    /// Why it was cancelled.
    pub cancelled_because: String,
    /// Where its guests go instead, if somewhere.
    pub moved_to: Option<DepartureId>,
    /// What costs something else on it than the tour says; the first that fits counts.
    pub prices: Vec<DeparturePrice>,
}

impl Departure {
    /// A new departure of a tour, open and empty.
    pub fn of(tour: &Tour, starts_at: Timestamp, capacity: u32, cutoff_minutes: u32) -> Self {
        Self {
            id: departure_id(tour.product, starts_at),
            product: tour.product,
            shop: tour.shop,
            starts_at,
            ends_at: starts_at.after(minutes(tour.duration_minutes)),
            status: DepartureStatus::Open,
            seats: Seats { capacity: i64::from(capacity), held: 0, sold: 0 },
            cutoff_minutes,
            cancelled_because: String::new(),
            moved_to: None,
            prices: Vec::new(),
        }
    }

    /// From when on no seats are sold.
    pub fn closes_at(&self) -> Timestamp {
        self.starts_at.before(minutes(self.cutoff_minutes))
    }

    /// Whether seats are sold at a moment.
    pub fn sells_at(&self, now: Timestamp) -> bool {
        self.status == DepartureStatus::Open && now < self.closes_at()
    }

    /// Whether what was held too briefly and then paid may still be sold: the cut-off keeps new
    /// guests away, not those whose money was on its way.
    pub fn takes_late_payment_at(&self, now: Timestamp) -> bool {
        self.status == DepartureStatus::Open && now < self.starts_at
    }

    /// Whether somebody could buy a seat at a moment.
    pub fn has_seat_at(&self, now: Timestamp) -> bool {
        self.sells_at(now) && self.seats.free() > 0
    }
}

/// A number of minutes.
pub const fn minutes(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 60)
}

/// The id of a tour's departure. It follows from both, so that the same start is the same departure.
/// Its first 48 bits are the start, so departures sort by their starts.
pub fn departure_id(product: ProductId, starts_at: Timestamp) -> DepartureId {
    let mut hash = Sha256::new();
    hash.update(product.uuid().as_bytes());
    hash.update(starts_at.micros().to_be_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    let milliseconds = u64::try_from(starts_at.micros() / 1_000).unwrap_or(0);
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    bytes[6] = (bytes[6] & 0x0F) | 0x70;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    DepartureId::from_uuid(Uuid::from_bytes(bytes))
}

/// The variant id of something that is bought on a departure. It follows from both. Its first 64 bits
/// are the departure's: so the departure is found by the variant id alone.
pub fn variant_id(departure: DepartureId, way: Way<'_>) -> VariantId {
    let mut hash = Sha256::new();
    hash.update(departure.uuid().as_bytes());
    hash.update(way.option_code().as_bytes());
    // No code contains it: nothing else is written alike.
    hash.update([0]);
    hash.update(way.code().as_bytes());
    let mut bytes = [0_u8; 16];
    bytes[..8].copy_from_slice(&departure.uuid().as_bytes()[..8]);
    bytes[8..].copy_from_slice(&hash.finalize()[..8]);
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    VariantId::from_uuid(Uuid::from_bytes(bytes))
}

/// What a variant id means on a departure; `None` if it is of another one, or the tour has it no more.
pub fn way_of(departure: DepartureId, tour: &Tour, variant: VariantId) -> Option<Way<'_>> {
    let (first, last) = departures_of(variant);
    if !(first..=last).contains(&departure.uuid()) {
        return None;
    }
    tour.ways().find(|way| variant_id(departure, *way) == variant)
}

/// Between which ids the departure of a variant id is: those with the same first 64 bits.
pub fn departures_of(variant: VariantId) -> (Uuid, Uuid) {
    let high = u128::from(u64::MAX);
    let first = variant.uuid().as_u128() & !high;
    (Uuid::from_u128(first), Uuid::from_u128(first | high))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::tour::sample::tour;

    #[test]
    fn ids_follow_from_what_they_name_and_lead_back_to_the_departure() {
        let tour = tour();
        let start =
            |minute: i64| Timestamp::from_micros(1_800_000_000_000_000 + minute * 60_000_000);
        let mut variants = BTreeSet::new();
        let mut departures = Vec::new();
        for minute in 0..200 {
            let departure = Departure::of(&tour, start(minute), 12, 60);
            assert_eq!(departure.id, departure_id(tour.product, start(minute)));
            assert_eq!(departure.id.uuid().get_version_num(), 7);
            for way in tour.ways() {
                let variant = variant_id(departure.id, way);
                assert_eq!(variant.uuid().get_version_num(), 7);
                let (first, last) = departures_of(variant);
                assert!((first..=last).contains(&departure.id.uuid()));
                let (before, after) = (start(minute - 1), start(minute + 1));
                for other in [before, after].map(|start| departure_id(tour.product, start)) {
                    assert!(!(first..=last).contains(&other.uuid()));
                }
                assert_eq!(way_of(departure.id, &tour, variant), Some(way));
                assert!(variants.insert(variant));
            }
            departures.push(departure.id);
        }
        assert!(departures.is_sorted());
    }

    #[test]
    fn seats_are_sold_until_the_cut_off_and_late_payments_taken_until_the_start() {
        let start = Timestamp::from_micros(1_800_000_000_000_000);
        let mut departure = Departure::of(&tour(), start, 12, 60);
        let closes = start.before(Duration::from_secs(3_600));
        let just_before = Timestamp::from_micros(closes.micros() - 1);
        assert_eq!((departure.sells_at(just_before), departure.sells_at(closes)), (true, false));
        assert!(departure.takes_late_payment_at(closes));
        assert!(!departure.takes_late_payment_at(start));
        departure.status = DepartureStatus::Closed;
        assert!(!departure.sells_at(just_before) && !departure.takes_late_payment_at(just_before));
    }
}
