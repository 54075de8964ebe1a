//! What mails to guests and owners say, in their language. Plain text: nothing in it runs anywhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use kernel::{Currency, Locale, LocalizedText, Money, Timestamp};
use time::OffsetDateTime;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};

use super::mail::PAYOUT_ACCOUNT;
use super::notice::{Notice, NoticeKind};
use super::order::Order;

const VIETNAMESE: &str = include_str!("../../texts/mail.vi.toml");
const ENGLISH: &str = include_str!("../../texts/mail.en.toml");
/// Vietnam is seven hours ahead of UTC, all year.
const VIETNAM: UtcOffset = offset!(+7);
/// The longest name that is greeted by.
const LONGEST_GREETED: usize = 60;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// Where its reader finds what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The page of the checkout, which opens without signing in.
    pub order: String,
    /// The page of its tickets.
    pub tickets: String,
}

/// The words of one language.
pub struct Words {
    locale: Locale,
    table: BTreeMap<String, String>,
}

impl Words {
    /// The words of a language. The tables are part of the program, and a test reads them.
    pub fn of(locale: Locale) -> Self {
        let text = match locale {
            Locale::Vi => VIETNAMESE,
            Locale::En => ENGLISH,
        };
        Self { locale, table: toml::from_str(text).unwrap_or_default() }
    }

    /// Orders of a checkout were paid: those that can be had.
    pub fn paid(&self, name: &str, orders: &[Order], links: &Links) -> Text {
        let numbers: Vec<&str> = orders.iter().map(|order| order.number.as_str()).collect();
        let subject = self.say("paid.subject", &[("numbers", &numbers.join(", "))]);
        let mut body = vec![self.say("paid.text", &[])];
        for order in orders {
            let mut lines = self.say("order", &[("number", &order.number)]);
            for line in &order.lines {
                let (quantity, total) = (line.quantity.to_string(), self.money(line.total));
                let title = line.title.in_locale(self.locale);
                let facts = [("quantity", &*quantity), ("title", title), ("total", &*total)];
                // Writing to a text never fails.
                let _ = write!(lines, "\n{}", self.say("line", &facts));
            }
            body.push(lines);
        }
        let whole = orders.iter().map(|order| order.total.minor).sum();
        let currency = orders.first().map_or(Currency::Vnd, |order| order.total.currency);
        body.push(self.say("total", &[("total", &self.money(Money::new(whole, currency)))]));
        let tickets =
            orders.iter().flat_map(|order| &order.lines).any(|line| line.ticket.is_some());
        body.push(self.links(links, tickets));
        self.letter(name, subject, body)
    }

    /// Something happened to an order. Of one that a reseller sold, money and giving back are the reseller's.
    pub fn notice(
        &self,
        name: &str,
        order: &Order,
        notice: &Notice,
        (links, resold): (&Links, bool),
    ) -> Text {
        let key = match notice.kind {
            NoticeKind::TicketsCancelled => "tickets_cancelled",
            NoticeKind::DepartureMoved => "moved",
            NoticeKind::DepartureRefunded => "departure_refunded",
            NoticeKind::Refunded => "refunded",
        };
        let fact = |name: &str| notice.facts.get(name).map(String::as_str).unwrap_or_default();
        let (from, to) = (self.start(fact("from")), self.start(fact("to")));
        let tour = order.lines.iter().find(|line| line.ticket.is_some()).or(order.lines.first());
        let title = tour.map(|line| line.title.in_locale(self.locale)).unwrap_or_default();
        let facts = [
            ("number", order.number.as_str()),
            ("title", title),
            ("from", &from),
            ("to", &to),
            ("count", fact("count")),
        ];
        let subject = self.say(&format!("{key}.subject"), &facts);
        let mut body = vec![self.say(&format!("{key}.text"), &facts)];
        if !fact("reason").is_empty() {
            body.push(self.say("reason", &[("reason", fact("reason"))]));
        }
        body.push(match notice.kind {
            _ if resold => self.say("resold", &[]),
            NoticeKind::DepartureMoved => self.say("moved.money", &[]),
            _ => self.refund(fact("refund"), fact("currency")),
        });
        let tickets =
            matches!(notice.kind, NoticeKind::DepartureMoved | NoticeKind::TicketsCancelled);
        body.push(self.links(links, tickets));
        self.letter(name, subject, body)
    }

    /// An order was called off, and so much of it comes back.
    pub fn called_off(&self, name: &str, order: &Order, refund: Money, links: &Links) -> Text {
        let number = [("number", order.number.as_str())];
        let mut body = vec![self.say("called_off.text", &number)];
        if refund.is_positive() {
            body.push(self.say("refund", &[("refund", &self.money(refund))]));
        }
        body.push(self.links(links, false));
        self.letter(name, self.say("called_off.subject", &number), body)
    }

    /// Seats are kept for who waits.
    pub fn seats_offered(&self, name: &str, offer: &OfferedSeats) -> Text {
        let (start, until) = (self.moment(offer.starts_at), self.moment(offer.until));
        let seats = offer.seats.to_string();
        let facts = [
            ("seats", seats.as_str()),
            ("title", offer.title.in_locale(self.locale)),
            ("start", &start),
            ("until", &until),
            ("link", &offer.link),
        ];
        let said = |part: &str| self.say(&format!("seats_offered.{part}"), &facts);
        self.letter(name, said("subject"), vec![said("text"), said("claim"), said("else")])
    }

