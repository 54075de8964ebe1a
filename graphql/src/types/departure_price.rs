//! Prices of one departure alone.

use async_graphql::{InputObject, Object};
use kernel::Locale;
use proto::tours::DeparturePrice as ProtoPrice;

use super::money::{Money, MoneyInput};
use super::text::given;
use super::user_error::UserError;
use crate::access::{Requires, auth};

/// What something costs on one departure, whatever the tour and its rules say.
#[derive(Clone, Debug, InputObject)]
pub struct DeparturePriceInput {
    /// Of which option; nothing: of every one that has such tickets.
    option: Option<String>,
    /// The code of a ticket kind or of an add-on: `adult`, `lunch`.
    ticket_kind: String,
    /// Price of one; may be zero.
    price: MoneyInput,
}

impl DeparturePriceInput {
    /// The prices for catalog; what is no amount is refused at its path.
    pub fn read_all(prices: Vec<Self>, locale: Locale) -> Result<Vec<ProtoPrice>, Vec<UserError>> {
        let read = prices.into_iter().enumerate().map(|(place, one)| {
            let price = one.price.read(&["prices", &place.to_string(), "price"], locale)?;
            Ok(ProtoPrice {
                option_code: one.option.unwrap_or_default(),
                ticket_code: one.ticket_kind,
                price: Some(price),
            })
        });
        read.collect()
    }
}

/// A price of one departure.
pub struct DeparturePrice<'a> {
    /// As catalog gave it.
    pub price: &'a ProtoPrice,
    /// In which language it is said.
    pub locale: Locale,
}

/// What something costs on one departure, whatever the tour and its rules say.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl DeparturePrice<'_> {
    /// Of which option; nothing: of every one that has such tickets.
    async fn option(&self) -> Option<&str> {
        given(&self.price.option_code)
    }

    /// The code of a ticket kind or of an add-on.
    async fn ticket_kind(&self) -> &str {
        &self.price.ticket_code
    }

    /// Price of one.
    async fn price(&self) -> Money {
        Money::of(self.price.price.as_ref(), self.locale)
    }
}
