//! Which holds are sold, as orders must know them: for `chonoi doctor`, which compares what each service
//! says of itself.

use kernel::HoldId;
use platform::bulk::is_any;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entities::holds::{Column, Entity, Model};
use crate::domain::hold::HoldStatus;

/// A hold, as orders must know it.
#[derive(Clone, Debug)]
pub struct HoldStanding {
    /// Its id.
    pub id: HoldId,
    /// What orders calls it.
    pub reference: String,
    /// Whether what it held is sold.
    pub sold: bool,
}

/// The next holds behind one whose goods and seats are sold, in the order of their ids.
pub async fn sold_after(
    db: &impl ConnectionTrait,
    after: Option<HoldId>,
    limit: u64,
) -> Result<Vec<HoldStanding>, DbErr> {
    let sold = Column::Status.eq(HoldStatus::Committed.name());
    let mut select = Entity::find().filter(sold).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    Ok(select.all(db).await?.into_iter().map(standing_of).collect())
}

/// Holds by their references, in no order.
pub async fn holds_by_references(
    db: &impl ConnectionTrait,
    references: Vec<String>,
) -> Result<Vec<HoldStanding>, DbErr> {
    let named = is_any(db, Column::Reference, references);
    Ok(Entity::find().filter(named).all(db).await?.into_iter().map(standing_of).collect())
}

fn standing_of(row: Model) -> HoldStanding {
    HoldStanding {
        id: HoldId::from_uuid(row.id),
        sold: row.status == HoldStatus::Committed.name(),
        reference: row.reference,
    }
}
