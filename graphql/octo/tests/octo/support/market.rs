//! A small market: a tour operator with three tours and daily departures, another shop, resellers.

use std::sync::{Arc, Mutex};

use axum::Router;
use kernel::{Clock, DepartureId, ManualClock, ProductId, ShopId, Timestamp, VariantId};
use octo::{Octo, OctoParts, OctoSettings};
use platform::calendar_links::CalendarLinks;
use platform::limits::RateLimiter;
use platform::rpc::{self, AccountsClient, CatalogClient, OrdersClient};
use proto::accounts::accounts_server::AccountsServer;
use proto::accounts::{
    GetShopBySlugRequest, GetShopsRequest, Shop, ShopKind, ShopStatus, Shops, Ward, Wards,
};
use proto::bookings::{AuthenticateResellerRequest, Reseller};
use proto::catalog::catalog_server::CatalogServer;
use proto::catalog::{
    GetProductsRequest, ListProductsRequest, Product, ProductKind, ProductPage, Products,
};
use proto::common::{Empty, LocalizedText, Money, PageInfo};
use proto::orders::orders_server::OrdersServer;
use proto::tours::{
    AgeKind, CancellationTier, Departure, DepartureStatus, DepartureTicket, Departures,
    GetDeparturesRequest, GetToursRequest, ItineraryStop, ListDeparturesRequest, MeetingPoint,
    OptionKind, Residence, TicketKind, TicketOffer, Tour, TourOption, Tours,
};
use tonic::Status;
use uuid::Uuid;

use super::bookings;
use super::fake::Fake;

/// Number of the tour operator whose reseller has the key "good".
pub const OPERATOR: u128 = 1;
/// Number of another shop.
pub const OTHER: u128 = 2;
/// Microseconds of an hour.
pub const HOUR: i64 = 3_600_000_000;
/// 2026-12-01T05:30:00+07:00, when the first departure of every tour starts.
pub const FIRST_START: i64 = 1_796_077_800_000_000;
/// Departures of each tour, one a day.
pub const DEPARTURES: u128 = 10;

/// The services of a test, and the door over them.
pub struct Market {
    pub accounts: Fake,
    pub catalog: Fake,
    pub orders: Fake,
    pub clock: Arc<ManualClock>,
    pub settings: OctoSettings,
    pub departures: Arc<Mutex<Vec<Departure>>>,
}

impl Market {
    /// A market four days before the first departure.
    pub fn new() -> Self {
        let settings = OctoSettings {
            public_url: "https://chonoi.example".to_owned(),
            calendars: CalendarLinks::new(b"of the test".to_vec()),
            trust_forwarded: true,
            requests_per_minute: 0,
        };
        let departures =
            (1..=3).flat_map(|tour| (0..DEPARTURES).map(move |day| departure(tour, day)));
        let now = Timestamp::from_micros(FIRST_START - 96 * HOUR);
        let market = Self {
            accounts: Fake::default(),
            catalog: Fake::default(),
            orders: Fake::default(),
            clock: Arc::new(ManualClock::at(now)),
            settings,
            departures: Arc::new(Mutex::new(departures.collect())),
        };
        market.answer_accounts();
        market.answer_products();
        market.answer_departures();
        market.answer_resellers();
        bookings::answer(&market.orders, &market.clock);
        market
    }

    /// The routes of a new door over these services.
    pub fn routes(&self) -> Router {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Octo::new(OctoParts {
            accounts: AccountsClient::new(rpc::local(AccountsServer::new(self.accounts.clone()))),
            catalog: CatalogClient::new(rpc::local(CatalogServer::new(self.catalog.clone()))),
            orders: OrdersClient::new(rpc::local(OrdersServer::new(self.orders.clone()))),
            limiter: Arc::new(RateLimiter::in_process()),
            clock,
            settings: self.settings.clone(),
        })
        .routes()
    }

