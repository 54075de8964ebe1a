//! A product and its variants: what may be written, and what follows from it.

use kernel::{
    Currency, LocalizedText, Money, ProductId, ShopId, Timestamp, VariantId, fold, normalize_spaces,
};

use super::product_image::ProductImage;
use super::review::Rating;

/// The most variants of a product.
pub const MAX_VARIANTS: usize = 100;
/// The most options of a product.
pub const MAX_OPTIONS: usize = 3;
/// The longest title.
pub const MAX_TITLE: usize = 200;
/// The longest description.
pub const MAX_DESCRIPTION: usize = 10_000;
/// The longest unit, option, SKU.
pub const MAX_WORD: usize = 60;
/// The most pieces of a variant.
pub const MAX_STOCK: i64 = 1_000_000_000;
/// The highest price: what one transfer carries.
pub const MAX_PRICE: i64 = 499_999_999;

/// What kind of thing is sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductKind {
    /// Goods.
    #[default]
    Goods,
    /// A tour.
    Tour,
}

impl ProductKind {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Tour => "tour",
        }
    }
}

/// A variant: what is priced, stocked and bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// The shop's own number, unique in the shop.
    pub sku: String,
    /// Barcode, or nothing.
    pub barcode: String,
    /// Price of one.
    pub price: Money,
    /// How many are there, held ones among them.
    pub on_hand: i64,
    /// How many are held for checkouts.
    pub held: i64,
    /// Its options, in the order of the product's option names.
    pub option_values: Vec<String>,
}

impl Variant {
    /// How many can be bought.
    pub const fn available(&self) -> i64 {
        self.on_hand - self.held
    }
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Whose it is.
    pub shop: ShopId,
    /// The shop's own name of it, by which files find it again.
    pub handle: String,
    /// The last part of its page's address.
    pub slug: String,
    /// What kind of thing.
    pub kind: ProductKind,
    /// Its name.
    pub title: LocalizedText,
    /// What it is.
    pub description: LocalizedText,
    /// Its category, or nothing.
    pub category: String,
    /// Unit of the price.
    pub unit: String,
    /// Names of its options.
    pub option_names: Vec<String>,
    /// Further facts.
    pub attributes: Vec<(String, String)>,
    /// Where it comes from, or nothing for where its shop is.
    pub ward_code: String,
    /// OCOP stars: 0, 3, 4, 5.
    pub ocop_stars: u32,
    /// Whether its shop sells it.
    pub published: bool,
    /// Whether everybody sees it: published, and its shop approved.
    pub visible: bool,
    /// What its reviews come to.
    pub rating: Rating,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Its variants.
    pub variants: Vec<Variant>,
    /// Its pictures, in their order; the first stands for it in lists.
    pub images: Vec<ProductImage>,
}

impl Product {
    /// Lowest and highest price.
    pub fn price_range(&self) -> (Money, Money) {
        let prices = self.variants.iter().map(|variant| variant.price);
        let lowest = prices.clone().min_by_key(|price| price.minor);
        let highest = prices.max_by_key(|price| price.minor);
        let none = Money::zero(Currency::Vnd);
        (lowest.unwrap_or(none), highest.unwrap_or(none))
    }

    /// The words by which it is found when the search engine is away.
    pub fn folded(&self) -> String {
        fold(&format!("{} {}", self.title.vi, self.title.en))
    }

    /// Name of a variant: the product's, with the variant's options.
    pub fn title_of(&self, variant: &Variant) -> LocalizedText {
        if variant.option_values.is_empty() {
            return self.title.clone();
        }
        let options = variant.option_values.join(", ");
        let with = |title: &str| {
            if title.is_empty() { String::new() } else { format!("{title} ({options})") }
        };
        LocalizedText::new(with(&self.title.vi), with(&self.title.en))
    }
}

/// A variant that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantDraft {
    /// The shop's own number; made up when empty.
    pub sku: String,
    /// Barcode, or nothing.
    pub barcode: String,
    /// Price of one.
    pub price: Option<Money>,
    /// How many there are; `None` leaves what there is.
    pub stock: Option<i64>,
    /// Its options.
    pub option_values: Vec<String>,
}

