//! What the market keeps of somebody: who they are and correcting it, what they agreed to, and all of it as a file.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::{Value, json};

use super::stalls::After;
use crate::cookies::{self, Kept};
use crate::download::{TextFile, download_text};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "my_data.html")]
struct MyDataPage {
    chrome: Chrome,
    me: Me,
    form: FormState,
}

#[derive(Template)]
#[template(path = "confirm_email.html")]
struct ConfirmPage {
    chrome: Chrome,
    token: String,
    form: FormState,
}

#[derive(Template)]
#[template(path = "delete_account.html")]
struct DeletePage {
    chrome: Chrome,
    form: FormState,
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
    locale: String,
    created_at: String,
    consents: Vec<ConsentView>,
}

impl Me {
    /// What is kept, to be corrected.
    fn as_form(&self) -> FormState {
        FormState::filled(HashMap::from([
            ("name".to_owned(), self.name.clone()),
            ("phone".to_owned(), self.phone.clone().unwrap_or_default()),
            ("email".to_owned(), self.email.clone().unwrap_or_default()),
            ("locale".to_owned(), self.locale.clone()),
        ]))
    }
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    awaited_email: Option<String>,
}

const ME: &str = "{ me { name phone email locale createdAt consents { version givenAt } } }";
const UPDATE: &str = "mutation($input: UpdateMeInput!) { updateMe(input: $input) {
  awaitedEmail userErrors { code message path } } }";
const CONFIRM: &str = "mutation($token: String!) { confirmEmail(input: {token: $token}) {
  email userErrors { code message path } } }";
const DELETE: &str =
    "mutation($password: String!) { deleteMyAccount(input: {password: $password}) {
  deleted userErrors { code message path } } }";
const FILE: &str =
    "query($after: String) { exportMyData(after: $after) { name mediaType content } }";

/// `GET /my-data`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    show_with(&state, &visitor, None).await
}

/// The page, with a form that came back or else filled with what is kept.
async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    refused: Option<FormState>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, ME, json!({})),
        Chrome::of(state, visitor)
    )?;
    let me = data.me.ok_or(PageError::SignInFirst)?;
    let form = refused.unwrap_or_else(|| me.as_form());
    Ok(render(&MyDataPage { chrome, me, form }))
}

/// `POST /my-data`
pub async fn update(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let password = fields.remove("password").unwrap_or_default();
    let input = json!({
        "name": fields.get("name"), "phone": fields.get("phone"), "email": fields.get("email"),
        "locale": fields.get("locale").filter(|locale| matches!(locale.as_str(), "VI" | "EN")),
        "password": password,
    });
    match state.graphql.change::<Updated>(&visitor, UPDATE, json!({ "input": input })).await? {
        Ok(Updated { awaited_email: Some(_) }) => {
            Ok(go("/my-data", Some("my_data.letter_notice"), state.secure))
        }
        Ok(Updated { awaited_email: None }) => {
            Ok(go("/my-data", Some("my_data.saved_notice"), state.secure))
        }
        Err(errors) => show_with(&state, &visitor, Some(FormState::refused(fields, errors))).await,
    }
}

/// `GET /my-data/email/{token}`: a look changes nothing, for programs that read mail follow links, too.
pub async fn confirm_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let chrome = Chrome::of(&state, &visitor).await?;
    Ok(render(&ConfirmPage { chrome, token, form: FormState::default() }))
}

/// `POST /my-data/email/{token}`
pub async fn confirm(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    match state.graphql.change::<Value>(&visitor, CONFIRM, json!({ "token": token })).await? {
        Ok(_) => {
            let to = if visitor.session.is_some() { "/my-data" } else { "/sign-in" };
            Ok(go(to, Some("my_data.confirmed_notice"), state.secure))
        }
        Err(errors) => {
            let chrome = Chrome::of(&state, &visitor).await?;
            let form = FormState::refused(HashMap::new(), errors);
            Ok(render(&ConfirmPage { chrome, token, form }))
        }
    }
}

/// `GET /my-data/delete`
pub async fn delete_form(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    delete_with(&state, &visitor, FormState::default()).await
}

async fn delete_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let chrome = Chrome::of(state, visitor).await?;
    if chrome.person.is_none() {
        return Err(PageError::SignInFirst);
    }
    Ok(render(&DeletePage { chrome, form }))
}

