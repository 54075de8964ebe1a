//! The gRPC service: contract words to use cases and back, refusals to statuses. It decides nothing.

use std::collections::HashMap;

use kernel::{ImportId, Page, PageRequest, ProductId, ShopId, Timestamp, VariantId};
use platform::rpc::database_fault;
use proto::catalog as contract;
use proto::catalog::catalog_server::Catalog as Service;
use proto::common::{Empty, PageInfo, RefusalCode};
use proto::{Refused, parse_id, parse_money};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::Catalog;
use crate::domain::hold::HoldLine;
use crate::domain::import::{ImportFormat, export_chonoi, export_shopify};
use crate::domain::product::Product;
use crate::messages::{
    category_message, hold_message, import_message, offer_message, product_message, row_message,
    row_status_message,
};
use crate::refusals::{
    adjust_status, change_status, create_status, fault, import_status, line_refused,
};
use crate::requests::{
    draft_of, format_of, hold_answer, kind_of, page_of, product_id, product_page, scope_of,
    search_filter, variant_id,
};
use crate::search::SearchQuery;
use crate::store;
use crate::store::category::{Category, with_descendants};
use crate::store::import::RowStatus;
use crate::store::listing::{After, Filter, Sort};
use crate::usecases::adjust_stock::{StockChange, adjust_stock};
use crate::usecases::create_product::create_product;
use crate::usecases::hold_stock::{HoldStockError, hold_stock};
use crate::usecases::import_products::import_products;
use crate::usecases::index_products::reindex;
use crate::usecases::publish_product::publish_product;
use crate::usecases::search_products::search_products;
use crate::usecases::set_price::set_price;
use crate::usecases::settle_holds::{commit_holds, release_holds};
use crate::usecases::update_product::{ProductChange, update_product};

type Answer<T> = Result<Response<T>, Status>;

/// The most products of an export.
const MAX_EXPORT: u64 = 10_000;

/// Catalog over gRPC.
#[derive(Clone)]
pub struct Grpc(pub(crate) Catalog);

