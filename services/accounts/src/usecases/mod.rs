//! What can be done with accounts, one verb a file.

pub mod add_operator;
pub mod approve_shop;
pub mod authenticate;
pub mod change_password;
pub mod close_shop;
mod decision;
mod failure;
pub mod get_shop_letters;
pub mod get_shops;
pub mod get_users;
pub mod list_audit_entries;
pub mod list_shops;
mod new_password;
pub mod open_shop;
pub mod request_password_reset;
pub mod reset_password;
pub mod send_reset_letters;
pub mod set_operator_password;
pub mod set_payout_account;
pub mod set_shop_letters;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
mod signed_in;
pub mod submit_shop;
pub mod suspend_shop;
pub mod update_shop;

pub use decision::ShopDecision;
pub use failure::Failure;
pub use signed_in::SignedIn;
