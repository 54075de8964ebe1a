//! The gRPC service: contract words to use cases and back, refusals to statuses. It decides nothing.

mod bookings;
mod bought;
mod figures;
mod opening;
mod refusals;
mod returns;
mod shown;
mod tickets;
mod vouchers;

use std::sync::Arc;

use kernel::{BuyerScope, CartId, OrderId, ShopId, ShopScope, UserId, VariantId};
use platform::ids;
use platform::rpc::database_fault;
use platform::secrets::digest;
use proto::common::{Empty, RefusalCode};
use proto::orders as contract;
use proto::orders::orders_server::Orders as Service;
use proto::{
    Refused, bookings as contract_of_bookings, parse_id, returns as of_returns,
    vouchers as of_vouchers,
};
use tonic::{Request, Response, Status};

use crate::Orders;
use crate::domain::cart::{Addition, Cart, ClaimDigest};
use crate::domain::checkout::PayWith;
use crate::domain::order::OrderStatus;
use crate::messages::{cart_message, checkout_message, order_status_message};
use crate::store;
use crate::store::order::Viewer;
use crate::usecases::add_cart_line::add_cart_line;
use crate::usecases::cancel_checkout::{CancelCheckoutError, cancel_checkout};
use crate::usecases::extend_checkout::extend_checkout;
use crate::usecases::fulfil_order::{FulfilOrderError, fulfil_order};
use crate::usecases::get_cart::{PricedCart, get_cart};
use crate::usecases::get_checkout::Extent;
use crate::usecases::start_checkout::{StartCheckout, start_checkout};
use opening::{contact_of, delivery_of, optional_id, page_of};
use refusals::{cart_status, extend_status, fault, passed_on, start_status};

/// Tokens of offers are 64 characters.
const LONGEST_CLAIM_TOKEN: usize = 128;

type Answer<T> = Result<Response<T>, Status>;

/// Orders over gRPC.
#[derive(Clone)]
pub struct Grpc(pub(crate) Orders);

#[tonic::async_trait]
impl Service for Grpc {
    async fn create_cart(&self, _: Request<Empty>) -> Answer<contract::Cart> {
        let id: CartId = ids::new();
        let token = self.0.0.tokens.of_cart(id);
        let empty =
            Cart { id, lines: Vec::new(), checked_out: false, claim: None, vouchers: Vec::new() };
        let priced = PricedCart { cart: empty, offers: Arc::default() };
        Ok(Response::new(contract::Cart { token, ..cart_message(&priced, self.0.0.clock.now()) }))
    }

    async fn get_cart(&self, request: Request<contract::CartKey>) -> Answer<contract::Cart> {
        let id = self.opened(Some(&request.into_inner()))?;
        let priced = get_cart(&self.0, id).await.map_err(cart_status)?;
        Ok(Response::new(cart_message(&priced, self.0.0.clock.now())))
    }

    async fn add_cart_line(
        &self,
        request: Request<contract::AddCartLineRequest>,
    ) -> Answer<contract::Cart> {
        let request = request.into_inner();
        let id = self.opened(request.cart.as_ref())?;
        let Ok(variant) = request.variant_id.parse::<VariantId>() else {
            return Err(Refused::new(RefusalCode::NotFound).at(&["variantId"]).into());
        };
        if request.claim_token.len() > LONGEST_CLAIM_TOKEN {
            let refused = Refused::new(RefusalCode::TooLong).at(&["claimToken"]);
            return Err(refused.fact("maximum", LONGEST_CLAIM_TOKEN).into());
        }
        let token = request.claim_token.as_str();
        let claim = (!token.is_empty()).then(|| ClaimDigest(digest(token)));
        let addition = Addition { cart: id, variant, quantity: request.quantity, claim };
        let priced = add_cart_line(&self.0, addition).await.map_err(cart_status)?;
        Ok(Response::new(cart_message(&priced, self.0.0.clock.now())))
    }

    async fn set_cart_line(
        &self,
        request: Request<contract::SetCartLineRequest>,
    ) -> Answer<contract::Cart> {
        let request = request.into_inner();
        self.set_line(request.cart.as_ref(), &request.line_id, request.quantity).await
    }

    async fn remove_cart_line(
        &self,
        request: Request<contract::RemoveCartLineRequest>,
    ) -> Answer<contract::Cart> {
        let request = request.into_inner();
        self.set_line(request.cart.as_ref(), &request.line_id, 0).await
    }

