//! What people agree to: the text, and agreeing to it for who has an account and did not yet.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::Locale;
use serde::Deserialize;
use serde_json::{Value, json};

use super::views::url_encode;
use crate::forms::{FormState, go, own_path};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "terms.html")]
struct TermsPage {
    chrome: Chrome,
    terms: TermsView,
}

#[derive(Template)]
#[template(path = "accept_terms.html")]
struct AcceptPage {
    chrome: Chrome,
    terms: String,
    form: FormState,
}

#[derive(Deserialize)]
struct Shown {
    terms: TermsView,
}

#[derive(Deserialize)]
struct TermsView {
    version: String,
    sections: Vec<SectionView>,
}

#[derive(Deserialize)]
struct SectionView {
    heading: String,
    text: String,
}

#[derive(Deserialize)]
struct Known {
    terms: Version,
}

#[derive(Deserialize)]
struct Asked {
    terms: Version,
    me: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    operator: bool,
    consents: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

const SHOW: &str = "{ terms { version sections { heading text } } }";
const VERSION: &str = "{ terms { version } }";
const ASKED: &str = "{ terms { version } me { operator consents { version } } }";
const ACCEPT: &str = "mutation($input: AcceptTermsInput!) { acceptTerms(input: $input) {
  consents { version } userErrors { code message path } } }";

/// `GET /terms`
pub async fn show(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    let (shown, chrome) = tokio::try_join!(
        state.graphql.query::<Shown>(&visitor, SHOW, json!({})),
        Chrome::of(&state, &visitor)
    )?;
    Ok(render(&TermsPage { chrome, terms: shown.terms }))
}

/// `GET /terms/accept`
pub async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(fields): Query<HashMap<String, String>>,
) -> PageResult<Response> {
    // Whoever leads here says where it goes on; to agree is up to the person.
    let form = fields.into_iter().filter(|(name, _)| name == "to").collect();
    ask_with(&state, &visitor, FormState::filled(form)).await
}

async fn ask_with(state: &AppState, visitor: &Visitor, form: FormState) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (terms, chrome) = tokio::try_join!(version(state, visitor), Chrome::of(state, visitor))?;
    if chrome.person.is_none() {
        return Err(PageError::SignInFirst);
    }
    Ok(render(&AcceptPage { chrome, terms, form }))
}

/// `POST /terms/accept`
pub async fn accept(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let locale = match visitor.locale {
        Locale::Vi => "VI",
        Locale::En => "EN",
    };
    let input = json!({ "version": accepted(&fields), "locale": locale });
    match state.graphql.change::<Value>(&visitor, ACCEPT, json!({ "input": input })).await? {
        Ok(_) => {
            let to = fields.get("to").map_or("/", |to| own_path(to));
            Ok(go(to, Some("terms.accepted_notice"), state.secure))
        }
        Err(errors) => ask_with(&state, &visitor, FormState::refused(fields, errors)).await,
    }
}

/// The version of the terms of now.
pub async fn version(state: &AppState, visitor: &Visitor) -> PageResult<String> {
    let known = state.graphql.query::<Known>(visitor, VERSION, json!({})).await?;
    Ok(known.terms.version)
}

/// The version that somebody agrees to with a form; empty where they did not tick that they do.
pub fn accepted(fields: &HashMap<String, String>) -> &str {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if field("accept_terms") == "yes" { field("terms_version") } else { "" }
}

