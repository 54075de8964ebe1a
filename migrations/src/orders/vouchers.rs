//! Vouchers: what they take off, in which carts they are, which checkouts used them.

use sea_orm_migration::prelude::*;

/// Makes the tables of vouchers.
pub(super) struct Vouchers;

impl MigrationName for Vouchers {
    fn name(&self) -> &'static str {
        "m2026_11_27_000600_vouchers"
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE vouchers (
        id {uuid} PRIMARY KEY,
        shop_id {uuid} NOT NULL,
        code TEXT NOT NULL CHECK (LENGTH(code) BETWEEN 3 AND 20),
        kind TEXT NOT NULL CHECK (kind IN ('amount', 'share')),
        amount_minor BIGINT,
        basis_points INTEGER CHECK (basis_points BETWEEN 1 AND 10000),
        cap_minor BIGINT CHECK (cap_minor > 0),
        minimum_minor BIGINT NOT NULL CHECK (minimum_minor >= 0),
        currency TEXT NOT NULL,
        valid_from BIGINT NOT NULL,
        valid_until BIGINT,
        uses_at_most BIGINT CHECK (uses_at_most > 0),
        uses_per_buyer BIGINT CHECK (uses_per_buyer > 0),
        uses BIGINT NOT NULL DEFAULT 0 CHECK (uses >= 0),
        created_at BIGINT NOT NULL,
        created_by {uuid} NOT NULL,
        ended_at BIGINT,
        ended_by {uuid},
        CONSTRAINT vouchers_code UNIQUE (shop_id, code),
        CHECK ((kind = 'amount') = (amount_minor IS NOT NULL)),
        CHECK ((kind = 'share') = (basis_points IS NOT NULL)),
        CHECK (amount_minor IS NULL OR amount_minor > 0),
        CHECK (cap_minor IS NULL OR kind = 'share'),
        CHECK (valid_until IS NULL OR valid_until > valid_from),
        CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
        CHECK (uses_at_most IS NULL OR uses <= uses_at_most)
    )",
    "CREATE INDEX vouchers_by_shop ON vouchers (shop_id, id)",
    // One voucher a shop and cart.
    "CREATE TABLE cart_vouchers (
        cart_id {uuid} NOT NULL REFERENCES carts (id),
        shop_id {uuid} NOT NULL,
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        PRIMARY KEY (cart_id, shop_id)
    )",
    // Who bought is kept as keyed digests: they find a buyer again and tell nobody who it was.
    "CREATE TABLE voucher_uses (
        checkout_id {uuid} NOT NULL REFERENCES checkouts (id),
        voucher_id {uuid} NOT NULL REFERENCES vouchers (id),
        buyer_id {uuid},
        phone_digest {blob},
        email_digest {blob},
        taken_at BIGINT NOT NULL,
        given_back_at BIGINT,
        PRIMARY KEY (checkout_id, voucher_id)
    )",
    "CREATE INDEX voucher_uses_of_buyer ON voucher_uses (voucher_id, buyer_id)
        WHERE given_back_at IS NULL AND buyer_id IS NOT NULL",
    "CREATE INDEX voucher_uses_of_phone ON voucher_uses (voucher_id, phone_digest)
        WHERE given_back_at IS NULL AND phone_digest IS NOT NULL",
    "CREATE INDEX voucher_uses_of_email ON voucher_uses (voucher_id, email_digest)
        WHERE given_back_at IS NULL AND email_digest IS NOT NULL",
    // How many vouchers there are, so that nobody without one asks the tables above.
    "ALTER TABLE carts ADD COLUMN voucher_count INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE checkouts ADD COLUMN voucher_count INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD COLUMN voucher_code TEXT",
    // `total_minor` of a line stays quantity times price, as its check says: a large table is not
    // written anew. What is paid of the line is that less this.
    "ALTER TABLE order_lines ADD COLUMN discount_minor BIGINT NOT NULL DEFAULT 0
        CHECK (discount_minor >= 0 AND discount_minor <= total_minor)",
];

#[async_trait::async_trait]
impl MigrationTrait for Vouchers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
