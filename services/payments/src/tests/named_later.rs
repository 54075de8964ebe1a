//! A credit that named nothing when it was told of first, and of which another source says for what it is: whoever
//! tells first, the same facts end in the same state.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::direct_accounts::OWN;
use super::*;
use crate::domain::payment_code::PaymentCode;
use crate::domain::reconciliation::Rule;
use crate::domain::sub_account::SubAccountPrefix;
use crate::store::bank_credit::{BankCredit, SHOPS_OWN};
use crate::usecases::record_credits::{End, Incoming, Recorded, STATEMENT, record_credits};
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};

/// Random cases on each database.
const CASES: u64 = 12;
const SOURCES: [&str; 4] = [STATEMENT, "sepay", "casso", "payos"];
/// What payments of a case ask for.
const PRICES: [i64; 5] = [100, 200, 300, 50, 65];
/// The transfers of a case, and the payments that they are for: one exact, two parts, one exact and one besides,
/// one for two, and one for nothing of ours. Each amount once: nothing else tells them apart for sure.
const TRANSFERS: [(i64, &[usize]); 7] =
    [(100, &[0]), (80, &[1]), (120, &[1]), (300, &[2]), (310, &[2]), (115, &[3, 4]), (77, &[])];

fn prefix() -> SubAccountPrefix {
    SubAccountPrefix::new("96247").unwrap()
}

fn bench_with_sub_accounts(database: Database) -> Bench {
    Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
        parts.receiving_account.sub_accounts = Some(prefix());
    })
}

/// What a source says of a transfer.
#[derive(Clone, Debug)]
struct Said {
    source: &'static str,
    number: u64,
    amount: i64,
    memo: String,
    sub_account: Option<String>,
}

impl Said {
    fn nothing(source: &'static str, number: u64, amount: i64) -> Self {
        let memo = format!("khach so {number} chuyen tien hang");
        Self { source, number, amount, memo, sub_account: None }
    }

    /// The codes stand behind what other sources say, too.
    fn with_codes<'p>(self, payments: impl IntoIterator<Item = &'p Payment>) -> Self {
        let codes = payments.into_iter().map(|payment| payment.code.to_string());
        let words: Vec<String> = [self.memo].into_iter().chain(codes).collect();
        Self { memo: words.join(" "), ..self }
    }

    fn at_own(self, payment: &Payment) -> Self {
        Self { sub_account: Some(prefix().number_of(payment.code)), ..self }
    }
}

impl Bench {
    /// One source tells of transfers, at once.
    async fn listen(&self, said: &[Said]) -> Recorded {
        let now = self.clock.now();
        let told = said.iter().map(|one| Incoming {
            feed: one.source.to_owned(),
            provider_id: one.number.to_string(),
            statement_identity: (one.source == STATEMENT).then_some(u128::from(one.number)),
            stated_by: None,
            bank: "VPBank".to_owned(),
            account_number: ACCOUNT.to_owned(),
            sub_account: one.sub_account.clone(),
            amount: Money::vnd(one.amount),
            memo: one.memo.clone(),
            codes: PaymentCode::find_in(&one.memo),
            bank_reference: format!("FT{}", one.number),
            counterparty_name: None,
            counterparty_account: None,
            counterparty_bin: None,
            booked_at: now,
            received_at: now,
        });
        let tx = self.database.begin().await.unwrap();
        let end = store::ledger::lock(&tx).await.unwrap();
        let recorded = record_credits(&self.payments, &tx, End::Held(end), told.collect(), now);
        let recorded = recorded.await.unwrap();
        tx.commit().await.unwrap();
        recorded
    }

