//! `chonoi import-products`: a product file into a shop, through the public API.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use crate::api::Api;
use crate::arguments::{Format, ImportProducts};

/// The upload, and the question how far it is.
pub const IMPORT: &str =
    "mutation($shopId: ID!, $format: ImportFormat, $file: Upload!, $dryRun: Boolean!) {
  importProducts(input: {shopId: $shopId, format: $format, file: $file, dryRun: $dryRun}) {
    import { id status total done created updated unchanged failed }
    userErrors { code message path }
  } }";
const PROGRESS: &str = "query($shopId: ID!, $id: ID!) { me { shop(id: $shopId) { import(id: $id) {
    status total done created updated unchanged failed
    rows(first: 100, status: FAILED) { nodes { line problems { line column message value } } }
  } } } }";
const SIGN_IN: &str = "mutation($login: String!, $password: String!) {
  signIn(input: {login: $login, password: $password}) { session { token } userErrors { code message } } }";
const MY_SHOPS: &str = "{ me { shops { nodes { id slug } } } }";

/// Uploads the file, follows it to the end and says what became of each product.
pub async fn run(import: ImportProducts) -> anyhow::Result<ExitCode> {
    let content = std::fs::read(&import.file)
        .with_context(|| format!("cannot read {}", import.file.display()))?;
    let api = Api::at(&import.url)?;
    let signed_in =
        api.change(SIGN_IN, json!({ "login": import.login, "password": import.password })).await?;
    let api = api.with_token(signed_in["session"]["token"].as_str().unwrap_or_default());
    let shop_id = shop(&api, &import.shop).await?;
    let format = import.format.map(|format| match format {
        Format::Chonoi => "CHONOI",
        Format::Shopify => "SHOPIFY",
        Format::Kiotviet => "KIOTVIET",
        Format::Sapo => "SAPO",
    });
    let outcome = follow(&api, &shop_id, format, &content, import.dry_run).await?;
    println!(
        "{} created, {} updated, {} unchanged, {} failed{}",
        outcome["created"],
        outcome["updated"],
        outcome["unchanged"],
        outcome["failed"],
        if import.dry_run { " (dry run: nothing was changed)" } else { "" }
    );
    for row in outcome["rows"]["nodes"].as_array().into_iter().flatten() {
        for problem in row["problems"].as_array().into_iter().flatten() {
            let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
            println!(
                "line {}: {}: {} ({:?})",
                problem["line"],
                text("column"),
                text("message"),
                text("value")
            );
        }
    }
    let failed = outcome["failed"].as_u64().unwrap_or(1) > 0 || outcome["status"] == "FAILED";
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Uploads a product file and waits until it is done; gives the import as it ended.
pub async fn follow(
    api: &Api,
    shop_id: &str,
    format: Option<&str>,
    content: &[u8],
    dry_run: bool,
) -> anyhow::Result<Value> {
    let variables = json!({ "shopId": shop_id, "format": format, "file": null, "dryRun": dry_run });
    let started = api.upload(IMPORT, &variables, "file", "products.csv", content).await?;
    if let Some(refusal) = started["userErrors"].as_array().and_then(|errors| errors.first()) {
        anyhow::bail!("refused: {refusal}");
    }
    let id = started["import"]["id"].clone();
    let mut said = Some(0);
    loop {
        let data = api.run(PROGRESS, json!({ "shopId": shop_id, "id": id })).await?;
        let import = &data["me"]["shop"]["import"];
        match import["status"].as_str() {
            Some("QUEUED" | "RUNNING") => {
                let done = import["done"].as_u64();
                if done != said {
                    tracing::info!(done, total = import["total"].as_u64(), "importing");
                    said = done;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Some(_) => return Ok(import.clone()),
            None => anyhow::bail!("the import is gone"),
        }
    }
}

async fn shop(api: &Api, wanted: &str) -> anyhow::Result<String> {
    if wanted.starts_with("shop_") {
        return Ok(wanted.to_owned());
    }
    let data = api.run(MY_SHOPS, json!({})).await?;
    let shops = data["me"]["shops"]["nodes"].as_array().cloned().unwrap_or_default();
    shops
        .iter()
        .find(|shop| shop["slug"] == wanted)
        .and_then(|shop| shop["id"].as_str())
        .map(ToOwned::to_owned)
        .with_context(|| format!("you have no shop {wanted:?}"))
}
