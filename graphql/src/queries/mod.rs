//! Questions, one a file.

mod banks;
mod cart;
mod categories;
mod checkout;
mod departures;
mod digital_economy;
mod export_my_data;
mod export_products;
mod me;
mod node;
mod operations;
mod order;
mod own_review;
mod product;
mod products;
mod quote_ticket_cancellation;
mod reviews;
mod search;
mod shop;
mod shop_invitation;
mod terms;
mod waiting_list_entry;
mod wards;

use async_graphql::MergedObject;

pub use checkout::{Extent, find_checkout};
pub use departures::{departures_page, list_departures};
pub use products::list_products;

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    products::ProductsQuery,
    product::ProductQuery,
    search::SearchQuery,
    reviews::ReviewsQuery,
    own_review::OwnReviewQuery,
    categories::CategoriesQuery,
    shop::ShopQuery,
    cart::CartQuery,
    checkout::CheckoutQuery,
    me::MeQuery,
    order::OrderQuery,
    node::NodeQuery,
    wards::WardsQuery,
    banks::BanksQuery,
    export_products::ExportProductsQuery,
    operations::OperationsQuery,
    departures::DeparturesQuery,
    digital_economy::DigitalEconomyQuery,
    quote_ticket_cancellation::QuoteTicketCancellationQuery,
    waiting_list_entry::WaitingListEntryQuery,
    shop_invitation::ShopInvitationQuery,
    AboutOwnData,
);

#[derive(Default, MergedObject)]
struct AboutOwnData(terms::TermsQuery, export_my_data::ExportMyDataQuery);
