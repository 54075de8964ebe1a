//! A shop's statement.

use async_graphql::{ID, Object};
use kernel::Locale;

use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::access::{Requires, auth};

/// A shop's statement.
pub struct ShopStatement {
    statement: proto::payments::ShopStatement,
    locale: Locale,
}

impl ShopStatement {
    /// A statement of payments, in a language.
    pub const fn of(statement: proto::payments::ShopStatement, locale: Locale) -> Self {
        Self { statement, locale }
    }
}

/// What a shop is owed, day by day. It foots: opening, and all that happened, is closing.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ShopStatement {
    /// What was owed before the first day.
    async fn opening(&self) -> Money {
        Money::of(self.statement.opening.as_ref(), self.locale)
    }

    /// What was owed after the last day.
    async fn closing(&self) -> Money {
        Money::of(self.statement.closing.as_ref(), self.locale)
    }

    /// All days together.
    async fn total(&self) -> StatementSums {
        StatementSums {
            sums: self.statement.total.clone().unwrap_or_default(),
            locale: self.locale,
        }
    }

    /// The days on which something happened.
    async fn days(&self) -> Vec<StatementDay> {
        let days = self.statement.days.iter().cloned();
        days.map(|sums| StatementDay { sums, locale: self.locale }).collect()
    }
}

/// What happened in a span of time.
pub struct StatementSums {
    sums: proto::payments::StatementDay,
    locale: Locale,
}

/// What happened. Above zero the shop is owed more, below less.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl StatementSums {
    /// Orders that were paid, gross.
    async fn sales(&self) -> Money {
        Money::of(self.sums.sales.as_ref(), self.locale)
    }

    /// Commission, less what refunds gave back.
    async fn fees(&self) -> Money {
        Money::of(self.sums.fees.as_ref(), self.locale)
    }

    /// Value added tax withheld, less what refunds gave back.
    async fn vat(&self) -> Money {
        Money::of(self.sums.vat.as_ref(), self.locale)
    }

    /// Personal income tax withheld, less what refunds gave back.
    async fn pit(&self) -> Money {
        Money::of(self.sums.pit.as_ref(), self.locale)
    }

    /// What shoppers got back.
    async fn refunds(&self) -> Money {
        Money::of(self.sums.refunds.as_ref(), self.locale)
    }

    /// Of the sales, what came straight to the shop's own account, less what it gave back out of it: below
    /// zero, for nobody owes it that.
    async fn direct(&self) -> Money {
        Money::of(self.sums.direct.as_ref(), self.locale)
    }

    /// What the shop was paid, less what came back.
    async fn paid_out(&self) -> Money {
        Money::of(self.sums.paid_out.as_ref(), self.locale)
    }

    /// How many lines they sum.
    async fn lines(&self) -> i64 {
        self.sums.lines
    }
}

/// A day on which something happened.
pub struct StatementDay {
    sums: proto::payments::StatementDay,
    locale: Locale,
}

/// A day on which something happened.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl StatementDay {
    /// The day, in Vietnam: `2026-11-24`.
    async fn day(&self) -> &str {
        &self.sums.day
    }

    /// What happened.
    async fn sums(&self) -> StatementSums {
        StatementSums { sums: self.sums.clone(), locale: self.locale }
    }

    /// What was owed at its end.
    async fn owed(&self) -> Money {
        Money::of(self.sums.owed.as_ref(), self.locale)
    }
}

/// A line of what a shop is owed.
pub struct ShopLine {
    line: proto::payments::ShopLine,
    locale: Locale,
}

impl ShopLine {
    /// A line of payments, in a language.
    pub const fn of(line: proto::payments::ShopLine, locale: Locale) -> Self {
        Self { line, locale }
    }
}

/// A line of what a shop is owed: what the figures of its statement open to.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ShopLine {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.line.id.clone())
    }

    /// What it is: `sale`, `fee`, `vat`, `pit`, `refund`, `fee_back`, `vat_back`, `pit_back`, `payout`,
    /// `payout_back`, `dispute`, `dispute_back`; `direct` (of a sale, what came to the shop's own account) or
    /// `direct_back` (of a refund, what it gives back out of it).
    async fn kind(&self) -> &str {
        &self.line.kind
    }

    /// Above zero the shop is owed more, below less.
    async fn amount(&self) -> Money {
        Money::of(self.line.amount.as_ref(), self.locale)
    }

    /// The payment that it is about.
    async fn payment_id(&self) -> Option<ID> {
        given(&self.line.payment_id).map(ID::from)
    }

    /// The order that it is about.
    async fn order_id(&self) -> Option<ID> {
        given(&self.line.order_id).map(ID::from)
    }

    /// The refund that it is about.
    async fn refund_id(&self) -> Option<ID> {
        given(&self.line.refund_id).map(ID::from)
    }

    /// The payout that it is.
    async fn payout_id(&self) -> Option<ID> {
        given(&self.line.payout_id).map(ID::from)
    }

    /// When it was posted.
    async fn posted_at(&self) -> Moment {
        Moment::of(self.line.posted_at)
    }
}
