//! Reads of the same kind, gathered: a list of twenty products asks for their shops once.

mod batch;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use platform::rpc::{AccountsClient, CatalogClient, OrdersClient, PaymentsClient};
use proto::accounts::{GetShopsRequest, GetUsersRequest, Shop, User};
use proto::bookings::{GetTicketsRequest, Ticket};
use proto::catalog::{GetProductsRequest, Product};
use proto::orders::{GetOrdersRequest, Order};
use proto::payments::{
    CreditSuggestions, GetPaymentsRequest, ListResellerDebtsRequest, Payment, ResellerDebt,
    SuggestPaymentsRequest,
};
use proto::tours::{Departure, GetDeparturesRequest, GetToursRequest, Tour};
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
    /// Tours by their product's id, hidden ones too: reached only from a product that is seen.
    pub tours: Batch<Tour>,
    /// Departures by id, hidden ones too: who shows one checks whether it may be seen.
    pub departures: Batch<Departure>,
    /// Tickets by their order's id, as far as the session may see them.
    pub tickets: Batch<Vec<Ticket>>,
    /// Tickets by their checkout's id and a token that may open it, parted by a space.
    pub tickets_of_checkout: Batch<Vec<Ticket>>,
    /// What bank credits that wait may be for, by the credit's id.
    pub suggestions: Batch<CreditSuggestions>,
    /// What resellers owe, by their ids.
    pub debts: Batch<ResellerDebt>,
}

impl Loaders {
    /// Fresh loaders for a request.
    pub fn new(gateway: &Inner, session: &Arc<Session>) -> Self {
        let (accounts, catalog) = (gateway.accounts.clone(), gateway.catalog.clone());
        let (users, payments) = (gateway.accounts.clone(), gateway.payments.clone());
        let (orders, sessions) = (gateway.orders.clone(), gateway.accounts.clone());
        let (tours, departures) = (gateway.catalog.clone(), gateway.catalog.clone());
        let tickets = TicketReader {
            orders: gateway.orders.clone(),
            accounts: gateway.accounts.clone(),
            session: Arc::clone(session),
        };
        let checkout_tickets = tickets.clone();
        let session = Arc::clone(session);
        let (suggesting, owed) = (gateway.payments.clone(), gateway.payments.clone());
        Self {
            tours: Batch::new(move |ids| tours_of(tours.clone(), ids)),
            departures: Batch::new(move |ids| departures_of(departures.clone(), ids)),
            tickets: Batch::new(move |ids| Box::pin(tickets.clone().of_orders(ids))),
            tickets_of_checkout: Batch::new(move |keys| {
                Box::pin(checkout_tickets.clone().of_checkouts(keys))
            }),
            shops: Batch::new(move |ids| shops(accounts.clone(), ids)),
            products: Batch::new(move |ids| products(catalog.clone(), ids)),
            users: Batch::new(move |ids| people(users.clone(), ids)),
            payments: Batch::new(move |ids| payments_of(payments.clone(), ids)),
            suggestions: Batch::new(move |ids| suggestions_of(suggesting.clone(), ids)),
            debts: Batch::new(move |ids| debts_of(owed.clone(), ids)),
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
        self.tours.forget();
        self.departures.forget();
        self.tickets.forget();
        self.tickets_of_checkout.forget();
        self.suggestions.forget();
        self.debts.forget();
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

fn suggestions_of(mut client: PaymentsClient, credit_ids: Vec<String>) -> Found<CreditSuggestions> {
    Box::pin(async move {
        let request = SuggestPaymentsRequest { credit_ids };
        let found = client.suggest_payments(request).await?.into_inner().credits;
        Ok(found.into_iter().map(|credit| (credit.credit_id.clone(), credit)).collect())
    })
}

fn debts_of(mut client: PaymentsClient, reseller_ids: Vec<String>) -> Found<ResellerDebt> {
    Box::pin(async move {
        let request = ListResellerDebtsRequest { reseller_ids, page: None };
        let found = client.list_reseller_debts(request).await?.into_inner().debts;
        Ok(found.into_iter().map(|debt| (debt.reseller_id.clone(), debt)).collect())
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

fn tours_of(mut catalog: CatalogClient, product_ids: Vec<String>) -> Found<Tour> {
    Box::pin(async move {
        let request = GetToursRequest { product_ids, hidden_too: true };
        let found = catalog.get_tours(request).await?.into_inner().tours;
        Ok(found.into_iter().map(|tour| (tour.product_id.clone(), tour)).collect())
    })
}

fn departures_of(mut catalog: CatalogClient, ids: Vec<String>) -> Found<Departure> {
    Box::pin(async move {
        let request = GetDeparturesRequest { ids };
        let found = catalog.get_departures(request).await?.into_inner().departures;
        Ok(found.into_iter().map(|departure| (departure.id.clone(), departure)).collect())
    })
}

/// Reads tickets in the session's name.
#[derive(Clone)]
struct TicketReader {
    orders: OrdersClient,
    accounts: AccountsClient,
    session: Arc<Session>,
}

impl TicketReader {
    async fn of_orders(
        mut self,
        order_ids: Vec<String>,
    ) -> Result<Vec<(String, Vec<Ticket>)>, Status> {
        let request = GetTicketsRequest { order_ids: order_ids.clone(), ..self.request().await? };
        let tickets = self.orders.get_tickets(request).await?.into_inner().tickets;
        let mut by_order: Vec<_> = order_ids.into_iter().map(|id| (id, Vec::new())).collect();
        for ticket in tickets {
            if let Some((_, own)) = by_order.iter_mut().find(|(id, _)| *id == ticket.order_id) {
                own.push(ticket);
            }
        }
        Ok(by_order)
    }

    /// A request shows one checkout, or a few: each has a token of its own and is asked for by itself.
    async fn of_checkouts(
        mut self,
        keys: Vec<String>,
    ) -> Result<Vec<(String, Vec<Ticket>)>, Status> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let (checkout_id, token) = key.split_once(' ').unwrap_or((&key, ""));
            let request = GetTicketsRequest {
                checkout_id: checkout_id.to_owned(),
                token: token.to_owned(),
                ..self.request().await?
            };
            let tickets = self.orders.get_tickets(request).await?.into_inner().tickets;
            found.push((key, tickets));
        }
        Ok(found)
    }

    /// A request with what the session may see.
    async fn request(&self) -> Result<GetTicketsRequest, Status> {
        let actor = self.session.actor(&self.accounts).await?;
        Ok(actor.map_or_else(GetTicketsRequest::default, |actor| GetTicketsRequest {
            buyer_id: actor.user.id.clone(),
            shop_ids: actor.shop_ids(),
            operator: actor.is_operator(),
            ..GetTicketsRequest::default()
        }))
    }
}
