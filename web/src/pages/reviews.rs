//! What buyers say of a product: read by everybody, written by who got it, removed by operators.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use kernel::Locale;
use serde::Deserialize;
use serde_json::{Value, json};

use super::stalls::After;
use super::views::{Nodes, PRODUCT_FIELDS, ProductView};
use crate::forms::{FormState, go};
use crate::outcome::render;
use crate::{AppState, Chrome, PageError, PageResult, Texts, Visitor};

/// What a page asks of a review.
pub const REVIEW_FIELDS: &str = "id rating text author createdAt";

/// What the reviews of a product come to.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct RatingView {
    /// The average; nothing where there are none.
    pub average: Option<f64>,
    /// How many there are.
    pub count: u32,
}

impl RatingView {
    /// In words: `★ 4,5 (12)`; of none that there are none.
    pub fn told(&self, texts: &Texts) -> String {
        let Some(average) = self.average else { return texts.say("reviews.none").to_owned() };
        let average = format!("{average:.1}");
        let average = match texts.locale() {
            Locale::Vi => average.replace('.', ","),
            Locale::En => average,
        };
        format!("★ {average} ({})", self.count)
    }
}

/// A review.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    /// Its id.
    pub id: String,
    /// 1 to 5.
    pub rating: u32,
    /// In words.
    pub text: Option<String>,
    /// Who says it.
    pub author: String,
    /// When.
    pub created_at: String,
}

impl ReviewView {
    /// The rating as people draw it.
    pub fn stars(&self) -> String {
        stars(self.rating)
    }
}

/// So many of five stars.
fn stars(rating: u32) -> String {
    let full = rating.min(5) as usize;
    "★".repeat(full) + &"☆".repeat(5 - full)
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    chrome: Chrome,
    product: ProductView,
    reviews: Vec<ReviewView>,
    next: Option<String>,
    /// Whether the visitor may say something.
    writes: bool,
    own: OwnView,
    choices: [u32; 5],
    form: FormState,
}

/// What stands in the form.
#[derive(Default)]
struct OwnView {
    rating: u32,
    text: String,
}

#[derive(Deserialize)]
struct Data {
    product: Option<ProductView>,
    reviews: Option<Nodes<ReviewView>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnData {
    own_review: Option<Own>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    may_review: bool,
    review: Option<ReviewView>,
}

const OWN: &str = "query($id: ID!) { ownReview(productId: $id) { mayReview
  review { id rating text author createdAt } } }";

/// `GET /reviews/{product}`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(product): Path<String>,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    show_with(&state, &visitor, &product, after, FormState::default()).await
}

async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    product: &str,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    let query = format!(
        "query($id: ID!, $after: String) {{ product(id: $id) {{ {PRODUCT_FIELDS} }}
          reviews(productId: $id, first: 20, after: $after) {{ nodes {{ {REVIEW_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let variables = json!({ "id": product, "after": after });
    let (data, own, chrome) = tokio::try_join!(
        state.graphql.query::<Data>(visitor, &query, variables),
        own_of(state, visitor, product),
        Chrome::of(state, visitor)
    )?;
    let found = data.product.ok_or(PageError::NotFound)?;
    let reviews = data.reviews.ok_or(PageError::NotFound)?;
    let next = reviews.page_info.next_at(&format!("/reviews/{}", found.id));
    let typed = form.value("text");
    let own_text = own.review.as_ref().and_then(|review| review.text.clone());
    let view = OwnView {
        // Nobody is led to a rating: at first none is chosen.
        rating: match form.value("rating").parse() {
            Ok(typed) => typed,
            Err(_) => own.review.as_ref().map_or(0, |review| review.rating),
        },
        text: if typed.is_empty() { own_text.unwrap_or_default() } else { typed.to_owned() },
    };
    Ok(render(&ReviewsPage {
        chrome,
        product: found,
        reviews: reviews.nodes,
        next,
        writes: own.may_review,
        own: view,
        choices: [5, 4, 3, 2, 1],
        form,
    }))
}

/// What the visitor has said; nothing of who is not signed in.
async fn own_of(state: &AppState, visitor: &Visitor, product: &str) -> PageResult<Own> {
    if visitor.session.is_none() {
        return Ok(Own::default());
    }
    match state.graphql.query::<OwnData>(visitor, OWN, json!({ "id": product })).await {
        Ok(data) => Ok(data.own_review.unwrap_or_default()),
        // A session that is over may read what everybody reads.
        Err(PageError::SignInFirst) => Ok(Own::default()),
        Err(error) => Err(error),
    }
}

const REVIEW: &str = "mutation($input: ReviewProductInput!) { reviewProduct(input: $input) {
  review { id } userErrors { code message path } } }";
const REMOVE: &str = "mutation($input: RemoveReviewInput!) { removeReview(input: $input) {
  review { id } userErrors { code message path } } }";

/// `POST /reviews/{product}`
pub async fn write(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(product): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let rating = fields.get("rating").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    // A browser sends lines with both signs (HTML, 4.10.21.4).
    let text = fields.get("text").map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let input = json!({ "productId": product, "rating": rating, "text": text });
    let variables = json!({ "input": input });
    match state.graphql.change::<Value>(&visitor, REVIEW, variables).await? {
        Ok(_) => Ok(go(&format!("/reviews/{product}"), Some("reviews.thanks"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(fields, errors);
            show_with(&state, &visitor, &product, None, form).await
        }
    }
}

/// `POST /reviews/{product}/{review}/remove`
pub async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((product, review)): Path<(String, String)>,
    Form(fields): Form<HashMap<String, String>>,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let reason = fields.get("reason").map(|text| text.trim()).unwrap_or_default();
    let variables = json!({ "input": { "reviewId": review, "reason": reason } });
    match state.graphql.change::<Value>(&visitor, REMOVE, variables).await? {
        Ok(_) => Ok(go(&format!("/reviews/{product}"), Some("reviews.removed"), state.secure)),
        Err(errors) => {
            let form = FormState::refused(HashMap::new(), errors);
            show_with(&state, &visitor, &product, None, form).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_drawn_in_five_stars() {
        let rating = RatingView { average: Some(4.46), count: 12 };
        assert_eq!(rating.told(&Texts::of(Locale::Vi)), "★ 4,5 (12)");
        assert_eq!(rating.told(&Texts::of(Locale::En)), "★ 4.5 (12)");
        assert_eq!(RatingView::default().told(&Texts::of(Locale::En)), "No reviews yet.");
        assert_eq!([0, 3, 5, 9].map(stars), ["☆☆☆☆☆", "★★★☆☆", "★★★★★", "★★★★★"]);
    }
}
