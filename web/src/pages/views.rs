//! What pages read of the API, as far as several pages read it alike.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::photos::Photo;
use super::reviews::RatingView;
use super::tour_views::OfferView;
use crate::{AppState, Chrome, PageResult, Visitor};

/// An amount.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MoneyView {
    /// Decimal string in major units.
    pub amount: String,
    /// As people write it.
    pub formatted: String,
}

/// A VietQR, and what it says for those who type it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrView {
    /// What the picture holds, where a page asks for it.
    #[serde(default)]
    pub payload: String,
    /// The picture.
    pub svg: String,
    /// The bank of the account.
    pub bank_name: String,
    /// The account.
    pub account_number: String,
    /// Whose it is.
    pub account_holder: String,
    /// What is to be written with the transfer.
    pub memo: String,
    /// Whether the payer types the amount, where a page asks for it.
    #[serde(default)]
    pub open_amount: bool,
}

/// What operators see, and the frame of its page. Who is not signed in is asked to be first.
pub async fn as_operator<T: DeserializeOwned>(
    state: &AppState,
    visitor: &Visitor,
    query: &str,
    variables: Value,
) -> PageResult<(T, Chrome)> {
    visitor.must_be_signed_in()?;
    let (data, chrome) = tokio::try_join!(
        state.graphql.query::<OfOperations<T>>(visitor, query, variables),
        Chrome::of(state, visitor)
    )?;
    Ok((data.operations, chrome))
}

/// The answer to a query of `operations` alone: what the market's operators see.
#[derive(Debug, Deserialize)]
pub struct OfOperations<T> {
    /// What was asked for.
    pub operations: T,
}

/// A name in the visitor's language.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
}

/// The account that a shop is paid to.
#[derive(Clone, Debug, Deserialize)]
pub struct PaidTo {
    /// Its number.
    pub number: String,
    /// Whose it is, as the bank knows them.
    pub holder: String,
}

/// A shop, as shoppers see it.
#[derive(Clone, Debug, Deserialize)]
pub struct ShopLink {
    /// Name of the shop.
    pub name: String,
    /// Its address below `/s/`.
    pub slug: String,
}

/// A picture.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Picture {
    /// Its address.
    pub url: String,
}

/// One of a product's options, as `Cỡ: 4 bánh`.
#[derive(Clone, Debug, Deserialize)]
pub struct OptionValue {
    /// The value.
    pub value: String,
}

/// A variant: what is bought.
#[derive(Clone, Debug, Deserialize)]
pub struct VariantView {
    /// Its id.
    pub id: String,
    /// Its price.
    pub price: MoneyView,
    /// How many can be bought now.
    pub available: i64,
    /// How many are there, for the shop.
    #[serde(default)]
    pub stock: i64,
    /// The options that make it.
    #[serde(default)]
    pub options: Vec<OptionValue>,
}

impl VariantView {
    /// The options in a line.
    pub fn label(&self) -> String {
        self.options.iter().map(|option| option.value.as_str()).collect::<Vec<_>>().join(" · ")
    }
}

/// The fields of [`ProductView`] in a query.
pub const PRODUCT_FIELDS: &str = "id slug kind title description unit ocopStars published rating { average count } shop { name slug } \
    priceFrom { amount formatted } \
    picture { url(width: 320) } variants { id price { amount formatted } available options { value } }";

/// A product, as lists and its own page show it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductView {
    /// Its id.
    pub id: String,
    /// Its address below `/p/`.
    pub slug: String,
    /// What kind of thing it is.
    #[serde(default)]
    pub kind: String,
    /// The least that it costs.
    #[serde(default)]
    pub price_from: Option<MoneyView>,
    /// Its name.
    pub title: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The unit of its price.
    #[serde(default)]
    pub unit: String,
    /// OCOP stars, 0 for none.
    #[serde(default)]
    pub ocop_stars: u32,
    /// What its reviews come to.
    #[serde(default)]
    pub rating: RatingView,
    /// Whether it is on sale.
    #[serde(default)]
    pub published: bool,
    /// Whose it is.
    pub shop: ShopLink,
    /// What stands for it in lists.
    #[serde(default, rename = "picture")]
    pub first: Picture,
    /// Its pictures, where a page asks for them.
    #[serde(default)]
    pub pictures: Vec<Photo>,
    /// Its variants.
    pub variants: Vec<VariantView>,
}

