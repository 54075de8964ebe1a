//! What persons decide on a refund, and when they may. Which status follows which is said by
//! [`RefundStatus::after`] for everybody; here is what persons may do of it, and that deciding the same
//! again changes nothing.

use kernel::UserId;

use super::refund::{RefundChange, RefundMethod, RefundRefused, RefundStatus};

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundDecision {
    /// A second person agrees.
    Approve,
    /// It is taken back before it was sent.
    Cancel,
    /// The bank did not make the transfer.
    Fail,
}

/// What of a refund a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Decidable {
    /// Where it stands.
    pub status: RefundStatus,
    /// By whom it is carried out.
    pub method: RefundMethod,
    /// Who asked for it.
    pub requested_by: UserId,
    /// Who named its account after it was asked for.
    pub account_by: Option<UserId>,
    /// The second person who agreed.
    pub approved_by: Option<UserId>,
}

impl Decidable {
    /// Where it stands after a person decided so; where it stood, if that was decided before.
    pub fn decided(
        &self,
        decision: RefundDecision,
        by: UserId,
    ) -> Result<RefundStatus, RefundRefused> {
        if self.was_decided(decision, by) {
            return Ok(self.status);
        }
        match decision {
            RefundDecision::Approve => {
                let approved = self.status.after(RefundChange::Approve)?;
                if may_approve(by, self.requested_by, self.account_by) {
                    Ok(approved)
                } else {
                    Err(RefundRefused::RequesterMayNotApprove)
                }
            }
            RefundDecision::Cancel => self.status.after(RefundChange::Cancel),
            // What became of money for a card, the card provider says; and what the statement proved did
            // happen: money that comes back later is another credit.
            RefundDecision::Fail
                if self.method == RefundMethod::Card || self.status == RefundStatus::Succeeded =>
            {
                Err(RefundRefused::WrongStatus(self.status))
            }
            RefundDecision::Fail => self.status.after(RefundChange::Fail),
        }
    }

    /// Whether the same was decided before, and by whom it matters.
    fn was_decided(&self, decision: RefundDecision, by: UserId) -> bool {
        use RefundStatus::{Approved, Cancelled, Failed, Sent};
        let to_card = self.method == RefundMethod::Card;
        match (decision, self.status) {
            (RefundDecision::Approve, Approved) => self.approved_by == Some(by),
            // A card's refund is on its way as soon as the second person agreed.
            (RefundDecision::Approve, Sent) => to_card && self.approved_by == Some(by),
            (RefundDecision::Cancel, Cancelled) => true,
            (RefundDecision::Fail, Failed) => !to_card,
            _ => false,
        }
    }
}

/// Whether somebody may agree as the second person: who asked for a refund and who named its account may
/// not.
pub fn may_approve(person: UserId, requested_by: UserId, account_by: Option<UserId>) -> bool {
    requested_by != person && account_by != Some(person)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    /// Asked for by 1, its account named by 2, and agreed to by 3 where it stands behind that.
    fn refund(status: RefundStatus, method: RefundMethod) -> Decidable {
        use RefundStatus::{Cancelled, NeedsApproval, Requested};
        let agreed = !matches!(status, Requested | NeedsApproval | Cancelled);
        Decidable {
            status,
            method,
            requested_by: person(1),
            account_by: Some(person(2)),
            approved_by: agreed.then(|| person(3)),
        }
    }

    #[test]
    fn every_decision_by_the_second_person_reaches_what_the_table_says() {
        use RefundDecision::{Approve, Cancel, Fail};
        use RefundMethod::{BankTransfer, ByShop, Card};
        use RefundStatus::{Approved, Cancelled, Failed, NeedsApproval, Requested, Sent};
        let allowed = [
            (NeedsApproval, BankTransfer, Approve, Approved),
            (NeedsApproval, Card, Approve, Approved),
            (Approved, BankTransfer, Approve, Approved),
            (Approved, Card, Approve, Approved),
            (Sent, Card, Approve, Sent),
            (Requested, BankTransfer, Cancel, Cancelled),
            (Requested, Card, Cancel, Cancelled),
            (NeedsApproval, BankTransfer, Cancel, Cancelled),
            (NeedsApproval, Card, Cancel, Cancelled),
            (Approved, BankTransfer, Cancel, Cancelled),
            (Approved, Card, Cancel, Cancelled),
            (Cancelled, BankTransfer, Cancel, Cancelled),
            (Cancelled, Card, Cancel, Cancelled),
            (Sent, BankTransfer, Fail, Failed),
            (Failed, BankTransfer, Fail, Failed),
        ];
        for status in RefundStatus::ALL {
            for method in RefundMethod::ALL {
                for decision in [Approve, Cancel, Fail] {
                    // The shop that sends it itself is to persons what a bank is.
                    let as_if = if method == ByShop { BankTransfer } else { method };
                    let reached = allowed.iter().find(|(from, how, what, _)| {
                        (*from, *how, *what) == (status, as_if, decision)
                    });
                    let expected =
                        reached.map_or(Err(RefundRefused::WrongStatus(status)), |row| Ok(row.3));
                    let decided = refund(status, method).decided(decision, person(3));
                    assert_eq!(decided, expected, "{status:?} {method:?} {decision:?}");
                }
            }
        }
    }

    #[test]
    fn who_asked_or_named_the_account_is_not_the_second_person() {
        let waiting = refund(RefundStatus::NeedsApproval, RefundMethod::BankTransfer);
        for number in [1, 2] {
            let refused = waiting.decided(RefundDecision::Approve, person(number));
            assert_eq!(refused, Err(RefundRefused::RequesterMayNotApprove));
        }
    }

    #[test]
    fn agreeing_again_is_nothing_new_for_who_agreed_and_refused_to_others() {
        let approved = refund(RefundStatus::Approved, RefundMethod::BankTransfer);
        let again = |number| approved.decided(RefundDecision::Approve, person(number));
        assert_eq!(again(3), Ok(RefundStatus::Approved));
        assert_eq!(again(4), Err(RefundRefused::WrongStatus(RefundStatus::Approved)));
    }
}