/// Where it goes on for who has signed in: to the terms first, where they did not agree to those of now. Nobody is
/// kept from anything: who does not want to goes on from there. Operators run the market, and agree otherwise.
pub async fn on_the_way(state: &AppState, visitor: &Visitor, token: &str, to: &str) -> String {
    let person = Visitor { session: Some(token.to_owned()), ..visitor.clone() };
    match state.graphql.query::<Asked>(&person, ASKED, json!({})).await {
        Ok(Asked { terms, me: Some(me) })
            if !me.operator && me.consents.iter().all(|one| one.version != terms.version) =>
        {
            format!("/terms/accept?to={}", url_encode(to))
        }
        // Whoever signed in goes on, whatever cannot be asked just now.
        _ => to.to_owned(),
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
    use serde_json::json;
    use tower::ServiceExt;

    use crate::{Pages, PagesParts};

    /// The pages over a gateway where somebody has agreed to some version, and mutations answer this.
    fn pages(agreed: &'static str, operator: bool, mutation: &'static str) -> Router {
        let answer = move |question: String| async move {
            if question.contains("mutation") {
                return mutation.to_owned();
            }
            let sections = json!([{ "heading": "Quyền của bạn", "text": "Một.\nHai." }]);
            json!({ "data": {
                "terms": { "version": "2026-12-01", "sections": sections },
                "me": { "name": "Bông", "operator": operator, "consents": [{ "version": agreed }] },
            } })
            .to_string()
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

    /// Status, place to go to, and text of what is answered to a form; without one, of the page.
    async fn ask(routes: &Router, path: &str, form: Option<&str>) -> (StatusCode, String, String) {
        let request = match form {
            Some(_) => Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin"),
            None => Request::get(path),
        };
        let request = request.header(header::COOKIE, "__Host-session=abc");
        let body = Body::from(form.unwrap_or_default().to_owned());
        let answer = routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let place = answer.headers().get(header::LOCATION).map(|place| place.to_str().unwrap());
        let (status, place) = (answer.status(), place.unwrap_or_default().to_owned());
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, place, String::from_utf8(bytes.to_vec()).unwrap())
    }

    const SIGNED_IN: &str = r#"{"data":{"signIn":{"session":{"token":"xyz"},"userErrors":[]}}}"#;
    const ACCEPTED: &str = r#"{"data":{"acceptTerms":{"consents":[],"userErrors":[]}}}"#;
    const OUTDATED: &str = r#"{"data":{"signUp":{"session":null,"userErrors":[
        {"code":"TERMS_OUTDATED","message":"Hãy đọc lại.","path":["acceptedTerms"]}]}}}"#;

    #[tokio::test]
    async fn the_text_is_shown_in_paragraphs_and_the_form_of_signing_up_leads_to_it() {
        let routes = pages("", false, OUTDATED);
        let (status, _, text) = ask(&routes, "/terms", None).await;
        assert_eq!(status, StatusCode::OK);
        for part in ["Quyền của bạn", "<p>Một.</p>", "<p>Hai.</p>", "2026-12-01"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let (_, _, text) = ask(&routes, "/sign-up", None).await;
        for part in [r#"name="accept_terms""#, r#"value="2026-12-01""#, r#"href="/terms""#] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let form = "name=B&accept_terms=yes&terms_version=2020-01-01";
        let (_, _, text) = ask(&routes, "/sign-up", Some(form)).await;
        // What comes back leads to the text of now.
        assert!(text.contains("Hãy đọc lại.") && text.contains(r#"value="2026-12-01""#), "{text}");
    }

    #[tokio::test]
    async fn who_signs_in_and_did_not_agree_to_the_text_of_now_is_asked_on_the_way() {
        let asked = "/terms/accept?to=%2Forders";
        for (agreed, operator, place) in [
            ("2020-01-01", false, asked),
            ("2026-12-01", false, "/orders"),
            ("2020-01-01", true, "/orders"),
        ] {
            let routes = pages(agreed, operator, SIGNED_IN);
            let form = Some("login=a&password=b&to=%2Forders");
            let (status, to, _) = ask(&routes, "/sign-in", form).await;
            assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, place), "{agreed}");
        }
    }

    #[tokio::test]
    async fn who_agrees_goes_on_and_who_does_not_want_to_can_go_on_too() {
        let routes = pages("", false, ACCEPTED);
        let (status, _, text) = ask(&routes, "/terms/accept?to=%2Forders", None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains(r#"href="/orders""#), "{text}");
        let (_, _, led) = ask(&routes, "/terms/accept?accept_terms=yes", None).await;
        assert!(!led.contains(" checked"), "{led}");
        let form = "accept_terms=yes&terms_version=2026-12-01&to=%2Forders";
        let (status, to, _) = ask(&routes, "/terms/accept", Some(form)).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/orders"));
        let elsewhere = "accept_terms=yes&terms_version=2026-12-01&to=//evil.example";
        let (_, to, _) = ask(&routes, "/terms/accept", Some(elsewhere)).await;
        assert_eq!(to, "/");
    }
}