    async fn apply_voucher(
        &self,
        request: Request<contract::ApplyVoucherRequest>,
    ) -> Answer<contract::Cart> {
        self.voucher_applied(request.into_inner()).await
    }

    async fn remove_voucher(
        &self,
        request: Request<contract::RemoveVoucherRequest>,
    ) -> Answer<contract::Cart> {
        self.voucher_removed(request.into_inner()).await
    }

    async fn create_voucher(
        &self,
        request: Request<of_vouchers::CreateVoucherRequest>,
    ) -> Answer<of_vouchers::Voucher> {
        self.voucher_created(request.into_inner()).await
    }

    async fn end_voucher(
        &self,
        request: Request<of_vouchers::EndVoucherRequest>,
    ) -> Answer<of_vouchers::Voucher> {
        self.voucher_ended(request.into_inner()).await
    }

    async fn list_vouchers(
        &self,
        request: Request<of_vouchers::ListVouchersRequest>,
    ) -> Answer<of_vouchers::VoucherPage> {
        self.vouchers(request.into_inner()).await
    }

    async fn start_checkout(
        &self,
        request: Request<contract::StartCheckoutRequest>,
    ) -> Answer<contract::Checkout> {
        let request = request.into_inner();
        let cart = self.opened(request.cart.as_ref())?;
        let buyer = optional_id::<UserId>(&request.buyer_id)?;
        let pay_with = match request.pay_with() {
            contract::PayWith::Card => PayWith::Card,
            contract::PayWith::Vietqr | contract::PayWith::Unspecified => PayWith::VietQr,
        };
        let start = StartCheckout {
            cart,
            buyer,
            contact: contact_of(request.contact.unwrap_or_default()),
            delivery: delivery_of(request.delivery.unwrap_or_default()),
            pay_with,
            locale: request.locale.parse().unwrap_or_default(),
            idempotency_key: request.idempotency_key,
        };
        let advanced = start_checkout(&self.0, start).await.map_err(start_status)?;
        let token = self.0.0.tokens.of_checkout(advanced.checkout.id);
        let message = checkout_message(&advanced.checkout, &advanced.orders, token);
        Ok(Response::new(contract::Checkout { payment: advanced.payment, ..message }))
    }

    async fn cancel_checkout(
        &self,
        request: Request<contract::CancelCheckoutRequest>,
    ) -> Answer<contract::Checkout> {
        let request = request.into_inner();
        let (token, buyer) = (&request.token, &request.buyer_id);
        let extent = Extent::Itself;
        let found = self.checkout_for(&request.checkout_id, token, buyer, false, extent).await?;
        match cancel_checkout(&self.0, found.checkout).await {
            Ok(done) => {
                Ok(Response::new(checkout_message(&done.checkout, &done.orders, String::new())))
            }
            Err(CancelCheckoutError::AlreadyPaid) => {
                Err(Refused::new(RefusalCode::CheckoutAlreadyPaid).into())
            }
            Err(CancelCheckoutError::Starting) => {
                Err(Refused::new(RefusalCode::StatusConflict).fact("status", "STARTING").into())
            }
            Err(CancelCheckoutError::Unavailable(status)) => Err(passed_on(status)),
            Err(CancelCheckoutError::Database(error)) => Err(database_fault(&error)),
        }
    }

    async fn extend_checkout(
        &self,
        request: Request<contract::ExtendCheckoutRequest>,
    ) -> Answer<contract::Checkout> {
        let request = request.into_inner();
        let (token, buyer) = (&request.token, &request.buyer_id);
        let extent = Extent::Itself;
        let found = self.checkout_for(&request.checkout_id, token, buyer, false, extent).await?;
        let done = extend_checkout(&self.0, found.checkout).await.map_err(extend_status)?;
        Ok(Response::new(checkout_message(&done.checkout, &done.orders, String::new())))
    }

    async fn get_checkout(
        &self,
        request: Request<contract::GetCheckoutRequest>,
    ) -> Answer<contract::Checkout> {
        let request = request.into_inner();
        let (token, buyer) = (&request.token, &request.buyer_id);
        let extent = if request.without_orders { Extent::Itself } else { Extent::WithOrders };
        let id = &request.checkout_id;
        let found = self.checkout_for(id, token, buyer, request.operator, extent).await?;
        let mut message = checkout_message(&found.checkout, &found.orders, String::new());
        message.orders = self.with_news(message.orders).await?;
        Ok(Response::new(message))
    }

