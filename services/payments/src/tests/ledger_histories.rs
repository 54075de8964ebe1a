//! Random histories of the ledger on both databases, each from an empty one: postings of several entries in
//! one or two currencies, reversals, and announced postings that are posted, voided or expire. The books
//! balance; then one thing is tampered with past the guards, the doctor says what, and it is undone.
//!
//! `CHONOI_TEST_HISTORIES` says how many, and `make races` says ten thousand. A history is a transaction that
//! is given up at its end: what the chain costs does not grow with those before it.

use std::collections::BTreeMap;

use kernel::{Currency, LedgerEntryId, PendingPostingId, PostingId};
use platform::database::Transaction;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::DbBackend;

use super::*;
use crate::doctor::ledger as ledger_findings;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::pending_posting::{PendingPosting, Resolution};

/// Histories, if nobody asks for others: a build for tests is slow.
const HISTORIES: u64 = 500;
/// The most postings of a history.
const MOST_POSTINGS: usize = 8;
/// Histories after which PostgreSQL throws away what was given up: it would be read again each time.
const SWEPT_AFTER: u64 = 100;
const CURRENCIES: [Currency; 2] = [Currency::Vnd, Currency::Usd];
const KINDS: [PostingKind; 4] = [
    PostingKind::PaymentCaptured,
    PostingKind::CreditQueued,
    PostingKind::RefundApproved,
    PostingKind::CardFeeTaken,
];

/// Two of each account that there are several of, and some that there is one of.
fn accounts() -> Vec<Account> {
    let mut accounts = vec![
        Account::Rounding,
        Account::PlatformFees,
        Account::TaxVat,
        Account::Refunds,
        Account::PayoutsInTransit,
        Account::CardClearing,
    ];
    for number in ["0011001", "0011002"] {
        accounts.push(Account::Bank { number: number.to_owned() });
        accounts.push(Account::Suspense { number: number.to_owned() });
        accounts.push(Account::ShopPayable(ids::new()));
        accounts.push(Account::DirectReceived(ids::new()));
        accounts.push(Account::ResellerReceivable(ids::new()));
    }
    accounts
}

/// Debits and credits of each account and currency.
type Sums = BTreeMap<(String, &'static str), (i64, i64)>;

/// What was tampered with in a history.
struct Tampering {
    steps: Vec<String>,
    said: String,
}

struct History<'a> {
    tx: &'a Transaction,
    chance: &'a mut StdRng,
    accounts: &'a [Account],
    now: Timestamp,
    posted: Vec<Posting>,
    reversed: Vec<usize>,
    announced: Vec<PendingPosting>,
}

