//! The gRPC service: contract words to use cases and back, refusals to statuses. It decides nothing.

mod books;
mod card_returns;
mod cards;
mod counter;
mod destinations;
mod explanations;
mod files;
mod lists;
mod messages;
mod payouts;
mod queue;
mod refunds;
mod reports;
mod resellers;
mod starting;
mod statements;
mod suggestions;
mod words;
mod write_offs;

use kernel::{PaymentId, ShopId, ShopScope};
use proto::common::Empty;
use proto::parse_id;
use proto::payments as contract;
use proto::payments::payments_server::Payments as Service;
use tonic::{Request, Response, Status};

use crate::Payments;
use crate::domain::payment::Payment;

use words::{closed_status, cut, fault, page_of, refuse_start, status_message, succeeded_at};

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
        Ok(Response::new(starting::start(self, request.into_inner()).await?))
    }

    async fn cancel_payment(
        &self,
        request: Request<contract::CancelPaymentRequest>,
    ) -> Answer<contract::Payment> {
        Ok(Response::new(starting::cancel(self, &request.into_inner()).await?))
    }

    async fn extend_payment(
        &self,
        request: Request<contract::ExtendPaymentRequest>,
    ) -> Answer<contract::Payment> {
        Ok(Response::new(starting::extend(self, &request.into_inner()).await?))
    }

    async fn get_payments(
        &self,
        request: Request<contract::GetPaymentsRequest>,
    ) -> Answer<contract::PaymentList> {
        let ids = request.into_inner().ids;
        let ids = ids.iter().map(|id| parse_id::<PaymentId>(id)).collect::<Result<Vec<_>, _>>()?;
        let payments = messages::of_ids(&self.0, ids).await?;
        Ok(Response::new(contract::PaymentList { payments }))
    }

    async fn get_shop_balance(
        &self,
        request: Request<contract::ShopRequest>,
    ) -> Answer<contract::ShopBalance> {
        let shop = parse_id::<ShopId>(&request.into_inner().shop_id)?;
        Ok(Response::new(lists::shop_balance(&self.0, ShopScope::granted(shop)).await?))
    }

    async fn list_shop_payments(
        &self,
        request: Request<contract::ListShopPaymentsRequest>,
    ) -> Answer<contract::ShopPaymentPage> {
        Ok(Response::new(lists::shop_payments(&self.0, request.into_inner()).await?))
    }

    async fn list_payments(
        &self,
        request: Request<contract::ListPaymentsRequest>,
    ) -> Answer<contract::PaymentPage> {
        Ok(Response::new(lists::payments(&self.0, request.into_inner()).await?))
    }

    async fn import_bank_statement(
        &self,
        request: Request<contract::ImportBankStatementRequest>,
    ) -> Answer<contract::BankStatement> {
        Ok(Response::new(statements::import(&self.0, request.into_inner()).await?))
    }

    async fn get_bank_statement(
        &self,
        request: Request<contract::GetBankStatementRequest>,
    ) -> Answer<contract::BankStatement> {
        Ok(Response::new(statements::get(&self.0, request.into_inner()).await?))
    }

    async fn list_bank_credits(
        &self,
        request: Request<contract::ListBankCreditsRequest>,
    ) -> Answer<contract::BankCreditPage> {
        Ok(Response::new(queue::credits(&self.0, request.into_inner()).await?))
    }

    async fn get_trial_balance(&self, _: Request<Empty>) -> Answer<contract::TrialBalance> {
        Ok(Response::new(books::trial_balance(&self.0).await?))
    }

    async fn list_ledger_entries(
        &self,
        request: Request<contract::ListLedgerEntriesRequest>,
    ) -> Answer<contract::LedgerEntryPage> {
        Ok(Response::new(lists::ledger_entries(&self.0, request.into_inner()).await?))
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

    async fn withdraw_write_off(
        &self,
        request: Request<contract::WithdrawWriteOffRequest>,
    ) -> Answer<contract::WrittenOff> {
        Ok(Response::new(write_offs::withdraw(&self.0, request.into_inner()).await?))
    }

    async fn list_write_offs(
        &self,
        request: Request<contract::ListWriteOffsRequest>,
    ) -> Answer<contract::WrittenOffPage> {
        Ok(Response::new(write_offs::list(&self.0, &request.into_inner()).await?))
    }

    async fn reverse_bank_credit(
        &self,
        request: Request<contract::ReverseBankCreditRequest>,
    ) -> Answer<contract::BankCredit> {
        Ok(Response::new(write_offs::reverse(&self.0, request.into_inner()).await?))
    }

    async fn bill_reseller(
        &self,
        request: Request<contract::BillResellerRequest>,
    ) -> Answer<contract::ResellerBill> {
        Ok(Response::new(resellers::bill(&self.0, request.into_inner()).await?))
    }

    async fn cancel_reseller_bill(
        &self,
        request: Request<contract::ResellerBillRequest>,
    ) -> Answer<contract::ResellerBill> {
        Ok(Response::new(resellers::cancel(&self.0, request.into_inner()).await?))
    }

    async fn list_reseller_bills(
        &self,
        request: Request<contract::ListResellerBillsRequest>,
    ) -> Answer<contract::ResellerBillPage> {
        Ok(Response::new(resellers::list(&self.0, request.into_inner()).await?))
    }

    async fn list_reseller_debts(
        &self,
        request: Request<contract::ListResellerDebtsRequest>,
    ) -> Answer<contract::ResellerDebtPage> {
        Ok(Response::new(resellers::debts(&self.0, request.into_inner()).await?))
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

    async fn list_failed_card_returns(
        &self,
        request: Request<contract::ListFailedCardReturnsRequest>,
    ) -> Answer<contract::CardReturnPage> {
        Ok(Response::new(card_returns::failed(&self.0, request.into_inner()).await?))
    }

    async fn return_card_surplus(
        &self,
        request: Request<contract::ReturnCardSurplusRequest>,
    ) -> Answer<contract::CardReturn> {
        Ok(Response::new(card_returns::again(&self.0, &request.into_inner()).await?))
    }

    async fn return_surplus_to_bank(
        &self,
        request: Request<contract::ReturnSurplusToBankRequest>,
    ) -> Answer<contract::Refund> {
        Ok(Response::new(card_returns::to_bank(&self.0, &request.into_inner()).await?))
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
        let payment = lists::payment_of(&self.0, &request.into_inner().reference).await?;
        Ok(Response::new(self.message(payment).await?))
    }

    async fn retry_bank_statement(
        &self,
        request: Request<contract::RetryBankStatementRequest>,
    ) -> Answer<contract::BankStatement> {
        Ok(Response::new(statements::retry(&self.0, &request.into_inner()).await?))
    }

    async fn correct_statement_columns(
        &self,
        request: Request<contract::CorrectStatementColumnsRequest>,
    ) -> Answer<contract::BankStatement> {
        Ok(Response::new(statements::correct_columns(&self.0, request.into_inner()).await?))
    }

    async fn get_payment_destination(
        &self,
        request: Request<contract::ShopRequest>,
    ) -> Answer<contract::PaymentDestination> {
        Ok(Response::new(destinations::get(&self.0, request.into_inner()).await?))
    }

    async fn set_payment_destination(
        &self,
        request: Request<contract::SetPaymentDestinationRequest>,
    ) -> Answer<contract::PaymentDestinationSet> {
        Ok(Response::new(destinations::set(&self.0, request.into_inner()).await?))
    }

    async fn allow_direct_payments(
        &self,
        request: Request<contract::AllowDirectPaymentsRequest>,
    ) -> Answer<contract::PaymentDestination> {
        Ok(Response::new(destinations::allow(&self.0, request.into_inner()).await?))
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
