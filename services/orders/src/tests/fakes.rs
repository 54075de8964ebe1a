//! Catalog and payments as orders knows them: by their contracts. They keep offers, holds and
//! payments in memory, once a reference as the real ones do, and fail where a test wants it.
//! What orders never asks for, they do not know.

mod departures;
mod owners;
mod state;

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::future::BoxFuture;
use kernel::{Clock, ManualClock, Money, ProductId, ShopId, VariantId};
use platform::ids;
use platform::secrets::digest;
use proto::catalog::catalog_server::{Catalog, CatalogServer};
use proto::catalog::{self, Hold, HoldStatus, HoldStockRequest, Offer};
use proto::common::{self, Empty};
use proto::events::event::Body;
use proto::events::{PaymentReopened, PaymentSucceeded};
use proto::orders::CheckoutStatus;
use proto::payments::payments_server::{Payments, PaymentsServer};
use proto::payments::{self, Payment, PaymentStatus, StartPaymentRequest};
use proto::tours;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

pub use departures::{ADULT, BOAT, CHILD, LUNCH, Trip};
pub use owners::Owners;
use state::{State, closed};

type Answer<T> = Result<Response<T>, Status>;

/// A call that orders makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    GetOffers,
    HoldStock,
    StartPayment,
    CancelPayment,
    ExtendPayment,
    GetPayments,
    GetDepartures,
    AddClaim,
    ExtendHold,
    CommitHold,
    ReleaseHold,
    ReturnSeats,
    ReturnStock,
    RefundPayment,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call does not arrive.
    Unreached,
    /// It is done, and the answer is lost.
    Unanswered,
    /// The caller dies when it asks; nothing is done.
    DiesAsking,
    /// It is done, and the caller dies before it hears of it.
    DiesUnanswered,
    /// It is done only after [`Outside::go_on`].
    DoneLate,
    /// It is done, and answered only after [`Outside::go_on`].
    AnsweredLate,
}

/// Everything outside of orders.
#[derive(Clone)]
pub struct Outside {
    clock: ManualClock,
    state: Arc<Mutex<State>>,
    reached: Arc<Notify>,
    goes_on: Arc<Notify>,
}

/// What the test does to it.
impl Outside {
    /// Nothing on offer yet, nothing held, nothing asked for.
    pub fn new(clock: ManualClock) -> Self {
        Self { clock, state: Arc::default(), reached: Arc::default(), goes_on: Arc::default() }
    }

    /// Catalog for orders.
    pub fn catalog(&self) -> CatalogServer<Self> {
        CatalogServer::new(self.clone())
    }

    /// Payments for orders.
    pub fn payments(&self) -> PaymentsServer<Self> {
        PaymentsServer::new(self.clone())
    }

    /// Puts something on offer.
    pub fn offer(&self, shop: ShopId, title: &str, price: i64, available: i64) -> String {
        let variant_id = ids::new::<VariantId>().to_string();
        let offer = Offer {
            variant_id: variant_id.clone(),
            product_id: ids::new::<ProductId>().to_string(),
            shop_id: shop.to_string(),
            title: Some(common::LocalizedText { vi: title.to_owned(), en: String::new() }),
            unit: "kg".to_owned(),
            price: Some(Money::vnd(price).into()),
            available,
            for_sale: true,
            ticket: None,
            ..Offer::default()
        };
        self.state().offers.insert(variant_id.clone(), offer);
        variant_id
    }

    /// Changes what is on offer.
    pub fn change(&self, variant: &str, change: impl FnOnce(&mut Offer)) {
        change(self.state().offers.get_mut(variant).unwrap());
    }

    /// Takes an offer away as if it had never been.
    pub fn remove(&self, variant: &str) {
        self.state().offers.remove(variant).unwrap();
    }

    /// Keeps pieces of something for who has a token.
    pub fn keep_for(&self, token: &str, variant: &str, count: i64) {
        self.state().kept = Some((digest(token).to_vec(), variant.to_owned(), count));
    }

    /// The call that many calls from now goes wrong; 0 is the next one.
    pub fn plan(&self, calls_from_now: usize, fault: Fault) {
        let mut state = self.state();
        state.planned = Some((state.calls.len() + calls_from_now, fault));
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state().planned = None;
    }

    /// Lets the call go on that was to be late.
    pub fn go_on(&self) {
        self.goes_on.notify_one();
    }

    /// Waits until a call is held back that is to be late.
    pub async fn held_back(&self) {
        self.reached.notified().await;
    }

