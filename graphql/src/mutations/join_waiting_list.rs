//! `joinWaitingList`

use std::time::Duration;

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::tours::JoinWaitingListRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::WaitingListEntry;

/// Entries from one address, and in which time. Each alias counts.
const ENTRIES: u32 = 10;
const PERIOD: Duration = Duration::from_mins(1);

/// Who wants seats that are not there.
#[derive(Clone, Debug, InputObject)]
pub struct JoinWaitingListInput {
    /// The departure.
    departure_id: ID,
    /// How many seats.
    seats: u32,
    /// Their name.
    name: String,
    /// Their telephone number.
    phone: Option<String>,
    /// Their email.
    email: Option<String>,
}

payload! {
    /// What came of joining a waiting list.
    JoinWaitingListPayload {
        /// The place in the list.
        entry: WaitingListEntry
    }
}

#[derive(Default)]
pub struct JoinWaitingList;

#[Object]
impl JoinWaitingList {
    /// Waits for seats of a departure: told when some are free.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn join_waiting_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who waits for what.")] input: JoinWaitingListInput,
    ) -> Result<JoinWaitingListPayload, Error> {
        let scope = Scope::of(ctx);
        if let Err(errors) = scope.throttle("waiting-list", ENTRIES, PERIOD).await {
            return Ok(JoinWaitingListPayload::of(Err(errors)));
        }
        let request = JoinWaitingListRequest {
            departure_id: input.departure_id.0,
            seats: input.seats,
            name: input.name,
            phone: input.phone.unwrap_or_default(),
            email: input.email.unwrap_or_default(),
            locale: scope.locale.tag().to_owned(),
        };
        let outcome = scope.outcome(scope.catalog.clone().join_waiting_list(request).await)?;
        Ok(JoinWaitingListPayload::of(outcome.map(WaitingListEntry::of)))
    }
}