/// `POST /my-data/delete`: whoever this browser's session belonged to is nobody any more.
pub async fn delete(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let variables = json!({ "password": fields.remove("password").unwrap_or_default() });
    match state.graphql.change::<Value>(&visitor, DELETE, variables).await? {
        Ok(_) => {
            let notice = "my_data.deleted_notice".to_owned();
            let jar = CookieJar::new()
                .add(cookies::remove(Kept::Session, state.secure))
                .add(cookies::write(Kept::Notice, notice, state.secure));
            Ok((jar, Redirect::to("/")).into_response())
        }
        Err(errors) => {
            delete_with(&state, &visitor, FormState::refused(HashMap::new(), errors)).await
        }
    }
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

    /// The pages over a gateway that knows who is signed in, gives the part of the file that is asked for, and answers
    /// mutations with what they were asked.
    fn pages() -> Router {
        let answer = |question: String| async move {
            let question: serde_json::Value = serde_json::from_str(&question).unwrap();
            let refused =
                json!([{ "code": "REQUIRED", "message": "Cần mật khẩu.", "path": ["password"] }]);
            let input = &question["variables"]["input"];
            if question["query"].as_str().unwrap().contains("updateMe") {
                let (errors, awaited) = if input["password"] == "" {
                    (refused, json!(null))
                } else {
                    (json!([]), input["email"].clone())
                };
                let payload = json!({ "awaitedEmail": awaited, "userErrors": errors });
                return json!({ "data": { "updateMe": payload } }).to_string();
            }
            if question["query"].as_str().unwrap().contains("deleteMyAccount") {
                let right = question["variables"]["password"] == "sen-hong-1";
                let payload = if right {
                    json!({ "deleted": true, "userErrors": [] })
                } else {
                    json!({ "deleted": null, "userErrors": refused })
                };
                return json!({ "data": { "deleteMyAccount": payload } }).to_string();
            }
            if question["query"].as_str().unwrap().contains("confirmEmail") {
                let payload = json!({ "email": "sen@example.com", "userErrors": [] });
                return json!({ "data": { "confirmEmail": payload } }).to_string();
            }
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

    /// Status, place to go to, cookies and text of what is answered to a form.
    async fn send(path: &str, session: bool, form: &str) -> (StatusCode, String, String, String) {
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        if session {
            request = request.header(header::COOKIE, "__Host-session=abc");
        }
        let body = Body::from(form.to_owned());
        let answer = pages().oneshot(request.body(body).unwrap()).await.unwrap();
        let all = |name: header::HeaderName| {
            let values = answer.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("\n")
        };
        let (place, cookies) = (all(header::LOCATION), all(header::SET_COOKIE));
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, place, cookies, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn who_corrects_something_is_told_what_happens_next_and_a_refused_form_repeats_no_password()
     {
        let form = "name=Sen&phone=&email=sen%40example.com&locale=EN&password=sen-hong-1";
        let (status, place, cookies, _) = send("/my-data", true, form).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/my-data"));
        assert!(cookies.contains("__Host-notice=my_data.letter_notice;"), "{cookies}");
        let (status, _, _, text) =
            send("/my-data", true, "name=Sen+Moi&phone=0987&password=").await;
        assert_eq!(status, StatusCode::OK);
        for part in ["Cần mật khẩu.", r#"value="Sen Moi""#, r#"value="0987""#] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let (_, place, _, _) = send("/my-data", false, form).await;
        assert_eq!(place, "/sign-in");
    }

    #[tokio::test]
    async fn who_deletes_their_account_is_nobody_in_this_browser_any_more() {
        let (status, _, text) = get("/my-data/delete", true).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"action="/my-data/delete""#), "{text}");
        let (status, _, cookies, text) = send("/my-data/delete", true, "password=sai").await;
        assert_eq!((status, cookies.as_str()), (StatusCode::OK, ""));
        assert!(text.contains("Cần mật khẩu.") && !text.contains("sai\""), "{text}");
        let (status, place, cookies, _) =
            send("/my-data/delete", true, "password=sen-hong-1").await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/"));
        assert!(cookies.contains("__Host-session=;"), "{cookies}");
        assert!(cookies.contains("__Host-notice=my_data.deleted_notice;"), "{cookies}");
    }

    #[tokio::test]
    async fn a_look_at_the_link_changes_nothing_and_the_form_confirms() {
        let (status, _, text) = get("/my-data/email/0a1b", false).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains(r#"action="/my-data/email/0a1b""#) && text.contains("noindex"),
            "{text}"
        );
        for (session, to) in [(true, "/my-data"), (false, "/sign-in")] {
            let (status, place, cookies, _) = send("/my-data/email/0a1b", session, "").await;
            assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, to));
            assert!(cookies.contains("__Host-notice=my_data.confirmed_notice;"), "{cookies}");
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