    /// Does something to its end, or to where its process dies: then nothing of it happens after
    /// that point, as nothing does of a process that is gone.
    pub async fn until_death<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.reached.notified() => None,
        }
    }

    /// The hold of a checkout runs out.
    pub fn lose_hold(&self, checkout: &str) {
        self.state().settle(checkout, HoldStatus::Expired);
    }

    /// Money comes for the payment of a checkout. Gives what payments tells.
    pub fn pay(&self, checkout: &str) -> Body {
        let now = self.clock.now().micros();
        let mut state = self.state();
        let payment = state.payment_of(checkout).unwrap();
        assert_eq!(payment.status(), PaymentStatus::Pending);
        payment.set_status(PaymentStatus::Succeeded);
        payment.succeeded_at = now;
        Body::PaymentSucceeded(PaymentSucceeded {
            payment_id: payment.id.clone(),
            checkout_id: checkout.to_owned(),
            amount: payment.amount.clone(),
            succeeded_at: now,
        })
    }

    /// A person takes back what had paid a checkout. Gives what payments tells.
    pub fn reopen(&self, checkout: &str) -> Body {
        let now = self.clock.now().micros();
        let mut state = self.state();
        let payment = state.payment_of(checkout).unwrap();
        assert_eq!(payment.status(), PaymentStatus::Succeeded);
        payment.set_status(PaymentStatus::Pending);
        (payment.succeeded_at, payment.reopened_at) = (0, now);
        Body::PaymentReopened(PaymentReopened {
            payment_id: payment.id.clone(),
            checkout_id: checkout.to_owned(),
            reopened_at: now,
        })
    }

    /// The payment of a checkout ends without money. Gives what payments tells.
    pub fn expire(&self, checkout: &str) -> Body {
        let mut state = self.state();
        let payment = state.payment_of(checkout).unwrap();
        assert_eq!(payment.status(), PaymentStatus::Pending);
        payment.set_status(PaymentStatus::Expired);
        closed(payment)
    }

    /// Catalog hears what orders tells of a checkout.
    pub fn hear(&self, checkout: &str, status: CheckoutStatus) {
        let mut state = self.state();
        match status {
            CheckoutStatus::Paid => state.settle(checkout, HoldStatus::Committed),
            CheckoutStatus::Expired | CheckoutStatus::Cancelled | CheckoutStatus::Refused => {
                state.settle(checkout, HoldStatus::Released);
            }
            // Its goods stay sold to it.
            CheckoutStatus::AwaitingPayment => {}
            other => panic!("orders tells of no checkout that is {other:?}"),
        }
    }

    /// What payments told since it was asked last.
    pub fn told(&self) -> Vec<Body> {
        std::mem::take(&mut self.state().told)
    }

    /// What orders asked for so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How many of something are free, held and sold.
    pub fn stock(&self, variant: &str) -> (i64, i64, i64) {
        let state = self.state();
        let held = state.holds.values().filter(|hold| hold.status() == HoldStatus::Held);
        let lines = held.flat_map(|hold| &hold.lines).filter(|line| line.variant_id == variant);
        let held = lines.map(|line| line.quantity).sum();
        let sold = state.sold.get(variant).copied().unwrap_or_default();
        (state.offers[variant].available, held, sold)
    }

    /// All holds, by the checkouts that they are for.
    pub fn holds(&self) -> BTreeMap<String, HoldStatus> {
        let state = self.state();
        state.holds.iter().map(|(checkout, hold)| (checkout.clone(), hold.status())).collect()
    }

    /// Until when the goods of a checkout are held.
    pub fn held_until(&self, checkout: &str) -> i64 {
        self.state().holds[checkout].expires_at
    }

    /// What was asked of payments to give back, and given.
    pub fn refunds(&self) -> Vec<payments::RefundPaymentRequest> {
        self.state().refunds.iter().map(|(request, _)| request.clone()).collect()
    }

    /// What was given back, by each refund.
    pub fn given_back(&self) -> Vec<i64> {
        let minor = |refund: &payments::Refund| refund.amount.as_ref().unwrap().minor;
        self.state().refunds.iter().map(|(_, refund)| minor(refund)).collect()
    }

    /// Whether payments refuses refunds that say no account.
    pub fn accounts_unknown(&self, unknown: bool) {
        self.state().accounts_unknown = unknown;
    }

    /// From now on money goes back to cards.
    pub fn refund_to_cards(&self) {
        self.state().to_cards = true;
    }

    /// All payments.
    pub fn all_payments(&self) -> Vec<Payment> {
        self.state().payments.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Answers a call, or does not, as planned.
    async fn answer<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&mut State) -> Result<T, Status> + Send,
    ) -> Answer<T> {
        let fault = self.state().fault_of(call);
        match fault {
            Some(Fault::Unreached) => return Err(Status::unavailable("not reached")),
            Some(Fault::DiesAsking) => return self.nothing_follows().await,
            Some(Fault::DoneLate) => self.wait().await,
            _ => {}
        }
        let answer = effect(&mut self.state());
        match fault {
            Some(Fault::Unanswered) => return Err(Status::unavailable("not answered")),
            Some(Fault::DiesUnanswered) => return self.nothing_follows().await,
            Some(Fault::AnsweredLate) => self.wait().await,
            _ => {}
        }
        answer.map(Response::new)
    }

    async fn nothing_follows<T>(&self) -> T {
        self.reached.notify_one();
        pending().await
    }

    async fn wait(&self) {
        self.reached.notify_one();
        self.goes_on.notified().await;
    }
}

