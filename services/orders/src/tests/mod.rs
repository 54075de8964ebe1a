//! Orders as a whole, on both databases, with catalog and payments as fakes that fail on demand.

mod bookings;
mod bought;
mod cancellations;
mod carts;
mod clocks;
mod crashes;
mod departures;
mod destinations;
mod doctor;
mod events;
mod extending;
mod fakes;
mod figures;
mod mails;
mod members;
mod postponing;
mod reopened;
mod returns;
mod saga;
mod shop_letters;
mod tickets;
mod unsold;
mod upload_histories;
mod voucher_races;
mod vouchers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kernel::{Clock, EventId, ManualClock, ShopId, Timestamp};
use platform::consumer::{Consumer, deliver};
use platform::database::Database;
use platform::ids;
use platform::mail::Mailing;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient, PaymentsClient, local};
use prost::Message;
use proto::catalog::HoldStatus;
use proto::common::{Empty, RefusalCode};
use proto::events::Event;
use proto::events::event::Body;
use proto::orders::{
    AddCartLineRequest, CancelCheckoutRequest, Cart, CartKey, Checkout, CheckoutStatus, Contact,
    Delivery, DeliveryMethod, ExtendCheckoutRequest, GetCheckoutRequest, OrderStatus, PayWith,
    StartCheckoutRequest,
};
use proto::payments::{Payment, PaymentStatus};
use proto::refusals_of;
use sea_orm::{ConnectionTrait, Statement};
use tonic::{Code, Status};

use crate::consumers::{HoldsRefused, PaymentsHeard};
use crate::{Orders, OrdersParts, sweeps};
use fakes::{Outside, Owners};
use mails::{PAGES, Post};

/// How long a shopper has to pay.
const TO_PAY: Duration = Duration::from_secs(15 * 60);
/// How long what happened to a shop's orders is gathered.
const GATHERED: Duration = Duration::from_secs(3 * 60);
/// After so long the sweeper takes a checkout for interrupted.
const INTERRUPTED: Duration = Duration::from_secs(16);

/// Orders with all that is around it.
#[derive(Clone)]
struct Bench {
    orders: Orders,
    client: OrdersClient,
    outside: Outside,
    owners: Owners,
    post: Post,
    clock: ManualClock,
    database: Database,
    heard: Arc<AtomicUsize>,
}

impl Bench {
    fn on(database: Database) -> Self {
        let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let (outside, owners) = (Outside::new(clock.clone()), Owners::default());
        let post = Post::default();
        let orders = Orders::new(OrdersParts {
            database: database.clone(),
            clock: Arc::new(clock.clone()),
            catalog: CatalogClient::new(local(outside.catalog())),
            payments: PaymentsClient::new(local(outside.payments())),
            accounts: Some(AccountsClient::new(local(owners.server()))),
            secret: b"secret of tests".to_vec(),
            payment_lifetime: TO_PAY,
            return_days: 7,
            mailing: Some(Mailing { mailer: Arc::new(post.clone()), pages: PAGES.to_owned() }),
            shop_letters_after: GATHERED,
        });
        let client = OrdersClient::new(local(orders.server()));
        Self { orders, client, outside, owners, post, clock, database, heard: Arc::default() }
    }

    /// An offer of a new shop.
    fn offer(&self, price: i64, available: i64) -> String {
        self.outside.offer(ids::new::<ShopId>(), "Xoài cát Hòa Lộc", price, available)
    }

    async fn new_cart(&self) -> CartKey {
        let cart = self.client.clone().create_cart(Empty {}).await.unwrap().into_inner();
        CartKey { cart_id: cart.id, token: cart.token }
    }

    async fn add(&self, cart: &CartKey, variant: &str, quantity: i64) -> Result<Cart, Status> {
        self.claim(cart, variant, quantity, "").await
    }

    /// Adds what a waiting list's offer keeps for who has its token.
    async fn claim(
        &self,
        cart: &CartKey,
        variant: &str,
        quantity: i64,
        token: &str,
    ) -> Result<Cart, Status> {
        let request = AddCartLineRequest {
            cart: Some(cart.clone()),
            variant_id: variant.to_owned(),
            quantity,
            claim_token: token.to_owned(),
        };
        Ok(self.client.clone().add_cart_line(request).await?.into_inner())
    }

    async fn show(&self, cart: &CartKey) -> Result<Cart, Status> {
        Ok(self.client.clone().get_cart(cart.clone()).await?.into_inner())
    }

    async fn cart_of(&self, lines: &[(&str, i64)]) -> CartKey {
        let cart = self.new_cart().await;
        for (variant, quantity) in lines {
            self.add(&cart, variant, *quantity).await.unwrap();
        }
        cart
    }

