//! Which products a list or a search is about.

use async_graphql::{Error, ID, InputObject};
use kernel::Currency;
use proto::catalog::ProductFilter as ProtoFilter;

use super::enums::ProductKind;
use super::money::{Decimal, read_decimal};
use crate::failure::Failure;
use crate::scope::Scope;

macro_rules! filters {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct $name {
            /// In this category or below it.
            pub category_slug: Option<String>,
            /// Of this shop.
            pub shop_id: Option<ID>,
            /// Of this kind.
            pub kind: Option<ProductKind>,
            /// At this price in đồng at least.
            pub price_min: Option<Decimal>,
            /// At this price in đồng at most.
            pub price_max: Option<Decimal>,
            /// From this ward.
            pub ward_code: Option<String>,
            /// Only what can be bought now.
            pub in_stock: Option<bool>,
            /// With so many OCOP stars at least.
            pub ocop_stars_min: Option<u32>,
            /// Only tours with a seat for sale on this day of Vietnam's calendar: `2026-12-01`.
            pub travel_date: Option<String>,
        }

        impl $name {
            /// The filter for catalog.
            pub fn read(self, scope: &Scope) -> Result<ProtoFilter, Error> {
                let price = |amount: Option<Decimal>, field: &str| match amount {
                    None => Ok(None),
                    Some(amount) => read_decimal(&amount, Currency::Vnd, &[], scope.locale)
                        .map(Some)
                        .map_err(|_| scope.refuse(Failure::BadInput(format!("{field} is no amount")))),
                };
                Ok(ProtoFilter {
                    category_slug: self.category_slug.unwrap_or_default(),
                    shop_id: self.shop_id.map(|id| id.0).unwrap_or_default(),
                    kind: self.kind.map_or(0, ProductKind::number),
                    price_min: price(self.price_min, "priceMin")?,
                    price_max: price(self.price_max, "priceMax")?,
                    ward_code: self.ward_code.unwrap_or_default(),
                    in_stock: self.in_stock.unwrap_or_default(),
                    ocop_stars_min: self.ocop_stars_min.unwrap_or_default(),
                    travel_day: self.travel_date.unwrap_or_default(),
                })
            }
        }
    )*};
}

filters! {
    /// Which products a list is about. What is left out does not matter.
    ProductFilter,
    /// Which products a search is about. What is left out does not matter.
    SearchFilter,
}
