//! Random histories: whatever is done in whatever order, the books hold, and a shop is never paid more
//! than it is owed.

use std::collections::HashMap;

use kernel::{BankCreditId, ShopScope, UserId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{PayoutMaker, PayoutStatus};
use crate::domain::refund::RefundStatus;
use crate::domain::refund_decision::RefundDecision;
use crate::store::write_off::WriteOffOf;
use crate::usecases::decide_payout::{PayoutDecided, decide_payout};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::provide_refund_account::{ProvidedBy, provide_refund_account};
use crate::usecases::refund_payment::{RefundPayment, RefundedPart, refund_payment};
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::run_payouts::run_payouts;
use crate::usecases::send_transfers::send_transfers;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};
use crate::usecases::write_off::write_off;

/// Steps of one history.
const STEPS: u32 = 250;
/// Steps between two looks at the books.
const LOOK_EVERY: u32 = 50;
/// Each is printed where its history fails.
const SEEDS: [u64; 3] = [1, 20_261_124, 77];

struct History {
    bench: Bench,
    chance: StdRng,
    shops: Vec<ShopId>,
    people: [UserId; 3],
    payments: Vec<Payment>,
    told: u64,
}

impl History {
    fn of(bench: Bench, seed: u64) -> Self {
        Self {
            bench,
            chance: StdRng::seed_from_u64(seed),
            shops: (0..3).map(|_| ids::new()).collect(),
            people: [ids::new(), ids::new(), ids::new()],
            payments: Vec::new(),
            told: 0,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.chance.random_range(0..bound.max(1))
    }

    fn person(&mut self) -> UserId {
        self.people[self.chance.random_range(0..3)]
    }

    fn account() -> PayeeAccount {
        PayeeAccount::new("970436", "0099887766", "TRAN THI SAU").unwrap()
    }

    async fn step(&mut self) {
        match self.below(14) {
            0..=2 => self.ask().await,
            3..=5 => self.pay().await,
            6 | 7 => self.refund().await,
            8 => self.resolve().await,
            9 => self.decide().await,
            10 => self.settle().await,
            11 => self.take_back().await,
            12 => self.name_accounts_and_write_off().await,
            _ => {
                let days = self.chance.random_range(0..4);
                self.bench.clock.advance(Duration::from_secs(days * 86_400 / 2));
                expire_payments(&self.bench.payments).await.unwrap();
            }
        }
    }

    async fn ask(&mut self) {
        let mut request = self.bench.request(self.chance.random_range(20..2_000_000));
        for part in &mut request.allocations {
            part.shop = self.shops[self.chance.random_range(0..3)];
        }
        self.payments
            .push(start_payment(&self.bench.payments, request).await.unwrap().into_payment());
    }

    /// Some payment's code, with its amount or another.
    async fn pay(&mut self) {
        let Some(place) = (!self.payments.is_empty()).then(|| self.below(self.payments.len()))
        else {
            return;
        };
        let payment = self.payments[place].clone();
        let amount = match self.below(4) {
            0 => payment.amount.minor / 2 + 1,
            _ => payment.amount.minor,
        };
        let memo =
            if self.below(8) == 0 { "tra tien".to_owned() } else { payment.code.to_string() };
        // One in ten is told twice.
        self.told += u64::from(self.below(10) != 0 || self.told == 0);
        let _ = self.bench.tell(self.told, amount, &memo).await;
        process_feed_events(&self.bench.payments).await.unwrap();
    }

    async fn refund(&mut self) {
        let Some(place) = (!self.payments.is_empty()).then(|| self.below(self.payments.len()))
        else {
            return;
        };
        let payment = self.payments[place].clone();
        let part = payment.allocations[self.below(payment.allocations.len())].clone();
        let asked = RefundPayment {
            payment: payment.id,
            order: part.order,
            part: RefundedPart::Amount(Money::vnd(self.chance.random_range(1..=part.amount.minor))),
            reason: "ngẫu nhiên".to_owned(),
            account: (self.below(4) > 0).then(|| Ok(Self::account())),
            requested_by: self.person(),
            scope: Some(ShopScope::granted(part.shop)),
            idempotency_key: format!("{}", self.below(1_000)),
        };
        // Refusals are part of a history.
        let _ = refund_payment(&self.bench.payments, asked).await;
    }

    async fn resolve(&mut self) {
        let waiting: Vec<(BankCreditId, Money)> = self
            .bench
            .credits()
            .await
            .into_iter()
            .filter(store::bank_credit::BankCredit::waits)
            .map(|credit| (credit.id, credit.amount))
            .collect();
        if waiting.is_empty() {
            return;
        }
        let (credit, amount) = waiting[self.below(waiting.len())];
        let same = self.payments.iter().find(|payment| payment.amount == amount);
        let same = same.map(|payment| payment.id);
        let resolution = match (self.below(3), same) {
            (0, Some(payment)) => Resolution::Pays(vec![(payment, amount)]),
            (1, _) => Resolution::Refund(Some(Ok(Self::account()))),
            _ => Resolution::Hold,
        };
        let (reason, by) = ("ngẫu nhiên".to_owned(), self.person());
        let asked = ResolveBankCredit { credit, resolution, reason, by };
        let _ = resolve_bank_credit(&self.bench.payments, asked).await;
    }

    /// A person takes some match back.
    async fn take_back(&mut self) {
        let credits: Vec<BankCreditId> =
            self.bench.credits().await.into_iter().map(|credit| credit.id).collect();
        if credits.is_empty() {
            return;
        }
        let credit = credits[self.below(credits.len())];
        let asked =
            UnmatchBankCredit { credit, reason: "ngẫu nhiên".to_owned(), by: self.person() };
        // What waits, or of which money was refunded, is refused.
        let _ = unmatch_bank_credit(&self.bench.payments, asked).await;
    }

    /// Says where refunds go that wait for it, and gives some waiting credit up.
    async fn name_accounts_and_write_off(&mut self) {
        let page = kernel::PageRequest::new(50, None);
        let requested = Some(RefundStatus::Requested);
        let db = self.bench.database.reader();
        for refund in store::refund::page(db, None, requested, &page).await.unwrap() {
            let by = ProvidedBy::Operator(self.person());
            provide_refund_account(&self.bench.payments, refund.id, Self::account(), by)
                .await
                .unwrap();
        }
        let credits = self.bench.credits().await;
        if let Some(credit) = credits.iter().find(|credit| credit.waits()) {
            let of = WriteOffOf::Credit(credit.id);
            write_off(&self.bench.payments, of, "ngẫu nhiên", self.people[0]).await.unwrap();
        }
    }

    /// Plans payouts, and decides on all payouts and refunds that there are.
    async fn decide(&mut self) {
        let payees: HashMap<_, _> =
            self.shops.iter().map(|shop| (*shop, Self::account())).collect();
        let maker = PayoutMaker::Person(self.person());
        run_payouts(&self.bench.payments, &payees, maker, false, None).await.unwrap();
        let page = kernel::PageRequest::new(50, None);
        let db = self.bench.database.reader();
        let payouts =
            store::payout::page(db, None, Some(PayoutStatus::Draft), &page).await.unwrap();
        for kept in payouts {
            let decided =
                if self.below(5) == 0 { PayoutDecided::Discard } else { PayoutDecided::Approve };
            let by = self.person();
            let _ = decide_payout(&self.bench.payments, kept.id, decided, by).await;
        }
        for status in [RefundStatus::NeedsApproval, RefundStatus::Approved, RefundStatus::Sent] {
            let db = self.bench.database.reader();
            for refund in store::refund::page(db, None, Some(status), &page).await.unwrap() {
                let decision =
                    [RefundDecision::Approve, RefundDecision::Cancel, RefundDecision::Fail]
                        [self.below(3)];
                let by = self.person();
                let _ = decide_refund(&self.bench.payments, refund.id, decision, by, None).await;
            }
        }
    }

    /// Sends what is approved; the bank makes most of it and gives some back.
    async fn settle(&mut self) {
        let Some(sent) = send_transfers(&self.bench.payments).await.unwrap() else { return };
        let mut lines = Vec::new();
        for kept in &sent.payouts {
            if self.below(4) == 0 {
                let returned = PayoutDecided::Returned(None);
                decide_payout(&self.bench.payments, kept.id, returned, self.people[0])
                    .await
                    .unwrap();
            } else {
                lines.push((kept.payout.plan.reference, kept.payout.plan.amount.minor));
            }
        }
        lines.extend(sent.refunds.iter().map(|refund| (refund.reference, refund.amount.minor)));
        let rows: Vec<String> = lines
            .iter()
            .map(|(reference, minor)| format!("15/01/2027,FT,{minor},,{reference} x,{ACCOUNT}"))
            .collect();
        if rows.is_empty() {
            return;
        }
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let body = format!("{header}\n{}\n", rows.join("\n")).into_bytes();
        self.bench.payments.import_statement("no.csv", body, "user_1").await.unwrap();
        self.bench.payments.process_statements().await.unwrap();
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn whatever_is_done_in_whatever_order_the_books_hold(database) {
        for seed in SEEDS {
            println!("seed {seed}");
            let mut history = History::of(Bench::charging(database.clone()), seed);
            // Ids of what the bank tells go on where the history before stopped.
            history.told = seed * 1_000_000;
            for step in 1..=STEPS {
                history.step().await;
                if step % LOOK_EVERY == 0 {
                    history.bench.assert_sound().await;
                }
            }
            // Something of everything happened.
            let page = kernel::PageRequest::new(50, None);
            let db = history.bench.database.reader();
            assert!(!store::refund::page(db, None, None, &page).await.unwrap().is_empty());
            assert!(!store::payout::page(db, None, None, &page).await.unwrap().is_empty());
        }
    }
}
