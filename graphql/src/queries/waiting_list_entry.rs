//! `waitingListEntry`

use async_graphql::{Context, Error, Object};
use proto::tours::GetWaitingListEntryRequest;

use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::WaitingListEntry;

#[derive(Default)]
pub struct WaitingListEntryQuery;

#[Object]
impl WaitingListEntryQuery {
    /// A place in a waiting list, for who can prove that it is theirs.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn waiting_list_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Its secret: `claimToken` of `joinWaitingList`, or the one of the offer.",
            secret
        )]
        claim_token: String,
    ) -> Result<Option<WaitingListEntry>, Error> {
        let scope = Scope::of(ctx);
        let request = GetWaitingListEntryRequest { claim_token };
        let found = scope.found(scope.catalog.clone().get_waiting_list_entry(request).await)?;
        Ok(found.map(WaitingListEntry::of))
    }
}
