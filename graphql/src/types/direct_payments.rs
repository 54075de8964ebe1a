//! Where a shop's money lands, and what its own account brought.

use async_graphql::{Context, Enum, Error, ID, Object};
use kernel::Locale;
use proto::payments::{GetBankStatementRequest, ListBankCreditsRequest};

use super::enums::{BankCreditState, BankStatementStatus, mirrors};
use super::moment::Moment;
use super::money::Money;
use super::refund::PayeeAccount;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

mirrors! {
    /// Where a shop wants its money.
    MoneyDestination of proto::payments::MoneyDestination {
        /// In the market's account; it is paid out.
        Marketplace = ToMarketplace,
        /// In the shop's own account.
        ShopAccount = ToShopAccount,
    }

    /// Where a shop's money lands now, and if not where it wants it, why.
    MoneyLanding of proto::payments::MoneyLanding {
        /// In the market's account, as it wants.
        Marketplace = LandsAtMarketplace,
        /// In the market's: no operator allows otherwise.
        NotAllowed = LandsNotAllowed,
        /// In the market's: neither a feed of its own account was heard nor a statement with a line that names it.
        NotHeard = LandsNotHeard,
        /// In the market's until `effectiveAt`.
        CoolingOff = LandsCoolingOff,
        /// In its own account.
        Direct = LandsDirectly,
    }
}

/// Where a shop's money lands, and what its own account brought.
pub struct DirectPayments {
    destination: proto::payments::PaymentDestination,
    locale: Locale,
}

impl DirectPayments {
    /// A destination of payments, in a language.
    pub const fn of(destination: proto::payments::PaymentDestination, locale: Locale) -> Self {
        Self { destination, locale }
    }
}

/// Where a shop's money lands, and what its own account brought.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl DirectPayments {
    /// Whether an operator allows money to land in the shop's own account.
    async fn allowed(&self) -> bool {
        self.destination.allowed
    }

    /// Where the shop wants it.
    async fn wanted(&self) -> Result<MoneyDestination, Error> {
        MoneyDestination::of(self.destination.wanted)
    }

    /// Where it lands now.
    async fn landing(&self) -> Result<MoneyLanding, Error> {
        MoneyLanding::of(self.destination.landing)
    }

    /// From when on what the shop wants counts.
    async fn effective_at(&self) -> Option<Moment> {
        Moment::maybe(self.destination.effective_at)
    }

    /// The shop's own account, if it named one.
    async fn account(&self) -> Option<PayeeAccount> {
        self.destination.account.clone().map(PayeeAccount)
    }

    /// Whether the account's feed has a key. The key itself is never shown again.
    async fn has_feed_key(&self) -> bool {
        self.destination.has_feed_key
    }

    /// When the account's feed, or a statement with a line that names it, was first heard.
    async fn heard_at(&self) -> Option<Moment> {
        Moment::maybe(self.destination.heard_at)
    }

    /// What was changed last, the newest first.
    async fn changes(&self) -> Vec<DestinationChange> {
        self.destination.changes.iter().cloned().map(DestinationChange).collect()
    }

    /// What came to the shop's own account, the newest first.
    async fn credits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<OwnAccountCredit>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let shop_id = self.destination.shop_id.clone();
        let request =
            ListBankCreditsRequest { shop_id, page: Some(page.clone()), ..Default::default() };
        let found = scope.answer(scope.payments.clone().list_bank_credits(request).await)?;
        let credits = found.credits.into_iter();
        let credits = credits.map(|credit| OwnAccountCredit { credit, locale: self.locale });
        Ok(Connection::new(&page, found.page, credits))
    }

    /// A statement of the shop's own account, and how far it was read.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<OwnAccountStatement>, Error> {
        let scope = Scope::of(ctx);
        let shop_id = self.destination.shop_id.clone();
        let request = GetBankStatementRequest { id: id.0, shop_id };
        let found = scope.found(scope.payments.clone().get_bank_statement(request).await)?;
        Ok(found.map(OwnAccountStatement))
    }
}

/// A change of where a shop's money lands.
pub struct DestinationChange(proto::payments::PaymentDestinationChange);

/// A change of where a shop's money lands.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl DestinationChange {
    /// What it was: `allowed`, `forbidden`, `account`, `key`, `shop_account` or `marketplace`.
    async fn what(&self) -> &str {
        &self.0.what
    }

    /// The account that it is about.
    async fn account_number(&self) -> Option<&str> {
        given(&self.0.account_number)
    }

    /// Who did it.
    async fn changed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.changed_by).await
    }

    /// When.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.0.changed_at)
    }
}

/// What came to a shop's own account.
pub struct OwnAccountCredit {
    credit: proto::payments::BankCredit,
    locale: Locale,
}

/// What came to a shop's own account.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl OwnAccountCredit {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.credit.id.clone())
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.credit.amount.as_ref(), self.locale)
    }

    /// The transfer's message.
    async fn memo(&self) -> &str {
        &self.credit.memo
    }

    /// What it is.
    async fn state(&self) -> Result<BankCreditState, Error> {
        BankCreditState::of(self.credit.state)
    }

    /// What was made of it besides: `shops_own` (it names nothing of the market's), `matched`, `split` …
    async fn resolution(&self) -> Option<&str> {
        given(&self.credit.resolution)
    }

    /// The payment that it paid, or was meant for.
    async fn payment_id(&self) -> Option<ID> {
        given(&self.credit.payment_id).map(ID::from)
    }

    /// Name of who sent it, where the bank tells.
    async fn counterparty_name(&self) -> Option<&str> {
        given(&self.credit.counterparty_name)
    }

    /// When the bank booked it.
    async fn booked_at(&self) -> Moment {
        Moment::of(self.credit.booked_at)
    }
}

/// A statement of a shop's own account.
pub struct OwnAccountStatement(pub proto::payments::BankStatement);

/// A statement of a shop's own account. It is read after the answer: ask for it again.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl OwnAccountStatement {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The file's name.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// How far it is.
    async fn status(&self) -> Result<BankStatementStatus, Error> {
        BankStatementStatus::of(self.0.status)
    }

    /// Lines read so far.
    async fn lines(&self) -> i64 {
        self.0.lines
    }

    /// Credits that nobody had told of.
    async fn new_credits(&self) -> i64 {
        self.0.new_credits
    }

    /// Credits that were known.
    async fn known_credits(&self) -> i64 {
        self.0.known_credits
    }

    /// Of the new ones, those that paid something at once.
    async fn matched_credits(&self) -> i64 {
        self.0.matched_credits
    }

    /// Lines that could not be read, or that are of another account.
    async fn unreadable(&self) -> i64 {
        self.0.unreadable
    }
}
