//! What resellers are invoiced for bookings, and what was taken of each.

use sea_orm_migration::prelude::*;

/// Makes the table of invoices to resellers.
pub(super) struct ResellerInvoices;

impl MigrationName for ResellerInvoices {
    fn name(&self) -> &'static str {
        "m2026_11_27_000400_reseller_invoices"
    }
}

const TABLES: &[&str] = &[
    // Like `order_charges`, of an order that no payment paid. One invoice a booking.
    "CREATE TABLE reseller_invoices (
        booking_id {uuid} PRIMARY KEY,
        reseller_id {uuid} NOT NULL,
        order_id {uuid} NOT NULL CONSTRAINT reseller_invoices_order UNIQUE,
        shop_id {uuid} NOT NULL,
        base_minor BIGINT NOT NULL CHECK (base_minor > 0),
        currency TEXT NOT NULL,
        returned_minor BIGINT NOT NULL DEFAULT 0 CHECK (returned_minor BETWEEN 0 AND base_minor),
        seller_kind TEXT NOT NULL,
        supply_kind TEXT NOT NULL,
        fee_rule TEXT NOT NULL,
        fee_rule_version INTEGER NOT NULL,
        fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0 AND fee_minor <= base_minor),
        vat_rule TEXT NOT NULL,
        vat_basis_points INTEGER NOT NULL,
        vat_minor BIGINT NOT NULL CHECK (vat_minor >= 0),
        pit_rule TEXT NOT NULL,
        pit_basis_points INTEGER NOT NULL,
        pit_minor BIGINT NOT NULL CHECK (pit_minor >= 0),
        accepted_at BIGINT NOT NULL
    )",
    "CREATE INDEX reseller_invoices_accepted ON reseller_invoices (accepted_at)",
    "CREATE INDEX reseller_invoices_of_reseller ON reseller_invoices (reseller_id, booking_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for ResellerInvoices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::shared::create(manager, TABLES).await
    }
}