/// Methods in the form that `async_trait` gives them.
macro_rules! never_asked {
    ($($method:ident: $request:ty => $answer:ty;)*) => {$(
        fn $method<'this, 'answer>(
            &'this self,
            _: Request<$request>,
        ) -> BoxFuture<'answer, Answer<$answer>>
        where
            'this: 'answer,
            Self: 'answer,
        {
            Box::pin(async { Err(Status::unimplemented("orders never asks for this")) })
        }
    )*};
}

#[tonic::async_trait]
impl Catalog for Outside {
    async fn get_offers(
        &self,
        request: Request<catalog::GetOffersRequest>,
    ) -> Answer<catalog::Offers> {
        let catalog::GetOffersRequest { variant_ids, claim_token, claim_digest } =
            request.into_inner();
        assert_eq!(claim_token, "", "a token is told on");
        self.answer(Call::GetOffers, move |state| {
            let offer = |id: &String| state.offer_to(id, &claim_digest);
            let offers = variant_ids.iter().filter_map(offer).collect();
            Ok(catalog::Offers { offers })
        })
        .await
    }

    async fn hold_stock(&self, request: Request<HoldStockRequest>) -> Answer<Hold> {
        self.answer(Call::HoldStock, move |state| state.hold(request.into_inner())).await
    }

    async fn extend_hold(&self, request: Request<catalog::ExtendHoldRequest>) -> Answer<Hold> {
        let request = request.into_inner();
        let until = request.expires_at;
        self.answer(Call::ExtendHold, move |state| state.extend(&request.reference, until)).await
    }

    async fn commit_hold(&self, request: Request<catalog::HoldReference>) -> Answer<Hold> {
        let reference = request.into_inner().reference;
        self.answer(Call::CommitHold, move |state| state.commit(&reference)).await
    }

    async fn release_hold(&self, request: Request<catalog::HoldReference>) -> Answer<Hold> {
        let reference = request.into_inner().reference;
        self.answer(Call::ReleaseHold, move |state| {
            state.settle(&reference, HoldStatus::Released);
            state.holds.get(&reference).cloned().ok_or_else(|| Status::not_found("no such hold"))
        })
        .await
    }

    async fn get_departures(
        &self,
        request: Request<tours::GetDeparturesRequest>,
    ) -> Answer<tours::Departures> {
        let ids = request.into_inner().ids;
        self.answer(Call::GetDepartures, move |state| {
            let found = ids.iter().filter_map(|id| state.departures.get(id).cloned());
            Ok(tours::Departures { departures: found.collect() })
        })
        .await
    }

    async fn add_claim(&self, request: Request<tours::AddClaimRequest>) -> Answer<Empty> {
        let tours::AddClaimRequest { entry_id, claim_digest } = request.into_inner();
        self.answer(Call::AddClaim, move |state| {
            state.claims.push((entry_id, claim_digest));
            Ok(Empty {})
        })
        .await
    }

    async fn get_products(
        &self,
        request: Request<catalog::GetProductsRequest>,
    ) -> Answer<catalog::Products> {
        let title = kernel::LocalizedText::new("Chợ nổi\r\nBcc: all@cho.vn", "Floating market");
        let product = |id| catalog::Product {
            id,
            title: Some(title.clone().into()),
            ..catalog::Product::default()
        };
        let products = request.into_inner().ids.into_iter().map(product).collect();
        Ok(Response::new(catalog::Products { products }))
    }

    async fn return_seats(&self, request: Request<tours::ReturnSeatsRequest>) -> Answer<Empty> {
        self.answer(Call::ReturnSeats, move |state| {
            state.give_seats_back(request.into_inner())?;
            Ok(Empty {})
        })
        .await
    }

    async fn return_stock(&self, request: Request<catalog::ReturnStockRequest>) -> Answer<Empty> {
        self.answer(Call::ReturnStock, move |state| {
            state.give_stock_back(request.into_inner())?;
            Ok(Empty {})
        })
        .await
    }

