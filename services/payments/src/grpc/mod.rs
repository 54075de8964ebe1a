//! The gRPC service: contract words to use cases and back, refusals to statuses. It decides nothing.

mod books;
mod cards;
mod counter;
mod explanations;
mod files;
mod messages;
mod payouts;
mod queue;
mod refunds;
mod reports;
mod statements;
mod suggestions;
mod write_offs;

use kernel::{
    CheckoutId, Currency, Money, OrderId, PageRequest, PaymentId, ShopId, ShopScope, StatementId,
    Timestamp,
};
use platform::rpc::database_fault;
use proto::common::{self, Empty, PageInfo, RefusalCode};
use proto::payments as contract;
use proto::payments::payments_server::Payments as Service;
use proto::{Refused, parse_id, parse_money};
use sea_orm::DbErr;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::Payments;
use crate::doctor::books_balance;
use crate::domain::ledger::Account;
use crate::domain::payment::{Allocation, ChangeRefused, Payment, PaymentStatus, StartRefused};
use crate::domain::payment_code::PaymentCode;
use crate::store;
use crate::usecases::cancel_payment::{CancelPaymentError, cancel_payment};
use crate::usecases::import_statement::{ImportStatementError, MAX_BYTES, import_statement};
use crate::usecases::start_payment::{StartPayment, StartPaymentError, start_payment};

type Answer<T> = Result<Response<T>, Status>;

/// Payments over gRPC.
#[derive(Clone)]
pub struct Grpc(pub(crate) Payments);

#[tonic::async_trait]
impl Service for Grpc {
    async fn start_payment(
        &self,
        request: Request<contract::StartPaymentRequest>,
    ) -> Answer<contract::Payment> {
        let request = request.into_inner();
        let mut allocations = Vec::with_capacity(request.allocations.len());
        for part in &request.allocations {
            allocations.push(Allocation {
                order: parse_id::<OrderId>(&part.order_id)?,
                shop: parse_id::<ShopId>(&part.shop_id)?,
                amount: parse_money(part.amount.as_ref())?,
            });
        }
        let start = StartPayment {
            checkout: parse_id::<CheckoutId>(&request.checkout_id)?,
            amount: parse_money(request.amount.as_ref())?,
            allocations,
            expires_at: Timestamp::from_micros(request.expires_at),
            by_card: request.method() == contract::PaymentMethod::Card,
        };
        let payment = start_payment(&self.0, start).await.map_err(start_status)?;
        if request.method() == contract::PaymentMethod::Card {
            cards::open_first(&self.0, &payment).await;
        }
        Ok(Response::new(self.message(payment).await?))
    }

    async fn cancel_payment(
        &self,
        request: Request<contract::CancelPaymentRequest>,
    ) -> Answer<contract::Payment> {
        let id = parse_id::<PaymentId>(&request.into_inner().payment_id)?;
        match cancel_payment(&self.0, id).await {
            Ok(payment) => Ok(Response::new(self.message(payment).await?)),
            Err(CancelPaymentError::Unknown(_)) => Err(Status::not_found("no such payment")),
            Err(CancelPaymentError::Refused(refused)) => Err(closed_status(refused)),
            Err(CancelPaymentError::Database(error)) => Err(database_fault(&error)),
        }
    }

    async fn get_payments(
        &self,
        request: Request<contract::GetPaymentsRequest>,
    ) -> Answer<contract::PaymentList> {
        let ids = request.into_inner().ids;
        let ids = ids.iter().map(|id| parse_id::<PaymentId>(id)).collect::<Result<Vec<_>, _>>()?;
        let found =
            store::payment::by_ids(self.0.0.database.reader(), &ids).await.map_err(fault)?;
        let payments = messages::payments(&self.0, &found).await?;
        Ok(Response::new(contract::PaymentList { payments }))
    }

