//! The same credits from everywhere: by webhooks of SePay, Casso and payOS, by asking SePay, and on statements of
//! several formats; in any order, in batches of any size, again and again, in each source's own words and under its own
//! ids. They end as on one statement alone: what each credit is and by which rule, what is paid and owed, and every
//! account of the ledger.
//!
//! What may differ, and is not compared: which text and id of a credit is kept (the first that was told), and by how many
//! postings its money went where it is (one that is told without its code first is in suspense until another source says
//! it). So may which of several credits pays, where they are not alike: the first that was told does (see `facts`). And
//! whether money came in time says who told of it first.
//!
//! A credit is known again by its codes, by words of which one holds the other, or by the bank's reference: sources that
//! have none of these in common tell of two, and a person decides. Each format of statements is such a source: OFX has ids
//! of its own and no reference here, and camt an EndToEndId behind the words of what names a payment. Within a format it is
//! stricter: a line is known by its day, amount, reference and words together, or on OFX by OFX's own id.

use std::collections::BTreeMap;

use kernel::{BankCreditId, LedgerEntryId, PaymentId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use super::feeds::{casso_secret, payos_key, vectors};
use super::named_later::shuffle;
use super::polling::{Shared, TOKEN, peer, row};
use super::*;
use crate::SepayPollingParts;
use crate::usecases::poll_sepay::poll_sepay;

/// Random orders on each database; `CHONOI_TEST_ORDERS` asks for more, and `make races` for a thousand.
const ORDERS: u64 = 10;
/// What the payments of a case ask for.
const PRICES: [i64; 8] = [100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 50_000];
/// What is on the statement of a case: an amount, the payments that it names, and how often the same line stands there.
const LINES: [(i64, &[usize], usize); 10] = [
    (100_000, &[0], 1),
    // Paid twice, by two that are alike.
    (100_000, &[1], 2),
    (60_000, &[2], 1),
    (40_000, &[2], 1),
    // Two halves that are alike, and a third.
    (50_000, &[3], 3),
    (99_000, &[4], 1),
    (101_000, &[5], 1),
    (150_000, &[6, 7], 1),
    // For nothing of ours.
    (100_000, &[], 1),
    (50_000, &[], 2),
];

/// Who tells besides statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Sepay,
    Casso,
    Payos,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Mt940,
    Camt,
    Ofx,
}

const FORMATS: [Format; 4] = [Format::Csv, Format::Mt940, Format::Camt, Format::Ofx];

/// A line as the bank has it.
#[derive(Clone, Debug)]
struct Line {
    number: u64,
    amount: i64,
    copies: usize,
    words: String,
    codes: String,
    reference: String,
    /// What statements say of it: the same on all of them.
    stated: String,
    /// The day of January on which statements book it; feeds tell of the 15th.
    stated_on: u8,
}

impl Line {
    /// The memo with more or less of what banks put around it: each holds the ones with less.
    fn memo(&self, around: usize) -> String {
        let own = format!("{} {}", self.words, self.codes);
        let own = own.trim_end();
        match around {
            0 => own.to_owned(),
            1 => format!("{own} CT tu 0011"),
            _ => format!("MBVCB.7654321.{own} CT tu 0011"),
        }
    }

    fn on_csv(&self) -> String {
        let Self { amount, reference, stated, stated_on, .. } = self;
        format!("{stated_on}/01/2027,{reference},,{amount},{stated},{ACCOUNT}\n")
    }

    fn on_mt940(&self) -> String {
        let Self { amount, reference, stated, stated_on: day, .. } = self;
        let words: Vec<_> = stated.as_bytes().chunks(40).map(String::from_utf8_lossy).collect();
        let words = words.join("\n");
        format!(":61:2701{day}01{day}C{amount},NTRFNONREF//{reference}\n:86:{words}\n")
    }

