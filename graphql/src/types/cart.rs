//! Carts.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use kernel::Locale;

use super::departure::TicketOffer;
use super::enums::CartStatus;
use super::money::Money;
use super::picture::Picture;
use super::shop::Shop;
use super::text::{given, localized};
use super::voucher::CartVoucher;
use crate::scope::Scope;

/// A cart. It is a secret: who has its id and token may see and change it.
pub struct Cart {
    cart: proto::orders::Cart,
    locale: Locale,
}

impl Cart {
    /// A cart of orders, in a language.
    pub const fn of(cart: proto::orders::Cart, locale: Locale) -> Self {
        Self { cart, locale }
    }

    fn money(&self, money: Option<&proto::common::Money>) -> Money {
        // Nothing is stored of a cart before its first line: no currency yet, either.
        match money {
            Some(money) => Money::of(Some(money), self.locale),
            None => Money::of_minor(0, kernel::Currency::Vnd.code(), self.locale),
        }
    }
}

/// A cart. It is a secret: who has its id and token may see and change it.
#[Object]
impl Cart {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.cart.id.clone())
    }

    /// Its secret; told only in the answer of `createCart`.
    async fn token(&self) -> Option<&str> {
        given(&self.cart.token)
    }

    /// Where it stands.
    async fn status(&self) -> Result<CartStatus, Error> {
        CartStatus::of(self.cart.status)
    }

    /// What is in it.
    async fn lines(&self) -> Vec<CartLine<'_>> {
        self.cart.lines.iter().map(|line| CartLine { line, locale: self.locale }).collect()
    }

    /// What is to be paid at the prices of now: the sum of its lines, less its vouchers.
    async fn total(&self) -> Money {
        self.money(self.cart.total.as_ref())
    }

    /// The sum of its lines, at the prices of now.
    async fn subtotal(&self) -> Money {
        // Orders that knows no vouchers yet says one sum only.
        self.money(self.cart.subtotal.as_ref().or(self.cart.total.as_ref()))
    }

    /// What its vouchers take off now, all together.
    async fn discount(&self) -> Money {
        self.money(self.cart.discount.as_ref())
    }

    /// Its vouchers, one a shop at most.
    async fn vouchers(&self) -> Vec<CartVoucher<'_>> {
        self.cart.vouchers.iter().map(|one| CartVoucher::of(one, self.locale)).collect()
    }
}

/// The product of a line, as far as the line knows it.
#[derive(SimpleObject)]
pub struct ProductSummary {
    /// Its id.
    id: ID,
    /// The last part of its page's address.
    slug: String,
    /// Its name, with the options.
    title: String,
}

/// A line of a cart.
pub struct CartLine<'a> {
    line: &'a proto::orders::CartLine,
    locale: Locale,
}

/// A line of a cart.
#[Object]
impl CartLine<'_> {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.line.id.clone())
    }

    /// What is bought.
    async fn variant_id(&self) -> ID {
        ID(self.line.variant_id.clone())
    }

    /// The product of the variant.
    async fn product(&self) -> ProductSummary {
        ProductSummary {
            id: ID(self.line.product_id.clone()),
            slug: self.line.product_slug.clone(),
            title: localized(self.line.title.as_ref(), self.locale).to_owned(),
        }
    }

    /// Whose it is.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Shop, Error> {
        Shop::load(Scope::of(ctx), &self.line.shop_id).await
    }

    /// Name of the product, with the options.
    async fn title(&self) -> &str {
        localized(self.line.title.as_ref(), self.locale)
    }

    /// The unit of its price: kg, box.
    async fn unit(&self) -> &str {
        &self.line.unit
    }

    /// Pictures of the product, one at least.
    async fn pictures(&self, ctx: &Context<'_>) -> Result<Vec<Picture>, Error> {
        let CartLine { line, locale } = self;
        let title = localized(line.title.as_ref(), *locale);
        let mut category = String::new();
        if line.picture.is_empty() {
            // What the market draws depends on the stall, which a line does not know.
            let scope = Scope::of(ctx);
            let product = scope.loaders.products.get(&line.product_id).await;
            let product = product.map_err(|status| scope.failed(&status))?;
            category = product.map(|product| product.category_slug.clone()).unwrap_or_default();
        }
        Ok(vec![Picture::named(&line.picture, &category, &line.product_id, title)])
    }

    /// How many.
    async fn quantity(&self) -> i64 {
        self.line.quantity
    }

    /// Price of one, now.
    async fn unit_price(&self) -> Money {
        Money::of(self.line.unit_price.as_ref(), self.locale)
    }

    /// Price of all, now.
    async fn total(&self) -> Money {
        Money::of(self.line.total.as_ref(), self.locale)
    }

    /// How many could be bought now.
    async fn available(&self) -> i64 {
        self.line.available
    }

    /// What it is a ticket or an add-on of; nothing for goods.
    async fn ticket(&self) -> Option<TicketOffer> {
        TicketOffer::maybe(self.line.ticket.as_ref(), self.locale)
    }

    /// Whether it can be bought at all now.
    async fn for_sale(&self) -> bool {
        self.line.for_sale
    }
}
