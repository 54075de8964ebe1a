//! The rules of products, stock and imports. Pure.

pub mod hold;
pub mod import;
pub mod product;
