//! What the door reads of the services: always many at once, never one by one.

use std::collections::{BTreeSet, HashMap};

use kernel::{DepartureId, ProductId};
use proto::accounts::{GetShopsRequest, Shop};
use proto::catalog::{
    GetProductsRequest, ListProductsRequest, Product, ProductFilter, ProductKind,
};
use proto::common::PageRequest;
use proto::tours::{
    Departure, GetDeparturesRequest, GetToursRequest, ListDeparturesRequest, Tour, TourOption,
};
use time::Date;
use tonic::Code;

use crate::door::Inner;
use crate::failure::Failure;
use crate::local_time::day_text;

/// Things asked of a service in one call.
const PAGE: u32 = 100;
/// Pages of a shop's tours that are read: 500 tours.
const MAX_PAGES: usize = 5;

/// A tour, and the product that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Title, texts, picture.
    pub product: Product,
    /// Options, itinerary, policy.
    pub tour: Tour,
}

impl Listing {
    /// One way to make the tour.
    pub fn option(&self, code: &str) -> Result<&TourOption, Failure> {
        let found = self.tour.options.iter().find(|option| option.code == code);
        found.ok_or_else(|| Failure::InvalidOptionId(code.to_owned()))
    }
}

impl Inner {
    /// A shop.
    pub async fn shop(&self, id: &str) -> Result<Shop, Failure> {
        let request = GetShopsRequest { ids: vec![id.to_owned()] };
        let shops =
            self.accounts.clone().get_shops(request).await.map_err(|s| Failure::fault(&s))?;
        // The shop of a reseller may be gone, and then nothing of it is offered.
        shops.into_inner().shops.into_iter().next().ok_or(Failure::Forbidden)
    }

    /// The tours that a shop offers: two calls a hundred.
    pub async fn listings_of_shop(&self, shop_id: &str) -> Result<Vec<Listing>, Failure> {
        let (mut listings, mut after) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let filter = ProductFilter {
                shop_id: shop_id.to_owned(),
                kind: ProductKind::Tour.into(),
                ..ProductFilter::default()
            };
            let page = PageRequest { first: PAGE, after };
            let request = ListProductsRequest { filter: Some(filter), page: Some(page), sort: 0 };
            let answer = self.catalog.clone().list_products(request).await;
            let answer = answer.map_err(|status| Failure::fault(&status))?.into_inner();
            listings.extend(self.with_tours(answer.products, false).await?);
            let page = answer.page.unwrap_or_default();
            match page.cursors.into_iter().next_back() {
                Some(last) if page.has_next => after = last,
                _ => break,
            }
        }
        Ok(listings)
    }

    /// A tour of a shop that is offered now.
    pub async fn listing(&self, shop_id: &str, product_id: &str) -> Result<Listing, Failure> {
        let found = self.listings(shop_id, [product_id.to_owned()].into(), false).await?;
        let found = found.into_values().next();
        found.ok_or_else(|| Failure::InvalidProductId(product_id.to_owned()))
    }

    /// Tours of a shop by their ids, those that are not offered any more too if wanted: they may
    /// have been booked before.
    pub async fn listings(
        &self,
        shop_id: &str,
        ids: BTreeSet<String>,
        hidden_too: bool,
    ) -> Result<HashMap<String, Listing>, Failure> {
        let ids: Vec<String> =
            ids.into_iter().filter(|id| id.parse::<ProductId>().is_ok()).collect();
        let mut listings = HashMap::new();
        for ids in ids.chunks(PAGE as usize) {
            let request = GetProductsRequest { ids: ids.to_vec(), hidden_too };
            let answer = self.catalog.clone().get_products(request).await;
            let products = answer.map_err(|status| Failure::fault(&status))?.into_inner().products;
            let of_shop = |product: &Product| {
                product.shop_id == shop_id && product.kind() == ProductKind::Tour
            };
            let products: Vec<_> = products.into_iter().filter(of_shop).collect();
            let found = self.with_tours(products, hidden_too).await?;
            listings.extend(found.into_iter().map(|one| (one.product.id.clone(), one)));
        }
        Ok(listings)
    }

    async fn with_tours(
        &self,
        products: Vec<Product>,
        hidden_too: bool,
    ) -> Result<Vec<Listing>, Failure> {
        if products.is_empty() {
            return Ok(Vec::new());
        }
        let product_ids = products.iter().map(|product| product.id.clone()).collect();
        let request = GetToursRequest { product_ids, hidden_too };
        let answer = self.catalog.clone().get_tours(request).await;
        let tours = answer.map_err(|status| Failure::fault(&status))?.into_inner().tours;
        let mut tours: HashMap<_, _> =
            tours.into_iter().map(|tour| (tour.product_id.clone(), tour)).collect();
        let joined = products.into_iter().filter_map(|product| {
            let tour = tours.remove(&product.id)?;
            (!tour.options.is_empty()).then_some(Listing { product, tour })
        });
        Ok(joined.collect())
    }

    /// The departures of a tour on some days, the earliest first.
    pub async fn departures_between(
        &self,
        product_id: &str,
        from: Date,
        to: Date,
    ) -> Result<Vec<Departure>, Failure> {
        let request = ListDeparturesRequest {
            product_id: product_id.to_owned(),
            from_day: day_text(from),
            to_day: day_text(to),
            ..ListDeparturesRequest::default()
        };
        let mut departures = match self.catalog.clone().list_departures(request).await {
            Ok(answer) => answer.into_inner().departures,
            // A tour that is not offered any more has no departures for others than its shop.
            Err(status) if status.code() == Code::NotFound => Vec::new(),
            Err(status) => return Err(Failure::fault(&status)),
        };
        departures
            .sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
        Ok(departures)
    }

    /// Departures by their ids; unknown ones are left out.
    pub async fn departures(&self, ids: BTreeSet<String>) -> Result<Vec<Departure>, Failure> {
        let ids: Vec<String> =
            ids.into_iter().filter(|id| id.parse::<DepartureId>().is_ok()).collect();
        let mut departures = Vec::new();
        for ids in ids.chunks(PAGE as usize) {
            let request = GetDeparturesRequest { ids: ids.to_vec() };
            let answer = self.catalog.clone().get_departures(request).await;
            departures
                .extend(answer.map_err(|status| Failure::fault(&status))?.into_inner().departures);
        }
        Ok(departures)
    }
}