    async fn get_shop_balance(
        &self,
        request: Request<contract::ShopRequest>,
    ) -> Answer<contract::ShopBalance> {
        let shop = parse_id::<ShopId>(&request.into_inner().shop_id)?;
        let db = self.0.0.database.reader();
        let account = Account::ShopPayable(shop).to_string();
        let payable = store::ledger::balance(db, &account).await.map_err(fault)?;
        let pending = store::allocation::pending_of_shop(db, ShopScope::granted(shop))
            .await
            .map_err(fault)?;
        let zero = Money::zero(Currency::Vnd);
        let owed = match payable {
            Some(balance) => {
                balance.credit.checked_sub(balance.debit).map_err(platform::rpc::fault)?
            }
            None => zero,
        };
        let paid_out =
            store::shop_line::paid_out(db, ShopScope::granted(shop)).await.map_err(fault)?;
        let paid_out = Money::vnd(paid_out.get(&Currency::Vnd).copied().unwrap_or_default());
        let reserved = store::pending_posting::announced_of(db, &account, Currency::Vnd).await;
        let reserved = Some(reserved.map_err(fault)?.into());
        let (owed, pending, paid_out) =
            (Some(owed.into()), Some(pending.into()), Some(paid_out.into()));
        Ok(Response::new(contract::ShopBalance { owed, pending, paid_out, reserved }))
    }

    async fn list_shop_payments(
        &self,
        request: Request<contract::ListShopPaymentsRequest>,
    ) -> Answer<contract::ShopPaymentPage> {
        let request = request.into_inner();
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let page = page_of(request.page.as_ref())?;
        let db = self.0.0.database.reader();
        let parts = store::allocation::page_of_shop(db, scope, &page).await.map_err(fault)?;
        let (parts, page) = cut(parts, &page, |part| part.payment.to_string());
        let ids: Vec<PaymentId> = parts.iter().map(|part| part.payment).collect();
        let by_card = messages::methods(&self.0, &ids).await?;
        let payments = parts
            .into_iter()
            .map(|part| contract::ShopPayment {
                payment_id: part.payment.to_string(),
                order_id: part.order.to_string(),
                status: status_message(part.status).into(),
                method: messages::method(&by_card, part.payment).into(),
                amount: Some(part.amount.into()),
                reference: part.code,
                created_at: part.created_at.micros(),
                succeeded_at: succeeded_at(part.status, part.closed_at),
            })
            .collect();
        Ok(Response::new(contract::ShopPaymentPage { payments, page: Some(page) }))
    }

    async fn list_payments(
        &self,
        request: Request<contract::ListPaymentsRequest>,
    ) -> Answer<contract::PaymentPage> {
        let request = request.into_inner();
        let status = match request.status() {
            contract::PaymentStatus::Unspecified => None,
            contract::PaymentStatus::Pending => Some(PaymentStatus::Pending),
            contract::PaymentStatus::Succeeded => Some(PaymentStatus::Succeeded),
            contract::PaymentStatus::Expired => Some(PaymentStatus::Expired),
            contract::PaymentStatus::Cancelled => Some(PaymentStatus::Cancelled),
        };
        let page = page_of(request.page.as_ref())?;
        let found =
            store::payment::page(self.0.0.database.reader(), status, request.reopened_only, &page)
                .await
                .map_err(fault)?;
        let (found, page) = cut(found, &page, |payment| payment.id.to_string());
        let payments = messages::payments(&self.0, &found).await?;
        Ok(Response::new(contract::PaymentPage { payments, page: Some(page) }))
    }

    async fn import_bank_statement(
        &self,
        request: Request<contract::ImportBankStatementRequest>,
    ) -> Answer<contract::BankStatement> {
        let contract::ImportBankStatementRequest { file_name, file, imported_by } =
            request.into_inner();
        let taken = import_statement(&self.0, &file_name, file, &imported_by).await;
        match taken {
            Ok(statement) => Ok(Response::new(statements::statement_message(statement))),
            Err(ImportStatementError::Empty | ImportStatementError::Unreadable(_)) => {
                Err(Refused::new(RefusalCode::FileUnreadable).at(&["file"]).into())
            }
            Err(ImportStatementError::TooLarge) => {
                let refused = Refused::new(RefusalCode::FileTooLarge).fact("maximum", MAX_BYTES);
                Err(refused.at(&["file"]).into())
            }
            Err(ImportStatementError::Database(error)) => Err(database_fault(&error)),
        }
    }

