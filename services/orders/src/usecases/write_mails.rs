//! Notes which mails are to be sent of what happened. It writes to nobody: a sweeper does (`send_mails`). What
//! shops are told of their orders is gathered first (`gather_shop_news`).

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::{CheckoutId, OrderId, OrderReturnId, ShopId, Timestamp, WaitingListEntryId};
use platform::database::Transaction;
use proto::events::event::Body;
use proto::events::{Event, PaymentDestinationChanged, SeatsOffered, ShopMemberChanged};
use proto::orders::CheckoutStatus;
use proto::returns::ReturnStatus;
use uuid::Uuid;

use crate::Orders;
use crate::domain::mail::{Mail, MailKind, PAYOUT_ACCOUNT};
use crate::domain::shop_news::{ShopNews, ShopNewsKind};
use crate::store;

/// What happened so long ago is no news any more.
const OLD_NEWS: Duration = Duration::from_hours(24);

/// Notes the mails of events: one of each thing that happened, however often it is told of.
pub async fn write_mails(
    orders: &Orders,
    tx: &Transaction,
    events: &[Event],
) -> anyhow::Result<()> {
    if orders.0.mailing.is_none() {
        return Ok(());
    }
    let now = orders.0.clock.now();
    let (mut mails, mut paid, mut news) = (Vec::new(), Vec::new(), Vec::new());
    for event in events {
        // Who begins to write letters today finds the events of days before.
        if event.occurred_at < now.before(OLD_NEWS).micros() {
            continue;
        }
        match &event.body {
            Some(Body::CheckoutChanged(said)) if said.status() == CheckoutStatus::Paid => {
                paid.push(said.checkout_id.parse::<CheckoutId>()?);
            }
            Some(Body::NoticeGiven(said)) => {
                let id: Uuid = said.notice_id.parse()?;
                mails.push(Mail::new(MailKind::Notice, (format!("notice:{id}"), id), now));
            }
            Some(Body::OrderCancelled(said)) => {
                let id: OrderId = said.order_id.parse()?;
                let named = (format!("called_off:{id}"), id.uuid());
                mails.push(Mail::new(MailKind::CalledOff, named, now));
                let (kind, shop) = (ShopNewsKind::CalledOff, said.shop_id.parse()?);
                news.push(ShopNews { kind, about: id.uuid(), order: id, shop, at: now });
            }
            Some(Body::ReturnChanged(said)) if said.status() == ReturnStatus::ReturnRequested => {
                let id: OrderReturnId = said.return_id.parse()?;
                let (order, shop) = (said.order_id.parse()?, said.shop_id.parse()?);
                let kind = ShopNewsKind::ReturnAsked;
                news.push(ShopNews { kind, about: id.uuid(), order, shop, at: now });
            }
            Some(Body::ShopDecided(said)) => {
                let about = said.shop_id.parse::<ShopId>()?.uuid();
                let named = (format!("shop_decided:{}", event.id), about);
                let facts = BTreeMap::from([("what".to_owned(), said.decision.clone())]);
                mails.push(Mail { facts, ..Mail::new(MailKind::ShopDecided, named, now) });
            }
            Some(Body::SeatsOffered(said)) => mails.extend(offered(&event.id, said, now)?),
            Some(Body::PaymentDestinationChanged(said)) => {
                note_destination(&mut mails, event, said, now)?;
            }
            Some(Body::PayoutAccountChanged(said)) => {
                let said = PaymentDestinationChanged {
                    shop_id: said.shop_id.clone(),
                    what: PAYOUT_ACCOUNT.to_owned(),
                    effective_at: said.effective_at,
                };
                note_destination(&mut mails, event, &said, now)?;
            }
            Some(Body::ShopMemberChanged(said)) => mails.extend(of_members(&event.id, said, now)?),
            _ => {}
        }
    }
    if !paid.is_empty() {
        for (order, shop) in store::order::shops_of_checkouts(tx, &paid).await? {
            let kind = ShopNewsKind::Paid;
            news.push(ShopNews { kind, about: order.uuid(), order, shop, at: now });
        }
        // Who gave no address gets no mail.
        for checkout in store::checkout::by_ids(tx, paid).await? {
            if !checkout.contact.email.is_empty() {
                let named = (format!("paid:{}", checkout.id), checkout.id.uuid());
                mails.push(Mail::new(MailKind::Paid, named, now));
            }
        }
    }
    store::mail::insert(tx, &mails).await?;
    // Without a way to accounts nobody knows who reads them.
    if orders.0.accounts.is_some() {
        store::shop_news::insert(tx, &news).await?;
    }
    Ok(())
}

