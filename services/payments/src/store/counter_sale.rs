//! Sales at counters, beside their payments.

use std::collections::HashMap;

use kernel::{PageRequest, PaymentId, ShopId, ShopScope, UserId};
use platform::paging::newest_first;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::entities::counter_sales::{Column, Entity, Model};
use super::payment::{self, Inserted};
use crate::domain::counter_sale::CounterSale;
use crate::domain::payment::Payment;

/// A sale at a counter with its payment.
pub type CounterPayment = (CounterSale, Payment);

/// Inserts a sale and its payment, unless the key or the code is taken.
pub async fn insert(
    tx: &impl ConnectionTrait,
    sale: &CounterSale,
    payment: &Payment,
) -> Result<Inserted, DbErr> {
    if payment::insert(tx, payment).await? == Inserted::Taken {
        return Ok(Inserted::Taken);
    }
    let row = Model {
        payment_id: payment.id.uuid(),
        shop_id: sale.shop.uuid(),
        note: sale.note.clone(),
        asked_by: sale.asked_by.uuid(),
        idempotency_key: sale.idempotency_key.clone(),
    };
    let written = Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(if written == 0 { Inserted::Taken } else { Inserted::New })
}

/// What a shop asked for under a key.
pub async fn by_key(
    db: &impl ConnectionTrait,
    shop: ShopId,
    key: &str,
) -> Result<Option<CounterPayment>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ShopId.eq(shop.uuid()))
        .filter(Column::IdempotencyKey.eq(key))
        .all(db)
        .await?;
    Ok(with_payments(db, rows).await?.pop())
}

/// One, of a shop or of any.
pub async fn by_payment(
    db: &impl ConnectionTrait,
    scope: Option<ShopScope>,
    id: PaymentId,
) -> Result<Option<CounterPayment>, DbErr> {
    let mut select = Entity::find_by_id(id.uuid());
    if let Some(scope) = scope {
        select = select.filter(Column::ShopId.eq(scope.shop().uuid()));
    }
    let rows = select.all(db).await?;
    Ok(with_payments(db, rows).await?.pop())
}

/// A page of what a shop asked for, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    request: &PageRequest<Uuid>,
) -> Result<Vec<CounterPayment>, DbErr> {
    let select = Entity::find().filter(Column::ShopId.eq(scope.shop().uuid()));
    let rows = newest_first(select, Column::PaymentId, request).all(db).await?;
    with_payments(db, rows).await
}

/// Rows with their payments, in the order of the rows.
async fn with_payments(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<CounterPayment>, DbErr> {
    let ids: Vec<PaymentId> = rows.iter().map(|row| PaymentId::from_uuid(row.payment_id)).collect();
    let found = payment::by_ids(db, &ids).await?;
    let mut payments: HashMap<Uuid, Payment> =
        found.into_iter().map(|payment| (payment.id.uuid(), payment)).collect();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let payment = payments.remove(&row.payment_id)?;
            let sale = CounterSale {
                shop: ShopId::from_uuid(row.shop_id),
                note: row.note,
                asked_by: UserId::from_uuid(row.asked_by),
                idempotency_key: row.idempotency_key,
            };
            Some((sale, payment))
        })
        .collect())
}
