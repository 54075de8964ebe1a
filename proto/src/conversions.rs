//! Kernel words from and to the contract.

use kernel::{InvalidId, LocalizedText, Money, TypedId};

use crate::common;

/// A field of a message from another service is not what the contract promises. That is a fault of
/// the caller's program, not of a person.
#[derive(Debug, thiserror::Error)]
pub enum InvalidField {
    /// The text is no id of the wanted type.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// The amount is missing.
    #[error("an amount is missing")]
    MoneyMissing,
    /// The currency is unknown.
    #[error(transparent)]
    Currency(#[from] kernel::UnknownCurrency),
}

impl From<InvalidField> for tonic::Status {
    fn from(error: InvalidField) -> Self {
        Self::invalid_argument(error.to_string())
    }
}

/// Reads an id of a message.
pub fn parse_id<Id: TypedId>(text: &str) -> Result<Id, InvalidField> {
    Ok(text.parse()?)
}

/// Reads an amount that must be there.
pub fn parse_money(money: Option<&common::Money>) -> Result<Money, InvalidField> {
    let money = money.ok_or(InvalidField::MoneyMissing)?;
    Ok(Money::new(money.minor, money.currency.parse()?))
}

impl From<Money> for common::Money {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.code().to_owned() }
    }
}

impl From<LocalizedText> for common::LocalizedText {
    fn from(text: LocalizedText) -> Self {
        Self { vi: text.vi, en: text.en }
    }
}

impl From<common::LocalizedText> for LocalizedText {
    fn from(text: common::LocalizedText) -> Self {
        Self { vi: text.vi, en: text.en }
    }
}
