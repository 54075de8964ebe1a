//! `cancelCounterPayment`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::RefusalCode;
use proto::payments::CounterPaymentRequest;
use tonic::Code;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{CounterPayment, UserError};

/// Which payment.
#[derive(Clone, Debug, InputObject)]
pub struct CancelCounterPaymentInput {
    /// The shop whose counter it is.
    shop_id: ID,
    /// The payment.
    payment_id: ID,
}

payload! {
    /// What came of taking a payment at a counter back.
    CancelCounterPaymentPayload {
        /// The payment as it is now.
        payment: CounterPayment
    }
}

#[derive(Default)]
pub struct CancelCounterPayment;

#[Object]
impl CancelCounterPayment {
    /// Takes a payment at a counter back. One that was paid is refused.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn cancel_counter_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment.")] input: CancelCounterPaymentInput,
    ) -> Result<CancelCounterPaymentPayload, Error> {
        let scope = Scope::of(ctx);
        let request =
            CounterPaymentRequest { payment_id: input.payment_id.0, shop_id: input.shop_id.0 };
        let answer = scope.payments.clone().cancel_counter_payment(request).await;
        let unknown = answer.as_ref().is_err_and(|status| status.code() == Code::NotFound);
        if unknown {
            let refused = UserError::plain(RefusalCode::NotFound, &["paymentId"], scope.locale);
            return Ok(CancelCounterPaymentPayload::of(Err(vec![refused])));
        }
        let outcome = scope.outcome(answer)?;
        let outcome = outcome.map(|one| CounterPayment::of(one, scope.locale));
        Ok(CancelCounterPaymentPayload::of(outcome))
    }
}
