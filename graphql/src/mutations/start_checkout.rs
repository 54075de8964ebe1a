//! `startCheckout`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::orders::{CartKey, Contact, Delivery, StartCheckoutRequest};

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{Checkout, DeliveryMethod, PaymentMethod};

/// Who receives the orders.
#[derive(Clone, Debug, InputObject)]
pub struct ContactInput {
    /// Their name.
    name: String,
    /// Their telephone number.
    phone: Option<String>,
    /// Their email.
    email: Option<String>,
}

/// How the orders reach the shopper.
#[derive(Clone, Debug, InputObject)]
pub struct DeliveryInput {
    /// In which way.
    method: DeliveryMethod,
    /// To which ward.
    ward_code: Option<String>,
    /// House number, street, hamlet.
    address: Option<String>,
    /// What the shopper asks for besides.
    note: Option<String>,
}

/// A cart to be checked out.
#[derive(Clone, Debug, InputObject)]
pub struct StartCheckoutInput {
    /// The cart.
    cart_id: ID,
    /// The cart's secret.
    #[graphql(secret)]
    cart_token: Option<String>,
    /// Who receives the orders.
    contact: ContactInput,
    /// How the orders reach them.
    delivery: DeliveryInput,
    /// How it is paid.
    #[graphql(default_with = "PaymentMethod::Vietqr")]
    pay_with: PaymentMethod,
    /// Made up by the client: the same key checks the cart out once.
    idempotency_key: String,
}

payload! {
    /// What came of checking a cart out.
    StartCheckoutPayload {
        /// The checkout: one payment, one order a shop and kind (goods, seats).
        checkout: Checkout
    }
}

#[derive(Default)]
pub struct StartCheckout;

#[Object]
impl StartCheckout {
    /// Holds the goods of a cart and asks for one payment for all of them.
    #[graphql(guard = "Requires::Public", directive = auth::apply(Requires::Public))]
    async fn start_checkout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cart, and how it is paid and delivered.")] input: StartCheckoutInput,
    ) -> Result<StartCheckoutPayload, Error> {
        let scope = Scope::of(ctx);
        let buyer = scope.viewer().await?;
        let ContactInput { name, phone, email } = input.contact;
        let contact =
            Contact { name, phone: phone.unwrap_or_default(), email: email.unwrap_or_default() };
        let delivery = Delivery {
            method: input.delivery.method.number(),
            ward_code: input.delivery.ward_code.unwrap_or_default(),
            address: input.delivery.address.unwrap_or_default(),
            note: input.delivery.note.unwrap_or_default(),
        };
        let token = input.cart_token.unwrap_or_default();
        let request = StartCheckoutRequest {
            cart: Some(CartKey { cart_id: input.cart_id.0, token }),
            buyer_id: buyer.map(|actor| actor.user.id.clone()).unwrap_or_default(),
            contact: Some(contact),
            delivery: Some(delivery),
            pay_with: input.pay_with.number(),
            idempotency_key: input.idempotency_key,
            locale: scope.locale.tag().to_owned(),
        };
        let outcome = scope.outcome(scope.orders.clone().start_checkout(request).await)?;
        Ok(StartCheckoutPayload::of(outcome.map(|one| Checkout::of(one, scope.locale))))
    }
}
