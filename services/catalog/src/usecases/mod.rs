//! What catalog does, one verb a file.

pub mod adjust_stock;
pub mod black_out_departures;
pub mod cancel_departure;
pub mod create_product;
pub mod expire_holds;
pub mod forget_old;
pub mod hold_stock;
pub mod import_products;
pub mod index_products;
pub mod join_waiting_list;
pub mod offer_seats;
pub mod pass_cut_offs;
pub mod publish_product;
pub mod put_tour;
pub mod remove_review;
pub mod return_seats;
pub mod return_stock;
pub mod review_product;
pub mod schedule_departures;
pub mod search_products;
pub mod set_price;
pub mod settle_holds;
pub mod take_lines;
pub mod update_departure;
pub mod update_product;
pub mod write_product;
