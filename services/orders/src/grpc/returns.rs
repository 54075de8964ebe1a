//! What comes back of orders. It decides nothing.

use kernel::{OrderId, OrderReturnId, ShopId, ShopScope, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::{Refused, orders as contract_orders, parse_id, returns as contract};
use tonic::{Response, Status};

use super::refusals::{fault, passed_on};
use super::{Answer, Grpc, optional_id};
use crate::domain::order_return::{OrderReturn, ReturnParty, ReturnRefused, ReturnedLine};
use crate::domain::ticket_cancellation::Account;
use crate::store;
use crate::usecases::advance_return::AdvanceReturnError;
use crate::usecases::approve_return::{Decision, approve_return};
use crate::usecases::cancel_order::{CancelOrder, OrderReturnError, cancel_order};
use crate::usecases::cancel_tickets::LONGEST_REASON;
use crate::usecases::decline_return::decline_return;
use crate::usecases::get_checkout::Extent;
use crate::usecases::request_return::{RequestReturn, request_return};
use crate::usecases::set_return_policy::{
    MOST_DAYS, SetReturnPolicyError, return_days, set_return_policy,
};

impl Grpc {
    pub(super) async fn order_cancelled(
        &self,
        request: contract::CancelOrderRequest,
    ) -> Answer<contract_orders::Order> {
        let shop = optional_id::<ShopId>(&request.shop_id)?;
        let order = match shop {
            Some(shop) => self.order_of_shop(&request.order_id, shop).await?,
            None => self.order_of(&request.order_id, &request.token, &request.buyer_id).await?,
        };
        let asked = CancelOrder {
            order,
            by: if shop.is_some() { ReturnParty::Shop } else { ReturnParty::Buyer },
            requested_by: optional_id::<UserId>(&request.requested_by)?,
            reason: request.reason,
            idempotency_key: request.idempotency_key,
            account: Account {
                bank_bin: request.bank_bin,
                number: request.account_number,
                holder: request.account_holder,
            },
        };
        self.after(cancel_order(&self.0, asked).await).await
    }

    pub(super) async fn return_requested(
        &self,
        request: contract::RequestReturnRequest,
    ) -> Answer<contract_orders::Order> {
        let mut lines = Vec::with_capacity(request.lines.len());
        for (place, line) in request.lines.iter().enumerate() {
            let unknown = || unknown_line(place);
            let id = line.order_line_id.parse().map_err(|_| unknown())?;
            lines.push(ReturnedLine { line: id, quantity: line.quantity });
        }
        let asked = RequestReturn {
            order: self.order_of(&request.order_id, &request.token, &request.buyer_id).await?,
            requested_by: optional_id::<UserId>(&request.buyer_id)?,
            lines: lines.clone(),
            reason: request.reason,
            idempotency_key: request.idempotency_key,
            account: Account {
                bank_bin: request.bank_bin,
                number: request.account_number,
                holder: request.account_holder,
            },
        };
        match request_return(&self.0, asked).await {
            Err(OrderReturnError::Refused(refused)) => Err(refuse(&refused, &lines)),
            other => self.after(other).await,
        }
    }

    pub(super) async fn return_approved(
        &self,
        request: contract::ApproveReturnRequest,
    ) -> Answer<contract_orders::Order> {
        let (shop, id) = (&request.shop_id, &request.return_id);
        let decision = decision_of(shop, id, request.answer, &request.decided_by)?;
        self.after(approve_return(&self.0, decision, request.restock).await).await
    }

    pub(super) async fn return_declined(
        &self,
        request: contract::DeclineReturnRequest,
    ) -> Answer<contract_orders::Order> {
        let (shop, id) = (&request.shop_id, &request.return_id);
        let decision = decision_of(shop, id, request.answer, &request.decided_by)?;
        self.after(decline_return(&self.0, decision).await).await
    }

    pub(super) async fn return_policy(
        &self,
        request: contract::ReturnPolicyOfShop,
    ) -> Answer<contract::ReturnPolicy> {
        let shop = parse_id::<ShopId>(&request.shop_id)?;
        let days = return_days(&self.0, self.0.0.database.reader(), shop).await.map_err(fault)?;
        Ok(Response::new(contract::ReturnPolicy { shop_id: request.shop_id, days }))
    }

    pub(super) async fn return_policy_set(
        &self,
        request: contract::ReturnPolicy,
    ) -> Answer<contract::ReturnPolicy> {
        let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
        match set_return_policy(&self.0, scope, request.days).await {
            Ok(()) => Ok(Response::new(request)),
            Err(SetReturnPolicyError::OutOfRange) => Err(Refused::new(RefusalCode::OutOfRange)
                .at(&["days"])
                .fact("minimum", 0)
                .fact("maximum", MOST_DAYS)
                .into()),
            Err(SetReturnPolicyError::Database(error)) => Err(database_fault(&error)),
        }
    }

    /// An order that somebody bought; what they may not see is not found.
    async fn order_of(&self, id: &str, token: &str, buyer: &str) -> Result<OrderId, Status> {
        let id: OrderId = id.parse().map_err(|_| unknown_order())?;
        let db = self.0.0.database.reader();
        let order = store::order::by_ids(db, [id]).await.map_err(fault)?.pop();
        let order = order.ok_or_else(unknown_order)?;
        let checkout = order.checkout.to_string();
        match self.checkout_for(&checkout, token, buyer, false, Extent::Itself).await {
            Ok(_) => Ok(id),
            Err(status) if status.code() == tonic::Code::NotFound => Err(unknown_order()),
            Err(status) => Err(status),
        }
    }

    async fn order_of_shop(&self, id: &str, shop: ShopId) -> Result<OrderId, Status> {
        let id: OrderId = id.parse().map_err(|_| unknown_order())?;
        let db = self.0.0.database.reader();
        let order = store::order::by_ids(db, [id]).await.map_err(fault)?.pop();
        let own = order.filter(|order| order.shop == shop);
        own.map(|order| order.id).ok_or_else(unknown_order)
    }

    /// The order as it is after its return changed.
    async fn after(
        &self,
        outcome: Result<OrderReturn, OrderReturnError>,
    ) -> Answer<contract_orders::Order> {
        let changed = outcome.map_err(return_status)?;
        let db = self.0.0.database.reader();
        let order = store::order::by_ids(db, [changed.order]).await.map_err(fault)?;
        let message = self.messages(&order).await?.pop();
        message.map(Response::new).ok_or_else(|| Status::internal("the order is gone"))
    }
}

fn decision_of(shop: &str, id: &str, answer: String, by: &str) -> Result<Decision, Status> {
    let Ok(id) = id.parse::<OrderReturnId>() else {
        return Err(Refused::new(RefusalCode::NotFound).at(&["returnId"]).into());
    };
    let scope = ShopScope::granted(parse_id::<ShopId>(shop)?);
    Ok(Decision { scope, id, answer, by: parse_id::<UserId>(by)? })
}

fn unknown_order() -> Status {
    Refused::new(RefusalCode::NotFound).at(&["orderId"]).into()
}

fn unknown_line(place: usize) -> Status {
    Refused::new(RefusalCode::NotFound).at(&["lines", &place.to_string(), "orderLineId"]).into()
}

/// Why nothing comes back.
fn return_status(error: OrderReturnError) -> Status {
    let refused = match error {
        OrderReturnError::Unknown => Refused::new(RefusalCode::NotFound).at(&["returnId"]),
        OrderReturnError::Key => Refused::new(RefusalCode::OutOfRange)
            .at(&["idempotencyKey"])
            .fact("minimum", 8)
            .fact("maximum", 128),
        OrderReturnError::Reason => {
            Refused::new(RefusalCode::Required).at(&["reason"]).fact("maximum", LONGEST_REASON)
        }
        OrderReturnError::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        OrderReturnError::Decided(status) => Refused::new(RefusalCode::StatusConflict)
            .at(&["returnId"])
            .fact("status", status.name().to_uppercase()),
        OrderReturnError::Refused(refused) => return refuse(&refused, &[]),
        OrderReturnError::Advance(
            AdvanceReturnError::Refused(status) | AdvanceReturnError::Unavailable(status),
        ) => return passed_on(status),
        OrderReturnError::Advance(AdvanceReturnError::Database(error))
        | OrderReturnError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn refuse(refused: &ReturnRefused, asked: &[ReturnedLine]) -> Status {
    let place = |line| asked.iter().position(|one| one.line == line).unwrap_or_default();
    let refused = match refused {
        ReturnRefused::WrongStatus(status) => Refused::new(RefusalCode::StatusConflict)
            .at(&["orderId"])
            .fact("status", status.name().to_uppercase()),
        ReturnRefused::Tickets | ReturnRefused::TicketsInUse => {
            Refused::new(RefusalCode::TicketNotCancellable).at(&["orderId"])
        }
        ReturnRefused::UnknownLine(line) => return unknown_line(place(*line)),
        ReturnRefused::Quantity { line, available } => Refused::new(RefusalCode::OutOfRange)
            .at(&["lines", &place(*line).to_string(), "quantity"])
            .fact("minimum", 1)
            .fact("maximum", *available),
        ReturnRefused::Nothing => Refused::new(RefusalCode::Required).at(&["lines"]),
        ReturnRefused::TooLate(_) => Refused::new(RefusalCode::ReturnWindowClosed).at(&["orderId"]),
    };
    refused.into()
}
