//! Ten thousand races around the moment at which holds end: payment, sweep, and somebody else who wants
//! the same seats.

use std::collections::BTreeSet;

use kernel::DepartureId;
use tokio::task::JoinHandle;

use super::*;
use crate::usecases::settle_holds::{commit_holds, release_holds};

/// Races in all, and at the same time.
const RACES: usize = 10_000;
const AT_ONCE: usize = 100;
/// Everybody wants so many of the twelve seats: two never fit.
const PARTY: i64 = 8;
/// Steps of the clock from 5 ms before the end to 5 ms after it.
const STEPS: u64 = 20;

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

/// One race: a departure, who holds seats of it until its end comes, and who wants them then.
#[derive(Clone)]
struct Race {
    departure: DepartureId,
    adult: VariantId,
    holder: String,
    rival: String,
}

/// What came to its end during a round.
enum Done {
    Paid(usize, bool),
    Held(usize, bool),
    Swept,
}

/// How a race went: whether the holder's payment was taken, and whether the rival has a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcome {
    paid: bool,
    rival_holds: bool,
}

impl Pier {
    /// Departures of one round, each with seats on hold for a minute.
    async fn lined_up(&self, round: usize) -> Vec<Race> {
        let first = self.hours(100) + (round * AT_ONCE) as i64 * 60_000_000;
        let starts = (0..AT_ONCE as i64).map(|place| first + place * 60_000_000).collect();
        let scheduled =
            self.schedule(self.schedule_request(starts, &format!("lượt {round}"))).await;
        let races =
            scheduled.unwrap().departures.into_iter().enumerate().map(|(place, departure)| Race {
                departure: departure.id.parse().unwrap(),
                adult: variant(&departure, "adult"),
                holder: format!("chk_{round}_{place}_holder"),
                rival: format!("chk_{round}_{place}_rival"),
            });
        let races: Vec<Race> = races.collect();
        let holding = races.iter().map(|race| async {
            self.hold(&race.holder, &[(race.adult, PARTY)]).await.unwrap();
        });
        futures_util::future::join_all(holding).await;
        races
    }

