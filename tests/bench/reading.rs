//! Public reads: out of the answers that are kept for a second, and made anew.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use chonoi::api::Api;
use serde_json::{Value, json};

use crate::baseline::Baseline;
use crate::load::{Ask, Load, Measured};
use crate::process::{MarketProcess, Stand};
use crate::report::Report;
use crate::sales;

/// Products in the market.
pub const PRODUCTS: usize = 10_000;
/// The fields of a product that are asked for.
const FIELDS: &str =
    "id slug title unit shop { name slug } variants { id available price { amount formatted } }";
/// Products of a list.
const FIRST: usize = 20;
/// How long one measurement runs.
const SPAN: Duration = Duration::from_secs(2);

/// Where each product is in the list of all, and its slug.
struct Place {
    cursor: String,
    slug: String,
}

/// Reads on a stand.
pub async fn measure(report: &mut Report, stand: &Stand) -> anyhow::Result<()> {
    let market = MarketProcess::start(stand).await?;
    let shop = sales::open_shop(&market).await?;
    sales::import(&shop, PRODUCTS).await?;
    sales::wait_for_index(&market, PRODUCTS).await?;
    let places: Arc<[Place]> = all_places(market.api()).await?.into();
    let (url, name) = (market.url(), stand.name());

    let list = format!(
        "query($after: String) {{ products(first: {FIRST}, after: $after) {{ nodes {{ {FIELDS} }} }} }}"
    );
    let one = format!("query($slug: String!) {{ product(slug: $slug) {{ {FIELDS} }} }}");
    let search = format!(
        "{{ search(query: \"banh pia sau rieng\", first: {FIRST}) {{ totalCount nodes {{ product {{ {FIELDS} }} }} facets {{ name values {{ value count }} }} }} }}"
    );
    let slug = places[0].slug.clone();
    let listed = market.api().run(&list, json!({})).await?;
    let answer = market.api().run(&one, json!({ "slug": slug })).await?;
    let baseline = Baseline::start(&listed["products"]["nodes"], &answer["product"]).await?;

    let bare = Load::repeated(baseline.url(), Ask::get("/bare")?)?.measure(SPAN).await?;
    report.row("bare axum route, JSON of a list of 20", &bare.text(), "");

    // Each page begins behind another product; the last pages would be short.
    let pages = places.len() - FIRST;
    let behind = Arc::clone(&places);
    let lists =
        move |number: usize| json!({ "after": behind[number % pages].cursor, "asked": number });
    let of = Arc::clone(&places);
    let products =
        move |number: usize| json!({ "slug": of[number % of.len()].slug, "asked": number });

    let memory = in_memory(report, &baseline, "list of 20", &list, &json!({})).await?;
    let kept = repeated(url, &list, json!({})).await?;
    let anew = varied(url, &list, lists).await?;
    beside_memory(report, "list of 20", name, &memory, &kept, &anew);
    let memory = in_memory(report, &baseline, "product", &one, &json!({ "slug": slug })).await?;
    let kept = repeated(url, &one, json!({ "slug": slug })).await?;
    let anew = varied(url, &one, products).await?;
    beside_memory(report, "product", name, &memory, &kept, &anew);

    let kept = repeated(url, &search, json!({})).await?;
    report.row(&format!("search over {PRODUCTS}, {name}"), &kept.text(), "");
    let anew = varied(url, &search, |number| json!({ "asked": number })).await?;
    report.row(&format!("search over {PRODUCTS}, each made anew, {name}"), &anew.text(), "");

    let page = Ask::get(&format!("/p/{slug}"))?;
    let kept = Load::repeated(url, page)?.measure(SPAN).await?;
    report.row(&format!("product page, HTML, {name}"), &kept.text(), "");
    let of = Arc::clone(&places);
    let pages = move |number: usize| Ask::get(&format!("/p/{}", of[number % of.len()].slug));
    let anew = Load::varied(url, pages)?.measure(SPAN).await?;
    let beside = if anew.per_second < f64::from(PRODUCTS as u32) {
        ""
    } else {
        "some came again within the second that answers are kept"
    };
    report.row(
        &format!("product page, HTML, each of another product, {name}"),
        &anew.text(),
        beside,
    );
    report.row(
        &format!("memory after this load, {name}"),
        &format!("{:.0} MiB", market.serving().resident_mib()?),
        "",
    );
    market.stop().await
}

/// All products, in the order of their list.
async fn all_places(api: &Api) -> anyhow::Result<Vec<Place>> {
    let query = "query($after: String) { products(first: 100, after: $after) {
      edges { cursor node { slug } } pageInfo { hasNextPage } } }";
    let mut places: Vec<Place> = Vec::new();
    loop {
        let after = places.last().map(|place| place.cursor.clone());
        let found = api.run(query, json!({ "after": after })).await?;
        let found = &found["products"];
        for edge in found["edges"].as_array().context("no edges")? {
            let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
            let cursor = text(&edge["cursor"]).context("no cursor")?;
            let slug = text(&edge["node"]["slug"]).context("no slug")?;
            places.push(Place { cursor, slug });
        }
        if found["pageInfo"]["hasNextPage"] != true {
            break;
        }
    }
    ensure!(places.len() == PRODUCTS, "{} products are listed, not {PRODUCTS}", places.len());
    Ok(places)
}

fn body(query: &str, variables: &Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}

/// The same answer by async-graphql from memory.
async fn in_memory(
    report: &mut Report,
    baseline: &Baseline,
    what: &str,
    query: &str,
    variables: &Value,
) -> anyhow::Result<Measured> {
    let ask = Ask::post("/graphql", body(query, variables));
    let memory = Load::repeated(baseline.url(), ask)?.measure(SPAN).await?;
    report.row(&format!("{what}: async-graphql from memory"), &memory.text(), "");
    Ok(memory)
}

/// One question again and again: nearly all answers are kept ones.
async fn repeated(url: &str, query: &str, variables: Value) -> anyhow::Result<Measured> {
    Load::repeated(url, Ask::post("/graphql", body(query, &variables)))?.measure(SPAN).await
}

/// Another question each time, by its variables. One of them is a number that the query does not ask for:
/// it makes the question another one to what keeps answers, and to nothing else.
async fn varied(
    url: &str,
    query: &str,
    variables: impl Fn(usize) -> Value + Send + Sync + 'static,
) -> anyhow::Result<Measured> {
    let head = format!("{{\"query\":{},\"variables\":", Value::from(query));
    let asks =
        move |number: usize| Ok(Ask::post("/graphql", format!("{head}{}}}", variables(number))));
    Load::varied(url, asks)?.measure(SPAN).await
}

fn beside_memory(
    report: &mut Report,
    what: &str,
    name: &str,
    memory: &Measured,
    kept: &Measured,
    anew: &Measured,
) {
    let share =
        |ours: &Measured| format!("{:.2} × from memory", ours.per_second / memory.per_second);
    report.row(
        &format!("{what}: the market on {name}"),
        &kept.text(),
        &format!("{}, aim ≥ 0.5", share(kept)),
    );
    report.row(
        &format!("{what}: the market on {name}, each answer made anew"),
        &anew.text(),
        &share(anew),
    );
}
