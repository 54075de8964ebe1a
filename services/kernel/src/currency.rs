//! Currencies and how many decimals each has.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A currency of ISO 4217. The exponent belongs to the currency: VND has no decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Vietnamese đồng, no decimals.
    Vnd,
    /// United States dollar, two decimals.
    Usd,
    /// Euro, two decimals.
    Eur,
    /// Japanese yen, no decimals.
    Jpy,
}

/// The text names no currency that the market knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a known currency")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// Every currency, for lists of what is allowed.
    pub const ALL: [Self; 4] = [Self::Vnd, Self::Usd, Self::Eur, Self::Jpy];

    /// Number of decimals of the minor unit (ISO 4217).
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Vnd | Self::Jpy => 0,
            Self::Usd | Self::Eur => 2,
        }
    }

    /// The three-letter code of ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vnd => "VND",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Jpy => "JPY",
        }
    }

    /// The sign that people write beside an amount.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Vnd => "₫",
            Self::Usd => "US$",
            Self::Eur => "€",
            Self::Jpy => "¥",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == code)
            .ok_or_else(|| UnknownCurrency(code.to_owned()))
    }
}
