//! Where a shop's money lands: in the market's account, or straight in the shop's own.
//!
//! The shop's own account counts only while an operator allows it, after its bank's feed, or a statement that
//! names it, was heard, and after a pause in which whoever was robbed of a session can say so. Until all of that holds,
//! money lands in the market's account, as ever.

use std::time::Duration;

use kernel::{ShopId, Timestamp};

use super::payee_account::PayeeAccount;

/// Where a shop wants its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// In the market's account; it is paid out.
    Marketplace,
    /// In the shop's own account.
    ShopAccount,
}

impl Destination {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Marketplace, Self::ShopAccount];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marketplace => "marketplace",
            Self::ShopAccount => "shop_account",
        }
    }
}

/// A shop's own account, as far as the market knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopAccount {
    /// Whose it is.
    pub shop: ShopId,
    /// The account.
    pub account: PayeeAccount,
    /// Whether its feed has a key.
    pub has_feed_key: bool,
    /// When its bank's feed, or a line of a statement that names it, was first heard.
    pub heard_at: Option<Timestamp>,
}

/// What a shop wants, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDestination {
    /// The shop.
    pub shop: ShopId,
    /// When an operator allowed it to be paid directly; it is not, if it is nothing.
    pub allowed_at: Option<Timestamp>,
    /// What the shop wants.
    pub wanted: Destination,
    /// Its account, if it named one.
    pub account: Option<ShopAccount>,
    /// From when on what it wants counts.
    pub effective_at: Timestamp,
    /// When any of it changed last.
    pub changed_at: Timestamp,
}

/// Where the money lands now, and if not where the shop wants it, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// In the market's account, as the shop wants.
    Marketplace,
    /// In the market's: no operator allows otherwise.
    NotAllowed,
    /// In the market's: neither the account's feed nor a statement that names it was heard.
    NotHeard,
    /// In the market's, for some hours more.
    CoolingOff,
    /// In the shop's own account.
    Direct,
}

impl PaymentDestination {
    /// Of a shop of which nothing was ever said.
    pub const fn untold(shop: ShopId) -> Self {
        let never = Timestamp::from_micros(0);
        Self {
            shop,
            allowed_at: None,
            wanted: Destination::Marketplace,
            account: None,
            effective_at: never,
            changed_at: never,
        }
    }

    /// Where the money lands at a moment.
    pub fn landing(&self, now: Timestamp) -> Landing {
        let heard = self.account.as_ref().is_some_and(|account| account.heard_at.is_some());
        match self.wanted {
            Destination::Marketplace => Landing::Marketplace,
            Destination::ShopAccount if self.allowed_at.is_none() => Landing::NotAllowed,
            Destination::ShopAccount if now < self.effective_at => Landing::CoolingOff,
            Destination::ShopAccount if !heard => Landing::NotHeard,
            Destination::ShopAccount => Landing::Direct,
        }
    }

    /// The shop's own account, if money lands there.
    pub fn account_at(&self, now: Timestamp) -> Option<&PayeeAccount> {
        let direct = self.landing(now) == Landing::Direct;
        self.account.as_ref().filter(|_| direct).map(|account| &account.account)
    }

    /// The shop wants its money in its own account from after a pause on. What was wanted before of the same
    /// account waits no longer than it did.
    pub fn want_own_account(&mut self, account: ShopAccount, now: Timestamp, pause: Duration) {
        let same = self.account.as_ref().is_some_and(|kept| kept.account == account.account);
        if !(same && self.wanted == Destination::ShopAccount) {
            (self.effective_at, self.changed_at) = (now.after(pause), now);
        }
        (self.wanted, self.account) = (Destination::ShopAccount, Some(account));
    }

    /// The shop wants its money in the market's account: at once, for nobody gains by it.
    pub fn want_marketplace(&mut self, now: Timestamp) {
        (self.wanted, self.effective_at, self.changed_at) = (Destination::Marketplace, now, now);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(number: &str, heard: bool) -> ShopAccount {
        ShopAccount {
            shop: ShopId::from_uuid(Uuid::from_u128(1)),
            account: PayeeAccount::new("970436", number, "Cô Ba").unwrap(),
            has_feed_key: true,
            heard_at: heard.then(|| second(1)),
        }
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    const PAUSE: i64 = 86_400;

    fn want(destination: &mut PaymentDestination, number: &str, at: i64) {
        let pause = Duration::from_secs(PAUSE.unsigned_abs());
        destination.want_own_account(account(number, true), second(at), pause);
    }

    fn wanted(heard: bool) -> PaymentDestination {
        let mut destination = PaymentDestination::untold(account("1", heard).shop);
        destination.allowed_at = Some(second(0));
        let pause = Duration::from_secs(PAUSE.unsigned_abs());
        destination.want_own_account(account("1", heard), second(10), pause);
        destination
    }

    #[test]
    fn money_lands_in_a_shop_s_own_account_only_if_it_is_allowed_heard_and_cooled_off() {
        let at = second(10 + PAUSE);
        assert_eq!(wanted(true).landing(at), Landing::Direct);
        assert_eq!(wanted(true).account_at(at).map(PayeeAccount::number), Some("1"));
        let forbidden = PaymentDestination { allowed_at: None, ..wanted(true) };
        for (destination, at, landing) in [
            (forbidden, at, Landing::NotAllowed),
            (wanted(false), at, Landing::NotHeard),
            (wanted(true), second(9 + PAUSE), Landing::CoolingOff),
            (PaymentDestination::untold(account("1", true).shop), at, Landing::Marketplace),
        ] {
            assert_eq!(destination.landing(at), landing);
            assert_eq!(destination.account_at(at), None);
        }
    }

    #[test]
    fn another_account_cools_off_anew_and_the_same_again_does_not() {
        let mut destination = wanted(true);
        want(&mut destination, "1", 500);
        assert_eq!(destination.effective_at, second(10 + PAUSE));
        want(&mut destination, "2", 500);
        assert_eq!(destination.effective_at, second(500 + PAUSE));
        // Away and back is a change like any other; away counts at once.
        destination.want_marketplace(second(600));
        assert_eq!(destination.landing(second(600)), Landing::Marketplace);
        want(&mut destination, "2", 700);
        assert_eq!(destination.effective_at, second(700 + PAUSE));
    }
}
