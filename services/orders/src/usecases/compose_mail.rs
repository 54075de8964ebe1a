//! Writes a mail: to whom, and what it says by what is known at this moment. What has no reader or no use any
//! more is not written.

use anyhow::Context;
use kernel::{
    CheckoutId, Locale, LocalizedText, Money, OrderId, ShopId, Timestamp, WaitingListEntryId,
};
use platform::mail::Letter;
use platform::secrets::digest;
use proto::accounts::{GetUsersRequest, User};
use proto::catalog::GetProductsRequest;
use proto::tours::{AddClaimRequest, GetDeparturesRequest};
use tonic::Code;

use crate::Orders;
use crate::domain::checkout::{Checkout, PayWith};
use crate::domain::mail::{Mail, MailKind, PAYOUT_ACCOUNT};
use crate::domain::mail_text::{
    ChangedDestination, ChangedMember, Links, OfferedSeats, Text, Words,
};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::order_return::{ReturnKind, ReturnStatus};
use crate::store;

/// Writes a mail; `None` if there is nobody to write to, or nothing to say any more.
pub async fn compose_mail(
    orders: &Orders,
    mail: &Mail,
    pages: &str,
) -> anyhow::Result<Option<Letter>> {
    let composing = Composing { orders, mail, pages };
    match mail.kind {
        MailKind::Paid => composing.paid().await,
        MailKind::Notice => composing.notice().await,
        MailKind::CalledOff => composing.called_off().await,
        MailKind::SeatsOffered => composing.seats_offered().await,
        MailKind::DestinationChanged => composing.destination_changed().await,
        MailKind::ShopNews => composing.shop_news().await,
        MailKind::ShopDecided => composing.shop_decided().await,
        MailKind::MemberChanged => composing.member_changed().await,
    }
}

/// A mail that is being written; to a shop's people in `compose_shop_mail.rs`.
pub(super) struct Composing<'a> {
    pub(super) orders: &'a Orders,
    pub(super) mail: &'a Mail,
    /// The address of the market's pages.
    pub(super) pages: &'a str,
}

