//! Requests that change nothing: one thing, a list of things, our balance.

use std::collections::BTreeMap;

use kernel::Timestamp;
use sea_orm::sea_query::{self, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Value, json};

use super::forms::Form;
use super::objects::Event;
use super::objects::Thing;
use super::refusals::{Refusal, Trouble};
use super::tables::head;
use super::tables::objects::{Column, Entity};
use super::{book, showing};

/// Things on one page: unless asked otherwise, and at most.
const PAGE: (i64, i64) = (10, 100);
type Compare = fn(Expr, i64) -> Expr;
/// How lists are bounded by when things were made, in seconds since 1970.
const AGES: [(&str, Compare); 5] = [
    ("created", sea_query::ExprTrait::eq),
    ("created[gt]", sea_query::ExprTrait::gt),
    ("created[gte]", sea_query::ExprTrait::gte),
    ("created[lt]", sea_query::ExprTrait::lt),
    ("created[lte]", sea_query::ExprTrait::lte),
];
/// Fields that one request may expand.
const MAX_EXPANDED: usize = 20;

/// `GET /v1/…/{id}`
pub async fn one(
    db: &impl ConnectionTrait,
    kind: &str,
    id: &str,
    query: &[u8],
) -> Result<Value, Trouble> {
    let mut form = Form::read(query)?;
    let fields = form.list("expand");
    form.finish()?;
    let row = Entity::find_by_id(id).filter(Column::Kind.eq(kind)).one(db).await?;
    let row = row.ok_or_else(|| Refusal::missing(kind, id))?;
    let mut shown = showing::stored(&row.kind, &row.body)?;
    expand(db, &mut shown, &fields).await?;
    Ok(shown)
}

/// `GET /v1/…`: the newest first, a page at a time.
pub async fn list(
    db: &impl ConnectionTrait,
    kind: &str,
    url: &str,
    query: &[u8],
) -> Result<Value, Trouble> {
    let mut form = Form::read(query)?;
    let (usual, most) = PAGE;
    let limit = form.integer("limit")?.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        let message = format!("Invalid limit: must be between 1 and {most}");
        return Err(Refusal::parameter("limit", message).into());
    }
    let mut found = Entity::find().filter(Column::Kind.eq(kind));
    if let Some(intent) = form.take("payment_intent") {
        found = found.filter(Column::Intent.eq(intent));
    }
    if let Some(payout) = form.take("payout") {
        found = found.filter(Column::Payout.eq(payout));
    }
    let created = || Expr::col((Entity, Column::Created));
    for (name, compare) in AGES {
        if let Some(seconds) = form.integer(name)? {
            found = found.filter(compare(created(), seconds));
        }
    }
    if let Some(last) = form.take("starting_after") {
        let last = place(db, kind, "starting_after", &last).await?;
        found = found.filter(Column::Sequence.lt(last));
    }
    let before = form.take("ending_before");
    if let Some(first) = &before {
        let first = place(db, kind, "ending_before", first).await?;
        found = found.filter(Column::Sequence.gt(first));
    }
    let fields = form.list("expand");
    form.finish()?;
    let found = match before {
        None => found.order_by_desc(Column::Sequence),
        Some(_) => found.order_by_asc(Column::Sequence),
    };
    let mut rows = found.limit(limit as u64 + 1).all(db).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    if before.is_some() {
        rows.reverse();
    }
    let fields: Vec<String> =
        fields.iter().filter_map(|field| field.strip_prefix("data.")).map(str::to_owned).collect();
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let mut shown = showing::stored(&row.kind, &row.body)?;
        expand(db, &mut shown, &fields).await?;
        data.push(shown);
    }
    Ok(showing::list(url, data, has_more))
}

/// The place of a thing in the lists of its kind.
async fn place(
    db: &impl ConnectionTrait,
    kind: &str,
    parameter: &str,
    id: &str,
) -> Result<i64, Trouble> {
    let row = Entity::find_by_id(id).filter(Column::Kind.eq(kind)).one(db).await?;
    row.map(|row| row.sequence).ok_or_else(|| {
        let missing = Refusal::missing(kind, id);
        Refusal { parameter: Some(parameter.to_owned()), ..missing }.into()
    })
}

/// `GET /v1/balance`
pub async fn balance(db: &impl ConnectionTrait, now: Timestamp) -> Result<Value, Trouble> {
    let now = now.micros().div_euclid(1_000_000);
    let (mut available, mut pending) = (BTreeMap::new(), BTreeMap::new());
    for transaction in book::unpaid(db).await? {
        let side = if transaction.available_on <= now { &mut available } else { &mut pending };
        *side.entry(transaction.currency.clone()).or_insert(0) += transaction.net();
    }
    Ok(showing::balance(&available, &pending))
}

/// Shows things whole that are only named: `latest_charge`, `payment_intent.latest_charge`.
pub async fn expand(
    db: &impl ConnectionTrait,
    shown: &mut Value,
    fields: &[String],
) -> Result<(), Trouble> {
    for field in fields.iter().take(MAX_EXPANDED) {
        let mut at = &mut *shown;
        for part in field.split('.') {
            let Some(inner) = at.get_mut(part) else {
                let message = format!("This property cannot be expanded ({field}).");
                return Err(Refusal::parameter("expand", message).into());
            };
            if let Some(id) = inner.as_str().map(ToOwned::to_owned)
                && let Some(row) = Entity::find_by_id(id).one(db).await?
            {
                *inner = showing::stored(&row.kind, &row.body)?;
            }
            at = inner;
            if at.is_null() {
                break;
            }
        }
    }
    Ok(())
}

/// Whether time has changed something that is not written yet.
pub async fn any_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    let seconds = now.micros().div_euclid(1_000_000);
    Ok(Entity::find().filter(Column::DueAt.lte(seconds)).limit(1).count(db).await? > 0)
}

/// The day of the latest automatic payout.
pub async fn paid_out_on(db: &impl ConnectionTrait) -> Result<i32, DbErr> {
    let head = head::Entity::find_by_id(1).one(db).await?;
    Ok(head.map_or(0, |head| head.paid_out_on))
}

/// The event of an id as it is sent.
pub async fn event(db: &impl ConnectionTrait, id: &str) -> Result<Option<Value>, Trouble> {
    Ok(book::find::<Event>(db, id).await?.map(|event| event.shown()))
}

/// What the API says of an error that is not the caller's.
pub fn fault() -> Value {
    json!({ "error": { "type": "api_error", "message": "The sandbox could not do it." } })
}
