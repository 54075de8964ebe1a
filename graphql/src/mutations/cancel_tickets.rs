//! `cancelTickets`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::bookings::CancelTicketsRequest;

use super::open_shop::BankAccountInput;
use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::TicketCancellation;

/// Tickets to be given back.
#[derive(Clone, Debug, InputObject)]
pub struct CancelTicketsInput {
    /// The checkout in which they were bought.
    checkout_id: ID,
    /// The checkout's secret, or its cart's; nothing where its buyer is signed in.
    #[graphql(secret)]
    token: Option<String>,
    /// The tickets, at most 100.
    ticket_ids: Vec<ID>,
    /// Why; the shop reads it.
    #[graphql(default)]
    reason: String,
    /// Where the money goes, if the payment does not tell.
    bank_account: Option<BankAccountInput>,
    /// Made up by the client: the same key cancels once.
    idempotency_key: String,
}

impl CancelTicketsInput {
    /// Only a question: nothing is cancelled by it.
    pub const fn asked(checkout_id: ID, token: Option<String>, ticket_ids: Vec<ID>) -> Self {
        Self {
            checkout_id,
            token,
            ticket_ids,
            reason: String::new(),
            bank_account: None,
            idempotency_key: String::new(),
        }
    }
}

payload! {
    /// What came of giving tickets back.
    CancelTicketsPayload {
        /// What comes back for them.
        cancellation: TicketCancellation
    }
}

#[derive(Default)]
pub struct CancelTickets;

#[Object]
impl CancelTickets {
    /// Gives tickets back, for what the policy says that was bought. Final.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn cancel_tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tickets, and where the money goes.")] input: CancelTicketsInput,
    ) -> Result<CancelTicketsPayload, Error> {
        Ok(CancelTicketsPayload::of(cancel_tickets(Scope::of(ctx), input, false).await?))
    }
}

/// Gives tickets back, or only says what would come back for them.
pub async fn cancel_tickets(
    scope: &Scope,
    input: CancelTicketsInput,
    dry_run: bool,
) -> Result<Outcome<TicketCancellation>, Error> {
    let buyer = scope.viewer().await?;
    let account = input.bank_account.map(proto::payments::PayeeAccount::from).unwrap_or_default();
    let request = CancelTicketsRequest {
        checkout_id: input.checkout_id.0,
        token: input.token.unwrap_or_default(),
        buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
        ticket_ids: input.ticket_ids.into_iter().map(|id| id.0).collect(),
        reason: input.reason,
        idempotency_key: input.idempotency_key,
        dry_run,
        bank_bin: account.bank_bin,
        account_number: account.number,
        account_holder: account.holder,
    };
    let outcome = scope.outcome(scope.orders.clone().cancel_tickets(request).await)?;
    Ok(outcome.map(|one| TicketCancellation::of(one, scope.locale)))
}
