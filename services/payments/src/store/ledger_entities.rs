//! The tables of the ledger's two phases and of its closed periods as entities.

/// Table `ledger_pending`.
pub mod pending {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_pending")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub subject: String,
        pub idempotency_key: String,
        pub debit_account: String,
        pub credit_account: String,
        pub amount_minor: i64,
        pub currency: String,
        pub created_at: i64,
        pub expires_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_pending_resolutions`.
pub mod resolutions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_pending_resolutions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub pending_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub outcome: String,
        pub posted_minor: i64,
        pub posting_id: Option<Uuid>,
        pub resolved_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_closings`.
pub mod closings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_closings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub closed_until: i64,
        pub requested_by: Uuid,
        pub requested_at: i64,
        pub approved_by: Option<Uuid>,
        pub closed_at: Option<i64>,
        pub sequence: Option<i64>,
        pub hash: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_closing_balances`.
pub mod closing_balances {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_closing_balances")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub closing_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub currency: String,
        pub balance_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
