//! The rules of carts, checkouts and orders. Pure.

pub mod cart;
pub mod checkout;
pub mod contact;
pub mod order;