    async fn get_bank_statement(
        &self,
        request: Request<contract::GetBankStatementRequest>,
    ) -> Answer<contract::BankStatement> {
        let id = parse_id::<StatementId>(&request.into_inner().id)?;
        let found = store::statement::by_id(self.0.0.database.reader(), id).await.map_err(fault)?;
        let statement = found.ok_or_else(|| Status::not_found("no such statement"))?;
        let problems = store::statement::problems(self.0.0.database.reader(), id);
        let mut message = statements::statement_message(statement);
        let problems = problems.await.map_err(fault)?;
        message.problems = problems.into_iter().map(statements::problem_message).collect();
        Ok(Response::new(message))
    }

    async fn list_bank_credits(
        &self,
        request: Request<contract::ListBankCreditsRequest>,
    ) -> Answer<contract::BankCreditPage> {
        Ok(Response::new(queue::credits(&self.0, request.into_inner()).await?))
    }

    async fn get_trial_balance(&self, _: Request<Empty>) -> Answer<contract::TrialBalance> {
        let database = &self.0.0.database;
        let balances = store::ledger::balances(database.reader()).await.map_err(fault)?;
        let balanced = books_balance(database).await.map_err(fault)?;
        let lines = balances
            .into_iter()
            .map(|balance| contract::TrialBalanceLine {
                account: balance.account,
                currency: balance.debit.currency.code().to_owned(),
                debit: balance.debit.minor,
                credit: balance.credit.minor,
                balance: balance.debit.minor - balance.credit.minor,
            })
            .collect();
        Ok(Response::new(contract::TrialBalance { lines, balanced }))
    }

    async fn list_ledger_entries(
        &self,
        request: Request<contract::ListLedgerEntriesRequest>,
    ) -> Answer<contract::LedgerEntryPage> {
        let request = request.into_inner();
        let account = Some(request.account.as_str()).filter(|account| !account.is_empty());
        let page = page_of(request.page.as_ref())?;
        let span = match (request.from.as_str(), request.to.as_str()) {
            ("", "") => None,
            (from, to) => Some(reports::days_of(from, to)?.span()),
        };
        let found = store::ledger::entries(self.0.0.database.reader(), account, span, &page)
            .await
            .map_err(fault)?;
        let (found, page) = cut(found, &page, |entry| entry.id.to_string());
        let entries = found
            .into_iter()
            .map(|entry| contract::LedgerEntry {
                id: entry.id.to_string(),
                posting_id: entry.posting.to_string(),
                account: entry.account,
                amount: Some(entry.amount.into()),
                kind: entry.kind,
                subject_id: entry.subject,
                posted_at: entry.posted_at.micros(),
            })
            .collect();
        Ok(Response::new(contract::LedgerEntryPage { entries, page: Some(page) }))
    }

    async fn get_shop_statement(
        &self,
        request: Request<contract::GetShopStatementRequest>,
    ) -> Answer<contract::ShopStatement> {
        Ok(Response::new(reports::shop_statement(&self.0, request.into_inner()).await?))
    }

    async fn list_shop_lines(
        &self,
        request: Request<contract::ListShopLinesRequest>,
    ) -> Answer<contract::ShopLinePage> {
        Ok(Response::new(reports::shop_lines(&self.0, request.into_inner()).await?))
    }

    async fn refund_payment(
        &self,
        request: Request<contract::RefundPaymentRequest>,
    ) -> Answer<contract::Refund> {
        Ok(Response::new(refunds::refund(&self.0, request.into_inner()).await?))
    }

    async fn decide_refund(
        &self,
        request: Request<contract::DecideRefundRequest>,
    ) -> Answer<contract::Refund> {
        Ok(Response::new(refunds::decide(&self.0, request.into_inner()).await?))
    }

    async fn get_refund(
        &self,
        request: Request<contract::GetRefundRequest>,
    ) -> Answer<contract::Refund> {
        Ok(Response::new(refunds::get(&self.0, request.into_inner()).await?))
    }

    async fn provide_refund_account(
        &self,
        request: Request<contract::ProvideRefundAccountRequest>,
    ) -> Answer<contract::Refund> {
        Ok(Response::new(refunds::provide_account(&self.0, request.into_inner()).await?))
    }

