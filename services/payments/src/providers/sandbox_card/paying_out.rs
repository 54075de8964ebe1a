//! Payouts: what is available goes to our bank, net of everything, once a day.

use std::collections::BTreeMap;

use kernel::Timestamp;

use super::book::{Book, Channel};
use super::objects::{BalanceTransaction, Payout, PayoutStatus};
use super::refunding::movement;
use super::refusals::Trouble;

/// Vietnam's day begins seven hours before that of UTC.
const DAY_AHEAD_SECONDS: i64 = 7 * 3_600;

/// The day of a moment in Vietnam, in days since 1970.
pub const fn day(moment: Timestamp) -> i32 {
    let seconds = moment.micros().div_euclid(1_000_000);
    (seconds + DAY_AHEAD_SECONDS).div_euclid(86_400) as i32
}

/// Pays out once a day, at the first look of a day.
pub async fn daily(book: &mut Book) -> Result<(), Trouble> {
    let today = day(book.now);
    if today <= book.paid_out_on {
        return Ok(());
    }
    book.paid_out_on = today;
    pay_out(book, false).await.map(|_| ())
}

/// Pays out every currency of which more came than went. With `everything`, what is not available yet
/// counts as available, and the bank has the money at once.
pub async fn pay_out(book: &mut Book, everything: bool) -> Result<Vec<Payout>, Trouble> {
    let now = book.seconds();
    let mut by_currency: BTreeMap<String, Vec<BalanceTransaction>> = BTreeMap::new();
    for transaction in book.unpaid().await? {
        if everything || transaction.available_on <= now {
            by_currency.entry(transaction.currency.clone()).or_default().push(transaction);
        }
    }
    let mut payouts = Vec::new();
    for (currency, transactions) in by_currency {
        let net = transactions.iter().map(BalanceTransaction::net).sum();
        // Less than nothing waits for better days.
        if net > 0 {
            let payout = send(book, &currency, net, transactions, everything).await?;
            payouts.push(if everything { arrive(book, payout).await? } else { payout });
        }
    }
    Ok(payouts)
}

async fn send(
    book: &mut Book,
    currency: &str,
    amount: i64,
    transactions: Vec<BalanceTransaction>,
    at_once: bool,
) -> Result<Payout, Trouble> {
    let created = book.seconds();
    let way = if at_once { 0 } else { book.terms.payout_arrives_after.as_secs() as i64 };
    let id = Book::new_id("po");
    let mut booked = movement(book, "payout", -amount, currency, &id);
    booked.payout = Some(id.clone());
    booked.description = Some("STRIPE PAYOUT".to_owned());
    let payout = Payout {
        // Short enough for a memo, and as unique as the id: the end of a UUIDv7 is random.
        trace: format!("SBX{}", id[id.len() - 12..].to_ascii_uppercase()),
        id,
        status: PayoutStatus::InTransit,
        amount,
        currency: currency.to_owned(),
        balance_transaction: booked.id.clone(),
        created,
        arrives_at: created + way,
    };
    for mut transaction in transactions {
        transaction.payout = Some(payout.id.clone());
        book.put(&transaction).await?;
    }
    book.put(&booked).await?;
    book.put(&payout).await?;
    book.announce("payout.created", &payout).await?;
    Ok(payout)
}

/// The bank has the money: it credits our account, if it is the sandbox bank.
pub async fn arrive(book: &mut Book, mut payout: Payout) -> Result<Payout, Trouble> {
    payout.status = PayoutStatus::Paid;
    book.put(&payout).await?;
    book.announce("payout.paid", &payout).await?;
    // The bank's feed tells of whole đồng only.
    if book.has_bank && payout.currency == "vnd" {
        book.tell(Channel::Bank, &payout.id).await?;
    }
    Ok(payout)
}