    async fn start(&self, request: &StartCheckoutRequest) -> Result<Checkout, Status> {
        Ok(self.client.clone().start_checkout(request.clone()).await?.into_inner())
    }

    /// A checkout that is awaiting its payment.
    async fn awaiting(&self, lines: &[(&str, i64)]) -> Checkout {
        let cart = self.cart_of(lines).await;
        let checkout = self.start(&request_for(&cart)).await.unwrap();
        assert_eq!(checkout.status(), CheckoutStatus::AwaitingPayment);
        checkout
    }

    async fn cancel(&self, checkout: &Checkout) -> Result<Checkout, Status> {
        let request = CancelCheckoutRequest {
            checkout_id: checkout.id.clone(),
            token: checkout.token.clone(),
            buyer_id: String::new(),
        };
        Ok(self.client.clone().cancel_checkout(request).await?.into_inner())
    }

    /// The shopper says that the transfer is on its way.
    async fn extend_checkout(&self, checkout: &Checkout) -> Result<Checkout, Status> {
        let request = ExtendCheckoutRequest {
            checkout_id: checkout.id.clone(),
            token: checkout.token.clone(),
            buyer_id: String::new(),
        };
        Ok(self.client.clone().extend_checkout(request).await?.into_inner())
    }

    /// A checkout as it is now.
    async fn look(&self, id: &str) -> Checkout {
        let request = GetCheckoutRequest {
            checkout_id: id.to_owned(),
            operator: true,
            ..GetCheckoutRequest::default()
        };
        self.client.clone().get_checkout(request).await.unwrap().into_inner()
    }

    /// Where a checkout and its orders stand.
    async fn status(&self, id: &str) -> (CheckoutStatus, Vec<OrderStatus>) {
        let checkout = self.look(id).await;
        (checkout.status(), checkout.orders.iter().map(|order| order.status()).collect())
    }

    /// The checkouts of a cart, oldest first.
    async fn checkouts_of(&self, cart: &CartKey) -> Vec<Checkout> {
        let question = format!(
            "SELECT id FROM checkouts WHERE cart_id = {} ORDER BY id",
            self.literal(cart.cart_id.parse::<kernel::CartId>().unwrap().uuid())
        );
        let mut found = Vec::new();
        for row in self.rows(question).await {
            let id = kernel::CheckoutId::from_uuid(row.try_get_by_index(0).unwrap());
            found.push(self.look(&id.to_string()).await);
        }
        found
    }

    /// What payments or catalog tell arrives, as events of its own.
    async fn hear(&self, bodies: &[Body]) {
        let consumers: [Arc<dyn Consumer>; 2] = [
            Arc::new(PaymentsHeard(self.orders.clone())),
            Arc::new(HoldsRefused(self.orders.clone())),
        ];
        let events: Vec<Event> = bodies.iter().cloned().map(event).collect();
        for consumer in consumers {
            deliver(&*consumer, self.clock.now(), &events).await.unwrap();
        }
        assert!(self.rows("SELECT error FROM dead_letters".to_owned()).await.is_empty());
    }

    async fn sweep(&self) {
        sweeps::sweep(&self.orders).await.unwrap();
    }

    /// Every sweeper once.
    async fn sweep_all(&self) {
        self.sweep().await;
        sweeps::sweep_cancellations(&self.orders).await.unwrap();
        sweeps::sweep_returns(&self.orders).await.unwrap();
        sweeps::sweep_reopened(&self.orders).await.unwrap();
        sweeps::sweep_departures(&self.orders).await.unwrap();
        sweeps::sweep_bookings(&self.orders).await.unwrap();
        sweeps::sweep_unsold(&self.orders).await.unwrap();
    }

    /// What orders told of checkouts so far.
    async fn announced(&self) -> Vec<(String, CheckoutStatus)> {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq".to_owned()).await;
        let told = rows.into_iter().filter_map(|row| {
            let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
            match Event::decode(payload.as_slice()).unwrap().body.unwrap() {
                Body::CheckoutChanged(said) => Some((said.checkout_id.clone(), said.status())),
                Body::OrderFulfilled(_)
                | Body::OrderCancelled(_)
                | Body::ReturnChanged(_)
                | Body::NoticeGiven(_)
                | Body::CheckoutForgotten(_)
                | Body::ResellerInvoiced(_) => None,
                other => panic!("orders tells {other:?}"),
            }
        });
        told.collect()
    }

    /// What orders told of one checkout.
    async fn told_of(&self, id: &str) -> Vec<CheckoutStatus> {
        let told = self.announced().await.into_iter();
        told.filter(|(checkout, _)| checkout == id).map(|(_, status)| status).collect()
    }

