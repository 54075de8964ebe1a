//! Vouchers: a shop's own, and those of a cart.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::VoucherStatus;
use super::moment::Moment;
use super::money::Money;
use super::shop::Shop;
use super::user::Person;
use super::user_error::UserError;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A voucher of a shop. Made only for the shop.
pub struct Voucher {
    voucher: proto::vouchers::Voucher,
    locale: Locale,
}

impl Voucher {
    /// A voucher of orders, in a language.
    pub const fn of(voucher: proto::vouchers::Voucher, locale: Locale) -> Self {
        Self { voucher, locale }
    }

    fn money(&self, money: Option<&proto::common::Money>) -> Option<Money> {
        money.map(|money| Money::of(Some(money), self.locale))
    }
}

/// What a shop takes off for who knows a code. The shop bears it.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Voucher {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.voucher.id.clone())
    }

    /// What shoppers type.
    async fn code(&self) -> &str {
        &self.voucher.code
    }

    /// Where it stands now.
    async fn status(&self) -> Result<VoucherStatus, Error> {
        VoucherStatus::of(self.voucher.status)
    }

    /// What it takes off, if that is an amount.
    async fn amount(&self) -> Option<Money> {
        self.money(self.voucher.amount.as_ref())
    }

    /// The share that it takes off, if it is one: 1,000 are 10 %.
    async fn basis_points(&self) -> Option<u32> {
        (self.voucher.basis_points != 0).then_some(self.voucher.basis_points)
    }

    /// The most that a share takes off.
    async fn cap(&self) -> Option<Money> {
        self.money(self.voucher.cap.as_ref())
    }

    /// What must be bought at the shop, before the discount.
    async fn minimum(&self) -> Money {
        Money::of(self.voucher.minimum.as_ref(), self.locale)
    }

    /// Since when it counts.
    async fn valid_from(&self) -> Moment {
        Moment::of(self.voucher.valid_from)
    }

    /// Until when it counts; nothing: until it is ended.
    async fn valid_until(&self) -> Option<Moment> {
        Moment::maybe(self.voucher.valid_until)
    }

    /// How often it may be used in all; nothing: as often as wanted.
    async fn uses_at_most(&self) -> Option<i64> {
        (self.voucher.uses_at_most != 0).then_some(self.voucher.uses_at_most)
    }

    /// How often one buyer may use it (by telephone number, e-mail address or account).
    async fn uses_per_buyer(&self) -> Option<i64> {
        (self.voucher.uses_per_buyer != 0).then_some(self.voucher.uses_per_buyer)
    }

    /// How many checkouts that are open or paid use it.
    async fn uses(&self) -> i64 {
        self.voucher.uses
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment::of(self.voucher.created_at)
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.voucher.created_by).await
    }

    /// When its shop ended it.
    async fn ended_at(&self) -> Option<Moment> {
        Moment::maybe(self.voucher.ended_at)
    }

    /// Who ended it.
    async fn ended_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.voucher.ended_by).await
    }
}

/// A voucher in a cart.
pub struct CartVoucher<'a> {
    voucher: &'a proto::orders::CartVoucher,
    locale: Locale,
}

impl<'a> CartVoucher<'a> {
    /// A voucher of a cart, in a language.
    pub const fn of(voucher: &'a proto::orders::CartVoucher, locale: Locale) -> Self {
        Self { voucher, locale }
    }
}

/// A voucher in a cart: what it takes off now, or why it does not count.
#[Object]
impl CartVoucher<'_> {
    /// Whose it is: it takes off this shop's lines only.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Shop, Error> {
        Shop::load(Scope::of(ctx), &self.voucher.shop_id).await
    }

    /// What was typed.
    async fn code(&self) -> &str {
        &self.voucher.code
    }

    /// What it takes off now.
    async fn discount(&self) -> Money {
        Money::of(self.voucher.discount.as_ref(), self.locale)
    }

    /// Why it does not count now. The cart cannot be checked out before it does, or is taken out
    /// (`removeVoucher`).
    async fn problem(&self) -> Option<UserError> {
        self.voucher.refusal.clone().map(|refusal| UserError::of(refusal, self.locale))
    }
}