    async fn heard(&self, number: u64) -> BankCredit {
        let part = format!("khach so {number} chuyen");
        let mut found = self.credits().await;
        found.retain(|credit| credit.memo.starts_with(&part));
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    async fn not_captured(&self) -> i64 {
        -self.balance(&format!("suspense:{ACCOUNT}")).await
    }

    async fn decide_by_hand(&self, credit: &BankCredit, resolution: Resolution) {
        let (reason, by) = ("đã xem".to_owned(), ids::new());
        let asked = ResolveBankCredit { credit: credit.id, resolution, reason, by };
        resolve_bank_credit(&self.payments, asked).await.unwrap();
    }
}

fn verdict_of(credit: &BankCredit) -> (CreditState, &str) {
    (credit.state, credit.rule.as_str())
}

pub(super) fn shuffle<T>(chance: &mut StdRng, all: &mut [T]) {
    for place in (1..all.len()).rev() {
        all.swap(place, chance.random_range(0..=place));
    }
}

/// What several sources say of the transfers of a case: of each that is for something at least one says so.
fn draw(chance: &mut StdRng, first: u64, payments: &[Payment]) -> Vec<Said> {
    let mut said = Vec::new();
    for ((amount, named), number) in TRANSFERS.into_iter().zip(first..) {
        let mut sources = SOURCES;
        shuffle(chance, &mut sources);
        for (place, source) in sources.into_iter().take(chance.random_range(2..=4)).enumerate() {
            let one = Said::nothing(source, number, amount);
            let says = place == 0 || chance.random_range(0..3) == 0;
            said.push(match named {
                [only] if says && source != STATEMENT && chance.random_range(0..2) == 0 => {
                    one.at_own(&payments[*only])
                }
                named if says => one.with_codes(named.iter().map(|place| &payments[*place])),
                _ => one,
            });
        }
    }
    said
}

/// Each telling alone in any order, or source by source.
fn in_batches(chance: &mut StdRng, mut said: Vec<Said>, by_source: bool) -> Vec<Vec<Said>> {
    shuffle(chance, &mut said);
    if !by_source {
        return said.into_iter().map(|one| vec![one]).collect();
    }
    let mut sources = SOURCES;
    shuffle(chance, &mut sources);
    let of = |source: &str| -> Vec<Said> {
        said.iter().filter(|one| one.source == source).cloned().collect()
    };
    sources.into_iter().map(of).collect()
}

on_each_database! { migrations::payments::Migrator,
    async fn whichever_source_says_for_what_a_credit_is_and_in_whatever_order_they_tell_it_ends_alike(database) {
        for seed in 0..CASES {
            let bench = bench_with_sub_accounts(database.clone());
            let mut chance = StdRng::seed_from_u64(seed);
            let before = bench.not_captured().await;
            let mut payments = Vec::new();
            for price in PRICES {
                payments.push(bench.start(price).await);
            }
            let said = draw(&mut chance, 1_000 + seed * 100, &payments);
            let mut heard = Recorded::default();
            for batch in in_batches(&mut chance, said.clone(), seed % 2 == 1) {
                heard.add(bench.listen(&batch).await);
            }
            let transfers = TRANSFERS.len() as u64;
            let told = said.len() as u64;
            assert_eq!((heard.new_credits(), heard.known), (transfers, told - transfers), "seed {seed}: {said:?}");
            assert_eq!(heard.paid, PRICES.len() as u64, "seed {seed}: {said:?}");
            for payment in &payments {
                assert_eq!(bench.status(payment).await, PaymentStatus::Succeeded, "seed {seed}: {said:?}");
                let owed = -bench.balance(&format!("shop:{}:payable", payment.allocations[0].shop)).await;
                assert_eq!(owed, payment.allocations[0].amount.minor, "seed {seed}");
            }
            // What came besides, and what is for nothing of ours.
            assert_eq!(bench.not_captured().await - before, 310 + 77, "seed {seed}: {said:?}");
            bench.assert_sound().await;
        }
    }

    async fn a_feed_that_tells_after_the_statement_to_which_own_sub_account_it_came_pays_the_payment(database) {
        let bench = bench_with_sub_accounts(database);
        let payment = bench.start(100).await;
        let silent = Said { memo: "an trua".to_owned(), ..Said::nothing(STATEMENT, 1, 100) };
        bench.listen(std::slice::from_ref(&silent)).await;
        let credit = bench.credits().await.remove(0);
        assert_eq!(verdict_of(&credit), (CreditState::Orphan, Rule::NoCode.name()));
        let own = Said { source: "sepay", ..silent }.at_own(&payment);
        let heard = bench.listen(std::slice::from_ref(&own)).await;
        assert_eq!((heard.new_credits(), heard.known, heard.paid), (0, 1, 1));
        let credits = bench.credits().await;
        assert_eq!((credits.len(), credits[0].id, credits[0].payment), (1, credit.id, Some(payment.id)));
        assert_eq!(verdict_of(&credits[0]), (CreditState::Matched, Rule::SubAccountAndExactAmount.name()));
        assert_eq!((&credits[0].sub_account, credits[0].memo.as_str()), (&own.sub_account, "an trua"));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.not_captured().await, 0);
        // Whoever tells it now says nothing new.
        let again = bench.listen(&[Said { source: "casso", ..own }]).await;
        assert_eq!((again.new_credits(), again.known, again.paid), (0, 1, 0));
        bench.assert_sound().await;
    }

