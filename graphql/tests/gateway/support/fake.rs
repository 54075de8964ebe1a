//! Services that answer as a test tells them, and count how often each call came.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use proto::accounts::accounts_server::Accounts;
use proto::catalog::catalog_server::Catalog;
use proto::orders::orders_server::Orders;
use proto::payments::payments_server::Payments;
use proto::{accounts, bookings, catalog, common, orders, payments, returns, tours, vouchers};
use tonic::{Request, Response, Status};

type Handler<Req, Res> = Box<dyn Fn(Req) -> Result<Res, Status> + Send + Sync>;

/// A service of a test.
#[derive(Clone, Default)]
pub struct Fake {
    handlers: Arc<Mutex<HashMap<&'static str, Arc<dyn Any + Send + Sync>>>>,
    calls: Arc<Mutex<BTreeMap<&'static str, usize>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// Tells how a call is answered.
    pub fn on<Req: 'static, Res: 'static>(
        &self,
        call: &'static str,
        handler: impl Fn(Req) -> Result<Res, Status> + Send + Sync + 'static,
    ) {
        let handler: Handler<Req, Res> = Box::new(handler);
        self.handlers.lock().unwrap().insert(call, Arc::new(handler));
    }

    /// How often each call came since this was asked last.
    pub fn take_calls(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// What was asked since this was asked last, each request in words: its call, and its fields.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn answer<Req: Debug + 'static, Res: 'static>(
        &self,
        call: &'static str,
        request: Request<Req>,
    ) -> Result<Response<Res>, Status> {
        *self.calls.lock().unwrap().entry(call).or_default() += 1;
        self.requests.lock().unwrap().push(format!("{call} {:?}", request.get_ref()));
        let handler = self.handlers.lock().unwrap().get(call).cloned();
        let Some(handler) = handler else {
            return Err(Status::unimplemented(format!("the test does not answer {call}")));
        };
        let handler = handler.downcast_ref::<Handler<Req, Res>>();
        let handler = handler.unwrap_or_else(|| panic!("{call} is answered with other types"));
        handler(request.into_inner()).map(Response::new)
    }
}

macro_rules! fakes {
    ($($service:ident { $($call:ident($request:ty) -> $response:ty;)* })*) => {$(
        #[tonic::async_trait]
        impl $service for Fake {
            $(async fn $call(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                self.answer(stringify!($call), request)
            })*
        }
    )*};
}

