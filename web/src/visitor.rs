//! Who looks at a page: language, session, cart, and what the last form had to say.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::{Builder, Parts};
use axum::http::{Method, Request, header};
use axum_extra::extract::cookie::CookieJar;
use kernel::Locale;
use platform::server::client_address;

use crate::cookies::{self, Kept};
use crate::{AppState, Texts};

/// The cart that a visitor carries: its id and its secret token.
#[derive(Clone, Debug)]
pub struct CartKey {
    /// Id of the cart.
    pub id: String,
    /// Token of the cart.
    pub token: String,
}

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The language of the page.
    pub locale: Locale,
    /// Token of the session, if signed in.
    pub session: Option<String>,
    /// The cart, if there is one.
    pub cart: Option<CartKey>,
    /// Path and query of the page.
    pub path: String,
    /// What the last form had to say, if anything: a key of the texts.
    pub notice: Option<String>,
    /// Address of the client, for limits behind the pages.
    pub client_address: String,
}

impl Visitor {
    /// The words in the visitor's language.
    pub fn texts(&self) -> Texts {
        Texts::of(self.locale)
    }

    /// A request to the gateway in this visitor's name.
    pub fn request(&self, content_type: &str) -> Builder {
        let mut builder = Request::builder()
            .method(Method::POST)
            .uri("/graphql")
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_LANGUAGE, self.locale.tag());
        if let Some(token) = &self.session {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        builder.header("x-forwarded-for", &self.client_address)
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let jar = CookieJar::from_headers(&parts.headers);
        let text = |name: header::HeaderName| {
            parts.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
        };
        let chosen =
            cookies::read(&jar, Kept::Language, state.secure).and_then(|tag| tag.parse().ok());
        let locale = chosen.unwrap_or_else(|| {
            Locale::from_accept_language(&text(header::ACCEPT_LANGUAGE).unwrap_or_default())
        });
        let cart = cookies::read(&jar, Kept::Cart, state.secure).and_then(|value| {
            let (id, token) = value.split_once('.')?;
            Some(CartKey { id: id.to_owned(), token: token.to_owned() })
        });
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let client_address = client_address(&parts.headers, peer, state.trust_forwarded);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            locale,
            session: cookies::read(&jar, Kept::Session, state.secure),
            cart,
            path,
            notice: cookies::read(&jar, Kept::Notice, state.secure),
            client_address,
        })
    }
}
