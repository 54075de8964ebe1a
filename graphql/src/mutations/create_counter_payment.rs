//! `createCounterPayment`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::accounts::ShopStatus;
use proto::common::RefusalCode;
use proto::payments::CreateCounterPaymentRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{CounterPayment, MoneyInput, UserError};

/// What is asked for at a counter.
#[derive(Clone, Debug, InputObject)]
pub struct CreateCounterPaymentInput {
    /// The shop.
    shop_id: ID,
    /// How much.
    amount: MoneyInput,
    /// A note for the shop's own people, at most 120 characters.
    note: Option<String>,
    /// Names the request within the shop: the same again changes nothing.
    idempotency_key: String,
}

payload! {
    /// What came of asking for an amount at a counter.
    CreateCounterPaymentPayload {
        /// The payment, with the QR that a shopper scans.
        payment: CounterPayment
    }
}

#[derive(Default)]
pub struct CreateCounterPayment;

#[Object]
impl CreateCounterPayment {
    /// Asks for an amount at the counter of a shop that may sell.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn create_counter_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateCounterPaymentInput,
    ) -> Result<CreateCounterPaymentPayload, Error> {
        let scope = Scope::of(ctx);
        let shop = scope.loaders.shops.get(&input.shop_id.0).await;
        let shop = shop.map_err(|status| scope.failed(&status))?;
        if shop.is_none_or(|shop| shop.status() != ShopStatus::Approved) {
            let refused = UserError::plain(RefusalCode::NotForSale, &["shopId"], scope.locale);
            return Ok(CreateCounterPaymentPayload::of(Err(vec![refused])));
        }
        let amount = match input.amount.read(&["amount"], scope.locale) {
            Ok(amount) => amount,
            Err(errors) => return Ok(CreateCounterPaymentPayload::of(Err(errors))),
        };
        let request = CreateCounterPaymentRequest {
            shop_id: input.shop_id.0,
            amount: Some(amount),
            note: input.note.unwrap_or_default(),
            asked_by: scope.actor().await?.user.id.clone(),
            idempotency_key: input.idempotency_key,
        };
        let outcome =
            scope.outcome(scope.payments.clone().create_counter_payment(request).await)?;
        let outcome = outcome.map(|one| CounterPayment::of(one, scope.locale));
        Ok(CreateCounterPaymentPayload::of(outcome))
    }
}
