//! Ten thousand races around the moments at which payments end and are closed: the bank tells of the money,
//! what it told is looked at, sweepers close what is overdue, and some shoppers cancel. Payments alone
//! decides whether money was in time.

use std::collections::BTreeMap;

use sea_orm::Statement;
use tokio::task::JoinHandle;

use super::*;
use crate::usecases::start_payment::Started;

/// Races in all, and at the same time.
const RACES: usize = 10_000;
const AT_ONCE: usize = 200;
/// Steps of the clock from 5 ms before a moment to 5 ms after it.
const STEPS: u64 = 20;
const STEP: Duration = Duration::from_micros(500);
/// How long what came may take until it is stored: closing waits for it.
const STORING: Duration = Duration::from_secs(2);
/// What each payment asks for.
const AMOUNT: i64 = 100_000;
/// One of so many shoppers cancels.
const CANCELS: u64 = 8;

/// Numbers that only look like chance (SplitMix64): a run is repeated by its seed.
struct Chance(u64);

impl Chance {
    /// The seed that was asked for, or another one each time.
    fn printed() -> Self {
        let asked = std::env::var("CHONOI_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = asked.unwrap_or_else(rand::random);
        println!("CHONOI_TEST_SEED={seed}");
        Self(seed)
    }

    const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % bound
    }
}

/// What a payment's race needs, and at which steps something comes.
struct Race {
    payment: Payment,
    told_at: u64,
    cancelled_at: Option<u64>,
}

impl Bench {
    /// Payments that all end in a minute.
    async fn line_up(&self, shop: ShopId, chance: &mut Chance) -> Vec<Race> {
        let starting = (0..AT_ONCE).map(|_| {
            let part = Allocation {
                order: ids::new::<OrderId>(),
                shop,
                sold: Sold::Goods,
                amount: Money::vnd(AMOUNT),
            };
            let request = StartPayment { allocations: vec![part], ..self.request(AMOUNT) };
            start_payment(&self.payments, request)
        });
        let started = futures_util::future::join_all(starting).await;
        let race = |started: Result<Started, StartPaymentError>| {
            let cancels = chance.below(CANCELS) == 0;
            Race {
                payment: started.unwrap().into_payment(),
                told_at: chance.below(STEPS + 1),
                cancelled_at: cancels.then(|| chance.below(STEPS + 1)),
            }
        };
        started.into_iter().map(race).collect()
    }

    fn move_to(&self, moment: Timestamp) {
        self.clock.advance(moment.since(self.clock.now()));
    }

    /// Looks at what the bank told, or closes what is overdue, or neither.
    fn work_of(self: &Arc<Self>, chance: &mut Chance) -> Vec<JoinHandle<()>> {
        let mut works = Vec::new();
        if chance.below(3) == 0 {
            let bench = Arc::clone(self);
            works.push(tokio::spawn(async move {
                process_feed_events(&bench.payments).await.unwrap();
            }));
        }
        if chance.below(3) == 0 {
            let bench = Arc::clone(self);
            works.push(tokio::spawn(async move {
                expire_payments(&bench.payments).await.unwrap();
            }));
        }
        works
    }

    /// What comes of races at a step.
    fn coming(self: &Arc<Self>, races: &[Race], step: u64, told: &mut u64) -> Vec<JoinHandle<()>> {
        let mut coming = Vec::new();
        for race in races {
            let code = race.payment.code.to_string();
            if race.told_at == step {
                *told += 1;
                let (bench, number) = (Arc::clone(self), *told);
                coming.push(tokio::spawn(async move {
                    bench.tell(number, AMOUNT, &code).await.unwrap();
                }));
            }
            if race.cancelled_at == Some(step) {
                let (bench, id) = (Arc::clone(self), race.payment.id);
                coming.push(tokio::spawn(async move {
                    let cancelled = cancel_payment(&bench.payments, id).await;
                    let paid = matches!(cancelled, Err(CancelPaymentError::Refused(_)));
                    assert!(cancelled.is_ok() || paid, "{cancelled:?}");
                }));
            }
        }
        coming
    }

    /// Races around the end of their time, and once more around the moment from which they are closed.
    async fn run(self: &Arc<Self>, races: &[Race], chance: &mut Chance, told: &mut u64) {
        let end = races[0].payment.expires_at;
        let mut before: Vec<JoinHandle<()>> = Vec::new();
        for middle in [end, end.after(STORING)] {
            self.move_to(middle.before(STEP * (STEPS / 2) as u32));
            for step in 0..=STEPS {
                let mut now = self.work_of(chance);
                if middle == end {
                    now.extend(self.coming(races, step, told));
                }
                // What began in one step still runs in the next.
                for work in std::mem::replace(&mut before, now) {
                    work.await.unwrap();
                }
                self.clock.advance(STEP);
            }
        }
        for work in before {
            work.await.unwrap();
        }
        process_feed_events(&self.payments).await.unwrap();
        expire_payments(&self.payments).await.unwrap();
    }

    /// How many payments came to which end, with which credit, of money that came in time or late.
    async fn ends(&self) -> BTreeMap<(String, String, bool), i64> {
        let question = "SELECT p.status, c.state,
                CAST(CASE WHEN c.received_at <= p.expires_at THEN 1 ELSE 0 END AS BIGINT), COUNT(*)
            FROM payments p JOIN bank_credits c ON c.payment_id = p.id GROUP BY 1, 2, 3";
        let statement = Statement::from_string(self.database.backend(), question);
        let rows = self.database.reader().query_all_raw(statement).await.unwrap();
        let end = |row: &sea_orm::QueryResult| {
            let in_time = row.try_get_by_index::<i64>(2).unwrap() == 1;
            let names = [0, 1].map(|place| row.try_get_by_index::<String>(place).unwrap());
            let [status, state] = names;
            ((status, state, in_time), row.try_get_by_index::<i64>(3).unwrap())
        };
        rows.iter().map(end).collect()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn ten_thousand_payments_around_their_end_are_paid_in_time_or_their_money_waits(database) {
        let mut chance = Chance::printed();
        let bench = Arc::new(Bench::on(database));
        let (shop, mut told) = (ids::new::<ShopId>(), 0);
        for _ in 0..RACES / AT_ONCE {
            let races = bench.line_up(shop, &mut chance).await;
            bench.run(&races, &mut chance, &mut told).await;
        }
        let ends = bench.ends().await;
        let count = |status: &str, state: &str, in_time: bool| {
            ends.get(&(status.to_owned(), state.to_owned(), in_time)).copied().unwrap_or(0)
        };
        let paid = count("succeeded", "matched", true);
        let late = count("expired", "late", false);
        // Who cancels before the money is looked at gets it back, whenever it came.
        let cancelled = count("cancelled", "late", true) + count("cancelled", "late", false);
        println!("{RACES} races: {paid} paid in time, {late} late, {cancelled} cancelled: {ends:?}");
        assert_eq!(paid + late + cancelled, RACES as i64, "{ends:?}");
        assert_eq!(told, RACES as u64);
        // Races in which one side always wins show nothing.
        assert!([paid, late, cancelled].iter().all(|count| *count > RACES as i64 / 50), "{ends:?}");
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -(late + cancelled) * AMOUNT);
        assert_eq!(bench.balance(&format!("shop:{shop}:payable")).await, -paid * AMOUNT);
        bench.assert_sound().await;
    }
}
