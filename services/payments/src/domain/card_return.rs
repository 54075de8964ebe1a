//! Money on its way back to a card: written down before the provider is asked, so that a crash loses
//! nothing, and asked for under one key, so that it goes once.

use kernel::{CardAttemptId, CardReturnId, Money, RefundId, Timestamp};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnStatus {
    /// Written down; the provider may or may not have heard of it.
    Waiting,
    /// The provider has it.
    Pending,
    /// Sent to the cardholder's bank. It may still come back days later.
    Succeeded,
    /// The provider refused it, or the cardholder's bank did: the money is still with us.
    Failed,
}

impl ReturnStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Pending, Self::Succeeded, Self::Failed];

    /// The name in the database and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Where it stands after the provider said so. What failed stays failed: trying again is another
    /// return. What succeeded may fail later, and is never on its way again.
    pub const fn after(self, said: Self) -> Self {
        match (self, said) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Succeeded, _) | (_, Self::Succeeded) => Self::Succeeded,
            (Self::Pending, _) | (_, Self::Pending) => Self::Pending,
            (Self::Waiting, Self::Waiting) => Self::Waiting,
        }
    }
}

/// Money that goes back to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardReturn {
    /// Its id; from it the provider's idempotency key is made.
    pub id: CardReturnId,
    /// The try that brought the money.
    pub attempt: CardAttemptId,
    /// The refund that it carries out; none: the money came second.
    pub refund: Option<RefundId>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: ReturnStatus,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_every_word_of_the_provider_is_in_the_table() {
        use ReturnStatus::{Failed, Pending, Succeeded, Waiting};
        // Rows: where it stands; columns: what is said, in the order of ALL.
        for (status, after) in [
            (Waiting, [Waiting, Pending, Succeeded, Failed]),
            (Pending, [Pending, Pending, Succeeded, Failed]),
            (Succeeded, [Succeeded, Succeeded, Succeeded, Failed]),
            (Failed, [Failed, Failed, Failed, Failed]),
        ] {
            for (said, expected) in ReturnStatus::ALL.into_iter().zip(after) {
                assert_eq!(status.after(said), expected, "{status:?} {said:?}");
            }
        }
    }

    #[test]
    fn words_in_any_order_end_in_the_same_status() {
        use ReturnStatus::{Failed, Pending, Succeeded, Waiting};
        for said in [
            [Pending, Succeeded, Failed],
            [Failed, Succeeded, Pending],
            [Succeeded, Pending, Failed],
        ] {
            assert_eq!(said.into_iter().fold(Waiting, ReturnStatus::after), Failed);
        }
    }
}
