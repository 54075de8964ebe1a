//! The gRPC service: contract words to use cases and back, refusals to statuses. It decides nothing.

mod categories;
mod files;
mod holds;
mod pictures;
mod reviews;
mod searching;
mod tours;

use std::collections::HashMap;

use kernel::{ProductId, VariantId};
use proto::catalog as contract;
use proto::catalog::catalog_server::Catalog as Service;
use proto::common::Empty;
use proto::parse_money;
use proto::tours as contract_tours;
use tonic::{Request, Response, Status};

use crate::Catalog;
use crate::domain::product::Product;
use crate::messages::{import_message, product_message};
use crate::refusals::{adjust_status, change_status, create_status, fault, import_status};
use crate::requests::{
    draft_of, format_of, page_of, product_id, product_page, scope_of, variant_id,
};
use crate::store;
use crate::store::listing::Sort;
use crate::usecases::adjust_stock::{StockChange, adjust_stock};
use crate::usecases::create_product::create_product;
use crate::usecases::import_products::import_products;
use crate::usecases::index_products::reindex;
use crate::usecases::publish_product::publish_product;
use crate::usecases::set_price::set_price;
use crate::usecases::take_lines::Taken;
use crate::usecases::update_product::{ProductChange, update_product};

use holds::claim_of;

