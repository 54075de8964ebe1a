//! Filling a market through its public API.

use anyhow::Context;
use platform::config::Config;
use platform::rpc::{self, CatalogClient};
use serde_json::{Value, json};

use super::files::{self, SeedShop};
use super::{tours, vouchers};
use crate::api::Api;
use crate::commands::follow_import;

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) {
  session { token } userErrors { code message path } } }";
const SIGN_IN: &str = "mutation($login: String!, $password: String!) {
  signIn(input: {login: $login, password: $password}) { session { token } userErrors { code message } } }";
const OPEN_SHOP: &str = "mutation($input: OpenShopInput!) { openShop(input: $input) {
  shop { id slug status } userErrors { code message path } } }";
const SUBMIT_SHOP: &str = "mutation($id: ID!) { submitShop(input: {shopId: $id}) {
  shop { id status } userErrors { code message } } }";
const APPROVE_SHOP: &str = "mutation($id: ID!) { approveShop(input: {shopId: $id}) {
  shop { id status } userErrors { code message } } }";
const MY_SHOPS: &str = "{ me { shops { nodes { id status } } } }";
const ANY_SHOP: &str = "{ products(first: 1) { nodes { id } } }";

/// The people of a seeded market that its welcome names.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// Login of the first shopkeeper.
    pub shopkeeper: &'static str,
    /// Login of the operator.
    pub operator: &'static str,
    /// Everybody's password.
    pub password: &'static str,
}

/// Who can sign in to a seeded market. Development only: production refuses to be seeded.
pub const fn people() -> People {
    People {
        shopkeeper: "chushop1@chonoi.example",
        operator: "dieuhanh@chonoi.example",
        password: "cho-noi-cai-rang",
    }
}

/// Fills the market unless it has products already.
pub async fn fill_if_empty(config: &Config, url: &str) -> anyhow::Result<()> {
    let found = Api::at(url)?.run(ANY_SHOP, json!({})).await?;
    if found["products"]["nodes"].as_array().is_some_and(|products| !products.is_empty()) {
        return Ok(());
    }
    fill(config, url, None).await
}

/// Fills a market: categories, then each shop with its owner and products. Repeating it changes
/// nothing that is there.
pub async fn fill(
    config: &Config,
    url: &str,
    operator: Option<(String, String)>,
) -> anyhow::Result<()> {
    let api = Api::at(url)?;
    let (email, password) = match operator {
        Some(operator) => operator,
        None => {
            let people = people();
            super::make_operator(config, people.operator, people.password).await?;
            (people.operator.to_owned(), people.password.to_owned())
        }
    };
    let operator = api.with_token(&sign_in(&api, &email, &password).await?);
    put_categories(config, url).await?;
    let shops = files::shops()?;
    let product_files = files::product_files()?;
    let tours = tours::tours()?;
    let vouchers = vouchers::vouchers()?;
    let total = shops.len();
    for (index, shop) in shops.into_iter().enumerate() {
        let number = index + 1;
        let owner = api.with_token(&owner_of(&api, number, &shop).await?);
        let shop_id = open_shop(&owner, &operator, &shop).await?;
        if let Some(file) = product_files.get(&shop.key) {
            let import = follow_import(&owner, &shop_id, Some("CHONOI"), file, false).await?;
            anyhow::ensure!(import["failed"] == 0, "{}: products failed: {import}", shop.key);
        }
        for tour in tours.iter().filter(|tour| tour.shop_key == shop.key) {
            tours::put(&owner, &shop_id, tour).await?;
        }
        for voucher in vouchers.iter().filter(|voucher| voucher.shop_key == shop.key) {
            vouchers::put(&owner, &shop_id, voucher).await?;
        }
        eprint!("\rseeding shop {number} of {total}");
    }
    eprintln!();
    Ok(())
}

async fn put_categories(config: &Config, url: &str) -> anyhow::Result<()> {
    let categories = files::categories()?
        .into_iter()
        .map(|category| proto::catalog::Category {
            slug: category.slug,
            parent_slug: category.parent_slug,
            name: Some(proto::common::LocalizedText { vi: category.name_vi, en: category.name_en }),
            position: category.position,
            ..proto::catalog::Category::default()
        })
        .collect();
    // Categories are the market's own: they are put in by the catalog role, not by the public API.
    let address = match config.links.catalog.as_str() {
        "" => url,
        address => address,
    };
    let catalog = rpc::remote(address, &config.links.token)?;
    CatalogClient::new(catalog).put_categories(proto::catalog::Categories { categories }).await?;
    Ok(())
}

async fn sign_in(api: &Api, login: &str, password: &str) -> anyhow::Result<String> {
    let payload = api.change(SIGN_IN, json!({ "login": login, "password": password })).await?;
    token_of(&payload)
}

fn token_of(payload: &Value) -> anyhow::Result<String> {
    payload["session"]["token"].as_str().map(ToOwned::to_owned).context("no session was given")
}

/// The session of a shop's owner, who signs up when new.
async fn owner_of(api: &Api, number: usize, shop: &SeedShop) -> anyhow::Result<String> {
    let email = format!("chushop{number}@chonoi.example");
    let password = people().password;
    let input = json!({
        "name": shop.owner_name, "email": email, "password": password, "locale": "VI",
        "acceptedTerms": api.terms().await?,
    });
    let payload = api.attempt(SIGN_UP, json!({ "input": input })).await?;
    match payload["userErrors"][0]["code"].as_str() {
        None => token_of(&payload),
        Some("ALREADY_TAKEN") => sign_in(api, &email, password).await,
        Some(_) => anyhow::bail!("{}: sign-up refused: {}", shop.key, payload["userErrors"]),
    }
}

async fn open_shop(owner: &Api, operator: &Api, shop: &SeedShop) -> anyhow::Result<String> {
    let mine = owner.run(MY_SHOPS, json!({})).await?;
    let (id, status) = match mine["me"]["shops"]["nodes"].get(0) {
        Some(found) => (found["id"].clone(), found["status"].clone()),
        None => {
            let input = json!({
                "name": shop.name, "kind": shop.kind, "taxCode": shop.tax_code,
                "wardCode": shop.ward_code, "address": shop.address, "phone": shop.phone,
                "about": { "vi": shop.about_vi, "en": shop.about_en },
                "bankAccount": {
                    "bin": shop.bank_bin, "number": shop.bank_account, "holder": shop.bank_holder,
                },
            });
            let payload = owner
                .change(OPEN_SHOP, json!({ "input": input }))
                .await
                .with_context(|| format!("shop {}", shop.key))?;
            (payload["shop"]["id"].clone(), payload["shop"]["status"].clone())
        }
    };
    if status == "DRAFT" {
        owner.change(SUBMIT_SHOP, json!({ "id": id })).await?;
    }
    if status == "DRAFT" || status == "SUBMITTED" {
        operator.change(APPROVE_SHOP, json!({ "id": id })).await?;
    }
    id.as_str().map(ToOwned::to_owned).context("the shop has no id")
}
