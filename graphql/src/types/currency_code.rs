//! The currencies that the API names.

use async_graphql::Enum;

/// A currency of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "kernel::Currency")]
pub enum CurrencyCode {
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