#[tonic::async_trait]
impl Service for Grpc {
    async fn create_product(
        &self,
        request: Request<contract::CreateProductRequest>,
    ) -> Answer<contract::Product> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let made =
            create_product(&self.0, scope, draft_of(request)?).await.map_err(create_status)?;
        Ok(Response::new(product_message(&made)))
    }

    async fn update_product(
        &self,
        request: Request<contract::UpdateProductRequest>,
    ) -> Answer<contract::Product> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let change = ProductChange {
            title: request.title.map(Into::into),
            description: request.description.map(Into::into),
            category: request.category_slug,
            unit: request.unit,
            ward_code: request.ward_code,
            ocop_stars: request.ocop_stars,
        };
        let id = product_id(&request.product_id)?;
        let changed = update_product(&self.0, scope, id, change)
            .await
            .map_err(|error| change_status(error, "productId"))?;
        Ok(Response::new(product_message(&changed)))
    }

    async fn publish_product(
        &self,
        request: Request<contract::ProductOfShop>,
    ) -> Answer<contract::Product> {
        self.publish(request.into_inner(), true).await
    }

    async fn unpublish_product(
        &self,
        request: Request<contract::ProductOfShop>,
    ) -> Answer<contract::Product> {
        self.publish(request.into_inner(), false).await
    }

    async fn adjust_stock(
        &self,
        request: Request<contract::AdjustStockRequest>,
    ) -> Answer<contract::Product> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let change = StockChange {
            variant: variant_id(&request.variant_id)?,
            change: request.change,
            reason: request.reason.chars().take(200).collect(),
            idempotency_key: request.idempotency_key,
        };
        let changed = adjust_stock(&self.0, scope, change).await.map_err(adjust_status)?;
        Ok(Response::new(product_message(&changed)))
    }

    async fn set_price(
        &self,
        request: Request<contract::SetPriceRequest>,
    ) -> Answer<contract::Product> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let (id, price) = (variant_id(&request.variant_id)?, parse_money(request.price.as_ref())?);
        let changed = set_price(&self.0, scope, id, price)
            .await
            .map_err(|error| change_status(error, "variantId"))?;
        Ok(Response::new(product_message(&changed)))
    }

    async fn list_shop_products(
        &self,
        request: Request<contract::ListShopProductsRequest>,
    ) -> Answer<contract::ProductPage> {
        let request = request.into_inner();
        let page = page_of(request.page.as_ref())?;
        let found = store::listing::of_shop(self.reader(), scope_of(&request.shop_id)?, &page)
            .await
            .map_err(fault)?;
        Ok(Response::new(product_page(found, &page)))
    }

    async fn import_products(
        &self,
        request: Request<contract::ImportProductsRequest>,
    ) -> Answer<contract::Import> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let format = format_of(request.format());
        let begun = import_products(&self.0, scope, format, request.file, request.dry_run).await;
        Ok(Response::new(import_message(&begun.map_err(import_status)?)))
    }

    async fn get_import(
        &self,
        request: Request<contract::GetImportRequest>,
    ) -> Answer<contract::Import> {
        let request = request.into_inner();
        let import = self.import_of(&request.shop_id, &request.import_id).await?;
        Ok(Response::new(import_message(&import)))
    }

    async fn list_import_rows(
        &self,
        request: Request<contract::ListImportRowsRequest>,
    ) -> Answer<contract::ImportRowPage> {
        let request = request.into_inner();
        let import = self.import_of(&request.shop_id, &request.import_id).await?;
        let status = RowStatus::ALL
            .into_iter()
            .find(|status| row_status_message(*status) == request.status());
        let asked = request.page.unwrap_or_default();
        let after = match asked.after.as_str() {
            "" => None,
            text => {
                Some(text.parse().map_err(|_| Refused::new(RefusalCode::Invalid).at(&["after"]))?)
            }
        };
        let page = PageRequest::new(if asked.first == 0 { 20 } else { asked.first }, after);
        let found =
            store::import::rows(self.reader(), import.id, status, &page).await.map_err(fault)?;
        let found = Page::from_rows(&page, found);
        let cursors = found.items.iter().map(|row| row.line.to_string()).collect();
        let info = PageInfo { has_next: found.has_next, cursors, total: -1 };
        let rows = found.items.into_iter().map(row_message).collect();
        Ok(Response::new(contract::ImportRowPage { rows, page: Some(info) }))
    }

    async fn export_products(
        &self,
        request: Request<contract::ExportProductsRequest>,
    ) -> Answer<contract::ExportedFile> {
        let request = request.into_inner();
        let scope = scope_of(&request.shop_id)?;
        let mut products: Vec<Product> = Vec::new();
        let mut after = None;
        while (products.len() as u64) < MAX_EXPORT {
            let page = PageRequest::new(PageRequest::<After>::MAX, after);
            let found =
                store::listing::of_shop(self.reader(), scope, &page).await.map_err(fault)?;
            let found = Page::from_rows(&page, found);
            products.extend(found.items);
            after = products.last().map(|last| After { price: 0, id: last.id });
            if !found.has_next {
                break;
            }
        }
        let content = match format_of(request.format()) {
            ImportFormat::Chonoi => export_chonoi(&products),
            ImportFormat::Shopify => export_shopify(&products),
        };
        let content = content.map_err(platform::rpc::fault)?;
        let (name, media_type) = ("products.csv".to_owned(), "text/csv; charset=utf-8".to_owned());
        Ok(Response::new(contract::ExportedFile { name, media_type, content }))
    }

    async fn get_products(
        &self,
        request: Request<contract::GetProductsRequest>,
    ) -> Answer<contract::Products> {
        let request = request.into_inner();
        let ids: Vec<ProductId> = request.ids.iter().filter_map(|id| id.parse().ok()).collect();
        let found =
            store::product::by_ids(self.reader(), ids.iter().copied()).await.map_err(fault)?;
        let found: HashMap<ProductId, Product> =
            found.into_iter().map(|product| (product.id, product)).collect();
        let seen = ids
            .iter()
            .filter_map(|id| found.get(id))
            .filter(|product| product.visible || request.hidden_too);
        Ok(Response::new(contract::Products { products: seen.map(product_message).collect() }))
    }

    async fn get_product_by_slug(
        &self,
        request: Request<contract::GetProductBySlugRequest>,
    ) -> Answer<contract::Product> {
        let slug = request.into_inner().slug;
        let found = store::product::by_slug(self.reader(), &slug).await.map_err(fault)?;
        let found = found.ok_or_else(|| Status::not_found("no such product"))?;
        Ok(Response::new(product_message(&found)))
    }

    async fn list_products(
        &self,
        request: Request<contract::ListProductsRequest>,
    ) -> Answer<contract::ProductPage> {
        let request = request.into_inner();
        let page = page_of(request.page.as_ref())?;
        let sort = match request.sort() {
            contract::ProductSort::PriceAsc => Sort::PriceAscending,
            contract::ProductSort::PriceDesc => Sort::PriceDescending,
            contract::ProductSort::Newest | contract::ProductSort::Relevance => Sort::Newest,
        };
        let filter = self.filter_of(request.filter.unwrap_or_default()).await?;
        let found =
            store::listing::visible(self.reader(), &filter, sort, &page).await.map_err(fault)?;
        Ok(Response::new(product_page(found, &page)))
    }

    async fn get_offers(
        &self,
        request: Request<contract::GetOffersRequest>,
    ) -> Answer<contract::Offers> {
        let ids = request.into_inner().variant_ids;
        let ids = ids.iter().filter_map(|id| id.parse::<VariantId>().ok());
        let variants = store::variant::by_ids(self.reader(), ids).await.map_err(fault)?;
        let products = variants.iter().map(|found| ProductId::from_uuid(found.product));
        let products = store::product::by_ids(self.reader(), products).await.map_err(fault)?;
        let products: HashMap<Uuid, Product> =
            products.into_iter().map(|product| (product.id.uuid(), product)).collect();
        let offers = variants.iter().filter_map(|found| {
            products.get(&found.product).map(|product| offer_message(product, &found.variant))
        });
        Ok(Response::new(contract::Offers { offers: offers.collect() }))
    }

    async fn list_categories(&self, _: Request<Empty>) -> Answer<contract::Categories> {
        let categories = store::category::all(self.reader()).await.map_err(fault)?;
        let categories = categories.into_iter().map(category_message).collect();
        Ok(Response::new(contract::Categories { categories }))
    }

    async fn search(
        &self,
        request: Request<contract::SearchRequest>,
    ) -> Answer<contract::SearchResults> {
        let request = request.into_inner();
        let asked = request.page.clone().unwrap_or_default();
        let offset: u64 = match asked.after.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| Refused::new(RefusalCode::Invalid).at(&["after"]))?,
        };
        let wanted = request.filter.clone().unwrap_or_default();
        let query = SearchQuery {
            text: request.query.chars().take(200).collect(),
            filter: search_filter(&wanted)?,
            sort: request.sort(),
            offset,
            first: if asked.first == 0 { 20 } else { asked.first.min(100) },
        };
        let filter = self.filter_of(wanted).await?;
        let found = search_products(&self.0, query, filter).await.map_err(fault)?;
        let cursors =
            (1..=found.hits.len() as u64).map(|place| (offset + place).to_string()).collect();
        let total = found.total.map_or(-1, |total| total as i64);
        let facets = found.facets.into_iter().map(|facet| contract::Facet {
            name: facet.name,
            values: facet
                .values
                .into_iter()
                .map(|(value, count)| contract::FacetValue { value, count })
                .collect(),
        });
        let hits = found
            .hits
            .into_iter()
            .map(|(id, highlight)| contract::SearchHit { product_id: id.to_string(), highlight });
        Ok(Response::new(contract::SearchResults {
            hits: hits.collect(),
            page: Some(PageInfo { has_next: found.has_next, cursors, total }),
            facets: facets.collect(),
        }))
    }

    async fn hold_stock(
        &self,
        request: Request<contract::HoldStockRequest>,
    ) -> Answer<contract::Hold> {
        let request = request.into_inner();
        let mut lines = Vec::with_capacity(request.lines.len());
        for line in &request.lines {
            lines.push(HoldLine { variant: parse_id(&line.variant_id)?, quantity: line.quantity });
        }
        let expires_at = Timestamp::from_micros(request.expires_at);
        match hold_stock(&self.0, &request.reference, lines, expires_at).await {
            Ok(hold) => Ok(Response::new(hold_message(&hold))),
            Err(HoldStockError::Lines(problems)) => {
                Err(Refused::status(problems.into_iter().map(line_refused)))
            }
            Err(HoldStockError::Malformed) => {
                Err(Status::invalid_argument("the lines are malformed"))
            }
            Err(HoldStockError::Database(error)) => Err(database_fault(&error)),
        }
    }

    async fn extend_hold(
        &self,
        request: Request<contract::ExtendHoldRequest>,
    ) -> Answer<contract::Hold> {
        let request = request.into_inner();
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let found = store::hold::lock(&tx, &[request.reference]).await.map_err(fault)?.pop();
        let mut hold = found.ok_or_else(|| Status::not_found("no such hold"))?;
        if hold.status != crate::domain::hold::HoldStatus::Held {
            return Err(Refused::new(RefusalCode::HoldGone).into());
        }
        // Holds only become longer: a repeated call that comes late takes nothing away.
        hold.expires_at = hold.expires_at.max(Timestamp::from_micros(request.expires_at));
        store::hold::extend(&tx, hold.id, hold.expires_at).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Response::new(hold_message(&hold)))
    }

    async fn release_hold(
        &self,
        request: Request<contract::HoldReference>,
    ) -> Answer<contract::Hold> {
        let references = [request.into_inner().reference];
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let settled = release_holds(&self.0, &tx, &references).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        hold_answer(settled)
    }

    async fn commit_hold(
        &self,
        request: Request<contract::HoldReference>,
    ) -> Answer<contract::Hold> {
        let references = [request.into_inner().reference];
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let settled = commit_holds(&self.0, &tx, &references).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        hold_answer(settled)
    }

    async fn put_categories(
        &self,
        request: Request<contract::Categories>,
    ) -> Answer<contract::Categories> {
        let categories: Vec<Category> = request
            .into_inner()
            .categories
            .into_iter()
            .map(|category| Category {
                id: platform::ids::new(),
                slug: category.slug,
                parent_slug: category.parent_slug,
                name: category.name.unwrap_or_default().into(),
                position: category.position,
            })
            .collect();
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        store::category::put(&tx, &categories).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        self.list_categories(Request::new(Empty {})).await
    }

    async fn reindex(&self, _: Request<Empty>) -> Answer<contract::ReindexReport> {
        let begun = std::time::Instant::now();
        let products = reindex(&self.0).await.map_err(platform::rpc::fault)?;
        Ok(Response::new(contract::ReindexReport {
            products,
            milliseconds: begun.elapsed().as_millis() as u64,
        }))
    }
}

impl Grpc {
    fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.0.0.database.reader()
    }

    async fn publish(
        &self,
        request: contract::ProductOfShop,
        publish: bool,
    ) -> Answer<contract::Product> {
        let (scope, id) = (scope_of(&request.shop_id)?, product_id(&request.product_id)?);
        let changed = publish_product(&self.0, scope, id, publish).await;
        Ok(Response::new(product_message(
            &changed.map_err(|error| change_status(error, "productId"))?,
        )))
    }

    async fn import_of(&self, shop: &str, id: &str) -> Result<store::import::Import, Status> {
        let unknown = || Status::not_found("no such import");
        let id: ImportId = id.parse().map_err(|_| unknown())?;
        let found =
            store::import::of_shop(self.reader(), scope_of(shop)?, id).await.map_err(fault)?;
        found.ok_or_else(unknown)
    }

    async fn filter_of(&self, filter: contract::ProductFilter) -> Result<Filter, Status> {
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
        })
    }
}
