//! What shops are paid.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::payments::ListShopLinesRequest;

use super::enums::PayoutStatus;
use super::moment::Moment;
use super::money::Money;
use super::refund::{PayeeAccount, Refund};
use super::shop_statement::ShopLine;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// What a shop is paid.
pub struct Payout {
    payout: proto::payments::Payout,
    locale: Locale,
}

impl Payout {
    /// A payout of payments, in a language.
    pub const fn of(payout: proto::payments::Payout, locale: Locale) -> Self {
        Self { payout, locale }
    }
}

/// What a shop is paid.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Payout {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.payout.id.clone())
    }

    /// The code in its transfer's message.
    async fn reference(&self) -> &str {
        &self.payout.reference
    }

    /// Id of the shop.
    async fn shop_id(&self) -> ID {
        ID(self.payout.shop_id.clone())
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.payout.amount.as_ref(), self.locale)
    }

    /// Where the money goes.
    async fn account(&self) -> Option<PayeeAccount> {
        self.payout.account.clone().map(PayeeAccount)
    }

    /// Where it stands.
    async fn status(&self) -> Result<PayoutStatus, Error> {
        PayoutStatus::of(self.payout.status)
    }

    /// The lines that it pays, the newest first.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ShopLine>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListShopLinesRequest {
            shop_id: self.payout.shop_id.clone(),
            payout_id: self.payout.id.clone(),
            page: Some(page.clone()),
            ..ListShopLinesRequest::default()
        };
        let found = scope.answer(scope.payments.clone().list_shop_lines(request).await)?;
        let lines = found.lines.into_iter().map(|one| ShopLine::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, lines))
    }

    /// Who planned it; nobody: the daily run.
    async fn made_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.payout.made_by).await
    }

    /// The second person, once there is one.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.payout.approved_by).await
    }

    /// The file that it was sent with.
    async fn file_id(&self) -> Option<ID> {
        given(&self.payout.file_id).map(ID::from)
    }

    /// When it was planned.
    async fn created_at(&self) -> Moment {
        Moment::of(self.payout.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.payout.changed_at)
    }
}

/// A run of payouts.
pub struct PayoutRun {
    run: proto::payments::PayoutRun,
    locale: Locale,
}

impl PayoutRun {
    /// A run of payments, in a language.
    pub const fn of(run: proto::payments::PayoutRun, locale: Locale) -> Self {
        Self { run, locale }
    }
}

/// A run of payouts: what is paid, and what is not.
#[Object(directive = auth::apply(Requires::Operator))]
impl PayoutRun {
    /// The payouts, which wait for a second person.
    async fn payouts(&self) -> Vec<Payout> {
        let payouts = self.run.payouts.iter().cloned();
        payouts.map(|payout| Payout::of(payout, self.locale)).collect()
    }

    /// Shops that are paid later: too little is due, or they owe.
    async fn carried(&self) -> Vec<CarriedBalance> {
        let of = |one: &proto::payments::CarriedBalance| CarriedBalance {
            balance: one.clone(),
            locale: self.locale,
        };
        self.run.carried.iter().map(of).collect()
    }

    /// Ids of shops that cannot be paid: their account is missing.
    async fn without_account(&self) -> Vec<ID> {
        self.run.without_account.iter().cloned().map(ID).collect()
    }
}

/// A shop that is paid later.
pub struct CarriedBalance {
    balance: proto::payments::CarriedBalance,
    locale: Locale,
}

/// A shop that is paid later.
#[Object(directive = auth::apply(Requires::Operator))]
impl CarriedBalance {
    /// Id of the shop.
    async fn shop_id(&self) -> ID {
        ID(self.balance.shop_id.clone())
    }

    /// What is due to it; below zero it owes the market.
    async fn balance(&self) -> Money {
        Money::of(self.balance.balance.as_ref(), self.locale)
    }
}

/// Transfers that were given to the bank.
pub struct SentTransfers {
    sent: proto::payments::SentTransfers,
    locale: Locale,
}

impl SentTransfers {
    /// Transfers of payments, in a language.
    pub const fn of(sent: proto::payments::SentTransfers, locale: Locale) -> Self {
        Self { sent, locale }
    }
}

/// Transfers that are in one file for the bank.
#[Object(directive = auth::apply(Requires::Operator))]
impl SentTransfers {
    /// The file, for `operations.transferFile`; none if nothing was approved.
    async fn file_id(&self) -> Option<ID> {
        given(&self.sent.file_id).map(ID::from)
    }

    /// The payouts in it.
    async fn payouts(&self) -> Vec<Payout> {
        self.sent.payouts.iter().cloned().map(|one| Payout::of(one, self.locale)).collect()
    }

    /// The refunds in it.
    async fn refunds(&self) -> Vec<Refund> {
        self.sent.refunds.iter().cloned().map(|one| Refund::of(one, self.locale)).collect()
    }
}
