//! What a guest must be told of an order, in facts.

use async_graphql::{Error, ID, Object};
use kernel::{Currency, Locale, Timestamp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::moment::Moment;
use super::money::Money;
use super::text::given;
use super::tour_enums::NoticeKind;

/// A notice of an order. Made only of orders that may be seen.
pub struct Notice<'a> {
    notice: &'a proto::orders::Notice,
    locale: Locale,
}

impl<'a> Notice<'a> {
    /// A notice of an order, in a language.
    pub const fn of(notice: &'a proto::orders::Notice, locale: Locale) -> Self {
        Self { notice, locale }
    }

    fn fact(&self, name: &str) -> Option<&str> {
        given(self.notice.facts.get(name)?)
    }

    fn moment(&self, name: &str) -> Option<Moment> {
        let moment = OffsetDateTime::parse(self.fact(name)?, &Rfc3339).ok()?;
        Some(Moment::of(Timestamp::from(moment).micros()))
    }
}

/// What happened to an order that its guest must know. What does not belong to its kind is null.
#[Object]
impl Notice<'_> {
    /// What happened.
    async fn kind(&self) -> Result<NoticeKind, Error> {
        NoticeKind::of(self.notice.kind)
    }

    /// When.
    async fn at(&self) -> Moment {
        Moment::of(self.notice.at)
    }

    /// How many tickets it is about.
    async fn tickets(&self) -> Option<u32> {
        self.fact("count")?.parse().ok()
    }

    /// What comes back.
    async fn refund(&self) -> Option<Money> {
        let currency: Currency = self.fact("currency")?.parse().ok()?;
        let refund = kernel::Money::new(self.fact("refund")?.parse().ok()?, currency);
        Some(Money::of(Some(&refund.into()), self.locale))
    }

    /// Why the departure does not happen, in the words of who runs it.
    async fn reason(&self) -> Option<&str> {
        self.fact("reason")
    }

    /// When the departure would have started.
    async fn from(&self) -> Option<Moment> {
        self.moment("from")
    }

    /// When the departure starts that takes its place.
    async fn to(&self) -> Option<Moment> {
        self.moment("to")
    }

    /// The departure that takes its place.
    async fn departure_id(&self) -> Option<ID> {
        self.fact("departureId").map(ID::from)
    }
}
