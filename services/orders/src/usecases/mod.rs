//! What orders does, one verb a file.

pub mod add_cart_line;
pub mod advance_checkout;
pub mod cancel_checkout;
pub mod close_checkouts;
pub mod fulfil_order;
pub mod get_cart;
pub mod issue_tickets;
pub mod redeem_tickets;
pub mod set_cart_line;
pub mod settle_checkouts;
pub mod show_tickets;
pub mod start_checkout;