impl History<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.chance.random_range(0..bound)
    }

    fn account(&mut self) -> Account {
        let place = self.below(self.accounts.len());
        self.accounts[place].clone()
    }

    fn other_than(&mut self, account: &Account) -> Account {
        loop {
            let other = self.account();
            if other != *account {
                return other;
            }
        }
    }

    fn kind(&mut self) -> PostingKind {
        let place = self.below(KINDS.len());
        KINDS[place]
    }

    async fn write(&mut self) {
        let postings = 1 + self.below(MOST_POSTINGS);
        // There is something to tamper with, whatever comes behind it.
        self.post().await;
        while self.posted.len() < postings {
            self.now = self.now.after(Duration::from_secs(self.chance.random_range(0..900)));
            match self.below(8) {
                0..=2 => self.post().await,
                3 => self.reverse().await,
                4 | 5 => self.announce().await,
                _ => self.end().await,
            }
        }
    }

    /// One to three at once.
    async fn post(&mut self) {
        let room = MOST_POSTINGS - self.posted.len();
        let batch: Vec<Posting> = (0..=self.below(room.min(3)))
            .map(|_| {
                let (kind, entries) = (self.kind(), self.entries());
                self.posting(kind, entries)
            })
            .collect();
        self.append(batch).await;
    }

    /// Up to four entries in each of one or two currencies, and what balances them.
    fn entries(&mut self) -> Vec<Entry> {
        let first = self.below(CURRENCIES.len());
        let count = 1 + usize::from(self.below(4) == 0);
        let mut entries = Vec::new();
        for currency in CURRENCIES.into_iter().cycle().skip(first).take(count) {
            let mut rest = 0;
            for _ in 0..=self.below(4) {
                let minor = self.chance.random_range(1..=5_000_000_000_i64);
                let minor = if self.below(2) == 0 { minor } else { -minor };
                entries
                    .push(Entry { account: self.account(), amount: Money::new(minor, currency) });
                rest -= minor;
            }
            if rest != 0 {
                entries.push(Entry { account: self.account(), amount: Money::new(rest, currency) });
            }
        }
        entries
    }

    fn posting(&self, kind: PostingKind, entries: Vec<Entry>) -> Posting {
        Posting {
            id: ids::new(),
            kind,
            subject: "test".to_owned(),
            idempotency_key: ids::new::<PendingPostingId>().to_string(),
            entries,
            posted_at: self.now,
        }
    }

    async fn append(&mut self, batch: Vec<Posting>) {
        let batch: Vec<Posting> = batch.into_iter().map(|one| one.balanced().unwrap()).collect();
        let end = store::ledger::lock(self.tx).await.unwrap();
        store::ledger::append(self.tx, end, &batch).await.unwrap();
        self.posted.extend(batch);
    }

    /// The way back of something that was posted, once.
    async fn reverse(&mut self) {
        let place = self.below(self.posted.len());
        if self.reversed.contains(&place) {
            return;
        }
        self.reversed.push(place);
        let mut entries = self.posted[place].entries.clone();
        for entry in &mut entries {
            entry.amount = entry.amount.checked_neg().unwrap();
        }
        let back = self.posting(PostingKind::MatchReversed, entries);
        self.append(vec![back]).await;
    }

    async fn announce(&mut self) {
        let debit = self.account();
        let expires = self.below(2) == 0;
        let after = Duration::from_secs(self.chance.random_range(1..1_800));
        let currency = CURRENCIES[self.below(2)];
        let pending = PendingPosting {
            id: ids::new(),
            kind: PostingKind::PayoutSent,
            subject: "test".to_owned(),
            idempotency_key: ids::new::<PendingPostingId>().to_string(),
            credit: self.other_than(&debit),
            debit,
            amount: Money::new(self.chance.random_range(1..=5_000_000_000), currency),
            created_at: self.now,
            expires_at: expires.then(|| self.now.after(after)),
            resolution: None,
        };
        store::pending_posting::insert(self.tx, std::slice::from_ref(&pending)).await.unwrap();
        self.announced.push(pending);
    }

    /// Ends all whose time has gone by, or posts or voids one of the others.
    async fn end(&mut self) {
        let overdue = store::pending_posting::lock_overdue(self.tx, self.now, 100).await.unwrap();
        let mut ended: Vec<(PendingPosting, Option<PostingId>)> = Vec::new();
        for mut one in overdue {
            one.expire(self.now).unwrap();
            ended.push((one, None));
        }
        let over: Vec<_> = ended.iter().map(|(one, _)| one.id).collect();
        let open: Vec<usize> = (0..self.announced.len())
            .filter(|place| self.announced[*place].resolution.is_none())
            .filter(|place| !over.contains(&self.announced[*place].id))
            .collect();
        if !open.is_empty() {
            let place = open[self.below(open.len())];
            let mut one = self.announced[place].clone();
            if self.below(3) == 0 {
                one.void().unwrap();
                ended.push((one, None));
            } else {
                let whole = one.amount;
                let minor = self.chance.random_range(1..=whole.minor);
                let minor = if self.below(2) == 0 { whole.minor } else { minor };
                let entries = one.post(Money::new(minor, whole.currency), self.now).unwrap();
                let posting = self.posting(one.kind, entries);
                let id = posting.id;
                self.append(vec![posting]).await;
                ended.push((one, Some(id)));
            }
        }
        store::pending_posting::resolve(self.tx, &ended, self.now).await.unwrap();
        for (one, _) in ended {
            let place = self.announced.iter().position(|known| known.id == one.id).unwrap();
            self.announced[place] = one;
        }
    }

    /// What each account has by all that was posted.
    fn sums(&self) -> Sums {
        let mut sums = Sums::new();
        for entry in self.posted.iter().flat_map(|posting| &posting.entries) {
            let key = (entry.account.to_string(), entry.amount.currency.code());
            let (debit, credit) = sums.entry(key).or_default();
            *debit += entry.amount.minor.max(0);
            *credit += (-entry.amount.minor).max(0);
        }
        sums
    }

    async fn balances(&self) {
        let kept = store::ledger::balances(self.tx).await.unwrap().into_iter().map(|kept| {
            let currency = kept.debit.currency.code();
            ((kept.account, currency), (kept.debit.minor, kept.credit.minor))
        });
        let sums = self.sums();
        assert_eq!(kept.collect::<Sums>(), sums);
        for currency in CURRENCIES {
            let of = sums.iter().filter(|((_, code), _)| *code == currency.code());
            let sum: i64 = of.map(|(_, (debit, credit))| debit - credit).sum();
            assert_eq!(sum, 0, "{currency:?}");
        }
        let keys: Vec<String> =
            self.announced.iter().map(|one| one.idempotency_key.clone()).collect();
        let kept = store::pending_posting::lock_by_keys(self.tx, &keys).await.unwrap();
        for one in &self.announced {
            assert_eq!(kept.get(&one.idempotency_key), Some(one));
        }
    }

    async fn raw(&self, statement: &str) {
        if let Err(error) = self.tx.execute_unprepared(statement).await {
            panic!("{statement}: {error}");
        }
    }

    /// Takes away what keeps the ledger from being changed, as somebody with the database could.
    async fn unlock(&self) {
        let sqlite = self.tx.get_database_backend() == DbBackend::Sqlite;
        if sqlite {
            self.raw("PRAGMA defer_foreign_keys = ON").await;
        }
        for table in ["ledger_postings", "ledger_entries", "ledger_pending_resolutions"] {
            if sqlite {
                self.raw(&format!("DROP TRIGGER {table}_refuses_UPDATE")).await;
                self.raw(&format!("DROP TRIGGER {table}_refuses_DELETE")).await;
            } else {
                self.raw(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
            }
        }
    }

    /// Something is changed past the guards, and found for what it is; without it nothing is found.
    async fn is_tampered_with_and_mended(&mut self, number: u64) {
        let Tampering { steps, said } = self.tampering(number);
        self.raw("SAVEPOINT untouched").await;
        self.unlock().await;
        for step in &steps {
            self.raw(step).await;
        }
        let findings = ledger_findings(self.tx).await.unwrap();
        assert!(findings.contains(&said), "{steps:?}: {said:?} is not in {findings:?}");
        self.raw("ROLLBACK TO SAVEPOINT untouched").await;
        assert_eq!(ledger_findings(self.tx).await.unwrap(), Vec::<String>::new(), "{steps:?}");
    }

    /// Each way in turn, somewhere in the history.
    fn tampering(&mut self, number: u64) -> Tampering {
        let sqlite = self.tx.get_database_backend() == DbBackend::Sqlite;
        let last = self.posted.len();
        let hash = if sqlite { "x'00'" } else { "'\\x00'::bytea" };
        let id = |id: uuid::Uuid| {
            if sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
        };
        let place = self.below(last);
        let (posting, sequence) = (self.posted[place].clone(), place + 1);
        let line = self.below(posting.entries.len());
        let Entry { account, amount } = posting.entries[line].clone();
        let currency = amount.currency.code();
        let other_account = self.other_than(&account);
        let other_currency = CURRENCIES.into_iter().find(|one| *one != amount.currency).unwrap();
        let by = self.chance.random_range(2..1_000);
        let whole = format!("posting_id = {}", id(posting.id.uuid()));
        let entry = format!("{whole} AND place = {line}");
        let balance = format!("account = '{account}' AND currency = '{currency}'");
        let this = format!("sequence = {sequence}");
        let broken = format!("the hash chain is broken at posting {sequence}");
        let end = "the end of the hash chain is not where it should be".to_owned();
        let differs = format!("a kept balance differs from its entries: {account}");
        let insert = |posting: &str, place: usize, account: &Account, minor: i64| {
            let new = id(ids::new::<LedgerEntryId>().uuid());
            format!("INSERT INTO ledger_entries (id, posting_id, place, account, amount_minor, currency)
                VALUES ({new}, {posting}, {place}, '{account}', {minor}, '{currency}')")
        };
        // As somebody does who knows of the kept balances, too.
        let anew = [
            "DELETE FROM ledger_balances".to_owned(),
            "INSERT INTO ledger_balances (account, currency, debit, credit)
                SELECT account, currency, SUM(CASE WHEN amount_minor > 0 THEN amount_minor ELSE 0 END),
                    SUM(CASE WHEN amount_minor < 0 THEN -amount_minor ELSE 0 END)
                FROM ledger_entries GROUP BY account, currency".to_owned(),
        ];
        let mut steps = Vec::new();
        let mut step = |step: String| steps.push(step);
        let said = match number % 18 {
            0 => {
                step(format!(
                    "UPDATE ledger_entries SET amount_minor = amount_minor * {by} WHERE {entry}"
                ));
                broken
            }
            1 => {
                step(format!(
                    "UPDATE ledger_entries SET amount_minor = -amount_minor WHERE {whole}"
                ));
                broken
            }
            2 => {
                step(format!(
                    "UPDATE ledger_entries SET amount_minor = amount_minor * 2 WHERE {whole}"
                ));
                steps.extend(anew);
                broken
            }
            3 => {
                step(format!(
                    "UPDATE ledger_entries SET account = '{other_account}' WHERE {entry}"
                ));
                broken
            }
            4 => {
                let code = other_currency.code();
                step(format!(
                    "UPDATE ledger_entries SET currency = '{code}'
                     WHERE {whole} AND currency = '{currency}'"
                ));
                broken
            }
            5 => {
                step(format!(
                    "UPDATE ledger_postings SET posted_at = posted_at - {by} WHERE {this}"
                ));
                broken
            }
            6 => {
                let column = ["kind", "subject", "idempotency_key"][self.below(3)];
                step(format!("UPDATE ledger_postings SET {column} = 'x' WHERE {this}"));
                broken
            }
            7 => {
                step(format!("UPDATE ledger_postings SET hash = {hash} WHERE {this}"));
                broken
            }
            8 => {
                step(format!("UPDATE ledger_head SET hash = {hash}"));
                end
            }
            9 => {
                step(format!("UPDATE ledger_head SET sequence = sequence + {by}"));
                end
            }
            10 => {
                step(format!("DELETE FROM ledger_entries WHERE {entry}"));
                broken
            }
            11 => {
                // With all that points at it.
                step(format!("DELETE FROM ledger_pending_resolutions WHERE {whole}"));
                step(format!("DELETE FROM ledger_entries WHERE {whole}"));
                step(format!("DELETE FROM ledger_postings WHERE {this}"));
                steps.extend(anew);
                let next = format!("the hash chain is broken at posting {}", sequence + 1);
                if sequence == last { end } else { next }
            }
            12 => {
                let line = posting.entries.len();
                step(insert(&id(posting.id.uuid()), line, &account, by));
                broken
            }
            13 => {
                let (new, next) = (id(ids::new::<PostingId>().uuid()), last + 1);
                let now = self.now.micros();
                step(format!(
                    "INSERT INTO ledger_postings
                        (sequence, id, kind, subject, idempotency_key, posted_at, hash)
                     VALUES ({next}, {new}, 'credit_queued', 'test', 'forged', {now}, {hash})"
                ));
                step(insert(&new, 0, &account, by));
                step(insert(&new, 1, &other_account, -by));
                steps.extend(anew);
                format!("the hash chain is broken at posting {next}")
            }
            14 => {
                let nothing = id(ids::new::<PostingId>().uuid());
                step(insert(&nothing, 0, &account, by));
                step(insert(&nothing, 1, &other_account, -by));
                steps.extend(anew);
                format!("an entry is of no posting: {account}")
            }
            15 => {
                let side = ["debit", "credit"][self.below(2)];
                step(format!("UPDATE ledger_balances SET {side} = {side} + {by} WHERE {balance}"));
                differs
            }
            16 => {
                step(format!(
                    "UPDATE ledger_balances SET debit = debit + {by}, credit = credit + {by}
                     WHERE {balance}"
                ));
                differs
            }
            _ => {
                step(format!("DELETE FROM ledger_balances WHERE {balance}"));
                differs
            }
        };
        Tampering { steps, said }
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn whatever_is_posted_balances_and_whatever_is_tampered_with_is_found(database) {
        let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let histories = asked("CHONOI_TEST_HISTORIES").unwrap_or(HISTORIES);
        let seed = asked("CHONOI_TEST_SEED").unwrap_or_else(rand::random);
        println!("CHONOI_TEST_SEED={seed}");
        let begun = std::time::Instant::now();
        let (mut chance, accounts) = (StdRng::seed_from_u64(seed), accounts());
        let (mut posted, mut reversed, mut ends) = (0, 0, BTreeMap::<&str, usize>::new());
        for number in 0..histories {
            let tx = database.begin().await.unwrap();
            let mut history = History {
                tx: &tx,
                chance: &mut chance,
                accounts: &accounts,
                now: Timestamp::from_micros(1_800_000_000_000_000),
                posted: Vec::new(),
                reversed: Vec::new(),
                announced: Vec::new(),
            };
            history.write().await;
            history.balances().await;
            assert_eq!(ledger_findings(&tx).await.unwrap(), Vec::<String>::new(), "history {number}");
            history.is_tampered_with_and_mended(number).await;
            history.balances().await;
            posted += history.posted.len();
            reversed += history.reversed.len();
            for one in &history.announced {
                *ends.entry(one.resolution.map_or("open", Resolution::name)).or_default() += 1;
            }
            tx.rollback().await.unwrap();
            if number % SWEPT_AFTER == SWEPT_AFTER - 1 && database.backend() == DbBackend::Postgres {
                let sweep = "VACUUM ledger_postings, ledger_entries, ledger_balances, ledger_head,
                    ledger_pending, ledger_pending_resolutions";
                database.writer().execute_unprepared(sweep).await.unwrap();
            }
        }
        println!("{histories} histories in {:?}: {posted} postings, {reversed} reversals, {ends:?}", begun.elapsed());
        // Something of everything happened, if there were histories enough for it.
        let every = ends.keys().copied().eq(["expired", "open", "posted", "voided"]);
        assert!(histories < HISTORIES || (every && reversed > 0), "{reversed}, {ends:?}");
    }
}
