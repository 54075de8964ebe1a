//! `addCartLine`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::orders::{AddCartLineRequest, CartKey};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{Cart, UserError};

/// What to put into which cart.
#[derive(Clone, Debug, InputObject)]
pub struct AddCartLineInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// What to buy; or else a departure and a ticket kind.
    variant_id: Option<ID>,
    /// A departure of a tour.
    departure_id: Option<ID>,
    /// The code of a ticket kind or of an add-on of that departure: `adult`, `lunch`.
    ticket_kind: Option<String>,
    /// The code of the option, where several have such a ticket kind.
    option: Option<String>,
    /// How many, added to what is there.
    #[graphql(default = 1)]
    quantity: i64,
    /// Claims seats that a waiting list offers: `claimToken` of its entry, or the one that came with
    /// the offer. The cart's checkout takes them.
    #[graphql(secret)]
    claim_token: Option<String>,
}

payload! {
    /// What came of putting something into a cart.
    AddCartLinePayload {
        /// The cart as it is now.
        cart: Cart
    }
}

#[derive(Default)]
pub struct AddCartLine;

#[Object]
impl AddCartLine {
    /// Puts something into a cart.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn add_cart_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: AddCartLineInput,
    ) -> Result<AddCartLinePayload, Error> {
        let scope = Scope::of(ctx);
        let variant = match variant_meant(scope, &input).await? {
            Ok(variant) => variant,
            Err(error) => return Ok(AddCartLinePayload::of(Err(vec![error]))),
        };
        let key = CartKey { cart_id: input.cart_id.0, token: input.cart_token.unwrap_or_default() };
        let request = AddCartLineRequest {
            cart: Some(key),
            variant_id: variant,
            quantity: input.quantity,
            claim_token: input.claim_token.unwrap_or_default(),
        };
        let outcome = scope.outcome(scope.orders.clone().add_cart_line(request).await)?;
        Ok(AddCartLinePayload::of(outcome.map(|cart| Cart::of(cart, scope.locale))))
    }
}

/// The variant that is named, or that of a ticket kind of a departure.
async fn variant_meant(
    scope: &Scope,
    input: &AddCartLineInput,
) -> Result<Result<String, UserError>, Error> {
    let refused = |code, field| Ok(Err(UserError::plain(code, &[field], scope.locale)));
    let (departure, kind) = match (&input.variant_id, &input.departure_id, &input.ticket_kind) {
        (Some(variant), None, None) => return Ok(Ok(variant.0.clone())),
        (None, Some(departure), Some(kind)) => (departure, kind),
        (None, Some(_), None) => return refused(RefusalCode::Required, "ticketKind"),
        (None, None, Some(_)) => return refused(RefusalCode::Required, "departureId"),
        (None, None, None) => return refused(RefusalCode::Required, "variantId"),
        // Both ways at once: it is not clear what is meant.
        (Some(_), ..) => return refused(RefusalCode::Invalid, "variantId"),
    };
    let found = scope.loaders.departures.get(departure).await;
    let Some(departure) = found.map_err(|status| scope.failed(&status))? else {
        return refused(RefusalCode::NotFound, "departureId");
    };
    let wanted = input.option.as_deref();
    let mut fitting = departure.tickets.iter().filter(|one| {
        one.ticket.as_ref().is_some_and(|offer| {
            // An add-on belongs to no option.
            let in_option = offer.option_code.is_empty()
                || wanted.is_none_or(|option| option == offer.option_code);
            offer.ticket_code == *kind && in_option
        })
    });
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(Ok(only.variant_id.clone())),
        (Some(_), Some(_)) => refused(RefusalCode::Required, "option"),
        (None, _) => refused(RefusalCode::NotFound, "ticketKind"),
    }
}
