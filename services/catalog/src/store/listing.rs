//! Lists of products, by keyset.

use kernel::{PageRequest, ProductId, ShopScope, Timestamp, fold};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use time::Date;
use uuid::Uuid;

use super::entities::products::{Column, Entity};
use super::entities::{departures, variants};
use super::product::with_variants;
use crate::domain::calendar::{begin_of, end_of};
use crate::domain::departure::DepartureStatus;
use crate::domain::near::{MAX_RADIUS_METRES, Near};
use crate::domain::product::{Product, ProductKind};

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Cheapest first.
    PriceAscending,
    /// Dearest first.
    PriceDescending,
    /// Best rated first; what nobody rated comes last.
    Rating,
    /// Nearest first, of what the filter has near a point; without one, newest first.
    Nearest,
}

/// What is listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these categories; none: all.
    pub categories: Vec<String>,
    /// Of this shop.
    pub shop: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<ProductKind>,
    /// At least this much, in minor units.
    pub price_min: Option<i64>,
    /// At most this much, in minor units.
    pub price_max: Option<i64>,
    /// From this ward.
    pub ward_code: Option<String>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// At least so many OCOP stars.
    pub ocop_stars_min: u32,
    /// Words that all stand in the title, without diacritics.
    pub words: Vec<String>,
    /// With a seat for sale on this day.
    pub travel_day: Option<Date>,
    /// From a ward around this point.
    pub near: Option<Near>,
    /// Rated so on average at least, in hundredths.
    pub rating_min: u32,
    /// The present: seats are for sale until their cut-off.
    pub now: Timestamp,
}

impl Filter {
    /// The words of a query, as titles are folded.
    pub fn words_of(text: &str) -> Vec<String> {
        fold(text).split_whitespace().take(8).map(ToOwned::to_owned).collect()
    }
}

/// Where a list goes on: after which item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// What it was ordered by: its lowest price in minor units, or its rating in hundredths, or metres
    /// where the list is one of distances.
    pub key: i64,
    /// Its id.
    pub id: ProductId,
}

impl After {
    /// After a product of a list.
    pub fn of(filter: &Filter, sort: Sort, product: &Product) -> Self {
        let price = product.price_range().0.minor;
        let rating = product.rating.hundredths();
        Self { key: key_of(filter, sort, (price, rating), &product.ward_code), id: product.id }
    }
}

fn key_of(filter: &Filter, sort: Sort, (price, rating): (i64, i64), ward_code: &str) -> i64 {
    match (sort, filter.near) {
        (Sort::Rating, _) => rating,
        (Sort::Nearest, Some(near)) => near.metres_to(ward_code).map_or(0, i64::from),
        _ => price,
    }
}

/// A page of visible products.
pub async fn visible(
    db: &impl ConnectionTrait,
    filter: &Filter,
    sort: Sort,
    request: &PageRequest<After>,
) -> Result<Vec<Product>, DbErr> {
    let select = sorted(filter, sort).limit(request.limit());
    let select = match request.after {
        Some(after) => select.filter(behind(filter, sort, after)),
        None => select,
    };
    let rows = select.all(db).await?;
    with_variants(db, rows).await
}

/// The key of the product at a place of a list, counted from 1.
pub async fn key_at(
    db: &impl ConnectionTrait,
    filter: &Filter,
    sort: Sort,
    place: u64,
) -> Result<Option<After>, DbErr> {
    let before = place.saturating_sub(1);
    let row = sorted(filter, sort).offset(before).limit(1).one(db).await?;
    Ok(row.map(|row| After {
        key: key_of(filter, sort, (row.price_min, row.rating), &row.ward_code),
        id: ProductId::from_uuid(row.id),
    }))
}

fn sorted(filter: &Filter, sort: Sort) -> Select<Entity> {
    let select = filtered(filter);
    match (sort, filter.near) {
        (Sort::PriceAscending, _) => select.order_by_asc(Column::PriceMin).order_by_asc(Column::Id),
        (Sort::PriceDescending, _) => {
            select.order_by_desc(Column::PriceMin).order_by_desc(Column::Id)
        }
        (Sort::Nearest, Some(near)) => select.order_by_asc(metres(near)).order_by_desc(Column::Id),
        (Sort::Rating, _) => select.order_by_desc(Column::Rating).order_by_desc(Column::Id),
        (Sort::Newest | Sort::Nearest, _) => select.order_by_desc(Column::Id),
    }
}

/// Metres to a product that is near; wards are few and their centres are known here.
fn metres(near: Near) -> Expr {
    let far = Expr::value(i64::from(MAX_RADIUS_METRES));
    // Where no ward is near, there is still a case: without any it would be no expression.
    let mut metres = CaseStatement::new().case(Column::WardCode.eq(""), far.clone());
    for (ward, distance) in near.wards() {
        metres = metres.case(Column::WardCode.eq(ward), Expr::value(i64::from(distance)));
    }
    metres.finally(far).into()
}

