//! The same facts in random batches and orders, on both databases: what is paid, owed and waiting comes
//! out the same, the same as the rules' own book says; and so it does when a match is taken back.

use std::collections::BTreeMap;

use kernel::BankCreditId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::domain::reconciliation::{Book, Expectation, Fact, Moment};
use crate::usecases::record_credits::{End, Incoming, record_credits};
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

/// Random cases on each database.
const CASES: u64 = 50;
/// Payments of a case, and credits that name one of them each.
const PAYMENTS: usize = 3;
const CREDITS: usize = 8;

/// A credit of a case: which payment it names, how much it is, when it came.
#[derive(Clone, Copy, Debug)]
struct Told {
    number: u64,
    payment: usize,
    amount: i64,
    second: u64,
}

struct Case {
    payments: Vec<Payment>,
    begun: Timestamp,
    /// Ids of what the feed tells begin here.
    first: u64,
}

impl Case {
    async fn of(bench: &Bench, first: u64) -> Self {
        let mut payments = Vec::new();
        for _ in 0..PAYMENTS {
            payments.push(bench.start(100).await);
        }
        Self { payments, begun: bench.clock.now(), first }
    }

    fn incoming(&self, told: Told) -> Incoming {
        let at = self.begun.after(Duration::from_secs(told.second));
        Incoming {
            feed: "casso".to_owned(),
            provider_id: (self.first + told.number).to_string(),
            statement_identity: None,
            bank: "VPBank".to_owned(),
            account_number: ACCOUNT.to_owned(),
            sub_account: None,
            amount: Money::vnd(told.amount),
            memo: format!("CK {}", self.payments[told.payment].code),
            codes: vec![self.payments[told.payment].code],
            bank_reference: String::new(),
            counterparty_name: None,
            counterparty_account: None,
            counterparty_bin: None,
            booked_at: at,
            received_at: at,
        }
    }

