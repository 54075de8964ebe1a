//! Card money that came second and goes back to its card.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::CardReturnStatus;
use super::moment::Moment;
use super::money::Money;
use super::payment::Payment;
use super::text::given;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// Card money that came second and goes back to its card.
pub struct CardReturn {
    returned: proto::payments::CardReturn,
    locale: Locale,
}

impl CardReturn {
    /// A return of payments, in a language.
    pub const fn of(returned: proto::payments::CardReturn, locale: Locale) -> Self {
        Self { returned, locale }
    }
}

/// Card money that came for a payment which was paid or closed already, on its way back to the card.
#[Object(directive = auth::apply(Requires::Operator))]
impl CardReturn {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.returned.id.clone())
    }

    /// The payment that the card was begun for.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, Error> {
        Payment::find(Scope::of(ctx), &self.returned.payment_id).await
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.returned.amount.as_ref(), self.locale)
    }

    /// Where it stands.
    async fn status(&self) -> Result<CardReturnStatus, Error> {
        CardReturnStatus::of(self.returned.status)
    }

    /// Why it failed, in the provider's code.
    async fn problem(&self) -> Option<&str> {
        given(&self.returned.problem)
    }

    /// When it was decided.
    async fn created_at(&self) -> Moment {
        Moment::of(self.returned.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.returned.changed_at)
    }
}