    async fn a_statement_with_the_code_that_the_feed_had_cut_pays_the_payment(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        assert_eq!(bench.credit(1, 100, "khach chuyen tien hang").await, CreditState::Orphan);
        let memo = format!("KHACH CHUYEN TIEN HANG {}", payment.code);
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let body = format!("{header}\n15/01/2027,FT1,,100,{memo},{ACCOUNT}\n").into_bytes();
        let taken = bench.payments.import_statement("sao-ke.csv", body, "user_1").await.unwrap();
        bench.payments.process_statements().await.unwrap();
        let counts = bench.payments.statement(taken.id).await.unwrap().unwrap().counts;
        assert_eq!((counts.credits_new, counts.credits_known), (0, 1));
        let credit = bench.credits().await.remove(0);
        assert_eq!(verdict_of(&credit), (CreditState::Matched, Rule::CodeAndExactAmount.name()));
        assert_eq!((credit.memo, credit.statement_identity.is_some()), (memo, true));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.not_captured().await, 0);
        bench.assert_sound().await;
    }

    async fn what_is_named_later_came_besides_what_paid_or_too_late_for_what_ended(database) {
        let bench = Bench::on(database);
        let (paid, ended) = (bench.start(100).await, bench.start(200).await);
        for (number, amount) in [(1, 100), (2, 200), (3, 90)] {
            bench.listen(&[Said::nothing(STATEMENT, number, amount)]).await;
        }
        for (number, amount) in [(4, 60), (5, 40)] {
            bench.listen(&[Said::nothing("casso", number, amount).with_codes([&paid])]).await;
        }
        assert_eq!(bench.status(&paid).await, PaymentStatus::Succeeded);
        cancel_payment(&bench.payments, ended.id).await.unwrap();
        bench.listen(&[
            Said::nothing("sepay", 1, 100).with_codes([&paid]),
            Said::nothing("sepay", 2, 200).with_codes([&ended]),
            Said::nothing("sepay", 3, 90).with_codes([&paid]),
        ]).await;
        for (number, state, rule, meant) in [
            (1, CreditState::Duplicate, Rule::PaidByAnother, &paid),
            (2, CreditState::Late, Rule::AfterWindow, &ended),
            (3, CreditState::Duplicate, Rule::PaidByAnother, &paid),
        ] {
            let credit = bench.heard(number).await;
            assert_eq!(verdict_of(&credit), (state, rule.name()));
            assert_eq!((credit.payment, credit.expected), (Some(meant.id), Some(meant.amount)));
        }
        assert_eq!(bench.not_captured().await, 390);
        bench.assert_sound().await;
    }

    async fn what_a_person_decided_on_is_left_to_persons_whatever_is_told_later(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100).await;
        let held = [(1, 90, Resolution::Hold), (2, 110, Resolution::Refund(None))];
        for (number, amount, resolution) in held {
            bench.listen(&[Said::nothing(STATEMENT, number, amount)]).await;
            bench.decide_by_hand(&bench.heard(number).await, resolution).await;
        }
        // A match that a person took back is not made again.
        bench.listen(&[Said::nothing(STATEMENT, 3, 100).with_codes([&payment])]).await;
        bench.unmatch(bench.heard(3).await.id).await.unwrap();
        let before = bench.postings().await;
        for (number, amount) in [(1, 90), (2, 110), (3, 100)] {
            let heard = bench.listen(&[Said::nothing("sepay", number, amount).with_codes([&payment])]).await;
            assert_eq!((heard.known, heard.paid), (1, 0), "{number}");
            assert_eq!(bench.heard(number).await.state, CreditState::Orphan, "{number}");
        }
        assert_eq!((bench.status(&payment).await, bench.postings().await), (PaymentStatus::Pending, before));
        bench.assert_sound().await;
    }

    async fn what_came_to_a_shops_own_account_and_named_nothing_pays_when_its_feed_says_for_what_it_is(database) {
        let bench = Bench::on(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.ask_at(own.shop, "ban", 1_000).await;
        let memo = "khach chuyen tien hang";
        bench.state_own(&own, &[format!("15/01/2027,FT1,,1000,{memo},{OWN}")]).await;
        assert_eq!(bench.credit_with(memo).await.resolution.as_deref(), Some(SHOPS_OWN));
        let memo = format!("{memo} {}", payment.code);
        bench.tell_own(&own, 7, "in", 1_000, &memo, None).await.unwrap();
        let credit = bench.credit_with(&memo).await;
        assert_eq!(verdict_of(&credit), (CreditState::Matched, Rule::CodeAndExactAmount.name()));
        assert_eq!((credit.resolution, credit.feed.as_str()), (None, STATEMENT));
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        bench.assert_sound().await;
    }
}
