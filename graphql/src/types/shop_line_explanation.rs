//! What stands behind a line of a shop's statement.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::moment::Moment;
use super::money::Money;
use super::order::Order;
use super::payout::Payout;
use super::refund::Refund;
use super::shop_statement::ShopLine;
use super::text::given;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// What stands behind a line of a shop's statement.
pub struct ShopLineExplanation {
    found: proto::payments::ShopLineExplanation,
    locale: Locale,
}

impl ShopLineExplanation {
    /// An explanation of payments, in a language.
    pub const fn of(found: proto::payments::ShopLineExplanation, locale: Locale) -> Self {
        Self { found, locale }
    }
}

/// What stands behind a line of a shop's statement. What does not concern the line is nothing.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ShopLineExplanation {
    /// The line.
    async fn line(&self) -> ShopLine {
        ShopLine::of(self.found.line.clone().unwrap_or_default(), self.locale)
    }

    /// The order; a sale at the counter has none.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>, Error> {
        let id = self.found.line.as_ref().map(|line| line.order_id.as_str()).unwrap_or_default();
        if id.is_empty() || self.found.at_counter {
            return Ok(None);
        }
        let scope = Scope::of(ctx);
        let order = scope.loaders.orders.get(id).await.map_err(|status| scope.failed(&status))?;
        Ok(order.map(|order| Order::of(order, self.locale)))
    }

    /// Whether it was sold at the shop's counter.
    async fn at_counter(&self) -> bool {
        self.found.at_counter
    }

    /// What was taken of the order, and by which rules.
    async fn charge(&self) -> Option<OrderCharge> {
        let charge = self.found.charge.clone()?;
        Some(OrderCharge { charge, locale: self.locale })
    }

    /// The code of the payment.
    async fn payment_reference(&self) -> Option<&str> {
        given(&self.found.payment_reference)
    }

    /// The bank's lines by which the payment was paid.
    async fn bank_credits(&self) -> Vec<BankLine> {
        let credits = self.found.bank_credits.iter().cloned();
        credits.map(|line| BankLine { line, locale: self.locale }).collect()
    }

    /// The bank's line that proves the refund or the payout.
    async fn bank_debit(&self) -> Option<BankLine> {
        let line = self.found.bank_debit.clone()?;
        Some(BankLine { line, locale: self.locale })
    }

    /// The refund.
    async fn refund(&self) -> Option<Refund> {
        self.found.refund.clone().map(|refund| Refund::of(refund, self.locale))
    }

    /// The payout that the line is.
    async fn payout(&self) -> Option<Payout> {
        self.found.payout.clone().map(|payout| Payout::of(payout, self.locale))
    }

    /// The payout that pays the line.
    async fn paid_by(&self) -> Option<Payout> {
        self.found.paid_by.clone().map(|payout| Payout::of(payout, self.locale))
    }

    /// Its posting in the market's ledger.
    async fn posting_id(&self) -> ID {
        ID(self.found.posting_id.clone())
    }
}

/// What was taken of an order, and by which rules.
pub struct OrderCharge {
    charge: proto::payments::OrderCharge,
    locale: Locale,
}

/// What was taken of an order, and by which rules: reckoned once, when the payment was accepted.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl OrderCharge {
    /// What was paid.
    async fn base(&self) -> Money {
        Money::of(self.charge.base.as_ref(), self.locale)
    }

    /// Name of the commission's rule.
    async fn fee_rule(&self) -> &str {
        &self.charge.fee_rule
    }

    /// Which text of the rule.
    async fn fee_rule_version(&self) -> u32 {
        self.charge.fee_rule_version
    }

    /// The commission.
    async fn fee(&self) -> Money {
        Money::of(self.charge.fee.as_ref(), self.locale)
    }

    /// What the seller is to the tax office: `household`, `company` …
    async fn seller_kind(&self) -> &str {
        &self.charge.seller_kind
    }

    /// What was supplied: `goods`, `services` …
    async fn supply_kind(&self) -> &str {
        &self.charge.supply_kind
    }

    /// The row of the table that set the rate of VAT.
    async fn vat_rule(&self) -> &str {
        &self.charge.vat_rule
    }

    /// The rate of VAT in basis points.
    async fn vat_basis_points(&self) -> u32 {
        self.charge.vat_basis_points
    }

    /// Value added tax withheld.
    async fn vat(&self) -> Money {
        Money::of(self.charge.vat.as_ref(), self.locale)
    }

    /// The row of the table that set the rate of PIT.
    async fn pit_rule(&self) -> &str {
        &self.charge.pit_rule
    }

    /// The rate of PIT in basis points.
    async fn pit_basis_points(&self) -> u32 {
        self.charge.pit_basis_points
    }

    /// Personal income tax withheld.
    async fn pit(&self) -> Money {
        Money::of(self.charge.pit.as_ref(), self.locale)
    }

    /// When the payment was accepted.
    async fn accepted_at(&self) -> Moment {
        Moment::of(self.charge.accepted_at)
    }
}

/// A line of a bank's account.
pub struct BankLine {
    line: proto::payments::BankLine,
    locale: Locale,
}

/// A line of a bank's account, without the names of people.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl BankLine {
    /// The account.
    async fn account_number(&self) -> &str {
        &self.line.account_number
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.line.amount.as_ref(), self.locale)
    }

    /// The transfer's message, as the bank tells it.
    async fn memo(&self) -> &str {
        &self.line.memo
    }

    /// The bank's reference.
    async fn bank_reference(&self) -> Option<&str> {
        given(&self.line.bank_reference)
    }

    /// When the bank booked it.
    async fn booked_at(&self) -> Moment {
        Moment::of(self.line.booked_at)
    }
}