    /// Changes a departure.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Departure)) {
        let mut departures = self.departures.lock().unwrap();
        change(departures.iter_mut().find(|departure| departure.id == id).unwrap());
    }

    fn answer_accounts(&self) {
        self.accounts.on("get_shops", |request: GetShopsRequest| {
            let known = [OPERATOR, OTHER].map(shop);
            let shops = known.into_iter().filter(|shop| request.ids.contains(&shop.id)).collect();
            Ok(Shops { shops })
        });
        self.accounts.on("get_shop_by_slug", |request: GetShopBySlugRequest| {
            let known = [OPERATOR, OTHER].map(shop);
            let found = known.into_iter().find(|shop| shop.slug == request.slug);
            found.ok_or_else(|| Status::not_found("there is no such shop"))
        });
        self.accounts.on("list_wards", |_: Empty| {
            let ward = Ward {
                code: "31120".to_owned(),
                name: "Phường Ninh Kiều".to_owned(),
                name_en: "Ninh Kieu Ward".to_owned(),
            };
            Ok(Wards { wards: vec![ward] })
        });
    }

    fn answer_products(&self) {
        self.catalog.on("list_products", |request: ListProductsRequest| {
            let filter = request.filter.unwrap();
            let fits = |product: &Product| {
                product.shop_id == filter.shop_id && product.kind == filter.kind && product.visible
            };
            let products: Vec<_> = products().into_iter().filter(fits).collect();
            let cursors = products.iter().map(|product| product.slug.clone()).collect();
            let page = PageInfo { has_next: false, cursors, total: -1 };
            Ok(ProductPage { products, page: Some(page) })
        });
        self.catalog.on("get_products", |request: GetProductsRequest| {
            let fits = |product: &Product| {
                request.ids.contains(&product.id) && (product.visible || request.hidden_too)
            };
            Ok(Products { products: products().into_iter().filter(fits).collect() })
        });
        self.catalog.on("get_tours", |request: GetToursRequest| {
            let numbers =
                (1..=4).filter(|number| request.product_ids.contains(&product_id(*number)));
            Ok(Tours { tours: numbers.map(tour).collect() })
        });
    }

    fn answer_departures(&self) {
        let departures = Arc::clone(&self.departures);
        self.catalog.on("get_departures", move |request: GetDeparturesRequest| {
            let known = departures.lock().unwrap();
            let fits = |departure: &&Departure| request.ids.contains(&departure.id);
            Ok(Departures { departures: known.iter().filter(fits).cloned().collect() })
        });
        let departures = Arc::clone(&self.departures);
        self.catalog.on("list_departures", move |request: ListDeparturesRequest| {
            let known = departures.lock().unwrap();
            let whole_shop = request.hidden_too && request.product_id.is_empty();
            let fits = |departure: &&Departure| {
                let day = &departure.local_start[..10];
                let of = if whole_shop {
                    departure.shop_id == request.shop_id
                } else {
                    departure.product_id == request.product_id
                };
                of && (request.from_day.as_str()..=request.to_day.as_str()).contains(&day)
            };
            Ok(Departures { departures: known.iter().filter(fits).cloned().collect() })
        });
    }

    fn answer_resellers(&self) {
        self.orders.on("authenticate_reseller", |request: AuthenticateResellerRequest| {
            let (id, shop_number, active) = match request.key.as_str() {
                "good" => ("rsl_1", OPERATOR, true),
                "second" => ("rsl_2", OPERATOR, true),
                "other" => ("rsl_3", OTHER, true),
                "revoked" => ("rsl_4", OPERATOR, false),
                _ => return Err(Status::unauthenticated("there is no such key")),
            };
            Ok(Reseller {
                id: id.to_owned(),
                shop_id: shop(shop_number).id,
                active,
                ..Reseller::default()
            })
        });
    }
}

/// A shop by its number.
pub fn shop(number: u128) -> Shop {
    Shop {
        id: ShopId::from_uuid(Uuid::from_u128(number)).to_string(),
        slug: format!("shop-{number}"),
        name: format!("Bến thuyền; số {number}"),
        kind: ShopKind::TourOperator.into(),
        status: ShopStatus::Approved.into(),
        ward_code: "31120".to_owned(),
        address: "38 Hai Bà Trưng".to_owned(),
        phone: "+842923812345".to_owned(),
        about: Some(text("Thuyền nhỏ", "Small boats")),
        ..Shop::default()
    }
}

/// Id of a product: 1 and 2 are tours of the operator, 3 is of the other shop, 4 is hidden, 5 is fruit.
pub fn product_id(number: u128) -> String {
    ProductId::from_uuid(Uuid::from_u128(number)).to_string()
}

/// Id of a departure of a tour, so many days after the first.
pub fn departure_id(tour: u128, day: u128) -> String {
    DepartureId::from_uuid(Uuid::from_u128(tour * 1_000 + day)).to_string()
}

/// All products.
pub fn products() -> Vec<Product> {
    let product = |number: u128| Product {
        id: product_id(number),
        shop_id: shop(if number == 3 { OTHER } else { OPERATOR }).id,
        slug: format!("tour-{number}"),
        kind: if number == 5 { ProductKind::Goods } else { ProductKind::Tour }.into(),
        title: Some(text("Chợ nổi Cái Răng lúc bình minh", "Cái Răng floating market at dawn")),
        description: Some(text(
            "Đi từ sáng sớm. Ăn sáng trên sông.",
            "An early start. Breakfast on the river.",
        )),
        picture: "tours/cai-rang.jpg".to_owned(),
        published: true,
        visible: number != 4,
        ..Product::default()
    };
    (1..=5).map(product).collect()
}

