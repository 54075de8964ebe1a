//! Pictures of products: what is known of them stands in a column of their product, the files in a table.

use std::collections::HashSet;

use kernel::{LocalizedText, ProductId, ProductImageId, ShopId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::corrupt;
use super::entities::image_files::{Column, Entity, Model};
use super::entities::products;
use crate::domain::picture::Made;
use crate::domain::product_image::ProductImage;

/// What the files are.
pub const MEDIA_TYPE: &str = "image/jpeg";

/// A picture in the column of its product.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: ProductImageId,
    digest: String,
    /// Empty where nobody knows it.
    #[serde(default)]
    sent: String,
    width: u32,
    height: u32,
    alt_vi: String,
    alt_en: String,
}

/// The pictures in a product's column.
pub fn images_of(column: &str) -> Result<Vec<ProductImage>, DbErr> {
    let kept: Vec<Kept> = serde_json::from_str(column).map_err(|_| corrupt("pictures"))?;
    kept.into_iter().map(image_of).collect()
}

fn image_of(kept: Kept) -> Result<ProductImage, DbErr> {
    let sent = if kept.sent.is_empty() { None } else { Some(digest_of(&kept.sent)?) };
    Ok(ProductImage {
        id: kept.id,
        digest: digest_of(&kept.digest)?,
        sent,
        width: kept.width,
        height: kept.height,
        alt: LocalizedText::new(kept.alt_vi, kept.alt_en),
    })
}

fn digest_of(text: &str) -> Result<[u8; 32], DbErr> {
    let mut digest = [0_u8; 32];
    hex::decode_to_slice(text, &mut digest).map_err(|_| corrupt("a digest"))?;
    Ok(digest)
}

/// The column of a product's pictures.
pub fn column_of(images: &[ProductImage]) -> Result<String, DbErr> {
    let kept = images.iter().map(|image| Kept {
        id: image.id,
        digest: hex::encode(image.digest),
        sent: image.sent.map(hex::encode).unwrap_or_default(),
        width: image.width,
        height: image.height,
        alt_vi: image.alt.vi.clone(),
        alt_en: image.alt.en.clone(),
    });
    let kept: Vec<Kept> = kept.collect();
    serde_json::to_string(&kept).map_err(|_| corrupt("pictures"))
}

/// How many pictures all products of a shop have.
pub async fn count_of_shop(db: &impl ConnectionTrait, shop: ShopId) -> Result<u64, DbErr> {
    let length = match db.get_database_backend() {
        DbBackend::Postgres => "SUM(json_array_length(images::json))",
        _ => "SUM(json_array_length(images))",
    };
    let sum: Option<Option<i64>> = products::Entity::find()
        .select_only()
        .expr_as(Expr::cust(length), "pictures")
        .filter(products::Column::ShopId.eq(shop.uuid()))
        .filter(products::Column::Images.ne("[]"))
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().unwrap_or(0).unsigned_abs())
}

/// Inserts the files of a picture.
pub async fn insert_files(
    tx: &impl ConnectionTrait,
    product: ProductId,
    image: ProductImageId,
    made: Made,
) -> Result<(), DbErr> {
    let digest = made.digest.to_vec();
    let rows = made.files.into_iter().map(|file| {
        Model {
            image_id: image.uuid(),
            width: i64::from(file.width),
            product_id: product.uuid(),
            digest: digest.clone(),
            media_type: MEDIA_TYPE.to_owned(),
            content: file.content,
        }
        .into_active_model()
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Removes the files of a picture. Those of the same picture of another product stay.
pub async fn remove_files(tx: &impl ConnectionTrait, image: ProductImageId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::ImageId.eq(image.uuid())).exec(tx).await?;
    Ok(())
}

/// A file by the digest of its picture and its width: media type and bytes.
pub async fn file(
    db: &impl ConnectionTrait,
    digest: [u8; 32],
    width: u32,
) -> Result<Option<(String, Vec<u8>)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::MediaType, Column::Content])
        .filter(Column::Digest.eq(digest.to_vec()))
        .filter(Column::Width.eq(i64::from(width)))
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Addresses of products that name a picture which has no file.
pub async fn without_files(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let with_pictures: Vec<(String, String)> = products::Entity::find()
        .select_only()
        .columns([products::Column::Slug, products::Column::Images])
        .filter(products::Column::Images.ne("[]"))
        .into_tuple()
        .all(db)
        .await?;
    let there: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ImageId)
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let there: HashSet<Uuid> = there.into_iter().collect();
    let mut without = Vec::new();
    for (slug, column) in with_pictures {
        if images_of(&column)?.iter().any(|image| !there.contains(&image.id.uuid())) {
            without.push(slug);
        }
    }
    Ok(without)
}
