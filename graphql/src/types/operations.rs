//! What operators of the market see.

use async_graphql::{Context, Error, ID, Object};
use proto::accounts::{ListAuditEntriesRequest, ListShopsRequest};
use proto::bookings::GetResellersRequest;
use proto::common::Empty;
use proto::payments::{
    FindPaymentRequest, GetAccountStatementRequest, GetBankStatementRequest,
    GetReconciliationFileRequest, GetReconciliationRequest, GetTaxDeclarationRequest,
    GetTransferFileRequest, ListBankCreditsRequest, ListBankDebitsRequest, ListCardPayoutsRequest,
    ListDisputesRequest, ListFailedCardReturnsRequest, ListLedgerEntriesRequest,
    ListPaymentsRequest, ListPayoutsRequest, ListRefundsRequest, ListResellerDebtsRequest,
    ListWriteOffsRequest,
};

use super::audit_entry::AuditEntry;
use super::bank_credit::BankCredit;
use super::bank_statement::BankStatement;
use super::binary_file::BinaryFile;
use super::card_payout::CardPayout;
use super::card_return::CardReturn;
use super::dispute::Dispute;
use super::enums::{
    BankCreditState, BankDebitState, CurrencyCode, FileFormat, PaymentStatus, PayoutStatus,
    RefundStatus, ShopStatus, TransferFormat,
};
use super::exported_file::ExportedFile;
use super::ledger::{AccountStatement, LedgerClosing, LedgerEntry, TrialBalance};
use super::managed_shop::ManagedShop;
use super::payment::Payment;
use super::payout::Payout;
use super::reconciliation::{BankDebit, CreditFigureInput, DebitFigureInput, Reconciliation};
use super::refund::Refund;
use super::reseller_bill::ResellerAccount;
use super::written_off::WrittenOff;
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
        #[graphql(
            desc = "Only those that are open because what had paid them was taken back.",
            default
        )]
        reopened_only: bool,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Payment>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListPaymentsRequest {
            status: status.map_or(0, PaymentStatus::number),
            page: Some(page.clone()),
            reopened_only,
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
        #[graphql(desc = "Only those of one figure of the report.")] figure: Option<
            CreditFigureInput,
        >,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<BankCredit>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListBankCreditsRequest {
            state: state.map_or(0, BankCreditState::number),
            waiting_only,
            page: Some(page.clone()),
            ..figure.map(CreditFigureInput::request).unwrap_or_default()
        };
        let found = scope.answer(scope.payments.clone().list_bank_credits(request).await)?;
        let credits = found.credits.into_iter().map(|credit| BankCredit::of(credit, scope.locale));
        Ok(Connection::new(&page, found.page, credits))
    }

    /// Payouts of the card provider's to the market's bank account, the newest first.
    async fn card_payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<CardPayout>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListCardPayoutsRequest { page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_card_payouts(request).await)?;
        let payouts = found.payouts.into_iter().map(|one| CardPayout::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, payouts))
    }

    /// Card payments that cardholders' banks contest, the newest first.
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Dispute>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListDisputesRequest { page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_disputes(request).await)?;
        let disputes = found.disputes.into_iter().map(|one| Dispute::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, disputes))
    }

    /// Card money that came second, could not go back to its card and waits for an operator, the newest first.
    async fn failed_card_returns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<CardReturn>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListFailedCardReturnsRequest { page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_failed_card_returns(request).await)?;
        let returns = found.returns.into_iter().map(|one| CardReturn::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, returns))
    }

    /// Resellers that were ever invoiced, with what they owe and their bills.
    async fn resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ResellerAccount>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let reseller_ids = Vec::new();
        let request = ListResellerDebtsRequest { reseller_ids, page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_reseller_debts(request).await)?;
        let ids = found.debts.iter().map(|debt| debt.reseller_id.clone()).collect();
        let named = scope.orders.clone().get_resellers(GetResellersRequest { ids }).await;
        let mut named = scope.answer(named)?.resellers;
        let accounts = found.debts.into_iter().map(|debt| {
            let place = named.iter().position(|one| one.id == debt.reseller_id);
            let reseller = place.map(|place| named.swap_remove(place));
            ResellerAccount::of(debt.into(), reseller, scope.locale)
        });
        Ok(Connection::new(&page, found.page, accounts))
    }

    /// One reseller's account.
    async fn reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The reseller's id.")] id: ID,
    ) -> Result<Option<ResellerAccount>, Error> {
        let scope = Scope::of(ctx);
        let request = GetResellersRequest { ids: vec![id.0] };
        let found = scope.answer(scope.orders.clone().get_resellers(request).await)?;
        let Some(reseller) = found.resellers.into_iter().next() else { return Ok(None) };
        let debt = scope.loaders.debts.get(&reseller.id).await;
        let debt = debt.map_err(|status| scope.failed(&status))?;
        Ok(debt.map(|debt| ResellerAccount::of(debt, Some(reseller), scope.locale)))
    }

    /// A statement of the market's bank account, and how far it was read.
    async fn bank_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<BankStatement>, Error> {
        let scope = Scope::of(ctx);
        let request = GetBankStatementRequest { id: id.0, shop_id: String::new() };
        let found = scope.found(scope.payments.clone().get_bank_statement(request).await)?;
        Ok(found.map(BankStatement))
    }

    /// Refunds, the newest first.
    async fn refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<RefundStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Refund>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListRefundsRequest {
            shop_id: String::new(),
            status: status.map_or(0, RefundStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.payments.clone().list_refunds(request).await)?;
        let refunds = found.refunds.into_iter().map(|one| Refund::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, refunds))
    }

    /// The payment with a reference, as people type it.
    async fn payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code in the transfer's message.")] reference: String,
    ) -> Result<Option<Payment>, Error> {
        let scope = Scope::of(ctx);
        let request = FindPaymentRequest { reference };
        let found = scope.found(scope.payments.clone().find_payment(request).await)?;
        Ok(found.map(|payment| Payment::of(payment.into(), scope.locale)))
    }

    /// Payouts, the newest first.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<PayoutStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Payout>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListPayoutsRequest {
            shop_id: String::new(),
            status: status.map_or(0, PayoutStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.payments.clone().list_payouts(request).await)?;
        let payouts = found.payouts.into_iter().map(|one| Payout::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, payouts))
    }

    /// A file of transfers that was sent, as the bank takes it.
    async fn transfer_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
        #[graphql(desc = "In which form.")] format: TransferFormat,
    ) -> Result<Option<ExportedFile>, Error> {
        let scope = Scope::of(ctx);
        let request = GetTransferFileRequest { file_id: id.0, format: format.number() };
        let found = scope.found(scope.payments.clone().get_transfer_file(request).await)?;
        Ok(found.map(ExportedFile::of_text))
    }

    /// Debits on the market's bank account, the newest first.
    async fn bank_debits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state.")] state: Option<BankDebitState>,
        #[graphql(desc = "Only those of one figure of the report.")] figure: Option<
            DebitFigureInput,
        >,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<BankDebit>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let state = state.map_or(0, BankDebitState::number);
        let figure = figure.map(DebitFigureInput::request).unwrap_or_default();
        let request = ListBankDebitsRequest { state, page: Some(page.clone()), ..figure };
        let found = scope.answer(scope.payments.clone().list_bank_debits(request).await)?;
        let debits = found.debits.into_iter().map(|one| BankDebit::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, debits))
    }

    /// Money that is given up or that somebody asked to give up, the newest first.
    async fn write_offs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what waits for a second person to call `writeOff`.", default)]
        waiting_only: bool,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<WrittenOff>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListWriteOffsRequest { waiting_only, page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_write_offs(request).await)?;
        let given_up = found.write_offs.into_iter().map(|one| WrittenOff::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, given_up))
    }

    /// What became of every credit and debit of some days, and how long the queue waits.
    async fn reconciliation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
    ) -> Result<Reconciliation, Error> {
        let scope = Scope::of(ctx);
        let request = GetReconciliationRequest { from, to };
        let found = scope.answer(scope.payments.clone().get_reconciliation(request).await)?;
        Ok(Reconciliation::of(found, scope.locale))
    }

    /// The reconciliation of some days as a file.
    async fn reconciliation_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
        #[graphql(desc = "In which form.")] format: FileFormat,
    ) -> Result<BinaryFile, Error> {
        let scope = Scope::of(ctx);
        let (format, locale) = (format.number(), scope.locale.tag().to_owned());
        let request = GetReconciliationFileRequest { from, to, format, locale };
        let found = scope.payments.clone().get_reconciliation_file(request).await;
        Ok(BinaryFile::of(scope.answer(found)?))
    }

    /// The tax withheld in a month, as it is declared (Decree 117/2025/ND-CP): a CSV.
    async fn tax_declaration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month: `2026-11`.")] month: String,
    ) -> Result<ExportedFile, Error> {
        let scope = Scope::of(ctx);
        let request = GetTaxDeclarationRequest { month };
        let found = scope.answer(scope.payments.clone().get_tax_declaration(request).await)?;
        Ok(ExportedFile::of_text(found))
    }

    /// The balances of all accounts of the ledger.
    async fn trial_balance(&self, ctx: &Context<'_>) -> Result<TrialBalance, Error> {
        let scope = Scope::of(ctx);
        let balance = scope.answer(scope.payments.clone().get_trial_balance(Empty {}).await)?;
        Ok(TrialBalance::of(balance, scope.locale))
    }

    /// What an account of the ledger was, what happened to it, and what it is.
    async fn account_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account: `shop:shop_01…:payable`.")] account: String,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
        #[graphql(desc = "In which currency.", default_with = "CurrencyCode::Vnd")]
        currency: CurrencyCode,
    ) -> Result<AccountStatement, Error> {
        let scope = Scope::of(ctx);
        let request = GetAccountStatementRequest {
            account: account.clone(),
            from: from.clone(),
            to: to.clone(),
            currency: kernel::Currency::from(currency).code().to_owned(),
        };
        let found = scope.answer(scope.payments.clone().get_account_statement(request).await)?;
        Ok(AccountStatement::of(found, (account, from, to), scope.locale))
    }

    /// Closings of the books, asked for or done; the newest 100, the newest first.
    async fn ledger_closings(&self, ctx: &Context<'_>) -> Result<Vec<LedgerClosing>, Error> {
        let scope = Scope::of(ctx);
        let found = scope.answer(scope.payments.clone().list_ledger_closings(Empty {}).await)?;
        Ok(found.closings.into_iter().map(LedgerClosing).collect())
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
            ..ListLedgerEntriesRequest::default()
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
