//! Photos of products: sent, told of, served; and what search engines are told.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use graphql::MAX_UPLOAD_BYTES;
use proto::Refused;
use proto::accounts::{ListShopsRequest, ShopPage, ShopStatus};
use proto::catalog::{
    AddProductImageRequest, GetImageFileRequest, GetProductsRequest, ImageAddress, ImageFile,
    ListPublishedRequest, MoveProductImageRequest, Product, ProductImage, ProductImageOfShop,
    Products, PublishedProduct, PublishedProducts,
};
use proto::common::{PageInfo, RefusalCode};
use serde_json::{Value, json};
use tonic::Status;

use crate::support::{Asked, Market, SHOP_A, SHOP_B, post, products, shop, text};

/// The first product, with two photos; the second has no words of its own.
fn with_photos() -> Product {
    let photo = |number: u8, widths: &[u32], alt| ProductImage {
        id: format!("img_{number}"),
        alt: Some(alt),
        width: *widths.last().unwrap(),
        height: 300,
        files: widths
            .iter()
            .map(|width| ImageAddress { path: format!("{number}-{width}.jpg"), width: *width })
            .collect(),
    };
    Product {
        images: vec![
            photo(1, &[320, 640, 1600], text("Xoài trên ghe", "Mangoes on a boat")),
            photo(2, &[200], text("", "")),
        ],
        picture: "1-1600.jpg".to_owned(),
        ..products().next().unwrap()
    }
}

async fn get(routes: &Router, path: &str, known: Option<&str>) -> Asked {
    let mut request = Request::get(path).header("sec-fetch-site", "cross-site");
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    Asked::of(routes, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_product_tells_of_its_photos_in_the_width_that_is_asked_for() {
    let market = Market::new();
    market
        .catalog
        .on("get_products", |_: GetProductsRequest| Ok(Products { products: vec![with_photos()] }));
    let query = "query($id: ID!) { product(id: $id) { picture { url }
      pictures { url small: url(width: 320) medium: url(width: 321) large: url(width: 5000) alt }
      images { id width height } } }";
    let id = with_photos().id;
    let answer = post(&market.routes(), "", query, json!({ "id": id })).await;
    let product = &answer["data"]["product"];
    assert_eq!(product["picture"]["url"], "/media/1-1600.jpg", "{answer}");
    let pictures = json!([
        { "url": "/media/1-1600.jpg", "small": "/media/1-320.jpg", "medium": "/media/1-640.jpg",
          "large": "/media/1-1600.jpg", "alt": "Mangoes on a boat" },
        { "url": "/media/2-200.jpg", "small": "/media/2-200.jpg", "medium": "/media/2-200.jpg",
          "large": "/media/2-200.jpg", "alt": "Mango 1" },
    ]);
    assert_eq!(product["pictures"], pictures);
    let images = json!([
        { "id": "img_1", "width": 1600, "height": 300 },
        { "id": "img_2", "width": 200, "height": 300 },
    ]);
    assert_eq!(product["images"], images);
}

#[tokio::test]
async fn a_product_without_photos_has_a_drawn_picture_and_no_image() {
    let market = Market::new();
    let id = products().next().unwrap().id;
    let query = "query($id: ID!) { product(id: $id) { picture { id url(width: 320) alt width }
      pictures { url } images { id } } }";
    let answer = post(&market.routes(), "", query, json!({ "id": id })).await;
    let drawn = format!("/media/drawn/xoai/{id}.svg");
    let expected = json!({
        "picture": { "id": null, "url": drawn, "alt": "Mango 1", "width": 640 },
        "pictures": [{ "url": drawn }], "images": [],
    });
    assert_eq!(answer["data"]["product"], expected, "{answer}");
}

const ADD: &str = "mutation($shopId: ID!, $file: Upload!) {
  addProductImage(input: {shopId: $shopId, productId: \"prod_1\", file: $file, alt: {vi: \"Xoài\"}}) {
    product { slug } userErrors { code message ... on OutOfRange { maximum } } } }";

