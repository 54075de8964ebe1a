//! Payments of checkouts: asked for, given more time, and taken back.

use kernel::{CheckoutId, OrderId, PaymentId, ShopId, Timestamp};
use platform::rpc::database_fault;
use proto::payments as contract;
use proto::{parse_id, parse_money};
use tonic::Status;

use super::words::{closed_status, sold_of, start_status};
use super::{Grpc, cards, messages};
use crate::domain::payment::Allocation;
use crate::usecases::cancel_payment::{CancelPaymentError, cancel_payment};
use crate::usecases::extend_payment::{ExtendPaymentError, extend_payment};
use crate::usecases::start_payment::{StartPayment, Started, start_payment};

pub async fn start(
    grpc: &Grpc,
    request: contract::StartPaymentRequest,
) -> Result<contract::Payment, Status> {
    let mut allocations = Vec::with_capacity(request.allocations.len());
    for part in &request.allocations {
        allocations.push(Allocation {
            order: parse_id::<OrderId>(&part.order_id)?,
            shop: parse_id::<ShopId>(&part.shop_id)?,
            sold: sold_of(part.sold()),
            amount: parse_money(part.amount.as_ref())?,
        });
    }
    let start = StartPayment {
        checkout: parse_id::<CheckoutId>(&request.checkout_id)?,
        amount: parse_money(request.amount.as_ref())?,
        allocations,
        expires_at: Timestamp::from_micros(request.expires_at),
        by_card: request.method() == contract::PaymentMethod::Card,
    };
    let by_card = start.by_card;
    match start_payment(&grpc.0, start).await.map_err(start_status)? {
        Started::Now(payment) if !by_card => messages::of_new(&grpc.0, &payment),
        Started::Now(payment) | Started::Before(payment) => {
            if by_card {
                cards::open_first(&grpc.0, &payment).await;
            }
            grpc.message(payment).await
        }
    }
}

pub async fn cancel(
    grpc: &Grpc,
    request: &contract::CancelPaymentRequest,
) -> Result<contract::Payment, Status> {
    let id = parse_id::<PaymentId>(&request.payment_id)?;
    match cancel_payment(&grpc.0, id).await {
        Ok(payment) => grpc.message(payment).await,
        Err(CancelPaymentError::Unknown(_)) => Err(Status::not_found("no such payment")),
        Err(CancelPaymentError::Refused(refused)) => Err(closed_status(refused)),
        Err(CancelPaymentError::Database(error)) => Err(database_fault(&error)),
    }
}

pub async fn extend(
    grpc: &Grpc,
    request: &contract::ExtendPaymentRequest,
) -> Result<contract::Payment, Status> {
    let id = parse_id::<PaymentId>(&request.payment_id)?;
    let until = Timestamp::from_micros(request.expires_at);
    match extend_payment(&grpc.0, id, until).await {
        Ok(payment) => grpc.message(payment).await,
        Err(ExtendPaymentError::Unknown(_)) => Err(Status::not_found("no such payment")),
        Err(ExtendPaymentError::Refused(refused)) => Err(closed_status(refused)),
        Err(ExtendPaymentError::Database(error)) => Err(database_fault(&error)),
    }
}
