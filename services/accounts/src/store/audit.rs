//! Rows of the audit log and the head of its chain.

use std::collections::BTreeMap;

use kernel::{AuditEntryId, Page, PageRequest, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Set};

use super::{corrupt, hash_of};
use crate::domain::audit::{AuditEntry, AuditRecord, ChainHead};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: Uuid,
    pub at: i64,
    pub actor_id: Option<Uuid>,
    pub action: String,
    pub subject_id: String,
    pub detail: String,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The one row with the end of the chain.
mod chain {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_chain")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub seq: i64,
        pub hash: Vec<u8>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<Model> for AuditEntry {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.seq,
            id: AuditEntryId::from_uuid(row.id),
            at: Timestamp::from_micros(row.at),
            actor: row.actor_id.map(UserId::from_uuid),
            action: row.action,
            subject_id: row.subject_id,
            detail: row.detail,
            previous_hash: hash_of(&row.previous_hash)?,
            hash: hash_of(&row.hash)?,
        })
    }
}

/// Appends to the log. Who appends holds the end of the chain until the transaction ends, so do it
/// late in a transaction.
pub async fn append(
    tx: &impl ConnectionTrait,
    id: AuditEntryId,
    at: Timestamp,
    record: AuditRecord,
) -> Result<(), DbErr> {
    let head = head_of(chain::Entity::find().lock_exclusive().one(tx).await?)?;
    let entry = AuditEntry::following(head, id, at, record);
    let row = ActiveModel {
        seq: Set(entry.seq),
        id: Set(entry.id.uuid()),
        at: Set(entry.at.micros()),
        actor_id: Set(entry.actor.map(UserId::uuid)),
        action: Set(entry.action.clone()),
        subject_id: Set(entry.subject_id.clone()),
        detail: Set(entry.detail.clone()),
        previous_hash: Set(entry.previous_hash.to_vec()),
        hash: Set(entry.hash.to_vec()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    chain::Entity::update_many()
        .col_expr(chain::Column::Seq, Expr::value(entry.seq))
        .col_expr(chain::Column::Hash, Expr::value(entry.hash.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The end of the chain, as the one row tells it.
pub async fn head(connection: &impl ConnectionTrait) -> Result<ChainHead, DbErr> {
    head_of(chain::Entity::find().one(connection).await?)
}

fn head_of(row: Option<chain::Model>) -> Result<ChainHead, DbErr> {
    let row = row.ok_or_else(|| corrupt("the audit log has lost the end of its chain"))?;
    Ok(ChainHead { seq: row.seq, hash: hash_of(&row.hash)? })
}

/// A page of entries, newest first, and how many there are in all. Entries have no gaps and are
/// never removed, so the number of the last is their count.
pub async fn page(
    connection: &impl ConnectionTrait,
    request: &PageRequest<i64>,
) -> Result<(Page<AuditEntry>, i64), DbErr> {
    let total = head(connection).await?.seq;
    let mut all = Entity::find();
    if let Some(after) = request.after {
        all = all.filter(Column::Seq.lt(after));
    }
    let rows = all.order_by_desc(Column::Seq).limit(request.limit()).all(connection).await?;
    let entries = rows.into_iter().map(AuditEntry::try_from).collect::<Result<_, _>>()?;
    Ok((Page::from_rows(request, entries), total))
}

/// What a person did and what was done to them, newest first, at most so many.
pub async fn about(
    connection: &impl ConnectionTrait,
    person: UserId,
    at_most: u64,
) -> Result<Vec<AuditEntry>, DbErr> {
    // Two questions, for each has an index of its own.
    let newest = Entity::find().order_by_desc(Column::Seq).limit(at_most);
    let done = newest.clone().filter(Column::ActorId.eq(person.uuid())).all(connection).await?;
    let suffered = newest.filter(Column::SubjectId.eq(person.to_string())).all(connection).await?;
    let rows: BTreeMap<i64, Model> =
        done.into_iter().chain(suffered).map(|row| (row.seq, row)).collect();
    let entries = rows.into_values().rev().take(usize::try_from(at_most).unwrap_or(usize::MAX));
    entries.map(AuditEntry::try_from).collect()
}

/// Entries behind a number, oldest first, at most so many.
pub async fn following(
    connection: &impl ConnectionTrait,
    seq: i64,
    at_most: u64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(at_most)
        .all(connection)
        .await?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}
