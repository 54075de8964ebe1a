//! A product's photos: shown where it is edited, added one by one, put first, removed. All of it by plain
//! forms, so that a phone's camera and no script are enough.

use std::collections::HashMap;

use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::upload::{in_time, no_file, turn};
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

/// The largest form: a photo of 8 MiB and what is around it.
pub const MAX_BODY_BYTES: usize = 8_320 * 1_024;

#[derive(Template)]
#[template(path = "product_photos.html")]
struct PhotosPage {
    chrome: Chrome,
    shop: String,
    product: String,
    title: String,
    photos: Vec<DeskPhoto>,
    form: FormState,
}

/// A photo, as who edits it sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct DeskPhoto {
    /// Its id.
    pub id: String,
    /// Its address in small.
    pub url: String,
    /// What it shows.
    pub alt: String,
}

#[derive(Deserialize)]
struct Shop {
    product: Option<OfProduct>,
}

#[derive(Deserialize)]
struct OfProduct {
    title: String,
    images: Vec<DeskPhoto>,
}

const ASK: &str = "query($id: ID!, $product: ID!) { me { shop(id: $id) { product(id: $product) {
  title images { id url(width: 320) alt } } } } }";
const ADD: &str =
    "mutation($shopId: ID!, $productId: ID!, $file: Upload!, $alt: LocalizedTextInput) {
  addProductImage(input: {shopId: $shopId, productId: $productId, file: $file, alt: $alt}) {
    product { id } userErrors { code message path } } }";
const MOVE_FIRST: &str = "mutation($shop: ID!, $product: ID!, $image: ID!) {
  moveProductImage(input: {shopId: $shop, productId: $product, imageId: $image, position: 0}) {
    product { id } userErrors { code message path } } }";
