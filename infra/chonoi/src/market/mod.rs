//! A process of the market: which roles it holds, how they find each other, and its life from
//! start to graceful end.

mod clients;
mod mailing;
mod process;
mod receiving_account;
mod role_token;
mod services;

pub use process::{Market, Running};
pub use services::{Databases, Services, migrate, payments_parts};
