//! The tables as entities.

/// Table `payments`.
pub mod payments {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub checkout_id: Uuid,
        pub purpose: String,
        pub status: String,
        pub amount_minor: i64,
        pub currency: String,
        pub code: String,
        pub created_at: i64,
        pub expires_at: i64,
        pub closed_at: Option<i64>,
        pub reopened_at: Option<i64>,
        pub receiving_bin: Option<String>,
        pub receiving_account: Option<String>,
        pub receiving_holder: Option<String>,
        pub extended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `payment_allocations`.
pub mod allocations {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_allocations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        pub shop_id: Uuid,
        pub sold: String,
        pub amount_minor: i64,
        pub currency: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `counter_sales`.
pub mod counter_sales {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "counter_sales")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        pub shop_id: Uuid,
        pub note: String,
        pub asked_by: Uuid,
        pub idempotency_key: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `feed_events`.
pub mod feed_events {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub feed: String,
        pub provider_id: String,
        pub body: Vec<u8>,
        pub received_at: i64,
        pub deliveries: i64,
        pub processed_at: Option<i64>,
        pub outcome: Option<String>,
        pub tries: i32,
        pub next_try_at: Option<i64>,
        pub problem: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `feed_polls`.
pub mod feed_polls {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed_polls")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub feed: String,
        pub complete_at: Option<i64>,
        pub begun_at: Option<i64>,
        pub window_from: Option<i64>,
        pub window_until: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `feed_rejections`.
pub mod feed_rejections {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed_rejections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub feed: String,
        pub reason: String,
        pub received_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `bank_credits`.
pub mod bank_credits {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bank_credits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub feed: String,
        pub provider_id: String,
        pub bank: String,
        pub account_number: String,
        pub amount_minor: i64,
        pub currency: String,
        pub memo: String,
        pub bank_reference: String,
        pub counterparty_name: Option<String>,
        pub counterparty_account: Option<String>,
        pub counterparty_bin: Option<String>,
        pub booked_at: i64,
        pub booked_on: i32,
        pub received_at: i64,
        pub state: String,
        pub payment_id: Option<Uuid>,
        pub rule: String,
        pub expected_minor: Option<i64>,
        pub statement_identity: Option<Vec<u8>>,
        pub stated_by: Option<i64>,
        pub resolution: Option<String>,
        pub shop_id: Option<Uuid>,
        pub sub_account: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_postings`.
pub mod postings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_postings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub id: Uuid,
        pub kind: String,
        pub subject: String,
        pub idempotency_key: String,
        pub posted_at: i64,
        pub hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_entries`.
pub mod entries {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entries")]
    pub struct Model {
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub posting_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        pub account: String,
        pub amount_minor: i64,
        pub currency: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_balances`.
pub mod balances {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_balances")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub currency: String,
        pub debit: i64,
        pub credit: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ledger_head`.
pub mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub sequence: i64,
        pub hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `credit_aliases`.
pub mod credit_aliases {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "credit_aliases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub feed: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: String,
        pub credit_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `credit_splits`.
pub mod credit_splits {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "credit_splits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub credit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        pub amount_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `learning_key`.
pub mod learning_key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "learning_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub secret: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `learned_payers`.
pub mod learned_payers {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "learned_payers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub trait_hash: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub credit_id: Uuid,
        pub seen: String,
        pub learned_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `statements`.
pub mod statements {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub file_name: String,
        pub sha256: Vec<u8>,
        pub body: Vec<u8>,
        pub imported_by: String,
        pub status: String,
        pub format: Option<String>,
        pub problem: Option<String>,
        pub lines_read: i64,
        pub credits_new: i64,
        pub credits_known: i64,
        pub credits_matched: i64,
        pub debits: i64,
        pub unreadable: i64,
        pub created_at: i64,
        pub ended_at: Option<i64>,
        pub attempts: i32,
        pub mapping: Option<String>,
        pub not_before: Option<i64>,
        pub shop_id: Option<Uuid>,
        pub account_number: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `statement_problems`.
pub mod statement_problems {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_problems")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub statement_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub text: String,
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `statement_mappings`.
pub mod statement_mappings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_mappings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shape: String,
        pub mapping: String,
        pub saved_by: Uuid,
        pub saved_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