    fn on_camt(&self) -> String {
        let Self { amount, reference, stated, stated_on, codes, .. } = self;
        // What nothing but its words and reference tells of is left alone: feeds may write more around them.
        let end_to_end = if codes.is_empty() { "NOTPROVIDED" } else { reference.as_str() };
        format!(
            "<Ntry><Amt Ccy='VND'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2027-01-{stated_on}</Dt></BookgDt>\
             <NtryDtls><TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef>\
             <EndToEndId>{end_to_end}</EndToEndId></Refs>\
             <RmtInf><Ustrd>{stated}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        )
    }

    /// The n-th of those that are alike, under its own id.
    fn on_ofx(&self, nth: usize) -> String {
        let Self { amount, reference, stated, stated_on, .. } = self;
        format!(
            "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>202701{stated_on}<TRNAMT>{amount}\
             <FITID>{reference}-{nth}<MEMO>{stated}</STMTTRN>\n"
        )
    }
}

impl Format {
    fn file(self, lines: &[&Line]) -> Vec<u8> {
        let all = |written: fn(&Line) -> String| -> String {
            lines.iter().map(|line| written(line)).collect()
        };
        let text = match self {
            Self::Csv => format!(
                "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản\n{}",
                all(Line::on_csv)
            ),
            Self::Mt940 => format!(
                ":20:SAOKE\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C270114VND0,\n{}:62F:C270116VND0,\n-\n",
                all(Line::on_mt940)
            ),
            Self::Camt => format!(
                "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>\
                 <Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id></Acct>{}</Stmt></BkToCstmrStmt></Document>",
                all(Line::on_camt)
            ),
            Self::Ofx => {
                let mut copies: BTreeMap<u64, usize> = BTreeMap::new();
                let mut written = String::new();
                for line in lines {
                    let nth = copies.entry(line.number).or_default();
                    *nth += 1;
                    written.push_str(&line.on_ofx(*nth));
                }
                format!(
                    "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><STMTRS><CURDEF>VND<BANKACCTFROM><ACCTID>{ACCOUNT}\
                     </BANKACCTFROM><BANKTRANLIST>\n{written}</BANKTRANLIST></STMTRS></OFX>\n"
                )
            }
        };
        text.into_bytes()
    }
}

/// What a feed says of a credit.
#[derive(Clone, Debug)]
struct Said {
    source: Source,
    id: u64,
    amount: i64,
    memo: String,
    reference: String,
}

/// What the facts of a case ended in; of each credit the payment that it means, how much it is, and what.
#[derive(Debug, PartialEq)]
struct Ended {
    paid: Vec<bool>,
    owed: Vec<Vec<i64>>,
    credits: Vec<(Option<usize>, i64, CreditState, String)>,
    /// What each entry put into the bank's account: one for each credit.
    banked: Vec<i64>,
    /// What was added to each account that is no shop's.
    accounts: BTreeMap<String, i64>,
}

struct Case<'b> {
    bench: &'b Bench,
    peer: &'b Shared,
    chance: StdRng,
    payments: Vec<Payment>,
    lines: Vec<Line>,
    said: Vec<Said>,
    credit_before: Option<BankCreditId>,
    entry_before: Option<LedgerEntryId>,
    accounts_before: BTreeMap<String, i64>,
}

impl Bench {
    async fn accounts(&self) -> BTreeMap<String, i64> {
        let balances = store::ledger::balances(self.database.reader()).await.unwrap();
        let net = |one: &store::ledger::Balance| one.debit.minor - one.credit.minor;
        balances.iter().map(|one| (one.account.clone(), net(one))).collect()
    }

    async fn bank_entries(&self) -> Vec<store::ledger::EntryLine> {
        let (page, bank) = (kernel::PageRequest::new(100, None), format!("bank:{ACCOUNT}"));
        store::ledger::entries(self.database.reader(), Some(&bank), None, &page).await.unwrap()
    }
}

impl<'b> Case<'b> {
    async fn of(bench: &'b Bench, peer: &'b Shared, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut payments = Vec::new();
        for price in PRICES {
            payments.push(bench.start(price).await);
        }
        let lines: Vec<Line> = (0..)
            .zip(LINES)
            .map(|(number, (amount, named, copies))| {
                let codes: Vec<String> =
                    named.iter().map(|place| payments[*place].code.to_string()).collect();
                let mut line = Line {
                    number,
                    amount,
                    copies,
                    words: format!("dot{seed:05} khach{number:02} chuyen tien"),
                    codes: codes.join(" "),
                    reference: format!("FT{seed:05}{number:02}"),
                    stated: String::new(),
                    stated_on: 15 + u8::from(chance.random_range(0..4) == 0),
                };
                line.stated = line.memo(chance.random_range(0..3));
                line
            })
            .collect();
        let said = lines.iter().flat_map(|line| draw(&mut chance, seed, line)).collect();
        peer.lock().unwrap().rows.clear();
        Self {
            credit_before: bench.credits().await.first().map(|credit| credit.id),
            entry_before: bench.bank_entries().await.first().map(|entry| entry.id),
            accounts_before: bench.accounts().await,
            bench,
            peer,
            chance,
            payments,
            lines,
            said,
        }
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.chance.random_range(0..many) == 0
    }

