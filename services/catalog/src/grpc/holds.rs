//! The hold protocol. It decides nothing.

use kernel::Timestamp;
use platform::rpc::database_fault;
use platform::secrets::digest;
use proto::common::{Empty, RefusalCode};
use proto::{Refused, catalog as contract, parse_id};
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::domain::hold::{HoldLine, HoldStatus};
use crate::domain::waiting::ClaimDigest;
use crate::messages::hold_message;
use crate::refusals::{fault, line_refused, return_status};
use crate::requests::hold_answer;
use crate::store;
use crate::usecases::hold_stock::{HoldStockError, hold_stock};
use crate::usecases::return_stock::return_stock;
use crate::usecases::settle_holds::{commit_holds, release_holds};

/// The digest by which a waiting list's offer is claimed, if one is: as it is told, or of the token.
pub(super) fn claim_of(token: &str, told: &[u8]) -> Result<Option<ClaimDigest>, Status> {
    if !told.is_empty() {
        let told = ClaimDigest::try_from(told);
        return told.map(Some).map_err(|_| Status::invalid_argument("the claim is no digest"));
    }
    Ok((!token.is_empty()).then(|| digest(token)))
}

impl Grpc {
    pub(super) async fn stock_held(
        &self,
        request: contract::HoldStockRequest,
    ) -> Answer<contract::Hold> {
        let mut lines = Vec::with_capacity(request.lines.len());
        for line in &request.lines {
            lines.push(HoldLine { variant: parse_id(&line.variant_id)?, quantity: line.quantity });
        }
        let expires_at = Timestamp::from_micros(request.expires_at);
        let claim = claim_of(&request.claim_token, &request.claim_digest)?;
        match hold_stock(&self.0, &request.reference, lines, expires_at, claim.as_ref()).await {
            Ok(hold) => Ok(Response::new(hold_message(&hold))),
            Err(HoldStockError::Lines(problems)) => {
                Err(Refused::status(problems.into_iter().map(line_refused)))
            }
            Err(HoldStockError::Malformed) => {
                Err(Status::invalid_argument("the lines are malformed"))
            }
            Err(HoldStockError::Database(error)) => Err(database_fault(&error)),
            Err(HoldStockError::Unanswered(unanswered)) => Err(unanswered.into()),
        }
    }

    pub(super) async fn hold_extended(
        &self,
        request: contract::ExtendHoldRequest,
    ) -> Answer<contract::Hold> {
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let found = store::hold::lock(&tx, &[request.reference]).await.map_err(fault)?.pop();
        let mut hold = found.ok_or_else(|| Status::not_found("no such hold"))?;
        if hold.status != HoldStatus::Held {
            return Err(Refused::new(RefusalCode::HoldGone).into());
        }
        // Holds only become longer: a repeated call that comes late takes nothing away.
        hold.expires_at = hold.expires_at.max(Timestamp::from_micros(request.expires_at));
        store::hold::extend(&tx, hold.id, hold.expires_at).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Response::new(hold_message(&hold)))
    }

    pub(super) async fn hold_released(
        &self,
        request: contract::HoldReference,
    ) -> Answer<contract::Hold> {
        let references = [request.reference];
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let settled = release_holds(&self.0, &tx, &references).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        hold_answer(settled)
    }

    pub(super) async fn stock_returned(
        &self,
        request: contract::ReturnStockRequest,
    ) -> Answer<Empty> {
        let mut lines = Vec::with_capacity(request.lines.len());
        for line in &request.lines {
            lines.push(HoldLine { variant: parse_id(&line.variant_id)?, quantity: line.quantity });
        }
        let returned = return_stock(&self.0, &request.reference, &request.hold, &lines).await;
        returned.map_err(|error| return_status(error, "lines"))?;
        Ok(Response::new(Empty {}))
    }

    pub(super) async fn hold_committed(
        &self,
        request: contract::HoldReference,
    ) -> Answer<contract::Hold> {
        let references = [request.reference];
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        let settled = commit_holds(&self.0, &tx, &references).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        hold_answer(settled)
    }
}
