//! A small market: two shops, three people, and as many products as asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use graphql::{Gateway, GatewayParts, GatewaySettings};
use kernel::{OrderId, PaymentId, ProductId, ShopId, UserId, VariantId};
use platform::cache::Cache;
use platform::calendar_links::CalendarLinks;
use platform::limits::RateLimiter;
use platform::rpc::{self, AccountsClient, CatalogClient, OrdersClient, PaymentsClient};
use proto::accounts::accounts_server::AccountsServer;
use proto::accounts::{
    Actor, AuthenticateRequest, Bank, Banks, GetShopsRequest, Membership, Shop, ShopKind, ShopRole,
    ShopStatus, Shops, User, Ward, Wards,
};
use proto::catalog::catalog_server::CatalogServer;
use proto::catalog::{
    Categories, Category, GetProductsRequest, ListProductsRequest, Product, ProductKind,
    ProductPage, Products, Variant,
};
use proto::common::{Empty, LocalizedText, Money, PageInfo};
use proto::events::Event;
use proto::orders::orders_server::OrdersServer;
use proto::payments::payments_server::PaymentsServer;
use tokio::sync::broadcast;
use tonic::Status;
use uuid::Uuid;

use super::fake::Fake;

/// Number of the first shop; its member is "a".
pub const SHOP_A: u128 = 1;
/// Number of the second shop; its member is "b".
pub const SHOP_B: u128 = 2;

/// The services of a test, and the gateway over them.
pub struct Market {
    pub accounts: Fake,
    pub catalog: Fake,
    pub orders: Fake,
    pub payments: Fake,
    pub events: broadcast::Sender<Event>,
    pub settings: GatewaySettings,
}

impl Market {
    /// A market in which one can look around.
    pub fn new() -> Self {
        let settings = GatewaySettings {
            introspection: true,
            explorer: false,
            public_url: "https://chonoi.example".to_owned(),
            trust_forwarded: false,
            requests_per_minute: 0,
            calendars: CalendarLinks::new(b"of the test".to_vec()),
        };
        let market = Self {
            accounts: Fake::default(),
            catalog: Fake::default(),
            orders: Fake::default(),
            payments: Fake::default(),
            events: broadcast::channel(16).0,
            settings,
        };
        market.answer_accounts();
        market.answer_catalog();
        market
    }

    /// The routes of a new gateway over these services.
    pub fn routes(&self) -> Router {
        self.routes_with(CatalogClient::new(rpc::local(CatalogServer::new(self.catalog.clone()))))
    }

    /// The same with another catalog.
    pub fn routes_with(&self, catalog: CatalogClient) -> Router {
        Gateway::new(GatewayParts {
            accounts: AccountsClient::new(rpc::local(AccountsServer::new(self.accounts.clone()))),
            catalog,
            orders: OrdersClient::new(rpc::local(OrdersServer::new(self.orders.clone()))),
            payments: PaymentsClient::new(rpc::local(PaymentsServer::new(self.payments.clone()))),
            events: self.events.clone(),
            cache: Cache::in_process(1024 * 1024, Duration::from_secs(60)),
            limiter: Arc::new(RateLimiter::in_process()),
            settings: self.settings.clone(),
        })
        .routes()
    }

    fn answer_accounts(&self) {
        self.accounts.on("authenticate", |request: AuthenticateRequest| user_of(&request.token));
        self.accounts.on("get_shops", |request: GetShopsRequest| {
            let known = [SHOP_A, SHOP_B].map(shop);
            let shops = known.into_iter().filter(|shop| request.ids.contains(&shop.id)).collect();
            Ok(Shops { shops })
        });
        self.accounts.on("list_wards", |_: Empty| {
            let ward = Ward {
                code: "31120".to_owned(),
                name: "Phường Ninh Kiều".to_owned(),
                name_en: "Ninh Kieu Ward".to_owned(),
            };
            Ok(Wards { wards: vec![ward] })
        });
        self.accounts.on("list_banks", |_: Empty| {
            let bank = Bank {
                bin: "970436".to_owned(),
                short_name: "Vietcombank".to_owned(),
                name: "Ngân hàng TMCP Ngoại thương Việt Nam".to_owned(),
            };
            Ok(Banks { banks: vec![bank] })
        });
    }

