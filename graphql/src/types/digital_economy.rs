//! Public figures.

use async_graphql::{Error, Object};
use kernel::Locale;

use super::enums::PaymentMethod;
use super::moment::Moment;
use super::money::Money;

/// Public figures of some days.
pub struct DigitalEconomy {
    of: proto::orders::DigitalEconomy,
    locale: Locale,
}

impl DigitalEconomy {
    /// Figures of orders, in a language.
    pub const fn of(of: proto::orders::DigitalEconomy, locale: Locale) -> Self {
        Self { of, locale }
    }

    fn minor(money: Option<&proto::common::Money>) -> i64 {
        money.map_or(0, |money| money.minor)
    }
}

/// Public figures of some days: what was paid in them and not called off since.
#[Object]
impl DigitalEconomy {
    /// Shops that sold something.
    async fn shops(&self) -> u64 {
        self.of.shops
    }

    /// Orders that were paid.
    async fn orders(&self) -> u64 {
        self.of.orders
    }

    /// What they cost together; not told where fewer than three shops sold, for it would tell what one
    /// of them earns.
    async fn turnover(&self) -> Option<Money> {
        self.of.turnover.as_ref().map(|money| Money::of(Some(money), self.locale))
    }

    /// The part of the turnover that was paid without cash on the market, in hundredths of a percent;
    /// the rest was invoiced to resellers. Told where the turnover is.
    async fn non_cash_basis_points(&self) -> Option<u32> {
        let all = Self::minor(Some(self.of.turnover.as_ref()?));
        let cashless = self.of.ways.iter().filter(|way| way.pay_with != 0);
        let cashless: i64 = cashless.map(|way| Self::minor(way.turnover.as_ref())).sum();
        let points = i128::from(cashless) * 10_000 / i128::from(all.max(1));
        u32::try_from(points).ok()
    }

    /// The same by the way to pay; empty where the turnover is not told.
    async fn ways(&self) -> Vec<TurnoverByWay> {
        let ways = self.of.ways.iter().cloned();
        ways.map(|of| TurnoverByWay { of, locale: self.locale }).collect()
    }

    /// When it was counted.
    async fn as_of(&self) -> Moment {
        Moment::of(self.of.as_of)
    }
}

/// What was paid in one way.
pub struct TurnoverByWay {
    of: proto::orders::TurnoverByWay,
    locale: Locale,
}

/// What was paid in one way.
#[Object]
impl TurnoverByWay {
    /// The way; nothing: invoiced to a reseller, outside of the market.
    async fn pay_with(&self) -> Result<Option<PaymentMethod>, Error> {
        if self.of.pay_with == 0 { Ok(None) } else { PaymentMethod::of(self.of.pay_with).map(Some) }
    }

    /// Orders that were paid so.
    async fn orders(&self) -> u64 {
        self.of.orders
    }

    /// What they cost together.
    async fn turnover(&self) -> Money {
        Money::of(self.of.turnover.as_ref(), self.locale)
    }
}