fakes! {
    Accounts {
        sign_up(accounts::SignUpRequest) -> accounts::SignedIn;
        sign_in(accounts::SignInRequest) -> accounts::SignedIn;
        sign_out(accounts::SignOutRequest) -> common::Empty;
        authenticate(accounts::AuthenticateRequest) -> accounts::Actor;
        change_password(accounts::ChangePasswordRequest) -> accounts::SignedIn;
        request_password_reset(accounts::RequestPasswordResetRequest) -> common::Empty;
        reset_password(accounts::ResetPasswordRequest) -> common::Empty;
        get_users(accounts::GetUsersRequest) -> accounts::Users;
        update_user(accounts::UpdateUserRequest) -> accounts::UpdatedUser;
        delete_user(accounts::DeleteUserRequest) -> common::Empty;
        confirm_email(accounts::ConfirmEmailRequest) -> accounts::User;
        get_terms(common::Empty) -> accounts::Terms;
        accept_terms(accounts::AcceptTermsRequest) -> accounts::Consents;
        list_consents(accounts::ListConsentsRequest) -> accounts::Consents;
        get_personal_records(accounts::GetPersonalRecordsRequest) -> accounts::PersonalRecords;
        open_shop(accounts::OpenShopRequest) -> accounts::Shop;
        update_shop(accounts::UpdateShopRequest) -> accounts::Shop;
        set_payout_account(accounts::SetPayoutAccountRequest) -> accounts::Shop;
        submit_shop(accounts::ShopDecision) -> accounts::Shop;
        approve_shop(accounts::ShopDecision) -> accounts::Shop;
        suspend_shop(accounts::ShopDecision) -> accounts::Shop;
        close_shop(accounts::ShopDecision) -> accounts::Shop;
        invite_shop_member(accounts::InviteShopMemberRequest) -> accounts::ShopInvitation;
        revoke_shop_invitation(accounts::RevokeShopInvitationRequest) -> accounts::ShopInvitation;
        get_shop_invitation(accounts::GetShopInvitationRequest) -> accounts::OfferedShopRole;
        accept_shop_invitation(accounts::AcceptShopInvitationRequest) -> accounts::Shop;
        remove_shop_member(accounts::RemoveShopMemberRequest) -> common::Empty;
        leave_shop(accounts::LeaveShopRequest) -> common::Empty;
        list_shop_members(accounts::ListShopMembersRequest) -> accounts::ShopMembers;
        list_shop_invitations(accounts::ListShopInvitationsRequest) -> accounts::ShopInvitations;
        get_shops(accounts::GetShopsRequest) -> accounts::Shops;
        get_shop_by_slug(accounts::GetShopBySlugRequest) -> accounts::Shop;
        list_shops(accounts::ListShopsRequest) -> accounts::ShopPage;
        list_wards(common::Empty) -> accounts::Wards;
        list_banks(common::Empty) -> accounts::Banks;
        list_audit_entries(accounts::ListAuditEntriesRequest) -> accounts::AuditEntryPage;
        get_shop_letters(accounts::GetShopLettersRequest) -> accounts::ShopLetters;
        set_shop_letters(accounts::SetShopLettersRequest) -> accounts::ShopLetters;
        get_shop_readers(accounts::GetShopReadersRequest) -> accounts::Users;
        add_operator(accounts::AddOperatorRequest) -> accounts::User;
        set_operator_password(accounts::SetOperatorPasswordRequest) -> accounts::User;
    }
    Catalog {
        create_product(catalog::CreateProductRequest) -> catalog::Product;
        update_product(catalog::UpdateProductRequest) -> catalog::Product;
        publish_product(catalog::ProductOfShop) -> catalog::Product;
        unpublish_product(catalog::ProductOfShop) -> catalog::Product;
        adjust_stock(catalog::AdjustStockRequest) -> catalog::Product;
        set_price(catalog::SetPriceRequest) -> catalog::Product;
        add_product_image(catalog::AddProductImageRequest) -> catalog::Product;
        remove_product_image(catalog::ProductImageOfShop) -> catalog::Product;
        move_product_image(catalog::MoveProductImageRequest) -> catalog::Product;
        get_image_file(catalog::GetImageFileRequest) -> catalog::ImageFile;
        list_published(catalog::ListPublishedRequest) -> catalog::PublishedProducts;
        list_shop_products(catalog::ListShopProductsRequest) -> catalog::ProductPage;
        import_products(catalog::ImportProductsRequest) -> catalog::Import;
        get_import(catalog::GetImportRequest) -> catalog::Import;
        list_import_rows(catalog::ListImportRowsRequest) -> catalog::ImportRowPage;
        export_products(catalog::ExportProductsRequest) -> catalog::ExportedFile;
        get_products(catalog::GetProductsRequest) -> catalog::Products;
        get_product_by_slug(catalog::GetProductBySlugRequest) -> catalog::Product;
        list_products(catalog::ListProductsRequest) -> catalog::ProductPage;
        get_offers(catalog::GetOffersRequest) -> catalog::Offers;
        list_categories(common::Empty) -> catalog::Categories;
        search(catalog::SearchRequest) -> catalog::SearchResults;
        review_product(catalog::ReviewProductRequest) -> catalog::Review;
        remove_review(catalog::RemoveReviewRequest) -> catalog::Review;
        list_reviews(catalog::ListReviewsRequest) -> catalog::ReviewPage;
        list_buyer_reviews(catalog::ListBuyerReviewsRequest) -> catalog::ReviewPage;
        get_own_review(catalog::GetOwnReviewRequest) -> catalog::OwnReview;
        hold_stock(catalog::HoldStockRequest) -> catalog::Hold;
        extend_hold(catalog::ExtendHoldRequest) -> catalog::Hold;
        release_hold(catalog::HoldReference) -> catalog::Hold;
        commit_hold(catalog::HoldReference) -> catalog::Hold;
        put_tour(tours::PutTourRequest) -> tours::Tour;
        get_tours(tours::GetToursRequest) -> tours::Tours;
        schedule_departures(tours::ScheduleDeparturesRequest) -> tours::ScheduledDepartures;
        list_departures(tours::ListDeparturesRequest) -> tours::Departures;
        get_departures(tours::GetDeparturesRequest) -> tours::Departures;
        update_departure(tours::UpdateDepartureRequest) -> tours::Departure;
        black_out_departures(tours::BlackOutRequest) -> tours::Departures;
        cancel_departure(tours::CancelDepartureRequest) -> tours::Departure;
        join_waiting_list(tours::JoinWaitingListRequest) -> tours::WaitingListEntry;
        list_waiting(tours::ListWaitingRequest) -> tours::WaitingList;
        get_waiting_list_entry(tours::GetWaitingListEntryRequest) -> tours::WaitingListEntry;
        put_categories(catalog::Categories) -> catalog::Categories;
        reindex(common::Empty) -> catalog::ReindexReport;
    }
    Orders {
        create_cart(common::Empty) -> orders::Cart;
        get_cart(orders::CartKey) -> orders::Cart;
        add_cart_line(orders::AddCartLineRequest) -> orders::Cart;
        set_cart_line(orders::SetCartLineRequest) -> orders::Cart;
        apply_voucher(orders::ApplyVoucherRequest) -> orders::Cart;
        remove_voucher(orders::RemoveVoucherRequest) -> orders::Cart;
        create_voucher(vouchers::CreateVoucherRequest) -> vouchers::Voucher;
        end_voucher(vouchers::EndVoucherRequest) -> vouchers::Voucher;
        list_vouchers(vouchers::ListVouchersRequest) -> vouchers::VoucherPage;
        remove_cart_line(orders::RemoveCartLineRequest) -> orders::Cart;
        start_checkout(orders::StartCheckoutRequest) -> orders::Checkout;
        cancel_checkout(orders::CancelCheckoutRequest) -> orders::Checkout;
        extend_checkout(orders::ExtendCheckoutRequest) -> orders::Checkout;
        get_checkout(orders::GetCheckoutRequest) -> orders::Checkout;
        list_buyer_orders(orders::ListBuyerOrdersRequest) -> orders::OrderPage;
        list_buyer_checkouts(orders::ListBuyerCheckoutsRequest) -> orders::BoughtCheckoutPage;
        has_open_sales(orders::HasOpenSalesRequest) -> orders::OpenSales;
        list_shop_orders(orders::ListShopOrdersRequest) -> orders::OrderPage;
        get_orders(orders::GetOrdersRequest) -> orders::OrderList;
        fulfil_order(orders::OrderOfShop) -> orders::Order;
        cancel_order(returns::CancelOrderRequest) -> orders::Order;
        request_return(returns::RequestReturnRequest) -> orders::Order;
        approve_return(returns::ApproveReturnRequest) -> orders::Order;
        decline_return(returns::DeclineReturnRequest) -> orders::Order;
        get_return_policy(returns::ReturnPolicyOfShop) -> returns::ReturnPolicy;
        set_return_policy(returns::ReturnPolicy) -> returns::ReturnPolicy;
        get_digital_economy(orders::DigitalEconomyRequest) -> orders::DigitalEconomy;
        get_tickets(bookings::GetTicketsRequest) -> bookings::Tickets;
        get_ticket_keys(common::Empty) -> bookings::TicketKeys;
        redeem_tickets(bookings::RedeemTicketsRequest) -> bookings::ScanResults;
        get_manifest(bookings::GetManifestRequest) -> bookings::Manifest;
        cancel_tickets(bookings::CancelTicketsRequest) -> bookings::TicketCancellation;
        add_reseller(bookings::AddResellerRequest) -> bookings::Reseller;
        revoke_reseller(bookings::RevokeResellerRequest) -> bookings::Reseller;
        list_resellers(bookings::ListResellersRequest) -> bookings::Resellers;
        get_resellers(bookings::GetResellersRequest) -> bookings::Resellers;
    }
    Payments {
        get_payment_destination(payments::ShopRequest) -> payments::PaymentDestination;
        set_payment_destination(payments::SetPaymentDestinationRequest) -> payments::PaymentDestinationSet;
        allow_direct_payments(payments::AllowDirectPaymentsRequest) -> payments::PaymentDestination;
        start_payment(payments::StartPaymentRequest) -> payments::Payment;
        cancel_payment(payments::CancelPaymentRequest) -> payments::Payment;
        extend_payment(payments::ExtendPaymentRequest) -> payments::Payment;
        get_payments(payments::GetPaymentsRequest) -> payments::PaymentList;
        get_shop_balance(payments::ShopRequest) -> payments::ShopBalance;
        list_shop_payments(payments::ListShopPaymentsRequest) -> payments::ShopPaymentPage;
        list_payments(payments::ListPaymentsRequest) -> payments::PaymentPage;
        list_bank_credits(payments::ListBankCreditsRequest) -> payments::BankCreditPage;
        get_trial_balance(common::Empty) -> payments::TrialBalance;
        list_ledger_entries(payments::ListLedgerEntriesRequest) -> payments::LedgerEntryPage;
        import_bank_statement(payments::ImportBankStatementRequest) -> payments::BankStatement;
        get_bank_statement(payments::GetBankStatementRequest) -> payments::BankStatement;
        get_shop_statement(payments::GetShopStatementRequest) -> payments::ShopStatement;
        list_shop_lines(payments::ListShopLinesRequest) -> payments::ShopLinePage;
        refund_payment(payments::RefundPaymentRequest) -> payments::Refund;
        decide_refund(payments::DecideRefundRequest) -> payments::Refund;
        list_refunds(payments::ListRefundsRequest) -> payments::RefundPage;
        list_payouts(payments::ListPayoutsRequest) -> payments::PayoutPage;
        resolve_bank_credit(payments::ResolveBankCreditRequest) -> payments::BankCredit;
        list_bank_debits(payments::ListBankDebitsRequest) -> payments::BankDebitPage;
        run_payouts(payments::RunPayoutsRequest) -> payments::PayoutRun;
        decide_payout(payments::DecidePayoutRequest) -> payments::Payout;
        get_transfer_file(payments::GetTransferFileRequest) -> payments::TextFile;
        get_reconciliation(payments::GetReconciliationRequest) -> payments::Reconciliation;
        get_tax_declaration(payments::GetTaxDeclarationRequest) -> payments::TextFile;
        send_transfers(common::Empty) -> payments::SentTransfers;
        start_card_attempt(payments::StartCardAttemptRequest) -> payments::Payment;
        list_card_payouts(payments::ListCardPayoutsRequest) -> payments::CardPayoutPage;
        list_disputes(payments::ListDisputesRequest) -> payments::DisputePage;
        list_failed_card_returns(payments::ListFailedCardReturnsRequest) -> payments::CardReturnPage;
        return_card_surplus(payments::ReturnCardSurplusRequest) -> payments::CardReturn;
        return_surplus_to_bank(payments::ReturnSurplusToBankRequest) -> payments::Refund;
        list_card_movements(payments::ListCardMovementsRequest) -> payments::CardMovementPage;
        unmatch_bank_credit(payments::UnmatchBankCreditRequest) -> payments::BankCredit;
        suggest_payments(payments::SuggestPaymentsRequest) -> payments::SuggestedPayments;
        forget_payer(payments::ForgetPayerRequest) -> payments::ForgottenPayer;
        get_account_statement(payments::GetAccountStatementRequest) -> payments::AccountStatement;
        close_books(payments::CloseBooksRequest) -> payments::LedgerClosing;
        list_ledger_closings(common::Empty) -> payments::LedgerClosings;
        write_off(payments::WriteOffRequest) -> payments::WrittenOff;
        withdraw_write_off(payments::WithdrawWriteOffRequest) -> payments::WrittenOff;
        list_write_offs(payments::ListWriteOffsRequest) -> payments::WrittenOffPage;
        reverse_bank_credit(payments::ReverseBankCreditRequest) -> payments::BankCredit;
        bill_reseller(payments::BillResellerRequest) -> payments::ResellerBill;
        cancel_reseller_bill(payments::ResellerBillRequest) -> payments::ResellerBill;
        list_reseller_bills(payments::ListResellerBillsRequest) -> payments::ResellerBillPage;
        list_reseller_debts(payments::ListResellerDebtsRequest) -> payments::ResellerDebtPage;
        get_refund(payments::GetRefundRequest) -> payments::Refund;
        provide_refund_account(payments::ProvideRefundAccountRequest) -> payments::Refund;
        create_counter_payment(payments::CreateCounterPaymentRequest) -> payments::CounterPayment;
        cancel_counter_payment(payments::CounterPaymentRequest) -> payments::CounterPayment;
        get_counter_payment(payments::CounterPaymentRequest) -> payments::CounterPayment;
        get_shop_statement_file(payments::GetShopStatementFileRequest) -> payments::BinaryFile;
        get_reconciliation_file(payments::GetReconciliationFileRequest) -> payments::BinaryFile;
        explain_shop_line(payments::ShopLineRequest) -> payments::ShopLineExplanation;
        find_payment(payments::FindPaymentRequest) -> payments::Payment;
        retry_bank_statement(payments::RetryBankStatementRequest) -> payments::BankStatement;
        correct_statement_columns(payments::CorrectStatementColumnsRequest) -> payments::BankStatement;
        list_counter_payments(payments::ListCounterPaymentsRequest) -> payments::CounterPaymentPage;
    }
}
