//! The secret tokens of carts and checkouts: derived from their ids, so nothing has to be stored.

use kernel::{CartId, CheckoutId, WaitingListEntryId};
use platform::secrets;

/// Makes and checks tokens.
pub struct Tokens(Vec<u8>);

impl Tokens {
    /// Tokens that only who knows the secret can make.
    pub const fn new(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// The token of a cart.
    pub fn of_cart(&self, id: CartId) -> String {
        secrets::keyed_token(&self.0, "cart", &id.to_string())
    }

    /// The token of a checkout.
    pub fn of_checkout(&self, id: CheckoutId) -> String {
        secrets::keyed_token(&self.0, "checkout", &id.to_string())
    }

    /// The token in the letter that tells who waits of seats: it claims them.
    pub fn of_waiting(&self, id: WaitingListEntryId) -> String {
        secrets::keyed_token(&self.0, "waiting", &id.to_string())
    }

    /// What vouchers know a telephone number or an e-mail address of a buyer by.
    pub fn digest_of_buyer(&self, contact: &str) -> Vec<u8> {
        secrets::keyed_digest(&self.0, "voucher buyer", contact).to_vec()
    }

    /// Whether a token opens a cart.
    pub fn open_cart(&self, id: CartId, token: &str) -> bool {
        secrets::same(self.of_cart(id).as_bytes(), token.as_bytes())
    }

    /// Whether a token opens a checkout: its own, or that of the cart it was made of.
    pub fn open_checkout(&self, id: CheckoutId, cart: CartId, token: &str) -> bool {
        secrets::same(self.of_checkout(id).as_bytes(), token.as_bytes())
            || self.open_cart(cart, token)
    }
}
