//! Signing up, in and out, and the language.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use kernel::Locale;
use serde::Deserialize;
use serde_json::{Value, json};

use super::terms;
use crate::cookies::{self, Kept};
use crate::forms::{FormState, own_path};
use crate::outcome::render;
use crate::{AppState, Chrome, PageResult, Visitor};

type Fields = HashMap<String, String>;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    chrome: Chrome,
    form: FormState,
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage {
    chrome: Chrome,
    /// The version of the terms that the page leads to.
    terms: String,
    form: FormState,
}

#[derive(Deserialize)]
pub(super) struct SignedIn {
    pub(super) session: Session,
}

#[derive(Deserialize)]
pub(super) struct Session {
    pub(super) token: String,
}

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
  session { token } userErrors { code message path } } }";
const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) {
  session { token } userErrors { code message path } } }";
const SIGN_OUT: &str = "mutation { signOut { userErrors { code message } } }";

/// `GET /sign-in`
pub async fn sign_in_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(fields): Query<Fields>,
) -> PageResult<Response> {
    let chrome = Chrome::of(&state, &Visitor { session: None, ..visitor }).await?;
    Ok(render(&SignInPage { chrome, form: FormState::filled(fields) }))
}

/// `POST /sign-in`
pub async fn sign_in(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(mut fields): Form<Fields>,
) -> PageResult<Response> {
    let visitor = Visitor { session: None, ..visitor };
    let password = fields.remove("password").unwrap_or_default();
    let login = fields.get("login").cloned().unwrap_or_default();
    let variables = json!({ "input": { "login": login, "password": password } });
    match state.graphql.change::<SignedIn>(&visitor, SIGN_IN, variables).await? {
        Ok(signed_in) => {
            let token = &signed_in.session.token;
            let to = terms::on_the_way(&state, &visitor, token, way_on(&fields)).await;
            Ok(with_session(&state, signed_in, &to))
        }
        Err(errors) => {
            let chrome = Chrome::of(&state, &visitor).await?;
            Ok(render(&SignInPage { chrome, form: FormState::refused(fields, errors) }))
        }
    }
}

/// `GET /sign-up`
pub async fn sign_up_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(fields): Query<Fields>,
) -> PageResult<Response> {
    // Whoever leads here says where it goes on, and nothing of the person.
    let form = fields.into_iter().filter(|(name, _)| name == "to").collect();
    sign_up_page(&state, &Visitor { session: None, ..visitor }, FormState::filled(form)).await
}

async fn sign_up_page(
    state: &AppState,
    visitor: &Visitor,
    form: FormState,
) -> PageResult<Response> {
    let (chrome, terms) =
        tokio::try_join!(Chrome::of(state, visitor), terms::version(state, visitor))?;
    Ok(render(&SignUpPage { chrome, terms, form }))
}

/// `POST /sign-up`
pub async fn sign_up(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(mut fields): Form<Fields>,
) -> PageResult<Response> {
    let visitor = Visitor { session: None, ..visitor };
    let password = fields.remove("password").unwrap_or_default();
    let given = |name: &str| fields.get(name).filter(|text| !text.trim().is_empty());
    let locale = match visitor.locale {
        Locale::Vi => "VI",
        Locale::En => "EN",
    };
    let input = json!({
        "name": fields.get("name"), "phone": given("phone"), "email": given("email"),
        "password": password, "locale": locale, "acceptedTerms": terms::accepted(&fields),
    });
    match state.graphql.change::<SignedIn>(&visitor, SIGN_UP, json!({ "input": input })).await? {
        Ok(signed_in) => Ok(with_session(&state, signed_in, way_on(&fields))),
        Err(errors) => sign_up_page(&state, &visitor, FormState::refused(fields, errors)).await,
    }
}

/// `POST /sign-out`
pub async fn sign_out(State(state): State<AppState>, visitor: Visitor) -> PageResult<Response> {
    if visitor.session.is_some() {
        // A session that is gone already is signed out, too.
        let _ = state.graphql.change::<Value>(&visitor, SIGN_OUT, json!({})).await;
    }
    let jar = CookieJar::new().add(cookies::remove(Kept::Session, state.secure));
    Ok((jar, Redirect::to("/")).into_response())
}

/// `POST /language`
pub async fn change_language(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(fields): Form<Fields>,
) -> Response {
    let other = match visitor.locale {
        Locale::Vi => Locale::En,
        Locale::En => Locale::Vi,
    };
    let jar =
        CookieJar::new().add(cookies::write(Kept::Language, other.tag().to_owned(), state.secure));
    let to = fields.get("to").map_or("/", |to| own_path(to));
    (jar, Redirect::to(to)).into_response()
}

/// Where it goes on for who has a session now.
fn way_on(fields: &Fields) -> &str {
    match fields.get("to").map_or("/", |to| own_path(to)) {
        "/" => "/my-shops",
        to => to,
    }
}

fn with_session(state: &AppState, signed_in: SignedIn, to: &str) -> Response {
    let jar =
        CookieJar::new().add(cookies::write(Kept::Session, signed_in.session.token, state.secure));
    (jar, Redirect::to(to)).into_response()
}
