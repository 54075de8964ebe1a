//! The rules of carts, checkouts and orders. Pure.

pub mod admission;
pub mod booking;
pub mod bought;
pub mod cancellation;
pub mod cart;
pub mod checkout;
pub mod contact;
pub mod digital_economy;
pub mod mail;
pub mod mail_text;
pub mod notice;
pub mod order;
pub mod order_return;
pub mod reseller;
pub mod shop_mail_text;
pub mod shop_news;
pub mod ticket;
pub mod ticket_cancellation;
pub mod ticket_code;
pub mod ticket_terms;
pub mod vietnam_day;
pub mod voucher;
