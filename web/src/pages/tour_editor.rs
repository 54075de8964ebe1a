//! The form in which a tour is described.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::query_own_shop;
use super::product_photos::DeskPhoto;
use super::tour_fields::{Fields, beginning, fields_of, input_of, rows};
use super::tour_views::{TOUR_FIELDS, TourView, Translations};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "tour_editor.html")]
struct EditorPage {
    chrome: Chrome,
    shop: String,
    product: String,
    published: bool,
    sections: Vec<Section>,
    photos: Vec<DeskPhoto>,
    form: FormState,
}

/// A part of the form: rows of fields.
struct Section {
    title: String,
    hint: String,
    rows: Vec<Vec<Cell>>,
}

/// A field.
struct Cell {
    name: String,
    label: String,
    kind: &'static str,
    choices: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Shop {
    product: Option<Edited>,
}

#[derive(Deserialize)]
struct Edited {
    published: bool,
    translations: EditedTexts,
    tour: Option<TourView>,
    images: Vec<DeskPhoto>,
}

#[derive(Deserialize)]
struct EditedTexts {
    title: Translations,
    description: Translations,
}

const UPDATE: &str = "mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
  product { id } userErrors { code message path } } }";
const PUT: &str = "mutation($input: PutTourInput!) { putTour(input: $input) {
  tour { productId } userErrors { code message path } } }";

async fn edited(
    state: &AppState,
    visitor: &Visitor,
    shop: &str,
    product: &str,
) -> PageResult<Edited> {
    // Of the shop itself: a hidden tour is not among what everybody may see.
    let query = format!(
        "query($id: ID!, $product: ID!) {{ me {{ shop(id: $id) {{ product(id: $product) {{ published images {{ id url(width: 320) alt }}
          translations {{ title {{ vi en }} description {{ vi en }} }} tour {{ {TOUR_FIELDS} }} }} }} }} }}"
    );
    let variables = json!({ "id": shop, "product": product });
    let found = query_own_shop::<Shop>(state, visitor, &query, variables).await?;
    found.product.ok_or(PageError::NotFound)
}

/// `GET /my-shops/{id}/tours/{product}`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
) -> PageResult<Response> {
    let edited = edited(&state, &visitor, &id, &product).await?;
    let mut fields = edited.tour.as_ref().map_or_else(beginning, fields_of);
    for (name, value) in [
        ("title", edited.translations.title.vi),
        ("title_en", edited.translations.title.en),
        ("description", edited.translations.description.vi),
        ("description_en", edited.translations.description.en),
    ] {
        fields.insert(name.to_owned(), value);
    }
    let form = FormState::filled(fields.clone());
    let now = Now { published: edited.published, photos: edited.images };
    show(&state, &visitor, &id, &product, now, &fields, form).await
}

/// What stands beside the form, whatever was typed into it.
struct Now {
    published: bool,
    photos: Vec<DeskPhoto>,
}

async fn show(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    product: &str,
    now: Now,
    fields: &Fields,
    form: FormState,
) -> PageResult<Response> {
    let chrome = Chrome::of(state, visitor).await?;
    let sections = sections(fields, visitor.texts());
    let (shop, product) = (id.to_owned(), product.to_owned());
    let Now { published, photos } = now;
    Ok(render(&EditorPage { chrome, shop, product, published, sections, photos, form }))
}

