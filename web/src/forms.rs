//! Forms that come back with what was wrong beside each field.

use std::collections::HashMap;

use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

use crate::cookies::{self, Kept};
use crate::graphql_client::UserError;

/// What was typed and what was wrong with it.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    values: HashMap<String, String>,
    errors: Vec<UserError>,
}

impl FormState {
    /// A form that came back with refusals.
    pub fn refused(values: HashMap<String, String>, errors: Vec<UserError>) -> Self {
        Self { values, errors }
    }

    /// A form with values and nothing wrong.
    pub fn filled(values: HashMap<String, String>) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// A form that is one request, however often it is sent: its key is made with it.
    pub fn with_key() -> Self {
        Self::filled(HashMap::from([("idempotency_key".to_owned(), new_key())]))
    }

    /// The same with more refusals.
    #[must_use]
    pub fn also(mut self, errors: Vec<UserError>) -> Self {
        for error in errors {
            if !self.errors.iter().any(|known| known.message == error.message) {
                self.errors.push(error);
            }
        }
        self
    }

    /// What stands in a field.
    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// What is wrong with a field: the refusal whose path ends with the API's name of it.
    pub fn error(&self, api_name: &str) -> &str {
        let about = |error: &&UserError| {
            error.path.as_ref().and_then(|path| path.last()).is_some_and(|last| last == api_name)
        };
        self.errors.iter().find(about).map_or("", |error| error.message.as_str())
    }

    /// All that is wrong with the form.
    pub fn problems(&self) -> Vec<Problem<'_>> {
        let field = |error: &UserError| error.path.as_ref().and_then(|path| path.last().cloned());
        self.errors
            .iter()
            .map(|error| Problem {
                field: field(error).unwrap_or_default(),
                message: error.message.as_str(),
            })
            .collect()
    }
}

/// Something that is wrong with a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// The API's name of the field; empty where it is about the whole form.
    pub field: String,
    /// What people read.
    pub message: &'a str,
}

/// A key that is made with a form, so that sending the form twice is one request.
pub fn new_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// Goes to a page that says something once.
pub fn go(to: &str, notice: Option<&str>, secure: bool) -> Response {
    let jar = CookieJar::new();
    match notice {
        Some(key) => {
            (jar.add(cookies::write(Kept::Notice, key.to_owned(), secure)), Redirect::to(to))
                .into_response()
        }
        None => Redirect::to(to).into_response(),
    }
}

/// A path of this site, from something that a visitor sent: never another site. Browsers take a backslash for a
/// slash and leave tabs and line ends out, so that `/<tab>/evil.example` would be another site (WHATWG URL, 4.4).
pub fn own_path(path: &str) -> &str {
    let odd = |letter: char| letter == '\\' || letter.is_control();
    let fine = path.starts_with('/') && !path.starts_with("//") && !path.contains(odd);
    if fine { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_with_a_refused_form_says_so_in_its_title() {
        let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let (mut with_forms, mut silent) = (0, Vec::new());
        for file in std::fs::read_dir(templates).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            if !text.contains("call cards::errors(") {
                continue;
            }
            with_forms += 1;
            if !text.contains("{% block title %}{% call cards::in_title(form) %}") {
                silent.push(path);
            }
        }
        assert!(with_forms > 40, "{with_forms}");
        assert_eq!(silent, Vec::<std::path::PathBuf>::new());
    }

    #[test]
    fn a_problem_is_told_with_its_field_and_stands_beside_that_field_only() {
        let error = |path: Option<Vec<&str>>, message: &str| UserError {
            code: "INVALID".to_owned(),
            message: message.to_owned(),
            path: path.map(|path| path.into_iter().map(str::to_owned).collect()),
        };
        let errors = vec![error(Some(vec!["bankAccount", "number"]), "short"), error(None, "busy")];
        let form = FormState::refused(HashMap::new(), errors);
        let told: Vec<_> =
            form.problems().iter().map(|one| (one.field.clone(), one.message)).collect();
        assert_eq!(told, [("number".to_owned(), "short"), (String::new(), "busy")]);
        assert_eq!(form.error("number"), "short");
        assert_eq!(form.error("bankAccount"), "");
    }

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        for (path, kept) in [
            ("/search?q=a", "/search?q=a"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\n/evil.example", "/"),
            ("/\r\n/evil.example", "/"),
            ("/orders\r\nSet-Cookie: session=1", "/"),
            ("/\u{0}", "/"),
            ("/\u{7f}/evil.example", "/"),
            ("/\u{85}/evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(path), kept);
        }
    }
}
