//! Money that is given back.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;

use super::enums::RefundStatus;
use super::moment::Moment;
use super::money::Money;
use super::qr::Qr;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// Money that is given back.
pub struct Refund {
    refund: proto::payments::Refund,
    locale: Locale,
}

impl Refund {
    /// A refund of payments, in a language.
    pub const fn of(refund: proto::payments::Refund, locale: Locale) -> Self {
        Self { refund, locale }
    }
}

/// Money that is given back: of an order, a whole bank credit that paid nothing, or card money that came
/// second.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Refund {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.refund.id.clone())
    }

    /// The code in its transfer's message.
    async fn reference(&self) -> &str {
        &self.refund.reference
    }

    /// The payment, if something of an order is given back, or card money that came second for it.
    async fn payment_id(&self) -> Option<ID> {
        given(&self.refund.payment_id).map(ID::from)
    }

    /// The order, if something of one is given back; of card money that came second an order of the payment.
    async fn order_id(&self) -> Option<ID> {
        given(&self.refund.order_id).map(ID::from)
    }

    /// The bank credit, if one goes back.
    async fn bank_credit_id(&self) -> Option<ID> {
        given(&self.refund.credit_id).map(ID::from)
    }

    /// Whether it goes back to the card that paid; then no account is needed.
    async fn to_card(&self) -> bool {
        self.refund.to_card
    }

    /// Whether the shop sends it, out of its own account: there the money came.
    async fn by_shop(&self) -> bool {
        self.refund.by_shop
    }

    /// What the shop's banking app scans to send it, as long as it is to be sent.
    async fn shop_qr(&self, ctx: &Context<'_>) -> Option<Qr<'_>> {
        let locale = Scope::of(ctx).locale;
        self.refund.shop_qr.as_ref().map(|qr| Qr { qr, locale })
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.refund.amount.as_ref(), self.locale)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.refund.reason
    }

    /// Where it stands.
    async fn status(&self) -> Result<RefundStatus, Error> {
        RefundStatus::of(self.refund.status)
    }

    /// Which pieces of the order are given back, where lines were named.
    async fn lines(&self) -> Vec<RefundedLine> {
        let lines = self.refund.lines.iter().cloned();
        lines.map(|line| RefundedLine { line, locale: self.locale }).collect()
    }

    /// How the account came to be known: `request`, `payer` (the money came from it), `buyer`,
    /// `operator`, or `nobody`: the refund waits for one.
    async fn account_from(&self) -> &str {
        &self.refund.account_from
    }

    /// Where the money goes; nothing as long as nobody knows.
    async fn account(&self) -> Option<PayeeAccount> {
        self.refund.account.clone().map(PayeeAccount)
    }

    /// Who asked for it.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.refund.requested_by).await
    }

    /// The second person, where one was needed.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.refund.approved_by).await
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.refund.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.refund.changed_at)
    }
}

/// Pieces of a line of an order that are given back.
pub struct RefundedLine {
    line: proto::payments::RefundedLine,
    locale: Locale,
}

/// Pieces of a line of an order that are given back.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl RefundedLine {
    /// The line.
    async fn order_line_id(&self) -> ID {
        ID(self.line.order_line_id.clone())
    }

    /// How many pieces.
    async fn quantity(&self) -> i64 {
        self.line.quantity
    }

    /// What they come to.
    async fn amount(&self) -> Money {
        Money::of(self.line.amount.as_ref(), self.locale)
    }
}

/// A refund as the buyer sees it.
pub struct PaymentRefund {
    refund: proto::payments::Refund,
    locale: Locale,
}

impl PaymentRefund {
    /// A refund of payments, in a language.
    pub const fn of(refund: proto::payments::Refund, locale: Locale) -> Self {
        Self { refund, locale }
    }
}

/// Money of a payment that is given back, as the buyer sees it.
#[Object]
impl PaymentRefund {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.refund.id.clone())
    }

    /// The order of which it is.
    async fn order_id(&self) -> Option<ID> {
        given(&self.refund.order_id).map(ID::from)
    }

    /// The code in its transfer's message.
    async fn reference(&self) -> &str {
        &self.refund.reference
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.refund.amount.as_ref(), self.locale)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.refund.reason
    }

    /// Where it stands.
    async fn status(&self) -> Result<RefundStatus, Error> {
        RefundStatus::of(self.refund.status)
    }

    /// Whether it waits for `provideRefundAccount`.
    async fn needs_account(&self) -> Result<bool, Error> {
        Ok(RefundStatus::of(self.refund.status)? == RefundStatus::Requested)
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.refund.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.refund.changed_at)
    }
}

/// The account that a transfer goes to.
pub struct PayeeAccount(pub proto::payments::PayeeAccount);

/// The account that a transfer goes to.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl PayeeAccount {
    /// The bank's identification number, six digits.
    async fn bin(&self) -> ID {
        ID(self.0.bank_bin.clone())
    }

    /// The account's number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The name that the bank knows.
    async fn holder(&self) -> &str {
        &self.0.holder
    }
}
