//! Payments at a shop's counter.

use kernel::{PaymentId, ShopId, ShopScope, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id, parse_money};
use tonic::Status;

use super::{Grpc, closed_status, cut, fault, messages, page_of, refuse_start};
use crate::domain::counter_sale::{CounterSale, LONGEST_NOTE};
use crate::domain::payment::Payment;
use crate::store;
use crate::store::counter_sale::CounterPayment;
use crate::usecases::cancel_payment::{CancelPaymentError, cancel_payment};
use crate::usecases::create_counter_payment::{
    CreateCounterPaymentError as Refusal, create_counter_payment,
};

pub async fn create(
    grpc: &Grpc,
    request: contract::CreateCounterPaymentRequest,
) -> Result<contract::CounterPayment, Status> {
    let sale = CounterSale {
        shop: parse_id::<ShopId>(&request.shop_id)?,
        note: request.note,
        asked_by: parse_id::<UserId>(&request.asked_by)?,
        idempotency_key: request.idempotency_key,
    };
    let amount = parse_money(request.amount.as_ref())?;
    let asked = create_counter_payment(&grpc.0, sale, amount).await.map_err(status_of)?;
    message(grpc, asked).await
}

pub async fn cancel(
    grpc: &Grpc,
    request: contract::CounterPaymentRequest,
) -> Result<contract::CounterPayment, Status> {
    // Whose it is, never changes: it may be looked at before it is locked.
    let (sale, payment) = find(grpc, &request).await?;
    match cancel_payment(&grpc.0, payment.id).await {
        Ok(cancelled) => message(grpc, (sale, cancelled)).await,
        Err(CancelPaymentError::Unknown(_)) => Err(Status::not_found("no such payment")),
        Err(CancelPaymentError::Refused(refused)) => Err(closed_status(refused)),
        Err(CancelPaymentError::Database(error)) => Err(database_fault(&error)),
    }
}

pub async fn get(
    grpc: &Grpc,
    request: contract::CounterPaymentRequest,
) -> Result<contract::CounterPayment, Status> {
    let found = find(grpc, &request).await?;
    message(grpc, found).await
}

pub async fn list(
    grpc: &Grpc,
    request: contract::ListCounterPaymentsRequest,
) -> Result<contract::CounterPaymentPage, Status> {
    let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let page = page_of(request.page.as_ref())?;
    let db = grpc.0.0.database.reader();
    let found = store::counter_sale::page(db, scope, &page).await.map_err(fault)?;
    let (found, page) = cut(found, &page, |(_, payment)| payment.id.to_string());
    let (sales, payments): (Vec<CounterSale>, Vec<Payment>) = found.into_iter().unzip();
    let messages = messages::payments(&grpc.0, &payments).await?;
    let payments = sales.into_iter().zip(messages).map(|(sale, one)| joined(sale, one)).collect();
    Ok(contract::CounterPaymentPage { payments, page: Some(page) })
}

async fn find(
    grpc: &Grpc,
    request: &contract::CounterPaymentRequest,
) -> Result<CounterPayment, Status> {
    let scope = match request.shop_id.as_str() {
        "" => None,
        id => Some(ShopScope::granted(parse_id::<ShopId>(id)?)),
    };
    let id = parse_id::<PaymentId>(&request.payment_id)?;
    let db = grpc.0.0.database.reader();
    let found = store::counter_sale::by_payment(db, scope, id).await.map_err(fault)?;
    found.ok_or_else(|| Status::not_found("no such payment at this counter"))
}

async fn message(
    grpc: &Grpc,
    (sale, payment): CounterPayment,
) -> Result<contract::CounterPayment, Status> {
    Ok(joined(sale, grpc.message(payment).await?))
}

fn joined(sale: CounterSale, payment: contract::Payment) -> contract::CounterPayment {
    contract::CounterPayment {
        payment: Some(payment),
        shop_id: sale.shop.to_string(),
        note: sale.note,
        asked_by: sale.asked_by.to_string(),
    }
}

fn status_of(error: Refusal) -> Status {
    let refused = match error {
        Refusal::Refused(refused) => return refuse_start(refused),
        Refusal::NoteTooLong => {
            Refused::new(RefusalCode::TooLong).fact("maximum", LONGEST_NOTE).at(&["note"])
        }
        Refusal::Key => Refused::new(RefusalCode::Invalid).at(&["idempotencyKey"]),
        Refusal::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        Refusal::Database(error) => return database_fault(&error),
    };
    refused.into()
}