    async fn tell(&self, bench: &Bench, batch: &[Told]) {
        let now = bench.clock.now();
        let told = batch.iter().map(|told| self.incoming(*told)).collect();
        let tx = bench.database.begin().await.unwrap();
        let end = store::ledger::lock(&tx).await.unwrap();
        record_credits(&bench.payments, &tx, End::Held(end), told, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Which payments are paid, and what each shop is owed.
    async fn outcome(&self, bench: &Bench) -> Vec<(bool, i64)> {
        let mut outcome = Vec::new();
        for payment in &self.payments {
            let paid = bench.status(payment).await == PaymentStatus::Succeeded;
            let account = format!("shop:{}:payable", payment.allocations[0].shop);
            outcome.push((paid, -bench.balance(&account).await));
        }
        outcome
    }

    /// What each credit is, by its number.
    async fn states(&self, bench: &Bench) -> BTreeMap<u64, (BankCreditId, CreditState)> {
        let mut states = BTreeMap::new();
        for credit in bench.credits().await {
            if let Ok(id) = credit.provider_id.parse::<u64>()
                && let Some(number) = id.checked_sub(self.first)
                && number < 1_000
            {
                states.insert(number, (credit.id, credit.state));
            }
        }
        states
    }

    /// Which payments the rules' own book says are paid, `refused` never meeting its payment.
    fn paid_by_the_book(&self, told: &[Told], refused: Option<Told>) -> Vec<bool> {
        let mut book = Book::new([]);
        for payment in &self.payments {
            let (from, to) = (Timestamp::from_micros(i64::MIN), payment.expires_at);
            let reference = &payment.code.to_string();
            book.expect(&Expectation { reference, amount: payment.amount, from, to }).unwrap();
        }
        for one in told {
            let incoming = self.incoming(*one);
            let moment = Moment { at: incoming.received_at, identity: u128::from(one.number) };
            book.take(&Fact { moment, amount: incoming.amount, memo: &incoming.memo });
        }
        if let Some(refused) = refused {
            book.refuse(u128::from(refused.number), refused.payment as u32);
        }
        book.settle();
        (0..PAYMENTS as u32).map(|number| book.paid(number).paid).collect()
    }
}

/// Exact, parts of two and three, less, more; in time or (some) too late.
fn draw(chance: &mut StdRng, latest: u64) -> Vec<Told> {
    (0..CREDITS as u64)
        .map(|number| Told {
            number,
            payment: chance.random_range(0..PAYMENTS),
            amount: [100, 60, 40, 30, 10, 99, 101][chance.random_range(0..7)],
            // All of them at moments of their own.
            second: chance.random_range(0..latest / 10) * 10 + number,
        })
        .collect()
}

fn shuffled(chance: &mut StdRng, told: &[Told]) -> Vec<Told> {
    let mut shuffled = told.to_vec();
    for place in (1..shuffled.len()).rev() {
        shuffled.swap(place, chance.random_range(0..=place));
    }
    shuffled
}

fn batches(chance: &mut StdRng, told: &[Told]) -> Vec<Vec<Told>> {
    let (mut batches, mut rest) = (Vec::new(), told);
    while !rest.is_empty() {
        let (batch, behind) = rest.split_at(chance.random_range(1..=rest.len()));
        batches.push(batch.to_vec());
        rest = behind;
    }
    batches
}

fn in_any_order(chance: &mut StdRng, told: &[Told]) -> Vec<Vec<Told>> {
    let shuffled = shuffled(chance, told);
    batches(chance, &shuffled)
}

on_each_database! { migrations::payments::Migrator,
    async fn batches_of_any_size_end_alike_and_any_order_pays_the_same(database) {
        let bench = Bench::on(database);
        for seed in 1..=CASES {
            let mut chance = StdRng::seed_from_u64(seed);
            let mut told = draw(&mut chance, 90);
            told.sort_by_key(|one| one.second);
            // In the order in which they came, one by one and in batches.
            let single = Case::of(&bench, seed * 10_000).await;
            for one in &told {
                single.tell(&bench, &[*one]).await;
            }
            let batched = Case::of(&bench, seed * 10_000 + 1_000).await;
            for batch in batches(&mut chance, &told) {
                batched.tell(&bench, &batch).await;
            }
            let outcome = single.outcome(&bench).await;
            assert_eq!(outcome, batched.outcome(&bench).await, "seed {seed}");
            // In any order.
            let other = Case::of(&bench, seed * 10_000 + 2_000).await;
            for batch in in_any_order(&mut chance, &told) {
                other.tell(&bench, &batch).await;
            }
            assert_eq!(outcome, other.outcome(&bench).await, "seed {seed}");
            let paid: Vec<bool> = outcome.iter().map(|(paid, _)| *paid).collect();
            assert_eq!(paid, single.paid_by_the_book(&told, None), "seed {seed}");
        }
        bench.assert_sound().await;
    }

    async fn a_match_that_is_taken_back_leaves_what_the_book_says_without_it(database) {
        let bench = Bench::on(database);
        let mut taken_back = 0;
        for seed in 1..=CASES {
            let mut chance = StdRng::seed_from_u64(seed);
            let told = draw(&mut chance, 50);
            let case = Case::of(&bench, seed * 10_000).await;
            for batch in in_any_order(&mut chance, &told) {
                case.tell(&bench, &batch).await;
            }
            let matched: Vec<(u64, BankCreditId)> = case.states(&bench).await.into_iter()
                .filter(|(_, (_, state))| state.is_matched()).map(|(number, (id, _))| (number, id)).collect();
            if matched.is_empty() {
                continue;
            }
            let (number, credit) = matched[chance.random_range(0..matched.len())];
            let asked = UnmatchBankCredit { credit, reason: "không phải".to_owned(), by: ids::new() };
            unmatch_bank_credit(&bench.payments, asked).await.unwrap();
            taken_back += 1;
            let refused = told.iter().find(|one| one.number == number).copied();
            let paid: Vec<bool> = case.outcome(&bench).await.iter().map(|(paid, _)| *paid).collect();
            assert_eq!(paid, case.paid_by_the_book(&told, refused), "seed {seed}");
        }
        assert!(taken_back > CASES / 2, "{taken_back}");
        bench.assert_sound().await;
    }
}
