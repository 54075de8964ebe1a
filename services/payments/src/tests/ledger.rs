//! The ledger on both databases: tampering is found and named, periods are closed, two phases end once.

use kernel::{Currency, PendingPostingId, UserId};

use super::*;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::pending_posting::{PendingPosting, Resolution};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::usecases::account_statement::account_statement;
use crate::usecases::close_books::{CloseBooksError, close_books};
use crate::usecases::expire_pending_postings::expire_pending_postings;
use crate::usecases::report::Days;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Bench {
    async fn raw(&self, statement: &str) -> Result<(), sea_orm::DbErr> {
        self.database.writer().execute_unprepared(statement).await.map(|_| ())
    }

    /// Takes away what keeps the ledger from being changed, as somebody with the file could.
    async fn unlock_ledger(&self) {
        let unlocks: &[&str] = match self.database.backend() {
            sea_orm::DbBackend::Sqlite => &[
                "PRAGMA foreign_keys = OFF",
                "DROP TRIGGER ledger_postings_refuses_UPDATE",
                "DROP TRIGGER ledger_postings_refuses_DELETE",
                "DROP TRIGGER ledger_entries_refuses_UPDATE",
                "DROP TRIGGER ledger_entries_refuses_DELETE",
            ],
            _ => &[
                "ALTER TABLE ledger_postings DISABLE TRIGGER USER",
                "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
            ],
        };
        for unlock in unlocks {
            self.raw(unlock).await.unwrap();
        }
    }

    async fn four_postings(&self) {
        for id in 1..5 {
            let payment = self.start(100).await;
            self.credit(id, 100, &payment.code.to_string()).await;
        }
        self.assert_sound().await;
        self.unlock_ledger().await;
    }

    async fn findings(&self) -> String {
        doctor(&self.database, self.clock.now()).await.unwrap().join("; ")
    }

    async fn post(&self, key: &str, minor: i64, at: Timestamp) -> anyhow::Result<()> {
        let entries = vec![
            Entry { account: Account::Rounding, amount: Money::vnd(minor) },
            Entry { account: Account::PlatformFees, amount: Money::vnd(-minor) },
        ];
        let posting = Posting {
            id: ids::new(),
            kind: PostingKind::CreditResolved,
            subject: "test".to_owned(),
            idempotency_key: key.to_owned(),
            entries,
            posted_at: at,
        };
        let tx = self.database.begin().await?;
        let end = store::ledger::lock(&tx).await?;
        store::ledger::append(&tx, end, &[posting.balanced()?]).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn announce(&self, key: &str, amount: i64, expires: Option<Duration>) -> PendingPosting {
        let now = self.clock.now();
        let pending = PendingPosting {
            id: ids::new(),
            kind: PostingKind::RefundApproved,
            subject: "test".to_owned(),
            idempotency_key: key.to_owned(),
            debit: Account::Rounding,
            credit: Account::PlatformFees,
            amount: Money::vnd(amount),
            created_at: now,
            expires_at: expires.map(|after| now.after(after)),
            resolution: None,
        };
        let tx = self.database.begin().await.unwrap();
        store::pending_posting::insert(&tx, std::slice::from_ref(&pending)).await.unwrap();
        tx.commit().await.unwrap();
        pending
    }

    async fn announced(&self, key: &str) -> PendingPosting {
        let tx = self.database.begin().await.unwrap();
        let keys = [key.to_owned()];
        store::pending_posting::lock_by_keys(&tx, &keys).await.unwrap().remove(key).unwrap()
    }

    async fn end(&self, mut pending: PendingPosting, amount: i64) -> Result<(), sea_orm::DbErr> {
        let now = self.clock.now();
        let entries = pending.post(Money::vnd(amount), now).unwrap();
        let posting = Posting {
            id: ids::new(),
            kind: pending.kind,
            subject: "test".to_owned(),
            idempotency_key: ids::new::<PendingPostingId>().to_string(),
            entries,
            posted_at: now,
        };
        let tx = self.database.begin().await?;
        let end = store::ledger::lock(&tx).await?;
        store::ledger::append(&tx, end, std::slice::from_ref(&posting)).await?;
        store::pending_posting::resolve(&tx, &[(pending, Some(posting.id))], now).await?;
        tx.commit().await
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn an_amount_that_was_changed_is_found_and_named(database) {
        let bench = Bench::on(database);
        bench.four_postings().await;
        // Both sides, so that everything still sums to zero.
        bench.raw("UPDATE ledger_entries SET amount_minor = amount_minor * 2
            WHERE posting_id = (SELECT id FROM ledger_postings WHERE sequence = 2)").await.unwrap();
        let findings = bench.findings().await;
        assert!(findings.contains("the hash chain is broken at posting 2"), "{findings}");
        assert!(findings.contains("a kept balance differs from its entries"), "{findings}");
    }

    async fn a_posting_that_was_removed_is_found_and_named(database) {
        let bench = Bench::on(database);
        bench.four_postings().await;
        bench.raw("DELETE FROM ledger_entries WHERE posting_id = (SELECT id FROM ledger_postings WHERE sequence = 2)").await.unwrap();
        bench.raw("DELETE FROM ledger_postings WHERE sequence = 2").await.unwrap();
        let findings = bench.findings().await;
        assert!(findings.contains("the hash chain is broken at posting 3"), "{findings}");
    }

    async fn the_last_posting_that_was_removed_is_found(database) {
        let bench = Bench::on(database);
        bench.four_postings().await;
        bench.raw("DELETE FROM ledger_entries WHERE posting_id = (SELECT id FROM ledger_postings WHERE sequence = 4)").await.unwrap();
        bench.raw("DELETE FROM ledger_postings WHERE sequence = 4").await.unwrap();
        let findings = bench.findings().await;
        assert!(findings.contains("the end of the hash chain is not where it should be"), "{findings}");
    }

    async fn postings_that_changed_places_are_found_and_named(database) {
        let bench = Bench::on(database);
        bench.four_postings().await;
        for step in [
            "UPDATE ledger_postings SET sequence = 99 WHERE sequence = 2",
            "UPDATE ledger_postings SET sequence = 2 WHERE sequence = 3",
            "UPDATE ledger_postings SET sequence = 3 WHERE sequence = 99",
        ] {
            bench.raw(step).await.unwrap();
        }
        let findings = bench.findings().await;
        for place in [2, 3] {
            assert!(findings.contains(&format!("the hash chain is broken at posting {place}")), "{findings}");
        }
    }

    async fn accounts_that_were_swapped_are_found_and_named(database) {
        let bench = Bench::on(database);
        bench.four_postings().await;
        bench.raw("UPDATE ledger_entries SET account = 'platform:fees' WHERE account LIKE 'shop:%'
            AND posting_id = (SELECT id FROM ledger_postings WHERE sequence = 3)").await.unwrap();
        let findings = bench.findings().await;
        assert!(findings.contains("the hash chain is broken at posting 3"), "{findings}");
    }

    async fn two_people_close_the_books_and_nothing_is_posted_before(database) {
        let bench = Bench::on(database);
        let first = bench.clock.now();
        bench.post("a", 100, first).await.unwrap();
        bench.clock.advance(3 * DAY);
        bench.post("b", 30, bench.clock.now()).await.unwrap();
        let (one, two): (UserId, UserId) = (ids::new(), ids::new());
        let day = VietnamDay::of(first);
        let today = VietnamDay::of(bench.clock.now());
        let early = close_books(&bench.payments, today, one).await;
        assert!(matches!(early, Err(CloseBooksError::NotOver(_))), "{early:?}");
        // One person alone closes nothing, however often.
        for _ in 0..2 {
            assert_eq!(close_books(&bench.payments, day, one).await.unwrap().closed, None);
        }
        bench.post("c", 1, first).await.unwrap();
        let closed = close_books(&bench.payments, day, two).await.unwrap().closed.unwrap();
        assert_eq!((closed.by, closed.sequence), (two, 3));
        for late in [first, day.begins()] {
            let refused = bench.post("d", 7, late).await.unwrap_err();
            assert!(format!("{refused:#}").contains("PERIOD_CLOSED"), "{refused:#}");
        }
        assert_eq!(bench.balance("rounding").await, 131);
        bench.post("e", 7, bench.clock.now()).await.unwrap();
        assert_eq!(close_books(&bench.payments, day, one).await.unwrap().closed, Some(closed));
        let before = VietnamDay::of_epoch_day(day.epoch_day() - 9).unwrap();
        let earlier = close_books(&bench.payments, before, one).await;
        assert!(matches!(earlier, Err(CloseBooksError::ClosedBefore(last)) if last == day), "{earlier:?}");
        assert!(bench.raw("UPDATE ledger_closings SET closed_until = 0").await.is_err());
        assert!(bench.raw("DELETE FROM ledger_closing_balances").await.is_err());
        bench.assert_sound().await;
    }

    async fn what_is_changed_in_a_closed_period_is_found_even_if_the_chain_is_written_anew(database) {
        let bench = Bench::on(database);
        let first = bench.clock.now();
        bench.post("a", 100, first).await.unwrap();
        bench.clock.advance(2 * DAY);
        let day = VietnamDay::of(first);
        for _ in 0..2 {
            close_books(&bench.payments, day, ids::new()).await.unwrap();
        }
        bench.assert_sound().await;
        bench.unlock_ledger().await;
        bench.raw("UPDATE ledger_entries SET amount_minor = amount_minor * 2").await.unwrap();
        bench.raw("UPDATE ledger_balances SET debit = debit * 2, credit = credit * 2").await.unwrap();
        let hash = match bench.database.backend() {
            sea_orm::DbBackend::Sqlite => "x'00'",
            _ => "'\\x00'::bytea",
        };
        bench.raw(&format!("UPDATE ledger_postings SET hash = {hash}")).await.unwrap();
        bench.raw(&format!("UPDATE ledger_head SET hash = {hash}")).await.unwrap();
        let findings = bench.findings().await;
        assert!(findings.contains("does not end as it did"), "{findings}");
        assert!(findings.contains("the balance of rounding at the closing"), "{findings}");
    }

    async fn an_accounts_statement_foots_day_by_day_and_as_a_whole(database) {
        let bench = Bench::on(database);
        let first = VietnamDay::of(bench.clock.now());
        for (key, minor) in [("a", 100), ("b", -40), ("c", 7)] {
            bench.post(key, minor, bench.clock.now()).await.unwrap();
            bench.clock.advance(DAY);
        }
        let day = |after: i64| VietnamDay::of_epoch_day(first.epoch_day() + after).unwrap();
        let statement = async |from, to| {
            let days = Days { from, to };
            account_statement(&bench.payments, "rounding", Currency::Vnd, days).await.unwrap()
        };
        let mut closing = Money::vnd(0);
        for (after, moved) in [(0, 100), (1, -40), (2, 7), (3, 0)] {
            let one = statement(day(after), day(after)).await;
            assert_eq!((one.opening, one.foots()), (closing, true));
            assert_eq!(one.debits.minor - one.credits.minor, moved);
            closing = one.closing;
        }
        let whole = statement(day(0), day(3)).await;
        assert_eq!((whole.opening, whole.closing, whole.entries), (Money::vnd(0), Money::vnd(67), 3));
        assert_eq!((whole.debits, whole.credits), (Money::vnd(107), Money::vnd(40)));
        let page = kernel::PageRequest::new(10, None);
        let (from, until) = (day(1).begins(), day(2).begins());
        let lines = store::ledger::entries(bench.database.reader(), Some("rounding"), Some((from, until)), &page).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.amount.minor).collect::<Vec<_>>(), [-40]);
    }

    async fn ten_thousand_random_postings_in_random_batches_balance(database) {
        use rand::rngs::StdRng;
        use rand::{RngExt, SeedableRng};
        let bench = Bench::on(database);
        let mut chance = StdRng::seed_from_u64(20_261_127);
        let accounts = [
            Account::Rounding,
            Account::PlatformFees,
            Account::Refunds,
            Account::WrittenOff,
            Account::ShopPayable(ids::new()),
        ];
        let mut sums = [0_i64; 5];
        let mut posted = 0;
        while posted < 10_000 {
            let count = chance.random_range(1..400).min(10_000 - posted);
            let mut batch = Vec::with_capacity(count);
            for _ in 0..count {
                let (mut rest, mut entries) = (0, Vec::new());
                for _ in 0..chance.random_range(1..4) {
                    let (place, minor) = (chance.random_range(0..5), chance.random_range(-9_999..=9_999));
                    if minor == 0 {
                        continue;
                    }
                    entries.push(Entry { account: accounts[place].clone(), amount: Money::vnd(minor) });
                    (sums[place], rest) = (sums[place] + minor, rest - minor);
                }
                if rest != 0 {
                    entries.push(Entry { account: accounts[0].clone(), amount: Money::vnd(rest) });
                    sums[0] += rest;
                }
                let posting = Posting {
                    id: ids::new(),
                    kind: PostingKind::CreditResolved,
                    subject: "test".to_owned(),
                    idempotency_key: ids::new::<PendingPostingId>().to_string(),
                    entries,
                    posted_at: bench.clock.now(),
                };
                batch.push(posting.balanced().unwrap());
            }
            let tx = bench.database.begin().await.unwrap();
            let end = store::ledger::lock(&tx).await.unwrap();
            store::ledger::append(&tx, end, &batch).await.unwrap();
            // Some batches are given up: nothing of them stays.
            if chance.random_range(0..10) == 0 {
                for entry in batch.iter().flat_map(|posting| &posting.entries) {
                    let place = accounts.iter().position(|account| *account == entry.account).unwrap();
                    sums[place] -= entry.amount.minor;
                }
                drop(tx);
                continue;
            }
            tx.commit().await.unwrap();
            posted += count;
        }
        for (account, sum) in accounts.iter().zip(sums) {
            assert_eq!(bench.balance(&account.to_string()).await, sum, "{account}");
        }
        assert_eq!(sums.iter().sum::<i64>(), 0);
        let findings = doctor(&bench.database, bench.clock.now()).await.unwrap();
        // The shop has no lines: these postings are nobody's sale.
        let others = findings.iter().filter(|finding| !finding.contains("shop's payable"));
        let others: Vec<_> = others.filter(|finding| !finding.contains("on their way differ")).collect();
        assert!(others.is_empty(), "{others:?}");
    }

    async fn what_is_announced_moves_nothing_and_ends_once_whatever_the_program_thinks(database) {
        let bench = Bench::on(database);
        let pending = bench.announce("a", 100, None).await;
        assert_eq!(bench.balance("rounding").await, 0);
        let announced = store::pending_posting::announced_of(bench.database.reader(), "rounding", Currency::Vnd);
        assert_eq!(announced.await.unwrap(), Money::vnd(100));
        bench.end(pending.clone(), 60).await.unwrap();
        assert_eq!(bench.balance("rounding").await, 60);
        assert_eq!(bench.announced("a").await.resolution, Some(Resolution::Posted(Money::vnd(60))));
        // A program that has not seen the end is stopped by the database.
        assert!(bench.end(pending.clone(), 40).await.is_err());
        assert_eq!(bench.balance("rounding").await, 60);
        for change in [
            "UPDATE ledger_pending SET amount_minor = 1",
            "DELETE FROM ledger_pending_resolutions",
            "UPDATE ledger_pending_resolutions SET posted_minor = 1",
        ] {
            assert!(bench.raw(change).await.is_err(), "{change}");
        }
        let again = bench.announce("b", 10, Some(Duration::from_secs(60))).await;
        let twice = bench.database.begin().await.unwrap();
        assert!(store::pending_posting::insert(&twice, &[again]).await.is_err());
        drop(twice);
        expire_pending_postings(&bench.payments).await.unwrap();
        assert_eq!(bench.announced("b").await.resolution, None);
        bench.clock.advance(Duration::from_secs(61));
        expire_pending_postings(&bench.payments).await.unwrap();
        assert_eq!(bench.announced("b").await.resolution, Some(Resolution::Expired));
        bench.assert_sound().await;
    }
}
