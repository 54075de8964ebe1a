//! The rules of products, stock, tours, seats and imports. Pure.

pub mod calendar;
pub mod departure;
pub mod hold;
pub mod import;
pub mod picture;
pub mod product;
pub mod product_image;
pub mod recurrence;
pub mod seats;
pub mod tour;
pub mod waiting;
