//! Pages of a shop's lines, whose parts stand in the rows of their lines, and of the ledger's entries.

use std::time::Duration;

use kernel::{PageRequest, ShopScope};
use platform::on_each_database;
use uuid::Uuid;

use super::*;
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::usecases::explain_shop_line::explain_shop_line;
use crate::usecases::report::{self, Days};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SIZES: [u32; 6] = [1, 2, 3, 4, 5, 50];

impl Bench {
    /// All pages of a shop's lines, so many lines on each.
    async fn pages(&self, scope: ShopScope, kinds: &[ShopLineKind], size: u32) -> Vec<ShopLine> {
        let today = VietnamDay::of(self.clock.now());
        let from = VietnamDay::of_epoch_day(today.epoch_day() - 5).unwrap();
        let (days, mut all, mut after) = (Days { from, to: today }, Vec::new(), None);
        loop {
            let request = PageRequest::new(size, after);
            let mut lines =
                report::shop_lines(&self.payments, scope, days, kinds, &request).await.unwrap();
            let has_next = lines.len() > size as usize;
            lines.truncate(size as usize);
            after = lines.last().map(|line| line.id.uuid());
            all.extend(lines);
            if !has_next {
                return all;
            }
        }
    }

    /// Writes the parts of all sales as they were written once: as rows of their own.
    async fn part_as_before(&self) {
        let random = match self.database.backend() {
            sea_orm::DbBackend::Sqlite => "randomblob(16)",
            _ => "gen_random_uuid()",
        };
        for kind in ["fee", "vat", "pit"] {
            let part = format!(
                "INSERT INTO shop_lines (id, shop_id, kind, amount_minor, currency, payment_id, order_id,
                    posting_id, posted_at, settled_by)
                 SELECT {random}, shop_id, '{kind}', {kind}_minor, currency, payment_id, order_id, posting_id,
                    posted_at, settled_by FROM shop_lines WHERE kind = 'sale' AND {kind}_minor <> 0"
            );
            self.database.writer().execute_unprepared(&part).await.unwrap();
        }
        let rest =
            "UPDATE shop_lines SET amount_minor = amount_minor - fee_minor - vat_minor - pit_minor,
            fee_minor = 0, vat_minor = 0, pit_minor = 0 WHERE kind = 'sale'";
        self.database.writer().execute_unprepared(rest).await.unwrap();
    }
}

fn told(lines: &[ShopLine]) -> Vec<(ShopLineKind, i64)> {
    lines.iter().map(|line| (line.kind, line.amount.minor)).collect()
}

on_each_database! { migrations::payments::Migrator,
    async fn lines_come_page_by_page_with_their_parts_and_each_explains_itself(database) {
        use ShopLineKind::{Fee, FeeBack, Pit, PitBack, Refund, Sale, Vat, VatBack};
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let scope = ShopScope::granted(payment.allocations[0].shop);
        bench.clock.advance(2 * DAY);
        bench.refund(&payment, 100_000, "a").await;
        let expected = [
            (PitBack, 500), (VatBack, 1_000), (FeeBack, 3_000), (Refund, -100_000),
            (Pit, -1_000), (Vat, -2_000), (Fee, -6_000), (Sale, 200_010),
        ];
        let all = bench.pages(scope, &[], 50).await;
        assert_eq!(all.iter().map(|line| line.kind).collect::<Vec<_>>(), expected.map(|(kind, _)| kind));
        assert_eq!(all.iter().map(|line| line.amount.minor).sum::<i64>(), bench.payable(scope.shop()).await);
        for size in SIZES {
            assert_eq!(bench.pages(scope, &[], size).await, all, "{size}");
            for kinds in [vec![Vat], vec![Sale], vec![Fee, Refund], vec![VatBack, Vat, Pit]] {
                let of_kinds: Vec<ShopLine> =
                    all.iter().filter(|line| kinds.contains(&line.kind)).cloned().collect();
                assert_eq!(bench.pages(scope, &kinds, size).await, of_kinds, "{size} {kinds:?}");
            }
        }
        for line in &all {
            let explained = explain_shop_line(&bench.payments, scope, line.id).await.unwrap().unwrap();
            assert_eq!(explained.line, *line);
        }
        let other = ShopScope::granted(ids::new());
        assert!(explain_shop_line(&bench.payments, other, all[0].id).await.unwrap().is_none());
    }

    async fn parts_that_were_written_as_lines_of_their_own_count_alike(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let scope = ShopScope::granted(payment.allocations[0].shop);
        bench.refund(&payment, 100_000, "a").await;
        let today = VietnamDay::of(bench.clock.now());
        let days = Days { from: today, to: today };
        let statement = report::shop_statement(&bench.payments, scope, days).await.unwrap();
        let mut before = told(&bench.pages(scope, &[], 50).await);
        bench.part_as_before().await;
        let all = bench.pages(scope, &[], 50).await;
        for size in SIZES {
            assert_eq!(bench.pages(scope, &[], size).await, all, "{size}");
            assert_eq!(bench.pages(scope, &[ShopLineKind::Vat], size).await.len(), 1);
        }
        let mut after = told(&all);
        before.sort_unstable();
        after.sort_unstable();
        assert_eq!(after, before);
        for line in &all {
            let explained = explain_shop_line(&bench.payments, scope, line.id).await.unwrap().unwrap();
            assert_eq!(explained.line, *line);
        }
        assert_eq!(report::shop_statement(&bench.payments, scope, days).await.unwrap(), statement);
        bench.assert_sound().await;
    }

    async fn entries_of_all_accounts_come_page_by_page_in_the_order_of_their_postings(database) {
        let bench = Bench::charging(database);
        for id in 1..4 {
            bench.paid(id, 200_000 + i64::try_from(id).unwrap()).await;
        }
        let db = bench.database.reader();
        let whole = store::ledger::entries(db, None, None, &PageRequest::new(100, None)).await.unwrap();
        let ids: Vec<Uuid> = whole.iter().map(|entry| entry.id.uuid()).collect();
        assert_eq!(ids.len(), 15);
        assert!(ids.is_sorted_by(|one, next| one > next));
        for size in SIZES {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let request = PageRequest::new(size, after);
                let page = store::ledger::entries(db, None, None, &request).await.unwrap();
                let shown = page.iter().take(size as usize).map(|entry| entry.id.uuid());
                found.extend(shown);
                after = found.last().copied();
                if page.len() <= size as usize {
                    break;
                }
            }
            assert_eq!(found, ids, "{size}");
        }
    }
}
