//! What every page has around its content: words, language, who is signed in, how full the cart is.

use serde::Deserialize;
use serde_json::json;

use crate::assets;
use crate::{AppState, PageResult, Texts, Visitor};

/// Around every page.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// The words.
    pub t: Texts,
    /// Name of who is signed in.
    pub person: Option<String>,
    /// Whether that is an operator.
    pub operator: bool,
    /// How many pieces the cart holds.
    pub cart_count: i64,
    /// What the last form had to say.
    pub notice: Option<String>,
    /// Path of the page, for the way back after changing the language.
    pub path: String,
    /// What stands in the search field.
    pub query: String,
    /// Address of the stylesheet.
    pub stylesheet: String,
    /// Addresses of the scripts.
    pub scripts: [String; 2],
    /// Address of the picture in the browser's tab.
    pub icon: String,
}

#[derive(Debug, Deserialize)]
struct Around {
    me: Option<Person>,
    #[serde(default)]
    cart: Option<CartSize>,
}

#[derive(Debug, Deserialize)]
struct Person {
    name: String,
    operator: bool,
}

#[derive(Debug, Deserialize)]
struct CartSize {
    lines: Vec<LineSize>,
}

#[derive(Debug, Deserialize)]
struct LineSize {
    quantity: i64,
}

const WITH_CART: &str = "query($id: ID!, $token: String!) {
  me { name operator } cart(id: $id, token: $token) { lines { quantity } } }";
const WITHOUT_CART: &str = "{ me { name operator } }";

impl Chrome {
    /// Asks what stands around the page. A visitor without session and cart costs no question.
    pub async fn of(state: &AppState, visitor: &Visitor) -> PageResult<Self> {
        let around = match (&visitor.cart, &visitor.session) {
            (None, None) => Around { me: None, cart: None },
            (Some(cart), _) => {
                let variables = json!({ "id": cart.id, "token": cart.token });
                state.graphql.query(visitor, WITH_CART, variables).await?
            }
            (None, Some(_)) => state.graphql.query(visitor, WITHOUT_CART, json!({})).await?,
        };
        let lines = around.cart.map(|cart| cart.lines).unwrap_or_default();
        Ok(Self {
            t: visitor.texts(),
            operator: around.me.as_ref().is_some_and(|person| person.operator),
            person: around.me.map(|person| person.name),
            cart_count: lines.iter().map(|line| line.quantity).sum(),
            notice: visitor.notice.as_deref().map(|key| visitor.texts().say(key).to_owned()),
            path: visitor.path.clone(),
            query: String::new(),
            stylesheet: assets::address("chonoi.css"),
            scripts: [assets::address("htmx.min.js"), assets::address("chonoi.js")],
            icon: assets::address("icon.svg"),
        })
    }
}