impl ProductView {
    /// The address of what stands for it in lists.
    pub fn picture(&self) -> &str {
        &self.first.url
    }

    /// Whether it is a tour: its departures are bought, not its variants.
    pub fn is_tour(&self) -> bool {
        self.kind == "TOUR"
    }

    /// The lowest price.
    pub fn price(&self) -> &str {
        self.price_from.as_ref().map_or("", |price| price.formatted.as_str())
    }

    /// Whether it has different prices; a tour has, by age and day.
    pub fn several_prices(&self) -> bool {
        if self.is_tour() {
            return self.price_from.is_some();
        }
        let first = self.variants.first().map(|variant| &variant.price.amount);
        self.variants.iter().any(|variant| Some(&variant.price.amount) != first)
    }

    /// Whether any variant can be bought now; of a tour its calendar tells.
    pub fn in_stock(&self) -> bool {
        self.is_tour() || self.variants.iter().any(|variant| variant.available > 0)
    }

    /// Whether this is the first variant that can be bought.
    pub fn is_first_for_sale(&self, index: &usize) -> bool {
        self.variants.iter().position(|variant| variant.available > 0) == Some(*index)
    }
}

/// The fields of [`CartView`] in a query.
pub const CART_FIELDS: &str = "id total { amount formatted } subtotal { amount formatted } \
    vouchers { code shop { name slug } discount { amount formatted } problem { message } } lines { id title unit quantity available \
    pictures { url } product { slug } shop { name slug } unitPrice { amount formatted } total { amount formatted } \
    forSale ticket { startsAt optionTitle age residence admits } }";

/// A cart.
#[derive(Clone, Debug, Deserialize)]
pub struct CartView {
    /// What is to be paid.
    pub total: MoneyView,
    /// The sum of its lines.
    #[serde(default)]
    pub subtotal: MoneyView,
    /// Its vouchers.
    #[serde(default)]
    pub vouchers: Vec<CartVoucherView>,
    /// Its lines.
    pub lines: Vec<CartLineView>,
}

/// A voucher of a cart.
#[derive(Clone, Debug, Deserialize)]
pub struct CartVoucherView {
    /// What was typed.
    pub code: String,
    /// Whose it is.
    pub shop: ShopLink,
    /// What it takes off.
    pub discount: MoneyView,
    /// Why it does not count.
    pub problem: Option<ProblemView>,
}

/// Why something does not count.
#[derive(Clone, Debug, Deserialize)]
pub struct ProblemView {
    /// In the visitor's language.
    pub message: String,
}

/// A line of a cart.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartLineView {
    /// Its id.
    pub id: String,
    /// Product and options.
    pub title: String,
    /// The unit of its price.
    #[serde(default)]
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// How many there are.
    pub available: i64,
    /// Pictures of the product.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// The product.
    pub product: Slug,
    /// Whose it is.
    pub shop: ShopLink,
    /// Price of one.
    pub unit_price: MoneyView,
    /// Price of all.
    pub total: MoneyView,
    /// Whether it can be bought at all now.
    #[serde(default)]
    pub for_sale: bool,
    /// What it is a ticket of, if it is one.
    #[serde(default)]
    pub ticket: Option<OfferView>,
}

impl CartView {
    /// Whether nothing of it has to be carried.
    pub fn only_tickets(&self) -> bool {
        self.lines.iter().all(|line| line.ticket.is_some())
    }

    /// Whether anything of it is a ticket.
    pub fn any_ticket(&self) -> bool {
        self.lines.iter().any(|line| line.ticket.is_some())
    }
}

impl CartLineView {
    /// The first picture.
    pub fn picture(&self) -> &str {
        self.pictures.first().map_or("", |picture| picture.url.as_str())
    }
}

/// The address of a product's page.
#[derive(Clone, Debug, Deserialize)]
pub struct Slug {
    /// The last part of the address.
    pub slug: String,
}

