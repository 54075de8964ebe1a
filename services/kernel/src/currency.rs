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
    /// Australian dollar, two decimals.
    Aud,
    /// Canadian dollar, two decimals.
    Cad,
    /// Swiss franc, two decimals.
    Chf,
    /// Chinese yuan, two decimals.
    Cny,
    /// Czech koruna, two decimals.
    Czk,
    /// German mark (until 2002; old statements), two decimals.
    Dem,
    /// Danish krone, two decimals.
    Dkk,
    /// Pound sterling, two decimals.
    Gbp,
    /// Hong Kong dollar, two decimals.
    Hkd,
    /// Cambodian riel, two decimals.
    Khr,
    /// South Korean won, no decimals.
    Krw,
    /// Kuwaiti dinar, three decimals.
    Kwd,
    /// Lao kip, two decimals.
    Lak,
    /// Malaysian ringgit, two decimals.
    Myr,
    /// Norwegian krone, two decimals.
    Nok,
    /// New Zealand dollar, two decimals.
    Nzd,
    /// Polish złoty, two decimals.
    Pln,
    /// Swedish krona, two decimals.
    Sek,
    /// Singapore dollar, two decimals.
    Sgd,
    /// Thai baht, two decimals.
    Thb,
    /// New Taiwan dollar, two decimals.
    Twd,
}

/// The text names no currency that the market knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a known currency")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// Every currency, for lists of what is allowed.
    pub const ALL: [Self; 25] = [
        Self::Vnd,
        Self::Usd,
        Self::Eur,
        Self::Jpy,
        Self::Aud,
        Self::Cad,
        Self::Chf,
        Self::Cny,
        Self::Czk,
        Self::Dem,
        Self::Dkk,
        Self::Gbp,
        Self::Hkd,
        Self::Khr,
        Self::Krw,
        Self::Kwd,
        Self::Lak,
        Self::Myr,
        Self::Nok,
        Self::Nzd,
        Self::Pln,
        Self::Sek,
        Self::Sgd,
        Self::Thb,
        Self::Twd,
    ];

    /// Number of decimals of the minor unit (ISO 4217).
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Vnd | Self::Jpy | Self::Krw => 0,
            Self::Kwd => 3,
            _ => 2,
        }
    }

    /// The three-letter code of ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vnd => "VND",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Jpy => "JPY",
            Self::Aud => "AUD",
            Self::Cad => "CAD",
            Self::Chf => "CHF",
            Self::Cny => "CNY",
            Self::Czk => "CZK",
            Self::Dem => "DEM",
            Self::Dkk => "DKK",
            Self::Gbp => "GBP",
            Self::Hkd => "HKD",
            Self::Khr => "KHR",
            Self::Krw => "KRW",
            Self::Kwd => "KWD",
            Self::Lak => "LAK",
            Self::Myr => "MYR",
            Self::Nok => "NOK",
            Self::Nzd => "NZD",
            Self::Pln => "PLN",
            Self::Sek => "SEK",
            Self::Sgd => "SGD",
            Self::Thb => "THB",
            Self::Twd => "TWD",
        }
    }

    /// The sign that people write beside an amount.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Vnd => "₫",
            Self::Usd => "US$",
            Self::Eur => "€",
            Self::Jpy => "¥",
            other => other.code(),
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
