//! Which checkouts use which vouchers, and which buyers did.

use std::collections::HashMap;

use kernel::{CheckoutId, Timestamp, UserId, VoucherId};
use platform::bulk;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::voucher;
use super::voucher_entities::voucher_uses::{Column, Entity, Model};
use crate::domain::voucher::Buyer;

/// A checkout uses a voucher.
#[derive(Clone, Debug)]
pub struct Use {
    /// Which checkout.
    pub checkout: CheckoutId,
    /// Which voucher.
    pub voucher: VoucherId,
    /// Who buys.
    pub buyer: Buyer,
}

/// A use as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptUse {
    /// Of which checkout.
    pub checkout: CheckoutId,
    /// Of which voucher.
    pub voucher: VoucherId,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// When it was given back; none: it counts.
    pub given_back_at: Option<Timestamp>,
}

/// What checkouts used, given back or not.
pub async fn of_checkouts(
    db: &impl ConnectionTrait,
    ids: &[CheckoutId],
) -> Result<Vec<KeptUse>, DbErr> {
    let rows = Entity::find()
        .filter(Column::CheckoutId.is_in(ids.iter().map(|id| id.uuid())))
        .order_by_asc(Column::CheckoutId)
        .order_by_asc(Column::VoucherId)
        .all(db)
        .await?;
    let kept = |row: Model| KeptUse {
        checkout: CheckoutId::from_uuid(row.checkout_id),
        voucher: VoucherId::from_uuid(row.voucher_id),
        taken_at: Timestamp::from_micros(row.taken_at),
        given_back_at: row.given_back_at.map(Timestamp::from_micros),
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// Inserts uses.
pub async fn insert(tx: &impl ConnectionTrait, uses: &[Use], at: Timestamp) -> Result<(), DbErr> {
    let rows = uses.iter().map(|one| Model {
        checkout_id: one.checkout.uuid(),
        voucher_id: one.voucher.uuid(),
        buyer_id: one.buyer.user.map(UserId::uuid),
        phone_digest: one.buyer.phone.clone(),
        email_digest: one.buyer.email.clone(),
        taken_at: at.micros(),
        given_back_at: None,
    });
    bulk::insert(tx, rows).await
}

/// Who, of some buyers, uses vouchers: one entry a use.
pub async fn by_buyers(
    db: &impl ConnectionTrait,
    vouchers: impl IntoIterator<Item = VoucherId>,
    buyers: &[Buyer],
) -> Result<Vec<(VoucherId, Buyer)>, DbErr> {
    let users = buyers.iter().filter_map(|buyer| buyer.user.map(UserId::uuid));
    let phones = buyers.iter().filter_map(|buyer| buyer.phone.clone());
    let emails = buyers.iter().filter_map(|buyer| buyer.email.clone());
    let rows = Entity::find()
        .filter(Column::VoucherId.is_in(vouchers.into_iter().map(|id| id.uuid())))
        .filter(Column::GivenBackAt.is_null())
        .filter(
            Condition::any()
                .add(Column::BuyerId.is_in(users))
                .add(Column::PhoneDigest.is_in(phones))
                .add(Column::EmailDigest.is_in(emails)),
        )
        .all(db)
        .await?;
    let use_of = |row: Model| {
        let user = row.buyer_id.map(UserId::from_uuid);
        let buyer = Buyer { user, phone: row.phone_digest, email: row.email_digest };
        (VoucherId::from_uuid(row.voucher_id), buyer)
    };
    Ok(rows.into_iter().map(use_of).collect())
}

/// Locks the vouchers that checkouts use. The checkouts are locked.
pub async fn lock_vouchers(
    tx: &impl ConnectionTrait,
    checkouts: impl IntoIterator<Item = CheckoutId>,
) -> Result<(), DbErr> {
    let taken = taken(tx, used_by(checkouts)).await?;
    voucher::lock(tx, taken).await?;
    Ok(())
}

/// Gives back what checkouts use. They are locked, and each gives back once.
pub async fn give_back(
    tx: &impl ConnectionTrait,
    checkouts: impl IntoIterator<Item = CheckoutId>,
    at: Timestamp,
) -> Result<(), DbErr> {
    let of_them = used_by(checkouts);
    let mut changes: HashMap<VoucherId, i64> = HashMap::new();
    for id in taken(tx, of_them.clone()).await? {
        *changes.entry(id).or_default() -= 1;
    }
    // In the order of their ids, as whoever takes uses does.
    voucher::lock(tx, changes.keys().copied()).await?;
    Entity::update_many()
        .col_expr(Column::GivenBackAt, Expr::value(at.micros()))
        .filter(of_them)
        .exec(tx)
        .await?;
    voucher::add_uses(tx, &changes).await
}

fn used_by(checkouts: impl IntoIterator<Item = CheckoutId>) -> Condition {
    Condition::all()
        .add(Column::CheckoutId.is_in(checkouts.into_iter().map(|id| id.uuid())))
        .add(Column::GivenBackAt.is_null())
}

/// The voucher of each use.
async fn taken(tx: &impl ConnectionTrait, uses: Condition) -> Result<Vec<VoucherId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::VoucherId)
        .filter(uses)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(VoucherId::from_uuid).collect())
}
