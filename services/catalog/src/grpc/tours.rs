//! The calls of tours. It decides nothing.

use std::collections::HashMap;

use kernel::{DepartureId, ProductId, ShopId, Timestamp};
use platform::secrets::digest;
use proto::common::{Empty, RefusalCode};
use proto::{Refused, parse_id, tours as contract};
use time::Date;
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::domain::calendar::{begin_of, day_of, end_of};
use crate::domain::departure::{Departure, DepartureStatus};
use crate::domain::hold::HoldLine;
use crate::domain::tour::Tour;
use crate::domain::waiting::{ClaimDigest, MAX_WAITING, WaitingStatus};
use crate::messages::{departure_message, tour_message, waiting_entry_message};
use crate::refusals::{
    change_departure_status, fault, join_status, put_tour_status, return_status, schedule_status,
    tour_problems_status,
};
use crate::requests::{departure_id, departure_prices_of, product_id, scope_of, tour_of};
use crate::store;
use crate::usecases::black_out_departures::black_out_departures;
use crate::usecases::cancel_departure::cancel_departure;
use crate::usecases::join_waiting_list::{Guest, join_waiting_list, position_of};
use crate::usecases::put_tour::put_tour;
use crate::usecases::return_seats::return_seats;
use crate::usecases::schedule_departures::{Schedule, ScheduleRule, schedule_departures};
use crate::usecases::update_departure::{ChangeDepartureError, DepartureChange, update_departure};

/// The most days of a list of departures.
const MAX_DAYS: i64 = 100;
/// The most departures of an answer: a thousand of them with their tickets would not fit a message.
const MAX_DEPARTURES: usize = 500;
/// The most tours of an answer.
const MAX_TOURS: usize = 100;

impl Grpc {
    pub(super) async fn tour_put(
        &self,
        request: contract::PutTourRequest,
    ) -> Answer<contract::Tour> {
        let scope = scope_of(&request.shop_id)?;
        let tour = request.tour.unwrap_or_default();
        let id = product_id(&tour.product_id)?;
        let tour = tour_of(tour, id, scope.shop()).map_err(|wrong| tour_problems_status(&wrong))?;
        let written = put_tour(&self.0, scope, id, tour).await.map_err(put_tour_status)?;
        Ok(Response::new(tour_message(&written)))
    }

    pub(super) async fn tours(
        &self,
        request: contract::GetToursRequest,
    ) -> Answer<contract::Tours> {
        let ids: Vec<ProductId> =
            request.product_ids.iter().filter_map(|id| id.parse().ok()).take(MAX_TOURS).collect();
        let tours = store::tour::of_products(self.reader(), ids.iter().copied());
        let tours = tours.await.map_err(fault)?;
        let visible = self.visible(tours.keys().copied()).await?;
        let seen = ids.iter().filter_map(|id| tours.get(id)).filter(|tour| {
            request.hidden_too || visible.get(&tour.product).copied().unwrap_or(false)
        });
        let seen: Vec<&Tour> = seen.collect();
        let products: Vec<ProductId> = seen.iter().map(|tour| tour.product).collect();
        let now = self.0.0.clock.now();
        let minutes = store::departure::start_minutes(self.reader(), &products, now).await;
        let minutes = minutes.map_err(fault)?;
        let message = |tour: &Tour| {
            let own = minutes.iter().filter(|(product, _)| *product == tour.product);
            let start_times =
                own.map(|(_, minute)| format!("{:02}:{:02}", minute / 60, minute % 60));
            contract::Tour { start_times: start_times.collect(), ..tour_message(tour) }
        };
        Ok(Response::new(contract::Tours { tours: seen.into_iter().map(message).collect() }))
    }

    pub(super) async fn departures_scheduled(
        &self,
        request: contract::ScheduleDeparturesRequest,
    ) -> Answer<contract::ScheduledDepartures> {
        let scope = scope_of(&request.shop_id)?;
        let id = product_id(&request.product_id)?;
        let prices = departure_prices_of(request.prices);
        let schedule = Schedule {
            prices: prices.map_err(|wrong| tour_problems_status(&wrong))?,
            starts: request.starts_at.into_iter().map(Timestamp::from_micros).collect(),
            rule: request.rule.map(|rule| ScheduleRule {
                start: rule.start,
                rrule: rule.rrule,
                except: rule.except,
            }),
            capacity: Some(request.capacity).filter(|capacity| *capacity > 0),
            cutoff_minutes: request.has_cutoff.then_some(request.cutoff_minutes),
            idempotency_key: request.idempotency_key,
        };
        let scheduled = schedule_departures(&self.0, scope, id, schedule);
        let scheduled = scheduled.await.map_err(schedule_status)?;
        let created = scheduled.created;
        let mut departures = scheduled.departures;
        departures.truncate(MAX_DEPARTURES);
        let departures = self.departure_messages(departures).await?;
        Ok(Response::new(contract::ScheduledDepartures { departures, created }))
    }