    async fn unmatch_bank_credit(
        &self,
        request: Request<contract::UnmatchBankCreditRequest>,
    ) -> Answer<contract::BankCredit> {
        Ok(Response::new(queue::unmatch(&self.0, request.into_inner()).await?))
    }

    async fn suggest_payments(
        &self,
        request: Request<contract::SuggestPaymentsRequest>,
    ) -> Answer<contract::SuggestedPayments> {
        Ok(Response::new(suggestions::suggest(&self.0, request.into_inner()).await?))
    }

    async fn forget_payer(
        &self,
        request: Request<contract::ForgetPayerRequest>,
    ) -> Answer<contract::ForgottenPayer> {
        Ok(Response::new(suggestions::forget(&self.0, request.into_inner()).await?))
    }

    async fn get_account_statement(
        &self,
        request: Request<contract::GetAccountStatementRequest>,
    ) -> Answer<contract::AccountStatement> {
        Ok(Response::new(books::statement(&self.0, request.into_inner()).await?))
    }

    async fn close_books(
        &self,
        request: Request<contract::CloseBooksRequest>,
    ) -> Answer<contract::LedgerClosing> {
        Ok(Response::new(books::close(&self.0, request.into_inner()).await?))
    }

    async fn list_ledger_closings(&self, _: Request<Empty>) -> Answer<contract::LedgerClosings> {
        Ok(Response::new(books::closings(&self.0).await?))
    }

    async fn write_off(
        &self,
        request: Request<contract::WriteOffRequest>,
    ) -> Answer<contract::WrittenOff> {
        Ok(Response::new(write_offs::write_off(&self.0, request.into_inner()).await?))
    }

    async fn reverse_bank_credit(
        &self,
        request: Request<contract::ReverseBankCreditRequest>,
    ) -> Answer<contract::BankCredit> {
        Ok(Response::new(write_offs::reverse(&self.0, request.into_inner()).await?))
    }

    async fn list_refunds(
        &self,
        request: Request<contract::ListRefundsRequest>,
    ) -> Answer<contract::RefundPage> {
        Ok(Response::new(refunds::list(&self.0, request.into_inner()).await?))
    }

    async fn list_payouts(
        &self,
        request: Request<contract::ListPayoutsRequest>,
    ) -> Answer<contract::PayoutPage> {
        Ok(Response::new(payouts::list(&self.0, request.into_inner()).await?))
    }

    async fn resolve_bank_credit(
        &self,
        request: Request<contract::ResolveBankCreditRequest>,
    ) -> Answer<contract::BankCredit> {
        Ok(Response::new(queue::resolve(&self.0, request.into_inner()).await?))
    }

    async fn list_bank_debits(
        &self,
        request: Request<contract::ListBankDebitsRequest>,
    ) -> Answer<contract::BankDebitPage> {
        Ok(Response::new(queue::debits(&self.0, request.into_inner()).await?))
    }

    async fn run_payouts(
        &self,
        request: Request<contract::RunPayoutsRequest>,
    ) -> Answer<contract::PayoutRun> {
        Ok(Response::new(payouts::run(&self.0, request.into_inner()).await?))
    }

    async fn decide_payout(
        &self,
        request: Request<contract::DecidePayoutRequest>,
    ) -> Answer<contract::Payout> {
        Ok(Response::new(payouts::decide(&self.0, request.into_inner()).await?))
    }

    async fn get_transfer_file(
        &self,
        request: Request<contract::GetTransferFileRequest>,
    ) -> Answer<contract::TextFile> {
        Ok(Response::new(payouts::file(&self.0, request.into_inner()).await?))
    }

    async fn get_reconciliation(
        &self,
        request: Request<contract::GetReconciliationRequest>,
    ) -> Answer<contract::Reconciliation> {
        Ok(Response::new(reports::reconciliation(&self.0, request.into_inner()).await?))
    }

    async fn get_tax_declaration(
        &self,
        request: Request<contract::GetTaxDeclarationRequest>,
    ) -> Answer<contract::TextFile> {
        Ok(Response::new(reports::declaration(&self.0, request.into_inner()).await?))
    }

    async fn start_card_attempt(
        &self,
        request: Request<contract::StartCardAttemptRequest>,
    ) -> Answer<contract::Payment> {
        Ok(Response::new(cards::start(&self.0, &request.into_inner()).await?))
    }

