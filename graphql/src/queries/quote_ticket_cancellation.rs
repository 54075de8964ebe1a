//! `quoteTicketCancellation`

use async_graphql::{Context, Error, ID, Object, SimpleObject};

use crate::access::{Requires, auth};
use crate::mutations::{CancelTicketsInput, cancel_tickets};
use crate::scope::Scope;
use crate::types::{TicketCancellation, UserError};

/// What would come back for tickets, or why they cannot be given back.
#[derive(SimpleObject)]
pub struct QuoteTicketCancellationPayload {
    /// What would come back.
    cancellation: Option<TicketCancellation>,
    /// Why they cannot be given back; empty where they can.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct QuoteTicketCancellationQuery;

#[Object]
impl QuoteTicketCancellationQuery {
    /// What a guest would get back now for tickets, by the policy that was bought. Changes nothing.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn quote_ticket_cancellation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The checkout in which they were bought.")] checkout_id: ID,
        #[graphql(desc = "Its secret, or its cart's; nothing where its buyer is signed in.")]
        token: Option<String>,
        #[graphql(desc = "The tickets, at most 100.")] ticket_ids: Vec<ID>,
    ) -> Result<QuoteTicketCancellationPayload, Error> {
        let scope = Scope::of(ctx);
        let input = CancelTicketsInput::asked(checkout_id, token, ticket_ids);
        Ok(match cancel_tickets(scope, input, true).await? {
            Ok(cancellation) => QuoteTicketCancellationPayload {
                cancellation: Some(cancellation),
                user_errors: Vec::new(),
            },
            Err(user_errors) => QuoteTicketCancellationPayload { cancellation: None, user_errors },
        })
    }
}
