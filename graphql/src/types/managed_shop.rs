//! A shop, as its members and operators see it.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use kernel::Locale;
use proto::accounts::GetShopLettersRequest;
use proto::bookings::{GetManifestRequest, ListResellersRequest};
use proto::catalog::{GetImportRequest, GetProductsRequest, ListShopProductsRequest};
use proto::orders::ListShopOrdersRequest;
use proto::payments::{
    CounterPaymentRequest, GetShopStatementFileRequest, GetShopStatementRequest,
    ListCounterPaymentsRequest, ListPayoutsRequest, ListRefundsRequest, ListShopLinesRequest,
    ListShopPaymentsRequest, ShopLineRequest, ShopRequest,
};
use proto::vouchers::ListVouchersRequest;

use super::bank_account::{BankAccount, NextBankAccount};
use super::binary_file::BinaryFile;
use super::check_in::{Manifest, TicketKey};
use super::counter_payment::CounterPayment;
use super::departure::ManagedDeparture;
use super::direct_payments::DirectPayments;
use super::enums::{CurrencyCode, FileFormat, OrderStatus, RefundStatus, ShopKind, ShopStatus};
use super::import::Import;
use super::moment::Moment;
use super::money::Money;
use super::order::Order;
use super::payout::Payout;
use super::place::Ward;
use super::product::Product;
use super::refund::Refund;
use super::reseller::Reseller;
use super::shop_line_explanation::ShopLineExplanation;
use super::shop_member::{ShopInvitation, ShopMember};
use super::shop_payment::ShopPayment;
use super::shop_statement::{ShopLine, ShopStatement};
use super::text::{LocalizedText, given};
use super::user::Person;
use super::voucher::Voucher;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::queries::{departures_page, list_departures};
use crate::scope::Scope;

/// A shop, as its members and operators see it. Made only where one of the two was checked.
pub struct ManagedShop {
    shop: Arc<proto::accounts::Shop>,
    locale: Locale,
}

impl ManagedShop {
    /// A shop of accounts, in a language.
    pub const fn of(shop: Arc<proto::accounts::Shop>, locale: Locale) -> Self {
        Self { shop, locale }
    }
}