/// A page of all of a shop's products, newest first.
pub async fn of_shop(
    db: &impl ConnectionTrait,
    scope: ShopScope,
    request: &PageRequest<After>,
) -> Result<Vec<Product>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::ShopId.eq(scope.shop().uuid()))
        .order_by(Column::Id, Order::Desc)
        .limit(request.limit());
    if let Some(after) = request.after {
        select = select.filter(Column::Id.lt(after.id.uuid()));
    }
    let rows = select.all(db).await?;
    with_variants(db, rows).await
}

fn behind(filter: &Filter, sort: Sort, after: After) -> Condition {
    let id = after.id.uuid();
    match (sort, filter.near) {
        (Sort::PriceAscending, _) => Condition::any()
            .add(Column::PriceMin.gt(after.key))
            .add(Condition::all().add(Column::PriceMin.eq(after.key)).add(Column::Id.gt(id))),
        (Sort::PriceDescending, _) => Condition::any()
            .add(Column::PriceMin.lt(after.key))
            .add(Condition::all().add(Column::PriceMin.eq(after.key)).add(Column::Id.lt(id))),
        (Sort::Nearest, Some(near)) => Condition::any()
            .add(metres(near).gt(after.key))
            .add(Condition::all().add(metres(near).eq(after.key)).add(Column::Id.lt(id))),
        (Sort::Rating, _) => Condition::any()
            .add(Column::Rating.lt(after.key))
            .add(Condition::all().add(Column::Rating.eq(after.key)).add(Column::Id.lt(id))),
        (Sort::Newest | Sort::Nearest, _) => Condition::all().add(Column::Id.lt(id)),
    }
}

/// Departures of the product that is looked at with a seat for sale; on one day, or on any.
fn seats_for_sale(now: Timestamp, day: Option<Date>) -> SelectStatement {
    let column = |column| Expr::col((departures::Entity, column));
    let taken = column(departures::Column::Held).add(column(departures::Column::Sold));
    let mut select = Query::select()
        .expr(Expr::value(1))
        .from(departures::Entity)
        .and_where(column(departures::Column::ProductId).equals((Entity, Column::Id)))
        .and_where(column(departures::Column::Status).eq(DepartureStatus::Open.name()))
        .and_where(column(departures::Column::ClosesAt).gt(now.micros()))
        .and_where(taken.lt(column(departures::Column::Capacity)))
        .to_owned();
    if let Some(day) = day {
        let starts_at = || column(departures::Column::StartsAt);
        select.and_where(starts_at().gte(begin_of(day).micros()));
        select.and_where(starts_at().lt(end_of(day).micros()));
    }
    select
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut all = Condition::all().add(Column::Visible.eq(true));
    if !filter.categories.is_empty() {
        all = all.add(Column::CategorySlug.is_in(filter.categories.iter().cloned()));
    }
    if let Some(shop) = filter.shop {
        all = all.add(Column::ShopId.eq(shop));
    }
    if let Some(kind) = filter.kind {
        all = all.add(Column::Kind.eq(kind.name()));
    }
    if let Some(least) = filter.price_min {
        all = all.add(Column::PriceMax.gte(least));
    }
    if let Some(most) = filter.price_max {
        all = all.add(Column::PriceMin.lte(most));
    }
    if let Some(ward) = &filter.ward_code {
        all = all.add(Column::WardCode.eq(ward.as_str()));
    }
    if let Some(near) = filter.near {
        let wards = near.wards().into_iter().map(|(code, _)| code);
        all = all.add(Column::WardCode.is_in(wards));
    }
    if filter.rating_min > 0 {
        all = all.add(Column::Rating.gte(i64::from(filter.rating_min)));
    }
    if filter.ocop_stars_min > 0 {
        all = all.add(Column::OcopStars.gte(i64::from(filter.ocop_stars_min)));
    }
    for word in &filter.words {
        let pattern = word.replace(['%', '_', '\\'], "");
        all = all.add(Column::Folded.like(format!("%{pattern}%")));
    }
    if filter.in_stock {
        // Of a tour only seats on departures are sold, whatever its variants say.
        let stocked = Query::select()
            .expr(Expr::value(1))
            .from(variants::Entity)
            .and_where(
                Expr::col((variants::Entity, variants::Column::ProductId))
                    .equals((Entity, Column::Id)),
            )
            .and_where(
                Expr::col((variants::Entity, variants::Column::OnHand))
                    .gt(Expr::col((variants::Entity, variants::Column::Held))),
            )
            .to_owned();
        let goods = Condition::all()
            .add(Column::Kind.eq(ProductKind::Goods.name()))
            .add(Expr::exists(stocked));
        let seats = seats_for_sale(filter.now, None);
        all = all.add(Condition::any().add(goods).add(Expr::exists(seats)));
    }
    if let Some(day) = filter.travel_day {
        all = all.add(Expr::exists(seats_for_sale(filter.now, Some(day))));
    }
    Entity::find().filter(all)
}
