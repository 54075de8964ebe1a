//! Writes letters to a shop's people: of its orders, and of what operators decided on the shop.

use anyhow::Context;
use kernel::{Locale, OrderId, ShopId};
use platform::mail::Letter;
use platform::rpc::AccountsClient;
use proto::accounts::{
    GetShopReadersRequest, GetShopsRequest, GetUsersRequest, Shop, ShopStatus, User,
};

use super::compose_mail::Composing;
use crate::domain::mail_text::Words;
use crate::domain::order::OrderStatus;
use crate::domain::shop_mail_text::{DecidedShop, ListedOrder, NewsOfShop};
use crate::domain::shop_news::{MOST_LISTED, ShopNews, ShopNewsKind};
use crate::store;

impl Composing<'_> {
    /// What happened to a shop's orders, to one of its people. Who left it meanwhile, or wants no letters any more,
    /// is not written to.
    pub(super) async fn shop_news(&self) -> anyhow::Result<Option<Letter>> {
        let db = self.orders.0.database.reader();
        let news = store::shop_news::of_letter(db, self.mail.about).await?;
        let Some(id) = news.first().map(|one| one.shop) else { return Ok(None) };
        let request = GetShopReadersRequest { shop_id: id.to_string() };
        let readers = self.accounts()?.get_shop_readers(request).await?.into_inner().users;
        let mut readers = readers.into_iter();
        let Some(reader) = readers.find(|reader| reader.id == self.fact("reader")) else {
            return Ok(None);
        };
        let Some(shop) = self.shop(id).await? else { return Ok(None) };
        let home = format!("{}/my-shops/{id}", self.pages);
        let (paid, more_paid) = self.listed(&news, ShopNewsKind::Paid, &home).await?;
        let (called_off, more_called_off) =
            self.listed(&news, ShopNewsKind::CalledOff, &home).await?;
        let (returns, more_returns) = self.listed(&news, ShopNewsKind::ReturnAsked, &home).await?;
        if paid.is_empty() && called_off.is_empty() && returns.is_empty() {
            return Ok(None);
        }
        let of_shop = NewsOfShop {
            shop: shop.name,
            paid,
            called_off,
            returns,
            more: more_paid + more_called_off + more_returns,
            link: home,
        };
        let text = Words::of(locale_of(&reader)).shop_news(&reader.name, &of_shop);
        Ok(Some(self.letter(&reader.name, &reader.email, text)))
    }

    /// What operators decided, to the shop's owner, if it still is so.
    pub(super) async fn shop_decided(&self) -> anyhow::Result<Option<Letter>> {
        let id = ShopId::from_uuid(self.mail.about);
        let Some(shop) = self.shop(id).await? else { return Ok(None) };
        let what = self.fact("what");
        let is_so = match what {
            "approved" => shop.status() == ShopStatus::Approved,
            "refused" | "suspended" => shop.status() == ShopStatus::Suspended,
            // A younger accounts may decide what is not known here.
            _ => false,
        };
        let request = GetUsersRequest { ids: vec![shop.owner_id.clone()] };
        let owners = self.accounts()?.get_users(request).await?.into_inner().users;
        let owner = owners.into_iter().next().filter(|owner| is_so && !owner.email.is_empty());
        let Some(owner) = owner else { return Ok(None) };
        let decided = DecidedShop {
            what: what.to_owned(),
            shop: shop.name,
            reason: shop.status_reason,
            link: format!("{}/my-shops/{id}", self.pages),
        };
        let text = Words::of(locale_of(&owner)).shop_decided(&owner.name, &decided);
        Ok(Some(self.letter(&owner.name, &owner.email, text)))
    }

    /// The orders of one kind of news, as far as they are still so and a letter lists them; and how many more there
    /// are.
    async fn listed(
        &self,
        news: &[ShopNews],
        kind: ShopNewsKind,
        home: &str,
    ) -> anyhow::Result<(Vec<ListedOrder>, usize)> {
        let mut ids: Vec<OrderId> =
            news.iter().filter(|one| one.kind == kind).map(|one| one.order).collect();
        // Two returns of one order are one line.
        ids.sort_unstable();
        ids.dedup();
        let more = ids.len().saturating_sub(MOST_LISTED);
        ids.truncate(MOST_LISTED);
        let mut orders = store::order::by_ids(self.orders.0.database.reader(), ids).await?;
        orders.sort_by_key(|order| order.id);
        orders.retain(|order| match kind {
            // What was called off since, or waits for money again, is told by itself.
            ShopNewsKind::Paid => {
                matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled)
            }
            ShopNewsKind::CalledOff | ShopNewsKind::ReturnAsked => true,
        });
        let listed = orders.into_iter().map(|order| ListedOrder {
            link: format!("{home}/orders/{}", order.id),
            number: order.number,
            total: order.total,
        });
        Ok((listed.collect(), more))
    }

    pub(super) fn accounts(&self) -> anyhow::Result<AccountsClient> {
        self.orders.0.accounts.clone().context("there is no way to accounts")
    }

    /// A shop as accounts knows it now.
    pub(super) async fn shop(&self, id: ShopId) -> anyhow::Result<Option<Shop>> {
        let request = GetShopsRequest { ids: vec![id.to_string()] };
        let found = self.accounts()?.get_shops(request).await?.into_inner().shops;
        Ok(found.into_iter().next())
    }
}

fn locale_of(person: &User) -> Locale {
    person.locale.parse().unwrap_or_default()
}