type Answer<T> = Result<Response<T>, Status>;

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
            attributes: request
                .attributes
                .map(|all| all.attributes.into_iter().map(|one| (one.name, one.value)).collect()),
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

    async fn add_product_image(
        &self,
        request: Request<contract::AddProductImageRequest>,
    ) -> Answer<contract::Product> {
        self.image_added(request.into_inner()).await
    }

    async fn remove_product_image(
        &self,
        request: Request<contract::ProductImageOfShop>,
    ) -> Answer<contract::Product> {
        self.image_removed(request.into_inner()).await
    }

    async fn move_product_image(
        &self,
        request: Request<contract::MoveProductImageRequest>,
    ) -> Answer<contract::Product> {
        self.image_moved(request.into_inner()).await
    }

    async fn get_image_file(
        &self,
        request: Request<contract::GetImageFileRequest>,
    ) -> Answer<contract::ImageFile> {
        self.image_file(request.into_inner()).await
    }

    async fn list_published(
        &self,
        request: Request<contract::ListPublishedRequest>,
    ) -> Answer<contract::PublishedProducts> {
        self.published_listed(request.into_inner()).await
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
        self.import_rows_listed(request.into_inner()).await
    }

    async fn export_products(
        &self,
        request: Request<contract::ExportProductsRequest>,
    ) -> Answer<contract::ExportedFile> {
        self.products_exported(request.into_inner()).await
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
            contract::ProductSort::Newest
            | contract::ProductSort::Relevance
            | contract::ProductSort::Distance
            | contract::ProductSort::Rating => Sort::Newest,
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
        let request = request.into_inner();
        let ids = request.variant_ids.iter().filter_map(|id| id.parse::<VariantId>().ok());
        let claim = claim_of(&request.claim_token, &request.claim_digest)?;
        let found = Taken::read(self.reader(), ids.collect(), claim.as_ref()).await;
        let found = found.map_err(fault)?;
        Ok(Response::new(contract::Offers { offers: found.offers(self.0.0.clock.now()) }))
    }

    async fn list_categories(&self, _: Request<Empty>) -> Answer<contract::Categories> {
        self.categories_listed().await
    }

    async fn search(
        &self,
        request: Request<contract::SearchRequest>,
    ) -> Answer<contract::SearchResults> {
        self.searched(request.into_inner()).await
    }

    async fn review_product(
        &self,
        request: Request<contract::ReviewProductRequest>,
    ) -> Answer<contract::Review> {
        self.product_reviewed(request.into_inner()).await
    }

    async fn remove_review(
        &self,
        request: Request<contract::RemoveReviewRequest>,
    ) -> Answer<contract::Review> {
        self.review_removed(request.into_inner()).await
    }

    async fn list_reviews(
        &self,
        request: Request<contract::ListReviewsRequest>,
    ) -> Answer<contract::ReviewPage> {
        self.reviews_listed(request.into_inner()).await
    }

    async fn get_own_review(
        &self,
        request: Request<contract::GetOwnReviewRequest>,
    ) -> Answer<contract::OwnReview> {
        self.own_review(request.into_inner()).await
    }

    async fn list_buyer_reviews(
        &self,
        request: Request<contract::ListBuyerReviewsRequest>,
    ) -> Answer<contract::ReviewPage> {
        self.reviews_of_buyer(request.into_inner()).await
    }

    async fn hold_stock(
        &self,
        request: Request<contract::HoldStockRequest>,
    ) -> Answer<contract::Hold> {
        self.stock_held(request.into_inner()).await
    }

    async fn extend_hold(
        &self,
        request: Request<contract::ExtendHoldRequest>,
    ) -> Answer<contract::Hold> {
        self.hold_extended(request.into_inner()).await
    }

    async fn release_hold(
        &self,
        request: Request<contract::HoldReference>,
    ) -> Answer<contract::Hold> {
        self.hold_released(request.into_inner()).await
    }

    async fn commit_hold(
        &self,
        request: Request<contract::HoldReference>,
    ) -> Answer<contract::Hold> {
        self.hold_committed(request.into_inner()).await
    }

    async fn put_tour(
        &self,
        request: Request<contract_tours::PutTourRequest>,
    ) -> Answer<contract_tours::Tour> {
        self.tour_put(request.into_inner()).await
    }

    async fn get_tours(
        &self,
        request: Request<contract_tours::GetToursRequest>,
    ) -> Answer<contract_tours::Tours> {
        self.tours(request.into_inner()).await
    }

    async fn schedule_departures(
        &self,
        request: Request<contract_tours::ScheduleDeparturesRequest>,
    ) -> Answer<contract_tours::ScheduledDepartures> {
        self.departures_scheduled(request.into_inner()).await
    }

    async fn list_departures(
        &self,
        request: Request<contract_tours::ListDeparturesRequest>,
    ) -> Answer<contract_tours::Departures> {
        self.departures_listed(request.into_inner()).await
    }

    async fn get_departures(
        &self,
        request: Request<contract_tours::GetDeparturesRequest>,
    ) -> Answer<contract_tours::Departures> {
        self.departures_by_ids(request.into_inner()).await
    }

    async fn update_departure(
        &self,
        request: Request<contract_tours::UpdateDepartureRequest>,
    ) -> Answer<contract_tours::Departure> {
        self.departure_updated(request.into_inner()).await
    }

    async fn return_stock(&self, request: Request<contract::ReturnStockRequest>) -> Answer<Empty> {
        self.stock_returned(request.into_inner()).await
    }

    async fn black_out_departures(
        &self,
        request: Request<contract_tours::BlackOutRequest>,
    ) -> Answer<contract_tours::Departures> {
        self.departures_blacked_out(request.into_inner()).await
    }

    async fn cancel_departure(
        &self,
        request: Request<contract_tours::CancelDepartureRequest>,
    ) -> Answer<contract_tours::Departure> {
        self.departure_cancelled(request.into_inner()).await
    }

    async fn return_seats(
        &self,
        request: Request<contract_tours::ReturnSeatsRequest>,
    ) -> Answer<Empty> {
        self.seats_returned(request.into_inner()).await
    }

    async fn join_waiting_list(
        &self,
        request: Request<contract_tours::JoinWaitingListRequest>,
    ) -> Answer<contract_tours::WaitingListEntry> {
        self.waiting_list_joined(request.into_inner()).await
    }

    async fn get_waiting_list_entry(
        &self,
        request: Request<contract_tours::GetWaitingListEntryRequest>,
    ) -> Answer<contract_tours::WaitingListEntry> {
        self.waiting_list_entry(&request.into_inner().claim_token).await
    }

    async fn add_claim(&self, request: Request<contract_tours::AddClaimRequest>) -> Answer<Empty> {
        self.claim_added(request.into_inner()).await
    }

    async fn list_waiting(
        &self,
        request: Request<contract_tours::ListWaitingRequest>,
    ) -> Answer<contract_tours::WaitingList> {
        self.waiting_listed(request.into_inner()).await
    }

    async fn put_categories(
        &self,
        request: Request<contract::Categories>,
    ) -> Answer<contract::Categories> {
        self.categories_put(request.into_inner()).await
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
}