const REMOVE: &str = "mutation($shop: ID!, $product: ID!, $image: ID!) {
  removeProductImage(input: {shopId: $shop, productId: $product, imageId: $image}) {
    product { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/products/{product}/images`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
) -> PageResult<Response> {
    show_with(&state, &visitor, id, product, Vec::new()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    shop: String,
    product: String,
    errors: Vec<UserError>,
) -> PageResult<Response> {
    let (found, chrome) = tokio::try_join!(
        of_own_product(state, visitor, &shop, &product),
        Chrome::of(state, visitor)
    )?;
    let OfProduct { title, images: photos } = found;
    let form = FormState::refused(HashMap::new(), errors);
    Ok(render(&PhotosPage { chrome, shop, product, title, photos, form }))
}

/// The product, as who acts for its shop sees it.
async fn of_own_product(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    product: &str,
) -> PageResult<OfProduct> {
    let variables = json!({ "id": shop, "product": product });
    let found = query_own_shop::<Shop>(state, visitor, ASK, variables).await?;
    found.product.ok_or(PageError::NotFound)
}

/// What the form sends.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sent {
    file: Vec<u8>,
    alt: String,
    alt_en: String,
}

impl Sent {
    /// Reads the form; nothing where it is larger than it may be.
    async fn read(parts: Multipart) -> PageResult<Option<Self>> {
        match Self::of(parts).await {
            Ok(sent) => Ok(Some(sent)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Ok(None),
            Err(error) => Err(PageError::fault(error)),
        }
    }

    async fn of(mut parts: Multipart) -> Result<Self, MultipartError> {
        let mut sent = Self::default();
        while let Some(part) = parts.next_field().await? {
            match part.name() {
                Some("file") => sent.file = part.bytes().await?.to_vec(),
                Some("alt") => sent.alt = part.text().await?,
                Some("alt_en") => sent.alt_en = part.text().await?,
                _ => {}
            }
        }
        Ok(sent)
    }
}

/// `POST /my-shops/{id}/products/{product}/images`
pub async fn add(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    headers: HeaderMap,
    parts: Multipart,
) -> PageResult<Response> {
    // Nobody's photo is read, nor that of who may not send one: a cookie alone says nothing.
    visitor.must_be_signed_in()?;
    of_own_product(&state, &visitor, &id, &product).await?;
    let _turn = turn(&state, &headers).await?;
    let refused = match in_time(&state, Sent::read(parts)).await? {
        None => vec![too_large(&visitor)],
        Some(sent) if sent.file.is_empty() => vec![no_file(&visitor)],
        Some(Sent { file, alt, alt_en }) => {
            let variables = json!({
                "shopId": id, "productId": product, "file": null,
                "alt": { "vi": alt, "en": alt_en },
            });
            let photo = ("photo", file.as_slice());
            match state.graphql.upload::<Value>(&visitor, ADD, variables, photo).await? {
                Ok(_) => return Ok(back_to(&state, &id, &product, "photos.added")),
                Err(errors) => errors,
            }
        }
    };
    show_with(&state, &visitor, id, product, refused).await
}

/// `POST /my-shops/{id}/products/{product}/images/{image}/{first|remove}`
pub async fn change(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product, image, change)): Path<(String, String, String, String)>,
) -> PageResult<Response> {
    let operation = match change.as_str() {
        "first" => MOVE_FIRST,
        "remove" => REMOVE,
        _ => return Err(PageError::NotFound),
    };
    let variables = json!({ "shop": id, "product": product, "image": image });
    match state.graphql.change::<Value>(&visitor, operation, variables).await? {
        Ok(_) => Ok(back_to(&state, &id, &product, "products.changed")),
        Err(errors) => show_with(&state, &visitor, id, product, errors).await,
    }
}

/// To where the product is edited; of a tour that is another page, which the first one knows.
fn back_to(state: &AppState, shop: &str, product: &str, notice: &str) -> Response {
    go(&format!("/my-shops/{shop}/products/{product}#photos"), Some(notice), state.secure)
}

fn too_large(visitor: &Visitor) -> UserError {
    let message = visitor.texts().say("photos.too_large").to_owned();
    UserError { code: "FILE_TOO_LARGE".to_owned(), message, path: None }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use axum::response::{IntoResponse, Json};
    use axum::routing::post;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    use super::*;

    /// The pages over a gateway that knows one product with two photos, and takes or refuses what is sent;
    /// and what it was sent.
    fn pages(refuse: bool) -> (Router, Arc<Mutex<Vec<String>>>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&heard);
        let answer = move |body: axum::body::Bytes| {
            let text = String::from_utf8_lossy(&body).into_owned();
            let error =
                json!({ "code": "PICTURE_UNREADABLE", "message": "Không đọc được ảnh này." });
            let errors = if refuse { vec![error] } else { Vec::new() };
            let payload = json!({ "product": { "id": "prod_1" }, "userErrors": errors });
            let photo =
                |id: &str| json!({ "id": id, "url": format!("/media/{id}.jpg"), "alt": "Xoài" });
            let product =
                json!({ "title": "Xoài cát", "images": [photo("img_1"), photo("img_2")] });
            let data = if text.contains("mutation") {
                json!({ "changed": payload })
            } else {
                json!({ "me": { "name": "An", "operator": false, "shop": { "product": product } } })
            };
            told.lock().unwrap().push(text);
            async move { Json(json!({ "data": data })).into_response() }
        };
        (pages_over(Router::new().route("/graphql", post(answer))), heard)
    }

    fn pages_over(gateway: Router) -> Router {
        let pages = Pages::new(PagesParts {
            graphql: upstream::local(gateway),
            public_url: "http://cho.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        });
        pages.routes()
    }

    const PAGE: &str = "/my-shops/shop_1/products/prod_1/images";

    fn form(file: &[u8]) -> Vec<u8> {
        let mut body =
            b"--X\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\nXo\xc3\xa0i\r\n\
            --X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--X--\r\n");
        body
    }

    async fn send(
        routes: &Router,
        path: &str,
        cookie: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, String, String) {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(body.into())
            .unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let to = response.headers().get(header::LOCATION);
        let to = to.map_or_else(String::new, |to| to.to_str().unwrap().to_owned());
        let text = to_bytes(response.into_body(), 1024 * 1024).await.unwrap();
        (status, to, String::from_utf8(text.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_photo_goes_to_the_gateway_and_leads_back_to_the_product() {
        let (routes, heard) = pages(false);
        let (status, to, _) = send(&routes, PAGE, "session=abc", form(b"a photo")).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(to, "/my-shops/shop_1/products/prod_1#photos");
        let sent = heard.lock().unwrap().concat();
        assert!(sent.contains("addProductImage") && sent.contains("a photo"), "{sent}");
        assert!(
            sent.contains(r#""vi":"Xoài""#) && sent.contains(r#""productId":"prod_1""#),
            "{sent}"
        );
    }

    #[tokio::test]
    async fn a_refused_photo_is_told_of_beside_those_that_are_there() {
        let (routes, _) = pages(true);
        let (status, _, page) = send(&routes, PAGE, "session=abc", form(b"no photo")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            page.contains("Không đọc được ảnh này.") && page.contains("/media/img_2.jpg"),
            "{page}"
        );
        // The first is the first already; the others may become it; each may be removed.
        assert!(!page.contains("img_1/first") && page.contains("img_2/first"), "{page}");
        assert!(page.contains("img_1/remove") && page.contains("enctype=\"multipart/form-data\""));
    }

    #[tokio::test]
    async fn a_form_without_a_photo_and_one_that_is_too_large_are_sent_back() {
        let (routes, heard) = pages(false);
        let (_, _, page) = send(&routes, PAGE, "session=abc", form(b"")).await;
        assert!(page.contains("Hãy chọn một tệp."), "{page}");
        let (_, _, page) =
            send(&routes, PAGE, "session=abc", form(&vec![b'x'; MAX_BODY_BYTES])).await;
        assert!(page.contains("Ảnh quá lớn"), "{page}");
        assert!(!heard.lock().unwrap().concat().contains("addProductImage"));
    }

    #[tokio::test]
    async fn nobody_and_forms_of_other_sites_send_no_photo() {
        let (routes, heard) = pages(false);
        let (_, to, _) = send(&routes, PAGE, "", form(b"a photo")).await;
        assert_eq!(to, "/sign-in");
        let request = Request::post(PAGE)
            .header("sec-fetch-site", "cross-site")
            .header(header::COOKIE, "session=abc")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(form(b"a photo")))
            .unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(heard.lock().unwrap().is_empty());
    }

    /// A form that tells whether anybody reads it.
    fn watched() -> (Body, Arc<AtomicBool>) {
        let read = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&read);
        let all = futures_util::stream::once(async move {
            told.store(true, Ordering::SeqCst);
            Ok::<_, Infallible>(form(b"a photo"))
        });
        (Body::from_stream(all), read)
    }

    #[tokio::test]
    async fn a_cookie_alone_has_no_photo_read_nor_has_who_does_not_act_for_the_shop() {
        for (data, status, to) in [
            (json!({ "me": null }), StatusCode::SEE_OTHER, "/sign-in"),
            (json!({ "me": { "shop": null } }), StatusCode::NOT_FOUND, ""),
            (json!({ "me": { "shop": { "product": null } } }), StatusCode::NOT_FOUND, ""),
        ] {
            let answer = move || async move { Json(json!({ "data": data })) };
            let routes = pages_over(Router::new().route("/graphql", post(answer)));
            let (body, read) = watched();
            let (answered, led_to, _) = send(&routes, PAGE, "session=made-up", body).await;
            assert_eq!((answered, led_to.as_str()), (status, to));
            assert!(!read.load(Ordering::SeqCst), "{to}: it was read");
        }
        let (body, read) = watched();
        let (status, _, _) = send(&pages(false).0, PAGE, "session=abc", body).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(read.load(Ordering::SeqCst), "nobody's photo is read");
    }

    #[tokio::test]
    async fn a_photo_is_put_first_or_removed_by_a_button() {
        let (routes, heard) = pages(false);
        for (change, operation) in [("first", "moveProductImage"), ("remove", "removeProductImage")]
        {
            let path = format!("{PAGE}/img_2/{change}");
            let (status, _, _) = send(&routes, &path, "session=abc", Body::empty()).await;
            assert_eq!(status, StatusCode::SEE_OTHER);
            let sent = std::mem::take(&mut *heard.lock().unwrap()).concat();
            assert!(sent.contains(operation) && sent.contains("img_2"), "{sent}");
        }
        let (status, _, _) =
            send(&routes, &format!("{PAGE}/img_2/x"), "session=abc", Body::empty()).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
