//! The rules of accounts, pure: what a name, a phone number, a password, a shop may be, who may do
//! what, and how the audit log hangs together.

pub mod audit;
pub mod bank_account;
pub mod banks;
pub mod contact_letter;
pub mod email;
pub mod input;
pub mod invitation;
pub mod invitation_letter;
pub mod letter_words;
pub mod login;
pub mod membership;
pub mod password;
pub mod password_reset;
pub mod person_change;
pub mod phone;
pub mod reset_letter;
pub mod session;
pub mod shop;
pub mod shop_application;
pub mod shop_change;
pub mod shop_slug;
pub mod sign_up;
pub mod tax_code;
pub mod terms;
pub mod text;
pub mod user;
pub mod wards;
