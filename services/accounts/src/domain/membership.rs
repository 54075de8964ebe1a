//! Who may act for a shop.

use kernel::{ShopId, Timestamp, UserId};

use super::invitation::Invitation;

/// What a member may do for a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopRole {
    /// Opened it or was handed it over, and may close it. Each shop has one.
    Owner,
    /// Works for it.
    Staff,
}

impl ShopRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Owner, Self::Staff];

    /// The word in storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Staff => "STAFF",
        }
    }
}

/// A person's place in a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The shop.
    pub shop_id: ShopId,
    /// What they may do for it.
    pub role: ShopRole,
}

/// Somebody of a shop's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: UserId,
    /// What they may do for it.
    pub role: ShopRole,
    /// Since when.
    pub since: Timestamp,
}

/// The most people that one shop has, and the most invitations of one shop that are open.
pub const MOST_MEMBERS: u64 = 50;

/// Why somebody does not come to a shop's people, or not from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembershipRefused {
    /// They have this role already, or a greater one.
    #[error("is a member already")]
    AlreadyMember,
    /// A shop is never without its owner: it is handed over first.
    #[error("the owner stays until the shop is handed over")]
    OwnerStays,
    /// They are none of the shop's people.
    #[error("is no member")]
    NoMember,
}

/// What an invitation makes of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// One more of the shop's people.
    Staff,
    /// Its owner, in place of the one who is.
    Owner,
}

/// What gives somebody the right to change a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Being one of its members.
    Member,
    /// Being its owner.
    Owner,
    /// Running the market.
    Operator,
}

/// Somebody without the right tried to change a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{actor} has not the right to do this: {right:?}")]
pub struct NotAllowed {
    /// Who tried.
    pub actor: UserId,
    /// What was missing.
    pub right: Right,
}

/// What somebody is to a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub actor: UserId,
    /// Whether they run the market.
    pub operator: bool,
    /// Their role in the shop, if they have one.
    pub role: Option<ShopRole>,
}

impl Standing {
    /// Whether they have a right. An operator is no member: who runs the market does not act in the
    /// name of a shop.
    pub fn require(&self, right: Right) -> Result<(), NotAllowed> {
        let allowed = match right {
            Right::Member => self.role.is_some(),
            Right::Owner => self.role == Some(ShopRole::Owner),
            Right::Operator => self.operator,
        };
        if allowed { Ok(()) } else { Err(NotAllowed { actor: self.actor, right }) }
    }

    /// What an invitation makes of them. Who owns a shop needs none, and staff none to be staff.
    pub fn joining(&self, invitation: &Invitation) -> Result<Joining, MembershipRefused> {
        match (invitation.role, self.role) {
            (ShopRole::Staff, None) => Ok(Joining::Staff),
            (ShopRole::Owner, None | Some(ShopRole::Staff)) => Ok(Joining::Owner),
            (ShopRole::Staff, Some(_)) | (ShopRole::Owner, Some(ShopRole::Owner)) => {
                Err(MembershipRefused::AlreadyMember)
            }
        }
    }

    /// Whether they may stop being one of the shop's people, by their own wish or the owner's.
    pub fn going(&self) -> Result<(), MembershipRefused> {
        match self.role {
            Some(ShopRole::Staff) => Ok(()),
            Some(ShopRole::Owner) => Err(MembershipRefused::OwnerStays),
            None => Err(MembershipRefused::NoMember),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::invitation;

    fn standing(role: Option<ShopRole>) -> Standing {
        let actor = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        Standing { actor, operator: false, role }
    }

    #[test]
    fn staff_comes_and_goes_and_the_owner_changes_only_by_handing_over() {
        use MembershipRefused::{AlreadyMember, NoMember, OwnerStays};
        let [to_staff, to_owner] = [ShopRole::Staff, ShopRole::Owner].map(invitation::sample);
        let (nobody, staff, owner) =
            (standing(None), standing(Some(ShopRole::Staff)), standing(Some(ShopRole::Owner)));
        assert_eq!(nobody.joining(&to_staff), Ok(Joining::Staff));
        assert_eq!(nobody.joining(&to_owner), Ok(Joining::Owner));
        assert_eq!(staff.joining(&to_owner), Ok(Joining::Owner));
        for (who, invitation) in [(staff, &to_staff), (owner, &to_staff), (owner, &to_owner)] {
            assert_eq!(who.joining(invitation), Err(AlreadyMember), "{who:?}");
        }
        assert_eq!(staff.going(), Ok(()));
        assert_eq!([nobody.going(), owner.going()], [Err(NoMember), Err(OwnerStays)]);
    }

    #[test]
    fn each_right_belongs_to_those_who_have_it_and_to_nobody_else() {
        let actor = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let cases = [
            (false, None, [false, false, false]),
            (false, Some(ShopRole::Staff), [true, false, false]),
            (false, Some(ShopRole::Owner), [true, true, false]),
            (true, None, [false, false, true]),
            (true, Some(ShopRole::Owner), [true, true, true]),
        ];
        for (operator, role, allowed) in cases {
            let standing = Standing { actor, operator, role };
            let rights = [Right::Member, Right::Owner, Right::Operator];
            assert_eq!(
                rights.map(|right| standing.require(right).is_ok()),
                allowed,
                "{standing:?}"
            );
        }
    }
}
