//! How refusals of the business travel: as details of a `FAILED_PRECONDITION` status.

use prost::Message;
use tonic::{Code, Status};

use crate::common::{Refusal, RefusalCode, Refusals};

/// Builds a refusal: a code, the input field it is about, and facts for the person's text.
#[derive(Clone, Debug)]
pub struct Refused(Refusal);

impl Refused {
    /// A refusal without a field or facts.
    pub fn new(code: RefusalCode) -> Self {
        Self(Refusal { code: code.into(), ..Refusal::default() })
    }

    /// Says which input field is meant: `["bankAccount", "bin"]`, in the API's names.
    #[must_use]
    pub fn at(mut self, path: &[&str]) -> Self {
        self.0.path = path.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Adds a fact, as named beside the code in `common.proto`.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.0.facts.insert(name.to_owned(), value.to_string());
        self
    }

    /// The status that carries several refusals at once, for forms with several wrong fields.
    pub fn status(refusals: impl IntoIterator<Item = Self>) -> Status {
        let refusals: Vec<Refusal> = refusals.into_iter().map(|refused| refused.0).collect();
        let message = refusals.first().map_or("refused", |refusal| refusal.code().as_str_name());
        let details = Refusals { refusals: refusals.clone() }.encode_to_vec();
        Status::with_details(Code::FailedPrecondition, message, details.into())
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        Refused::status([refused])
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

/// The refusals in a status; `None` where it is a fault or a refusal of another kind.
pub fn refusals_of(status: &Status) -> Option<Vec<Refusal>> {
    if status.code() != Code::FailedPrecondition {
        return None;
    }
    let refusals = Refusals::decode(status.details()).ok()?.refusals;
    (!refusals.is_empty()).then_some(refusals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_travels_with_its_field_and_facts() {
        let status: Status = Refused::new(RefusalCode::InsufficientStock)
            .at(&["lines", "0"])
            .fact("available", 3)
            .into();
        let refusals = refusals_of(&status).unwrap();
        assert_eq!(refusals[0].code(), RefusalCode::InsufficientStock);
        assert_eq!(refusals[0].path, ["lines", "0"]);
        assert_eq!(refusals[0].facts["available"], "3");
        assert!(refusals_of(&Status::failed_precondition("other")).is_none());
        assert!(refusals_of(&Status::not_found("x")).is_none());
    }
}
