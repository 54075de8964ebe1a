//! What a page handler can end with besides a page, and how that looks.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use axum_extra::extract::cookie::CookieJar;

use crate::cookies::{self, Kept};
use crate::{AppState, Texts};

/// A page, or why there is none.
pub type PageResult<T = Response> = Result<T, PageError>;

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// Nobody is signed in, and somebody must be.
    SignInFirst,
    /// The visitor may not see this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Something behind the page cannot be reached now.
    Unavailable,
    /// Too many requests.
    TooMany,
    /// A fault of the machine, already logged.
    Fault,
}

impl PageError {
    /// A fault: logged here, once.
    pub fn fault(error: impl std::error::Error) -> Self {
        tracing::error!(%error, "a page failed");
        Self::Fault
    }

    /// A fault of a body.
    pub fn fault_of(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        tracing::error!(%error, "a page failed");
        Self::Fault
    }

    /// A fault in words.
    pub fn fault_text(text: &str) -> Self {
        tracing::error!(error = text, "a page failed");
        Self::Fault
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn text_key(&self) -> &'static str {
        match self {
            Self::SignInFirst | Self::Forbidden => "error.forbidden",
            Self::NotFound => "error.not_found",
            Self::Unavailable => "error.unavailable",
            Self::TooMany => "error.too_many",
            Self::Fault => "error.fault",
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    vi: &'static str,
    en: &'static str,
    stylesheet: String,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if matches!(self, Self::SignInFirst) {
            return Redirect::to("/sign-in").into_response();
        }
        let key = self.text_key();
        let page = ErrorPage {
            vi: Texts::of(kernel::Locale::Vi).say(key),
            en: Texts::of(kernel::Locale::En).say(key),
            stylesheet: crate::assets::address("chonoi.css"),
        };
        (self.status(), render(&page)).into_response()
    }
}

/// Renders a page; pages of a person are never kept by caches.
pub fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => ([(header::CACHE_CONTROL, "private, no-store")], Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Says to proxies that answers differ by language and session, and takes back a notice that the
/// page has shown.
pub async fn around(
    State(state): State<AppState>,
    jar: CookieJar,
    request: Request,
    next: Next,
) -> Response {
    let noticed = cookies::read(&jar, Kept::Notice, state.secure).is_some();
    let mut response = next.run(request).await;
    let vary = header::HeaderValue::from_static("accept-language, cookie");
    response.headers_mut().entry(header::VARY).or_insert(vary);
    let shown = noticed && response.status() == StatusCode::OK && is_page(&response);
    if shown {
        (CookieJar::new().add(cookies::remove(Kept::Notice, state.secure)), response)
            .into_response()
    } else {
        response
    }
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}
