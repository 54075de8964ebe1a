//! A gateway over services of the test, and the way to ask it.

mod asking;
mod fake;
mod market;
mod schema;

pub use asking::{Asked, post};
pub use market::{
    Market, SHOP_A, SHOP_B, order_id, payment_id, products, shop, text, user_of, vnd,
};
pub use schema::{Schema, base, requirement};
