//! Money that is given up.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::moment::Moment;
use super::money::Money;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// Money that is given up.
pub struct WrittenOff {
    written: proto::payments::WrittenOff,
    locale: Locale,
}

impl WrittenOff {
    /// A write-off of payments, in a language.
    pub const fn of(written: proto::payments::WrittenOff, locale: Locale) -> Self {
        Self { written, locale }
    }
}

/// Money that is given up: a bank credit that nobody claims, or a debit that nobody explains.
#[Object(directive = auth::apply(Requires::Operator))]
impl WrittenOff {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.written.id.clone())
    }

    /// The credit, if it is one.
    async fn bank_credit_id(&self) -> Option<ID> {
        given(&self.written.credit_id).map(ID::from)
    }

    /// The debit, if it is one.
    async fn bank_debit_id(&self) -> Option<ID> {
        given(&self.written.debit_id).map(ID::from)
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.written.amount.as_ref(), self.locale)
    }

    /// The memo of the credit or debit.
    async fn memo(&self) -> &str {
        &self.written.memo
    }

    /// When the bank booked it.
    async fn booked_at(&self) -> Moment {
        Moment::of(self.written.booked_at)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.written.reason
    }

    /// Who asked.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.written.requested_by).await
    }

    /// The second person, where one was needed.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.written.approved_by).await
    }

    /// When it was asked for.
    async fn requested_at(&self) -> Moment {
        Moment::of(self.written.requested_at)
    }

    /// When it was done; nothing as long as it waits for a second person.
    async fn done_at(&self) -> Option<Moment> {
        Moment::maybe(self.written.done_at)
    }

    /// When who asked took it back; nothing if they did not.
    async fn withdrawn_at(&self) -> Option<Moment> {
        Moment::maybe(self.written.withdrawn_at)
    }
}