    /// Where a shop's money lands was changed: its owner reads what, and what to do if it was somebody else.
    pub fn destination_changed(&self, name: &str, change: &ChangedDestination) -> Text {
        let (at, from) = (self.moment(change.at), self.moment(change.effective_at));
        let facts =
            [("shop", change.shop.as_str()), ("at", &at), ("from", &from), ("link", &change.link)];
        let mut lines = vec![self.say("destination.text", &facts)];
        let known = change.what.iter().map(|what| format!("destination.what.{what}"));
        // What was changed, a younger payments may say in a word that is not known here.
        let known = known.filter(|key| self.table.contains_key(key));
        lines.extend(known.map(|key| self.say(&key, &facts)));
        let payouts = change.what.iter().any(|what| what == PAYOUT_ACCOUNT);
        let warning = if payouts { "destination.warning_payouts" } else { "destination.warning" };
        let body = vec![lines.join("\n"), self.say(warning, &facts)];
        self.letter(name, self.say("destination.subject", &facts), body)
    }

    /// Who acts for a shop was changed, as its reader is told. None: these words do not know the change.
    pub fn member_changed(&self, name: &str, change: &ChangedMember) -> Option<Text> {
        let key = format!("member.{}", change.what);
        if !self.table.contains_key(&format!("{key}.text")) {
            return None;
        }
        let from = self.moment(change.effective_at);
        let facts = [
            ("shop", change.shop.as_str()),
            // Anybody may call themselves anything.
            ("person", greeted(&change.person).unwrap_or("?")),
            ("from", &from),
            ("link", &change.link),
        ];
        let body = vec![self.say(&format!("{key}.text"), &facts)];
        Some(self.letter(name, self.say(&format!("{key}.subject"), &facts), body))
    }

    pub(super) fn letter(&self, name: &str, subject: String, body: Vec<String>) -> Text {
        let hello = match greeted(name) {
            Some(name) => self.say("hello", &[("name", name)]),
            None => self.say("hello_you", &[]),
        };
        let parts = std::iter::once(hello).chain(body).chain([self.say("sign", &[])]);
        Text { subject, body: parts.collect::<Vec<_>>().join("\n\n") + "\n" }
    }

    fn links(&self, links: &Links, tickets: bool) -> String {
        let mut lines = vec![self.say("see_order", &[("link", &links.order)])];
        if tickets {
            lines.push(self.say("see_tickets", &[("link", &links.tickets)]));
        }
        lines.push(self.say("keep_link", &[]));
        lines.join("\n")
    }

    fn refund(&self, minor: &str, currency: &str) -> String {
        let money = minor.parse().ok().zip(currency.parse().ok());
        let money = money.map(|(minor, currency)| Money::new(minor, currency));
        match money.filter(|money| money.is_positive()) {
            Some(money) => self.say("refund", &[("refund", &self.money(money))]),
            None => self.say("no_refund", &[]),
        }
    }

    pub(super) fn money(&self, money: Money) -> String {
        money.formatted(self.locale)
    }

    /// When a departure starts, of a fact that says it as RFC 3339 does.
    fn start(&self, fact: &str) -> String {
        let moment = OffsetDateTime::parse(fact, &Rfc3339).ok();
        moment.map(|moment| self.moment(moment.into())).unwrap_or_default()
    }

    fn moment(&self, at: Timestamp) -> String {
        let form = match self.locale {
            Locale::Vi => format_description!("[hour]:[minute] [day]/[month]/[year]"),
            Locale::En => format_description!("[hour]:[minute], [day] [month repr:short] [year]"),
        };
        at.to_utc().to_offset(VIETNAM).format(form).unwrap_or_default()
    }

    /// What is said under a key. What is put in is never read as a text to put something into.
    pub(super) fn say(&self, key: &str, facts: &[(&str, &str)]) -> String {
        let mut rest = self.table.get(key).map_or(key, String::as_str);
        let mut said = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, behind)) = after.split_once('}') else { break };
            let fact = facts.iter().find(|(known, _)| *known == name);
            said.push_str(fact.map(|(_, value)| *value).unwrap_or_default());
            rest = behind;
        }
        said + rest
    }
}

/// Seats that are kept for who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedSeats {
    /// How many.
    pub seats: u32,
    /// Of which tour.
    pub title: LocalizedText,
    /// When it starts.
    pub starts_at: Timestamp,
    /// Until when they are kept.
    pub until: Timestamp,
    /// Where they are taken.
    pub link: String,
}

/// A change of where a shop's money lands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDestination {
    /// What the shop is called.
    pub shop: String,
    /// What was changed: names as payments tells them.
    pub what: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// From when on what the shop wants counts.
    pub effective_at: Timestamp,
    /// Where the owner sees it and takes it back.
    pub link: String,
}

/// A change of who acts for a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedMember {
    /// What the shop is called.
    pub shop: String,
    /// What was changed and to whom it is told, as the texts name it.
    pub what: String,
    /// Whom it is about.
    pub person: String,
    /// From when on it counts.
    pub effective_at: Timestamp,
    /// Where the reader sees it.
    pub link: String,
}

/// A name, if it looks like one: anybody may write anything, and a letter that greets somebody with an
/// address of a page would be theirs, not ours.
fn greeted(name: &str) -> Option<&str> {
    let name = name.trim();
    let letters = |letter: char| letter.is_alphabetic() || " '’-".contains(letter);
    let short = (1..=LONGEST_GREETED).contains(&name.chars().count());
    // Combining marks are letters of Vietnamese, too.
    let mark = |letter: char| ('\u{300}'..='\u{36f}').contains(&letter);
    (short && name.chars().all(|letter| letters(letter) || mark(letter))).then_some(name)
}

#[cfg(test)]
#[path = "mail_text_tests.rs"]
mod tests;
