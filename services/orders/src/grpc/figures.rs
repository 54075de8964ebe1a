//! Public figures. It decides nothing.

use proto::common::RefusalCode;
use proto::{Refused, orders as contract};
use tonic::{Response, Status};

use super::refusals::fault;
use super::{Answer, Grpc};
use crate::domain::checkout::PayWith;
use crate::domain::digital_economy::{MOST_DAYS, is_span};
use crate::domain::vietnam_day::VietnamDay;
use crate::store;

impl Grpc {
    pub(super) async fn digital_economy(
        &self,
        request: contract::DigitalEconomyRequest,
    ) -> Answer<contract::DigitalEconomy> {
        let day = |text: &str, field| {
            let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&[field]));
            VietnamDay::parse(text).ok_or_else(invalid)
        };
        let (first, last) = (day(&request.from, "from")?, day(&request.to, "to")?);
        if !is_span(first, last) {
            let refused = Refused::new(RefusalCode::OutOfRange).at(&["to"]);
            return Err(refused.fact("minimum", 1).fact("maximum", MOST_DAYS).into());
        }
        let db = self.0.0.database.reader();
        let found = store::turnover::between(db, first.start(), last.following().start()).await;
        let figures = found.map_err(fault)?;
        let told = figures.may_be_told();
        let ways = figures.ways.iter().filter(|_| told).map(|one| contract::TurnoverByWay {
            pay_with: match one.way {
                PayWith::VietQr => contract::PayWith::Vietqr,
                PayWith::Card => contract::PayWith::Card,
                PayWith::Invoiced => contract::PayWith::Unspecified,
            }
            .into(),
            orders: one.orders,
            turnover: Some(one.turnover.into()),
        });
        Ok(Response::new(contract::DigitalEconomy {
            shops: figures.shops,
            orders: figures.orders,
            ways: ways.collect(),
            turnover: told.then(|| figures.turnover.into()),
            as_of: self.0.0.clock.now().micros(),
        }))
    }
}