impl Composing<'_> {
    async fn paid(&self) -> anyhow::Result<Option<Letter>> {
        let db = self.orders.0.database.reader();
        let id = CheckoutId::from_uuid(self.mail.about);
        let Some(checkout) = self.checkout(id).await? else { return Ok(None) };
        let mut found = store::order::of_checkout(db, id).await?;
        // What could not be had, or was called off meanwhile, has a mail of its own.
        found.retain(|order| matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled));
        if found.is_empty() {
            return Ok(None);
        }
        let words = Words::of(checkout.locale);
        let text = words.paid(&checkout.contact.name, &found, &self.links(id));
        Ok(Some(self.letter(&checkout.contact.name, &checkout.contact.email, text)))
    }

    async fn notice(&self) -> anyhow::Result<Option<Letter>> {
        let db = self.orders.0.database.reader();
        let Some((order, notice)) = store::notice::by_id(db, self.mail.about).await? else {
            return Ok(None);
        };
        let Some((order, checkout)) = self.order(order).await? else { return Ok(None) };
        let (name, links) = (&checkout.contact.name, self.links(checkout.id));
        let resold = checkout.pay_with == PayWith::Invoiced;
        let text = Words::of(checkout.locale).notice(name, &order, &notice, (&links, resold));
        Ok(Some(self.letter(name, &checkout.contact.email, text)))
    }

    async fn called_off(&self) -> anyhow::Result<Option<Letter>> {
        let id = OrderId::from_uuid(self.mail.about);
        let Some((order, checkout)) = self.order(id).await? else { return Ok(None) };
        let returns = store::order_return::of_orders(self.orders.0.database.reader(), [id]).await?;
        let done = returns
            .iter()
            .rev()
            .find(|one| one.kind == ReturnKind::Cancellation && one.status == ReturnStatus::Done);
        let refund = done.map_or(Money::zero(order.total.currency), |done| done.refund);
        let (name, links) = (&checkout.contact.name, self.links(checkout.id));
        let text = Words::of(checkout.locale).called_off(name, &order, refund, &links);
        Ok(Some(self.letter(name, &checkout.contact.email, text)))
    }

    /// To the owner as accounts knows them now: nothing of a person is kept here. Who gave no address reads of
    /// it on the shop's page.
    async fn destination_changed(&self) -> anyhow::Result<Option<Letter>> {
        let Some(shop) = self.shop(ShopId::from_uuid(self.mail.about)).await? else {
            return Ok(None);
        };
        let id = shop.id;
        let owner = self.people([shop.owner_id]).await?.pop();
        let Some(owner) = owner.filter(|owner| !owner.email.is_empty()) else { return Ok(None) };
        let moment =
            |name| anyhow::Ok(Timestamp::from_micros(self.fact(name).parse().context(name)?));
        let what: Vec<String> = self.fact("what").split(',').map(ToOwned::to_owned).collect();
        let page = if what.iter().any(|what| what == PAYOUT_ACCOUNT) {
            "payout-account"
        } else {
            "direct"
        };
        let change = ChangedDestination {
            shop: shop.name,
            what,
            at: moment("at")?,
            effective_at: moment("effective")?,
            link: format!("{}/my-shops/{id}/{page}", self.pages),
        };
        let locale: Locale = owner.locale.parse().unwrap_or_default();
        let text = Words::of(locale).destination_changed(&owner.name, &change);
        Ok(Some(self.letter(&owner.name, &owner.email, text)))
    }

    /// To who came or went, or to the owner, as accounts knows them now. Who gave no address reads of it on the
    /// shop's page, or finds the shop among theirs, or not.
    async fn member_changed(&self) -> anyhow::Result<Option<Letter>> {
        let Some(shop) = self.shop(ShopId::from_uuid(self.mail.about)).await? else {
            return Ok(None);
        };
        let (reader, person) = (self.fact("reader"), self.fact("person"));
        let people = self.people([reader.to_owned(), person.to_owned()]).await?;
        let find = |id: &str| people.iter().find(|one| one.id == id);
        let Some(reader) = find(reader).filter(|reader| !reader.email.is_empty()) else {
            return Ok(None);
        };
        let page = match self.fact("what") {
            // The shop is not theirs to look at any more.
            "removed" => String::new(),
            "joined" => format!("/my-shops/{}", shop.id),
            _ => format!("/my-shops/{}/members", shop.id),
        };
        let effective: i64 = self.fact("effective").parse().context("effective")?;
        let change = ChangedMember {
            shop: shop.name,
            what: self.fact("what").to_owned(),
            person: find(person).map(|person| person.name.clone()).unwrap_or_default(),
            effective_at: Timestamp::from_micros(effective),
            link: format!("{}{page}", self.pages),
        };
        let locale: Locale = reader.locale.parse().unwrap_or_default();
        let text = Words::of(locale).member_changed(&reader.name, &change);
        Ok(text.map(|text| self.letter(&reader.name, &reader.email, text)))
    }

    /// People as accounts knows them now.
    async fn people<const N: usize>(&self, ids: [String; N]) -> anyhow::Result<Vec<User>> {
        let request = GetUsersRequest { ids: ids.to_vec() };
        Ok(self.accounts()?.get_users(request).await?.into_inner().users)
    }

    async fn seats_offered(&self) -> anyhow::Result<Option<Letter>> {
        let fact = |name: &str| self.fact(name);
        let until = Timestamp::from_micros(fact("until").parse().context("until")?);
        if until <= self.orders.0.clock.now() {
            return Ok(None);
        }
        let mut catalog = self.orders.0.catalog.clone();
        let request = GetDeparturesRequest { ids: vec![fact("departure").to_owned()] };
        let found = catalog.get_departures(request).await?.into_inner().departures;
        let Some(departure) = found.into_iter().next() else { return Ok(None) };
        let request = GetProductsRequest { ids: vec![departure.product_id], hidden_too: true };
        let found = catalog.get_products(request).await?.into_inner().products;
        let title = found.into_iter().next().and_then(|product| product.title);
        let Some(token) = self.claim().await? else { return Ok(None) };
        let offer = OfferedSeats {
            seats: fact("seats").parse().context("seats")?,
            title: title.map(LocalizedText::from).unwrap_or_default(),
            starts_at: Timestamp::from_micros(departure.starts_at),
            until,
            link: format!("{}/waiting/{token}", self.pages),
        };
        let locale: Locale = fact("locale").parse().unwrap_or_default();
        let text = Words::of(locale).seats_offered(fact("name"), &offer);
        Ok(Some(self.letter(fact("name"), fact("email"), text)))
    }

    /// A token that claims the offer. No event carries the guest's own, of which only the digest is kept: this
    /// one is of the letter, the same however often it is written. None: nobody waits there any more.
    async fn claim(&self) -> anyhow::Result<Option<String>> {
        let entry = WaitingListEntryId::from_uuid(self.mail.about);
        let token = self.orders.0.tokens.of_waiting(entry);
        let claim_digest = digest(&token).to_vec();
        let request = AddClaimRequest { entry_id: entry.to_string(), claim_digest };
        match self.orders.0.catalog.clone().add_claim(request).await {
            Ok(_) => Ok(Some(token)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// What is kept with the mail under a name; empty, if nothing is.
    pub(super) fn fact(&self, name: &str) -> &str {
        self.mail.facts.get(name).map(String::as_str).unwrap_or_default()
    }

    /// An order and its checkout, if its guests can be written to.
    async fn order(&self, id: OrderId) -> anyhow::Result<Option<(Order, Checkout)>> {
        let db = self.orders.0.database.reader();
        let Some(order) = store::order::by_ids(db, [id]).await?.pop() else { return Ok(None) };
        Ok(self.checkout(order.checkout).await?.map(|checkout| (order, checkout)))
    }

    async fn checkout(&self, id: CheckoutId) -> anyhow::Result<Option<Checkout>> {
        let found = store::checkout::by_id(self.orders.0.database.reader(), id).await?;
        Ok(found.filter(|checkout| !checkout.contact.email.is_empty()))
    }

    /// Pages that open by their address, for who has it needs no session.
    fn links(&self, id: CheckoutId) -> Links {
        let (pages, token) = (self.pages, self.orders.0.tokens.of_checkout(id));
        Links {
            order: format!("{pages}/o/{id}/{token}"),
            tickets: format!("{pages}/t/{id}/{token}"),
        }
    }

    pub(super) fn letter(&self, name: &str, address: &str, text: Text) -> Letter {
        Letter {
            id: self.mail.id,
            name: name.to_owned(),
            address: address.to_owned(),
            subject: text.subject,
            text: text.body,
            written_at: self.mail.created_at,
        }
    }
}
