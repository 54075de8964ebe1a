//! The objects of OCTO, with their fields as its OpenAPI names them.
//!
//! A field that may be `null` is an `Option` and always written; a field of a capability is left out
//! where the capability was not asked for.

pub mod availability;
pub mod booking;
pub mod contact;
pub mod content;
pub mod pricing;
pub mod product;
pub mod supplier;
pub mod unit;
