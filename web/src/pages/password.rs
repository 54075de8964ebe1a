//! The password: changed by who is signed in, set anew by who forgot it.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde_json::{Value, json};

use super::account::SignedIn;
use crate::cookies::{self, Kept};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    chrome: Chrome,
    form: FormState,
}

#[derive(Template)]
#[template(path = "forgotten_password.html")]
struct ForgottenPage {
    chrome: Chrome,
    form: FormState,
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPage {
    chrome: Chrome,
    token: String,
    form: FormState,
}

const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) {
  session { token } userErrors { code message path } } }";
const ASK: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) {
  userErrors { code message path } } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) {
  userErrors { code message path } } }";

/// `GET /password`
pub async fn form(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    show_with(&state, &visitor, FormState::default()).await
}

async fn show_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let chrome = Chrome::of(state, visitor).await?;
    if chrome.person.is_none() {
        return Err(PageError::SignInFirst);
    }
    Ok(render(&PasswordPage { chrome, form }))
}

/// `POST /password`: the session that is left takes the place of the one in the cookie.
pub async fn change(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let mut typed = |name: &str| fields.remove(name).unwrap_or_default();
    let input = json!({ "oldPassword": typed("old"), "newPassword": typed("new") });
    match state.graphql.change::<SignedIn>(&visitor, CHANGE, json!({ "input": input })).await? {
        Ok(signed_in) => {
            let notice = "password.changed_notice".to_owned();
            let jar = CookieJar::new()
                .add(cookies::write(Kept::Session, signed_in.session.token, state.secure))
                .add(cookies::write(Kept::Notice, notice, state.secure));
            Ok((jar, Redirect::to("/password")).into_response())
        }
        // What was typed is no answer's to repeat.
        Err(errors) => {
            show_with(&state, &visitor, FormState::refused(HashMap::new(), errors)).await
        }
    }
}

/// `GET /password/forgotten`
pub async fn forgotten_form(
    State(state): State<AppState>,
    visitor: Visitor,
) -> PageResult<Response> {
    let chrome = Chrome::of(&state, &visitor).await?;
    Ok(render(&ForgottenPage { chrome, form: FormState::default() }))
}

/// `POST /password/forgotten`: says the same, whoever it is.
pub async fn ask_for_letter(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let login = fields.get("login").map_or("", String::as_str);
    let variables = json!({ "input": { "login": login } });
    match state.graphql.change::<Value>(&visitor, ASK, variables).await? {
        Ok(_) => Ok(go("/sign-in", Some("password.letter_notice"), state.secure)),
        Err(errors) => {
            let chrome = Chrome::of(&state, &visitor).await?;
            Ok(render(&ForgottenPage { chrome, form: FormState::refused(fields, errors) }))
        }
    }
}

/// `GET /password/reset/{token}`: whether the token counts is told with the form's answer.
pub async fn reset_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let chrome = Chrome::of(&state, &visitor).await?;
    Ok(render(&ResetPage { chrome, token, form: FormState::default() }))
}

