//! The tables of vouchers as entities.

/// Table `vouchers`.
pub mod vouchers {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "vouchers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shop_id: Uuid,
        pub code: String,
        pub kind: String,
        pub amount_minor: Option<i64>,
        pub basis_points: Option<i32>,
        pub cap_minor: Option<i64>,
        pub minimum_minor: i64,
        pub currency: String,
        pub valid_from: i64,
        pub valid_until: Option<i64>,
        pub uses_at_most: Option<i64>,
        pub uses_per_buyer: Option<i64>,
        pub uses: i64,
        pub created_at: i64,
        pub created_by: Uuid,
        pub ended_at: Option<i64>,
        pub ended_by: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `cart_vouchers`.
pub mod cart_vouchers {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_vouchers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub cart_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: Uuid,
        pub voucher_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Table `voucher_uses`.
pub mod voucher_uses {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "voucher_uses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub checkout_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub voucher_id: Uuid,
        pub buyer_id: Option<Uuid>,
        pub phone_digest: Option<Vec<u8>>,
        pub email_digest: Option<Vec<u8>>,
        pub taken_at: i64,
        pub given_back_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
