//! A payment at a shop's counter.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::PaymentStatus;
use super::moment::Moment;
use super::money::Money;
use super::part_payment::PartPayment;
use super::qr::Qr;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// What a shop asked for at its counter. Made only for its members and operators.
pub struct CounterPayment {
    sale: proto::payments::CounterPayment,
    payment: proto::payments::Payment,
    locale: Locale,
}

impl CounterPayment {
    /// A payment of payments, in a language.
    pub fn of(mut sale: proto::payments::CounterPayment, locale: Locale) -> Self {
        let payment = sale.payment.take().unwrap_or_default();
        Self { sale, payment, locale }
    }
}

/// What a shop asked for at its counter.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl CounterPayment {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.payment.id.clone())
    }

    /// The sale that it pays: it stands where an order's id does, as for a refund.
    async fn sale_id(&self) -> ID {
        let whole = self.payment.allocations.first();
        ID(whole.map(|part| part.order_id.clone()).unwrap_or_default())
    }

    /// Where it stands.
    async fn status(&self) -> Result<PaymentStatus, Error> {
        PaymentStatus::of(self.payment.status)
    }

    /// How much is asked for.
    async fn amount(&self) -> Money {
        Money::of(self.payment.amount.as_ref(), self.locale)
    }

    /// What came of it and does not pay it; nothing where nothing came, or where it is paid.
    async fn part_payment(&self) -> Option<PartPayment<'_>> {
        let part = self.payment.part_payment.as_ref();
        part.map(|part| PartPayment { part, locale: self.locale })
    }

    /// What the shop's own people noted.
    async fn note(&self) -> Option<&str> {
        given(&self.sale.note)
    }

    /// Who asked.
    async fn asked_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.sale.asked_by).await
    }

    /// The code in the transfer's message, by which the money is recognised.
    async fn reference(&self) -> &str {
        &self.payment.reference
    }

    /// What a banking app scans.
    async fn qr(&self) -> Option<Qr<'_>> {
        self.payment.qr.as_ref().map(|qr| Qr { qr, locale: self.locale })
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.payment.created_at)
    }

    /// Until when it waits for the money.
    async fn expires_at(&self) -> Moment {
        Moment::of(self.payment.expires_at)
    }

    /// When the money came.
    async fn succeeded_at(&self) -> Option<Moment> {
        Moment::maybe(self.payment.succeeded_at)
    }
}