const IMPORT: &str = "mutation($shopId: ID!, $file: Upload!) {
  importProducts(input: {shopId: $shopId, format: CHONOI, file: $file}) { import { id } userErrors { code } } }";

/// Sends a photo in somebody's name, for a shop.
async fn add(routes: &Router, token: &str, shop_id: &str, photo: &[u8]) -> Asked {
    send(routes, token, ADD, json!({ "shopId": shop_id, "file": null }), photo).await
}

/// Sends a mutation with a file.
async fn send(routes: &Router, token: &str, query: &str, variables: Value, file: &[u8]) -> Asked {
    let operations = json!({ "query": query, "variables": variables });
    let mut body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a\"\r\nContent-Type: image/jpeg\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--X--\r\n");
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header("apollo-require-preflight", "1");
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Asked::of(routes, request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_photo_of_eight_megabytes_reaches_catalog_as_it_is() {
    let market = Market::new();
    let photo: Vec<u8> = (0..8 * 1024 * 1024).map(|number: u32| (number % 251) as u8).collect();
    let expected = photo.clone();
    market.catalog.on("add_product_image", move |request: AddProductImageRequest| {
        assert!(request.file == expected && request.shop_id == shop(SHOP_A).id);
        assert_eq!((request.product_id.as_str(), request.alt), ("prod_1", Some(text("Xoài", ""))));
        Ok(with_photos())
    });
    // A service takes four megabytes unless it says otherwise; catalog does.
    let catalog = proto::catalog::catalog_server::CatalogServer::new(market.catalog.clone());
    let catalog = catalog.max_decoding_message_size(9 * 1024 * 1024);
    let catalog = platform::rpc::CatalogClient::new(platform::rpc::local(catalog));
    let routes = market.routes_with(catalog);
    let asked = add(&routes, "a", &shop(SHOP_A).id, &photo).await;
    let expected = json!({ "product": { "slug": "product-1" }, "userErrors": [] });
    assert_eq!(asked.json()["data"]["addProductImage"], expected, "{}", asked.text);
}

#[tokio::test]
async fn nobody_and_members_of_other_shops_send_no_photo() {
    let market = Market::new();
    let routes = market.routes();
    for (token, owner, code) in [
        ("", SHOP_A, "UNAUTHENTICATED"),
        ("buyer", SHOP_A, "FORBIDDEN"),
        ("b", SHOP_A, "FORBIDDEN"),
        ("a", SHOP_B, "FORBIDDEN"),
    ] {
        let asked = add(&routes, token, &shop(owner).id, b"photo").await;
        assert_eq!(asked.code(), code, "{token}: {}", asked.text);
    }
    assert!(market.catalog.take_calls().is_empty());
    // Who is not signed in may not even send much.
    let large = vec![0; 3 * 1024 * 1024];
    let asked = add(&routes, "", &shop(SHOP_A).id, &large).await;
    assert_eq!(asked.status, StatusCode::PAYLOAD_TOO_LARGE);
    // It may be that they were signed in until just now.
    let file = vec![0_u8; 2 * 1024 * 1024];
    let asked = add(&routes, "ended", &shop(SHOP_A).id, &file).await;
    assert_eq!(
        (asked.status, asked.code().as_str()),
        (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED")
    );
    let asked = add(&routes, "a", &shop(SHOP_A).id, &vec![0; MAX_UPLOAD_BYTES]).await;
    assert_eq!(asked.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn one_upload_is_not_multiplied_without_end_and_other_shops_are_not_held_up() {
    let market = Market::new();
    market.catalog.on("add_product_image", |_: AddProductImageRequest| Ok(with_photos()));
    let routes = market.routes();
    let one = |number| {
        format!(
            "a{number}: addProductImage(input: {{shopId: $shopId, productId: \"prod_1\", file: $file}}) {{ userErrors {{ code }} }} "
        )
    };
    let fields: String = (0..30).map(one).collect();
    let query = format!("mutation($shopId: ID!, $file: Upload!) {{ {fields} }}");
    let variables = json!({ "shopId": shop(SHOP_A).id, "file": null });
    let answer = send(&routes, "a", &query, variables, b"photo").await.json();
    assert_eq!(answer["data"]["a19"]["userErrors"], json!([]), "{answer}");
    assert_eq!(answer["data"]["a20"]["userErrors"], json!([{ "code": "RATE_LIMITED" }]));
    assert_eq!(market.catalog.take_calls()["add_product_image"], 20);
    // Who else works for the shop shares its bound; another shop has its own.
    let asked = add(&routes, "a-staff", &shop(SHOP_A).id, b"photo").await.json();
    let refused = &asked["data"]["addProductImage"]["userErrors"][0]["code"];
    assert_eq!(refused, &json!("RATE_LIMITED"), "{asked}");
    let asked = add(&routes, "b", &shop(SHOP_B).id, b"photo").await.json();
    assert_eq!(asked["data"]["addProductImage"]["userErrors"], json!([]), "{asked}");
}

fn multipart(path: &str, body: Body) -> Request<Body> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
        .header(header::AUTHORIZATION, "Bearer a")
        .header("apollo-require-preflight", "1");
    request.body(body).unwrap()
}

#[tokio::test]
async fn only_so_many_large_bodies_are_read_at_once_and_small_ones_do_not_wait() {
    let market = Market::new();
    market.catalog.on("add_product_image", |_: AddProductImageRequest| Ok(with_photos()));
    let routes = market.routes();
    let read = (0..16).map(|_| {
        let never = futures_util::stream::pending::<Result<Vec<u8>, Infallible>>();
        let (routes, request) = (routes.clone(), multipart("/graphql", Body::from_stream(never)));
        tokio::spawn(async move { Asked::of(&routes, request).await })
    });
    let read: Vec<_> = read.collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let large = multipart("/graphql", Body::from(vec![0_u8; 2 * 1024 * 1024]));
    let asked = Asked::of(&routes, large).await;
    let busy = (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
    assert_eq!((asked.status, asked.code().as_str()), busy, "{}", asked.text);
    let asked = add(&routes, "a", &shop(SHOP_A).id, b"photo").await.json();
    assert_eq!(asked["data"]["addProductImage"]["userErrors"], json!([]), "{asked}");
    for one in read {
        one.abort();
    }
}

#[tokio::test]
async fn a_stream_takes_no_file_which_it_would_hold_for_as_long_as_it_lasts() {
    let market = Market::new();
    let operations =
        json!({ "query": ADD, "variables": { "shopId": shop(SHOP_A).id, "file": null } });
    let body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --X\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\nphoto\r\n--X--\r\n"
    );
    let mut request = multipart("/graphql/sse", Body::from(body));
    request.headers_mut().insert(header::ACCEPT, "text/event-stream".parse().unwrap());
    let asked = Asked::of(&market.routes(), request).await;
    assert_eq!((asked.status, asked.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
    assert!(market.catalog.take_calls().is_empty());
}

#[tokio::test]
async fn a_product_file_may_not_be_as_large_as_a_photo() {
    let market = Market::new();
    let file = vec![b'x'; 3 * 1024 * 1024];
    let variables = json!({ "shopId": shop(SHOP_A).id, "file": null });
    let asked = send(&market.routes(), "a", IMPORT, variables, &file).await;
    assert_eq!(asked.code(), "LIMIT_EXCEEDED", "{}", asked.text);
    assert!(market.catalog.take_calls().is_empty());
}

#[tokio::test]
async fn why_a_photo_is_refused_is_told_in_words() {
    let market = Market::new();
    let routes = market.routes();
    for (refused, code, words) in [
        (
            Refused::new(RefusalCode::PictureTooLarge).fact("maximum", 40),
            "PICTURE_TOO_LARGE",
            "The picture has too many pixels, at most 40 million.",
        ),
        (
            Refused::new(RefusalCode::PictureUnreadable),
            "PICTURE_UNREADABLE",
            "This picture cannot be read; please send a JPEG, PNG or WebP.",
        ),
        (
            Refused::new(RefusalCode::TooManyPictures).fact("maximum", 8),
            "TOO_MANY_PICTURES",
            "There are enough pictures, at most 8 of a product.",
        ),
        (
            Refused::new(RefusalCode::TooManyPicturesOfShop).fact("maximum", 2_000),
            "TOO_MANY_PICTURES_OF_SHOP",
            "The shop has enough pictures, at most 2000. Please remove old ones.",
        ),
    ] {
        market.catalog.on("add_product_image", move |_: AddProductImageRequest| {
            Err::<Product, Status>(refused.clone().into())
        });
        let answer = add(&routes, "a", &shop(SHOP_A).id, b"photo").await.json();
        let error = &answer["data"]["addProductImage"]["userErrors"][0];
        assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(words)), "{answer}");
    }
}

#[tokio::test]
async fn photos_are_moved_and_removed_by_their_ids() {
    let market = Market::new();
    market.catalog.on("move_product_image", |request: MoveProductImageRequest| {
        assert_eq!((request.image_id.as_str(), request.position), ("img_2", 0));
        Ok(with_photos())
    });
    market.catalog.on("remove_product_image", |request: ProductImageOfShop| {
        assert_eq!((request.product_id.as_str(), request.image_id.as_str()), ("prod_1", "img_2"));
        Ok(with_photos())
    });
    let query = "mutation($shop: ID!) {
      moveProductImage(input: {shopId: $shop, productId: \"prod_1\", imageId: \"img_2\", position: 0}) { product { id } userErrors { code } }
      removeProductImage(input: {shopId: $shop, productId: \"prod_1\", imageId: \"img_2\"}) { product { id } userErrors { code } } }";
    let answer = post(&market.routes(), "a", query, json!({ "shop": shop(SHOP_A).id })).await;
    for change in ["moveProductImage", "removeProductImage"] {
        assert_eq!(answer["data"][change]["userErrors"], json!([]), "{answer}");
    }
}

#[tokio::test]
async fn a_photo_is_served_once_for_ever_as_a_picture_and_nothing_else() {
    let market = Market::new();
    let digest = "0a".repeat(32);
    let expected = digest.clone();
    market.catalog.on("get_image_file", move |request: GetImageFileRequest| {
        if request.digest != expected || request.width != 640 {
            return Err(Status::not_found("no such picture"));
        }
        Ok(ImageFile { media_type: "image/jpeg".to_owned(), content: b"photo".to_vec() })
    });
    let routes = market.routes();
    let path = format!("/media/{digest}-640.jpg");
    let asked = get(&routes, &path, None).await;
    assert_eq!((asked.status, asked.text.as_str()), (StatusCode::OK, "photo"));
    for (name, value) in [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        assert_eq!(asked.header(name), value);
    }
    let tag = asked.header(header::ETAG).to_owned();
    assert_eq!(get(&routes, &path, None).await.text, "photo");
    let known = get(&routes, &path, Some(&format!("\"other\", W/{tag}"))).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(known.header(header::ETAG), tag);
    assert_eq!(market.catalog.take_calls()["get_image_file"], 1, "it is read once");
    for path in
        [format!("/media/{digest}-641.jpg"), "/media/x.jpg".to_owned(), "/media/..%2Fx".to_owned()]
    {
        assert_eq!(get(&routes, &path, None).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn whatever_else_catalog_holds_is_not_served() {
    let market = Market::new();
    market.catalog.on("get_image_file", |_: GetImageFileRequest| {
        Ok(ImageFile { media_type: "text/html".to_owned(), content: b"<script>".to_vec() })
    });
    let routes = market.routes();
    let path = format!("/media/{}-640.jpg", "0a".repeat(32));
    assert_eq!(get(&routes, &path, None).await.status, StatusCode::NOT_FOUND);
    market.catalog.on("get_image_file", |_: GetImageFileRequest| {
        Err::<ImageFile, _>(Status::unavailable("away"))
    });
    assert_eq!(get(&routes, &path, None).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_there_is_not_is_looked_for_once_in_a_while() {
    let market = Market::new();
    market.catalog.on("get_image_file", |_: GetImageFileRequest| {
        Err::<ImageFile, _>(Status::not_found("no such picture"))
    });
    let routes = market.routes();
    let path = |digit: &str| format!("/media/{}-640.jpg", digit.repeat(64));
    for _ in 0..3 {
        assert_eq!(get(&routes, &path("1"), None).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(get(&routes, &path("2"), None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(market.catalog.take_calls()["get_image_file"], 2);
}

async fn from(routes: &Router, address: &str, path: &str) -> Asked {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer: SocketAddr = format!("{address}:4000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    Asked::of(routes, request).await
}

#[tokio::test]
async fn an_address_that_asks_for_too_many_photos_or_maps_waits_and_others_do_not() {
    let mut market = Market::new();
    market.settings.requests_per_minute = 2;
    let routes = market.routes();
    // Of photos an address has ten for each request; what has no photo's name counts, too.
    for (path, allowed) in [("/media/x.jpg", 20), ("/sitemap/x.xml", 2)] {
        for _ in 0..allowed {
            assert_eq!(from(&routes, "192.0.2.1", path).await.status, StatusCode::NOT_FOUND);
        }
        let refused = from(&routes, "192.0.2.1", path).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert!(!refused.header(header::RETRY_AFTER).is_empty(), "{path}");
        assert_eq!(from(&routes, "192.0.2.2", path).await.status, StatusCode::NOT_FOUND);
        // The pages of this process have no socket, and no bound here.
        assert_eq!(get(&routes, path, None).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn search_engines_find_an_index_of_maps_which_are_read_once() {
    let market = Market::new();
    market.catalog.on("list_published", |request: ListPublishedRequest| {
        if request.from_id.is_empty() {
            let page_begins = vec!["prod_1".to_owned(), "prod_2".to_owned()];
            return Ok(PublishedProducts { products: Vec::new(), page_begins });
        }
        let slug = request.from_id.replace("prod_", "xoai-");
        let product = PublishedProduct { slug, updated_at: 1_800_000_000_000_000 };
        Ok(PublishedProducts { products: vec![product], page_begins: Vec::new() })
    });
    market.accounts.on("list_shops", |request: ListShopsRequest| {
        assert_eq!(request.status(), ShopStatus::Approved);
        let first = request.page.unwrap().after.is_empty();
        let shops = vec![shop(if first { SHOP_A } else { SHOP_B })];
        let cursors = vec!["behind the first".to_owned()];
        Ok(ShopPage { shops, page: Some(PageInfo { has_next: first, cursors, total: 2 }) })
    });
    let routes = market.routes();
    let index = get(&routes, "/sitemap.xml", None).await;
    assert_eq!(index.header(header::CONTENT_TYPE), "application/xml; charset=utf-8");
    for name in ["stalls", "shops", "products-1", "products-2"] {
        let place = format!("<loc>https://chonoi.example/sitemap/{name}.xml</loc>");
        assert!(index.text.contains(&place), "{name}: {}", index.text);
    }
    for _ in 0..2 {
        let map = get(&routes, "/sitemap/products-2.xml", None).await;
        let place = "<loc>https://chonoi.example/p/xoai-2</loc><lastmod>2027-01-15</lastmod>";
        assert!(map.text.contains(place), "{}", map.text);
    }
    assert_eq!(
        market.catalog.take_calls()["list_published"],
        2,
        "where the maps begin, and the map"
    );
    let shops = get(&routes, "/sitemap/shops.xml", None).await.text;
    assert!(shops.contains("/s/shop-1</loc>") && shops.contains("/s/shop-2</loc>"), "{shops}");
    let stalls = get(&routes, "/sitemap/stalls.xml", None).await.text;
    assert!(stalls.contains("<loc>https://chonoi.example/search?category=xoai</loc>"), "{stalls}");
    for path in ["/sitemap/products-3.xml", "/sitemap/products-0.xml", "/sitemap/x.xml"] {
        assert_eq!(get(&routes, path, None).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
