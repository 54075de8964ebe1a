//! Who receives an order, and how.

use async_graphql::{Context, Error, Object};

use super::enums::DeliveryMethod;
use super::place::Ward;
use super::text::given;
use crate::scope::Scope;

/// Who receives an order.
pub struct Contact<'a>(pub Option<&'a proto::orders::Contact>);

/// Who receives an order.
#[Object]
impl Contact<'_> {
    /// Their name.
    async fn name(&self) -> &str {
        self.0.map_or("", |contact| contact.name.as_str())
    }

    /// Their telephone number (E.164).
    async fn phone(&self) -> Option<&str> {
        given(self.0.map_or("", |contact| contact.phone.as_str()))
    }

    /// Their email.
    async fn email(&self) -> Option<&str> {
        given(self.0.map_or("", |contact| contact.email.as_str()))
    }
}

/// How an order reaches the shopper.
pub struct Delivery(pub proto::orders::Delivery);

/// How an order reaches the shopper.
#[Object]
impl Delivery {
    /// In which way.
    async fn method(&self) -> Result<DeliveryMethod, Error> {
        DeliveryMethod::of(self.0.method)
    }

    /// To which ward.
    async fn ward(&self, ctx: &Context<'_>) -> Result<Option<Ward>, Error> {
        Ward::find(Scope::of(ctx), &self.0.ward_code).await
    }

    /// House number, street, hamlet.
    async fn address(&self) -> Option<&str> {
        given(&self.0.address)
    }

    /// What the shopper asks for besides.
    async fn note(&self) -> Option<&str> {
        given(&self.0.note)
    }
}
