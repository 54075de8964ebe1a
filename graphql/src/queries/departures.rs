//! `departures` and `departure`

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, OutputType};
use proto::common::{PageInfo, PageRequest};
use proto::tours::{Departure as ProtoDeparture, ListDeparturesRequest};

use super::product::visible_product;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;
use crate::types::Departure;

#[derive(Default)]
pub struct DeparturesQuery;

#[Object]
impl DeparturesQuery {
    /// Departures of a tour that everybody may see, in order: what is left of each kind of ticket.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn departures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tour's product.")] product_id: ID,
        #[graphql(desc = "The first day of Vietnam's calendar: `2026-12-01`.")] from: String,
        #[graphql(desc = "The last day; at most 100 days.")] to: String,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Departure>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let found = list_departures(scope, product_id.0, None, from, to).await?;
        Ok(departures_page(&page, found, |one| Departure::of(one, scope.locale)))
    }

    /// A departure of a tour that everybody may see.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn departure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Departure>, Error> {
        let scope = Scope::of(ctx);
        if id.parse::<kernel::DepartureId>().is_err() {
            return Ok(None);
        }
        let found = scope.loaders.departures.get(&id).await;
        let Some(departure) = found.map_err(|status| scope.failed(&status))? else {
            return Ok(None);
        };
        let visible = visible_product(scope, &departure.product_id).await?.is_some();
        Ok(visible.then(|| Departure::of(departure, scope.locale)))
    }
}

/// Departures of a tour between two days; hidden ones too for the shop that is named.
pub async fn list_departures(
    scope: &Scope,
    product_id: String,
    shop_id: Option<String>,
    from_day: String,
    to_day: String,
) -> Result<Vec<ProtoDeparture>, Error> {
    let hidden_too = shop_id.is_some();
    let shop_id = shop_id.unwrap_or_default();
    let request = ListDeparturesRequest { product_id, from_day, to_day, hidden_too, shop_id };
    // An unknown tour has no departures, like one that everybody may not see.
    let found = scope.found_or_refused(scope.catalog.clone().list_departures(request).await)?;
    Ok(found.map(|found| found.departures).unwrap_or_default())
}

/// A page of departures that catalog gave as a whole: the days that were asked for bound them.
pub fn departures_page<T: OutputType>(
    page: &PageRequest,
    departures: Vec<ProtoDeparture>,
    of: impl Fn(Arc<ProtoDeparture>) -> T,
) -> Connection<T> {
    let total = i64::try_from(departures.len()).unwrap_or(i64::MAX);
    // The cursor is the id. One that is not there any more is behind everything.
    let begin = if page.after.is_empty() {
        0
    } else {
        departures
            .iter()
            .position(|departure| departure.id == page.after)
            .map_or(departures.len(), |index| index + 1)
    };
    let count = page.first as usize;
    let has_next = departures.len() > begin.saturating_add(count);
    let shown: Vec<_> = departures.into_iter().skip(begin).take(count).collect();
    let cursors = shown.iter().map(|departure| departure.id.clone()).collect();
    let place = PageInfo { has_next, cursors, total };
    Connection::new(page, Some(place), shown.into_iter().map(Arc::new).map(of))
}