/// A tour by its number.
pub fn tour(number: u128) -> Tour {
    let ticket =
        |code: &str, age: AgeKind, ages: (u32, u32), price, seats, accompanied| TicketKind {
            code: code.to_owned(),
            age: age.into(),
            residence: Residence::Anybody.into(),
            minimum_age: ages.0,
            maximum_age: ages.1,
            price: Some(vnd(price)),
            seats,
            accompanied,
        };
    let join_in = TourOption {
        code: "join-in".to_owned(),
        kind: OptionKind::JoinIn.into(),
        title: Some(text("Đi ghép", "Join in")),
        minimum_party: 0,
        maximum_party: 10,
        tickets: vec![
            ticket("adult", AgeKind::Adult, (16, 0), 250_000, 1, false),
            ticket("child", AgeKind::Child, (5, 15), 125_000, 1, true),
            ticket("infant", AgeKind::Infant, (0, 4), 0, 0, true),
        ],
    };
    let private = TourOption {
        code: "private".to_owned(),
        kind: OptionKind::Private.into(),
        title: Some(text("Thuyền riêng", "")),
        maximum_party: 12,
        tickets: vec![ticket("boat", AgeKind::Boat, (0, 0), 2_000_000, 12, false)],
        ..TourOption::default()
    };
    Tour {
        product_id: product_id(number),
        shop_id: shop(if number == 3 { OTHER } else { OPERATOR }).id,
        options: vec![join_in, private],
        itinerary: vec![ItineraryStop {
            at_minute: 30,
            title: Some(text("Chợ nổi Cái Răng", "Cái Răng floating market")),
            text: Some(text("Hủ tiếu trên ghe", "Noodles from a boat")),
        }],
        meeting_point: Some(meeting_point()),
        languages: vec!["vi".to_owned(), "en".to_owned()],
        included: vec![text("Nước suối", "Water")],
        excluded: vec![text("Ăn trưa", "Lunch")],
        cancellation: tiers(),
        duration_minutes: 240,
        cutoff_minutes: 60,
        capacity: 12,
        start_times: vec!["05:30".to_owned()],
        ..Tour::default()
    }
}

/// All back three days before, half one day before.
pub fn tiers() -> Vec<CancellationTier> {
    let tier =
        |hours_before, refund_basis_points| CancellationTier { hours_before, refund_basis_points };
    vec![tier(72, 10_000), tier(24, 5_000)]
}

fn meeting_point() -> MeetingPoint {
    MeetingPoint {
        text: Some(text("Bến Ninh Kiều, cổng số 2", "Ninh Kiều pier, gate 2")),
        latitude: 10.032_5,
        longitude: 105.788_2,
    }
}

/// A departure of a tour, so many days after the first.
pub fn departure(tour_number: u128, day: u128) -> Departure {
    let tour = tour(tour_number);
    let starts_at = FIRST_START + 24 * HOUR * i64::try_from(day).unwrap();
    let ends_at = starts_at + 4 * HOUR;
    let start = Timestamp::from_micros(starts_at).to_utc().to_offset(time::macros::offset!(+7));
    let id = departure_id(tour_number, day);
    let mut tickets = Vec::new();
    for option in &tour.options {
        for (place, kind) in (0_u128..).zip(&option.tickets) {
            let number = tour_number * 1_000_000
                + day * 1_000
                + u128::from(option.kind.unsigned_abs()) * 10
                + place;
            let offer = TicketOffer {
                departure_id: id.clone(),
                starts_at,
                ends_at,
                option_code: option.code.clone(),
                option_kind: option.kind,
                option_title: option.title.clone(),
                ticket_code: kind.code.clone(),
                age: kind.age,
                residence: kind.residence,
                seats: kind.seats,
                admits: 1,
                cancellation: tour.cancellation.clone(),
                meeting_point: Some(meeting_point()),
            };
            tickets.push(DepartureTicket {
                variant_id: VariantId::from_uuid(Uuid::from_u128(number)).to_string(),
                ticket: Some(offer),
                price: kind.price.clone(),
                available: if option.code == "private" { 1 } else { 12 },
            });
        }
    }
    Departure {
        id,
        product_id: tour.product_id,
        shop_id: tour.shop_id,
        starts_at,
        ends_at,
        local_start: format!("{}T{:02}:{:02}:00+07:00", start.date(), start.hour(), start.minute()),
        status: DepartureStatus::DepartureOpen.into(),
        capacity: 12,
        cutoff_minutes: 60,
        for_sale: true,
        tickets,
        ..Departure::default()
    }
}

/// An amount of whole đồng.
pub fn vnd(minor: i64) -> Money {
    Money { minor, currency: "VND".to_owned() }
}

/// A text in both languages.
pub fn text(vi: &str, en: &str) -> LocalizedText {
    LocalizedText { vi: vi.to_owned(), en: en.to_owned() }
}
