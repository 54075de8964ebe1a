//! Rows of what resellers owe and are billed.

/// Table `reseller_lines`.
pub mod reseller_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reseller_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub posting_id: Uuid,
        pub reseller_id: Uuid,
        pub booking_id: Uuid,
        pub order_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub posted_at: i64,
        pub bill_id: Option<Uuid>,
        pub netted_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `reseller_bills`.
pub mod reseller_bills {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reseller_bills")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reseller_id: Uuid,
        pub payment_id: Uuid,
        pub until_day: String,
        pub line_count: i64,
        pub asked_by: Uuid,
        pub idempotency_key: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