/// `POST /password/reset/{token}`: whoever this browser's session belonged to signs in again.
pub async fn reset(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form(mut fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    let password = fields.remove("new").unwrap_or_default();
    let variables = json!({ "input": { "token": token, "newPassword": password } });
    match state.graphql.change::<Value>(&visitor, RESET, variables).await? {
        Ok(_) => {
            let notice = "password.reset_notice".to_owned();
            let jar = CookieJar::new()
                .add(cookies::remove(Kept::Session, state.secure))
                .add(cookies::write(Kept::Notice, notice, state.secure));
            Ok((jar, Redirect::to("/sign-in")).into_response())
        }
        Err(errors) => {
            let chrome = Chrome::of(&state, &visitor).await?;
            let form = FormState::refused(HashMap::new(), errors);
            Ok(render(&ResetPage { chrome, token, form }))
        }
    }
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

    /// The pages over a gateway that answers the mutation with this, and knows who holds a session.
    fn pages(mutation: &'static str) -> Router {
        let answer = move |question: String| async move {
            if question.contains("mutation") {
                mutation
            } else {
                r#"{"data":{"me":{"name":"Bông","operator":false}}}"#
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

    /// Status, cookies, place to go to, and text of what is answered to a form; without one, of the page.
    async fn ask(
        routes: &Router,
        path: &str,
        session: bool,
        form: Option<&str>,
    ) -> (StatusCode, String, String, String) {
        let mut request = match form {
            Some(_) => Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin"),
            None => Request::get(path),
        };
        if session {
            request = request.header(header::COOKIE, "__Host-session=abc");
        }
        let body = Body::from(form.unwrap_or_default().to_owned());
        let answer = routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let all = |name: header::HeaderName| {
            let values = answer.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("\n")
        };
        let (cookies, place) = (all(header::SET_COOKIE), all(header::LOCATION));
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, cookies, place, String::from_utf8(bytes.to_vec()).unwrap())
    }

    const CHANGED: &str =
        r#"{"data":{"changePassword":{"session":{"token":"xyz"},"userErrors":[]}}}"#;
    const REFUSED: &str = r#"{"data":{"changePassword":{"session":null,"userErrors":[
        {"code":"WRONG_CREDENTIALS","message":"Sai mật khẩu.","path":["oldPassword"]}]}}}"#;

    #[tokio::test]
    async fn who_changed_the_password_goes_on_in_the_session_that_is_left() {
        let (status, cookies, place, _) =
            ask(&pages(CHANGED), "/password", true, Some("old=a&new=b")).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/password"));
        assert!(cookies.contains("__Host-session=xyz;"), "{cookies}");
        assert!(cookies.contains("__Host-notice=password.changed_notice;"), "{cookies}");
    }

    #[tokio::test]
    async fn a_refused_form_says_why_and_repeats_no_password() {
        let (status, cookies, _, text) =
            ask(&pages(REFUSED), "/password", true, Some("old=sen-hong-1&new=sen-hong-2")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("Sai mật khẩu.") && !text.contains("sen-hong"), "{text}");
        assert!(text.contains("<title>Lỗi: "), "{text}");
        let (.., untouched) = ask(&pages(REFUSED), "/password", true, None).await;
        assert!(untouched.contains("<title>") && !untouched.contains("Lỗi: "), "{untouched}");
        assert!(!cookies.contains("__Host-session"), "{cookies}");
    }

    #[tokio::test]
    async fn who_is_not_signed_in_signs_in_first() {
        let routes = pages(CHANGED);
        for form in [None, Some("old=a&new=b")] {
            let (status, cookies, place, _) = ask(&routes, "/password", false, form).await;
            assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
            assert!(!cookies.contains("session"), "{cookies}");
        }
        let (status, _, _, text) = ask(&routes, "/password", true, None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"action="/password""#), "{text}");
    }

    #[tokio::test]
    async fn whoever_forgot_a_password_reads_the_same() {
        let routes = pages(r#"{"data":{"requestPasswordReset":{"userErrors":[]}}}"#);
        let (status, _, _, text) = ask(&routes, "/password/forgotten", false, None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"action="/password/forgotten""#), "{text}");
        for form in ["login=bong%40example.com", "login=0912345678", "login=", ""] {
            let (status, cookies, place, _) =
                ask(&routes, "/password/forgotten", false, Some(form)).await;
            assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
            assert!(cookies.contains("__Host-notice=password.letter_notice;"), "{cookies}");
        }
    }

    #[tokio::test]
    async fn the_letters_link_opens_a_form_that_leads_to_signing_in() {
        let routes = pages(r#"{"data":{"resetPassword":{"userErrors":[]}}}"#);
        let (status, _, _, text) = ask(&routes, "/password/reset/0a1b", false, None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"action="/password/reset/0a1b""#), "{text}");
        assert!(text.contains("noindex"), "{text}");
        let (status, cookies, place, _) =
            ask(&routes, "/password/reset/0a1b", true, Some("new=sen-hong-2")).await;
        assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/sign-in"));
        assert!(cookies.contains("__Host-session=;"), "{cookies}");
        assert!(cookies.contains("__Host-notice=password.reset_notice;"), "{cookies}");
    }

    #[tokio::test]
    async fn a_link_that_does_not_count_says_so_and_shows_the_way_to_another() {
        let refused = r#"{"data":{"resetPassword":{"userErrors":[
            {"code":"RESET_LINK_INVALID","message":"Đã quá hạn.","path":null}]}}}"#;
        let (status, cookies, _, text) =
            ask(&pages(refused), "/password/reset/0a1b", true, Some("new=sen-hong-2")).await;
        assert_eq!((status, cookies.as_str()), (StatusCode::OK, ""));
        assert!(text.contains("Đã quá hạn.") && !text.contains("sen-hong"), "{text}");
        assert!(text.contains(r#"href="/password/forgotten""#), "{text}");
    }
}
