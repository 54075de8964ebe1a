//! Reads of the same kind, gathered: a list of twenty products asks for their shops once.

mod batch;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient, PaymentsClient};
use proto::accounts::{GetShopsRequest, GetUsersRequest, Shop, User};
use proto::catalog::{GetProductsRequest, Product};
use proto::orders::{GetOrdersRequest, Order};
use proto::payments::{GetPaymentsRequest, Payment};
use tonic::Status;

pub use batch::Batch;

use crate::caller::Session;
use crate::gateway::Inner;

type Found<T> = BoxFuture<'static, Result<Vec<(String, T)>, Status>>;

/// The loaders of one request. What was read once in a request is not read again.
pub struct Loaders {
    /// Shops by id, whatever their status.
    pub shops: Batch<Shop>,
    /// Visible products by id.
    pub products: Batch<Product>,
    /// People by id.
    pub users: Batch<User>,
    /// Payments by id.
    pub payments: Batch<Payment>,
    /// Orders by id, as far as the session may see them.
    pub orders: Batch<Order>,
}

impl Loaders {
    /// Fresh loaders for a request.
    pub fn new(gateway: &Inner, session: &Arc<Session>) -> Self {
        let (accounts, catalog) = (gateway.accounts.clone(), gateway.catalog.clone());
        let (users, payments) = (gateway.accounts.clone(), gateway.payments.clone());
        let (orders, sessions) = (gateway.orders.clone(), gateway.accounts.clone());
        let session = Arc::clone(session);
        Self {
            shops: Batch::new(move |ids| shops(accounts.clone(), ids)),
            products: Batch::new(move |ids| products(catalog.clone(), ids)),
            users: Batch::new(move |ids| people(users.clone(), ids)),
            payments: Batch::new(move |ids| payments_of(payments.clone(), ids)),
            orders: Batch::new(move |ids| {
                orders_of(orders.clone(), sessions.clone(), Arc::clone(&session), ids)
            }),
        }
    }

    /// Forgets what was read, so that it is read afresh.
    pub fn forget(&self) {
        self.shops.forget();
        self.products.forget();
        self.users.forget();
        self.payments.forget();
        self.orders.forget();
    }
}

fn shops(mut accounts: AccountsClient, ids: Vec<String>) -> Found<Shop> {
    Box::pin(async move {
        let found = accounts.get_shops(GetShopsRequest { ids }).await?.into_inner().shops;
        Ok(found.into_iter().map(|shop| (shop.id.clone(), shop)).collect())
    })
}

fn products(mut catalog: CatalogClient, ids: Vec<String>) -> Found<Product> {
    Box::pin(async move {
        let request = GetProductsRequest { ids, hidden_too: false };
        let found = catalog.get_products(request).await?.into_inner().products;
        Ok(found.into_iter().map(|product| (product.id.clone(), product)).collect())
    })
}

fn people(mut accounts: AccountsClient, ids: Vec<String>) -> Found<User> {
    Box::pin(async move {
        let found = accounts.get_users(GetUsersRequest { ids }).await?.into_inner().users;
        Ok(found.into_iter().map(|user| (user.id.clone(), user)).collect())
    })
}

fn payments_of(mut client: PaymentsClient, ids: Vec<String>) -> Found<Payment> {
    Box::pin(async move {
        let found = client.get_payments(GetPaymentsRequest { ids }).await?.into_inner().payments;
        Ok(found.into_iter().map(|payment| (payment.id.clone(), payment)).collect())
    })
}

/// Orders that the session may see: its own, those of its shops, all for an operator.
fn orders_of(
    mut orders: OrdersClient,
    accounts: AccountsClient,
    session: Arc<Session>,
    ids: Vec<String>,
) -> Found<Order> {
    Box::pin(async move {
        let Some(actor) = session.actor(&accounts).await? else { return Ok(Vec::new()) };
        let request = GetOrdersRequest {
            ids,
            numbers: Vec::new(),
            buyer_id: actor.user.id.clone(),
            shop_ids: actor.shop_ids(),
            operator: actor.is_operator(),
        };
        let found = orders.get_orders(request).await?.into_inner().orders;
        Ok(found.into_iter().map(|order| (order.id.clone(), order)).collect())
    })
}
