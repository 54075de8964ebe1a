//! Fault 7: several hundred transfers with memos as people write them and amounts as people mistake
//! them. Nothing is fulfilled wrongly, and every transfer is matched or waits for a person.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, ensure};
use futures_util::StreamExt;
use journeys::market::{Stand, TestMarket};
use journeys::matching_set::{Chance, Treatment, memo, shapes};
use journeys::shopping::{check_out_one, open_shop, sell, status, wait_for};
use payments::PaymentCode;
use serde_json::Value;

use super::books::Books;
use super::feeds::{Feed, Transfer, call, send};

/// Printed where a run fails.
const SEED: u64 = 20_261_127;
/// Payments of one run.
const PAYMENTS: usize = 100;
/// Transfers of a run that nobody asked for.
const STRANGERS: usize = 120;
/// Prices that many payments share: an amount alone tells nothing.
const PRICES: [i64; 4] = [50_000, 100_000, 150_000, 200_000];
/// Calls at once.
const AT_ONCE: usize = 8;

/// What a payer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Habit {
    /// Pays what is asked, with a code that can be read.
    Right,
    /// The same, twice.
    Twice,
    /// In two parts that sum to it.
    InTwoParts,
    /// Only one part comes.
    OnePartOnly,
    /// A thousand too little.
    TooLittle,
    /// A thousand too much.
    TooMuch,
    /// Forgets the code.
    NoCode,
    /// A wrong or missing character in the code.
    WrongCode,
}

impl Habit {
    const ALL: [Self; 8] = [
        Self::Right,
        Self::Twice,
        Self::InTwoParts,
        Self::OnePartOnly,
        Self::TooLittle,
        Self::TooMuch,
        Self::NoCode,
        Self::WrongCode,
    ];

    /// What it sends of an amount.
    fn amounts(self, asked: i64) -> Vec<i64> {
        match self {
            Self::Right | Self::NoCode | Self::WrongCode => vec![asked],
            Self::Twice => vec![asked, asked],
            Self::InTwoParts => vec![asked / 5, asked - asked / 5],
            Self::OnePartOnly => vec![asked / 5],
            Self::TooLittle => vec![asked - 1_000],
            Self::TooMuch => vec![asked + 1_000],
        }
    }

    fn treatment(self, chance: &mut Chance) -> Treatment {
        let readable = [Treatment::Intact, Treatment::Disguised, Treatment::Twice];
        match self {
            Self::NoCode => Treatment::Missing,
            Self::WrongCode => [Treatment::Mistyped, Treatment::Cut][chance.below(2)],
            _ => readable[chance.below(3)],
        }
    }

    /// Whether its payment must be, may be (`None`), or must not be paid.
    const fn pays(self) -> Option<bool> {
        match self {
            Self::Right | Self::Twice | Self::InTwoParts => Some(true),
            // What is cut may be whole again by the words behind it.
            Self::WrongCode => None,
            _ => Some(false),
        }
    }
}

struct Sale {
    checkout: Value,
    code: PaymentCode,
    amount: i64,
    habit: Habit,
}

async fn sales(market: &TestMarket, chance: &mut Chance) -> anyhow::Result<Vec<Sale>> {
    let shop = open_shop(market, "Trái cây").await?;
    let mut goods = Vec::new();
    for price in PRICES {
        goods.push(sell(&shop, &format!("Giỏ quà {price}"), price, PAYMENTS as i64).await?);
    }
    let wishes: Vec<(usize, Habit)> =
        (0..PAYMENTS).map(|n| (chance.below(PRICES.len()), Habit::ALL[n % 8])).collect();
    let sales = futures_util::stream::iter(wishes).map(|(kind, habit)| {
        let (api, goods) = (&market.api, &goods);
        async move {
            let checkout = check_out_one(api, &goods[kind]).await?;
            let checkout = checkout.map_err(|refusal| anyhow::anyhow!("refused: {refusal}"))?;
            let reference = checkout["payment"]["reference"].as_str().unwrap_or_default();
            let code = PaymentCode::find_in(reference).first().copied().context("no code")?;
            anyhow::Ok(Sale { checkout, code, amount: PRICES[kind], habit })
        }
    });
    let sales: Vec<_> = sales.buffered(AT_ONCE).collect().await;
    sales.into_iter().collect()
}