    pub(super) async fn departures_listed(
        &self,
        request: contract::ListDeparturesRequest,
    ) -> Answer<contract::Departures> {
        let (from, to) = days_of(&request.from_day, &request.to_day)?;
        let limit = MAX_DEPARTURES as u64;
        if request.product_id.is_empty() && request.hidden_too {
            let (scope, from, to) = (scope_of(&request.shop_id)?, begin_of(from), end_of(to));
            let found = store::departure::of_shop(self.reader(), scope, from, to, limit).await;
            let departures = self.departure_messages(found.map_err(fault)?).await?;
            return Ok(Response::new(contract::Departures { departures }));
        }
        let id = product_id(&request.product_id)?;
        let products = store::product::by_ids(self.reader(), [id]).await.map_err(fault)?;
        let product = products.first().ok_or_else(|| Status::not_found("no such product"))?;
        let hidden_too =
            request.hidden_too && parse_id::<ShopId>(&request.shop_id)? == product.shop;
        if !(product.visible || hidden_too) {
            return Err(Status::not_found("no such product"));
        }
        let now = self.0.0.clock.now();
        // What has left is of interest to its shop only.
        let begin = if hidden_too { begin_of(from) } else { begin_of(from).max(now) };
        let found = store::departure::of_product(self.reader(), id, begin, end_of(to), limit).await;
        let mut found = found.map_err(fault)?;
        found.retain(|departure| hidden_too || departure.status == DepartureStatus::Open);
        let departures = self.departure_messages(found).await?;
        Ok(Response::new(contract::Departures { departures }))
    }

    pub(super) async fn departures_by_ids(
        &self,
        request: contract::GetDeparturesRequest,
    ) -> Answer<contract::Departures> {
        let ids = request.ids.iter().filter_map(|id| id.parse::<DepartureId>().ok());
        let found = store::departure::by_ids(self.reader(), ids.take(MAX_DEPARTURES)).await;
        let departures = self.departure_messages(found.map_err(fault)?).await?;
        Ok(Response::new(contract::Departures { departures }))
    }

    pub(super) async fn departure_updated(
        &self,
        request: contract::UpdateDepartureRequest,
    ) -> Answer<contract::Departure> {
        let (scope, id) = (scope_of(&request.shop_id)?, departure_id(&request.departure_id)?);
        let prices = request.prices.map(|all| departure_prices_of(all.prices)).transpose();
        let change = DepartureChange {
            prices: prices.map_err(|wrong| tour_problems_status(&wrong))?,
            capacity: request.capacity,
            cutoff_minutes: request.cutoff_minutes,
            open: request.open,
        };
        let changed = update_departure(&self.0, scope, id, change).await;
        self.departure(changed.map_err(change_departure_status)?).await
    }

    pub(super) async fn departures_blacked_out(
        &self,
        request: contract::BlackOutRequest,
    ) -> Answer<contract::Departures> {
        let (scope, product) = (scope_of(&request.shop_id)?, product_id(&request.product_id)?);
        let days = days_of(&request.from_day, &request.to_day)?;
        let closed = black_out_departures(&self.0, scope, product, days).await;
        let mut closed = closed.map_err(|error| match error {
            ChangeDepartureError::Unknown => {
                Refused::new(RefusalCode::NotFound).at(&["productId"]).into()
            }
            other => change_departure_status(other),
        })?;
        closed.truncate(MAX_DEPARTURES);
        let departures = self.departure_messages(closed).await?;
        Ok(Response::new(contract::Departures { departures }))
    }

    pub(super) async fn departure_cancelled(
        &self,
        request: contract::CancelDepartureRequest,
    ) -> Answer<contract::Departure> {
        let (scope, id) = (scope_of(&request.shop_id)?, departure_id(&request.departure_id)?);
        let unknown = |_| change_departure_status(ChangeDepartureError::MoveTo);
        let move_to =
            (!request.move_to.is_empty()).then(|| request.move_to.parse().map_err(unknown));
        let move_to = move_to.transpose()?;
        let cancelled = cancel_departure(&self.0, scope, id, &request.reason, move_to).await;
        self.departure(cancelled.map_err(change_departure_status)?).await
    }

    pub(super) async fn seats_returned(
        &self,
        request: contract::ReturnSeatsRequest,
    ) -> Answer<Empty> {
        let mut lines = Vec::with_capacity(request.seats.len());
        for line in &request.seats {
            lines.push(HoldLine { variant: parse_id(&line.variant_id)?, quantity: line.quantity });
        }
        let returned = return_seats(&self.0, &request.reference, &request.hold, &lines).await;
        returned.map_err(|error| return_status(error, "seats"))?;
        Ok(Response::new(Empty {}))
    }