    never_asked! {
        create_product: catalog::CreateProductRequest => catalog::Product;
        update_product: catalog::UpdateProductRequest => catalog::Product;
        publish_product: catalog::ProductOfShop => catalog::Product;
        unpublish_product: catalog::ProductOfShop => catalog::Product;
        adjust_stock: catalog::AdjustStockRequest => catalog::Product;
        set_price: catalog::SetPriceRequest => catalog::Product;
        list_shop_products: catalog::ListShopProductsRequest => catalog::ProductPage;
        import_products: catalog::ImportProductsRequest => catalog::Import;
        get_import: catalog::GetImportRequest => catalog::Import;
        list_import_rows: catalog::ListImportRowsRequest => catalog::ImportRowPage;
        export_products: catalog::ExportProductsRequest => catalog::ExportedFile;
        get_product_by_slug: catalog::GetProductBySlugRequest => catalog::Product;
        list_products: catalog::ListProductsRequest => catalog::ProductPage;
        list_categories: Empty => catalog::Categories;
        search: catalog::SearchRequest => catalog::SearchResults;
        put_categories: catalog::Categories => catalog::Categories;
        reindex: Empty => catalog::ReindexReport;
    }
}

#[tonic::async_trait]
impl Payments for Outside {
    async fn start_payment(&self, request: Request<StartPaymentRequest>) -> Answer<Payment> {
        let now = self.clock.now().micros();
        self.answer(Call::StartPayment, move |state| state.start(request.into_inner(), now)).await
    }

    async fn cancel_payment(
        &self,
        request: Request<payments::CancelPaymentRequest>,
    ) -> Answer<Payment> {
        let id = request.into_inner().payment_id;
        self.answer(Call::CancelPayment, move |state| state.cancel(&id)).await
    }

    async fn extend_payment(
        &self,
        request: Request<payments::ExtendPaymentRequest>,
    ) -> Answer<Payment> {
        let payments::ExtendPaymentRequest { payment_id, expires_at } = request.into_inner();
        let now = self.clock.now().micros();
        self.answer(Call::ExtendPayment, move |state| {
            state.extend_payment(&payment_id, expires_at, now)
        })
        .await
    }

    async fn get_payments(
        &self,
        request: Request<payments::GetPaymentsRequest>,
    ) -> Answer<payments::PaymentList> {
        let ids = request.into_inner().ids;
        self.answer(Call::GetPayments, move |state| {
            let named = state.payments.iter().filter(|payment| ids.contains(&payment.id));
            Ok(payments::PaymentList { payments: named.cloned().collect() })
        })
        .await
    }

    async fn refund_payment(
        &self,
        request: Request<payments::RefundPaymentRequest>,
    ) -> Answer<payments::Refund> {
        self.answer(Call::RefundPayment, move |state| state.refund(request.into_inner())).await
    }

    never_asked! {
        get_shop_balance: payments::ShopRequest => payments::ShopBalance;
        list_shop_payments: payments::ListShopPaymentsRequest => payments::ShopPaymentPage;
        list_payments: payments::ListPaymentsRequest => payments::PaymentPage;
        list_bank_credits: payments::ListBankCreditsRequest => payments::BankCreditPage;
        get_shop_statement: payments::GetShopStatementRequest => payments::ShopStatement;
        list_shop_lines: payments::ListShopLinesRequest => payments::ShopLinePage;
        decide_refund: payments::DecideRefundRequest => payments::Refund;
        list_refunds: payments::ListRefundsRequest => payments::RefundPage;
        list_payouts: payments::ListPayoutsRequest => payments::PayoutPage;
        resolve_bank_credit: payments::ResolveBankCreditRequest => payments::BankCredit;
        list_bank_debits: payments::ListBankDebitsRequest => payments::BankDebitPage;
        run_payouts: payments::RunPayoutsRequest => payments::PayoutRun;
        decide_payout: payments::DecidePayoutRequest => payments::Payout;
        get_transfer_file: payments::GetTransferFileRequest => payments::TextFile;
        get_reconciliation: payments::GetReconciliationRequest => payments::Reconciliation;
        get_tax_declaration: payments::GetTaxDeclarationRequest => payments::TextFile;
        send_transfers: Empty => payments::SentTransfers;
        import_bank_statement: payments::ImportBankStatementRequest => payments::BankStatement;
        get_bank_statement: payments::GetBankStatementRequest => payments::BankStatement;
        get_trial_balance: Empty => payments::TrialBalance;
        list_ledger_entries: payments::ListLedgerEntriesRequest => payments::LedgerEntryPage;
    }
}
