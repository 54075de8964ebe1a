//! What came of a payment that is not paid by it.

use async_graphql::Object;
use kernel::Locale;

use super::money::Money;
use super::qr::Qr;

/// What came of a payment by transfers with its code that do not pay it: too little so far, or too much.
pub struct PartPayment<'a> {
    /// What payments gave.
    pub part: &'a proto::payments::PartPayment,
    /// The language of amounts.
    pub locale: Locale,
}

/// What came of a payment by transfers with its code that do not pay it: too little so far, or too much.
#[Object]
impl PartPayment<'_> {
    /// What came and nobody sent back yet.
    async fn received(&self) -> Money {
        Money::of(self.part.received.as_ref(), self.locale)
    }

    /// What pays the rest exactly. Zero where more came than was asked for: then a person decides.
    async fn missing(&self) -> Money {
        Money::of(self.part.missing.as_ref(), self.locale)
    }

    /// What a banking app scans to pay the rest; nothing where nothing more is taken.
    async fn qr(&self) -> Option<Qr<'_>> {
        self.part.qr.as_ref().map(|qr| Qr { qr, locale: self.locale })
    }
}
