//! What catalog does, one verb a file.

pub mod adjust_stock;
pub mod create_product;
pub mod expire_holds;
pub mod hold_stock;
pub mod import_products;
pub mod index_products;
pub mod publish_product;
pub mod search_products;
pub mod set_price;
pub mod settle_holds;
pub mod update_product;
pub mod write_product;
