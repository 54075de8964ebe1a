//! Who waits for seats.

use kernel::{DepartureId, HoldId, Locale, Timestamp, WaitingListEntryId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::corrupt;
use super::entities::waiting_list::{Column, Entity, Model};
use crate::domain::waiting::{ClaimDigest, SeatOffer, WaitingEntry, WaitingStatus};

/// Inserts somebody who waits, with the digest of the token that claims an offer.
pub async fn insert(
    tx: &impl ConnectionTrait,
    entry: &WaitingEntry,
    claim_digest: &[u8],
) -> Result<(), DbErr> {
    let row = Model {
        id: entry.id.uuid(),
        departure_id: entry.departure.uuid(),
        seats: entry.seats,
        name: entry.name.clone(),
        phone: entry.phone.clone(),
        email: entry.email.clone(),
        locale: entry.locale.tag().to_owned(),
        status: entry.status.name().to_owned(),
        claim_digest: claim_digest.to_vec(),
        offer_digest: None,
        hold_id: None,
        created_at: entry.created_at.micros(),
        offered_at: None,
        offer_expires_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Who waits for departures or was offered seats, in their order.
pub async fn open_of(
    db: &impl ConnectionTrait,
    departures: impl IntoIterator<Item = DepartureId>,
    statuses: &[WaitingStatus],
    limit: u64,
) -> Result<Vec<WaitingEntry>, DbErr> {
    let departures: Vec<_> = departures.into_iter().map(DepartureId::uuid).collect();
    if departures.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::DepartureId.is_in(departures))
        .filter(Column::Status.is_in(statuses.iter().map(|status| status.name())))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(entry_of).collect()
}

/// Writes that seats are kept for somebody.
pub async fn offer(
    tx: &impl ConnectionTrait,
    id: WaitingListEntryId,
    offer: &SeatOffer,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(WaitingStatus::Offered.name()))
        .col_expr(Column::HoldId, Expr::value(offer.hold.uuid()))
        .col_expr(Column::OfferedAt, Expr::value(offer.offered_at.micros()))
        .col_expr(Column::OfferExpiresAt, Expr::value(offer.expires_at.micros()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets a second token claim what is offered to an entry; whether there is such an entry.
pub async fn add_claim(
    db: &impl ConnectionTrait,
    id: WaitingListEntryId,
    digest: ClaimDigest,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::OfferDigest, Expr::value(digest.to_vec()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Whose token it is: the guest's own, or that of the letter that told of the offer.
pub async fn with_token(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<WaitingEntry>, DbErr> {
    Entity::find().filter(either_digest(digest)).one(db).await?.map(entry_of).transpose()
}

fn either_digest(digest: &[u8]) -> Condition {
    Condition::any()
        .add(Column::ClaimDigest.eq(digest.to_vec()))
        .add(Column::OfferDigest.eq(digest.to_vec()))
}

/// To whom seats are offered that a token claims.
pub async fn offered_to(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<WaitingEntry>, DbErr> {
    let row = Entity::find()
        .filter(either_digest(digest))
        .filter(Column::Status.eq(WaitingStatus::Offered.name()))
        .one(db)
        .await?;
    row.map(entry_of).transpose()
}

/// Writes where some entries stand now.
pub async fn set_status(
    tx: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = WaitingListEntryId>,
    status: WaitingStatus,
) -> Result<(), DbErr> {
    let ids: Vec<_> = ids.into_iter().map(WaitingListEntryId::uuid).collect();
    if ids.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.name()))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nobody waits for a departure any more.
pub async fn lapse_all_of(tx: &impl ConnectionTrait, departure: DepartureId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(WaitingStatus::Lapsed.name()))
        .filter(Column::DepartureId.eq(departure.uuid()))
        .filter(Column::Status.eq(WaitingStatus::Waiting.name()))
        .exec(tx)
        .await?;
    Ok(())
}

fn entry_of(row: Model) -> Result<WaitingEntry, DbErr> {
    let status = WaitingStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let offer = match (row.hold_id, row.offered_at, row.offer_expires_at) {
        (Some(hold), Some(offered_at), Some(expires_at)) => Some(SeatOffer {
            hold: HoldId::from_uuid(hold),
            offered_at: Timestamp::from_micros(offered_at),
            expires_at: Timestamp::from_micros(expires_at),
        }),
        _ => None,
    };
    Ok(WaitingEntry {
        id: WaitingListEntryId::from_uuid(row.id),
        departure: DepartureId::from_uuid(row.departure_id),
        seats: row.seats,
        name: row.name,
        phone: row.phone,
        email: row.email,
        locale: row.locale.parse::<Locale>().map_err(|()| corrupt("a language"))?,
        status: status.ok_or_else(|| corrupt("who waits"))?,
        created_at: Timestamp::from_micros(row.created_at),
        offer,
    })
}
