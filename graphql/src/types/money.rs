//! Amounts of money, as clients see and send them.

use async_graphql::{
    Error, InputObject, InputValueError, InputValueResult, Object, Scalar, ScalarType, Value,
};
use kernel::{Currency, Money as KernelMoney};
use proto::common::{Money as ProtoMoney, RefusalCode};

use super::enums::{CurrencyCode, Locale};
use super::user_error::UserError;
use crate::failure::Failure;

/// A decimal number as a string, in major units: `"125000"` is 125.000 ₫.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

/// A decimal number as a string, in major units: `"125000"` is 125.000 ₫.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if text.len() <= 40 => Ok(Self(text)),
            // Whole numbers are exact; a JSON number with a point has been through a float.
            Value::Number(number) if !number.is_f64() => Ok(Self(number.to_string())),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An amount of money.
#[derive(Clone, Debug)]
pub struct Money {
    minor: i64,
    currency: Option<Currency>,
    locale: kernel::Locale,
}

impl Money {
    /// The amount that a service gave.
    pub fn of(money: Option<&ProtoMoney>, locale: kernel::Locale) -> Self {
        let (minor, currency) =
            money.map_or((0, None), |money| (money.minor, money.currency.parse().ok()));
        Self { minor, currency, locale }
    }

    /// An amount in minor units of a currency that a service named.
    pub fn of_minor(minor: i64, currency: &str, locale: kernel::Locale) -> Self {
        Self { minor, currency: currency.parse().ok(), locale }
    }

    /// The amount, where the service named a currency that is known.
    pub fn known(&self) -> Result<KernelMoney, Error> {
        self.currency.map(|currency| KernelMoney::new(self.minor, currency)).ok_or_else(|| {
            Failure::fault("an amount without a known currency", &self.minor)
                .into_error(self.locale)
        })
    }
}

/// An amount of money.
#[Object]
impl Money {
    /// The amount in major units: `"125000"` for 125.000 ₫.
    async fn amount(&self) -> Result<Decimal, Error> {
        Ok(Decimal(self.known()?.to_decimal_string()))
    }

    /// The currency.
    async fn currency(&self) -> Result<CurrencyCode, Error> {
        Ok(self.known()?.currency.into())
    }

    /// The amount as people write it: `125.000 ₫` in Vietnamese, `₫125,000` in English.
    async fn formatted(
        &self,
        #[graphql(desc = "The language; the request's when left out.")] locale: Option<Locale>,
    ) -> Result<String, Error> {
        Ok(self.known()?.formatted(locale.map_or(self.locale, Into::into)))
    }
}

/// An amount of money, to be sent.
#[derive(Clone, Debug, InputObject)]
pub struct MoneyInput {
    /// The amount in major units: `"125000"` for 125.000 ₫.
    pub amount: Decimal,
    /// The currency.
    #[graphql(default_with = "CurrencyCode::Vnd")]
    pub currency: CurrencyCode,
}

impl MoneyInput {
    /// The amount for a service; what is no amount is refused at a path of the input.
    pub fn read(
        &self,
        path: &[&str],
        locale: kernel::Locale,
    ) -> Result<ProtoMoney, Vec<UserError>> {
        read_decimal(&self.amount, self.currency.into(), path, locale)
    }
}

/// Reads an amount of a currency; what is no amount is refused at a path of the input.
pub fn read_decimal(
    amount: &Decimal,
    currency: Currency,
    path: &[&str],
    locale: kernel::Locale,
) -> Result<ProtoMoney, Vec<UserError>> {
    match KernelMoney::parse_decimal(&amount.0, currency) {
        Ok(money) => Ok(money.into()),
        Err(_) => Err(vec![UserError::plain(RefusalCode::Invalid, path, locale)]),
    }
}
