//! The form in which a shop corrects what is said of its goods. Prices and stock have forms of their
//! own, beside each variant in the list; tours have their own editor.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::own_shop::{Me, own_shop};
use super::product_photos::DeskPhoto;
use super::tour_fields::Fields;
use super::tour_views::Translations;
use super::views::{CategoryView, Slug, Stall, WardView, to_choose};
use crate::forms::{FormState, go};
use crate::graphql_client::UserError;
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Visitor};

#[derive(Template)]
#[template(path = "product_editor.html")]
struct EditorPage {
    chrome: Chrome,
    shop: String,
    product: String,
    categories: Vec<CategoryView>,
    wards: Vec<WardView>,
    photos: Vec<DeskPhoto>,
    form: FormState,
}

#[derive(Deserialize)]
struct Data {
    me: Option<Me<ShopOfProduct>>,
    categories: Vec<Stall>,
    wards: Vec<WardView>,
}

#[derive(Deserialize)]
struct ShopOfProduct {
    product: Option<Edited>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edited {
    kind: String,
    unit: String,
    ocop_stars: u32,
    category: Option<Slug>,
    ward: Option<WardView>,
    attributes: Vec<AttributeView>,
    translations: EditedTexts,
    #[serde(default)]
    images: Vec<DeskPhoto>,
}

#[derive(Deserialize)]
struct AttributeView {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct EditedTexts {
    title: Translations,
    description: Translations,
}

const ASK: &str = "query($id: ID!, $product: ID!) { wards { code name }
  categories { slug name children { slug name } }
  me { shop(id: $id) { product(id: $product) { kind unit ocopStars category { slug } ward { code name }
    attributes { name value } images { id url(width: 320) alt }
    translations { title { vi en } description { vi en } } } } } }";
const UPDATE: &str = "mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
  product { id } userErrors { code message path } } }";

/// `GET /my-shops/{id}/products/{product}`
pub async fn form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
) -> PageResult<Response> {
    show(&state, &visitor, &id, &product, None).await
}

/// The form as it came back, or else with what is said of the product now.
async fn show(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    product: &str,
    came_back: Option<FormState>,
) -> PageResult<Response> {
    let variables = json!({ "id": id, "product": product });
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, ASK, variables),
        Chrome::of(state, visitor)
    )?;
    let mut edited = own_shop(data.me)?.product.ok_or(PageError::NotFound)?;
    if edited.kind == "TOUR" {
        return Ok(go(&format!("/my-shops/{id}/tours/{product}"), None, state.secure));
    }
    let photos = std::mem::take(&mut edited.images);
    let form = came_back.unwrap_or_else(|| FormState::filled(fields_of(edited)));
    let (categories, wards) = (to_choose(data.categories), data.wards);
    let (shop, product) = (id.to_owned(), product.to_owned());
    Ok(render(&EditorPage { chrome, shop, product, categories, wards, photos, form }))
}

/// `POST /my-shops/{id}/products/{product}`
pub async fn save(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, product)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> PageResult<Response> {
    let Some(attributes) = attributes_of(given(&fields, "attributes")) else {
        let wrong = UserError {
            code: "INVALID".to_owned(),
            message: visitor.texts().say("products.wrong_attributes").to_owned(),
            path: Some(vec!["attributes".to_owned()]),
        };
        let form = FormState::refused(fields, vec![wrong]);
        return show(&state, &visitor, &id, &product, Some(form)).await;
    };
    let input = input_of(&id, &product, &fields, &attributes);
    match state.graphql.change::<Value>(&visitor, UPDATE, json!({ "input": input })).await? {
        Ok(_) => {
            let list = format!("/my-shops/{id}/products");
            Ok(go(&list, Some("products.changed"), state.secure))
        }
        Err(errors) => {
            let form = FormState::refused(fields, errors);
            show(&state, &visitor, &id, &product, Some(form)).await
        }
    }
}

fn given<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |text| text.trim())
}

/// The change for the API: all that the form holds.
fn input_of(shop: &str, product: &str, fields: &Fields, attributes: &[Value]) -> Value {
    let text = |name: &str| given(fields, name);
    json!({
        "shopId": shop, "productId": product,
        "title": { "vi": text("title"), "en": text("title_en") },
        "description": { "vi": text("description"), "en": text("description_en") },
        "categorySlug": text("category"), "unit": text("unit"), "wardCode": text("ward_code"),
        "ocopStars": text("ocop_stars").parse::<u32>().unwrap_or_default(),
        "attributes": attributes,
    })
}

/// The fields of goods.
fn fields_of(edited: Edited) -> Fields {
    let lines: Vec<_> =
        edited.attributes.iter().map(|one| format!("{}: {}", one.name, one.value)).collect();
    let fields = [
        ("title", edited.translations.title.vi),
        ("title_en", edited.translations.title.en),
        ("description", edited.translations.description.vi),
        ("description_en", edited.translations.description.en),
        ("category", edited.category.map(|category| category.slug).unwrap_or_default()),
        ("unit", edited.unit),
        ("ward_code", edited.ward.map(|ward| ward.code).unwrap_or_default()),
        ("ocop_stars", edited.ocop_stars.to_string()),
        ("attributes", lines.join("\n")),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// One attribute a line, as `name: value`. Nothing where a line has no name or no value.
fn attributes_of(text: &str) -> Option<Vec<Value>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            let (name, value) = (name.trim(), value.trim());
            let whole = !name.is_empty() && !value.is_empty();
            whole.then(|| json!({ "name": name, "value": value }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_are_the_same_after_they_went_through_the_form() {
        let told = json!({
            "kind": "GOODS", "unit": "kg", "ocopStars": 4, "category": { "slug": "xoai" },
            "ward": { "code": "31120", "name": "Phường Ninh Kiều" },
            "attributes": [{ "name": "Giờ hái", "value": "5:30" }],
            "translations": { "title": { "vi": "Xoài", "en": "Mango" },
                "description": { "vi": "Ngọt", "en": "" } },
        });
        let edited: Edited = serde_json::from_value(told).unwrap();
        let fields = fields_of(edited);
        let attributes = attributes_of(given(&fields, "attributes")).unwrap();
        let input = input_of("shop_1", "prod_1", &fields, &attributes);
        let expected = json!({
            "shopId": "shop_1", "productId": "prod_1", "title": { "vi": "Xoài", "en": "Mango" },
            "description": { "vi": "Ngọt", "en": "" }, "categorySlug": "xoai", "unit": "kg",
            "wardCode": "31120", "ocopStars": 4,
            "attributes": [{ "name": "Giờ hái", "value": "5:30" }],
        });
        assert_eq!(input, expected);
    }

    #[test]
    fn a_line_without_a_name_or_a_value_is_sent_back() {
        assert_eq!(attributes_of(" \r\n"), Some(Vec::new()));
        for text in ["Phong Điền", ": Phong Điền", "Vùng trồng:", "Vùng: Phong Điền\r\nngon"]
        {
            assert_eq!(attributes_of(text), None, "{text}");
        }
    }
}