    /// As a feed's own call.
    async fn tell(&self, said: &Said) {
        let now = self.bench.clock.now();
        let payments = &self.bench.payments;
        match said.source {
            Source::Sepay => {
                let mut told: Value =
                    serde_json::from_str(&body(said.id, said.amount, &said.memo)).unwrap();
                told["referenceCode"] = said.reference.clone().into();
                let told = told.to_string();
                let timestamp = (now.micros() / 1_000_000).to_string();
                let signature = sepay::sign(SECRET, &timestamp, told.as_bytes());
                let proof = sepay_proof(&timestamp, &signature);
                record_feed_event(payments, proof, told.as_bytes()).await.unwrap();
            }
            Source::Casso => {
                let mut told = vectors()["casso_v2"]["body"].clone();
                told["data"]["id"] = said.id.into();
                told["data"]["reference"] = said.reference.clone().into();
                told["data"]["amount"] = said.amount.into();
                told["data"]["description"] = said.memo.clone().into();
                told["data"]["accountNumber"] = ACCOUNT.into();
                told["data"]["transactionDateTime"] = "2027-01-15 14:02:37".into();
                let told = told.to_string();
                let header = casso_secret().sign(now, told.as_bytes());
                let proof = Proof::Casso(Some(&header));
                record_feed_event(payments, proof, told.as_bytes()).await.unwrap();
            }
            Source::Payos => {
                let mut data = vectors()["payos_webhook"][1]["data"].clone();
                data["paymentLinkId"] = format!("link{}", said.id).into();
                data["reference"] = said.reference.clone().into();
                data["amount"] = said.amount.into();
                data["description"] = said.memo.clone().into();
                data["accountNumber"] = ACCOUNT.into();
                data["transactionDateTime"] = "2027-01-15 14:02:37".into();
                let signature = payos_key().sign(data.as_object().unwrap()).unwrap();
                let told = json!({ "code": "00", "data": data, "signature": signature });
                record_feed_event(payments, Proof::Payos, told.to_string().as_bytes())
                    .await
                    .unwrap();
            }
        }
    }

    /// SePay is asked, and knows some of what it tells.
    async fn ask(&mut self) {
        let mut rows = Vec::new();
        for said in self.said.clone() {
            if said.source == Source::Sepay && !self.one_in(3) {
                let mut told = row(said.id, said.amount, &said.memo, "14:02:37");
                told["reference_number"] = said.reference.into();
                rows.push(told);
            }
        }
        self.peer.lock().unwrap().rows = rows;
        poll_sepay(&self.bench.payments).await.unwrap();
    }

    /// A statement in some format with its lines in some order; of lines that are alike the first, or none, or all.
    async fn state(&mut self, whole: bool) {
        let mut counts = Vec::new();
        for line in &self.lines {
            let some = self.chance.random_range(0..=line.copies);
            counts.push(if whole { line.copies } else { some });
        }
        let counted = self.lines.iter().zip(counts);
        let mut stated: Vec<&Line> =
            counted.flat_map(|(line, count)| std::iter::repeat_n(line, count)).collect();
        if stated.is_empty() {
            return;
        }
        shuffle(&mut self.chance, &mut stated);
        let format = FORMATS[self.chance.random_range(0..FORMATS.len())];
        let payments = &self.bench.payments;
        let taken =
            payments.import_statement("sao-ke", format.file(&stated), "user_1").await.unwrap();
        payments.process_statements().await.unwrap();
        let counts = payments.statement(taken.id).await.unwrap().unwrap().counts;
        let read = (counts.lines_read, counts.unreadable);
        assert_eq!(read, (stated.len() as u64, 0), "{format:?}");
    }

    /// All that is told, some of it twice, in any order and in batches of any size; the whole statement among it.
    async fn tell_all(&mut self) {
        let mut told = self.said.clone();
        let again: Vec<Said> =
            told.iter().filter(|_| self.chance.random_range(0..3) == 0).cloned().collect();
        told.extend(again);
        shuffle(&mut self.chance, &mut told);
        let whole_after = self.chance.random_range(0..=told.len());
        let mut is_stated = false;
        for (place, said) in told.iter().enumerate() {
            if place == whole_after {
                self.state(true).await;
                is_stated = true;
            }
            if self.one_in(8) {
                self.state(false).await;
            }
            if self.one_in(8) {
                self.ask().await;
            }
            self.tell(said).await;
            // What waits by now is a batch.
            if self.one_in(4) {
                process_feed_events(&self.bench.payments).await.unwrap();
            }
        }
        process_feed_events(&self.bench.payments).await.unwrap();
        if !is_stated {
            self.state(true).await;
        }
    }

