//! What bounds a GraphQL answer: the same answer by async-graphql from memory, and by a bare route.

use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};
use async_graphql_axum::GraphQL;
use axum::Router;
use axum::routing::{get, post_service};
use serde::Deserialize;
use serde_json::Value;

/// A product as the benchmarks ask for it.
#[derive(Clone, Debug, Deserialize, SimpleObject)]
struct Product {
    id: String,
    slug: String,
    title: String,
    unit: String,
    shop: Shop,
    variants: Vec<Variant>,
}

#[derive(Clone, Debug, Deserialize, SimpleObject)]
struct Shop {
    name: String,
    slug: String,
}

#[derive(Clone, Debug, Deserialize, SimpleObject)]
struct Variant {
    id: String,
    available: i64,
    price: Money,
}

#[derive(Clone, Debug, Deserialize, SimpleObject)]
struct Money {
    amount: String,
    formatted: String,
}

struct Query {
    products: Products,
    product: Product,
}

#[derive(SimpleObject)]
struct Products {
    nodes: Vec<Product>,
}

#[Object]
impl Query {
    async fn products(&self, first: i32, after: Option<String>) -> &Products {
        let _ = (first, after);
        &self.products
    }

    async fn product(&self, slug: String) -> Option<&Product> {
        (slug == self.product.slug).then_some(&self.product)
    }
}

/// A server with answers from memory.
pub struct Baseline {
    url: String,
}

impl Baseline {
    /// Serves what the market answered.
    pub async fn start(list: &Value, one: &Value) -> anyhow::Result<Self> {
        let query = Query {
            products: Products { nodes: serde_json::from_value(list.clone())? },
            product: serde_json::from_value(one.clone())?,
        };
        let text = Arc::new(list.clone());
        let schema = Schema::new(query, EmptyMutation, EmptySubscription);
        let app = Router::new()
            .route("/graphql", post_service(GraphQL::new(schema)))
            .route("/bare", get(move || async move { axum::Json(text.as_ref().clone()) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url })
    }

    /// Its address: async-graphql from memory at `/graphql`, serialising alone at `/bare`.
    pub fn url(&self) -> &str {
        &self.url
    }
}