/// The fields of [`OrderView`] in a query.
pub const ORDER_FIELDS: &str = "id checkoutId number status createdAt total { amount formatted } voucherCode discount { amount formatted } shop { name slug } \
    contact { name phone } lines { title quantity cancelledQuantity ticket { startsAt optionTitle age residence admits } } \
    notices { kind at tickets reason from to refund { amount formatted } }";

/// An order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// Its id.
    pub id: String,
    /// The checkout that it came from.
    #[serde(default)]
    pub checkout_id: String,
    /// What people say on the telephone.
    pub number: String,
    /// Its state.
    pub status: String,
    /// When it was made.
    #[serde(default)]
    pub created_at: String,
    /// Its total.
    pub total: MoneyView,
    /// Of the voucher that took something off.
    #[serde(default)]
    pub voucher_code: Option<String>,
    /// What that was.
    #[serde(default)]
    pub discount: MoneyView,
    /// Who sold.
    pub shop: ShopLink,
    /// Who bought.
    #[serde(default)]
    pub contact: ContactView,
    /// What was sold.
    #[serde(default)]
    pub lines: Vec<OrderLineView>,
    /// What its guest must know.
    #[serde(default)]
    pub notices: Vec<NoticeView>,
}

/// What happened to an order.
#[derive(Clone, Debug, Deserialize)]
pub struct NoticeView {
    /// What.
    pub kind: String,
    /// When.
    pub at: String,
    /// How many tickets.
    pub tickets: Option<u32>,
    /// Why.
    pub reason: Option<String>,
    /// When the departure would have started.
    pub from: Option<String>,
    /// When the one starts that takes its place.
    pub to: Option<String>,
    /// What comes back.
    pub refund: Option<MoneyView>,
}

/// Who bought.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ContactView {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address, where it was asked for.
    #[serde(default)]
    pub email: Option<String>,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineView {
    /// Product and options.
    pub title: String,
    /// How many.
    pub quantity: i64,
    /// How many of them were given back.
    #[serde(default)]
    pub cancelled_quantity: i64,
    /// What it is a ticket of, if it is one.
    #[serde(default)]
    pub ticket: Option<OfferView>,
}

impl OrderView {
    /// Whether it has tickets: they exist once it is paid.
    pub fn has_tickets(&self) -> bool {
        matches!(self.status.as_str(), "PAID" | "FULFILLED" | "REFUND_DUE")
            && self.lines.iter().any(|line| line.ticket.is_some())
    }
}

/// Where a list goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether there is more.
    pub has_next_page: bool,
    /// The cursor of the last item.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// The cursor to go on from, if there is more.
    pub fn next(&self) -> Option<&str> {
        self.end_cursor.as_deref().filter(|_| self.has_next_page)
    }

    /// The address of the next page of the list at a path, if there is more.
    pub fn next_at(&self, path: &str) -> Option<String> {
        self.next().map(|cursor| format!("{path}?after={}", url_encode(cursor)))
    }
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nodes<T> {
    /// The items.
    pub nodes: Vec<T>,
    /// Where it goes on.
    #[serde(default)]
    pub page_info: PageInfo,
}

/// A ward, for choosing one.
#[derive(Clone, Debug, Deserialize)]
pub struct WardView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A category, for choosing one.
#[derive(Clone, Debug, Deserialize)]
pub struct CategoryView {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A category and those below it.
#[derive(Clone, Debug, Deserialize)]
pub struct Stall {
    #[serde(flatten)]
    own: CategoryView,
    children: Vec<CategoryView>,
}

/// All categories in a line, for choosing one; a category below another says so.
pub fn to_choose(stalls: Vec<Stall>) -> Vec<CategoryView> {
    let in_a_line = stalls.into_iter().flat_map(|Stall { own, children }| {
        let parent = own.name.clone();
        let named = move |child: CategoryView| CategoryView {
            name: format!("{parent} › {}", child.name),
            ..child
        };
        std::iter::once(own).chain(children.into_iter().map(named))
    });
    in_a_line.collect()
}

/// Escapes a value for a query string.
pub fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