    async fn list_card_payouts(
        &self,
        request: Request<contract::ListCardPayoutsRequest>,
    ) -> Answer<contract::CardPayoutPage> {
        Ok(Response::new(cards::payouts(&self.0, request.into_inner()).await?))
    }

    async fn list_disputes(
        &self,
        request: Request<contract::ListDisputesRequest>,
    ) -> Answer<contract::DisputePage> {
        Ok(Response::new(cards::disputes(&self.0, request.into_inner()).await?))
    }

    async fn list_card_movements(
        &self,
        request: Request<contract::ListCardMovementsRequest>,
    ) -> Answer<contract::CardMovementPage> {
        Ok(Response::new(cards::movements(&self.0, request.into_inner()).await?))
    }

    async fn create_counter_payment(
        &self,
        request: Request<contract::CreateCounterPaymentRequest>,
    ) -> Answer<contract::CounterPayment> {
        Ok(Response::new(counter::create(self, request.into_inner()).await?))
    }

    async fn cancel_counter_payment(
        &self,
        request: Request<contract::CounterPaymentRequest>,
    ) -> Answer<contract::CounterPayment> {
        Ok(Response::new(counter::cancel(self, request.into_inner()).await?))
    }

    async fn get_counter_payment(
        &self,
        request: Request<contract::CounterPaymentRequest>,
    ) -> Answer<contract::CounterPayment> {
        Ok(Response::new(counter::get(self, request.into_inner()).await?))
    }

    async fn list_counter_payments(
        &self,
        request: Request<contract::ListCounterPaymentsRequest>,
    ) -> Answer<contract::CounterPaymentPage> {
        Ok(Response::new(counter::list(self, request.into_inner()).await?))
    }

    async fn get_shop_statement_file(
        &self,
        request: Request<contract::GetShopStatementFileRequest>,
    ) -> Answer<contract::BinaryFile> {
        Ok(Response::new(files::shop_statement(&self.0, request.into_inner()).await?))
    }

    async fn get_reconciliation_file(
        &self,
        request: Request<contract::GetReconciliationFileRequest>,
    ) -> Answer<contract::BinaryFile> {
        Ok(Response::new(files::reconciliation(&self.0, request.into_inner()).await?))
    }

    async fn explain_shop_line(
        &self,
        request: Request<contract::ShopLineRequest>,
    ) -> Answer<contract::ShopLineExplanation> {
        Ok(Response::new(explanations::explain(&self.0, request.into_inner()).await?))
    }

    async fn find_payment(
        &self,
        request: Request<contract::FindPaymentRequest>,
    ) -> Answer<contract::Payment> {
        let unknown = || Status::not_found("there is no payment with this reference");
        // Read as in a memo: case, spaces and look-alike letters do not matter.
        let codes = PaymentCode::find_in(&request.into_inner().reference);
        let code = codes.first().ok_or_else(unknown)?;
        let db = self.0.0.database.reader();
        let found = store::payment::by_code(db, *code).await.map_err(fault)?;
        Ok(Response::new(self.message(found.ok_or_else(unknown)?).await?))
    }

    async fn correct_statement_columns(
        &self,
        request: Request<contract::CorrectStatementColumnsRequest>,
    ) -> Answer<contract::BankStatement> {
        Ok(Response::new(statements::correct_columns(&self.0, request.into_inner()).await?))
    }

    async fn send_transfers(&self, _: Request<Empty>) -> Answer<contract::SentTransfers> {
        Ok(Response::new(payouts::send(&self.0).await?))
    }
}

impl Grpc {
    async fn message(&self, payment: Payment) -> Result<contract::Payment, Status> {
        let mut messages = messages::payments(&self.0, &[payment]).await?;
        messages.pop().ok_or_else(|| Status::internal("a payment without a message"))
    }
}

fn succeeded_at(status: PaymentStatus, closed_at: Option<Timestamp>) -> i64 {
    closed_at.filter(|_| status == PaymentStatus::Succeeded).map_or(0, Timestamp::micros)
}

