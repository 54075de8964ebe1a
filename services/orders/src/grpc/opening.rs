//! What requests name: carts and checkouts that their tokens open, pages, contacts.

use kernel::{CartId, CartLineId, CheckoutId, PageRequest, TypedId, UserId};
use proto::common::RefusalCode;
use proto::orders as contract;
use proto::{Refused, common, parse_id};
use tonic::{Response, Status};
use uuid::Uuid;

use super::refusals::cart_status;
use super::{Answer, Grpc};
use crate::domain::cart::CartRefused;
use crate::domain::contact::{Contact, Delivery, DeliveryMethod};
use crate::messages::cart_message;
use crate::usecases::advance_checkout::Advanced;
use crate::usecases::get_checkout::{Extent, get_checkout};
use crate::usecases::set_cart_line::set_cart_line;

impl Grpc {
    /// The id of a cart whose token was shown; a wrong token looks like an unknown cart.
    pub(super) fn opened(&self, key: Option<&contract::CartKey>) -> Result<CartId, Status> {
        let not_found = || Status::from(Refused::new(RefusalCode::NotFound).at(&["cartId"]));
        let key = key.ok_or_else(not_found)?;
        let id: CartId = key.cart_id.parse().map_err(|_| not_found())?;
        if self.0.0.tokens.open_cart(id, &key.token) { Ok(id) } else { Err(not_found()) }
    }

    pub(super) async fn set_line(
        &self,
        cart: Option<&contract::CartKey>,
        line: &str,
        quantity: i64,
    ) -> Answer<contract::Cart> {
        let id = self.opened(cart)?;
        let Ok(line) = line.parse::<CartLineId>() else {
            return Err(cart_status(CartRefused::UnknownLine.into()));
        };
        let priced = set_cart_line(&self.0, id, line, quantity).await.map_err(cart_status)?;
        Ok(Response::new(cart_message(&priced, self.0.0.clock.now())))
    }

    /// A checkout that somebody may see; what they may not see is not found.
    pub(super) async fn checkout_for(
        &self,
        id: &str,
        token: &str,
        buyer: &str,
        operator: bool,
        extent: Extent,
    ) -> Result<Advanced, Status> {
        let not_found = || Status::not_found("no such checkout");
        let id: CheckoutId = id.parse().map_err(|_| not_found())?;
        let buyer = optional_id::<UserId>(buyer)?;
        let found = get_checkout(&self.0, id, extent).await?.ok_or_else(not_found)?;
        let checkout = &found.checkout;
        let own = buyer.is_some() && checkout.buyer == buyer;
        let shown = !token.is_empty() && self.0.0.tokens.open_checkout(id, checkout.cart, token);
        if own || shown || operator { Ok(found) } else { Err(not_found()) }
    }
}

/// A page of things, whose cursors are their ids.
pub(super) fn page_of<Id: TypedId>(
    page: Option<&common::PageRequest>,
) -> Result<PageRequest<Uuid>, Status> {
    let page = page.cloned().unwrap_or_default();
    let after = if page.after.is_empty() {
        None
    } else {
        let id = page.after.parse::<Id>();
        Some(id.map_err(|_| Refused::new(RefusalCode::Invalid).at(&["after"]))?.uuid())
    };
    Ok(PageRequest::new(if page.first == 0 { 20 } else { page.first }, after))
}

/// An id that may be missing.
pub(super) fn optional_id<Id: TypedId>(text: &str) -> Result<Option<Id>, Status> {
    if text.is_empty() { Ok(None) } else { Ok(Some(parse_id::<Id>(text)?)) }
}

/// Who receives, as it was typed.
pub(super) fn contact_of(contact: contract::Contact) -> Contact {
    Contact { name: contact.name, phone: contact.phone, email: contact.email }
}

/// Where to, as it was typed.
pub(super) fn delivery_of(delivery: contract::Delivery) -> Delivery {
    let method = match delivery.method() {
        contract::DeliveryMethod::Ship => DeliveryMethod::Ship,
        contract::DeliveryMethod::Ticket => DeliveryMethod::Ticket,
        contract::DeliveryMethod::Pickup | contract::DeliveryMethod::Unspecified => {
            DeliveryMethod::Pickup
        }
    };
    let contract::Delivery { ward_code, address, note, .. } = delivery;
    Delivery { method, ward_code, address, note }
}
