//! Money: whole minor units of one currency, with checked arithmetic.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{BasisPoints, Currency, Locale};

/// An amount in minor units of its currency (đồng for VND, cents for USD). May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// The currency the units are of.
    pub currency: Currency,
}

/// Why two amounts could not be combined, or a text not be read as money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The two amounts are of different currencies.
    #[error("{left} and {right} cannot be combined")]
    CurrenciesDiffer {
        /// Currency of the left amount.
        left: Currency,
        /// Currency of the right amount.
        right: Currency,
    },
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// The text is not a decimal number.
    #[error("{0:?} is not an amount")]
    NotANumber(String),
    /// The text has more decimals than the currency.
    #[error("{currency} has {exponent} decimals, {text:?} has more")]
    TooPrecise {
        /// The text that was read.
        text: String,
        /// Currency it was read for.
        currency: Currency,
        /// Decimals that the currency has.
        exponent: u32,
    },
}

impl Money {
    /// An amount of whole minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount of whole đồng.
    pub const fn vnd(minor: i64) -> Self {
        Self::new(minor, Currency::Vnd)
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// True for an amount of nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// True above zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Difference of two amounts of one currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount a number of times, as for a quantity of one price.
    pub fn checked_mul(self, times: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(times).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The same amount with the sign turned.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Sum of many amounts; `currency` is the answer's when there are none.
    pub fn checked_sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// A share in basis points, half a unit rounded away from zero.
    pub fn fee_rounded_half_up(self, rate: BasisPoints) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor) * i128::from(rate.get());
        let half = if product < 0 { -5_000 } else { 5_000 };
        let minor = i64::try_from((product + half) / 10_000).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount in major units as a decimal string: `125000` for 125.000 ₫, `12.50` for US$12.50.
    pub fn to_decimal_string(self) -> String {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent()).to_string()
    }

    /// Reads a decimal string in major units; extra zeros behind the point are allowed.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_a_number = || MoneyError::NotANumber(text.to_owned());
        let exponent = currency.exponent();
        let decimal = Decimal::from_str_exact(text.trim()).map_err(|_| not_a_number())?.normalize();
        if decimal.scale() > exponent {
            return Err(MoneyError::TooPrecise { text: text.to_owned(), currency, exponent });
        }
        let factor = 10_i128.pow(exponent - decimal.scale());
        let minor = decimal.mantissa().checked_mul(factor).ok_or(MoneyError::Overflow)?;
        let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// The amount as people write it: `125.000 ₫` in Vietnamese, `₫125,000` in English.
    pub fn formatted(self, locale: Locale) -> String {
        let (group, point) = match locale {
            Locale::Vi => ('.', ','),
            Locale::En => (',', '.'),
        };
        let exponent = self.currency.exponent();
        let scale = 10_u64.pow(exponent);
        let units = self.minor.unsigned_abs();
        let mut number = grouped(units / scale, group);
        if exponent > 0 {
            let width = exponent as usize;
            number.push(point);
            number.push_str(&format!("{:0width$}", units % scale));
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        let symbol = self.currency.symbol();
        match locale {
            Locale::Vi => format!("{sign}{number}\u{a0}{symbol}"),
            Locale::En => format!("{sign}{symbol}{number}"),
        }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrenciesDiffer { left: self.currency, right: other.currency })
        }
    }
}

/// Digits in groups of three.
fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal_string(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dong_have_no_decimals_and_dollars_have_two() {
        assert_eq!(Money::vnd(125_000).to_decimal_string(), "125000");
        assert_eq!(Money::new(1_250, Currency::Usd).to_decimal_string(), "12.50");
        assert_eq!(Money::parse_decimal("125000.00", Currency::Vnd), Ok(Money::vnd(125_000)));
        assert!(matches!(
            Money::parse_decimal("125000.5", Currency::Vnd),
            Err(MoneyError::TooPrecise { .. })
        ));
    }

    #[test]
    fn people_read_amounts_in_their_own_manner() {
        assert_eq!(Money::vnd(1_250_000).formatted(Locale::Vi), "1.250.000\u{a0}₫");
        assert_eq!(Money::vnd(-1_250).formatted(Locale::En), "-₫1,250");
        assert_eq!(Money::new(123_456, Currency::Usd).formatted(Locale::En), "US$1,234.56");
    }

    #[test]
    fn amounts_of_two_currencies_are_never_added() {
        let mixed = Money::vnd(1).checked_add(Money::new(1, Currency::Usd));
        assert!(matches!(mixed, Err(MoneyError::CurrenciesDiffer { .. })));
    }

    #[test]
    fn a_fee_rounds_half_a_unit_away_from_zero() {
        let half = BasisPoints::new(5_000).unwrap();
        assert_eq!(Money::vnd(3).fee_rounded_half_up(half), Ok(Money::vnd(2)));
        assert_eq!(Money::vnd(-3).fee_rounded_half_up(half), Ok(Money::vnd(-2)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in any::<i64>(), index in 0usize..4) {
            let money = Money::new(minor, Currency::ALL[index]);
            prop_assert_eq!(Money::parse_decimal(&money.to_decimal_string(), money.currency), Ok(money));
        }
    }
}