/// Notes a change of where a shop's money lands. Naming an account changes several things at one moment: they
/// are one letter, if they come together.
fn note_destination(
    mails: &mut Vec<Mail>,
    event: &Event,
    said: &PaymentDestinationChanged,
    now: Timestamp,
) -> anyhow::Result<()> {
    let about = said.shop_id.parse::<ShopId>()?.uuid();
    let at = event.occurred_at.to_string();
    let same = mails.iter_mut().find(|mail| {
        let moment = mail.facts.get("at");
        mail.kind == MailKind::DestinationChanged && mail.about == about && moment == Some(&at)
    });
    if let Some(what) = same.and_then(|mail| mail.facts.get_mut("what")) {
        what.push(',');
        what.push_str(&said.what);
        return Ok(());
    }
    let named = (format!("destination:{}", event.id), about);
    let effective = said.effective_at.to_string();
    let facts = [("what", said.what.clone()), ("at", at), ("effective", effective)];
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    mails.push(Mail { facts, ..Mail::new(MailKind::DestinationChanged, named, now) });
    Ok(())
}

/// Whom it is told that a shop's people changed, and as what: the one it is about, the owner, or both. A change that
/// a younger accounts tells of is told to nobody.
fn of_members(event: &str, said: &ShopMemberChanged, now: Timestamp) -> anyhow::Result<Vec<Mail>> {
    let about = said.shop_id.parse::<ShopId>()?.uuid();
    let (person, owner) = (said.user_id.as_str(), said.owner_id.as_str());
    let told = match said.what.as_str() {
        "joined" => vec![("joined", person), ("joined_owner", owner)],
        "removed" => vec![("removed", person)],
        "left" => vec![("left_owner", owner)],
        "handed_over" => vec![("handed_over", person), ("handed_over_owner", owner)],
        "offered" => vec![("offered_owner", owner)],
        _ => Vec::new(),
    };
    let mail = |(what, reader): (&str, &str)| {
        let facts = [
            ("what", what.to_owned()),
            ("reader", reader.to_owned()),
            ("person", person.to_owned()),
            ("effective", said.effective_at.to_string()),
        ];
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let named = (format!("{what}:{event}"), about);
        Mail { facts, ..Mail::new(MailKind::MemberChanged, named, now) }
    };
    Ok(told.into_iter().map(mail).collect())
}

fn offered(event: &str, said: &SeatsOffered, now: Timestamp) -> anyhow::Result<Option<Mail>> {
    let Some(entry) = said.entry.as_ref().filter(|entry| !entry.email.is_empty()) else {
        return Ok(None);
    };
    let about: WaitingListEntryId = entry.id.parse()?;
    // Somebody who waits may be offered seats again: each offer has an event of its own.
    let named = (format!("offered:{event}"), about.uuid());
    let facts = [
        ("name", entry.name.clone()),
        ("email", entry.email.clone()),
        ("locale", entry.locale.clone()),
        ("seats", entry.seats.to_string()),
        ("departure", said.departure_id.clone()),
        ("until", entry.offer_expires_at.to_string()),
    ];
    let facts: BTreeMap<String, String> =
        facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Some(Mail { facts, ..Mail::new(MailKind::SeatsOffered, named, now) }))
}