    fn answer_catalog(&self) {
        self.catalog.on("list_products", |request: ListProductsRequest| {
            let count = request.page.map_or(20, |page| page.first);
            let products: Vec<_> = products().take(count as usize).collect();
            let cursors =
                products.iter().map(|product| format!("behind {}", product.slug)).collect();
            Ok(ProductPage {
                products,
                page: Some(PageInfo { has_next: true, cursors, total: -1 }),
            })
        });
        self.catalog.on("get_products", |request: GetProductsRequest| {
            let known = products().take(100);
            let products = known.filter(|product| request.ids.contains(&product.id)).collect();
            Ok(Products { products })
        });
        self.catalog.on("list_categories", |_: Empty| {
            let category = |slug: &str, parent: &str, vi: &str, en: &str, position| Category {
                id: format!("cat_{slug}"),
                slug: slug.to_owned(),
                parent_slug: parent.to_owned(),
                name: Some(text(vi, en)),
                position,
            };
            let categories = vec![
                category("xoai", "trai-cay", "Xoài", "Mangoes", 3),
                category("trai-cay", "", "Trái cây", "Fruit", 1),
                category("banh", "", "Bánh", "Cakes", 2),
            ];
            Ok(Categories { categories })
        });
    }
}

/// Who a token belongs to: "buyer" and "other-buyer", "a" and "b" (owners of the shops), "operator"; "a-staff" and
/// "b-staff" work for the shops, and "a-long-ago" is an owner in a session that was begun long ago.
pub fn user_of(token: &str) -> Result<Actor, Status> {
    let (number, shop_number, operator) = match token {
        "buyer" => (1, None, false),
        "a" | "a-long-ago" => (2, Some(SHOP_A), false),
        "a-staff" => (5, Some(SHOP_A), false),
        "b-staff" => (6, Some(SHOP_B), false),
        "other-buyer" => (7, None, false),
        "b" => (3, Some(SHOP_B), false),
        "operator" => (4, None, true),
        _ => return Err(Status::unauthenticated("there is no such session")),
    };
    let user = User {
        id: UserId::from_uuid(Uuid::from_u128(number)).to_string(),
        name: token.to_owned(),
        locale: "vi".to_owned(),
        operator,
        ..User::default()
    };
    let role = if token.ends_with("-staff") { ShopRole::Staff } else { ShopRole::Owner };
    let memberships =
        shop_number.map(|number| Membership { shop_id: shop(number).id, role: role.into() });
    Ok(Actor {
        user: Some(user),
        memberships: memberships.into_iter().collect(),
        signed_in_lately: token != "a-long-ago",
    })
}

/// A shop by its number.
pub fn shop(number: u128) -> Shop {
    Shop {
        id: ShopId::from_uuid(Uuid::from_u128(number)).to_string(),
        slug: format!("shop-{number}"),
        name: format!("Shop {number}"),
        kind: ShopKind::Household.into(),
        status: ShopStatus::Approved.into(),
        ward_code: "31120".to_owned(),
        ..Shop::default()
    }
}

/// Products of both shops in turn, without end.
pub fn products() -> impl Iterator<Item = Product> {
    (1..).map(|number: u128| Product {
        id: ProductId::from_uuid(Uuid::from_u128(number)).to_string(),
        shop_id: shop(1 + number % 2).id,
        slug: format!("product-{number}"),
        kind: ProductKind::Goods.into(),
        title: Some(text(&format!("Xoài {number}"), &format!("Mango {number}"))),
        description: Some(text("Ngọt", "")),
        category_slug: "xoai".to_owned(),
        unit: "kg".to_owned(),
        option_names: vec!["Cỡ".to_owned()],
        variants: vec![Variant {
            id: VariantId::from_uuid(Uuid::from_u128(number)).to_string(),
            sku: format!("SKU-{number}"),
            price: Some(vnd(25_000)),
            stock: 10,
            held: 3,
            option_values: vec!["Lớn".to_owned()],
            ..Variant::default()
        }],
        published: true,
        visible: true,
        ..Product::default()
    })
}

/// An amount of whole đồng.
pub fn vnd(minor: i64) -> Money {
    Money { minor, currency: "VND".to_owned() }
}

/// A text in both languages.
pub fn text(vi: &str, en: &str) -> LocalizedText {
    LocalizedText { vi: vi.to_owned(), en: en.to_owned() }
}

/// Id of an order by its number.
pub fn order_id(number: u128) -> String {
    OrderId::from_uuid(Uuid::from_u128(number)).to_string()
}

/// Id of a payment by its number.
pub fn payment_id(number: u128) -> String {
    PaymentId::from_uuid(Uuid::from_u128(number)).to_string()
}
