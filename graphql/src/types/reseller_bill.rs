//! What resellers owe the market, and the bills that ask for it.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::payments::{ListResellerBillsRequest, ResellerDebt};

use super::moment::Moment;
use super::money::Money;
use super::payment::Payment;
use super::shop::Shop;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// A reseller's account with the market. Made only for operators.
pub struct ResellerAccount {
    debt: Arc<ResellerDebt>,
    reseller: Option<proto::bookings::Reseller>,
    locale: Locale,
}

impl ResellerAccount {
    /// A debt of payments with who owes it, as orders knows it, in a language.
    pub const fn of(
        debt: Arc<ResellerDebt>,
        reseller: Option<proto::bookings::Reseller>,
        locale: Locale,
    ) -> Self {
        Self { debt, reseller, locale }
    }
}

/// What a reseller owes, and what it was billed.
#[Object(directive = auth::apply(Requires::Operator))]
impl ResellerAccount {
    /// The reseller's id.
    async fn id(&self) -> ID {
        ID(self.debt.reseller_id.clone())
    }

    /// Its name.
    async fn name(&self) -> Option<&str> {
        self.reseller.as_ref().map(|reseller| reseller.name.as_str())
    }

    /// Where its people are reached.
    async fn contact_email(&self) -> Option<&str> {
        self.reseller.as_ref().map(|reseller| reseller.contact_email.as_str())
    }

    /// The shop whose tours it sells.
    async fn shop(&self, ctx: &Context<'_>) -> Result<Option<Shop>, Error> {
        match &self.reseller {
            Some(reseller) => Ok(Some(Shop::load(Scope::of(ctx), &reseller.shop_id).await?)),
            None => Ok(None),
        }
    }

    /// What it was invoiced and no bill asks for, less what was given back; below zero the market owes it.
    async fn open(&self) -> Money {
        Money::of(self.debt.open.as_ref(), self.locale)
    }

    /// What bills ask for that are not paid.
    async fn billed(&self) -> Money {
        Money::of(self.debt.billed.as_ref(), self.locale)
    }

    /// Its bills, the newest first.
    async fn bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ResellerBill>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let reseller_id = self.debt.reseller_id.clone();
        let request = ListResellerBillsRequest { reseller_id, page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_reseller_bills(request).await)?;
        let bills = found.bills.into_iter().map(|bill| ResellerBill::of(bill, scope.locale));
        Ok(Connection::new(&page, found.page, bills))
    }
}

/// What a reseller is asked to pay at once. Made only for operators.
pub struct ResellerBill {
    bill: proto::payments::ResellerBill,
    locale: Locale,
}

impl ResellerBill {
    /// A bill of payments, in a language.
    pub const fn of(bill: proto::payments::ResellerBill, locale: Locale) -> Self {
        Self { bill, locale }
    }
}

/// What a reseller is asked to pay at once.
#[Object(directive = auth::apply(Requires::Operator))]
impl ResellerBill {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.bill.id.clone())
    }

    /// The reseller's id.
    async fn reseller_id(&self) -> ID {
        ID(self.bill.reseller_id.clone())
    }

    /// The last day, in Vietnam, whose bookings and cancellations it asks for.
    async fn until(&self) -> &str {
        &self.bill.until
    }

    /// Of how many bookings and cancellations it was made.
    async fn line_count(&self) -> i64 {
        self.bill.lines
    }

    /// Who asked.
    async fn asked_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.bill.asked_by).await
    }

    /// How it is paid, and whether it was: its status, amount, code and QR.
    async fn payment(&self) -> Option<Payment> {
        let payment = self.bill.payment.clone()?;
        Some(Payment::of(Arc::new(payment), self.locale))
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment::of(self.bill.payment.as_ref().map_or(0, |payment| payment.created_at))
    }
}
