//! A shop photographs its mangoes: by the API and by the page's form, seen by shoppers, kept over a restart;
//! on both stands.

use anyhow::{Context, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{TestShop, add_line, create_cart, open_shop, page, sell};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded() -> anyhow::Result<()> {
    a_shop_shows_photos(Stand::Embedded).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers() -> anyhow::Result<()> {
    a_shop_shows_photos(Stand::Servers).await
}

/// Where the photo was taken, as a phone writes it into the file.
const PLACE: &[u8] = b"GPS 10.0325 105.7881";

/// A photo of one shade, with a segment that says where it was taken.
fn photo(shade: u8) -> anyhow::Result<Vec<u8>> {
    let picture = RgbImage::from_pixel(800, 600, image::Rgb([shade, 160, 60]));
    let mut file = Vec::new();
    JpegEncoder::new(&mut file).encode(picture.as_raw(), 800, 600, ExtendedColorType::Rgb8)?;
    let content = [b"Exif\0\0", PLACE].concat();
    let length = u16::try_from(content.len() + 2)?.to_be_bytes();
    let place = [&[0xFF, 0xE1][..], &length, &content].concat();
    Ok([&file[..2], &place, &file[2..]].concat())
}

const ADD: &str = "mutation($input: AddProductImageInput!) { addProductImage(input: $input) {
  product { images { id url width height alt } } userErrors { code message path } } }";

async fn add(shop: &TestShop, product: &str, file: &[u8]) -> anyhow::Result<Value> {
    let input = json!({ "shopId": shop.id, "productId": product, "file": null,
        "alt": { "vi": "Xoài trên ghe", "en": "Mangoes" } });
    let variables = json!({ "input": input });
    shop.owner.upload(ADD, &variables, "input.file", "xoai.jpg", file).await
}

async fn product_of(shop: &TestShop) -> anyhow::Result<Value> {
    let query = "query($id: ID!) { me { shop(id: $id) { products(first: 1) { nodes {
      id slug picture { url(width: 320) } pictures { url } images { id url } } } } } }";
    let told = shop.owner.run(query, json!({ "id": shop.id })).await?;
    let product = told["me"]["shop"]["products"]["nodes"][0].clone();
    ensure!(product["id"].is_string(), "{told}");
    Ok(product)
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}

async fn a_shop_shows_photos(stand: Stand) -> anyhow::Result<()> {
    let mut market = TestMarket::start(stand, |_| {}).await?;
    let fruit = open_shop(&market, "Vựa xoài").await?;
    let mango = sell(&fruit, "Xoài cát Hòa Lộc", 100_000, 10).await?;
    let product = product_of(&fruit).await?;
    let id = text(&product["id"])?.to_owned();
    ensure!(text(&product["picture"]["url"])?.starts_with("/media/drawn/"), "{product}");

    // Another shop may not; what is no picture is refused in words.
    let other = open_shop(&market, "Vựa khác").await?;
    ensure!(add(&other, &id, &photo(200)?).await?["userErrors"][0]["code"] == "NOT_FOUND");
    let stranger = TestShop { owner: other.owner.clone(), id: fruit.id.clone() };
    ensure!(add(&stranger, &id, &photo(200)?).await.is_err(), "a stranger added a photo");
    let refused = add(&fruit, &id, b"<svg onload=alert(1)>").await?;
    ensure!(refused["userErrors"][0]["code"] == "PICTURE_UNREADABLE", "{refused}");

    // Two photos; the first again changes nothing.
    add(&fruit, &id, &photo(200)?).await?;
    add(&fruit, &id, &photo(20)?).await?;
    let added = add(&fruit, &id, &photo(200)?).await?;
    let images = added["product"]["images"].as_array().context("no photos")?.clone();
    ensure!(images.len() == 2 && images[0]["width"] == 800, "{added}");
    ensure!(images[0]["alt"] == "Mangoes" || images[0]["alt"] == "Xoài trên ghe", "{added}");

    // What is served is a picture, for ever, and nobody learns where it was taken.
    let url = text(&images[0]["url"])?.to_owned();
    let kept = served(&market, &url).await?;
    ensure!(!kept.windows(PLACE.len()).any(|part| part == PLACE), "the place is told");
    ensure!(image::load_from_memory(&kept)?.width() == 800);

    // Shoppers see it in lists, on the product's page, and in the cart.
    let small = text(&product_of(&fruit).await?["picture"]["url"])?.to_owned();
    ensure!(
        small != url && image::load_from_memory(&served(&market, &small).await?)?.width() == 320
    );
    let slug = text(&product["slug"])?.to_owned();
    let shown = page(&market.api, &format!("/p/{slug}"), "", None).await?;
    ensure!(shown.contains(&format!("{small} 320w")) && shown.contains("Xoài trên ghe"), "{shown}");
    let cart = create_cart(&market.api).await?;
    add_line(&market.api, &cart, &mango, 1).await?;
    let query = "query($id: ID!, $token: String!) { cart(id: $id, token: $token) { lines { pictures { url } } } }";
    let told = market.api.run(query, json!({ "id": cart.id, "token": cart.token })).await?;
    ensure!(told["cart"]["lines"][0]["pictures"][0]["url"] == small.as_str(), "{told}");

    // The second becomes the first; the other goes, and so does its file.
    let ids =
        json!({ "shopId": fruit.id, "productId": id, "imageId": images[1]["id"], "position": 0 });
    let change = "mutation($input: MoveProductImageInput!) { moveProductImage(input: $input) {
      product { images { id } } userErrors { code message } } }";
    let moved = fruit.owner.change(change, json!({ "input": ids })).await?;
    ensure!(moved["product"]["images"][0]["id"] == images[1]["id"], "{moved}");
    let ids = json!({ "shopId": fruit.id, "productId": id, "imageId": images[0]["id"] });
    let change = "mutation($input: RemoveProductImageInput!) { removeProductImage(input: $input) {
      product { images { id } } userErrors { code message } } }";
    fruit.owner.change(change, json!({ "input": ids })).await?;
    market.restart().await?;
    ensure!(served(&market, &url).await.is_err(), "a removed photo is served");
    served(&market, text(&images[1]["url"])?).await?;

    // Search engines find the way.
    let robots = page(&market.api, "/robots.txt", "", None).await?;
    ensure!(robots.contains("/sitemap.xml"), "{robots}");
    let index = page(&market.api, "/sitemap.xml", "", None).await?;
    ensure!(index.contains("/sitemap/products-1.xml"), "{index}");
    let products = page(&market.api, "/sitemap/products-1.xml", "", None).await?;
    ensure!(products.contains(&format!("/p/{slug}</loc>")), "{products}");
    let shops = page(&market.api, "/sitemap/shops.xml", "", None).await?;
    ensure!(shops.matches("<loc>").count() == 2, "{shops}");
    let findings = market.end().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    Ok(())
}

/// The bytes at an address of a photo, which says of itself what it must.
async fn served(market: &TestMarket, path: &str) -> anyhow::Result<Vec<u8>> {
    let answer = reqwest::get(format!("{}{path}", market.url())).await?.error_for_status()?;
    let said = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    ensure!(said("content-type") == Some("image/jpeg"), "{:?}", answer.headers());
    ensure!(said("x-content-type-options") == Some("nosniff"), "{:?}", answer.headers());
    ensure!(said("cache-control").is_some_and(|kept| kept.contains("immutable")));
    Ok(answer.bytes().await?.to_vec())
}