    async fn list_buyer_orders(
        &self,
        request: Request<contract::ListBuyerOrdersRequest>,
    ) -> Answer<contract::OrderPage> {
        let request = request.into_inner();
        let scope = BuyerScope::granted(parse_id::<UserId>(&request.buyer_id)?);
        let page = page_of::<OrderId>(request.page.as_ref())?;
        let found = store::order::page_of_buyer(self.0.0.database.reader(), scope, &page)
            .await
            .map_err(fault)?;
        self.page_message(found, &page).await
    }

    async fn list_buyer_checkouts(
        &self,
        request: Request<contract::ListBuyerCheckoutsRequest>,
    ) -> Answer<contract::BoughtCheckoutPage> {
        self.bought(request.into_inner()).await
    }

    async fn has_open_sales(
        &self,
        request: Request<contract::HasOpenSalesRequest>,
    ) -> Answer<contract::OpenSales> {
        self.open_sales(request.into_inner()).await
    }

    async fn list_shop_orders(
        &self,
        request: Request<contract::ListShopOrdersRequest>,
    ) -> Answer<contract::OrderPage> {
        let request = request.into_inner();
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let status = OrderStatus::ALL
            .into_iter()
            .find(|status| order_status_message(*status) == request.status());
        let page = page_of::<OrderId>(request.page.as_ref())?;
        let db = self.0.0.database.reader();
        let found = store::order::page_of_shop(db, scope, status, &page).await.map_err(fault)?;
        self.page_message(found, &page).await
    }

    async fn get_orders(
        &self,
        request: Request<contract::GetOrdersRequest>,
    ) -> Answer<contract::OrderList> {
        let request = request.into_inner();
        let ids =
            request.ids.iter().map(|id| parse_id::<OrderId>(id)).collect::<Result<Vec<_>, _>>()?;
        let viewer = if request.operator {
            Viewer::Operator
        } else {
            let shops =
                request.shop_ids.iter().map(|id| parse_id::<ShopId>(id).map(ShopScope::granted));
            Viewer::Person {
                buyer: optional_id::<UserId>(&request.buyer_id)?.map(BuyerScope::granted),
                shops: shops.collect::<Result<_, _>>()?,
            }
        };
        let db = self.0.0.database.reader();
        let found =
            store::order::visible(db, &ids, &request.numbers, &viewer).await.map_err(fault)?;
        Ok(Response::new(contract::OrderList { orders: self.messages(&found).await? }))
    }

    async fn fulfil_order(
        &self,
        request: Request<contract::OrderOfShop>,
    ) -> Answer<contract::Order> {
        let request = request.into_inner();
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        let Ok(id) = request.order_id.parse::<OrderId>() else {
            return Err(Refused::new(RefusalCode::NotFound).at(&["orderId"]).into());
        };
        match fulfil_order(&self.0, scope, id).await {
            Ok(order) => {
                let mut messages = self.messages(&[order]).await?;
                messages
                    .pop()
                    .map(Response::new)
                    .ok_or_else(|| Status::internal("the order is gone"))
            }
            Err(FulfilOrderError::Unknown) => {
                Err(Refused::new(RefusalCode::NotFound).at(&["orderId"]).into())
            }
            Err(FulfilOrderError::WrongStatus(status)) => {
                let status = status.name().to_uppercase();
                Err(Refused::new(RefusalCode::StatusConflict)
                    .at(&["orderId"])
                    .fact("status", status)
                    .into())
            }
            Err(FulfilOrderError::Database(error)) => Err(database_fault(&error)),
        }
    }

    async fn cancel_order(
        &self,
        request: Request<of_returns::CancelOrderRequest>,
    ) -> Answer<contract::Order> {
        self.order_cancelled(request.into_inner()).await
    }

    async fn request_return(
        &self,
        request: Request<of_returns::RequestReturnRequest>,
    ) -> Answer<contract::Order> {
        self.return_requested(request.into_inner()).await
    }

    async fn approve_return(
        &self,
        request: Request<of_returns::ApproveReturnRequest>,
    ) -> Answer<contract::Order> {
        self.return_approved(request.into_inner()).await
    }

