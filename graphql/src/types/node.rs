//! Things by their id alone.

use async_graphql::{ID, Interface};

use super::order::Order;
use super::product::Product;
use super::shop::Shop;

/// Something with an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id."))]
pub enum Node {
    /// A product.
    Product(Product),
    /// A shop.
    Shop(Shop),
    /// An order.
    Order(Order),
}
