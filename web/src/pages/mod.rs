//! The pages, one part of the market a file.

mod account;
mod audit;
mod billing;
mod books;
mod bought_order;
mod cart;
mod cart_vouchers;
mod check_in;
mod checkout;
mod counter;
mod departure_prices;
mod departures;
mod direct;
mod home;
mod imports;
mod join;
mod manage;
mod market_shops;
mod members;
mod money;
mod my_data;
mod narrowed;
mod operations;
mod order_detail;
mod orders;
mod own_shop;
mod part_payment;
mod password;
mod pay_by_card;
mod payout_account;
mod photos;
mod product_editor;
mod product_photos;
mod products;
mod refunds;
mod resellers;
mod reviews;
mod search;
mod shop_editor;
mod shops;
mod sold_order;
mod stalls;
mod status_events;
mod terms;
mod tickets;
mod tour_desk;
mod tour_editor;
mod tour_fields;
mod tour_views;
mod tours;
mod treasury;
mod views;
mod vouchers;
mod waiting;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::{AppState, PageError, upload};

/// The routes of all pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(home::show))
        .route("/search", get(search::show))
        .route("/p/{slug}", get(stalls::product))
        .route("/s/{slug}", get(stalls::shop))
        .route("/reviews/{product}", get(reviews::show).post(reviews::write))
        .route("/reviews/{product}/{review}/remove", post(reviews::remove))
        .route("/language", post(account::change_language))
        .route("/sign-in", get(account::sign_in_form).post(account::sign_in))
        .route("/sign-up", get(account::sign_up_form).post(account::sign_up))
        .route("/sign-out", post(account::sign_out))
        .route("/terms", get(terms::show))
        .route("/terms/accept", get(terms::ask).post(terms::accept))
        .route("/password", get(password::form).post(password::change))
        .route("/password/forgotten", get(password::forgotten_form).post(password::ask_for_letter))
        .route("/password/reset/{token}", get(password::reset_form).post(password::reset))
        .route("/my-data", get(my_data::show).post(my_data::update))
        .route("/my-data/email/{token}", get(my_data::confirm_form).post(my_data::confirm))
        .route("/my-data/file", get(my_data::file))
        .route("/my-data/delete", get(my_data::delete_form).post(my_data::delete))
        .route("/cart", get(cart::show))
        .route("/cart/lines", post(cart::add))
        .route("/cart/tickets", post(tours::add))
        .route("/departures/{id}/wait", post(tours::wait))
        .route("/waiting/{token}", get(waiting::show).post(waiting::take))
        .route("/cart/lines/{id}", post(cart::change))
        .route("/cart/vouchers", post(cart_vouchers::apply))
        .route("/cart/vouchers/remove", post(cart_vouchers::remove))
        .route("/checkout", get(checkout::form).post(checkout::start))
        .route("/checkout/{id}", get(checkout::show))
        .route("/checkout/{id}/events", get(checkout::events))
        .route("/checkout/{id}/cancel", post(checkout::cancel))
        .route("/checkout/{id}/extend", post(checkout::extend))
        .route("/checkout/{id}/orders/{order}", get(bought_order::show))
        .route("/checkout/{id}/orders/{order}/cancel", post(bought_order::cancel))
        .route("/checkout/{id}/orders/{order}/return", post(bought_order::send_back))
        .route("/checkout/{id}/card", get(pay_by_card::show).post(pay_by_card::begin))
        .route("/checkout/{id}/tickets", get(tickets::show))
        .route("/checkout/{id}/tickets/cancel", get(tickets::ask).post(tickets::cancel))
        .route("/t/{checkout}/{token}", get(tickets::open))
        .route("/o/{checkout}/{token}", get(tickets::open_checkout))
        .route("/orders", get(orders::show))
        .route("/my-shops", get(shops::list))
        .route("/shops/open", get(shops::open_form).post(shops::open))
        .route("/my-shops/{id}", get(manage::show))
        .route("/my-shops/{id}/submit", post(manage::submit))
        .route("/my-shops/{id}/details", get(shop_editor::form).post(shop_editor::save))
        .route("/my-shops/{id}/orders/{order}", get(sold_order::show))
        .route("/my-shops/{id}/orders/{order}/fulfil", post(manage::fulfil))
        .route("/my-shops/{id}/orders/{order}/cancel", post(sold_order::cancel))
        .route("/my-shops/{id}/orders/{order}/returns/{one}/{decision}", post(sold_order::decide))
        .route("/my-shops/{id}/return-policy", post(sold_order::set_policy))
        .route("/my-shops/{id}/letters", post(manage::set_letters))
        .route("/my-shops/{id}/products", get(products::list).post(products::create))
        .route(
            "/my-shops/{id}/products/{product}",
            get(product_editor::form).post(product_editor::save),
        )
        .route(
            "/my-shops/{id}/products/{product}/images",
            get(product_photos::show)
                .post(product_photos::add)
                .layer(DefaultBodyLimit::max(product_photos::MAX_BODY_BYTES)),
        )
        .route(
            "/my-shops/{id}/products/{product}/images/{image}/{change}",
            post(product_photos::change),
        )
        .route("/my-shops/{id}/products/{product}/{change}", post(products::publish))
        .route("/my-shops/{id}/variants/{variant}/stock", post(products::adjust_stock))
        .route("/my-shops/{id}/variants/{variant}/price", post(products::set_price))
        .route(
            "/my-shops/{id}/import",
            get(imports::form)
                .post(imports::start)
                .layer(DefaultBodyLimit::max(upload::MAX_BODY_BYTES)),
        )
        .route("/my-shops/{id}/import/{import}", get(imports::show))
        .route("/my-shops/{id}/export/{format}", get(imports::export))
        .route("/my-shops/{id}/tours", get(tour_desk::list).post(tour_desk::create))
        .route("/my-shops/{id}/tours/{product}", get(tour_editor::form).post(tour_editor::save))
        .route(
            "/my-shops/{id}/tours/{product}/departures",
            get(tour_desk::departures).post(tour_desk::schedule),
        )
        .route("/my-shops/{id}/tours/{product}/black-out", post(tour_desk::black_out))
        .route(
            "/my-shops/{id}/departures/{departure}",
            get(departures::show).post(departures::update),
        )
        .route("/my-shops/{id}/departures/{departure}/manifest.csv", get(departures::manifest_file))
        .route(
            "/my-shops/{id}/departures/{departure}/prices",
            get(departure_prices::show).post(departure_prices::save),
        )
        .route("/my-shops/{id}/departures/{departure}/cancel", post(departures::cancel))
        .route("/my-shops/{id}/check-in", get(check_in::show))
        .route("/my-shops/{id}/check-in/data", get(check_in::data))
        .route("/my-shops/{id}/check-in/scans", post(check_in::scans))
        .route("/my-shops/{id}/vouchers", get(vouchers::show).post(vouchers::create))
        .route("/my-shops/{id}/vouchers/{voucher}/end", post(vouchers::end))
        .route("/my-shops/{id}/resellers", get(resellers::show).post(resellers::add))
        .route("/my-shops/{id}/resellers/{reseller}/revoke", post(resellers::revoke))
        .route("/my-shops/{id}/members", get(members::show).post(members::invite))
        .route("/my-shops/{id}/members/{person}/remove", post(members::remove))
        .route("/my-shops/{id}/invitations/{invitation}/revoke", post(members::revoke))
        .route("/my-shops/{id}/leave", post(members::leave))
        .route("/join/{token}", get(join::show).post(join::accept))
        .route("/my-shops/{id}/counter", get(counter::show).post(counter::ask))
        .route("/my-shops/{id}/counter/{payment}", get(counter::qr))
        .route("/my-shops/{id}/counter/{payment}/events", get(counter::events))
        .route("/my-shops/{id}/counter/{payment}/cancel", post(counter::cancel))
        .route("/my-shops/{id}/direct", get(direct::show).post(direct::set))
        .route(
            "/my-shops/{id}/direct/statements",
            post(direct::upload).layer(DefaultBodyLimit::max(upload::MAX_BODY_BYTES)),
        )
        .route("/my-shops/{id}/payout-account", get(payout_account::form).post(payout_account::set))
        .route("/my-shops/{id}/refund", get(refunds::form).post(refunds::refund))
        .route("/checkout/{id}/refunds/{refund}", post(refunds::provide_account))
        .route("/my-shops/{id}/money", get(money::show))
        .route("/my-shops/{id}/money/lines", get(money::lines))
        .route("/my-shops/{id}/money/lines/{line}", get(money::line))
        .route("/my-shops/{id}/money/file/{format}", get(money::file))
        .route("/operations", get(operations::show))
        .route("/operations/shops", get(market_shops::list))
        .route("/operations/shops/{id}/approve", post(market_shops::approve))
        .route("/operations/shops/{id}/suspend", post(market_shops::suspend))
        .route("/operations/resellers", get(billing::list))
        .route("/operations/resellers/{id}", get(billing::show))
        .route("/operations/resellers/{id}/bills", post(billing::bill))
        .route("/operations/resellers/{id}/bills/{bill}/cancel", post(billing::cancel))
        .route("/operations/direct", post(operations::allow_direct))
        .route("/operations/audit", get(audit::show))
        .route("/operations/books", get(books::show).post(books::close))
        .route("/operations/books/tax", get(books::declaration))
        .route("/operations/money", get(treasury::show))
        .route("/operations/money/credits", get(treasury::credits))
        .route("/operations/money/credits/{id}", post(treasury::resolve))
        .route("/operations/money/credits/{id}/unmatch", post(treasury::unmatch))
        .route("/operations/money/credits/{id}/forget", post(treasury::forget))
        .route("/operations/money/credits/{id}/write-off", post(treasury::write_off_credit))
        .route("/operations/money/debits/{id}/write-off", post(treasury::write_off_debit))
        .route("/operations/money/write-offs", get(treasury::write_offs))
        .route("/operations/money/write-offs/{id}/withdraw", post(treasury::withdraw_write_off))
        .route("/operations/money/reopened", get(treasury::reopened))
        .route("/operations/money/disputes", get(treasury::disputes))
        .route("/operations/money/card-payouts", get(treasury::card_payouts))
        .route("/operations/money/debits", get(treasury::debits))
        .route("/operations/money/debits/{id}/reverse", post(treasury::reverse))
        .route(
            "/operations/money/statements",
            post(treasury::upload).layer(DefaultBodyLimit::max(upload::MAX_BODY_BYTES)),
        )
        .route("/operations/money/statements/{id}", get(treasury::statement))
        .route("/operations/money/statements/{id}/retry", post(treasury::retry))
        .route("/operations/money/statements/{id}/columns", post(treasury::correct_columns))
        .route("/operations/money/payouts", get(treasury::payouts).post(treasury::run))
        .route("/operations/money/payouts/{id}/settle", post(treasury::settle_payout))
        .route("/operations/money/payouts/{id}/{decision}", post(treasury::decide_payout))
        .route("/operations/money/refunds", get(treasury::refunds))
        .route("/operations/money/refunds/{id}/fail", post(treasury::fail_refund))
        .route("/operations/money/refunds/{id}/{decision}", post(treasury::decide_refund))
        .route("/operations/money/card-returns/{id}/again", post(treasury::return_card_surplus))
        .route(
            "/operations/money/card-returns/{id}/to-bank",
            post(treasury::return_surplus_to_bank),
        )
        .route("/operations/money/transfers", post(treasury::send))
        .route("/operations/money/transfers/{id}/{format}", get(treasury::file))
        .route("/operations/money/report", get(treasury::report))
        .route("/operations/money/report/{format}", get(treasury::report_file))
        .fallback(|| async { PageError::NotFound })
}
