//! What the market takes of a sale.
//!
//! Rules are an ordered list that operators write (`rules/commission.toml`); the first that matches
//! wins, dated by when the payment was accepted. What a rule decided is kept in a line for the order
//! and never reckoned again; refunds reverse the line in proportion. A sale that no rule matches is
//! refused, not taken as free.

use kernel::{BasisPoints, Money, MoneyError, ShopId, Timestamp};
use serde::Deserialize;

use super::reversal::{RefundedInTotal, ReversalRefused, reversed_by, reversed_in_total};
use super::vietnam_calendar::{ValidDays, VietnamDay};

/// The rules that the market begins with.
pub const DEFAULT_RULES: &str = include_str!("../../rules/commission.toml");

/// What was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sold {
    /// Goods.
    Goods,
    /// Seats of a tour.
    Tour,
    /// Nobody said: no rule that asks for a kind matches, and tax takes the seller's highest rates.
    Unknown,
}

impl Sold {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Goods, Self::Tour, Self::Unknown];

    /// The name in files and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Tour => "tour",
            Self::Unknown => "unknown",
        }
    }
}

/// How it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// A transfer by a checkout's QR.
    BankTransfer,
    /// A card.
    Card,
    /// A transfer at the shop's counter.
    Till,
    /// Not yet: a reseller is invoiced.
    Invoice,
}

/// One rule. What it does not ask for matches anything.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommissionRule {
    /// Its name.
    pub id: String,
    /// Which text of it this is, from 1.
    pub version: u32,
    /// Why it is so, for who reads it.
    pub why: String,
    /// Sales of one shop.
    pub shop: Option<ShopId>,
    /// Sales in one category, by its slug.
    pub category: Option<String>,
    /// Sales of goods, or of tours.
    pub sold: Option<Sold>,
    /// Sales paid in one way.
    pub paid_by: Option<PaidBy>,
    /// The first day in force.
    pub valid_from: Option<VietnamDay>,
    /// The last day in force.
    pub valid_until: Option<VietnamDay>,
    /// Sales of at least this much.
    pub minimum_amount: Option<Money>,
    /// The share of the sale.
    pub basis_points: BasisPoints,
    /// What is added to the share.
    pub fixed: Option<Money>,
    /// The least that is taken; never more than the sale, though.
    pub minimum_fee: Option<Money>,
    /// The most that is taken.
    pub maximum_fee: Option<Money>,
}

/// What the rules are asked about: an order, or the part of it that is in one category.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    /// Who sold.
    pub shop: ShopId,
    /// Slug of the category, if it has one.
    pub category: Option<&'a str>,
    /// What was sold.
    pub sold: Sold,
    /// How it was paid.
    pub paid_by: PaidBy,
    /// When the payment was accepted.
    pub accepted_at: Timestamp,
    /// What was paid.
    pub amount: Money,
}

/// What the market took of a sale, and by which rule. Made once, then only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommissionLine {
    /// The rule's name.
    pub rule: String,
    /// Which text of the rule.
    pub rule_version: u32,
    /// What was paid.
    pub base: Money,
    /// What was taken of it.
    pub fee: Money,
}

/// Why a commission could not be reckoned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommissionRefused {
    /// No rule matches the sale.
    #[error("no commission rule matches the sale")]
    NoRuleMatches,
    /// A sale of nothing, or less, has no commission.
    #[error("{0} is no amount of a sale")]
    NothingSold(Money),
    /// The fee is too large to be written.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Why rules cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommissionRulesRefused {
    /// Two rules have one id and version.
    #[error("rule {rule:?} is there twice in version {version}")]
    Twice {
        /// The rule.
        rule: String,
        /// Its version.
        version: u32,
    },
    /// The last day is before the first.
    #[error("rule {0:?} ends before it begins")]
    NeverInForce(String),
    /// The minimum fee is above the maximum.
    #[error("the minimum fee of rule {0:?} is above its maximum")]
    MinimumAboveMaximum(String),
    /// An amount is below zero.
    #[error("an amount of rule {0:?} is below zero")]
    Negative(String),
    /// Its amounts are of several currencies.
    #[error("the amounts of rule {0:?} are of several currencies")]
    CurrenciesDiffer(String),
}

