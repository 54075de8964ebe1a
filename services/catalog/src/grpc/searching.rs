//! Searches, and what lists are narrowed to. It decides nothing.

use kernel::ShopId;
use proto::common::{PageInfo, RefusalCode};
use proto::{Refused, catalog as contract, parse_id};
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::refusals::fault;
use crate::requests::{
    kind_of, near, search_cursor, search_cursor_text, search_filter, travel_day,
};
use crate::search::SearchQuery;
use crate::store;
use crate::store::category::with_descendants;
use crate::store::listing::Filter;
use crate::usecases::search_products::search_products;

impl Grpc {
    pub(super) async fn searched(
        &self,
        request: contract::SearchRequest,
    ) -> Answer<contract::SearchResults> {
        let asked = request.page.clone().unwrap_or_default();
        let after = search_cursor(&asked.after)?;
        let wanted = request.filter.clone().unwrap_or_default();
        let query = SearchQuery {
            text: request.query.chars().take(200).collect(),
            filter: search_filter(&wanted)?,
            sort: request.sort(),
            offset: 0,
            first: if asked.first == 0 { 20 } else { asked.first.min(100) },
        };
        let filter = self.filter_of(wanted).await?;
        if query.sort == contract::ProductSort::Distance && filter.near.is_none() {
            return Err(Refused::new(RefusalCode::Required).at(&["filter", "near"]).into());
        }
        let found = search_products(&self.0, query, filter, after).await.map_err(fault)?;
        let cursors = found.hits.iter().map(|hit| search_cursor_text(hit.cursor)).collect();
        let total = found.total.map_or(-1, |total| total as i64);
        let facets = found.facets.into_iter().map(|facet| contract::Facet {
            name: facet.name,
            values: facet
                .values
                .into_iter()
                .map(|(value, count)| contract::FacetValue { value, count })
                .collect(),
        });
        let hits = found.hits.into_iter().map(|hit| contract::SearchHit {
            product_id: hit.product.to_string(),
            highlight: hit.highlight,
        });
        Ok(Response::new(contract::SearchResults {
            hits: hits.collect(),
            page: Some(PageInfo { has_next: found.has_next, cursors, total }),
            facets: facets.collect(),
        }))
    }

    /// What a list is narrowed to, in the words of the store.
    pub(super) async fn filter_of(
        &self,
        filter: contract::ProductFilter,
    ) -> Result<Filter, Status> {
        let categories = if filter.category_slug.is_empty() {
            Vec::new()
        } else {
            let all = store::category::all(self.reader()).await.map_err(fault)?;
            with_descendants(&all, &filter.category_slug)
        };
        let shop = (!filter.shop_id.is_empty())
            .then(|| parse_id::<ShopId>(&filter.shop_id))
            .transpose()?;
        Ok(Filter {
            categories,
            shop: shop.map(ShopId::uuid),
            kind: kind_of(filter.kind()),
            price_min: filter.price_min.as_ref().map(|price| price.minor),
            price_max: filter.price_max.as_ref().map(|price| price.minor),
            ward_code: Some(filter.ward_code).filter(|code| !code.is_empty()),
            in_stock: filter.in_stock,
            ocop_stars_min: filter.ocop_stars_min,
            words: Vec::new(),
            travel_day: travel_day(&filter.travel_day)?,
            rating_min: filter.rating_min,
            near: near(filter.near.as_ref())?,
            now: self.0.0.clock.now(),
        })
    }
}
