//! What the index holds of a product.

use kernel::ProductId;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::RAW_TOKENIZER_NAME;
use tantivy::{TantivyDocument, Term};

use super::super::engine::IndexedProduct;
use super::super::words::{accented, folded};

/// Names of the columns that filters, facets and orders read.
pub(super) mod column {
    /// Slugs of the categories.
    pub const CATEGORY: &str = "category";
    /// Code of the ward.
    pub const WARD: &str = "ward";
    /// The shop's id.
    pub const SHOP: &str = "shop";
    /// Number of the kind.
    pub const KIND: &str = "kind";
    /// OCOP stars.
    pub const OCOP: &str = "ocop";
    /// Cheapest price, minor units.
    pub const PRICE_MIN: &str = "price_min";
    /// Dearest price, minor units.
    pub const PRICE_MAX: &str = "price_max";
    /// Whether it can be bought.
    pub const IN_STOCK: &str = "in_stock";
    /// Days with a seat for sale.
    pub const TRAVEL_DAY: &str = "travel_day";
    /// Average of the reviews in hundredths.
    pub const RATING: &str = "rating";
    /// Microseconds since the epoch.
    pub const CREATED_AT: &str = "created_at";
    /// Upper half of the product's id.
    pub const ID_HIGH: &str = "id_high";
    /// Lower half of the product's id.
    pub const ID_LOW: &str = "id_low";
}

/// The fields of the index. Texts are cut into words before they come here, so the index itself
/// only splits at spaces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The product's id: what is replaced and removed by.
    pub id: Field,
    /// Words of the titles with their marks.
    pub title: Field,
    /// Words of the titles, folded.
    pub title_folded: Field,
    /// All words of the product, folded.
    pub all_folded: Field,
    /// The Vietnamese title as it is shown.
    pub title_vi: Field,
    /// The English title as it is shown.
    pub title_en: Field,
    category: Field,
    ward: Field,
    shop: Field,
    kind: Field,
    ocop: Field,
    price_min: Field,
    price_max: Field,
    in_stock: Field,
    travel_day: Field,
    rating: Field,
    created_at: Field,
    id_high: Field,
    id_low: Field,
}

/// The fields and the schema that holds them. A change here is a new
/// [`VERSION`](super::opening::VERSION).
pub(super) fn build() -> (Fields, Schema) {
    let words = |options: IndexRecordOption| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(options);
        TextOptions::default().set_indexing_options(indexing)
    };
    let name = || TextOptions::default().set_fast(RAW_TOKENIZER_NAME);
    let mut schema = Schema::builder();
    let fields = Fields {
        id: schema.add_text_field("id", STRING),
        title: schema.add_text_field("title", words(IndexRecordOption::WithFreqs)),
        title_folded: schema
            .add_text_field("title_folded", words(IndexRecordOption::WithFreqsAndPositions)),
        all_folded: schema
            .add_text_field("all_folded", words(IndexRecordOption::WithFreqsAndPositions)),
        title_vi: schema.add_text_field("title_vi", STORED),
        title_en: schema.add_text_field("title_en", STORED),
        category: schema.add_text_field(column::CATEGORY, name()),
        ward: schema.add_text_field(column::WARD, name()),
        shop: schema.add_text_field(column::SHOP, name()),
        kind: schema.add_u64_field(column::KIND, FAST),
        ocop: schema.add_u64_field(column::OCOP, FAST),
        price_min: schema.add_i64_field(column::PRICE_MIN, FAST),
        price_max: schema.add_i64_field(column::PRICE_MAX, FAST),
        in_stock: schema.add_bool_field(column::IN_STOCK, FAST),
        travel_day: schema.add_text_field(column::TRAVEL_DAY, name()),
        rating: schema.add_u64_field(column::RATING, FAST),
        created_at: schema.add_i64_field(column::CREATED_AT, FAST),
        id_high: schema.add_u64_field(column::ID_HIGH, FAST),
        id_low: schema.add_u64_field(column::ID_LOW, FAST),
    };
    (fields, schema.build())
}

/// The term that names a product in the index.
pub(super) fn id_term(fields: &Fields, id: ProductId) -> Term {
    Term::from_field_text(fields.id, &id.to_string())
}

/// What the index holds of a product.
pub(super) fn document(fields: &Fields, product: &IndexedProduct) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, product.id.to_string());
    for title in [&product.title.vi, &product.title.en] {
        document.add_text(fields.title, accented(title));
        document.add_text(fields.title_folded, folded(title));
    }
    for text in all_texts(product) {
        document.add_text(fields.all_folded, folded(text));
    }
    document.add_text(fields.title_vi, &product.title.vi);
    document.add_text(fields.title_en, &product.title.en);
    for (place, slug) in product.category_slugs.iter().enumerate() {
        // Counted once, even if the caller names a category twice.
        if !product.category_slugs[..place].contains(slug) {
            document.add_text(fields.category, slug);
        }
    }
    document.add_text(fields.ward, &product.ward_code);
    document.add_text(fields.shop, product.shop_id.to_string());
    document.add_u64(fields.kind, u64::from(product.kind as i32 as u32));
    document.add_u64(fields.ocop, u64::from(product.ocop_stars));
    document.add_i64(fields.price_min, product.price_min.minor);
    document.add_i64(fields.price_max, product.price_max.minor);
    document.add_bool(fields.in_stock, product.in_stock);
    for day in &product.travel_days {
        document.add_text(fields.travel_day, day);
    }
    document.add_u64(fields.rating, u64::from(product.rating));
    document.add_i64(fields.created_at, product.created_at.micros());
    let id = product.id.uuid().as_u128();
    document.add_u64(fields.id_high, (id >> 64) as u64);
    document.add_u64(fields.id_low, id as u64);
    document
}

/// The texts in which a product can be found.
fn all_texts(product: &IndexedProduct) -> impl Iterator<Item = &String> {
    [
        &product.title.vi,
        &product.title.en,
        &product.description.vi,
        &product.description.en,
        &product.shop_name,
    ]
    .into_iter()
    .chain(&product.category_names)
    .chain(&product.attributes)
    .chain(&product.skus)
}
