//! Credits on the market's bank account.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::{BankCreditState, CreditAction, MatchConfidence};
use super::moment::Moment;
use super::money::Money;
use super::payment::Payment;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::messages::match_reason;
use crate::scope::Scope;

/// A credit on the market's bank account.
pub struct BankCredit {
    credit: proto::payments::BankCredit,
    locale: Locale,
}

impl BankCredit {
    /// A credit of payments, in a language.
    pub const fn of(credit: proto::payments::BankCredit, locale: Locale) -> Self {
        Self { credit, locale }
    }
}

/// A credit on the market's bank account.
#[Object(directive = auth::apply(Requires::Operator))]
impl BankCredit {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.credit.id.clone())
    }

    /// Who told of it first: `sepay`, `casso`, `payos`, or `statement`.
    async fn feed(&self) -> &str {
        &self.credit.feed
    }

    /// The feed's own id of it.
    async fn provider_id(&self) -> &str {
        &self.credit.provider_id
    }

    /// The bank.
    async fn bank(&self) -> &str {
        &self.credit.bank
    }

    /// The shop whose own account it came to; nothing of the market's.
    async fn shop_id(&self) -> Option<ID> {
        given(&self.credit.shop_id).map(ID::from)
    }

    /// The account.
    async fn account_number(&self) -> &str {
        &self.credit.account_number
    }

    /// The sub-account (virtual account) that it came to, where there is one and the feed tells.
    async fn sub_account(&self) -> Option<&str> {
        given(&self.credit.sub_account)
    }

    /// How much came.
    async fn amount(&self) -> Money {
        Money::of(self.credit.amount.as_ref(), self.locale)
    }

    /// The transfer's message.
    async fn memo(&self) -> &str {
        &self.credit.memo
    }

    /// The bank's own number of the transfer.
    async fn bank_reference(&self) -> &str {
        &self.credit.bank_reference
    }

    /// When the bank booked it.
    async fn booked_at(&self) -> Moment {
        Moment::of(self.credit.booked_at)
    }

    /// When the market heard of it.
    async fn received_at(&self) -> Moment {
        Moment::of(self.credit.received_at)
    }

    /// What it is.
    async fn state(&self) -> Result<BankCreditState, Error> {
        BankCreditState::of(self.credit.state)
    }

    /// The payment that it paid, or was meant for.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, Error> {
        Payment::find(Scope::of(ctx), &self.credit.payment_id).await
    }

    /// The rule that decided: `code_and_exact_amount/1`.
    async fn rule(&self) -> Option<&str> {
        given(&self.credit.rule)
    }

    /// Name of who sent it, where the bank tells.
    async fn counterparty_name(&self) -> Option<&str> {
        given(&self.credit.counterparty_name)
    }

    /// What a person made of it: `matched`, `split`, `refunded`, `returned`, `reversed` or
    /// `written_off`; or `shops_own`: it came to a shop's own account and names nothing of the market's.
    async fn resolution(&self) -> Option<&str> {
        given(&self.credit.resolution)
    }

    /// What persons decided on it, the oldest first.
    async fn decisions(&self) -> Vec<CreditDecision> {
        self.credit.decisions.iter().cloned().map(CreditDecision).collect()
    }

    /// What it may be for, the best first, at most three. A person decides; nothing is matched by this.
    async fn suggestions(&self, ctx: &Context<'_>) -> Result<Vec<CreditSuggestion>, Error> {
        let scope = Scope::of(ctx);
        let found = scope.loaders.suggestions.get(&self.credit.id).await;
        let found = found.map_err(|status| scope.failed(&status))?;
        let suggested = found.map(|found| found.payments.clone()).unwrap_or_default();
        Ok(suggested
            .into_iter()
            .map(|suggestion| CreditSuggestion { suggestion, locale: self.locale })
            .collect())
    }

    /// How much the payment asked for, where one is meant.
    async fn expected(&self) -> Option<Money> {
        self.credit.expected.as_ref().map(|expected| Money::of(Some(expected), self.locale))
    }
}

/// A payment that a bank credit may be for.
pub struct CreditSuggestion {
    suggestion: proto::payments::SuggestedPayment,
    locale: Locale,
}

/// A payment that a bank credit may be for.
#[Object(directive = auth::apply(Requires::Operator))]
impl CreditSuggestion {
    /// The payment.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, Error> {
        Payment::find(Scope::of(ctx), &self.suggestion.payment_id).await
    }

    /// Why, in words.
    async fn reasons(&self) -> Vec<&'static str> {
        let reasons = self.suggestion.reasons.iter();
        reasons.map(|name| match_reason(name, self.locale)).collect()
    }

    /// How much speaks for it.
    async fn confidence(&self) -> Result<MatchConfidence, Error> {
        MatchConfidence::of(self.suggestion.confidence)
    }
}

/// What a person decided on a bank credit.
pub struct CreditDecision(proto::payments::CreditDecision);

/// What a person decided on a bank credit.
#[Object(directive = auth::apply(Requires::Operator))]
impl CreditDecision {
    /// What to do with it.
    async fn action(&self) -> Result<CreditAction, Error> {
        CreditAction::of(self.0.action)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The payments that it pays.
    async fn payment_ids(&self) -> Vec<ID> {
        self.0.payment_ids.iter().cloned().map(ID).collect()
    }

    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.decided_by).await
    }

    /// When.
    async fn decided_at(&self) -> Moment {
        Moment::of(self.0.decided_at)
    }
}
