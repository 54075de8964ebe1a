//! The tables of cards as entities.

/// Table `card_attempts`.
pub mod card_attempts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub payment_id: Uuid,
        pub provider: String,
        pub way: String,
        pub status: String,
        pub amount_minor: i64,
        pub currency: String,
        pub description: String,
        pub locale: String,
        pub return_url: String,
        pub page_closes_at: i64,
        pub session_id: Option<String>,
        pub intent_id: Option<String>,
        pub charge_id: Option<String>,
        pub redirect_url: Option<String>,
        pub captured_minor: Option<i64>,
        pub movement_id: Option<String>,
        pub failure: Option<String>,
        pub looks: i32,
        pub next_look_at: Option<i64>,
        pub created_at: i64,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `card_events`.
pub mod card_events {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub provider: String,
        pub event_id: String,
        pub body: Vec<u8>,
        pub received_at: i64,
        pub deliveries: i64,
        pub tries: i32,
        pub next_try_at: Option<i64>,
        pub outcome: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `card_returns`.
pub mod card_returns {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_returns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub attempt_id: Uuid,
        pub refund_id: Option<Uuid>,
        pub amount_minor: i64,
        pub currency: String,
        pub status: String,
        pub provider_id: Option<String>,
        pub movement_id: Option<String>,
        pub failure_movement_id: Option<String>,
        pub problem: Option<String>,
        pub tries: i32,
        pub next_try_at: Option<i64>,
        pub created_at: i64,
        pub changed_at: i64,
        pub asked_by: Option<Uuid>,
        pub instead_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `card_movements`.
pub mod card_movements {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub provider: String,
        pub provider_id: String,
        pub kind: String,
        pub amount_minor: i64,
        pub fee_minor: i64,
        pub net_minor: i64,
        pub currency: String,
        pub source: Option<String>,
        pub payout_id: Option<Uuid>,
        pub available_on: i64,
        pub created_at: i64,
        pub booked_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `card_payouts`.
pub mod card_payouts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_payouts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub provider: String,
        pub provider_id: String,
        pub amount_minor: i64,
        pub currency: String,
        pub status: String,
        pub arrives_at: i64,
        pub bank_reference: Option<String>,
        pub statement_descriptor: Option<String>,
        pub credit_id: Option<Uuid>,
        pub rule: Option<String>,
        pub next_look_at: Option<i64>,
        pub created_at: i64,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `card_disputes`.
pub mod card_disputes {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "card_disputes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub provider: String,
        pub provider_id: String,
        pub attempt_id: Option<Uuid>,
        pub charge_id: String,
        pub amount_minor: i64,
        pub currency: String,
        pub status: String,
        pub reason: String,
        pub evidence_due_by: Option<i64>,
        pub borne_minor: i64,
        pub borne_changes: i32,
        pub borne_by_surplus_minor: i64,
        pub next_look_at: Option<i64>,
        pub created_at: i64,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
