//! Rows of shops and of who may act for them.

use kernel::{LocalizedText, Page, PageRequest, ShopId, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, QueryOrder, QuerySelect, Set, TryInsertResult};

use super::{from_word, users};
use crate::domain::bank_account::BankAccount;
use crate::domain::membership::{ShopRole, Standing};
use crate::domain::phone::Phone;
use crate::domain::shop::{NextAccount, Shop, ShopKind, ShopStatus};
use crate::domain::tax_code::TaxCode;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shops")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub status: String,
    pub tax_code: Option<String>,
    pub ward_code: String,
    pub address: String,
    pub phone: String,
    pub bank_bin: String,
    pub bank_number: String,
    pub bank_holder: String,
    pub next_bank_bin: Option<String>,
    pub next_bank_number: Option<String>,
    pub next_bank_holder: Option<String>,
    pub next_bank_from: Option<i64>,
    pub about_vi: String,
    pub about_en: String,
    pub status_reason: String,
    pub created_at: i64,
    pub approved_at: Option<i64>,
    pub owner_id: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who may act for a shop.
pub mod member {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        pub role: String,
        pub created_at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<Model> for Shop {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        let next = (row.next_bank_bin, row.next_bank_number, row.next_bank_holder);
        let next_account = match (next, row.next_bank_from) {
            ((Some(bin), Some(number), Some(holder)), Some(from)) => Some(NextAccount {
                account: BankAccount { bin, number, holder },
                counts_from: Timestamp::from_micros(from),
            }),
            _ => None,
        };
        Ok(Self {
            id: ShopId::from_uuid(row.id),
            slug: row.slug,
            name: row.name,
            kind: from_word("shops.kind", ShopKind::ALL, ShopKind::word, &row.kind)?,
            status: from_word("shops.status", ShopStatus::ALL, ShopStatus::word, &row.status)?,
            tax_code: row.tax_code.map(TaxCode::stored),
            ward_code: row.ward_code,
            address: row.address,
            phone: Phone::stored(row.phone),
            bank_account: BankAccount {
                bin: row.bank_bin,
                number: row.bank_number,
                holder: row.bank_holder,
            },
            next_account,
            about: LocalizedText { vi: row.about_vi, en: row.about_en },
            status_reason: row.status_reason,
            created_at: Timestamp::from_micros(row.created_at),
            approved_at: row.approved_at.map(Timestamp::from_micros),
            owner_id: UserId::from_uuid(row.owner_id),
        })
    }
}

fn row_of(shop: Shop) -> ActiveModel {
    let (next, next_from) = match shop.next_account {
        Some(NextAccount { account, counts_from }) => (Some(account), Some(counts_from.micros())),
        None => (None, None),
    };
    let next_bin = next.as_ref().map(|account| account.bin.clone());
    let next_number = next.as_ref().map(|account| account.number.clone());
    ActiveModel {
        id: Set(shop.id.uuid()),
        slug: Set(shop.slug),
        name: Set(shop.name),
        kind: Set(shop.kind.word().to_owned()),
        status: Set(shop.status.word().to_owned()),
        tax_code: Set(shop.tax_code.map(|code| code.as_str().to_owned())),
        ward_code: Set(shop.ward_code),
        address: Set(shop.address),
        phone: Set(shop.phone.as_str().to_owned()),
        bank_bin: Set(shop.bank_account.bin),
        bank_number: Set(shop.bank_account.number),
        bank_holder: Set(shop.bank_account.holder),
        next_bank_bin: Set(next_bin),
        next_bank_number: Set(next_number),
        next_bank_holder: Set(next.map(|account| account.holder)),
        next_bank_from: Set(next_from),
        about_vi: Set(shop.about.vi),
        about_en: Set(shop.about.en),
        status_reason: Set(shop.status_reason),
        created_at: Set(shop.created_at.micros()),
        approved_at: Set(shop.approved_at.map(Timestamp::micros)),
        owner_id: Set(shop.owner_id.uuid()),
    }
}

/// Adds a shop and its owner's membership. `false`, and nothing is added, when another shop has the
/// slug.
pub async fn insert(tx: &impl ConnectionTrait, shop: &Shop) -> Result<bool, DbErr> {
    let inserted = Entity::insert(row_of(shop.clone())).on_conflict_do_nothing_on([Column::Slug]);
    if !matches!(inserted.exec_without_returning(tx).await?, TryInsertResult::Inserted(1)) {
        return Ok(false);
    }
    let owner = member::ActiveModel {
        user_id: Set(shop.owner_id.uuid()),
        shop_id: Set(shop.id.uuid()),
        role: Set(ShopRole::Owner.word().to_owned()),
        created_at: Set(shop.created_at.micros()),
    };
    member::Entity::insert(owner).exec_without_returning(tx).await?;
    Ok(true)
}

