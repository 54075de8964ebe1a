//! Resellers: who sells tours of a shop elsewhere, over OCTO.

use async_graphql::{ID, Object};
use kernel::Locale;

use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::access::{Requires, auth};

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

    /// What it owes the shop: confirmed bookings that are not paid.
    async fn owed(&self) -> Option<Money> {
        self.reseller.owed.as_ref().map(|owed| Money::of(Some(owed), self.locale))
    }
}
