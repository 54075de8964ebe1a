//! Payouts to shops.

use kernel::{PageRequest, PayoutFileId, PayoutId, ShopId, ShopScope, Timestamp, UserId};
use platform::bulk;
use platform::paging::newest_first;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::payment::money_of;
use super::settlement_entities::payouts::{Column, Entity, Model};
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{Payout, PayoutMaker, PayoutPlan, PayoutStatus};
use crate::domain::transfer_code::TransferCode;

/// A payout as it is kept. Its plan names no lines: they name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPayout {
    /// Its id.
    pub id: PayoutId,
    /// The payout.
    pub payout: Payout,
    /// Where the money goes.
    pub payee: PayeeAccount,
    /// The file that it was sent with.
    pub file: Option<PayoutFileId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Inserts payouts.
pub async fn insert(tx: &impl ConnectionTrait, payouts: &[KeptPayout]) -> Result<(), DbErr> {
    bulk::insert(tx, payouts.iter().map(row_of)).await
}

/// One payout, locked.
pub async fn lock(tx: &impl ConnectionTrait, id: PayoutId) -> Result<Option<KeptPayout>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(payout_of).transpose()
}

/// The payouts with some references, locked.
pub async fn lock_by_references(
    tx: &impl ConnectionTrait,
    references: &[TransferCode],
) -> Result<Vec<KeptPayout>, DbErr> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::Reference.is_in(references.iter().map(ToString::to_string)))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(payout_of).collect()
}

/// One payout.
pub async fn by_id(db: &impl ConnectionTrait, id: PayoutId) -> Result<Option<KeptPayout>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(payout_of).transpose()
}

/// The payouts in one status, the oldest first, locked.
pub async fn lock_in_status(
    tx: &impl ConnectionTrait,
    status: PayoutStatus,
    limit: u64,
) -> Result<Vec<KeptPayout>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq(status.name()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(payout_of).collect()
}

/// The payouts of a file.
pub async fn of_file(
    db: &impl ConnectionTrait,
    file: PayoutFileId,
) -> Result<Vec<KeptPayout>, DbErr> {
    let found = Entity::find().filter(Column::FileId.eq(file.uuid())).order_by_asc(Column::Id);
    found.all(db).await?.into_iter().map(payout_of).collect()
}

/// Writes where a payout stands now.
pub async fn update(tx: &impl ConnectionTrait, kept: &KeptPayout) -> Result<(), DbErr> {
    let payout = &kept.payout;
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(payout.status.name()))
        .col_expr(Column::ApprovedBy, Expr::value(payout.approved_by.map(UserId::uuid)))
        .col_expr(Column::FileId, Expr::value(kept.file.map(PayoutFileId::uuid)))
        .col_expr(Column::ChangedAt, Expr::value(payout.changed_at.micros()))
        .filter(Column::Id.eq(kept.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// A page of payouts, newest first: of one shop, or of all.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: Option<ShopScope>,
    status: Option<PayoutStatus>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptPayout>, DbErr> {
    let mut select = Entity::find();
    if let Some(shop) = shop {
        select = select.filter(Column::ShopId.eq(shop.shop().uuid()));
    }
    if let Some(status) = status {
        select = select.filter(Column::Status.eq(status.name()));
    }
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(payout_of).collect()
}

fn row_of(kept: &KeptPayout) -> Model {
    let Payout { plan, made_by, approved_by, status, changed_at } = &kept.payout;
    Model {
        id: kept.id.uuid(),
        reference: plan.reference.to_string(),
        shop_id: plan.shop.uuid(),
        amount_minor: plan.amount.minor,
        currency: plan.amount.currency.code().to_owned(),
        bank_bin: kept.payee.bank_bin().to_owned(),
        account_number: kept.payee.number().to_owned(),
        account_holder: kept.payee.holder().to_owned(),
        status: status.name().to_owned(),
        made_by: match made_by {
            PayoutMaker::Person(person) => Some(person.uuid()),
            PayoutMaker::DailyRun => None,
        },
        approved_by: approved_by.map(UserId::uuid),
        file_id: kept.file.map(PayoutFileId::uuid),
        created_at: kept.created_at.micros(),
        changed_at: changed_at.micros(),
    }
}

fn payout_of(row: Model) -> Result<KeptPayout, DbErr> {
    let status = PayoutStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let payee = PayeeAccount::new(&row.bank_bin, &row.account_number, &row.account_holder);
    let plan = PayoutPlan {
        shop: ShopId::from_uuid(row.shop_id),
        amount: money_of(row.amount_minor, &row.currency)?,
        entries: Vec::new(),
        reference: row.reference.parse().map_err(|_| corrupt("a payout's reference"))?,
    };
    let made_by = row
        .made_by
        .map_or(PayoutMaker::DailyRun, |person| PayoutMaker::Person(UserId::from_uuid(person)));
    Ok(KeptPayout {
        id: PayoutId::from_uuid(row.id),
        payout: Payout {
            plan,
            made_by,
            approved_by: row.approved_by.map(UserId::from_uuid),
            status: status.ok_or_else(|| corrupt("a payout's status"))?,
            changed_at: Timestamp::from_micros(row.changed_at),
        },
        payee: payee.map_err(|_| corrupt("an account"))?,
        file: row.file_id.map(PayoutFileId::from_uuid),
        created_at: Timestamp::from_micros(row.created_at),
    })
}