/// Takes back the payout accounts of somebody's shops that wait; those that count stay.
pub async fn take_back_waiting_accounts(
    tx: &impl ConnectionTrait,
    owner: UserId,
    now: Timestamp,
) -> Result<(), DbErr> {
    let no_text = || Expr::value(Option::<String>::None);
    Entity::update_many()
        .col_expr(Column::NextBankBin, no_text())
        .col_expr(Column::NextBankNumber, no_text())
        .col_expr(Column::NextBankHolder, no_text())
        .col_expr(Column::NextBankFrom, Expr::value(Option::<i64>::None))
        .filter(Column::OwnerId.eq(owner.uuid()))
        .filter(Column::NextBankFrom.gt(now.micros()))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many shops somebody has opened.
pub async fn count_of_owner(tx: &impl ConnectionTrait, owner: UserId) -> Result<u64, DbErr> {
    Entity::find().filter(Column::OwnerId.eq(owner.uuid())).count(tx).await
}

/// A shop, locked until the end of the transaction.
pub async fn lock(tx: &impl ConnectionTrait, id: ShopId) -> Result<Option<Shop>, DbErr> {
    let row = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    row.map(Shop::try_from).transpose()
}

/// Writes what a change of status changes.
pub async fn update_status(tx: &impl ConnectionTrait, shop: &Shop) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(shop.status.word()))
        .col_expr(Column::StatusReason, Expr::value(shop.status_reason.as_str()))
        .col_expr(Column::ApprovedAt, Expr::value(shop.approved_at.map(Timestamp::micros)))
        .filter(Column::Id.eq(shop.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes a shop that is locked.
pub async fn update(tx: &impl ConnectionTrait, shop: &Shop) -> Result<(), DbErr> {
    let mut row = row_of(shop.clone());
    row.id = ActiveValue::Unchanged(shop.id.uuid());
    Entity::update(row).exec(tx).await?;
    Ok(())
}

/// What somebody is to a shop.
pub async fn standing(
    tx: &impl ConnectionTrait,
    actor: UserId,
    shop: ShopId,
) -> Result<Standing, DbErr> {
    let operator = users::is_operator(tx, actor).await?;
    let row = member::Entity::find_by_id((actor.uuid(), shop.uuid())).one(tx).await?;
    let role = row
        .map(|row| from_word("memberships.role", ShopRole::ALL, ShopRole::word, &row.role))
        .transpose()?;
    Ok(Standing { actor, operator, role })
}

/// The shops with these ids, in no order; unknown ids are left out.
pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[ShopId]) -> Result<Vec<Shop>, DbErr> {
    let ids = ids.iter().map(|id| id.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(connection).await?;
    rows.into_iter().map(Shop::try_from).collect()
}

/// The shop with a slug.
pub async fn by_slug(connection: &impl ConnectionTrait, slug: &str) -> Result<Option<Shop>, DbErr> {
    let row = Entity::find().filter(Column::Slug.eq(slug)).one(connection).await?;
    row.map(Shop::try_from).transpose()
}

/// A page of shops, newest first, and how many there are in all.
pub async fn page(
    connection: &impl ConnectionTrait,
    status: Option<ShopStatus>,
    request: &PageRequest<ShopId>,
) -> Result<(Page<Shop>, u64), DbErr> {
    let mut all = Entity::find();
    if let Some(status) = status {
        all = all.filter(Column::Status.eq(status.word()));
    }
    let total = all.clone().count(connection).await?;
    if let Some(after) = request.after {
        all = all.filter(Column::Id.lt(after.uuid()));
    }
    let rows = all.order_by_desc(Column::Id).limit(request.limit()).all(connection).await?;
    let shops = rows.into_iter().map(Shop::try_from).collect::<Result<_, _>>()?;
    Ok((Page::from_rows(request, shops), total))
}

/// Shops that do not have exactly one owner among their members, the one they name: there should
/// be none. At most so many.
pub async fn without_their_owner(
    connection: &impl ConnectionTrait,
    at_most: u64,
) -> Result<Vec<ShopId>, DbErr> {
    use sea_orm::sea_query::{ExprTrait, Query};
    let owners = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(member::Entity)
        .and_where(member::Column::ShopId.into_expr().equals((Entity, Column::Id)))
        .and_where(member::Column::Role.eq(ShopRole::Owner.word()))
        .to_owned();
    let named = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(member::Entity)
        .and_where(member::Column::ShopId.into_expr().equals((Entity, Column::Id)))
        .and_where(member::Column::UserId.into_expr().equals((Entity, Column::OwnerId)))
        .and_where(member::Column::Role.eq(ShopRole::Owner.word()))
        .to_owned();
    let one = |count| ExprTrait::ne(Expr::SubQuery(None, Box::new(count)), 1_i64);
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(one(owners.into()).or(one(named.into())))
        .order_by_asc(Column::Id)
        .limit(at_most)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(ShopId::from_uuid).collect())
}