/// A shop, as its members and operators see it.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ManagedShop {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.shop.id.clone())
    }

    /// The last part of its page's address.
    async fn slug(&self) -> &str {
        &self.shop.slug
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.shop.name
    }

    /// What it is by law.
    async fn kind(&self) -> Result<ShopKind, Error> {
        ShopKind::of(self.shop.kind)
    }

    /// Where it stands with the market.
    async fn status(&self) -> Result<ShopStatus, Error> {
        ShopStatus::of(self.shop.status)
    }

    /// Why it stands there, where an operator said so.
    async fn status_reason(&self) -> Option<&str> {
        given(&self.shop.status_reason)
    }

    /// Where calendar programs find the departures of its tours (iCalendar). Who knows it may read it.
    async fn departure_calendar_url(&self, ctx: &Context<'_>) -> String {
        let settings = &Scope::of(ctx).settings;
        let path = settings.calendars.departures_path(&self.shop.id, &self.shop.slug);
        format!("{}{path}", settings.public_url)
    }

    /// Its tax code, if it has one.
    async fn tax_code(&self) -> Option<&str> {
        given(&self.shop.tax_code)
    }

    /// Where it is.
    async fn ward(&self, ctx: &Context<'_>) -> Result<Option<Ward>, Error> {
        Ward::find(Scope::of(ctx), &self.shop.ward_code).await
    }

    /// House number, street, hamlet.
    async fn address(&self) -> Option<&str> {
        given(&self.shop.address)
    }

    /// Its telephone number (E.164).
    async fn phone(&self) -> Option<&str> {
        given(&self.shop.phone)
    }

    /// The account that receives its sales.
    async fn bank_account(&self) -> Option<BankAccount> {
        self.shop.bank_account.clone().map(BankAccount::of)
    }

    /// The account that it is paid to later, if its owner named another one lately.
    async fn next_bank_account(&self) -> Option<NextBankAccount> {
        self.shop.next_bank_account.clone().and_then(NextBankAccount::of)
    }

    /// What it says of itself, in every language.
    async fn about(&self) -> LocalizedText {
        LocalizedText::of(self.shop.about.as_ref())
    }

    /// Whether who asks gets letters of its orders, if their account has an e-mail address.
    async fn letters_wanted(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        let scope = Scope::of(ctx);
        let actor_id = scope.actor().await?.user.id.clone();
        let request = GetShopLettersRequest { actor_id, shop_id: self.shop.id.clone() };
        Ok(scope.answer(scope.accounts.clone().get_shop_letters(request).await)?.wanted)
    }

    /// When it was opened.
    async fn created_at(&self) -> Moment {
        Moment::of(self.shop.created_at)
    }

    /// When it was approved.
    async fn approved_at(&self) -> Option<Moment> {
        Moment::maybe(self.shop.approved_at)
    }

    /// Who owns it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.shop.owner_id).await
    }

    /// Who works for it, its owner first; at most 50.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<ShopMember>, Error> {
        ShopMember::of_shop(Scope::of(ctx), &self.shop.id).await
    }

    /// Who is invited, the newest first, at most 50; nothing for who is not its owner.
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Option<Vec<ShopInvitation>>, Error> {
        ShopInvitation::of_shop(Scope::of(ctx), &self.shop.id).await
    }

    /// Its products, hidden ones too.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Product>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request =
            ListShopProductsRequest { shop_id: self.shop.id.clone(), page: Some(page.clone()) };
        let found = scope.answer(scope.catalog.clone().list_shop_products(request).await)?;
        let products = found.products.into_iter().map(|one| Product::of(one.into(), scope.locale));
        Ok(Connection::new(&page, found.page, products))
    }

    /// One of its products, a hidden one too.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Product>, Error> {
        let scope = Scope::of(ctx);
        let request = GetProductsRequest { ids: vec![id.0], hidden_too: true };
        let found = scope.answer(scope.catalog.clone().get_products(request).await)?;
        let own = found.products.into_iter().find(|one| one.shop_id == self.shop.id);
        Ok(own.map(|product| Product::of(product.into(), scope.locale)))
    }

    /// Its orders, the newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<OrderStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Order>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListShopOrdersRequest {
            shop_id: self.shop.id.clone(),
            status: status.map_or(0, OrderStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.orders.clone().list_shop_orders(request).await)?;
        let orders = found.orders.into_iter().map(|order| Order::of(order.into(), scope.locale));
        Ok(Connection::new(&page, found.page, orders))
    }

    /// Its part of shoppers' payments, the newest first.
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ShopPayment>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request =
            ListShopPaymentsRequest { shop_id: self.shop.id.clone(), page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_shop_payments(request).await)?;
        let payments = found.payments.into_iter().map(|one| ShopPayment::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, payments))
    }

    /// What it is owed, day by day.
    async fn statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
    ) -> Result<ShopStatement, Error> {
        let scope = Scope::of(ctx);
        let request = GetShopStatementRequest { shop_id: self.shop.id.clone(), from, to };
        let found = scope.answer(scope.payments.clone().get_shop_statement(request).await)?;
        Ok(ShopStatement::of(found, self.locale))
    }

    /// The lines behind the figures of its statement, the newest first.
    async fn statement_lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
        #[graphql(desc = "Only lines of these kinds: `sale`, `fee` …")] kinds: Option<Vec<String>>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ShopLine>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let shop_id = self.shop.id.clone();
        let payout_id = String::new();
        let page_wanted = Some(page.clone());
        let kinds = kinds.unwrap_or_default();
        let request =
            ListShopLinesRequest { shop_id, from, to, page: page_wanted, payout_id, kinds };
        let found = scope.answer(scope.payments.clone().list_shop_lines(request).await)?;
        let lines = found.lines.into_iter().map(|one| ShopLine::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, lines))
    }

    /// What stands behind one line of its statement.
    async fn statement_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The line's id.")] id: ID,
    ) -> Result<Option<ShopLineExplanation>, Error> {
        let scope = Scope::of(ctx);
        let request = ShopLineRequest { shop_id: self.shop.id.clone(), line_id: id.0 };
        let found = scope.found(scope.payments.clone().explain_shop_line(request).await)?;
        Ok(found.map(|one| ShopLineExplanation::of(one, scope.locale)))
    }

    /// Its statement as a file.
    async fn statement_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day, in Vietnam: `2026-11-01`.")] from: String,
        #[graphql(desc = "The last day.")] to: String,
        #[graphql(desc = "In which form.")] format: FileFormat,
    ) -> Result<BinaryFile, Error> {
        let scope = Scope::of(ctx);
        let (shop_id, locale) = (self.shop.id.clone(), scope.locale.tag().to_owned());
        let format = format.number();
        let request = GetShopStatementFileRequest { shop_id, from, to, format, locale };
        let found = scope.payments.clone().get_shop_statement_file(request).await;
        Ok(BinaryFile::of(scope.answer(found)?))
    }

    /// What it was and will be paid, the newest first.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Payout>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let shop_id = self.shop.id.clone();
        let request = ListPayoutsRequest { shop_id, status: 0, page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_payouts(request).await)?;
        let payouts = found.payouts.into_iter().map(|one| Payout::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, payouts))
    }

    /// What shoppers of it get back, the newest first.
    async fn refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<RefundStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Refund>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let shop_id = self.shop.id.clone();
        let status = status.map_or(0, RefundStatus::number);
        let request = ListRefundsRequest { shop_id, status, page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_refunds(request).await)?;
        let refunds = found.refunds.into_iter().map(|one| Refund::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, refunds))
    }

    /// Departures of one of its tours, or of all of them, on some days, in order; hidden ones too.
    async fn departures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tour's product; all tours where left out.")] product_id: Option<ID>,
        #[graphql(desc = "The first day, in Vietnam: `2026-12-01`.")] from: String,
        #[graphql(desc = "The last day; at most 100 days.")] to: String,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ManagedDeparture>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let shop = Some(self.shop.id.clone());
        let product = product_id.map(|id| id.0).unwrap_or_default();
        let found = list_departures(scope, product, shop, from, to).await?;
        Ok(departures_page(&page, found, |one| ManagedDeparture::of(one, scope.locale)))
    }

    /// One of its departures.
    async fn departure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<ManagedDeparture>, Error> {
        let scope = Scope::of(ctx);
        let found = scope.loaders.departures.get(&id).await;
        let found = found.map_err(|status| scope.failed(&status))?;
        let own = found.filter(|departure| departure.shop_id == self.shop.id);
        Ok(own.map(|departure| ManagedDeparture::of(departure, self.locale)))
    }

    /// Who is expected on a departure.
    async fn manifest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The departure.")] departure_id: ID,
    ) -> Result<Option<Manifest>, Error> {
        let scope = Scope::of(ctx);
        let shop_id = self.shop.id.clone();
        let request = GetManifestRequest { shop_id, departure_id: departure_id.0 };
        let found = scope.found(scope.orders.clone().get_manifest(request).await)?;
        Ok(found.map(|manifest| Manifest::of(manifest, self.locale)))
    }

    /// Who sells its tours elsewhere, over OCTO.
    async fn resellers(&self, ctx: &Context<'_>) -> Result<Vec<Reseller>, Error> {
        let scope = Scope::of(ctx);
        let request = ListResellersRequest { shop_id: self.shop.id.clone() };
        let found = scope.answer(scope.orders.clone().list_resellers(request).await)?;
        let resellers = found.resellers.into_iter();
        Ok(resellers.map(|reseller| Reseller::of(reseller, self.locale)).collect())
    }

    /// Its vouchers, the newest first.
    async fn vouchers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Voucher>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request =
            ListVouchersRequest { shop_id: self.shop.id.clone(), page: Some(page.clone()) };
        let found = scope.answer(scope.orders.clone().list_vouchers(request).await)?;
        let vouchers = found.vouchers.into_iter().map(|one| Voucher::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, vouchers))
    }

    /// The public keys by which a phone without network tells genuine ticket codes.
    async fn ticket_keys(&self, ctx: &Context<'_>) -> Result<Vec<TicketKey>, Error> {
        let scope = Scope::of(ctx);
        let request = proto::common::Empty {};
        let found = scope.answer(scope.orders.clone().get_ticket_keys(request).await)?;
        Ok(found.keys.into_iter().map(TicketKey::of).collect())
    }

    /// What was asked for at its counter, the newest first.
    async fn counter_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<CounterPayment>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request =
            ListCounterPaymentsRequest { shop_id: self.shop.id.clone(), page: Some(page.clone()) };
        let found = scope.answer(scope.payments.clone().list_counter_payments(request).await)?;
        let payments = found.payments.into_iter().map(|one| CounterPayment::of(one, scope.locale));
        Ok(Connection::new(&page, found.page, payments))
    }

    /// A payment at its counter.
    async fn counter_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<CounterPayment>, Error> {
        let scope = Scope::of(ctx);
        let request = CounterPaymentRequest { payment_id: id.0, shop_id: self.shop.id.clone() };
        let found = scope.found(scope.payments.clone().get_counter_payment(request).await)?;
        Ok(found.map(|one| CounterPayment::of(one, scope.locale)))
    }

    /// For how many days after a delivery buyers may send things back; 0: never.
    async fn return_days(&self, ctx: &Context<'_>) -> Result<u32, Error> {
        let scope = Scope::of(ctx);
        let request = proto::returns::ReturnPolicyOfShop { shop_id: self.shop.id.clone() };
        Ok(scope.answer(scope.orders.clone().get_return_policy(request).await)?.days)
    }

    /// What the market owes it.
    async fn balance(&self, ctx: &Context<'_>) -> Result<ShopBalance, Error> {
        let scope = Scope::of(ctx);
        let request = ShopRequest { shop_id: self.shop.id.clone() };
        let found = scope.answer(scope.payments.clone().get_shop_balance(request).await)?;
        let money = |amount: Option<&_>| Money::of(amount, self.locale);
        let owed = money(found.owed.as_ref());
        Ok(ShopBalance {
            currency: owed.known()?.currency.into(),
            owed,
            pending: money(found.pending.as_ref()),
            paid_out: money(found.paid_out.as_ref()),
            reserved: money(found.reserved.as_ref()),
        })
    }

    /// Where its money lands, and what its own account brought.
    async fn direct_payments(&self, ctx: &Context<'_>) -> Result<DirectPayments, Error> {
        let scope = Scope::of(ctx);
        let request = ShopRequest { shop_id: self.shop.id.clone() };
        let found = scope.payments.clone().get_payment_destination(request).await;
        Ok(DirectPayments::of(scope.answer(found)?, self.locale))
    }

    /// A run of an import.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Import>, Error> {
        let scope = Scope::of(ctx);
        let request = GetImportRequest { shop_id: self.shop.id.clone(), import_id: id.0 };
        let found = scope.found(scope.catalog.clone().get_import(request).await)?;
        Ok(found.map(|import| Import::of(import, self.shop.id.clone())))
    }
}

/// What the market owes a shop.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct ShopBalance {
    /// Paid by shoppers and not yet paid out.
    owed: Money,
    /// Asked for and not yet paid by shoppers.
    pending: Money,
    /// Paid out.
    paid_out: Money,
    /// Of what is owed: planned to be paid out, not sent yet.
    reserved: Money,
    /// The currency of the four.
    currency: CurrencyCode,
}
