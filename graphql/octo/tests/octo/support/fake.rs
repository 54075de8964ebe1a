//! Services that answer as a test tells them, and count how often each call came.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use proto::accounts::accounts_server::Accounts;
use proto::catalog::catalog_server::Catalog;
use proto::orders::orders_server::Orders;
use proto::{accounts, bookings, catalog, common, tours};
use tonic::{Request, Response, Status};

type Handler<Req, Res> = Box<dyn Fn(Req) -> Result<Res, Status> + Send + Sync>;

/// A service of a test.
#[derive(Clone, Default)]
pub struct Fake {
    handlers: Arc<Mutex<HashMap<&'static str, Arc<dyn Any + Send + Sync>>>>,
    calls: Arc<Mutex<BTreeMap<&'static str, usize>>>,
    broken: Arc<Mutex<Option<&'static str>>>,
}

impl Fake {
    /// Tells how a call is answered.
    pub fn on<Req: 'static, Res: 'static>(
        &self,
        call: &'static str,
        handler: impl Fn(Req) -> Result<Res, Status> + Send + Sync + 'static,
    ) {
        let handler: Handler<Req, Res> = Box::new(handler);
        self.handlers.lock().unwrap().insert(call, Arc::new(handler));
    }

    /// How often each call came since this was asked last.
    pub fn take_calls(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// Makes one call fail, or none.
    pub fn break_call(&self, call: Option<&'static str>) {
        *self.broken.lock().unwrap() = call;
    }

    fn answer<Req: 'static, Res: 'static>(
        &self,
        call: &'static str,
        request: Request<Req>,
    ) -> Result<Response<Res>, Status> {
        *self.calls.lock().unwrap().entry(call).or_default() += 1;
        if *self.broken.lock().unwrap() == Some(call) {
            return Err(Status::unavailable("broken by the test"));
        }
        let handler = self.handlers.lock().unwrap().get(call).cloned();
        let Some(handler) = handler else {
            return Err(Status::unimplemented(format!("the test does not answer {call}")));
        };
        let handler = handler.downcast_ref::<Handler<Req, Res>>();
        let handler = handler.unwrap_or_else(|| panic!("{call} is answered with other types"));
        handler(request.into_inner()).map(Response::new)
    }
}

macro_rules! fakes {
    ($($service:ident { $($call:ident($request:ty) -> $response:ty;)* })*) => {$(
        #[tonic::async_trait]
        impl $service for Fake {
            $(async fn $call(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                self.answer(stringify!($call), request)
            })*
        }
    )*};
}

fakes! {
    Accounts {
        get_shops(accounts::GetShopsRequest) -> accounts::Shops;
        get_shop_by_slug(accounts::GetShopBySlugRequest) -> accounts::Shop;
        list_wards(common::Empty) -> accounts::Wards;
    }
    Catalog {
        list_products(catalog::ListProductsRequest) -> catalog::ProductPage;
        get_products(catalog::GetProductsRequest) -> catalog::Products;
        get_tours(tours::GetToursRequest) -> tours::Tours;
        list_departures(tours::ListDeparturesRequest) -> tours::Departures;
        get_departures(tours::GetDeparturesRequest) -> tours::Departures;
    }
    Orders {
        authenticate_reseller(bookings::AuthenticateResellerRequest) -> bookings::Reseller;
        reserve_booking(bookings::ReserveBookingRequest) -> bookings::Booking;
        confirm_booking(bookings::ConfirmBookingRequest) -> bookings::Booking;
        update_booking(bookings::UpdateBookingRequest) -> bookings::Booking;
        extend_booking(bookings::ExtendBookingRequest) -> bookings::Booking;
        cancel_booking(bookings::CancelBookingRequest) -> bookings::Booking;
        get_booking(bookings::GetBookingRequest) -> bookings::Booking;
        list_bookings(bookings::ListBookingsRequest) -> bookings::Bookings;
    }
}