/// All transfers in an order of chance, each with the number of the sale that its payer meant.
fn transfers(sales: &[Sale], chance: &mut Chance) -> Vec<(Transfer, Option<usize>)> {
    let shapes = shapes();
    let mut all = Vec::new();
    let nobodys = PaymentCode::from_random(1);
    for (number, sale) in sales.iter().enumerate() {
        for amount in sale.habit.amounts(sale.amount) {
            let treatment = sale.habit.treatment(chance);
            all.push((amount, memo(chance, &shapes, sale.code, treatment), Some(number)));
        }
    }
    for _ in 0..STRANGERS {
        let amount = PRICES[chance.below(PRICES.len())];
        all.push((amount, memo(chance, &shapes, nobodys, Treatment::Missing), None));
    }
    for place in (1..all.len()).rev() {
        all.swap(place, chance.below(place + 1));
    }
    let numbered = (1..).zip(all);
    numbered.map(|(id, (amount, memo, meant))| (Transfer { id, amount, memo }, meant)).collect()
}

async fn tell_all(
    market: &TestMarket,
    transfers: &[(Transfer, Option<usize>)],
) -> anyhow::Result<()> {
    let calls = futures_util::stream::iter(transfers).map(|(transfer, _)| async move {
        let answer = send(market.url(), &call(Feed::Sepay, transfer)?).await?;
        ensure!(answer == 200, "{answer} to {transfer:?}");
        Ok(())
    });
    let answers: Vec<anyhow::Result<()>> = calls.buffer_unordered(AT_ONCE).collect().await;
    answers.into_iter().collect()
}

async fn wait_until_all_are_read(books: &Books, transfers: usize) -> anyhow::Result<()> {
    for _ in 0..400 {
        if books.number("SELECT COUNT(*) FROM bank_credits").await? >= transfers as i64 {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("not every transfer became a credit")
}

on_both_stands! {
    |_| {} => async fn hundreds_of_careless_transfers_fulfil_nothing_wrongly_and_none_is_forgotten(market) {
        println!("seed {SEED}");
        let mut chance = Chance::of(SEED);
        let sales = sales(&market, &mut chance).await?;
        let transfers = transfers(&sales, &mut chance);
        assert!(transfers.len() > 230, "{}", transfers.len());
        tell_all(&market, &transfers).await?;
        let books = Books::of(&market).await?;
        wait_until_all_are_read(&books, transfers.len()).await?;

        // Every transfer is one credit; what did not match waits for a person.
        assert_eq!(books.number("SELECT COUNT(*) FROM bank_credits").await?, transfers.len() as i64);
        let matched = books.pairs(
            "SELECT c.provider_id, p.code FROM bank_credits c JOIN payments p ON p.id = c.payment_id
             WHERE c.state IN ('matched', 'matched_with_tolerance')",
        ).await?;
        let waiting = books.number(
            "SELECT COUNT(*) FROM bank_credits WHERE state NOT IN ('matched', 'matched_with_tolerance')
             AND resolution IS NULL",
        ).await?;
        assert_eq!(matched.len() as i64 + waiting, transfers.len() as i64);

        // What matched is what its payer meant, and sums to what was asked.
        let by_id: HashMap<String, _> =
            transfers.iter().map(|(transfer, meant)| (transfer.id.to_string(), (transfer, meant))).collect();
        let mut came: BTreeMap<usize, i64> = BTreeMap::new();
        for (id, code) in &matched {
            let (transfer, meant) = by_id.get(id).context("a credit of nobody")?;
            let number = meant.context("a stranger's transfer paid something")?;
            assert_eq!(&sales[number].code.to_string(), code, "{transfer:?}");
            *came.entry(number).or_default() += transfer.amount;
        }
        let mut paid = 0;
        for (number, sale) in sales.iter().enumerate() {
            let in_full = came.get(&number) == Some(&sale.amount);
            assert_eq!(came.contains_key(&number), in_full, "{:?} {:?}", sale.habit, sale.checkout);
            if let Some(must) = sale.habit.pays() {
                assert_eq!(in_full, must, "{:?} {:?}", sale.habit, sale.checkout);
            }
            if in_full {
                wait_for(&market.api, &sale.checkout, "PAID").await?;
                paid += 1;
            } else {
                assert_eq!(status(&market.api, &sale.checkout).await?, "AWAITING_PAYMENT");
            }
        }
        assert!(paid >= PAYMENTS * 3 / 8, "{paid}");
        books.close().await?;
    }
}