    async fn ended(&self) -> Ended {
        let (mut paid, mut owed) = (Vec::new(), Vec::new());
        for payment in &self.payments {
            paid.push(self.bench.status(payment).await == PaymentStatus::Succeeded);
            let mut parts = Vec::new();
            for part in &payment.allocations {
                parts.push(-self.bench.balance(&format!("shop:{}:payable", part.shop)).await);
            }
            owed.push(parts);
        }
        let place = |id: PaymentId| self.payments.iter().position(|payment| payment.id == id);
        let all = self.bench.credits().await;
        let new = all.into_iter().take_while(|credit| Some(credit.id) != self.credit_before);
        let mut credits: Vec<_> = new
            .map(|one| (one.payment.and_then(place), one.amount.minor, one.state, one.rule))
            .collect();
        credits.sort_unstable();
        let all = self.bench.bank_entries().await;
        let new = all.into_iter().take_while(|entry| Some(entry.id) != self.entry_before);
        let mut banked: Vec<i64> = new.map(|entry| entry.amount.minor).collect();
        banked.sort_unstable();
        let mut accounts = self.bench.accounts().await;
        for (account, before) in &self.accounts_before {
            *accounts.entry(account.clone()).or_default() -= before;
        }
        accounts.retain(|account, added| *added != 0 && !account.starts_with("shop:"));
        Ended { paid, owed, credits, banked, accounts }
    }
}

/// What feeds say of a line: each of most of its copies, in its own words; where nothing else is alike, maybe without
/// the codes.
fn draw(chance: &mut StdRng, seed: u64, line: &Line) -> Vec<Said> {
    let mut said = Vec::new();
    for copy in 0..line.copies as u64 {
        for source in [Source::Sepay, Source::Casso, Source::Payos] {
            if chance.random_range(0..3) == 0 {
                continue;
            }
            let cut = line.copies == 1 && chance.random_range(0..3) == 0;
            let memo = match chance.random_range(0..3) {
                _ if cut => line.words.clone(),
                around if chance.random_range(0..2) == 0 => line.memo(around).to_lowercase(),
                around => line.memo(around).replace("CN", "C N"),
            };
            let id = (seed * 100 + line.number) * 10 + copy + 1;
            let reference = match source {
                Source::Sepay => line.reference.clone(),
                Source::Casso => format!("CS{id}"),
                Source::Payos => format!("TF{id}"),
            };
            said.push(Said { source, id, amount: line.amount, memo, reference });
        }
    }
    said
}

fn bench_that_hears_all(database: Database, base_url: String) -> Bench {
    Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
        parts.tariff = Tariff::from_toml(None, None).unwrap();
        parts.casso = Some(casso_secret());
        parts.payos = Some(payos_key());
        let (token, every) = (TOKEN.to_owned(), Duration::from_secs(300));
        parts.sepay_polling = Some(SepayPollingParts { base_url, token, every });
    })
}

on_each_database! { migrations::payments::Migrator,
    async fn whoever_tells_of_the_same_credits_how_often_and_in_whatever_order_they_end_as_on_one_statement(database) {
        let (base_url, peer) = peer().await;
        let bench = bench_that_hears_all(database, base_url);
        let mut alone = Case::of(&bench, &peer, 0).await;
        alone.state(true).await;
        let alone = alone.ended().await;
        let all: i64 = LINES.iter().map(|(amount, _, copies)| amount * *copies as i64).sum();
        assert_eq!(alone.accounts[&format!("bank:{ACCOUNT}")], all);
        assert_eq!(alone.paid, [true, true, true, true, false, false, true, true]);
        assert_eq!((alone.credits.len(), alone.banked.len()), (14, 14));
        let asked = std::env::var("CHONOI_TEST_ORDERS").ok().and_then(|text| text.parse().ok());
        for seed in 1..=asked.unwrap_or(ORDERS) {
            let mut case = Case::of(&bench, &peer, seed).await;
            case.tell_all().await;
            assert_eq!(case.ended().await, alone, "seed {seed}: {:#?}", case.lines);
            // All of it again changes nothing.
            for said in &case.said {
                case.tell(said).await;
            }
            process_feed_events(&bench.payments).await.unwrap();
            case.ask().await;
            process_feed_events(&bench.payments).await.unwrap();
            case.state(true).await;
            assert_eq!(case.ended().await, alone, "again, seed {seed}: {:#?}", case.lines);
        }
        bench.assert_sound().await;
    }
}
