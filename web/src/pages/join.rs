//! An invitation's link: what it offers, and accepting it. A look changes nothing: programs that read mail follow
//! links, too.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    chrome: Chrome,
    token: String,
    /// None: it does not count any more.
    offer: Option<OfferView>,
    form: FormState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    shop_invitation: Option<OfferView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfferView {
    shop_name: String,
    role: String,
    counts_from: String,
    expires_at: String,
}

#[derive(Deserialize)]
struct Payload {
    shop: JoinedShop,
}

#[derive(Deserialize)]
struct JoinedShop {
    id: String,
}

const LOOK: &str = "query($token: String!) { shopInvitation(token: $token) {
  shopName role countsFrom expiresAt } }";
const ACCEPT: &str = "mutation($token: String!) { acceptShopInvitation(input: {token: $token}) {
  shop { id } userErrors { code message path } } }";

/// `GET /join/{token}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    show_with(&state, &visitor, token, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    form: FormState,
) -> PageResult<Response> {
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, LOOK, json!({ "token": token })),
        Chrome::of(state, visitor)
    )?;
    Ok(render(&JoinPage { chrome, token, offer: data.shop_invitation, form }))
}

/// `POST /join/{token}`
pub async fn accept(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let variables = json!({ "token": token });
    match state.graphql.change::<Payload>(&visitor, ACCEPT, variables).await {
        Ok(Ok(Payload { shop })) => {
            Ok(go(&format!("/my-shops/{}", shop.id), Some("join.notice"), state.secure))
        }
        Ok(Err(errors)) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, token, form).await
        }
        // Their session ended meanwhile: they come back here.
        Err(PageError::SignInFirst) if is_token(&token) => {
            Ok(Redirect::to(&format!("/sign-in?to=/join/{token}")).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Tokens are hexadecimal digits: nothing else is put into an address.
fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::routing::post;
    use http_body_util::BodyExt;
    use platform::limits::RateLimiter;
    use platform::upstream;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    const OFFER: &str = r#"{"data":{"shopInvitation":{"shopName":"Bông Sen","role":"STAFF",
      "countsFrom":"2026-11-03T00:00:00Z","expiresAt":"2026-11-10T00:00:00Z"}}}"#;

    /// The pages over a gateway that answers a look and accepting with these, and knows who holds a session.
    fn pages(look: &'static str, accepted: &'static str) -> Router {
        let answer = move |question: String| async move {
            if question.contains("mutation") {
                accepted
            } else if question.contains("shopInvitation") {
                look
            } else {
                r#"{"data":{"me":{"name":"Lan","operator":false}}}"#
            }
        };
        Pages::new(PagesParts {
            graphql: upstream::local(Router::new().route("/graphql", post(answer))),
            public_url: "https://chonoi.example".to_owned(),
            sandbox: false,
            trust_forwarded: false,
            limiter: Arc::new(RateLimiter::in_process()),
            requests_per_minute: 0,
        })
        .routes()
    }

    async fn ask(routes: &Router, accept: bool, session: bool) -> (StatusCode, String, String) {
        let path = "/join/0a1b";
        let mut request = if accept {
            Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
        } else {
            Request::get(path)
        };
        if session {
            request = request.header(header::COOKIE, "__Host-session=abc");
        }
        let answer = routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let place = answer.headers().get(header::LOCATION);
        let place = place.map(|place| place.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, place, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn who_is_signed_in_accepts_and_who_is_not_signs_in_or_up_first_and_comes_back() {
        let routes = pages(
            OFFER,
            r#"{"data":{"acceptShopInvitation":{"shop":{"id":"shop_1"},"userErrors":[]}}}"#,
        );
        let (status, _, text) = ask(&routes, false, false).await;
        assert_eq!(status, StatusCode::OK);
        for part in ["Bông Sen", "/sign-in?to=/join/0a1b", "/sign-up?to=/join/0a1b", "noindex"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(r#"action="/join/0a1b""#), "{text}");
        let (_, _, text) = ask(&routes, false, true).await;
        assert!(text.contains(r#"action="/join/0a1b""#), "{text}");
        let (status, place, _) = ask(&routes, true, true).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/my-shops/shop_1"));
        let nobody = r#"{"data":null,"errors":[{"message":"Hãy đăng nhập.","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
        let (status, place, _) = ask(&pages(OFFER, nobody), true, false).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/sign-in?to=/join/0a1b"));
    }

    #[tokio::test]
    async fn a_link_that_does_not_count_offers_nothing() {
        let routes = pages(r#"{"data":{"shopInvitation":null}}"#, "");
        let (status, _, text) = ask(&routes, false, true).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!text.contains(r#"action="/join"#), "{text}");
    }
}