    pub(super) async fn waiting_list_joined(
        &self,
        request: contract::JoinWaitingListRequest,
    ) -> Answer<contract::WaitingListEntry> {
        let id = departure_id(&request.departure_id)?;
        let guest = Guest {
            seats: request.seats,
            name: request.name,
            phone: request.phone,
            email: request.email,
            locale: request.locale.parse().unwrap_or_default(),
        };
        let joined = join_waiting_list(&self.0, id, guest).await.map_err(join_status)?;
        let mut message = waiting_entry_message(&joined.entry, joined.position);
        message.claim_token = joined.claim_token;
        Ok(Response::new(message))
    }

    /// Where somebody stands who has one of the tokens of an entry.
    pub(super) async fn waiting_list_entry(
        &self,
        claim_token: &str,
    ) -> Answer<contract::WaitingListEntry> {
        let unknown = || Status::not_found("no such entry");
        if claim_token.is_empty() {
            return Err(unknown());
        }
        let found = store::waiting::with_token(self.reader(), &digest(claim_token)).await;
        let entry = found.map_err(fault)?.ok_or_else(unknown)?;
        let both = [WaitingStatus::Waiting, WaitingStatus::Offered];
        let open =
            store::waiting::open_of(self.reader(), [entry.departure], &both, MAX_WAITING).await;
        let position = position_of(&open.map_err(fault)?, &entry);
        Ok(Response::new(waiting_entry_message(&entry, position)))
    }

    pub(super) async fn claim_added(&self, request: contract::AddClaimRequest) -> Answer<Empty> {
        let contract::AddClaimRequest { entry_id, claim_digest } = request;
        let digest = ClaimDigest::try_from(claim_digest);
        let digest = digest.map_err(|_| Status::invalid_argument("claim_digest"))?;
        let id = parse_id(&entry_id)?;
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        if !store::waiting::add_claim(&tx, id, digest).await.map_err(fault)? {
            return Err(Status::not_found("no such entry"));
        }
        tx.commit().await.map_err(fault)?;
        Ok(Response::new(Empty {}))
    }

    pub(super) async fn waiting_listed(
        &self,
        request: contract::ListWaitingRequest,
    ) -> Answer<contract::WaitingList> {
        let (scope, id) = (scope_of(&request.shop_id)?, departure_id(&request.departure_id)?);
        let found = store::departure::by_ids(self.reader(), [id]).await.map_err(fault)?;
        if !found.iter().any(|departure| departure.shop == scope.shop()) {
            return Err(Status::not_found("no such departure"));
        }
        let both = [WaitingStatus::Waiting, WaitingStatus::Offered];
        let open = store::waiting::open_of(self.reader(), [id], &both, MAX_WAITING).await;
        let open = open.map_err(fault)?;
        let message = |entry| waiting_entry_message(entry, position_of(&open, entry));
        Ok(Response::new(contract::WaitingList { entries: open.iter().map(message).collect() }))
    }

    async fn departure(&self, departure: Departure) -> Answer<contract::Departure> {
        let message = self.departure_messages(vec![departure]).await?.pop();
        Ok(Response::new(message.ok_or_else(|| Status::internal("a departure without a tour"))?))
    }

    /// Departures with their tickets, whatever their number, by two more statements.
    pub(super) async fn departure_messages(
        &self,
        departures: Vec<Departure>,
    ) -> Result<Vec<contract::Departure>, Status> {
        let products: Vec<ProductId> = departures.iter().map(|one| one.product).collect();
        let tours = store::tour::of_products(self.reader(), products.iter().copied());
        let tours = tours.await.map_err(fault)?;
        let visible = self.visible(products).await?;
        let now = self.0.0.clock.now();
        let message = |departure: &Departure| {
            let tour = tours.get(&departure.product)?;
            let visible = visible.get(&departure.product).copied().unwrap_or(false);
            Some(departure_message(tour, departure, visible, now))
        };
        Ok(departures.iter().filter_map(message).collect())
    }

    async fn visible(
        &self,
        ids: impl IntoIterator<Item = ProductId>,
    ) -> Result<HashMap<ProductId, bool>, Status> {
        store::product::visible_of(self.reader(), ids).await.map_err(fault)
    }
}

/// The days of a list, both included.
fn days_of(from: &str, to: &str) -> Result<(Date, Date), Status> {
    let day = |text: &str, field: &str| {
        day_of(text).ok_or_else(|| Status::from(Refused::new(RefusalCode::Invalid).at(&[field])))
    };
    let (from, to) = (day(from, "fromDay")?, day(to, "toDay")?);
    if !(0..MAX_DAYS).contains(&(to - from).whole_days()) {
        let refused = Refused::new(RefusalCode::OutOfRange).at(&["toDay"]);
        return Err(refused.fact("minimum", 1).fact("maximum", MAX_DAYS).into());
    }
    Ok((from, to))
}
