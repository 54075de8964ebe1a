//! Which products a list or a search is about.

use async_graphql::{Error, ID, InputObject};
use kernel::{Coordinates, Currency};
use proto::catalog::{Near, ProductFilter as ProtoFilter};

use super::enums::ProductKind;
use super::money::{Decimal, read_decimal};
use crate::failure::Failure;
use crate::scope::Scope;

/// The largest radius in kilometres that catalog looks in.
const MAX_RADIUS_KM: f64 = 500.0;

/// Around a point on the map (WGS 84).
#[derive(Clone, Copy, Debug, InputObject)]
pub struct NearInput {
    /// Degrees north, -90 to 90.
    lat: f64,
    /// Degrees east, -180 to 180.
    lng: f64,
    /// How far around it, in kilometres as the crow flies: more than 0, at most 500.
    radius_km: f64,
}

impl NearInput {
    fn read(self, scope: &Scope) -> Result<Near, Error> {
        let refuse = |text: &str| scope.refuse(Failure::BadInput(text.to_owned()));
        let point = Coordinates::of_degrees(self.lat, self.lng);
        let point = point.ok_or_else(|| refuse("near.lat and near.lng are no point"))?;
        if !(self.radius_km > 0.0 && self.radius_km <= MAX_RADIUS_KM) {
            return Err(refuse(&format!(
                "near.radiusKm is more than 0 and at most {MAX_RADIUS_KM}"
            )));
        }
        Ok(Near {
            latitude_micro: point.latitude_micro,
            longitude_micro: point.longitude_micro,
            // A step of a millimetre is still a step.
            radius_metres: ((self.radius_km * 1_000.0).round() as u32).max(1),
        })
    }
}

/// A rating in hundredths, as catalog counts; 0: whatever it is.
fn rating(rating: Option<f64>, scope: &Scope) -> Result<u32, Error> {
    match rating {
        None => Ok(0),
        Some(rating) if (1.0..=5.0).contains(&rating) => Ok((rating * 100.0).round() as u32),
        Some(_) => Err(scope.refuse(Failure::BadInput("ratingMin is 1 to 5".to_owned()))),
    }
}

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
            /// With at least this average of its reviews: 1 to 5.
            pub rating_min: Option<f64>,
            /// Only from wards whose centres are around this point. A product is where its ward is.
            pub near: Option<NearInput>,
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
                    rating_min: rating(self.rating_min, scope)?,
                    near: self.near.map(|near| near.read(scope)).transpose()?,
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
