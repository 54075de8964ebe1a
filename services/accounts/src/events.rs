//! What accounts tells the other services.

use proto::accounts as message;
use proto::events::ShopChanged;
use proto::events::event::Body;

use crate::domain::shop::Shop;
use crate::messages;

/// The shop as it is now, without what is private to it.
pub fn shop_changed(shop: &Shop) -> Body {
    let public =
        message::Shop { bank_account: None, tax_code: String::new(), ..messages::shop(shop) };
    Body::ShopChanged(ShopChanged { shop: Some(public) })
}