/// A product that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductDraft {
    /// The shop's own name of it; made of the title when empty.
    pub handle: String,
    /// What kind of thing.
    pub kind: ProductKind,
    /// Its name.
    pub title: LocalizedText,
    /// What it is.
    pub description: LocalizedText,
    /// Its category, or nothing.
    pub category: String,
    /// Unit of the price.
    pub unit: String,
    /// Names of its options.
    pub option_names: Vec<String>,
    /// Further facts.
    pub attributes: Vec<(String, String)>,
    /// Where it comes from, or nothing.
    pub ward_code: String,
    /// OCOP stars.
    pub ocop_stars: u32,
    /// Whether it is sold at once.
    pub publish: bool,
    /// Its variants.
    pub variants: Vec<VariantDraft>,
}

/// Something that is wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftProblem {
    /// The Vietnamese title is missing.
    TitleMissing,
    /// A text is too long: which, and the most.
    TooLong(&'static str, usize),
    /// A text holds characters that nobody sees, which no invoice may hold: which.
    ControlCharacter(&'static str),
    /// The category is unknown.
    UnknownCategory(String),
    /// OCOP stars are 0, 3, 4 or 5.
    OcopStars,
    /// There is no variant, or there are too many.
    VariantCount,
    /// There are too many options.
    OptionCount,
    /// A variant has not as many options as the product: which.
    OptionsDiffer(usize),
    /// Two variants have the same options: which.
    OptionsRepeat(usize),
    /// A price is missing or out of range: of which variant.
    Price(usize),
    /// A price is not in đồng: of which variant.
    Currency(usize),
    /// A stock is out of range: of which variant.
    Stock(usize),
    /// A SKU stands twice: which variant.
    SkuRepeats(usize),
}

impl ProductDraft {
    /// Puts texts into their normal form.
    pub fn normalized(mut self) -> Self {
        for text in [&mut self.title.vi, &mut self.title.en, &mut self.unit, &mut self.category] {
            *text = normalize_spaces(text);
        }
        for text in [&mut self.description.vi, &mut self.description.en] {
            *text = text.trim().to_owned();
        }
        self
    }

    /// All that somebody typed, with the name of its field.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = [
            ("handle", &self.handle),
            ("title", &self.title.vi),
            ("title", &self.title.en),
            ("description", &self.description.vi),
            ("description", &self.description.en),
            ("unit", &self.unit),
            ("ward_code", &self.ward_code),
        ];
        let names = self.option_names.iter().map(|name| ("options", name));
        let facts = self.attributes.iter();
        let facts = facts.flat_map(|(name, value)| [("attributes", name), ("attributes", value)]);
        let variants = self.variants.iter().take(MAX_VARIANTS).flat_map(|variant| {
            let values = variant.option_values.iter().map(|value| ("options", value));
            [("sku", &variant.sku), ("barcode", &variant.barcode)].into_iter().chain(values)
        });
        let all = own.into_iter().chain(names).chain(facts).chain(variants);
        all.map(|(field, text)| (field, text.as_str()))
    }

    /// All that is wrong with it.
    pub fn problems(&self, knows_category: impl Fn(&str) -> bool) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        let mut note = |wrong: bool, problem: DraftProblem| {
            if wrong {
                problems.push(problem);
            }
        };
        let longer = |text: &str, maximum: usize| text.chars().count() > maximum;
        note(self.title.vi.is_empty(), DraftProblem::TitleMissing);
        let long_title = longer(&self.title.vi, MAX_TITLE) || longer(&self.title.en, MAX_TITLE);
        note(long_title, DraftProblem::TooLong("title", MAX_TITLE));
        let (vi, en) = (&self.description.vi, &self.description.en);
        let long_description = longer(vi, MAX_DESCRIPTION) || longer(en, MAX_DESCRIPTION);
        note(long_description, DraftProblem::TooLong("description", MAX_DESCRIPTION));
        note(longer(&self.unit, MAX_WORD), DraftProblem::TooLong("unit", MAX_WORD));
        for (field, text) in self.texts() {
            // A description has lines.
            let allowed = |c: char| field == "description" && matches!(c, '\n' | '\r' | '\t');
            let hidden = text.chars().any(|c| c.is_control() && !allowed(c));
            note(hidden, DraftProblem::ControlCharacter(field));
        }
        let unknown = !self.category.is_empty() && !knows_category(&self.category);
        note(unknown, DraftProblem::UnknownCategory(self.category.clone()));
        note(!matches!(self.ocop_stars, 0 | 3..=5), DraftProblem::OcopStars);
        note(!(1..=MAX_VARIANTS).contains(&self.variants.len()), DraftProblem::VariantCount);
        note(self.option_names.len() > MAX_OPTIONS, DraftProblem::OptionCount);
        // Of more than there may be nothing more is said: each is compared with all before it.
        for (index, variant) in self.variants.iter().take(MAX_VARIANTS).enumerate() {
            let earlier = &self.variants[..index];
            note(
                variant.option_values.len() != self.option_names.len(),
                DraftProblem::OptionsDiffer(index),
            );
            let repeats = earlier.iter().any(|other| other.option_values == variant.option_values);
            note(repeats, DraftProblem::OptionsRepeat(index));
            let sku_repeats =
                !variant.sku.is_empty() && earlier.iter().any(|other| other.sku == variant.sku);
            note(sku_repeats, DraftProblem::SkuRepeats(index));
            let priced = variant.price.is_some_and(|price| (1..=MAX_PRICE).contains(&price.minor));
            note(!priced, DraftProblem::Price(index));
            let foreign = variant.price.is_some_and(|price| price.currency != Currency::Vnd);
            note(foreign, DraftProblem::Currency(index));
            let stock = variant.stock.unwrap_or(0);
            note(!(0..=MAX_STOCK).contains(&stock), DraftProblem::Stock(index));
            note(longer(&variant.sku, MAX_WORD), DraftProblem::TooLong("sku", MAX_WORD));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ProductDraft {
        let variant = |size: &str, sku: &str| VariantDraft {
            sku: sku.to_owned(),
            price: Some(Money::vnd(65_000)),
            stock: Some(5),
            option_values: vec![size.to_owned()],
            ..VariantDraft::default()
        };
        ProductDraft {
            title: LocalizedText::new("Bánh pía", ""),
            option_names: vec!["Cỡ".to_owned()],
            variants: vec![variant("4 bánh", "A"), variant("8 bánh", "B")],
            ..ProductDraft::default()
        }
    }

    #[test]
    fn each_thing_that_is_wrong_is_said() {
        assert_eq!(draft().problems(|_| true), []);
        type Change = fn(&mut ProductDraft);
        let cases: [(Change, DraftProblem); 11] = [
            (|draft| draft.title.vi.push('\0'), DraftProblem::ControlCharacter("title")),
            (|draft| draft.variants[1].sku.push('\u{1b}'), DraftProblem::ControlCharacter("sku")),
            (|draft| draft.title.vi.clear(), DraftProblem::TitleMissing),
            (
                |draft| draft.category = "x".to_owned(),
                DraftProblem::UnknownCategory("x".to_owned()),
            ),
            (|draft| draft.ocop_stars = 2, DraftProblem::OcopStars),
            (|draft| draft.variants.clear(), DraftProblem::VariantCount),
            (|draft| draft.variants[1].option_values.clear(), DraftProblem::OptionsDiffer(1)),
            (
                |draft| draft.variants[1].option_values = vec!["4 bánh".to_owned()],
                DraftProblem::OptionsRepeat(1),
            ),
            (|draft| draft.variants[0].price = Some(Money::vnd(0)), DraftProblem::Price(0)),
            (|draft| draft.variants[0].stock = Some(-1), DraftProblem::Stock(0)),
            (|draft| draft.variants[1].sku = "A".to_owned(), DraftProblem::SkuRepeats(1)),
        ];
        for (change, problem) in cases {
            let mut wrong = draft();
            change(&mut wrong);
            assert_eq!(wrong.problems(|_| false), [problem]);
        }
    }

    #[test]
    fn of_more_variants_than_a_product_has_only_the_first_are_looked_at() {
        let mut wrong = draft();
        wrong.variants = vec![wrong.variants[0].clone(); 5_000];
        let problems = wrong.problems(|_| true);
        assert_eq!(problems[0], DraftProblem::VariantCount);
        // Each but the first repeats its options and its SKU.
        assert_eq!(problems.len(), 1 + 2 * (MAX_VARIANTS - 1));
    }

    #[test]
    fn dollars_are_not_taken_for_dong() {
        let mut wrong = draft();
        wrong.variants[0].price = Some(Money::new(100, Currency::Usd));
        assert_eq!(wrong.problems(|_| true), [DraftProblem::Currency(0)]);
    }
}
