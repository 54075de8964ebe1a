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

/// What asking to send money again comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Another return.
    New,
    /// The return that was made of the same request before.
    WasMade(CardReturnId),
}

/// Why money that came second is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurplusReturnRefused {
    /// It carries out a refund: that one is asked for again.
    #[error("the return carries out a refund")]
    OfRefund,
    /// It may still arrive.
    #[error("the return is {}", .0.name())]
    NotFailed(ReturnStatus),
    /// It was sent to its card again: that return says what became of the money.
    #[error("it was sent to its card again")]
    SentAgain,
    /// It goes to a bank account.
    #[error("it goes to a bank account")]
    ToBank,
}

/// Whether money that came second may be sent to its card again, in the place of a return that failed.
/// `all` are the returns of its try, the oldest first. The money goes once: only the last may be followed.
pub fn surplus_again(
    failed: &CardReturn,
    all: &[CardReturn],
) -> Result<Again, SurplusReturnRefused> {
    if failed.refund.is_some() {
        return Err(SurplusReturnRefused::OfRefund);
    }
    if failed.status != ReturnStatus::Failed {
        return Err(SurplusReturnRefused::NotFailed(failed.status));
    }
    let surplus = all.iter().filter(|one| one.refund.is_none());
    let next = surplus.skip_while(|one| one.id != failed.id).nth(1);
    Ok(next.map_or(Again::New, |next| Again::WasMade(next.id)))
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

    fn of_surplus(number: u128, status: ReturnStatus) -> CardReturn {
        let moment = Timestamp::from_micros(0);
        CardReturn {
            id: CardReturnId::from_uuid(uuid::Uuid::from_u128(number)),
            attempt: CardAttemptId::from_uuid(uuid::Uuid::from_u128(9)),
            refund: None,
            amount: Money::vnd(1),
            status,
            created_at: moment,
            changed_at: moment,
        }
    }

    #[test]
    fn only_the_last_that_failed_is_sent_again_and_asking_again_gives_what_was_made() {
        use ReturnStatus::{Failed, Pending, Succeeded, Waiting};
        let first = of_surplus(1, Failed);
        assert_eq!(surplus_again(&first, std::slice::from_ref(&first)), Ok(Again::New));
        let second = of_surplus(2, Failed);
        let both = [first.clone(), second.clone()];
        assert_eq!(surplus_again(&first, &both), Ok(Again::WasMade(second.id)));
        assert_eq!(surplus_again(&second, &both), Ok(Again::New));
        for status in [Waiting, Pending, Succeeded] {
            let live = of_surplus(1, status);
            let refused = surplus_again(&live, std::slice::from_ref(&live));
            assert_eq!(refused, Err(SurplusReturnRefused::NotFailed(status)));
        }
        let refund = Some(RefundId::from_uuid(uuid::Uuid::from_u128(3)));
        let of_refund = CardReturn { refund, ..first };
        let refused = surplus_again(&of_refund, std::slice::from_ref(&of_refund));
        assert_eq!(refused, Err(SurplusReturnRefused::OfRefund));
    }
}
