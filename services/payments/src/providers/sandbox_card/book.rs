//! The sandbox's book while it is being written: one transaction, one writer at a time, and for every
//! change its event.

use kernel::Timestamp;
use platform::database::{Database, Transaction};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::objects::{BalanceTransaction, Event, Thing};
use super::refusals::{Refusal, Trouble};
use super::settings::SandboxCardTerms;
use super::showing;
use super::tables::{deliveries, head, objects};

/// Movements that one payout nets at most; what is more waits for the next.
const MOST_NETTED: u64 = 20_000;

/// Whom the sandbox tells of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Our webhook for cards.
    Webhook,
    /// The sandbox bank, which has money to credit.
    Bank,
}

impl Channel {
    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Bank => "bank",
        }
    }
}

/// The book, open for writing.
#[derive(Debug)]
pub struct Book {
    tx: Transaction,
    sequence: i64,
    /// The day (days since 1970 in Vietnam) of the latest automatic payout.
    pub paid_out_on: i32,
    /// The moment of all that is written now.
    pub now: Timestamp,
    /// What things cost and how long they take.
    pub terms: SandboxCardTerms,
    /// The key of the request that is at work.
    pub key: Option<String>,
    /// Whether the market's bank is a sandbox bank that can be told of payouts.
    pub has_bank: bool,
}

impl Book {
    /// Opens the book. Whoever else wants to write waits until it is closed.
    pub async fn open(
        database: &Database,
        now: Timestamp,
        terms: SandboxCardTerms,
        has_bank: bool,
    ) -> Result<Self, DbErr> {
        let tx = database.begin().await?;
        let mut locked = head::Entity::find_by_id(1);
        if tx.get_database_backend() != sea_orm::DbBackend::Sqlite {
            // SQLite's transactions are writers from their first statement.
            locked = locked.lock_exclusive();
        }
        let row = locked.one(&tx).await?;
        let row = row.ok_or_else(|| DbErr::Custom("the sandbox has no head".to_owned()))?;
        let (sequence, paid_out_on) = (row.sequence, row.paid_out_on);
        Ok(Self { tx, sequence, paid_out_on, now, terms, key: None, has_bank })
    }

    /// Makes all that was written lasting.
    pub async fn close(self) -> Result<(), DbErr> {
        head::Entity::update_many()
            .col_expr(head::Column::Sequence, Expr::value(self.sequence))
            .col_expr(head::Column::PaidOutOn, Expr::value(self.paid_out_on))
            .exec(&self.tx)
            .await?;
        self.tx.commit().await
    }

    /// The transaction, for the sandbox's other tables.
    pub const fn tx(&self) -> &Transaction {
        &self.tx
    }

    /// Now, as Stripe counts: seconds since 1970.
    pub const fn seconds(&self) -> i64 {
        self.now.micros().div_euclid(1_000_000)
    }

    /// A new id of a kind.
    pub fn new_id(prefix: &str) -> String {
        format!("{prefix}_{}", Uuid::now_v7().simple())
    }

    /// The thing of an id; refused if it is not there.
    pub async fn get<T: Thing>(&self, id: &str) -> Result<T, Trouble> {
        self.find(id).await?.ok_or_else(|| Refusal::missing(T::KIND, id).into())
    }

    /// The thing of an id.
    pub async fn find<T: Thing>(&self, id: &str) -> Result<Option<T>, Trouble> {
        find(&self.tx, id).await
    }

    /// What time has changed by now, the earliest first: kinds and ids.
    pub async fn due(&self, at_most: u64) -> Result<Vec<(String, String)>, DbErr> {
        let rows = objects::Entity::find()
            .filter(objects::Column::DueAt.lte(self.seconds()))
            .order_by_asc(objects::Column::DueAt)
            .order_by_asc(objects::Column::Sequence)
            .limit(at_most)
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|row| (row.kind, row.id)).collect())
    }

    /// The movements that no payout has netted.
    pub async fn unpaid(&self) -> Result<Vec<BalanceTransaction>, Trouble> {
        unpaid(&self.tx).await
    }

    /// Writes a thing, new or changed.
    pub async fn put<T: Thing>(&mut self, thing: &T) -> Result<(), Trouble> {
        self.sequence += 1;
        let links = thing.links();
        let row = objects::Model {
            id: thing.id().to_owned(),
            kind: T::KIND.to_owned(),
            sequence: self.sequence,
            intent: links.intent,
            payout: links.payout,
            settled_in: links.settled_in,
            due_at: links.due_at,
            created: self.seconds(),
            body: serde_json::to_string(thing)?,
        };
        // What is there keeps its place and its age in lists.
        let changed = OnConflict::column(objects::Column::Id)
            .update_columns([
                objects::Column::Intent,
                objects::Column::Payout,
                objects::Column::DueAt,
                objects::Column::Body,
            ])
            .to_owned();
        objects::Entity::insert(row.into_active_model())
            .on_conflict(changed)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Records that something happened to a thing, as the thing is now, and lets it be told.
    pub async fn announce<T: Thing>(&mut self, kind: &str, thing: &T) -> Result<(), Trouble> {
        let id = Self::new_id("evt");
        let key = self.key.clone();
        let event = showing::event(&id, kind, self.seconds(), thing.shown(), key.as_deref());
        self.put(&Event(event)).await?;
        self.tell(Channel::Webhook, &id).await
    }

    /// Lets something be told.
    pub async fn tell(&mut self, channel: Channel, about: &str) -> Result<(), Trouble> {
        self.sequence += 1;
        let row = deliveries::Model {
            sequence: self.sequence,
            channel: channel.name().to_owned(),
            about: about.to_owned(),
            attempts: 0,
            next_at: self.now.micros(),
            delivered_at: None,
        };
        deliveries::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}

/// The thing of an id.
pub async fn find<T: Thing>(db: &impl ConnectionTrait, id: &str) -> Result<Option<T>, Trouble> {
    let row = objects::Entity::find_by_id(id).one(db).await?;
    let row = row.filter(|row| row.kind == T::KIND);
    Ok(row.map(|row| serde_json::from_str(&row.body)).transpose()?)
}

/// The movements that no payout has netted.
pub async fn unpaid(db: &impl ConnectionTrait) -> Result<Vec<BalanceTransaction>, Trouble> {
    let rows = objects::Entity::find()
        .filter(objects::Column::SettledIn.is_not_null())
        .filter(objects::Column::Payout.is_null())
        .order_by_asc(objects::Column::Sequence)
        .limit(MOST_NETTED)
        .all(db)
        .await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
}
