//! What the sandbox tells others: events to our webhook, payouts to the sandbox bank. In the order in
//! which things happened, each until somebody takes it: at least once, after a restart too.

use std::sync::Arc;
use std::time::Duration;

use kernel::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use tokio::sync::Notify;

use super::SandboxCard;
use super::book::{self, Channel};
use super::objects::Payout;
use super::refusals::Trouble;
use super::showing::STATEMENT_DESCRIPTOR;
use super::tables::deliveries::{self, Column, Entity};
use super::{paying_out, reading};
use crate::providers::card::stripe::webhook::{SIGNATURE_HEADER, signature_header};
use crate::providers::sandbox_bank::Credit;

/// The first pause before something is told again; it doubles with every try.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The sandbox bank counts its own transfers in microseconds of the clock, 16 digits until the year
/// 2286: ids from here on are those of payouts.
const FIRST_BANK_ID: u64 = 4_000_000_000_000_000;

impl SandboxCard {
    /// What calls its worker when something happens.
    pub fn call(&self) -> Arc<Notify> {
        Arc::clone(&self.woken)
    }

    /// Does what is due and tells of it.
    pub async fn work(&self) -> anyhow::Result<()> {
        self.tick().await?;
        Ok(self.deliver().await?)
    }

    /// Does what time brings about: what is due, and the payout of the day.
    pub async fn tick(&self) -> Result<(), Trouble> {
        self.catch_up().await?;
        let paid_out_on = reading::paid_out_on(self.database.reader()).await?;
        if paid_out_on >= paying_out::day(self.clock.now()) {
            return Ok(());
        }
        let mut book = self.open_book().await?;
        paying_out::daily(&mut book).await?;
        book.close().await?;
        Ok(())
    }

    /// Tells what waits, in order; stops at what nobody takes, until its next time.
    pub async fn deliver(&self) -> Result<(), Trouble> {
        let _one_at_a_time = self.delivering.lock().await;
        for channel in [Channel::Webhook, Channel::Bank] {
            while let Some(next) = self.next(channel).await? {
                if next.next_at > self.clock.now().micros() {
                    break;
                }
                let taken = match channel {
                    Channel::Webhook => self.call_webhook(&next.about).await?,
                    Channel::Bank => self.tell_bank(&next).await?,
                };
                self.note(&next, taken).await?;
                if !taken {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn next(&self, channel: Channel) -> Result<Option<deliveries::Model>, DbErr> {
        Entity::find()
            .filter(Column::Channel.eq(channel.name()))
            .filter(Column::DeliveredAt.is_null())
            .order_by_asc(Column::Sequence)
            .one(self.database.reader())
            .await
    }

    async fn note(&self, told: &deliveries::Model, taken: bool) -> Result<(), DbErr> {
        let now = self.clock.now();
        let tx = self.database.begin().await?;
        let change = Entity::update_many()
            .filter(Column::Sequence.eq(told.sequence))
            .col_expr(Column::Attempts, Expr::value(told.attempts.saturating_add(1)));
        let change = if taken {
            change.col_expr(Column::DeliveredAt, Expr::value(now.micros()))
        } else {
            change.col_expr(Column::NextAt, Expr::value(again_at(now, told.attempts).micros()))
        };
        change.exec(&tx).await?;
        tx.commit().await
    }

    async fn call_webhook(&self, event: &str) -> Result<bool, Trouble> {
        let Some(event) = reading::event(self.database.reader(), event).await? else {
            return Ok(true);
        };
        let body = event.to_string();
        let now = self.clock.now();
        let signature = signature_header(&self.parts.webhook_secret, now, body.as_bytes());
        let sent = self
            .http
            .post(&self.parts.webhook_url)
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, signature)
            .body(body)
            .send()
            .await;
        Ok(match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                tracing::warn!(status = %answer.status(), "the card webhook did not take an event");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "the card webhook does not answer");
                false
            }
        })
    }

    async fn tell_bank(&self, told: &deliveries::Model) -> Result<bool, Trouble> {
        let Some((bank, account)) = &self.bank else { return Ok(true) };
        let payout: Option<Payout> = book::find(self.database.reader(), &told.about).await?;
        let Some(payout) = payout else { return Ok(true) };
        let credit = Credit {
            id: FIRST_BANK_ID + told.sequence.unsigned_abs(),
            account: account.clone(),
            amount: payout.amount.unsigned_abs(),
            memo: format!("{STATEMENT_DESCRIPTOR} {}", payout.trace),
        };
        Ok(bank.credit(&credit).await)
    }
}

/// When something is told again that nobody took, after so many tries before.
fn again_at(now: Timestamp, attempts: i32) -> Timestamp {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.clamp(0, 16));
    now.after(doubled.min(LONGEST_PAUSE))
}
