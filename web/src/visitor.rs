//! Who looks at a page: language, session, cart, and what the last form had to say.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::{Builder, Parts};
use axum::http::{Method, Request, header};
use axum_extra::extract::cookie::CookieJar;
use kernel::Locale;
use platform::server::client_address;

use crate::cookies::{self, Kept};
use crate::{AppState, PageError, PageResult, Texts};

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
    /// Checkouts that were made with this browser, the newest first: id and token.
    pub checkouts: Vec<CartKey>,
    /// Path and query of the page.
    pub path: String,
    /// What the last form had to say, if anything: a key of the texts.
    pub notice: Option<String>,
    /// Address of the client, for limits behind the pages.
    pub client_address: String,
}

/// Checkouts that a browser remembers.
const MAX_CHECKOUTS: usize = 12;

impl CartKey {
    fn read(text: &str) -> Option<Self> {
        let (id, token) = text.split_once('.')?;
        Some(Self { id: id.to_owned(), token: token.to_owned() })
    }
}

impl Visitor {
    /// Refuses who is not signed in: they sign in first and come back.
    pub fn must_be_signed_in(&self) -> PageResult<()> {
        if self.session.is_some() { Ok(()) } else { Err(PageError::SignInFirst) }
    }

    /// What proves that a checkout is the visitor's: its own token, or that of the cart it was made
    /// of.
    pub fn checkout_token(&self, id: &str) -> Option<&str> {
        let own = self.checkouts.iter().find(|known| known.id == id);
        own.or(self.cart.as_ref()).map(|key| key.token.as_str())
    }

    /// The secret of a checkout that this browser remembers, or nothing.
    pub fn remembered(&self, id: &str) -> Option<&str> {
        self.checkouts.iter().find(|known| known.id == id).map(|key| key.token.as_str())
    }

    /// The remembered checkouts with one more in front, as the cookie keeps them.
    pub fn with_checkout(&self, id: &str, token: &str) -> String {
        let others = self.checkouts.iter().filter(|known| known.id != id);
        let others = others.map(|known| format!("{}.{}", known.id, known.token));
        let all = std::iter::once(format!("{id}.{token}")).chain(others);
        all.take(MAX_CHECKOUTS).collect::<Vec<_>>().join("~")
    }

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
        let cart = cookies::read(&jar, Kept::Cart, state.secure);
        let cart = cart.as_deref().and_then(CartKey::read);
        let checkouts = cookies::read(&jar, Kept::Checkouts, state.secure).unwrap_or_default();
        let checkouts = checkouts.split('~').filter_map(CartKey::read).collect();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let client_address = client_address(&parts.headers, peer, state.trust_forwarded);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            locale,
            session: cookies::read(&jar, Kept::Session, state.secure),
            cart,
            checkouts,
            path,
            notice: cookies::read(&jar, Kept::Notice, state.secure),
            client_address,
        })
    }
}
