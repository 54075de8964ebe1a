//! What accounts tells the other services.

use kernel::{ShopId, Timestamp, UserId};
use proto::accounts as message;
use proto::events::event::Body;
use proto::events::{
    PayoutAccountChanged, ShopChanged, ShopDecided, ShopMemberChanged, UserForgotten,
};

use crate::domain::shop::Shop;
use crate::messages;

/// The shop as it is now, without what is private to it.
pub fn shop_changed(shop: &Shop, now: Timestamp) -> Body {
    let public = message::Shop {
        bank_account: None,
        next_bank_account: None,
        tax_code: String::new(),
        ..messages::shop(shop, now)
    };
    Body::ShopChanged(ShopChanged { shop: Some(public) })
}

/// Another account is paid to, from a moment on: the event does not say which.
pub fn payout_account_changed(shop: ShopId, effective_at: Timestamp) -> Body {
    let (shop_id, effective_at) = (shop.to_string(), effective_at.micros());
    Body::PayoutAccountChanged(PayoutAccountChanged { shop_id, effective_at })
}

/// Operators decided on a shop: `approved`, `refused` or `suspended`.
pub fn shop_decided(shop: ShopId, decision: &str) -> Body {
    let (shop_id, decision) = (shop.to_string(), decision.to_owned());
    Body::ShopDecided(ShopDecided { shop_id, decision })
}

/// Somebody deleted their account.
pub fn user_forgotten(user: UserId) -> Body {
    Body::UserForgotten(UserForgotten { user_id: user.to_string() })
}

/// What became of a shop's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Somebody works for it now.
    Joined,
    /// The owner let somebody go.
    Removed,
    /// Somebody left.
    Left,
    /// Somebody is its owner now.
    HandedOver,
    /// The owner offered it to somebody, who may take it from a moment on.
    Offered,
}

impl MemberChange {
    /// The word in the contract.
    const fn word(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Removed => "removed",
            Self::Left => "left",
            Self::HandedOver => "handed_over",
            Self::Offered => "offered",
        }
    }
}

/// Who acts for a shop was changed, or may be from a moment on.
pub fn shop_member_changed(
    (shop, owner): (ShopId, UserId),
    person: UserId,
    change: MemberChange,
    effective_at: Timestamp,
) -> Body {
    Body::ShopMemberChanged(ShopMemberChanged {
        shop_id: shop.to_string(),
        user_id: person.to_string(),
        what: change.word().to_owned(),
        owner_id: owner.to_string(),
        effective_at: effective_at.micros(),
    })
}
