//! The tables of accounts: people, what they agreed to, sessions, password resets, shops, memberships, invitations
//! and the audit log.

use sea_orm_migration::prelude::*;

mod audit_log;
mod audited_people;
mod consents;
mod contact_letters;
mod declined_letters;
mod next_accounts;
mod password_resets;
mod shop_members;

/// Migrates the database of accounts.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::shared::Migration),
            Box::new(PeopleAndShops),
            Box::new(audit_log::AuditLog),
            Box::new(crate::dead_letters::DeadLetters),
            Box::new(crate::outbox_ids::OutboxIds),
            Box::new(password_resets::PasswordResets),
            Box::new(next_accounts::NextAccounts),
            Box::new(declined_letters::DeclinedLetters),
            Box::new(shop_members::ShopMembers),
            Box::new(consents::Consents),
            Box::new(audited_people::AuditedPeople),
            Box::new(contact_letters::ContactLetters),
        ]
    }

    fn migration_table_name() -> DynIden {
        "accounts_migrations".into_iden()
    }
}

/// Makes people, sessions, shops and memberships.
#[derive(Debug)]
struct PeopleAndShops;

impl MigrationName for PeopleAndShops {
    fn name(&self) -> &'static str {
        "m2026_11_23_000001_people_and_shops"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PeopleAndShops {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(users()).await?;
        manager.create_table(sessions()).await?;
        manager.create_index(index("sessions_of_user", "sessions", &["user_id"])).await?;
        manager.create_index(index("sessions_by_expiry", "sessions", &["expires_at"])).await?;
        manager.create_table(shops()).await?;
        manager.create_index(index("shops_by_status", "shops", &["status", "id"])).await?;
        manager.create_index(index("shops_of_owner", "shops", &["owner_id"])).await?;
        manager.create_table(memberships()).await?;
        manager.create_index(index("memberships_of_shop", "memberships", &["shop_id"])).await
    }
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("phone").text().unique_key())
        .col(ColumnDef::new("email").text().unique_key())
        .col(ColumnDef::new("locale").text().not_null())
        .col(ColumnDef::new("operator").boolean().not_null())
        .col(ColumnDef::new("password_hash").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .check(("users_reachable", Expr::cust("phone IS NOT NULL OR email IS NOT NULL")))
        .check(("users_locale", Expr::cust("locale IN ('vi', 'en')")))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("token_hash").blob().not_null().unique_key())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("revoked_at").big_integer())
        .check(("sessions_end", Expr::cust("expires_at > created_at")))
        .foreign_key(
            ForeignKey::create()
                .name("sessions_user")
                .from("sessions", "user_id")
                .to("users", "id"),
        )
        .to_owned()
}

fn shops() -> TableCreateStatement {
    Table::create()
        .table("shops")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("slug").text().not_null().unique_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("status").text().not_null())
        .col(ColumnDef::new("tax_code").text())
        .col(ColumnDef::new("ward_code").text().not_null())
        .col(ColumnDef::new("address").text().not_null())
        .col(ColumnDef::new("phone").text().not_null())
        .col(ColumnDef::new("bank_bin").text().not_null())
        .col(ColumnDef::new("bank_number").text().not_null())
        .col(ColumnDef::new("bank_holder").text().not_null())
        .col(ColumnDef::new("about_vi").text().not_null())
        .col(ColumnDef::new("about_en").text().not_null())
        .col(ColumnDef::new("status_reason").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("approved_at").big_integer())
        .col(ColumnDef::new("owner_id").uuid().not_null())
        .check((
            "shops_kind",
            Expr::cust("kind IN ('HOUSEHOLD', 'COMPANY', 'COOPERATIVE', 'TOUR_OPERATOR')"),
        ))
        .check((
            "shops_status",
            Expr::cust("status IN ('DRAFT', 'SUBMITTED', 'APPROVED', 'SUSPENDED', 'CLOSED')"),
        ))
        .check(("shops_tax_code", Expr::cust("tax_code IS NOT NULL OR kind = 'HOUSEHOLD'")))
        .check(("shops_approved_at", Expr::cust("approved_at IS NOT NULL OR status <> 'APPROVED'")))
        .check(("shops_reason", Expr::cust("status_reason <> '' OR status <> 'SUSPENDED'")))
        .foreign_key(
            ForeignKey::create().name("shops_owner").from("shops", "owner_id").to("users", "id"),
        )
        .to_owned()
}

fn memberships() -> TableCreateStatement {
    Table::create()
        .table("memberships")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("shop_id").uuid().not_null())
        .col(ColumnDef::new("role").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .primary_key(Index::create().col("user_id").col("shop_id"))
        .check(("memberships_role", Expr::cust("role IN ('OWNER', 'STAFF')")))
        .foreign_key(
            ForeignKey::create()
                .name("memberships_user")
                .from("memberships", "user_id")
                .to("users", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("memberships_shop")
                .from("memberships", "shop_id")
                .to("shops", "id"),
        )
        .to_owned()
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}
