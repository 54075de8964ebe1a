//! Stripe's objects: of each the fields that we need, and what they mean to us.
//!
//! Everything else that Stripe tells is left unread, card details above all.

mod balance;
mod payments;
mod returns;

use kernel::{Timestamp, UnknownCurrency};
use serde::Deserialize;

pub(super) use self::balance::{BalanceTransaction, Payout};
pub(super) use self::payments::{Failure, Intent, Session};
pub(super) use self::returns::{Dispute, Refund};
use crate::providers::card::BalanceTransactionId;

/// A movement of our balance that is named, told whole or not.
type NamedTransaction = Expandable<BalanceTransactionId, Named<BalanceTransactionId>>;

/// Why an object cannot be taken for what it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error(transparent)]
    Currency(#[from] UnknownCurrency),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} was asked for whole, and only its id came")]
    NotExpanded(&'static str),
    #[error("{status:?} is no status of a {object}")]
    Status { object: &'static str, status: String },
    #[error("a moment is beyond what can be told")]
    Moment,
    #[error("the list has no end")]
    EndlessList,
}

/// A thing, or only its id.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<I, T> {
    Id(I),
    Whole(Box<T>),
}

impl<I, T> Expandable<I, T> {
    fn whole(self, field: &'static str) -> Result<T, Unreadable> {
        match self {
            Self::Id(_) => Err(Unreadable::NotExpanded(field)),
            Self::Whole(thing) => Ok(*thing),
        }
    }
}

/// Of a thing that we only want named, the id.
#[derive(Deserialize)]
pub(super) struct Named<I> {
    id: I,
}

impl<I> Expandable<I, Named<I>> {
    fn id(self) -> I {
        match self {
            Self::Id(id) => id,
            Self::Whole(named) => named.id,
        }
    }
}

fn unknown(object: &'static str, status: &str) -> Unreadable {
    Unreadable::Status { object, status: status.to_owned() }
}

fn moment(seconds: i64) -> Result<Timestamp, Unreadable> {
    seconds.checked_mul(1_000_000).map(Timestamp::from_micros).ok_or(Unreadable::Moment)
}
