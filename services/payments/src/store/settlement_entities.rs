//! The tables of settlement as entities.

/// Table `payees`.
pub mod payees {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payees")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        pub seller_kind: String,
        pub told_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `order_charges`.
pub mod order_charges {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_charges")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        pub shop_id: Uuid,
        pub base_minor: i64,
        pub currency: String,
        pub seller_kind: String,
        pub supply_kind: String,
        pub fee_rule: String,
        pub fee_rule_version: i32,
        pub fee_minor: i64,
        pub vat_rule: String,
        pub vat_basis_points: i32,
        pub vat_minor: i64,
        pub pit_rule: String,
        pub pit_basis_points: i32,
        pub pit_minor: i64,
        pub accepted_at: i64,
        pub fulfilled_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `reseller_invoices`.
pub mod reseller_invoices {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reseller_invoices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub booking_id: Uuid,
        pub reseller_id: Uuid,
        pub order_id: Uuid,
        pub shop_id: Uuid,
        pub base_minor: i64,
        pub currency: String,
        pub returned_minor: i64,
        pub seller_kind: String,
        pub supply_kind: String,
        pub fee_rule: String,
        pub fee_rule_version: i32,
        pub fee_minor: i64,
        pub vat_rule: String,
        pub vat_basis_points: i32,
        pub vat_minor: i64,
        pub pit_rule: String,
        pub pit_basis_points: i32,
        pub pit_minor: i64,
        pub accepted_at: i64,
        pub fulfilled_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `reversed_charges`.
pub mod reversed_charges {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reversed_charges")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub payment_id: Uuid,
        pub order_id: Uuid,
        pub shop_id: Uuid,
        pub base_minor: i64,
        pub currency: String,
        pub seller_kind: String,
        pub supply_kind: String,
        pub fee_rule: String,
        pub fee_rule_version: i32,
        pub fee_minor: i64,
        pub vat_rule: String,
        pub vat_basis_points: i32,
        pub vat_minor: i64,
        pub pit_rule: String,
        pub pit_basis_points: i32,
        pub pit_minor: i64,
        pub accepted_at: i64,
        pub fulfilled_at: Option<i64>,
        pub reversed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `match_refusals`.
pub mod match_refusals {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "match_refusals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub credit_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub payment_id: Uuid,
        pub refused_by: Uuid,
        pub refused_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `payouts`.
pub mod payouts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payouts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reference: String,
        pub shop_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub bank_bin: String,
        pub account_number: String,
        pub account_holder: String,
        pub status: String,
        pub made_by: Option<Uuid>,
        pub approved_by: Option<Uuid>,
        pub file_id: Option<Uuid>,
        pub created_at: i64,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `refunds`.
pub mod refunds {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refunds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reference: String,
        pub payment_id: Option<Uuid>,
        pub order_id: Option<Uuid>,
        pub shop_id: Option<Uuid>,
        pub credit_id: Option<Uuid>,
        pub amount_minor: i64,
        pub currency: String,
        pub reason: String,
        pub bank_bin: String,
        pub account_number: String,
        pub account_holder: String,
        pub method: String,
        pub status: String,
        pub requested_by: Uuid,
        pub approved_by: Option<Uuid>,
        pub idempotency_key: String,
        pub request_hash: Vec<u8>,
        pub file_id: Option<Uuid>,
        pub created_at: i64,
        pub changed_at: i64,
        pub account_from: String,
        pub account_by: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `refund_lines`.
pub mod refund_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refund_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub refund_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_line_id: Uuid,
        pub quantity: i64,
        pub ordered: i64,
        pub amount_minor: i64,
        pub currency: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `shop_lines`.
pub mod shop_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shop_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shop_id: Uuid,
        pub kind: String,
        /// With the parts.
        pub amount_minor: i64,
        pub fee_minor: i64,
        pub vat_minor: i64,
        pub pit_minor: i64,
        pub currency: String,
        pub payment_id: Option<Uuid>,
        pub order_id: Option<Uuid>,
        pub refund_id: Option<Uuid>,
        pub payout_id: Option<Uuid>,
        pub posting_id: Uuid,
        pub posted_at: i64,
        pub settled_by: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `bank_debits`.
pub mod bank_debits {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bank_debits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_identity: Vec<u8>,
        pub account_number: String,
        pub amount_minor: i64,
        pub currency: String,
        pub memo: String,
        pub bank_reference: String,
        pub booked_at: i64,
        pub received_at: i64,
        pub state: String,
        pub payout_id: Option<Uuid>,
        pub refund_id: Option<Uuid>,
        pub resolution: Option<String>,
        pub reversed_credit: Option<Uuid>,
        pub shop_id: Option<Uuid>,
        pub stated_by: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `debit_aliases`.
pub mod debit_aliases {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "debit_aliases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub statement_identity: Vec<u8>,
        pub debit_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `write_offs`.
pub mod write_offs {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "write_offs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub credit_id: Option<Uuid>,
        pub debit_id: Option<Uuid>,
        pub amount_minor: i64,
        pub currency: String,
        pub reason: String,
        pub requested_by: Uuid,
        pub requested_at: i64,
        pub approved_by: Option<Uuid>,
        pub done_at: Option<i64>,
        pub withdrawn_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `credit_decisions`.
pub mod credit_decisions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "credit_decisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub credit_id: Uuid,
        pub action: String,
        pub reason: String,
        pub payments: String,
        pub decided_by: Uuid,
        pub decided_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