    /// Catalog hears what orders told since it heard the last time.
    async fn relay(&self) {
        let told = self.announced().await;
        let heard = self.heard.swap(told.len(), Ordering::SeqCst);
        for (checkout, status) in &told[heard..] {
            self.outside.hear(checkout, *status);
        }
    }

    /// After everybody heard everything: no hold and no payment is left over, every order is worth
    /// what is asked for it, and the doctor finds nothing.
    async fn assert_sound(&self) {
        self.relay().await;
        let mut holds = self.outside.holds();
        holds.retain(|reference, _| reference.starts_with("chk_"));
        let payments = self.outside.all_payments();
        // What is to be paid again stays sold; what nobody paid again came back piece by piece.
        let reopened = |reference: &str| {
            payments.iter().any(|one| one.checkout_id == reference && one.reopened_at != 0)
        };
        for (reference, hold) in &holds {
            let checkout = self.look(reference).await;
            let wanted: &[HoldStatus] = match checkout.status() {
                _ if reopened(reference) => &[HoldStatus::Committed],
                CheckoutStatus::AwaitingPayment => &[HoldStatus::Held],
                CheckoutStatus::Paid => &[HoldStatus::Committed],
                CheckoutStatus::Starting => &[],
                _ => &[HoldStatus::Released],
            };
            assert!(wanted.contains(hold), "{hold:?} for {checkout:?}");
        }
        for payment in &payments {
            let checkout = self.look(&payment.checkout_id).await;
            let wanted: &[PaymentStatus] = match checkout.status() {
                CheckoutStatus::AwaitingPayment => &[PaymentStatus::Pending],
                CheckoutStatus::Paid => &[PaymentStatus::Succeeded],
                CheckoutStatus::Starting => &[],
                _ => &[PaymentStatus::Expired, PaymentStatus::Cancelled],
            };
            assert!(wanted.contains(&payment.status()), "{payment:?} for {checkout:?}");
            assert!(holds.contains_key(&payment.checkout_id));
            assert_asks_for_its_orders(payment, &checkout);
        }
        let found = crate::doctor(&self.database, self.clock.now()).await.unwrap();
        assert_eq!(found, Vec::<String>::new());
    }

    async fn rows(&self, question: String) -> Vec<sea_orm::QueryResult> {
        let statement = Statement::from_string(self.database.backend(), question);
        self.database.reader().query_all_raw(statement).await.unwrap()
    }

    async fn write(&self, statement: &str) {
        self.database.writer().execute_unprepared(statement).await.unwrap();
    }

    /// An id as it is written in SQL.
    fn literal(&self, id: uuid::Uuid) -> String {
        match self.database.backend() {
            sea_orm::DbBackend::Sqlite => format!("x'{}'", id.simple()),
            _ => format!("'{id}'"),
        }
    }
}

/// A checkout that has its payment has the sum of its orders to pay, each shop's part apart.
fn assert_asks_for_its_orders(payment: &Payment, checkout: &Checkout) {
    if checkout.payment_id.is_empty() {
        return;
    }
    assert_eq!((&payment.id, &payment.amount), (&checkout.payment_id, &checkout.total));
    let asked: BTreeMap<_, _> = payment
        .allocations
        .iter()
        .map(|part| ((&part.order_id, &part.shop_id), part.amount.as_ref()))
        .collect();
    let sold: BTreeMap<_, _> = checkout
        .orders
        .iter()
        .map(|order| ((&order.id, &order.shop_id), order.total.as_ref()))
        .collect();
    assert_eq!(asked, sold);
}

/// An event with an id of its own.
fn event(body: Body) -> Event {
    let id = ids::new::<EventId>().to_string();
    Event { id, occurred_at: 0, aggregate_id: "x".to_owned(), body: Some(body) }
}

/// A guest's request to check a cart out, by bank transfer.
fn request_for(cart: &CartKey) -> StartCheckoutRequest {
    StartCheckoutRequest {
        cart: Some(cart.clone()),
        buyer_id: String::new(),
        locale: "vi".to_owned(),
        contact: Some(Contact {
            name: "Lê Thị Sáu".to_owned(),
            phone: "0912 345 678".to_owned(),
            email: String::new(),
        }),
        delivery: Some(Delivery {
            method: DeliveryMethod::Ship.into(),
            ward_code: "31135".to_owned(),
            address: "12 Hai Bà Trưng".to_owned(),
            note: String::new(),
        }),
        pay_with: PayWith::Vietqr.into(),
        idempotency_key: "khoa-so-1".to_owned(),
    }
}

/// What was refused.
fn codes<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<RefusalCode> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    refusals_of(&status).unwrap().iter().map(|refusal| refusal.code()).collect()
}
