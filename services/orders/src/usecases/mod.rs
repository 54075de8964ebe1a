//! What orders does, one verb a file.

pub mod add_cart_line;
pub mod advance_cancellation;
pub mod advance_checkout;
pub mod cancel_booking;
pub mod cancel_checkout;
pub mod cancel_tickets;
pub mod close_checkouts;
pub mod confirm_booking;
pub mod extend_booking;
pub mod forget_carts;
pub mod fulfil_order;
pub mod get_cart;
pub mod get_checkout;
pub mod issue_tickets;
pub mod manage_resellers;
pub mod rebook_departure;
pub mod redeem_tickets;
pub mod refund_unsold_order;
pub mod reserve_booking;
pub mod set_cart_line;
pub mod settle_checkouts;
pub mod show_tickets;
pub mod start_checkout;
pub mod update_booking;
