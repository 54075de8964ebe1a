//! Who may act for a shop.

use kernel::{ShopId, UserId};

/// What a member may do for a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopRole {
    /// Opened it, and may close it. Each shop has one.
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
