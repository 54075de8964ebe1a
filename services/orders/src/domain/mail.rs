//! Mail to guests and to shops' people: what it is about, and how long it is tried. What it says is in `mail_text.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::Timestamp;
use uuid::Uuid;

/// How often a mail is tried before it is given up: the pauses come to about a day and a half.
pub const MOST_TRIES: u32 = 12;
/// The pause after the first try, which is over by then; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(3 * 60);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// The name of a change that accounts tells of: another account is paid out to. All others are of payments.
pub const PAYOUT_ACCOUNT: &str = "payout_account";

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// A checkout was paid. About: the checkout.
    Paid,
    /// Something happened to an order. About: the notice.
    Notice,
    /// An order was called off. About: the order.
    CalledOff,
    /// Seats are kept for who waits. About: the entry of the waiting list. Facts: `name`, `email`, `locale`,
    /// `seats`, `departure`, `until` (microseconds).
    SeatsOffered,
    /// Where a shop's money lands was changed. About: the shop. Facts: `what` (the names of the changes, with
    /// commas), `at` and `effective` (microseconds: when, and from when on it counts).
    DestinationChanged,
    /// What happened to orders of a shop, gathered. About: the letter that has the news. Facts: `reader` (the person).
    ShopNews,
    /// Operators decided on a shop. About: the shop. Facts: `what`.
    ShopDecided,
    /// Who acts for a shop was changed. About: the shop. Facts: `what` (the change and to whom it is told, as the
    /// texts name them), `reader` and `person` (ids of people), `effective` (microseconds).
    MemberChanged,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Paid,
        Self::Notice,
        Self::CalledOff,
        Self::SeatsOffered,
        Self::DestinationChanged,
        Self::ShopNews,
        Self::ShopDecided,
        Self::MemberChanged,
    ];
    /// Those that go before what waits longer, the most urgent first: seats are kept for minutes, and who was
    /// robbed of a session has until the pause is over.
    pub const URGENT: [Self; 3] =
        [Self::SeatsOffered, Self::DestinationChanged, Self::MemberChanged];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Notice => "notice",
            Self::CalledOff => "called_off",
            Self::SeatsOffered => "seats_offered",
            Self::DestinationChanged => "destination",
            Self::ShopNews => "shop_news",
            Self::ShopDecided => "shop_decided",
            Self::MemberChanged => "member",
        }
    }
}

/// A mail that is to be sent. Who it is to, and what it says, is looked up when it is sent; only of who waits
/// for seats nothing is kept elsewhere, so it is kept here until the mail is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id; the message has it, too.
    pub id: Uuid,
    /// Names what happened: one mail each.
    pub key: String,
    /// What it is about.
    pub kind: MailKind,
    /// Which one.
    pub about: Uuid,
    /// What is kept nowhere else.
    pub facts: BTreeMap<String, String>,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

impl Mail {
    /// A mail that nobody tried to send yet.
    pub fn new(kind: MailKind, (key, about): (String, Uuid), now: Timestamp) -> Self {
        let facts = BTreeMap::new();
        Self { id: Uuid::now_v7(), key, kind, about, facts, created_at: now, tries: 0 }
    }

    /// How long it waits after so many tries.
    pub fn pause_after(tries: u32) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
        doubled.min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_within_two_days() {
        assert_eq!(Mail::pause_after(1), Duration::from_secs(180));
        assert_eq!(Mail::pause_after(3), Duration::from_secs(720));
        assert_eq!(Mail::pause_after(u32::MAX), LONGEST_PAUSE);
        let all: Duration = (1..=MOST_TRIES).map(Mail::pause_after).sum();
        assert!((24..48).contains(&(all.as_secs() / 3_600)), "{all:?}");
    }
}
