//! The tables of returns as entities.

/// Table `order_returns`.
pub mod order_returns {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_returns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub kind: String,
        pub status: String,
        pub asked_by: String,
        pub requested_by: Uuid,
        pub decided_by: Option<Uuid>,
        pub idempotency_key: String,
        pub request_hash: Vec<u8>,
        pub reason: String,
        pub answer: String,
        pub restock: i32,
        pub bank_bin: String,
        pub account_number: String,
        pub account_holder: String,
        pub refund_id: Option<Uuid>,
        pub refund_minor: i64,
        pub currency: String,
        pub account_needed: i32,
        pub created_at: i64,
        pub decided_at: Option<i64>,
        pub retry_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `order_return_lines`.
pub mod order_return_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_return_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub return_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_line_id: Uuid,
        pub quantity: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `shop_return_policies`.
pub mod shop_return_policies {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shop_return_policies")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        pub days: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