const fn status_message(status: PaymentStatus) -> contract::PaymentStatus {
    match status {
        PaymentStatus::Pending => contract::PaymentStatus::Pending,
        PaymentStatus::Succeeded => contract::PaymentStatus::Succeeded,
        PaymentStatus::Expired => contract::PaymentStatus::Expired,
        PaymentStatus::Cancelled => contract::PaymentStatus::Cancelled,
    }
}

fn start_status(error: StartPaymentError) -> Status {
    match error {
        StartPaymentError::Refused(refused) => refuse_start(refused),
        StartPaymentError::NoCards => {
            Refused::new(RefusalCode::PaymentMethodUnavailable).at(&["payWith"]).into()
        }
        StartPaymentError::Different => Refused::new(RefusalCode::IdempotencyKeyReused).into(),
        StartPaymentError::Database(error) => database_fault(&error),
    }
}

fn refuse_start(refused: StartRefused) -> Status {
    let refused =
        match refused {
            StartRefused::TooSmall { minimum } => Refused::new(RefusalCode::AmountTooSmall)
                .fact("minimum", minimum.to_decimal_string()),
            StartRefused::TooLarge { maximum } => Refused::new(RefusalCode::AmountTooLarge)
                .fact("maximum", maximum.to_decimal_string()),
            StartRefused::CurrencyNotSupported => Refused::new(RefusalCode::CurrencyNotSupported),
            StartRefused::AllocationsDiffer => {
                return Status::invalid_argument("the allocations do not sum to the amount");
            }
        };
    refused.at(&["amount"]).into()
}

fn closed_status(refused: ChangeRefused) -> Status {
    let status = match refused {
        ChangeRefused::Closed(status) | ChangeRefused::NotPaid(status) => status.name(),
        ChangeRefused::StillInTime | ChangeRefused::TooLate => "pending",
    };
    Refused::new(RefusalCode::PaymentClosed).fact("status", status.to_uppercase()).into()
}

fn fault(error: DbErr) -> Status {
    database_fault(&error)
}

/// A page request whose cursors are the ids of the things themselves.
fn page_of(page: Option<&common::PageRequest>) -> Result<PageRequest<Uuid>, Status> {
    let page = page.cloned().unwrap_or_default();
    let first = if page.first == 0 { 20 } else { page.first };
    let after = match page.after.split_once('_') {
        Some((prefix, _)) => Some(uuid_of(prefix, &page.after)?),
        None if page.after.is_empty() => None,
        None => return Err(Refused::new(RefusalCode::Invalid).at(&["after"]).into()),
    };
    Ok(PageRequest::new(first, after))
}

fn uuid_of(prefix: &str, text: &str) -> Result<Uuid, Status> {
    let uuid = match prefix {
        PaymentId::PREFIX => text.parse::<PaymentId>().map(PaymentId::uuid).ok(),
        kernel::BankCreditId::PREFIX => text.parse().map(kernel::BankCreditId::uuid).ok(),
        kernel::RefundId::PREFIX => text.parse().map(kernel::RefundId::uuid).ok(),
        kernel::PayoutId::PREFIX => text.parse().map(kernel::PayoutId::uuid).ok(),
        kernel::ShopLineId::PREFIX => text.parse().map(kernel::ShopLineId::uuid).ok(),
        kernel::BankDebitId::PREFIX => text.parse().map(kernel::BankDebitId::uuid).ok(),
        kernel::CardPayoutId::PREFIX => text.parse().map(kernel::CardPayoutId::uuid).ok(),
        kernel::CardDisputeId::PREFIX => text.parse().map(kernel::CardDisputeId::uuid).ok(),
        kernel::CardMovementId::PREFIX => text.parse().map(kernel::CardMovementId::uuid).ok(),
        kernel::LedgerEntryId::PREFIX => text.parse().map(kernel::LedgerEntryId::uuid).ok(),
        _ => None,
    };
    uuid.ok_or_else(|| Refused::new(RefusalCode::Invalid).at(&["after"]).into())
}

fn cut<T>(
    rows: Vec<T>,
    request: &PageRequest<Uuid>,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, PageInfo) {
    let page = kernel::Page::from_rows(request, rows);
    let cursors = page.items.iter().map(cursor).collect();
    (page.items, PageInfo { has_next: page.has_next, cursors, total: -1 })
}
