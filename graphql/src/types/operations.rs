//! What operators of the market see.

use async_graphql::{Context, Error, ID, Object};
use proto::accounts::{ListAuditEntriesRequest, ListShopsRequest};
use proto::common::Empty;
use proto::payments::{
    GetBankStatementRequest, ListBankCreditsRequest, ListLedgerEntriesRequest, ListPaymentsRequest,
};

use super::audit_entry::AuditEntry;
use super::bank_credit::BankCredit;
use super::bank_statement::BankStatement;
use super::enums::{BankCreditState, PaymentStatus, ShopStatus};
use super::ledger::{LedgerEntry, TrialBalance};
use super::managed_shop::ManagedShop;
use super::payment::Payment;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// What operators of the market see. Made only where an operator's session was checked.
pub struct Operations;

/// What operators of the market see.
#[Object(directive = auth::apply(Requires::Operator))]
impl Operations {
    /// Shops.
    async fn shops(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<ShopStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ManagedShop>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListShopsRequest {
            status: status.map_or(0, ShopStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.accounts.clone().list_shops(request).await)?;
        let shops = found.shops.into_iter().map(|shop| ManagedShop::of(shop.into(), scope.locale));
        Ok(Connection::new(&page, found.page, shops))
    }

    /// Payments, the newest first.
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<PaymentStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Payment>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListPaymentsRequest {
            status: status.map_or(0, PaymentStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.payments.clone().list_payments(request).await)?;
        let payments = found.payments.into_iter().map(|one| Payment::of(one.into(), scope.locale));
        Ok(Connection::new(&page, found.page, payments))
    }

    /// Credits on the market's bank account, the newest first.
    async fn bank_credits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<BankCreditState>,
        #[graphql(desc = "Only those that wait for a person's decision.", default)]
        waiting_only: bool,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<BankCredit>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListBankCreditsRequest {
            state: state.map_or(0, BankCreditState::number),
            waiting_only,
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.payments.clone().list_bank_credits(request).await)?;
        let credits = found.credits.into_iter().map(|credit| BankCredit::of(credit, scope.locale));
        Ok(Connection::new(&page, found.page, credits))
    }

    /// A statement of the market's bank account, and how far it was read.
    async fn bank_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<BankStatement>, Error> {
        let scope = Scope::of(ctx);
        let request = GetBankStatementRequest { id: id.0 };
        let found = scope.found(scope.payments.clone().get_bank_statement(request).await)?;
        Ok(found.map(BankStatement))
    }

    /// The balances of all accounts of the ledger.
    async fn trial_balance(&self, ctx: &Context<'_>) -> Result<TrialBalance, Error> {
        let scope = Scope::of(ctx);
        let balance = scope.answer(scope.payments.clone().get_trial_balance(Empty {}).await)?;
        Ok(TrialBalance::of(balance, scope.locale))
    }

    /// Entries of the ledger, the newest first.
    async fn ledger_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this account.")] account: Option<String>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<LedgerEntry>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListLedgerEntriesRequest {
            account: account.unwrap_or_default(),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.payments.clone().list_ledger_entries(request).await)?;
        let entries = found.entries.into_iter().map(|entry| LedgerEntry::of(entry, scope.locale));
        Ok(Connection::new(&page, found.page, entries))
    }

    /// Entries of the audit log, the newest first.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListAuditEntriesRequest { page: Some(page.clone()) };
        let found = scope.answer(scope.accounts.clone().list_audit_entries(request).await)?;
        Ok(Connection::new(&page, found.page, found.entries.into_iter().map(AuditEntry)))
    }
}