/// `POST /my-shops/{id}/tours/{product}`
pub async fn save(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> PageResult<Response> {
    let given = |name: &str| fields.get(name).map_or("", |text| text.trim());
    let texts = json!({ "input": {
        "shopId": id, "productId": product,
        "title": { "vi": given("title"), "en": given("title_en") },
        "description": { "vi": given("description"), "en": given("description_en") },
    } });
    let tour =
        json!({ "input": { "shopId": id, "productId": product, "tour": input_of(&fields) } });
    // The tour first: where it is refused, the product's texts stay as they are, too.
    for (operation, variables) in [(PUT, tour), (UPDATE, texts)] {
        let outcome = state.graphql.change::<Value>(&visitor, operation, variables).await?;
        if let Err(errors) = outcome {
            let edited = edited(&state, &visitor, &id, &product).await?;
            let now = Now { published: edited.published, photos: edited.images };
            let form = FormState::refused(fields.clone(), errors);
            return show(&state, &visitor, &id, &product, now, &fields, form).await;
        }
    }
    let page = format!("/my-shops/{id}/tours/{product}");
    Ok(go(&page, Some("products.changed"), state.secure))
}

/// The lists of the form, each with an empty row at its end.
fn sections(fields: &Fields, texts: Texts) -> Vec<Section> {
    let label = |name: &str| texts.of_kind("tour_form", name).to_owned();
    let cell = |name: String, kind: &'static str| {
        let last = name.rsplit('.').next().unwrap_or_default().to_owned();
        Cell { label: label(&last), name, kind, choices: Vec::new() }
    };
    let choice = |name: String, group: &str, values: &[&str]| {
        let last = name.rsplit('.').next().unwrap_or_default().to_owned();
        let choices = values
            .iter()
            .map(|value| ((*value).to_owned(), texts.of_kind(group, value).to_owned()));
        Cell { label: label(&last), name, kind: "select", choices: choices.collect() }
    };
    let section = |name: &str, rows: Vec<Vec<Cell>>| Section {
        title: label(name),
        hint: label(&format!("{name}_hint")),
        rows,
    };
    let plain = |prefix: &'static str, names: &'static [(&'static str, &'static str)]| {
        let row = move |i: usize| {
            names.iter().map(|(name, kind)| cell(format!("{prefix}{i}.{name}"), kind)).collect()
        };
        (0..=rows(fields, prefix)).map(row).collect::<Vec<Vec<Cell>>>()
    };
    let mut all = Vec::new();
    for i in 0..=rows(fields, "o") {
        let mut option = vec![vec![
            cell(format!("o{i}.title"), "text"),
            cell(format!("o{i}.title_en"), "text"),
            choice(format!("o{i}.kind"), "option", &["JOIN_IN", "PRIVATE"]),
            cell(format!("o{i}.min"), "number"),
            cell(format!("o{i}.max"), "number"),
            cell(format!("o{i}.code"), "text"),
        ]];
        let ages = ["ADULT", "CHILD", "INFANT", "SENIOR", "BOAT"];
        for j in 0..=rows(fields, &format!("o{i}.t")) {
            let at = |name: &str| format!("o{i}.t{j}.{name}");
            option.push(vec![
                choice(at("age"), "age", &ages),
                cell(at("price"), "text"),
                cell(at("min_age"), "number"),
                cell(at("max_age"), "number"),
                cell(at("seats"), "number"),
                choice(at("residence"), "residence", &["ANYBODY", "LOCAL", "FOREIGN"]),
                choice(at("accompanied"), "accompanied", &["no", "yes"]),
                cell(at("code"), "text"),
            ]);
        }
        let mut part = section("options", option);
        part.title = format!("{} {}", part.title, i + 1);
        all.push(part);
    }
    let texts_of_stop = [
        ("title", "text"),
        ("title_en", "text"),
        ("at", "number"),
        ("text", "text"),
        ("text_en", "text"),
    ];
    all.push(section(
        "stops",
        (0..=rows(fields, "s"))
            .map(|i| {
                texts_of_stop
                    .iter()
                    .map(|(name, kind)| cell(format!("s{i}.{name}"), kind))
                    .collect()
            })
            .collect(),
    ));
    all.push(section(
        "add_ons",
        plain("a", &[("title", "text"), ("title_en", "text"), ("price", "text"), ("code", "text")]),
    ));
    all.push(section("tiers", plain("c", &[("hours", "number"), ("percent", "text")])));
    all.push(section(
        "rules",
        plain(
            "r",
            &[
                ("from", "date"),
                ("to", "date"),
                ("weekdays", "text"),
                ("change", "text"),
                ("price", "text"),
                ("option", "text"),
                ("ticket", "text"),
            ],
        ),
    ));
    all
}
