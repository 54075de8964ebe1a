//! A transfer as every feed tells of it, and what reading their bodies has in common.

use kernel::{Money, Timestamp};
use serde::Deserialize;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

use crate::providers::believable;

/// How every feed writes a moment: the bank's local time, Vietnam's, without saying so.
pub(super) const LOCAL_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// What a feed tells of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The feed's id of it, unique among that feed's transfers.
    pub provider_id: String,
    /// The bank's name; empty where the feed does not say.
    pub bank: String,
    /// The account.
    pub account_number: String,
    /// Its sub-account (virtual account) to which it came, if it did and the feed says so.
    pub sub_account: Option<String>,
    /// Whether money came, went, or did neither.
    pub direction: Direction,
    /// Whole đồng; never below zero.
    pub amount: Money,
    /// The memo.
    pub memo: String,
    /// The bank's reference; no bank promises that it is unique.
    pub bank_reference: String,
    /// When the bank booked it, if the feed says so legibly.
    pub booked_at: Option<Timestamp>,
    /// Who is on the other side, if the feed says.
    pub counterparty_name: Option<String>,
    /// The account on the other side, if the feed says.
    pub counterparty_account: Option<String>,
    /// BIN of the bank on the other side, if the feed says.
    pub counterparty_bin: Option<String>,
}

impl Transfer {
    /// Whether money came in.
    pub fn incoming(&self) -> bool {
        self.direction == Direction::Incoming && self.amount.is_positive()
    }

    /// The same without NUL characters: JSON has them, PostgreSQL keeps none.
    pub(super) fn storable(mut self) -> Self {
        let texts = [
            &mut self.provider_id,
            &mut self.bank,
            &mut self.account_number,
            &mut self.memo,
            &mut self.bank_reference,
        ];
        let told =
            [&mut self.sub_account, &mut self.counterparty_name, &mut self.counterparty_account];
        for text in texts.into_iter().chain(told.into_iter().flatten()) {
            text.retain(|letter| letter != '\0');
        }
        self
    }
}

/// Which way the money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It came to the account.
    Incoming,
    /// It left the account.
    Outgoing,
    /// No money moved: the feed tries, with a made-up transfer, whether we answer.
    Trial,
}

/// The body is not what the feed sends. It is kept all the same: a person looks at it.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON of the feed's shape.
    #[error("the body does not have the shape of a transfer")]
    Shape(#[from] serde_json::Error),
    /// The amount is not whole đồng.
    #[error("the amount is not a number of whole đồng")]
    Amount,
    /// It says itself that it is no transfer that succeeded.
    #[error("the body tells of no successful transfer")]
    NoSuccess,
}

/// A field that some write as a number and some as a text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum NumberOrText {
    Number(serde_json::Number),
    Text(String),
}

impl NumberOrText {
    pub(super) fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }

    /// Whole đồng, below zero too; `2277000.00` is whole.
    pub(super) fn dong(self) -> Result<i64, Unreadable> {
        whole_dong(&self.text()).ok_or(Unreadable::Amount)
    }
}

/// Whole đồng of a decimal text whose fraction, if any, is nothing.
pub(super) fn whole_dong(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let nothing = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    if nothing { believable(whole.parse().ok()?) } else { None }
}

/// A text, unless it is missing or empty.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A bank's BIN: six digits. Anything else that a feed calls its id of a bank is left out.
pub(super) fn bin(text: Option<String>) -> Option<String> {
    text.filter(|bin| bin.len() == 6 && bin.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The moment of the bank's local time.
pub(super) fn booked_at(text: &str) -> Option<Timestamp> {
    let local = PrimitiveDateTime::parse(text, LOCAL_FORMAT).ok()?;
    Some(local.assume_offset(offset!(+7)).into())
}

/// A moment in the bank's local time.
pub(super) fn local_text(moment: Timestamp) -> String {
    moment.to_utc().to_offset(offset!(+7)).format(LOCAL_FORMAT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dong_are_whole_or_nothing() {
        for (text, dong) in [
            ("2277000", Some(2_277_000)),
            ("2277000.00", Some(2_277_000)),
            ("-5.0", Some(-5)),
            ("0.5", None),
            ("1.", None),
            ("", None),
            ("1e6", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_dong(text), dong, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        let moment = booked_at("2023-03-25 14:02:37").unwrap();
        assert_eq!(moment.to_rfc3339(), "2023-03-25T07:02:37Z");
        assert_eq!(local_text(moment), "2023-03-25 14:02:37");
        assert_eq!(booked_at("yesterday"), None);
    }
}
