//! Photos of products, and what search engines are told. It decides nothing.

use kernel::{ProductId, ProductImageId};
use proto::common::RefusalCode;
use proto::{Refused, catalog as contract, parse_id};
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::messages::product_message;
use crate::refusals::{add_image_status, change_images_status, fault};
use crate::requests::{product_id, scope_of};
use crate::store;
use crate::usecases::add_product_image::add_product_image;
use crate::usecases::move_product_image::move_product_image;
use crate::usecases::remove_product_image::remove_product_image;

/// Products of a page for search engines.
const PUBLISHED_PAGE: u32 = 10_000;

impl Grpc {
    pub(super) async fn image_added(
        &self,
        request: contract::AddProductImageRequest,
    ) -> Answer<contract::Product> {
        let (scope, id) = (scope_of(&request.shop_id)?, product_id(&request.product_id)?);
        let alt = request.alt.unwrap_or_default().into();
        let changed = add_product_image(&self.0, scope, id, request.file, alt).await;
        Ok(Response::new(product_message(&changed.map_err(add_image_status)?)))
    }

    pub(super) async fn image_removed(
        &self,
        request: contract::ProductImageOfShop,
    ) -> Answer<contract::Product> {
        let (scope, id) = (scope_of(&request.shop_id)?, product_id(&request.product_id)?);
        let image = image_id(&request.image_id)?;
        let changed = remove_product_image(&self.0, scope, id, image).await;
        Ok(Response::new(product_message(&changed.map_err(change_images_status)?)))
    }

    pub(super) async fn image_moved(
        &self,
        request: contract::MoveProductImageRequest,
    ) -> Answer<contract::Product> {
        let (scope, id) = (scope_of(&request.shop_id)?, product_id(&request.product_id)?);
        let (image, to) = (image_id(&request.image_id)?, request.position as usize);
        let changed = move_product_image(&self.0, scope, id, image, to).await;
        Ok(Response::new(product_message(&changed.map_err(change_images_status)?)))
    }

    pub(super) async fn image_file(
        &self,
        request: contract::GetImageFileRequest,
    ) -> Answer<contract::ImageFile> {
        let unknown = || Status::not_found("no such picture");
        let mut digest = [0_u8; 32];
        hex::decode_to_slice(&request.digest, &mut digest).map_err(|_| unknown())?;
        let found =
            store::image::file(self.reader(), digest, request.width).await.map_err(fault)?;
        let (media_type, content) = found.ok_or_else(unknown)?;
        Ok(Response::new(contract::ImageFile { media_type, content }))
    }

    pub(super) async fn published_listed(
        &self,
        request: contract::ListPublishedRequest,
    ) -> Answer<contract::PublishedProducts> {
        if request.from_id.is_empty() {
            let begins = store::product::page_begins(self.reader(), PUBLISHED_PAGE).await;
            let page_begins = begins.map_err(fault)?.iter().map(ToString::to_string).collect();
            let products = Vec::new();
            return Ok(Response::new(contract::PublishedProducts { products, page_begins }));
        }
        let from = parse_id::<ProductId>(&request.from_id)?;
        let found = store::product::published(self.reader(), from, PUBLISHED_PAGE.into()).await;
        let products = found
            .map_err(fault)?
            .into_iter()
            .map(|(slug, at)| contract::PublishedProduct { slug, updated_at: at.micros() });
        let (products, page_begins) = (products.collect(), Vec::new());
        Ok(Response::new(contract::PublishedProducts { products, page_begins }))
    }
}

/// The id of a picture that an input names.
fn image_id(text: &str) -> Result<ProductImageId, Status> {
    text.parse().map_err(|_| Refused::new(RefusalCode::NotFound).at(&["imageId"]).into())
}