    /// Whether a payment that came was taken; late, it is told so that the money goes back.
    async fn pay(&self, reference: &str) -> bool {
        let tx = self.bench.database.begin().await.unwrap();
        let settled =
            commit_holds(&self.bench.catalog, &tx, &[reference.to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        settled.refused.is_empty()
    }

    /// Runs the races of a round while the clock goes in steps from 5 ms before the end of their holds to
    /// 5 ms after it. Payers and rivals come at a step each, and sweeps now and then; what began in one
    /// step still runs in the next.
    async fn run(self: &Arc<Self>, races: &[Race], chance: &mut Chance) -> Vec<Outcome> {
        let runs_out = self.bench.clock.now().after(Duration::from_secs(60));
        let begin = runs_out.before(Duration::from_millis(5));
        self.bench.clock.advance(begin.since(self.bench.clock.now()));
        let comes: Vec<(u64, u64)> =
            races.iter().map(|_| (chance.below(STEPS), chance.below(STEPS))).collect();
        let (mut paid, mut held) = (vec![false; races.len()], vec![false; races.len()]);
        let mut before: Vec<JoinHandle<Done>> = Vec::new();
        for step in 0..=STEPS {
            let mut now = Vec::new();
            for (place, (pays, wants)) in comes.iter().enumerate() {
                if *pays == step {
                    let (pier, race) = (Arc::clone(self), races[place].clone());
                    now.push(tokio::spawn(async move {
                        Done::Paid(place, pier.pay(&race.holder).await)
                    }));
                }
                if *wants == step {
                    let (pier, race) = (Arc::clone(self), races[place].clone());
                    now.push(tokio::spawn(async move {
                        let hold = pier.hold(&race.rival, &[(race.adult, PARTY)]).await;
                        Done::Held(place, hold.is_ok())
                    }));
                }
            }
            if chance.below(3) == 0 {
                let pier = Arc::clone(self);
                now.push(tokio::spawn(async move {
                    expire_holds(&pier.bench.catalog).await.unwrap();
                    Done::Swept
                }));
            }
            for done in std::mem::replace(&mut before, now) {
                match done.await.unwrap() {
                    Done::Paid(place, yes) => paid[place] = yes,
                    Done::Held(place, yes) => held[place] = yes,
                    Done::Swept => {}
                }
            }
            self.bench.clock.advance(Duration::from_millis(10) / STEPS as u32);
        }
        for sweep in before {
            sweep.await.unwrap();
        }
        expire_holds(&self.bench.catalog).await.unwrap();
        let outcomes = paid.into_iter().zip(held);
        outcomes.map(|(paid, rival_holds)| Outcome { paid, rival_holds }).collect()
    }

    /// Held and sold seats of the departures of races.
    async fn seats_of(&self, races: &[Race]) -> Vec<(i64, i64)> {
        let ids = races.iter().map(|race| race.departure);
        let found = store::departure::by_ids(self.bench.database.reader(), ids).await.unwrap();
        let seats = |race: &Race| {
            let departure = found.iter().find(|departure| departure.id == race.departure).unwrap();
            (departure.seats.held, departure.seats.sold)
        };
        races.iter().map(seats).collect()
    }

    /// Late payers of whom orders were told since the last look: it refunds them.
    async fn late_payers(&self) -> BTreeSet<String> {
        let late = self.told().await.into_iter().filter_map(|body| match body {
            Body::HoldCommitRefused(said) => Some(said.reference),
            _ => None,
        });
        late.collect()
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn ten_thousand_races_of_hold_expiry_and_payment_leave_one_owner_of_each_seat(database) {
        let mut chance = Chance::printed();
        let pier = Arc::new(Pier::on(database).await);
        let (mut paid, mut late, mut rivals) = (0, 0, 0);
        for round in 0..RACES / AT_ONCE {
            let races = pier.lined_up(round).await;
            pier.told().await;
            let outcomes = pier.run(&races, &mut chance).await;
            // Of each seat one owner at most, and the departures know of nobody else.
            let of_race = |outcome: &Outcome| {
                assert!(!(outcome.paid && outcome.rival_holds), "round {round}: two owners");
                (PARTY * i64::from(outcome.rival_holds), PARTY * i64::from(outcome.paid))
            };
            let expected: Vec<(i64, i64)> = outcomes.iter().map(of_race).collect();
            assert_eq!(pier.seats_of(&races).await, expected, "round {round}");
            // Who paid and has no seats is told of, and nobody else.
            let refused = races.iter().zip(&outcomes).filter(|(_, outcome)| !outcome.paid);
            let refused: BTreeSet<String> = refused.map(|(race, _)| race.holder.clone()).collect();
            assert_eq!(pier.late_payers().await, refused, "round {round}");
            // Every other rival pays, in time; the others go away.
            let (buying, leaving): (Vec<_>, Vec<_>) = races
                .iter()
                .zip(&outcomes)
                .filter(|(_, outcome)| outcome.rival_holds)
                .map(|(race, _)| race.rival.clone())
                .partition(|_| chance.below(2) == 0);
            let tx = pier.bench.database.begin().await.unwrap();
            let bought = commit_holds(&pier.bench.catalog, &tx, &buying).await.unwrap();
            assert_eq!(bought.refused, Vec::<String>::new());
            release_holds(&pier.bench.catalog, &tx, &leaving).await.unwrap();
            tx.commit().await.unwrap();
            paid += outcomes.iter().filter(|outcome| outcome.paid).count();
            late += refused.len();
            rivals += buying.len();
            // A payment that is told of again changes nothing for who has seats.
            let place = chance.below(AT_ONCE as u64) as usize;
            let again = pier.seats_of(&races[place..=place]).await;
            if outcomes[place].paid {
                assert!(pier.pay(&races[place].holder).await);
                assert_eq!(pier.seats_of(&races[place..=place]).await, again);
            }
        }
        assert_eq!(paid + late, RACES);
        let open = store::hold::open(pier.bench.database.reader()).await.unwrap();
        assert_eq!(open, 0, "holds are left");
        pier.bench.assert_sound().await;
        println!("{RACES} races: {paid} paid in time, {late} late and told of, {rivals} rivals bought");
        // Races in which one side always wins show nothing.
        assert!(paid > RACES / 20 && late > RACES / 50, "{paid} paid, {late} late");
    }
}
