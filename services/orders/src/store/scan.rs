//! Scans of tickets: written once, never changed.

use kernel::{DepartureId, ShopScope, TicketId, Timestamp, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::corrupt;
use super::entities::ticket_scans::{Column, Entity, Model};
use crate::domain::admission::CountedScan;

/// What a scan is by itself, whatever else was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A ticket of this shop, departure and day: it counts.
    Counts,
    /// A ticket of another departure, or signed for one that it was moved from.
    WrongDeparture,
    /// A ticket of another day.
    NotToday,
    /// The ticket was cancelled, or is about to be.
    Cancelled,
    /// Not signed by the market.
    Forged,
    /// No such ticket.
    Unknown,
    /// A ticket of another shop.
    OtherShop,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 7] = [
        Self::Counts,
        Self::WrongDeparture,
        Self::NotToday,
        Self::Cancelled,
        Self::Forged,
        Self::Unknown,
        Self::OtherShop,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::WrongDeparture => "wrong_departure",
            Self::NotToday => "not_today",
            Self::Cancelled => "cancelled",
            Self::Forged => "forged",
            Self::Unknown => "unknown",
            Self::OtherShop => "other_shop",
        }
    }
}

/// A scan as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptScan {
    /// Names it in its shop.
    pub nonce: String,
    /// SHA-256 of what the phone said.
    pub request_hash: Vec<u8>,
    /// The ticket, if there is one of this shop.
    pub ticket: Option<TicketId>,
    /// What it is by itself.
    pub verdict: Verdict,
    /// It takes an entry back.
    pub undo: bool,
    /// When it was, by the phone's clock.
    pub scanned_at: Timestamp,
    /// The moment that counts: a phone's clock that goes fast does not scan in the future.
    pub counted_at: Timestamp,
    /// Which phone.
    pub device: String,
    /// Who held it.
    pub scanned_by: Option<UserId>,
    /// Which departure it was at: of what counts the ticket's, else what the phone said.
    pub departure: Option<DepartureId>,
}

/// Writes scans that are new; those whose nonce is known stay as they were.
pub async fn insert(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    scans: &[KeptScan],
    now: Timestamp,
) -> Result<(), DbErr> {
    if scans.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&KeptScan> = scans.iter().collect();
    // Two uploads with the same nonces wait for each other in the same order.
    sorted.sort_by(|left, right| left.nonce.cmp(&right.nonce));
    let rows = sorted.into_iter().map(|scan| {
        Model {
            shop_id: scope.shop().uuid(),
            nonce: scan.nonce.clone(),
            request_hash: scan.request_hash.clone(),
            ticket_id: scan.ticket.map(|id| id.uuid()),
            verdict: scan.verdict.name().to_owned(),
            undo: i32::from(scan.undo),
            scanned_at: scan.scanned_at.micros(),
            counted_at: scan.counted_at.micros(),
            received_at: now.micros(),
            device: scan.device.clone(),
            scanned_by: scan.scanned_by.map(|id| id.uuid()),
            departure_id: scan.departure.map(|id| id.uuid()),
        }
        .into_active_model()
    });
    let known = OnConflict::columns([Column::ShopId, Column::Nonce]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// The scans of a shop that have one of the nonces.
pub async fn by_nonces(
    tx: &impl ConnectionTrait,
    scope: ShopScope,
    nonces: impl IntoIterator<Item = String>,
) -> Result<Vec<KeptScan>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .filter(Column::Nonce.is_in(nonces))
        .all(tx)
        .await?;
    rows.into_iter().map(scan_of).collect()
}

/// A scan that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedOn {
    /// Of which ticket.
    pub ticket: TicketId,
    /// On which departure.
    pub departure: Option<DepartureId>,
    /// The scan.
    pub scan: CountedScan,
}

/// Every scan of tickets that counts.
pub async fn counted(
    tx: &impl ConnectionTrait,
    tickets: impl IntoIterator<Item = TicketId>,
) -> Result<Vec<CountedOn>, DbErr> {
    let rows = Entity::find()
        .filter(Column::TicketId.is_in(tickets.into_iter().map(|id| id.uuid())))
        .filter(Column::Verdict.eq(Verdict::Counts.name()))
        .order_by_asc(Column::TicketId)
        .all(tx)
        .await?;
    let counted = rows.into_iter().filter_map(|row| {
        let scan = CountedScan {
            nonce: row.nonce,
            at: Timestamp::from_micros(row.counted_at),
            undo: row.undo != 0,
        };
        Some(CountedOn {
            ticket: TicketId::from_uuid(row.ticket_id?),
            departure: row.departure_id.map(DepartureId::from_uuid),
            scan,
        })
    });
    Ok(counted.collect())
}

fn scan_of(row: Model) -> Result<KeptScan, DbErr> {
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.name() == row.verdict);
    Ok(KeptScan {
        nonce: row.nonce,
        request_hash: row.request_hash,
        ticket: row.ticket_id.map(TicketId::from_uuid),
        verdict: verdict.ok_or_else(|| corrupt("a verdict"))?,
        undo: row.undo != 0,
        scanned_at: Timestamp::from_micros(row.scanned_at),
        counted_at: Timestamp::from_micros(row.counted_at),
        device: row.device,
        scanned_by: row.scanned_by.map(UserId::from_uuid),
        departure: row.departure_id.map(DepartureId::from_uuid),
    })
}
