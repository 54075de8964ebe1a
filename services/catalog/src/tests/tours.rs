//! Tours and departures on both databases: what is scheduled, offered, held, sold.

mod changing;
mod clocks;
mod ending;
mod holding;
mod racing;
mod scheduling;
mod travelling;
mod waiting;

use kernel::DepartureId;
use proto::catalog as contract;
use proto::catalog::catalog_server::Catalog as Service;
use proto::tours;
use tonic::{Request, Status};

use super::*;
use crate::domain::product::ProductKind;
use crate::domain::seats::Seats;
use crate::domain::tour::Tour;
use crate::domain::tour::sample;
use crate::grpc::Grpc;
use crate::messages::tour_message;

/// A tour and its departures.
struct Pier {
    bench: Bench,
    product: Product,
}

impl Pier {
    /// A pier whose tour leaves at some hours from now on.
    async fn on(database: Database) -> Self {
        let bench = Bench::on(database).await;
        let variant =
            VariantDraft { price: Some(Money::vnd(1)), stock: Some(9), ..VariantDraft::default() };
        let draft = ProductDraft {
            kind: ProductKind::Tour,
            title: LocalizedText::new("Chợ nổi Cái Răng", "Cái Răng floating market"),
            publish: true,
            variants: vec![variant],
            ..ProductDraft::default()
        };
        let product = create_product(&bench.catalog, bench.scope, draft).await.unwrap();
        let pier = Self { bench, product };
        pier.put(pier.tour()).await.unwrap();
        pier
    }

    fn tour(&self) -> Tour {
        Tour { product: self.product.id, shop: self.product.shop, ..sample::tour() }
    }

    fn grpc(&self) -> Grpc {
        Grpc(self.bench.catalog.clone())
    }

    async fn put(&self, tour: Tour) -> Result<tours::Tour, Status> {
        let shop_id = self.bench.scope.shop().to_string();
        let request = tours::PutTourRequest { shop_id, tour: Some(tour_message(&tour)) };
        self.grpc().put_tour(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    /// The moment in so many hours, at a whole minute.
    fn hours(&self, hours: u64) -> i64 {
        let moment = self.bench.clock.now().after(Duration::from_secs(hours * 3_600)).micros();
        moment - moment % 60_000_000
    }

    fn schedule_request(&self, starts_at: Vec<i64>, key: &str) -> tours::ScheduleDeparturesRequest {
        tours::ScheduleDeparturesRequest {
            shop_id: self.bench.scope.shop().to_string(),
            product_id: self.product.id.to_string(),
            starts_at,
            idempotency_key: key.to_owned(),
            ..tours::ScheduleDeparturesRequest::default()
        }
    }

    async fn schedule(
        &self,
        request: tours::ScheduleDeparturesRequest,
    ) -> Result<tours::ScheduledDepartures, Status> {
        let answer = self.grpc().schedule_departures(Request::new(request)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// A departure in so many hours.
    async fn departure(&self, hours: u64) -> tours::Departure {
        let request = self.schedule_request(vec![self.hours(hours)], &format!("trong {hours} gio"));
        self.schedule(request).await.unwrap().departures.pop().unwrap()
    }

    async fn again(&self, departure: &tours::Departure) -> tours::Departure {
        let request = tours::GetDeparturesRequest { ids: vec![departure.id.clone()] };
        let found = self.grpc().get_departures(Request::new(request)).await.unwrap();
        found.into_inner().departures.pop().unwrap()
    }

    async fn offers(&self, variants: &[VariantId]) -> Vec<contract::Offer> {
        let variant_ids = variants.iter().map(ToString::to_string).collect();
        let request = contract::GetOffersRequest { variant_ids, ..Default::default() };
        self.grpc().get_offers(Request::new(request)).await.unwrap().into_inner().offers
    }

    async fn hold(
        &self,
        reference: &str,
        lines: &[(VariantId, i64)],
    ) -> Result<contract::Hold, Status> {
        let lines = lines.iter().map(|(variant, quantity)| contract::HoldLine {
            variant_id: variant.to_string(),
            quantity: *quantity,
        });
        let request = contract::HoldStockRequest {
            reference: reference.to_owned(),
            lines: lines.collect(),
            expires_at: self.bench.clock.now().after(Duration::from_secs(60)).micros(),
            ..Default::default()
        };
        self.grpc().hold_stock(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    /// The seats of a departure.
    async fn seats(&self, departure: &tours::Departure) -> (i64, i64) {
        let id: DepartureId = departure.id.parse().unwrap();
        let found = store::departure::by_ids(self.bench.database.reader(), [id]).await.unwrap();
        let Seats { held, sold, .. } = found[0].seats;
        (held, sold)
    }

    /// Events that were written since the last look, by their kinds.
    async fn told(&self) -> Vec<Body> {
        told(&self.bench.database).await
    }
}

/// The variant id of something that is bought on a departure.
fn variant(departure: &tours::Departure, code: &str) -> VariantId {
    let of = |ticket: &&tours::DepartureTicket| ticket.ticket.as_ref().unwrap().ticket_code == code;
    departure.tickets.iter().find(of).unwrap().variant_id.parse().unwrap()
}

/// Codes and fields of a refusal: `PARTY_TOO_SMALL lines.0`.
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    let refusals = proto::refusals_of(&status).unwrap_or_else(|| panic!("{status:?}"));
    let said = refusals
        .iter()
        .map(|refusal| format!("{} {}", refusal.code().as_str_name(), refusal.path.join(".")));
    said.collect()
}

/// Events that wait in the outbox; they are marked as published.
async fn told(database: &Database) -> Vec<Body> {
    use sea_orm::ConnectionTrait;
    let select = sea_orm::sea_query::Query::select()
        .columns(["payload"])
        .from("outbox")
        .order_by("seq", sea_orm::Order::Asc)
        .to_owned();
    let rows = database.reader().query_all(&select).await.unwrap();
    let tx = database.begin().await.unwrap();
    tx.execute_unprepared("DELETE FROM outbox").await.unwrap();
    tx.commit().await.unwrap();
    let event = |payload: Vec<u8>| <Event as prost::Message>::decode(payload.as_slice()).unwrap();
    rows.iter().map(|row| event(row.try_get("", "payload").unwrap()).body.unwrap()).collect()
}
