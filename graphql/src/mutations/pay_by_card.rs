//! `payByCard`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::payments::StartCardAttemptRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::queries::{Extent, find_checkout};
use crate::scope::Scope;
use crate::types::{CardWay, Payment};

/// A checkout to be paid by card.
#[derive(Clone, Debug, InputObject)]
pub struct PayByCardInput {
    /// The checkout.
    checkout_id: ID,
    /// Its secret, or its cart's; not needed for one's own.
    #[graphql(secret)]
    token: Option<String>,
    /// Where the card is typed.
    #[graphql(default_with = "CardWay::Hosted")]
    way: CardWay,
}

payload! {
    /// What came of wanting to pay by card.
    PayByCardPayload {
        /// The payment, with how to pay it in `card`.
        payment: Payment
    }
}

#[derive(Default)]
pub struct PayByCard;

#[Object]
impl PayByCard {
    /// Lets an open checkout be paid by card. A payment has one card at a time: asked again, it goes on
    /// with that one, and gives `clientSecret` again. A transfer pays it all the same; whichever money
    /// comes second goes back.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn pay_by_card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which checkout, and where the card is typed.")] input: PayByCardInput,
    ) -> Result<PayByCardPayload, Error> {
        let scope = Scope::of(ctx);
        let token = input.token.unwrap_or_default();
        let found = find_checkout(scope, input.checkout_id.0, token, Extent::Itself).await?;
        let Some(checkout) = found else { return Err(scope.refuse(Failure::NotFound)) };
        let request = StartCardAttemptRequest {
            checkout_id: checkout.id,
            way: input.way.number(),
            locale: scope.locale.tag().to_owned(),
        };
        let outcome = scope.outcome(scope.payments.clone().start_card_attempt(request).await)?;
        Ok(PayByCardPayload::of(outcome.map(|one| Payment::of(one.into(), scope.locale))))
    }
}
