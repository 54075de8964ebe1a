//! What the market keeps of somebody: who they are, what they agreed to, and all of it as a file.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::stalls::After;
use crate::download::{TextFile, download_text};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "my_data.html")]
struct MyDataPage {
    chrome: Chrome,
    me: Me,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    name: String,
    phone: Option<String>,
    email: Option<String>,
    created_at: String,
    consents: Vec<ConsentView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsentView {
    version: String,
    given_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    export_my_data: TextFile,
}

const ME: &str = "{ me { name phone email createdAt consents { version givenAt } } }";
const FILE: &str =
    "query($after: String) { exportMyData(after: $after) { name mediaType content } }";

/// `GET /my-data`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(&visitor, ME, json!({})),
        Chrome::of(&state, &visitor)
    )?;
    let me = data.me.ok_or(PageError::SignInFirst)?;
    Ok(render(&MyDataPage { chrome, me }))
}

/// `GET /my-data/file`
pub async fn file(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let variables = json!({ "after": after });
    let exported = state.graphql.query::<Exported>(&visitor, FILE, variables).await?;
    Ok(download_text(exported.export_my_data))
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
    use serde_json::json;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    /// The pages over a gateway that knows who is signed in, and gives the part of the file that is asked for.
    fn pages() -> Router {
        let answer = |question: String| async move {
            let question: serde_json::Value = serde_json::from_str(&question).unwrap();
            if question["query"].as_str().unwrap().contains("exportMyData") {
                let content = format!("{{\"behind\":{}}}", question["variables"]["after"]);
                let file = json!({
                    "name": "cho-noi-my-data.json", "mediaType": "application/json", "content": content,
                });
                return json!({ "data": { "exportMyData": file } }).to_string();
            }
            let me = json!({
                "name": "Bông", "phone": "+84912345678", "email": null, "operator": false, "locale": "VI",
                "createdAt": "2026-11-01T00:00:00Z",
                "consents": [{ "version": "2026-12-01", "givenAt": "2026-12-02T00:00:00Z" }],
            });
            json!({ "data": { "me": me } }).to_string()
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

    /// Status, what says how the browser keeps it, and text of a page.
    async fn get(path: &str, session: bool) -> (StatusCode, String, String) {
        let mut request = Request::get(path);
        if session {
            request = request.header(header::COOKIE, "__Host-session=abc");
        }
        let answer = pages().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let kept = answer.headers().get(header::CONTENT_DISPOSITION);
        let kept = kept.map_or("", |value| value.to_str().unwrap()).to_owned();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, kept, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn people_see_who_they_are_what_they_agreed_to_and_the_way_to_the_file() {
        let (status, _, text) = get("/my-data", true).await;
        assert_eq!(status, StatusCode::OK);
        for part in ["Bông", "+84912345678", "2026-12-01", r#"href="/my-data/file""#] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[tokio::test]
    async fn the_file_comes_part_by_part_to_be_kept() {
        let (status, kept, text) = get("/my-data/file", true).await;
        assert_eq!((status, text.as_str()), (StatusCode::OK, r#"{"behind":null}"#));
        assert_eq!(kept, r#"attachment; filename="cho-noi-my-data.json""#);
        let (_, _, text) = get("/my-data/file?after=chk_1", true).await;
        assert_eq!(text, r#"{"behind":"chk_1"}"#);
    }

    #[tokio::test]
    async fn who_is_not_signed_in_signs_in_first() {
        for path in ["/my-data", "/my-data/file"] {
            assert_eq!(get(path, false).await.0, StatusCode::SEE_OTHER, "{path}");
        }
    }
}
