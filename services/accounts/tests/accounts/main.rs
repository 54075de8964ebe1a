//! Accounts as the other services meet it: through gRPC, on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

mod auditing;
mod changing_passwords;
mod consenting;
mod deciding;
mod deleting_people;
mod letters;
mod opening_shops;
mod operators;
mod payout_accounts;
mod personal_records;
mod reading;
mod resetting_passwords;
mod shop_members;
mod signing_in;
mod signing_up;
mod support;
mod updating_people;
mod updating_shops;
