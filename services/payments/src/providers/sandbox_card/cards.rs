//! The cards that the sandbox knows: Stripe's test cards, and what happens to who pays with them.
//!
//! Source: docs.stripe.com/testing. A number that is not in this list is no test card, and is
//! neither charged nor kept.

use serde::{Deserialize, Serialize};

/// A test card. Stored by its name, never by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestCard {
    /// Pays.
    Pays,
    /// Pays, and the money is available at once.
    BypassesPending,
    /// The bank says no, without a reason.
    Declined,
    /// The bank says that there is not enough money.
    InsufficientFunds,
    /// The card is too old.
    Expired,
    /// The bank asks its customer first (3-D Secure).
    Authenticates,
    /// Pays, and the customer contests it afterwards.
    Disputed,
    /// Pays; what is refunded succeeds, and fails later.
    RefundFails,
    /// Pays; what is refunded is pending first, and succeeds later.
    RefundPending,
}

/// Why a bank, or the sandbox itself, says no to a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// Stripe's code.
    pub code: String,
    /// The bank's reason, where a bank was asked.
    pub decline_code: Option<String>,
    /// For the shopper, in English as Stripe says it.
    pub message: String,
}

impl Decline {
    fn new(code: &str, decline_code: Option<&str>, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            decline_code: decline_code.map(ToOwned::to_owned),
            message: message.to_owned(),
        }
    }

    /// The customer did not show the bank who they are.
    pub fn not_authenticated() -> Self {
        Self::new(
            "payment_intent_authentication_failure",
            None,
            "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        )
    }

    /// What it is called in texts: the bank's reason, or Stripe's code.
    pub fn reason(&self) -> &str {
        self.decline_code.as_deref().unwrap_or(&self.code)
    }
}

impl TestCard {
    /// All of them, as the page lists them.
    pub const ALL: [Self; 9] = [
        Self::Pays,
        Self::InsufficientFunds,
        Self::Authenticates,
        Self::Disputed,
        Self::RefundFails,
        Self::RefundPending,
        Self::Declined,
        Self::Expired,
        Self::BypassesPending,
    ];

    /// Its number.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Pays => "4242424242424242",
            Self::BypassesPending => "4000000000000077",
            Self::Declined => "4000000000000002",
            Self::InsufficientFunds => "4000000000009995",
            Self::Expired => "4000000000000069",
            Self::Authenticates => "4000002500003155",
            Self::Disputed => "4000000000000259",
            Self::RefundFails => "4000000000005126",
            Self::RefundPending => "4000000000007726",
        }
    }

    /// How Stripe's tests name a payment method with it.
    pub const fn payment_method(self) -> &'static str {
        match self {
            Self::Pays => "pm_card_visa",
            Self::BypassesPending => "pm_card_bypassPending",
            Self::Declined => "pm_card_visa_chargeDeclined",
            Self::InsufficientFunds => "pm_card_visa_chargeDeclinedInsufficientFunds",
            Self::Expired => "pm_card_chargeDeclinedExpiredCard",
            Self::Authenticates => "pm_card_authenticationRequiredOnSetup",
            Self::Disputed => "pm_card_createDispute",
            Self::RefundFails => "pm_card_refundFail",
            Self::RefundPending => "pm_card_pendingRefund",
        }
    }

    /// The last four digits, the only ones that may be kept.
    pub fn last4(self) -> &'static str {
        self.number().get(12..).unwrap_or_default()
    }

    /// The number in groups of four, as on a card.
    pub fn spaced(self) -> String {
        let number = self.number();
        let groups: Vec<&str> = (0..4).filter_map(|n| number.get(n * 4..n * 4 + 4)).collect();
        groups.join(" ")
    }

    /// The card of a number as people type it. A number that is none of ours is declined.
    pub fn of_number(typed: &str) -> Result<Self, Decline> {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let known = Self::ALL.into_iter().find(|card| card.number() == digits);
        known.ok_or_else(|| {
            if luhn_holds(&digits) {
                let message = "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.";
                Decline::new("card_declined", Some("test_mode_live_card"), message)
            } else {
                Decline::new("incorrect_number", None, "Your card number is incorrect.")
            }
        })
    }

    /// The card of a payment method as Stripe's tests name it.
    pub fn of_payment_method(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.payment_method() == name)
    }

    /// What the bank says no with, if it does.
    pub fn decline(self) -> Option<Decline> {
        Some(match self {
            Self::Declined => {
                Decline::new("card_declined", Some("generic_decline"), "Your card was declined.")
            }
            Self::InsufficientFunds => Decline::new(
                "card_declined",
                Some("insufficient_funds"),
                "Your card has insufficient funds.",
            ),
            Self::Expired => Decline::new("expired_card", None, "Your card has expired."),
            _ => return None,
        })
    }
}

/// ISO/IEC 7812-1, annex B.
fn luhn_holds(digits: &str) -> bool {
    let fits = (12..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    fits && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_is_a_number_that_a_bank_could_have_given_and_is_found_again() {
        for card in TestCard::ALL {
            assert!(luhn_holds(card.number()), "{card:?}");
            assert_eq!(TestCard::of_number(&card.spaced()), Ok(card));
            assert_eq!(TestCard::of_payment_method(card.payment_method()), Some(card));
        }
        assert_eq!(TestCard::Authenticates.last4(), "3155");
    }

    #[test]
    fn a_card_of_the_world_is_never_charged() {
        let live = TestCard::of_number("4111 1111 1111 1111").unwrap_err();
        assert_eq!(live.reason(), "test_mode_live_card");
        for wrong in ["4242424242424241", "", "4242", "42424242424242424242", "số thẻ"] {
            assert_eq!(TestCard::of_number(wrong).unwrap_err().reason(), "incorrect_number");
        }
    }
}
