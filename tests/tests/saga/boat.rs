//! A boat with one seat, and who buys it.

use anyhow::Context;
use journeys::clockwork::Clockwork;
use kernel::{LocalizedText, Money, Timestamp};
use proto::catalog::{CreateProductRequest, ProductKind, VariantInput};
use proto::orders::Checkout;
use proto::tours::{
    AgeKind, Departure, GetDeparturesRequest, MeetingPoint, OptionKind, PutTourRequest,
    ScheduleDeparturesRequest, TicketKind, Tour, TourOption,
};
use serde_json::json;

/// What a seat costs, in đồng.
pub const SEAT: i64 = 100_000;

/// A boat on sale.
pub struct Boat {
    shop: String,
    product: String,
}

/// The only seat of a departure.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The departure.
    pub departure: String,
    /// What carts take.
    pub variant: String,
}

impl Boat {
    /// Puts a boat with one seat on sale.
    pub async fn on_sale(market: &Clockwork, shop: String) -> anyhow::Result<Self> {
        let price =
            VariantInput { price: Some(Money::vnd(SEAT).into()), ..VariantInput::default() };
        let request = CreateProductRequest {
            shop_id: shop.clone(),
            kind: ProductKind::Tour.into(),
            title: Some(LocalizedText::new("Xuồng một chỗ", "").into()),
            variants: vec![price],
            publish: true,
            ..CreateProductRequest::default()
        };
        let made = market.catalog.clone().create_product(request).await?.into_inner();
        let adult = TicketKind {
            code: "adult".to_owned(),
            age: AgeKind::Adult.into(),
            price: Some(Money::vnd(SEAT).into()),
            seats: 1,
            ..TicketKind::default()
        };
        let join_in = TourOption {
            code: "join-in".to_owned(),
            kind: OptionKind::JoinIn.into(),
            title: Some(LocalizedText::new("Đi ghép", "").into()),
            tickets: vec![adult],
            ..TourOption::default()
        };
        let pier = LocalizedText::new("Bến Ninh Kiều", "");
        let tour = Tour {
            product_id: made.id.clone(),
            shop_id: shop.clone(),
            options: vec![join_in],
            meeting_point: Some(MeetingPoint {
                text: Some(pier.into()),
                ..MeetingPoint::default()
            }),
            duration_minutes: 60,
            capacity: 1,
            ..Tour::default()
        };
        let request = PutTourRequest { shop_id: shop.clone(), tour: Some(tour) };
        market.catalog.clone().put_tour(request).await?;
        Ok(Self { shop, product: made.id })
    }

    /// Departures a minute apart from a moment on.
    pub async fn seats(
        &self,
        market: &Clockwork,
        first: Timestamp,
        count: usize,
    ) -> anyhow::Result<Vec<Seat>> {
        const MINUTE: i64 = 60_000_000;
        let begin = first.micros() - first.micros() % MINUTE;
        let request = ScheduleDeparturesRequest {
            shop_id: self.shop.clone(),
            product_id: self.product.clone(),
            starts_at: (0..count as i64).map(|place| begin + place * MINUTE).collect(),
            idempotency_key: format!("from {begin}"),
            ..ScheduleDeparturesRequest::default()
        };
        let made = market.catalog.clone().schedule_departures(request).await?.into_inner();
        anyhow::ensure!(made.departures.len() == count, "{} departures", made.departures.len());
        let seat = |departure: Departure| {
            let ticket = departure.tickets.into_iter().next().context("no ticket")?;
            Ok(Seat { departure: departure.id, variant: ticket.variant_id })
        };
        made.departures.into_iter().map(seat).collect()
    }
}

/// How many seats of departures are held and sold, in the order in which they are asked for.
pub async fn held_and_sold(market: &Clockwork, seats: &[Seat]) -> anyhow::Result<Vec<(u32, u32)>> {
    let ids = seats.iter().map(|seat| seat.departure.clone()).collect();
    let found = market.catalog.clone().get_departures(GetDeparturesRequest { ids }).await?;
    let found = found.into_inner().departures;
    let of = |seat: &Seat| {
        let departure = found.iter().find(|departure| departure.id == seat.departure);
        departure.map(|departure| (departure.held, departure.sold)).context("no departure")
    };
    seats.iter().map(of).collect()
}

/// What SePay says of the transfer that a checkout asks for.
pub fn transfer_for(checkout: &Checkout, id: u64) -> anyhow::Result<String> {
    let payment = checkout.payment.as_ref().context("a checkout that was started now")?;
    let qr = payment.qr.as_ref().context("a payment by QR")?;
    let amount = payment.amount.as_ref().context("a payment of something")?.minor;
    let body = json!({
        "id": id, "gateway": "Vietcombank", "transactionDate": "2027-01-15 14:02:37",
        "accountNumber": qr.account_number, "code": null, "content": qr.memo, "transferType": "in",
        "transferAmount": amount, "accumulated": 19_077_000, "subAccount": null,
        "referenceCode": format!("MBVCB.{id}"), "description": "",
    });
    Ok(body.to_string())
}