/// The rules in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "UncheckedRules")]
pub struct CommissionRules(Vec<CommissionRule>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedRules {
    rule: Vec<CommissionRule>,
}

impl TryFrom<UncheckedRules> for CommissionRules {
    type Error = CommissionRulesRefused;

    fn try_from(unchecked: UncheckedRules) -> Result<Self, CommissionRulesRefused> {
        Self::checked(unchecked.rule)
    }
}

impl CommissionRules {
    /// Rules, if each makes sense by itself and no two are the same version of one.
    pub fn checked(rules: Vec<CommissionRule>) -> Result<Self, CommissionRulesRefused> {
        for (place, rule) in rules.iter().enumerate() {
            rule.check()?;
            let same =
                |other: &CommissionRule| (&other.id, other.version) == (&rule.id, rule.version);
            if rules[..place].iter().any(same) {
                let (rule, version) = (rule.id.clone(), rule.version);
                return Err(CommissionRulesRefused::Twice { rule, version });
            }
        }
        Ok(Self(rules))
    }

    /// Reads rules as operators write them.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// What the first matching rule takes of a sale.
    pub fn line_for(&self, sale: &Sale<'_>) -> Result<CommissionLine, CommissionRefused> {
        if !sale.amount.is_positive() {
            return Err(CommissionRefused::NothingSold(sale.amount));
        }
        let matching = self.0.iter().find(|rule| rule.matches(sale));
        let rule = matching.ok_or(CommissionRefused::NoRuleMatches)?;
        Ok(CommissionLine {
            rule: rule.id.clone(),
            rule_version: rule.version,
            base: sale.amount,
            fee: rule.fee_rounded_half_up(sale.amount)?,
        })
    }
}

impl CommissionRule {
    fn matches(&self, sale: &Sale<'_>) -> bool {
        self.shop.is_none_or(|shop| shop == sale.shop)
            && self.category.as_deref().is_none_or(|category| sale.category == Some(category))
            && self.sold.is_none_or(|sold| sold == sale.sold)
            && self.paid_by.is_none_or(|paid_by| paid_by == sale.paid_by)
            && self.valid_days().contain(VietnamDay::of(sale.accepted_at))
            && self.amounts().all(|amount| amount.currency == sale.amount.currency)
            && self.minimum_amount.is_none_or(|minimum| minimum.minor <= sale.amount.minor)
    }

    /// The share of the amount, half a unit rounded up, and the fixed part; within the rule's
    /// bounds, and never more than the amount: a shop is not asked to pay for having sold.
    fn fee_rounded_half_up(&self, amount: Money) -> Result<Money, MoneyError> {
        let mut fee = amount.fee_rounded_half_up(self.basis_points)?;
        if let Some(fixed) = self.fixed {
            fee = fee.checked_add(fixed)?;
        }
        let least = self.minimum_fee.map_or(0, |minimum| minimum.minor);
        let most = self.maximum_fee.map_or(i64::MAX, |maximum| maximum.minor);
        fee.minor = fee.minor.max(least).min(most).min(amount.minor);
        Ok(fee)
    }

    fn valid_days(&self) -> ValidDays {
        ValidDays { from: self.valid_from, until: self.valid_until }
    }

    fn amounts(&self) -> impl Iterator<Item = Money> {
        let amounts = [self.minimum_amount, self.fixed, self.minimum_fee, self.maximum_fee];
        amounts.into_iter().flatten()
    }

    fn check(&self) -> Result<(), CommissionRulesRefused> {
        let id = || self.id.clone();
        if self.valid_days().are_none() {
            return Err(CommissionRulesRefused::NeverInForce(id()));
        }
        if self.amounts().any(Money::is_negative) {
            return Err(CommissionRulesRefused::Negative(id()));
        }
        let first = self.amounts().next().map(|amount| amount.currency);
        if self.amounts().any(|amount| Some(amount.currency) != first) {
            return Err(CommissionRulesRefused::CurrenciesDiffer(id()));
        }
        match (self.minimum_fee, self.maximum_fee) {
            (Some(minimum), Some(maximum)) if minimum.minor > maximum.minor => {
                Err(CommissionRulesRefused::MinimumAboveMaximum(id()))
            }
            _ => Ok(()),
        }
    }
}

impl CommissionLine {
    /// How much of the fee has to have gone back once so much of the sale was refunded in total.
    pub fn reversed_in_total(&self, refunded: Money) -> Result<Money, ReversalRefused> {
        reversed_in_total(self.fee, self.base, refunded)
    }

    /// What one refund gives back of the fee; below zero where a refund came back.
    pub fn reversed_by(&self, refunded: RefundedInTotal) -> Result<Money, ReversalRefused> {
        reversed_by(self.fee, self.base, refunded)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::vietnam_calendar::tests::moment;

    fn shop(number: u128) -> ShopId {
        ShopId::from_uuid(Uuid::from_u128(number))
    }

    fn sale(amount: i64) -> Sale<'static> {
        Sale {
            shop: shop(1),
            category: Some("banh-keo"),
            sold: Sold::Goods,
            paid_by: PaidBy::BankTransfer,
            accepted_at: moment("2025-11-20T03:00:00Z"),
            amount: Money::vnd(amount),
        }
    }

    fn rules(text: &str) -> CommissionRules {
        CommissionRules::from_toml(text).unwrap()
    }

    /// A rule named `asked` with these conditions, before one named `rest`.
    fn asking(conditions: &str) -> CommissionRules {
        rules(&format!(
            "[[rule]]\nid='asked'\nversion=1\nwhy=''\nbasis_points=100\n{conditions}\n\
             [[rule]]\nid='rest'\nversion=1\nwhy=''\nbasis_points=0"
        ))
    }

    #[test]
    fn the_first_rule_that_matches_wins_and_every_condition_counts() {
        type Change = fn(&mut Sale<'static>);
        let unchanged: Change = |_| ();
        let cases: [(&str, Change, Change); 8] = [
            ("", unchanged, unchanged),
            ("category='banh-keo'", unchanged, |sale| sale.category = Some("trai-cay")),
            ("category='banh-keo'", unchanged, |sale| sale.category = None),
            ("sold='goods'", unchanged, |sale| sale.sold = Sold::Tour),
            ("paid_by='bank_transfer'", unchanged, |sale| sale.paid_by = PaidBy::Card),
            (
                "valid_from='2025-11-20'\nvalid_until='2025-11-20'",
                |sale| sale.accepted_at = moment("2025-11-19T17:00:00Z"),
                |sale| sale.accepted_at = moment("2025-11-20T17:00:00Z"),
            ),
            ("minimum_amount={minor=1000,currency='VND'}", unchanged, |sale| {
                sale.amount = Money::vnd(999)
            }),
            ("fixed={minor=1,currency='VND'}", unchanged, |sale| {
                sale.amount = Money::new(1_000, Currency::Usd)
            }),
        ];
        for (conditions, matching, other) in cases {
            let rules = asking(conditions);
            let mut sale_that_matches = sale(1_000);
            matching(&mut sale_that_matches);
            assert_eq!(rules.line_for(&sale_that_matches).unwrap().rule, "asked", "{conditions}");
            if conditions.is_empty() {
                continue;
            }
            let mut sale_that_does_not = sale(1_000);
            other(&mut sale_that_does_not);
            assert_eq!(rules.line_for(&sale_that_does_not).unwrap().rule, "rest", "{conditions}");
        }
        let own = asking(&format!("shop='{}'", shop(1)));
        assert_eq!(own.line_for(&sale(1)).unwrap().rule, "asked");
        assert_eq!(own.line_for(&Sale { shop: shop(2), ..sale(1) }).unwrap().rule, "rest");
    }

    #[test]
    fn a_fee_is_the_share_and_the_fixed_part_within_its_bounds() {
        let rules = rules(
            "[[rule]]\nid='a'\nversion=3\nwhy=''\nbasis_points=250\nfixed={minor=10,currency='VND'}\n\
             minimum_fee={minor=20,currency='VND'}\nmaximum_fee={minor=1000,currency='VND'}",
        );
        // 2.5 % of 420 is 10.5 and rounds up; of 419 it is 10.475.
        for (amount, fee) in [(10, 10), (100, 20), (419, 20), (420, 21), (100_000, 1_000)] {
            let line = rules.line_for(&sale(amount)).unwrap();
            let base = Money::vnd(amount);
            let expected = CommissionLine {
                rule: "a".to_owned(),
                rule_version: 3,
                base,
                fee: Money::vnd(fee),
            };
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn a_sale_without_a_rule_or_without_an_amount_is_refused() {
        let tours = rules("[[rule]]\nid='a'\nversion=1\nwhy=''\nsold='tour'\nbasis_points=1");
        assert_eq!(tours.line_for(&sale(1)), Err(CommissionRefused::NoRuleMatches));
        let nothing = Money::vnd(0);
        assert_eq!(asking("").line_for(&sale(0)), Err(CommissionRefused::NothingSold(nothing)));
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        let rule = asking("").0.remove(0);
        type Change = fn(&mut CommissionRule);
        type Refused = fn(String) -> CommissionRulesRefused;
        let cases: [(Change, Refused); 4] = [
            (
                |rule| {
                    rule.valid_from = Some("2025-07-02".parse().unwrap());
                    rule.valid_until = Some("2025-07-01".parse().unwrap());
                },
                CommissionRulesRefused::NeverInForce,
            ),
            (|rule| rule.fixed = Some(Money::vnd(-1)), CommissionRulesRefused::Negative),
            (
                |rule| {
                    rule.fixed = Some(Money::vnd(1));
                    rule.minimum_fee = Some(Money::new(1, Currency::Usd));
                },
                CommissionRulesRefused::CurrenciesDiffer,
            ),
            (
                |rule| {
                    rule.minimum_fee = Some(Money::vnd(2));
                    rule.maximum_fee = Some(Money::vnd(1));
                },
                CommissionRulesRefused::MinimumAboveMaximum,
            ),
        ];
        for (change, refused) in cases {
            let mut changed = rule.clone();
            change(&mut changed);
            assert_eq!(CommissionRules::checked(vec![changed]), Err(refused("asked".to_owned())));
        }
        assert_eq!(
            CommissionRules::checked(vec![rule.clone(), rule]),
            Err(CommissionRulesRefused::Twice { rule: "asked".to_owned(), version: 1 })
        );
        let misspelt = "[[rule]]\nid='a'\nversion=1\nwhy=''\nbasis_points=1\npayed_by='card'";
        assert!(CommissionRules::from_toml(misspelt).is_err());
    }

    #[test]
    fn the_rules_that_the_market_begins_with_match_every_sale() {
        let rules = rules(DEFAULT_RULES);
        for sold in Sold::ALL {
            for paid_by in [PaidBy::BankTransfer, PaidBy::Card, PaidBy::Till] {
                for currency in Currency::ALL {
                    let amount = Money::new(1, currency);
                    rules.line_for(&Sale { sold, paid_by, amount, ..sale(1) }).unwrap();
                }
            }
        }
        let line = rules.line_for(&sale(150_000)).unwrap();
        assert_eq!((line.rule.as_str(), line.fee), ("goods", Money::vnd(4_500)));
    }

    proptest! {
        #[test]
        fn a_fee_is_never_below_zero_nor_above_the_sale_and_all_of_it_goes_back(
            amount in 1i64..1_000_000_000, points in 0u32..=10_000, fixed in 0i64..1_000_000, first in 0i64..1_000_000_000,
        ) {
            let rules = asking(&format!("fixed={{minor={fixed},currency='VND'}}"));
            let mut rule = rules.0[0].clone();
            rule.basis_points = BasisPoints::new(points).unwrap();
            let line = CommissionRules(vec![rule]).line_for(&sale(amount)).unwrap();
            prop_assert!((0..=amount).contains(&line.fee.minor));
            let first = Money::vnd(first % (amount + 1));
            let none = Money::vnd(0);
            let one = line.reversed_by(RefundedInTotal { before: none, after: first }).unwrap();
            let two = line.reversed_by(RefundedInTotal { before: first, after: line.base }).unwrap();
            prop_assert_eq!(one.checked_add(two).unwrap(), line.fee);
            prop_assert_eq!(line.reversed_in_total(first).unwrap(), one);
        }
    }
}