    async fn decline_return(
        &self,
        request: Request<of_returns::DeclineReturnRequest>,
    ) -> Answer<contract::Order> {
        self.return_declined(request.into_inner()).await
    }

    async fn get_return_policy(
        &self,
        request: Request<of_returns::ReturnPolicyOfShop>,
    ) -> Answer<of_returns::ReturnPolicy> {
        self.return_policy(request.into_inner()).await
    }

    async fn set_return_policy(
        &self,
        request: Request<of_returns::ReturnPolicy>,
    ) -> Answer<of_returns::ReturnPolicy> {
        self.return_policy_set(request.into_inner()).await
    }

    async fn get_digital_economy(
        &self,
        request: Request<contract::DigitalEconomyRequest>,
    ) -> Answer<contract::DigitalEconomy> {
        self.digital_economy(request.into_inner()).await
    }

    async fn get_tickets(
        &self,
        request: Request<contract_of_bookings::GetTicketsRequest>,
    ) -> Answer<contract_of_bookings::Tickets> {
        self.tickets(request.into_inner()).await
    }

    async fn get_ticket_keys(&self, _: Request<Empty>) -> Answer<contract_of_bookings::TicketKeys> {
        Ok(Response::new(self.ticket_keys()))
    }

    async fn redeem_tickets(
        &self,
        request: Request<contract_of_bookings::RedeemTicketsRequest>,
    ) -> Answer<contract_of_bookings::ScanResults> {
        self.redeem(request.into_inner()).await
    }

    async fn get_manifest(
        &self,
        request: Request<contract_of_bookings::GetManifestRequest>,
    ) -> Answer<contract_of_bookings::Manifest> {
        self.manifest(request.into_inner()).await
    }

    async fn cancel_tickets(
        &self,
        request: Request<contract_of_bookings::CancelTicketsRequest>,
    ) -> Answer<contract_of_bookings::TicketCancellation> {
        self.cancel(request.into_inner()).await
    }

    async fn add_reseller(
        &self,
        request: Request<contract_of_bookings::AddResellerRequest>,
    ) -> Answer<contract_of_bookings::Reseller> {
        self.added_reseller(request.into_inner()).await
    }

    async fn revoke_reseller(
        &self,
        request: Request<contract_of_bookings::RevokeResellerRequest>,
    ) -> Answer<contract_of_bookings::Reseller> {
        self.revoked_reseller(request.into_inner()).await
    }

    async fn list_resellers(
        &self,
        request: Request<contract_of_bookings::ListResellersRequest>,
    ) -> Answer<contract_of_bookings::Resellers> {
        self.resellers(request.into_inner()).await
    }

    async fn get_resellers(
        &self,
        request: Request<contract_of_bookings::GetResellersRequest>,
    ) -> Answer<contract_of_bookings::Resellers> {
        self.resellers_by_ids(&request.into_inner()).await
    }

    async fn authenticate_reseller(
        &self,
        request: Request<contract_of_bookings::AuthenticateResellerRequest>,
    ) -> Answer<contract_of_bookings::Reseller> {
        self.authenticated_reseller(request.into_inner()).await
    }

    async fn reserve_booking(
        &self,
        request: Request<contract_of_bookings::ReserveBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.reserved(request.into_inner()).await
    }

    async fn confirm_booking(
        &self,
        request: Request<contract_of_bookings::ConfirmBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.confirmed(request.into_inner()).await
    }

    async fn update_booking(
        &self,
        request: Request<contract_of_bookings::UpdateBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.updated(request.into_inner()).await
    }

    async fn extend_booking(
        &self,
        request: Request<contract_of_bookings::ExtendBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.extended(request.into_inner()).await
    }

    async fn cancel_booking(
        &self,
        request: Request<contract_of_bookings::CancelBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.cancelled(request.into_inner()).await
    }

    async fn get_booking(
        &self,
        request: Request<contract_of_bookings::GetBookingRequest>,
    ) -> Answer<contract_of_bookings::Booking> {
        self.one_booking(request.into_inner()).await
    }

    async fn list_bookings(
        &self,
        request: Request<contract_of_bookings::ListBookingsRequest>,
    ) -> Answer<contract_of_bookings::Bookings> {
        self.bookings(request.into_inner()).await
    }
}
