//! The tables as entities.

/// Table `carts`.
pub mod carts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "carts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub created_at: i64,
        pub claim_token: String,
        pub voucher_count: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `cart_lines`.
pub mod cart_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub cart_id: Uuid,
        pub variant_id: Uuid,
        pub quantity: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `checkouts`.
pub mod checkouts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkouts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub cart_id: Uuid,
        pub idempotency_key: String,
        pub request_hash: Vec<u8>,
        pub buyer_id: Option<Uuid>,
        pub status: String,
        pub contact_name: String,
        pub contact_phone: String,
        pub contact_email: String,
        pub delivery_method: String,
        pub ward_code: String,
        pub address: String,
        pub note: String,
        pub pay_with: String,
        pub total_minor: i64,
        pub currency: String,
        pub payment_id: Option<Uuid>,
        pub created_at: i64,
        pub expires_at: i64,
        pub paid_at: Option<i64>,
        pub claim_token: String,
        pub locale: String,
        pub reopened_at: Option<i64>,
        pub voucher_count: i32,
        pub extended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `checkout_lines`.
pub mod checkout_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkout_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub checkout_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub variant_id: Uuid,
        pub quantity: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `orders`.
pub mod orders {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub checkout_id: Uuid,
        pub shop_id: Uuid,
        pub buyer_id: Option<Uuid>,
        pub status: String,
        pub total_minor: i64,
        pub currency: String,
        pub created_at: i64,
        pub paid_at: Option<i64>,
        pub fulfilled_at: Option<i64>,
        pub cancelled_at: Option<i64>,
        pub returnable_until: Option<i64>,
        pub voucher_code: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `order_lines`.
pub mod order_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub place: i32,
        pub variant_id: Uuid,
        pub product_id: Uuid,
        pub title_vi: String,
        pub title_en: String,
        pub sku: String,
        pub unit: String,
        pub quantity: i64,
        pub unit_minor: i64,
        pub total_minor: i64,
        pub discount_minor: i64,
        pub currency: String,
        pub ticket: Option<Vec<u8>>,
        pub departure_id: Option<Uuid>,
        pub admits: i32,
        pub cancelled_quantity: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `tickets`.
pub mod tickets {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tickets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub order_line_id: Uuid,
        pub shop_id: Uuid,
        pub place: i32,
        pub piece: i32,
        pub admits: i32,
        pub price_minor: i64,
        pub currency: String,
        pub guest_name: String,
        pub status: String,
        pub redeemed_at: Option<i64>,
        pub cancelled_at: Option<i64>,
        pub cancellation_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ticket_scans`.
pub mod ticket_scans {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_scans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub nonce: String,
        pub request_hash: Vec<u8>,
        pub ticket_id: Option<Uuid>,
        pub verdict: String,
        pub undo: i32,
        pub scanned_at: i64,
        pub counted_at: i64,
        pub received_at: i64,
        pub device: String,
        pub scanned_by: Option<Uuid>,
        pub departure_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `ticket_cancellations`.
pub mod ticket_cancellations {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_cancellations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub cause: String,
        pub idempotency_key: String,
        pub request_hash: Vec<u8>,
        pub status: String,
        pub reason: String,
        pub refund_minor: i64,
        pub currency: String,
        pub bank_bin: String,
        pub account_number: String,
        pub account_holder: String,
        pub requested_by: Uuid,
        pub refund_id: Option<Uuid>,
        pub account_needed: i32,
        pub created_at: i64,
        pub retry_at: i64,
        pub finished_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `cancelled_tickets`.
pub mod cancelled_tickets {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cancelled_tickets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub cancellation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_id: Uuid,
        pub price_minor: i64,
        pub refund_minor: i64,
        pub refund_basis_points: i32,
        pub hours_before: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `cancelled_lines`.
pub mod cancelled_lines {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cancelled_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub cancellation_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_line_id: Uuid,
        pub quantity: i64,
        pub price_minor: i64,
        pub refund_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `cancelled_departures`.
pub mod cancelled_departures {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cancelled_departures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub departure_id: Uuid,
        pub shop_id: Uuid,
        pub reason: String,
        pub move_to: Option<Uuid>,
        pub told_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `postponements`.
pub mod postponements {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "postponements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub attempts: i64,
        pub due_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `unsold_orders`.
pub mod unsold_orders {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "unsold_orders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        pub refund_id: Option<Uuid>,
        pub refunded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `notices`.
pub mod notices {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        pub kind: String,
        pub facts: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `resellers`.
pub mod resellers {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "resellers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shop_id: Uuid,
        pub name: String,
        pub contact_email: String,
        pub key_digest: Vec<u8>,
        pub created_at: i64,
        pub revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `bookings`.
pub mod bookings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bookings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reseller_id: Uuid,
        pub shop_id: Uuid,
        pub uuid: String,
        pub request_hash: Vec<u8>,
        pub status: String,
        pub product_id: Uuid,
        pub option_code: String,
        pub departure_id: Uuid,
        pub starts_at: i64,
        pub ends_at: i64,
        pub hold_reference: String,
        pub offers: Vec<u8>,
        pub total_minor: i64,
        pub currency: String,
        pub reseller_reference: String,
        pub notes: String,
        pub contact: String,
        pub order_id: Option<Uuid>,
        pub cancellation_reason: String,
        pub cancellation_refund: Option<String>,
        pub created_at: i64,
        pub updated_at: i64,
        pub expires_at: i64,
        pub confirmed_at: Option<i64>,
        pub cancelled_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `booking_units`.
pub mod booking_units {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "booking_units")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub booking_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        pub uuid: String,
        pub ticket_code: String,
        pub variant_id: Uuid,
        pub price_minor: i64,
        pub reseller_reference: String,
        pub guest_name: String,
        pub contact: String,
        pub ticket_id: Option<Uuid>,
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
        pub cause: Uuid,
        pub reseller_id: Uuid,
        pub booking_id: Uuid,
        pub order_id: Uuid,
        pub amount_minor: i64,
        pub currency: String,
        pub reversal: i32,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
