//! Resellers: who sells tours of a shop elsewhere, over OCTO.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A reseller. Made only for the shop.
pub struct Reseller {
    reseller: proto::bookings::Reseller,
    locale: Locale,
}

impl Reseller {
    /// A reseller of orders, in a language.
    pub const fn of(reseller: proto::bookings::Reseller, locale: Locale) -> Self {
        Self { reseller, locale }
    }
}

/// Who sells tours of a shop elsewhere, over OCTO.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Reseller {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.reseller.id.clone())
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.reseller.name
    }

    /// Where its people are reached.
    async fn contact_email(&self) -> &str {
        &self.reseller.contact_email
    }

    /// Whether its key opens anything.
    async fn active(&self) -> bool {
        self.reseller.active
    }

    /// Since when it sells.
    async fn created_at(&self) -> Moment {
        Moment::of(self.reseller.created_at)
    }

    /// Its secret key; told only in the answer of `addReseller`. Nobody can find it again.
    async fn key(&self) -> Option<&str> {
        given(&self.reseller.key)
    }

    /// What it was invoiced so far for confirmed bookings, less what was taken back.
    async fn invoiced(&self) -> Option<Money> {
        self.reseller.invoiced.as_ref().map(|sum| Money::of(Some(sum), self.locale))
    }

    /// What it owes: what it was invoiced and has not paid. Below zero the market owes it.
    async fn owed(&self, ctx: &Context<'_>) -> Result<Option<Money>, Error> {
        let scope = Scope::of(ctx);
        let debt = scope.loaders.debts.get(&self.reseller.id).await;
        let Some(debt) = debt.map_err(|status| scope.failed(&status))? else { return Ok(None) };
        let minor = |part: &Option<proto::common::Money>| part.as_ref().map_or(0, |one| one.minor);
        let owed = kernel::Money::vnd(minor(&debt.open) + minor(&debt.billed));
        Ok(Some(Money::of(Some(&owed.into()), self.locale)))
    }
}
