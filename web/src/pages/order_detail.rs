//! One order with all that comes back of it, as its buyer and its shop see it.

use serde::Deserialize;

use super::views::{ContactView, MoneyView, Named, ShopLink};

/// What is asked of an order.
pub const ORDER_DETAIL_FIELDS: &str = "id number status createdAt cancelledAt returnableUntil \
    total { amount formatted } voucherCode discount { amount formatted } shop { name slug } contact { name phone } \
    delivery { method ward { name } address note } \
    lines { id productId title quantity cancelledQuantity unitPrice { amount formatted } discount { amount formatted } total { amount formatted } ticket { admits } } \
    returns { id kind status askedBy reason answer refund { amount formatted } accountNeeded createdAt \
    lines { orderLineId quantity } }";

/// An order with what comes back of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDetail {
    /// Its id.
    pub id: String,
    /// What people say on the telephone.
    pub number: String,
    /// Its state.
    pub status: String,
    /// When it was made.
    pub created_at: String,
    /// When it was called off.
    pub cancelled_at: Option<String>,
    /// Until when pieces of it may be sent back.
    pub returnable_until: Option<String>,
    /// Its total.
    pub total: MoneyView,
    /// Of the voucher that took something off.
    pub voucher_code: Option<String>,
    /// What that was.
    pub discount: MoneyView,
    /// Who sold.
    pub shop: ShopLink,
    /// Who bought.
    pub contact: ContactView,
    /// How it reaches them.
    pub delivery: DeliveryView,
    /// What was sold.
    pub lines: Vec<DetailLine>,
    /// What comes back of it.
    pub returns: Vec<ReturnView>,
}

/// How an order reaches its buyer.
#[derive(Clone, Debug, Deserialize)]
pub struct DeliveryView {
    /// Brought, fetched, or nothing to carry.
    pub method: String,
    /// To which ward.
    pub ward: Option<Named>,
    /// House number and street.
    pub address: Option<String>,
    /// What the buyer asks for besides.
    pub note: Option<String>,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DetailLine {
    /// Its id.
    pub id: String,
    /// What was bought.
    pub product_id: String,
    /// Product and options.
    pub title: String,
    /// How many.
    pub quantity: i64,
    /// How many came back.
    pub cancelled_quantity: i64,
    /// Price of one.
    pub unit_price: MoneyView,
    /// What a voucher took off all of them.
    pub discount: MoneyView,
    /// What was paid for all: quantity times price, less the discount.
    pub total: MoneyView,
    /// That it is of a tour.
    pub ticket: Option<TicketMark>,
}

/// That a line is of a tour.
#[derive(Clone, Debug, Deserialize)]
pub struct TicketMark {
    #[expect(dead_code, reason = "a query must ask for some field")]
    admits: u32,
}

/// What comes back together.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnView {
    /// Its id.
    pub id: String,
    /// Why it comes back.
    pub kind: String,
    /// How far it is.
    pub status: String,
    /// Who asked.
    pub asked_by: String,
    /// In their words.
    pub reason: String,
    /// What the shop said.
    pub answer: Option<String>,
    /// What comes back in money.
    pub refund: Option<MoneyView>,
    /// Whether the refund waits for an account.
    pub account_needed: bool,
    /// When it was asked for.
    pub created_at: String,
    /// The pieces.
    pub lines: Vec<PiecesView>,
}

/// Pieces of a line.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PiecesView {
    /// The line.
    pub order_line_id: String,
    /// How many.
    pub quantity: i64,
}

/// A bank to choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BankView {
    /// Its number.
    pub bin: String,
    /// What people call it.
    pub short_name: String,
}

impl OrderDetail {
    /// What a line is called.
    pub fn title_of(&self, line: &str) -> &str {
        self.lines.iter().find(|one| one.id == line).map_or("", |one| one.title.as_str())
    }

    /// Whether it is paid and nothing of it was handed over.
    pub fn can_be_called_off(&self) -> bool {
        matches!(self.status.as_str(), "PAID" | "REFUND_DUE")
    }

    /// Whether its buyer may call it off: tickets have rules of their own.
    pub fn buyer_can_call_off(&self) -> bool {
        self.can_be_called_off() && self.lines.iter().all(|line| line.ticket.is_none())
    }

    /// Pieces of a line that may still be asked to be sent back.
    pub fn returnable(&self, line: &DetailLine) -> i64 {
        let asked = self
            .returns
            .iter()
            .filter(|one| matches!(one.status.as_str(), "REQUESTED" | "APPROVED"));
        let asked = asked.flat_map(|one| &one.lines).filter(|one| one.order_line_id == line.id);
        let asked: i64 = asked.map(|one| one.quantity).sum();
        line.quantity - line.cancelled_quantity - asked
    }

    /// Whether anything may still be asked to be sent back.
    pub fn can_be_sent_back(&self) -> bool {
        use time::OffsetDateTime;
        use time::format_description::well_known::Rfc3339;
        let until = self.returnable_until.as_deref();
        let until = until.and_then(|until| OffsetDateTime::parse(until, &Rfc3339).ok());
        self.status == "FULFILLED"
            && until.is_some_and(|until| OffsetDateTime::now_utc() <= until)
            && self.lines.iter().any(|line| line.ticket.is_none() && self.returnable(line) > 0)
    }
}
