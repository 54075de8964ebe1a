//! The rules of products, stock, tours, seats, imports, places and reviews. Pure.

pub mod calendar;
pub mod departure;
pub mod departure_price;
pub mod hold;
pub mod import;
pub mod near;
pub mod picture;
pub mod product;
pub mod product_image;
pub mod recurrence;
pub mod review;
pub mod seats;
pub mod tour;
pub mod waiting;
