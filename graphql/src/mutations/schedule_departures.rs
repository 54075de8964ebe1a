//! `scheduleDepartures`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::tours::{DepartureRule, ScheduleDeparturesRequest, ScheduledDepartures};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{DeparturePriceInput, ManagedDeparture, Moment};

/// Departures again and again (RFC 5545). Local times are those of Vietnam.
#[derive(Clone, Debug, InputObject)]
pub struct DepartureRuleInput {
    /// The first departure (`DTSTART`): `2026-12-01T05:30`.
    start: String,
    /// The rule (`RRULE`): `FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20270101`.
    rrule: String,
    /// Days or local moments to leave out (`EXDATE`).
    except: Option<Vec<String>>,
}

/// Departures to be made.
#[derive(Clone, Debug, InputObject)]
pub struct ScheduleDeparturesInput {
    /// Whose tour it is.
    shop_id: ID,
    /// The tour's product.
    product_id: ID,
    /// The moments at which they start, or else a rule.
    starts_at: Option<Vec<Moment>>,
    /// The rule by which they start.
    rule: Option<DepartureRuleInput>,
    /// Seats; the tour's when left out.
    capacity: Option<u32>,
    /// Minutes before the start at which the sale ends; the tour's when left out.
    cutoff_minutes: Option<u32>,
    /// Prices of those that are new, instead of the tour's and its rules'.
    prices: Option<Vec<DeparturePriceInput>>,
    /// Made up by the client: the same key schedules once.
    idempotency_key: String,
}

/// Departures that were asked for.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct Schedule {
    /// How many are new; the others were there.
    created: u32,
    /// How many were asked for.
    total: u32,
    /// The first of them, at most 100.
    departures: Vec<ManagedDeparture>,
}

payload! {
    /// What came of scheduling departures.
    ScheduleDeparturesPayload {
        /// All that were asked for.
        schedule: Schedule
    }
}

/// Departures in one answer.
const MAX_SHOWN: usize = 100;

#[derive(Default)]
pub struct ScheduleDepartures;

#[Object]
impl ScheduleDepartures {
    /// Makes departures of a tour. The same start of the same tour is one departure. Prices are those
    /// of the tour and its rules for the day, unless others are said.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn schedule_departures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When, how many seats.")] input: ScheduleDeparturesInput,
    ) -> Result<ScheduleDeparturesPayload, Error> {
        let scope = Scope::of(ctx);
        let starts_at = input.starts_at.unwrap_or_default();
        let prices = input.prices.unwrap_or_default();
        let prices = match DeparturePriceInput::read_all(prices, scope.locale) {
            Ok(prices) => prices,
            Err(refused) => return Ok(ScheduleDeparturesPayload::of(Err(refused))),
        };
        let request = ScheduleDeparturesRequest {
            shop_id: input.shop_id.0,
            product_id: input.product_id.0,
            starts_at: starts_at.into_iter().map(Moment::micros).collect(),
            rule: input.rule.map(|rule| DepartureRule {
                start: rule.start,
                rrule: rule.rrule,
                except: rule.except.unwrap_or_default(),
            }),
            capacity: input.capacity.unwrap_or_default(),
            cutoff_minutes: input.cutoff_minutes.unwrap_or_default(),
            has_cutoff: input.cutoff_minutes.is_some(),
            idempotency_key: input.idempotency_key,
            prices,
        };
        let outcome = scope.outcome(scope.catalog.clone().schedule_departures(request).await)?;
        Ok(ScheduleDeparturesPayload::of(outcome.map(|done| schedule(scope, done))))
    }
}

fn schedule(scope: &Scope, done: ScheduledDepartures) -> Schedule {
    let total = u32::try_from(done.departures.len()).unwrap_or(u32::MAX);
    let shown = done.departures.into_iter().take(MAX_SHOWN);
    Schedule {
        created: done.created,
        total,
        departures: shown.map(|one| ManagedDeparture::of(one.into(), scope.locale)).collect(),
    }
}
