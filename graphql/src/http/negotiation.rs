//! Media types: what a client sends, and what it wants to read.

use axum::http::{HeaderMap, HeaderValue, header};

/// In what form an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/graphql-response+json`: the HTTP status tells how it went.
    GraphqlResponse,
    /// `application/json`, for older clients: 200 for every operation that could be understood.
    Json,
}

impl Form {
    /// The media type.
    pub const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The form that `Accept` likes best; `Json` where it says nothing, none where it wants others.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = joined(headers) else { return Some(Self::Json) };
        let quality = |form: &str| quality_of(&accept, form);
        match (quality("application/graphql-response+json"), quality("application/json")) {
            (0, 0) => None,
            (graphql, json) if graphql > json => Some(Self::GraphqlResponse),
            // Where both are named alike, the newer form is meant; a wildcard means the older one.
            (graphql, json) if graphql == json && accept.contains("graphql-response") => {
                Some(Self::GraphqlResponse)
            }
            _ => Some(Self::Json),
        }
    }
}

/// Whether a client reads a media type.
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    joined(headers).is_some_and(|accept| quality_of(&accept, media_type) > 0)
}

/// Whether a client asks for a media type by its name: browsers do for pages and for streams.
pub fn asks_for(headers: &HeaderMap, media_type: &str) -> bool {
    joined(headers).is_some_and(|accept| accept.contains(media_type))
}

fn joined(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let joined = values.collect::<Vec<_>>().join(",").to_ascii_lowercase();
    (!joined.trim().is_empty()).then_some(joined)
}

/// How much a media type is liked, in thousandths (RFC 9110, 12.5.1): the most precise range counts.
fn quality_of(accept: &str, media_type: &str) -> u32 {
    let main = media_type.split('/').next().unwrap_or_default();
    let mut best = (0, 0);
    for range in accept.split(',').take(50) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let precision = match name {
            name if name == media_type => 3,
            "*/*" => 1,
            name if name.strip_suffix("/*") == Some(main) => 2,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        if precision > best.0 {
            best = (precision, quality);
        }
    }
    best.1
}

fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value = whole.parse::<u32>().unwrap_or(0) * 1_000 + padded.parse::<u32>().unwrap_or(0);
    value.min(1_000)
}

/// What a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// `application/json`.
    Json,
    /// `multipart/form-data`, with its whole content type.
    Multipart(String),
    /// Something that the API does not take.
    Other,
}

/// What `Content-Type` says. Only UTF-8 is taken.
pub fn sent(headers: &HeaderMap) -> Sent {
    let text =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let charset =
        parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("charset=").map(unquoted));
    let utf8 = charset.is_none_or(|charset| charset == "utf-8");
    match name.as_str() {
        "application/json" if utf8 => Sent::Json,
        "multipart/form-data" => Sent::Multipart(text.to_owned()),
        _ => Sent::Other,
    }
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_form_is_what_accept_likes_best() {
        assert_eq!(Form::of(&HeaderMap::new()), Some(Form::Json));
        for (accept, form) in [
            ("application/graphql-response+json", Some(Form::GraphqlResponse)),
            ("application/json", Some(Form::Json)),
            ("*/*", Some(Form::Json)),
            ("application/*", Some(Form::Json)),
            ("application/graphql-response+json, application/json", Some(Form::GraphqlResponse)),
            (
                "application/graphql-response+json;charset=utf-8, application/json;q=0.9",
                Some(Form::GraphqlResponse),
            ),
            ("application/graphql-response+json;q=0.5, application/json", Some(Form::Json)),
            ("application/graphql-response+json, */*;q=0", Some(Form::GraphqlResponse)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(Form::of(&with(header::ACCEPT, accept)), form, "{accept}");
        }
    }

    #[test]
    fn only_json_in_utf8_and_multipart_are_taken() {
        for (content_type, expected) in [
            ("application/json", Sent::Json),
            ("Application/JSON; charset=UTF-8", Sent::Json),
            ("application/json; charset=\"utf-8\"", Sent::Json),
            ("application/json; charset=latin1", Sent::Other),
            (
                "multipart/form-data; boundary=X",
                Sent::Multipart("multipart/form-data; boundary=X".to_owned()),
            ),
            ("text/plain", Sent::Other),
            ("application/x-www-form-urlencoded", Sent::Other),
            ("application/graphql", Sent::Other),
        ] {
            assert_eq!(sent(&with(header::CONTENT_TYPE, content_type)), expected, "{content_type}");
        }
        assert_eq!(sent(&HeaderMap::new()), Sent::Other);
    }
}
