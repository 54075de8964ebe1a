//! The same facts in random batches and orders, some of them told again, on both databases: what is paid,
//! owed and waiting comes out the same, the same as the rules' own book says; and so it does when a match is
//! taken back.

use std::collections::BTreeMap;

use kernel::BankCreditId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::domain::reconciliation::{Book, Expectation, Fact, Moment, Rule};
use crate::store::bank_credit::BankCredit;
use crate::usecases::record_credits::{End, Incoming, STATEMENT, record_credits};
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

/// What the facts of a case ended in.
#[derive(Debug, PartialEq)]
struct Ended {
    /// Which payments are paid, and what each shop is owed.
    outcome: Vec<(bool, i64)>,
    /// What each credit is, and by which rule.
    verdicts: BTreeMap<u64, (CreditState, String)>,
    /// The same only of those whose payment nothing pays.
    unpaid: BTreeMap<u64, (CreditState, String)>,
}

struct Case {
    payments: Vec<Payment>,
    begun: Timestamp,
    /// Identities of the lines that are told begin here.
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
        // As overlapping statements tell: what a webhook tells again gets no further than its event.
        let identity = u128::from(self.first + told.number);
        Incoming {
            feed: STATEMENT.to_owned(),
            provider_id: format!("{identity:032x}"),
            statement_identity: Some(identity),
            stated_by: None,
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

    /// The credits, by their numbers.
    async fn credits(&self, bench: &Bench) -> BTreeMap<u64, BankCredit> {
        let mut credits = BTreeMap::new();
        for credit in bench.credits().await {
            let identity = u64::from_str_radix(&credit.provider_id, 16).unwrap();
            if let Some(number) = identity.checked_sub(self.first)
                && number < 1_000
            {
                assert!(credits.insert(number, credit).is_none(), "{number} is there twice");
            }
        }
        credits
    }

    /// What everything ended in.
    async fn end(&self, bench: &Bench, told: &[Told]) -> Ended {
        let (outcome, credits) = (self.outcome(bench).await, self.credits(bench).await);
        assert_eq!(credits.len(), told.len());
        let mut ended = Ended { outcome, verdicts: BTreeMap::new(), unpaid: BTreeMap::new() };
        for payment in 0..PAYMENTS {
            let naming = told.iter().filter(|one| one.payment == payment);
            let naming: Vec<_> = naming.map(|one| (one.number, &credits[&one.number])).collect();
            let paying = naming.iter().filter(|(_, credit)| credit.state.is_matched());
            let by: Vec<_> =
                paying.map(|(_, credit)| (credit.amount.minor, &credit.rule)).collect();
            let (paid, _) = ended.outcome[payment];
            // One that is exact, or parts that sum to it; nothing of a payment that is not paid.
            assert_eq!(by.iter().map(|(minor, _)| minor).sum::<i64>(), if paid { 100 } else { 0 });
            let rule = if by.len() == 1 { Rule::CodeAndExactAmount } else { Rule::SumOfParts };
            assert!(by.iter().all(|(_, said)| *said == rule.name()), "{by:?}");
            for (number, credit) in naming {
                let verdict = (credit.state, credit.rule.clone());
                if !paid {
                    ended.unpaid.insert(number, verdict.clone());
                } else if !credit.state.is_matched() {
                    let besides = (CreditState::Duplicate, Rule::PaidByAnother.name().to_owned());
                    assert_eq!(verdict, besides);
                }
                ended.verdicts.insert(number, verdict);
            }
        }
        ended
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

/// Some are told again, at once or after others.
fn with_repeats(chance: &mut StdRng, told: &[Told]) -> Vec<Told> {
    let mut repeated = Vec::new();
    for (place, one) in told.iter().enumerate() {
        repeated.push(*one);
        if chance.random_range(0..2) == 0 {
            repeated.push(told[chance.random_range(0..=place)]);
        }
    }
    repeated
}

fn in_any_order(chance: &mut StdRng, told: &[Told]) -> Vec<Vec<Told>> {
    let shuffled = shuffled(chance, told);
    batches(chance, &shuffled)
}

on_each_database! { migrations::payments::Migrator,
    async fn batches_of_any_size_and_repeats_end_alike_and_any_order_pays_the_same(database) {
        let bench = Bench::on(database);
        for seed in 1..=CASES {
            let mut chance = StdRng::seed_from_u64(seed);
            let mut told = draw(&mut chance, 90);
            told.sort_by_key(|one| one.second);
            // In the order in which they came, one by one and in batches.
            let single = Case::of(&bench, seed * 10_000).await;
            for one in with_repeats(&mut chance, &told) {
                single.tell(&bench, &[one]).await;
            }
            let ended = single.end(&bench, &told).await;
            let batched = Case::of(&bench, seed * 10_000 + 1_000).await;
            let repeated = with_repeats(&mut chance, &told);
            for batch in batches(&mut chance, &repeated) {
                batched.tell(&bench, &batch).await;
            }
            assert_eq!(ended, batched.end(&bench, &told).await, "seed {seed}");
            // In any order: which of several pay is for whom was told of first.
            let other = Case::of(&bench, seed * 10_000 + 2_000).await;
            let repeated = with_repeats(&mut chance, &told);
            for batch in in_any_order(&mut chance, &repeated) {
                other.tell(&bench, &batch).await;
            }
            let shuffled = other.end(&bench, &told).await;
            assert_eq!(ended.outcome, shuffled.outcome, "seed {seed}");
            assert_eq!(ended.unpaid, shuffled.unpaid, "seed {seed}");
            let paid: Vec<bool> = ended.outcome.iter().map(|(paid, _)| *paid).collect();
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
            let matched: Vec<(u64, BankCreditId)> = case.credits(&bench).await.into_iter()
                .filter(|(_, credit)| credit.state.is_matched()).map(|(number, credit)| (number, credit.id)).collect();
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
