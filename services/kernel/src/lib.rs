//! The words every service speaks: money, typed ids, time, text, pages and scopes.
//!
//! Pure: nothing here reads a clock, a disk or a network, and nothing here knows a service.

mod allocation;
mod basis_points;
mod clock;
mod currency;
mod ids;
mod locale;
mod money;
mod pages;
mod places;
mod scope;
mod text;

pub use allocation::{AllocationRefused, allocate};
pub use basis_points::BasisPoints;
pub use clock::{Clock, ManualClock, Timestamp};
pub use currency::{Currency, UnknownCurrency};
pub use ids::*;
pub use locale::{Locale, LocalizedText};
pub use money::{Money, MoneyError};
pub use pages::{Page, PageRequest};
pub use places::{Coordinates, ward_centre, ward_centres};
pub use scope::{BuyerScope, ShopScope};
pub use text::{fold, fold_ascii, normalize_spaces, slug};
