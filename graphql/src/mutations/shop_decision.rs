//! What the decisions about shops have in common.

use async_graphql::{Error, ID, InputObject};
use proto::accounts::{Shop, ShopDecision};
use tonic::{Response, Status};

use crate::scope::{Outcome, Scope};
use crate::types::ManagedShop;

/// A decision about a shop.
#[derive(Clone, Debug, InputObject)]
pub struct ShopDecisionInput {
    /// The shop.
    shop_id: ID,
    /// Why; what suspends a shop must say it.
    reason: Option<String>,
}

impl ShopDecisionInput {
    /// The decision in the name of who is signed in.
    pub async fn request(self, scope: &Scope) -> Result<ShopDecision, Error> {
        Ok(ShopDecision {
            actor_id: scope.actor().await?.user.id.clone(),
            shop_id: self.shop_id.0,
            reason: self.reason.unwrap_or_default(),
        })
    }
}

/// The shop after a decision.
pub fn decided(
    scope: &Scope,
    answer: Result<Response<Shop>, Status>,
) -> Result<Outcome<ManagedShop>, Error> {
    let outcome = scope.outcome(answer)?;
    Ok(outcome.map(|shop| ManagedShop::of(shop.into(), scope.locale)))
}
