//! What accounts tells the other services.

use kernel::{ShopId, Timestamp};
use proto::accounts as message;
use proto::events::event::Body;
use proto::events::{PayoutAccountChanged, ShopChanged, ShopDecided};

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
