//! A seat is held, its time runs out, its money comes and somebody else wants it, all within five
//! milliseconds. Each race goes through cart, checkout, hold, payment, the bank's
//! webhook, matching, ledger, events and refund, in the real services.
//!
//! `services/catalog/src/tests/tours/ending.rs` runs ten thousand races on holds, and
//! `services/payments/src/tests/ends.rs` ten thousand on payments; here a run is as long as
//! `CHONOI_TEST_RACES` says, and `make races` says ten thousand.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use journeys::clockwork::Clockwork;
use journeys::market::Stand;
use journeys::matching_set::Chance;
use kernel::{Clock, Timestamp};
use proto::common::RefusalCode;
use proto::orders::{CancelCheckoutRequest, Checkout, CheckoutStatus, OrderStatus};
use proto::payments::{GetPaymentsRequest, Payment, PaymentStatus};
use sea_orm::{ConnectionTrait, Statement};

use crate::boat::{Boat, SEAT, Seat, held_and_sold, transfer_for};
use crate::on_each_stand;

/// Races, if nobody asks for more; never fewer than one round around each moment.
const RACES: usize = 600;
const FEWEST: usize = 3 * AT_ONCE;
/// Races that are under way at the same time.
const AT_ONCE: usize = 100;
/// The clock goes by so much: from 5 ms before the middle of a window to 5 ms after it.
const STEP: Duration = Duration::from_micros(500);
const STEPS: usize = 20;
/// Holders who begin at the same moment; the next begin a millisecond later, so that their times end one after
/// another, within ten.
const BEGIN_TOGETHER: usize = 10;
const BEGIN_APART: Duration = Duration::from_millis(1);
/// Until nothing of a window is near any more.
const OVER: Duration = Duration::from_millis(50);
/// An event that was told in time is waited for so long before a payment is closed
/// (`services/payments/src/usecases/expire_payments.rs`).
const STORING: Duration = Duration::from_secs(2);
/// A hold lasts so much longer than its payment (`services/orders/src/service.rs`).
const HOLD_GRACE: Duration = Duration::from_secs(5 * 60);
/// Everybody who sweeps after the ends of holds and payments.
const SWEEPERS: [&str; 3] = ["payments.expiry", "catalog.holds", "orders.unsold"];

on_each_stand! { around_the_end_of_its_time_each_seat_has_one_owner_and_each_late_payer_the_money_back }

/// Around which moment things happen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// The payment's end: money comes in time or late, and is looked at at once.
    EndOfPayment,
    /// The same, and it is looked at when payments are closed.
    Closing,
    /// The hold's end: money came in time, and catalog hears of it around then.
    EndOfHold,
}

/// Something that comes at a step of the clock.
#[derive(Clone, Copy, Debug)]
enum Coming {
    Money(usize),
    Rival(usize),
    Feed,
    Sweep(&'static str),
    News(&'static str),
}

/// One race: a seat, and who holds it first.
struct Race {
    seat: Seat,
    holder: Checkout,
}

/// How many races ended how.
#[derive(Debug, Default)]
struct Tally {
    in_time: usize,
    late: usize,
    given_back: usize,
    rivals_bought: usize,
}

async fn around_the_end_of_its_time_each_seat_has_one_owner_and_each_late_payer_the_money_back(
    stand: Stand,
) -> anyhow::Result<()> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let races = asked("CHONOI_TEST_RACES").map_or(RACES, |races| races as usize).max(FEWEST);
    let seed = asked("CHONOI_TEST_SEED").unwrap_or_else(rand::random);
    println!("CHONOI_TEST_SEED={seed}");
    let mut run = Run::begin(stand, seed).await?;
    let begun = Instant::now();
    let kinds = [Around::EndOfPayment, Around::Closing, Around::EndOfHold];
    for round in 0..races.div_ceil(AT_ONCE) {
        run.round(kinds[round % kinds.len()]).await.with_context(|| format!("round {round}"))?;
    }
    println!("{races} races in {:?}: {:?}", begun.elapsed(), run.tally);
    let Tally { in_time, late, given_back, rivals_bought } = run.tally;
    // Races in which one side always wins show nothing.
    ensure!(in_time > 0 && late > 0 && given_back > 0 && rivals_bought > 0, "{:?}", run.tally);
    run.late_money_waits().await?;
    let market = Arc::into_inner(run.market).context("something still uses the market")?;
    let findings = market.examine().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    market.end().await
}

struct Run {
    market: Arc<Clockwork>,
    boat: Boat,
    chance: Chance,
    tally: Tally,
    /// The bank's number of the last transfer.
    transfers: u64,
    /// Codes of payments whose money came too late.
    late: BTreeSet<String>,
}

impl Run {
    async fn begin(stand: Stand, seed: u64) -> anyhow::Result<Self> {
        // 2027-01-15, 15:00 in Vietnam.
        let market = Clockwork::at(Timestamp::from_micros(1_800_000_000_000_000), stand).await?;
        let shop = market.open_shop().await?;
        let boat = Boat::on_sale(&market, shop).await?;
        Ok(Self {
            market: Arc::new(market),
            boat,
            chance: Chance::of(seed),
            tally: Tally::default(),
            transfers: 0,
            late: BTreeSet::new(),
        })
    }

    /// A hundred races, until all that follows from them has happened.
    async fn round(&mut self, around: Around) -> anyhow::Result<()> {
        let races = Arc::new(self.line_up().await?);
        let ends: Vec<i64> = races.iter().map(|race| race.holder.expires_at).collect();
        let (first, last) = (ends.iter().min().context("no race")?, ends.iter().max());
        let middle = Timestamp::from_micros(i64::midpoint(*first, *last.context("no race")?));
        let mut rivals: Vec<Option<Checkout>> = vec![None; races.len()];

        if around == Around::EndOfHold {
            let all = (0..races.len()).map(Coming::Money).collect();
            self.window(&races, middle.before(OVER), vec![all], &mut rivals).await?;
            self.market.read_the_feed().await?;
        } else {
            let mut plan = self.plan(races.len(), Coming::Money);
            self.sprinkle(&mut plan, 3, Coming::Sweep("payments.expiry"));
            if around == Around::EndOfPayment {
                self.sprinkle(&mut plan, 2, Coming::Feed);
            }
            self.window(&races, middle, plan, &mut rivals).await?;
        }

        let mut plan = self.plan(races.len(), Coming::Rival);
        let middle = if around == Around::EndOfHold {
            // Not before some holds have ended: else all seats are sold, and nobody races.
            self.sprinkle(&mut plan[STEPS / 2..], 5, Coming::News("payments"));
            middle.after(HOLD_GRACE)
        } else {
            self.sprinkle(&mut plan, 4, Coming::News("payments"));
            self.sprinkle(&mut plan, 3, Coming::Feed);
            self.sprinkle(&mut plan, 2, Coming::Sweep("payments.expiry"));
            middle.after(STORING)
        };
        self.sprinkle(&mut plan, 3, Coming::News("orders"));
        self.sprinkle(&mut plan, 3, Coming::Sweep("catalog.holds"));
        self.window(&races, middle, plan, &mut rivals).await?;
        self.market.clock.advance(OVER);
        self.market.settle(&SWEEPERS).await?;

        self.rivals_try_again(&races, &mut rivals).await?;
        let bought = self.rivals_pay_or_leave(&rivals).await?;
        self.market.settle(&SWEEPERS).await?;
        self.check(&races, &rivals, &bought).await
    }

    /// Departures with one seat each, and who holds it; the times of some end later than those of others.
    async fn line_up(&self) -> anyhow::Result<Vec<Race>> {
        // Far enough for the boats of earlier rounds never to leave at the same minute.
        const AHEAD: Duration = Duration::from_hours(30 * 24);
        let market = &self.market;
        let rounds = Duration::from_mins((AT_ONCE * self.rounds()) as u64);
        let first = market.clock.now().after(AHEAD).after(rounds);
        let seats = self.boat.seats(market, first, AT_ONCE).await?;
        let mut races = Vec::with_capacity(seats.len());
        for together in seats.chunks(BEGIN_TOGETHER) {
            let holders = together.iter().map(|seat| market.check_out(&seat.variant));
            let holders = futures_util::future::join_all(holders).await;
            for (seat, holder) in together.iter().zip(holders) {
                let holder = holder?.map_err(|code| anyhow::anyhow!("refused: {code:?}"))?;
                races.push(Race { seat: seat.clone(), holder });
            }
            market.clock.advance(BEGIN_APART);
        }
        Ok(races)
    }

    /// How many rounds were run before: each race is counted.
    const fn rounds(&self) -> usize {
        (self.tally.in_time + self.tally.late + self.tally.given_back) / AT_ONCE
    }

    /// One thing of each race, each at a step of its own.
    fn plan(&mut self, races: usize, coming: fn(usize) -> Coming) -> Vec<Vec<Coming>> {
        let mut plan = vec![Vec::new(); STEPS + 1];
        for race in 0..races {
            plan[self.chance.below(STEPS + 1)].push(coming(race));
        }
        plan
    }

    /// Adds something to one of so many steps.
    fn sprinkle(&mut self, plan: &mut [Vec<Coming>], one_of: usize, coming: Coming) {
        for step in plan {
            if self.chance.below(one_of) == 0 {
                step.push(coming);
            }
        }
    }

    /// Lets things come while the clock goes through a window. What began in one step still runs in the next.
    async fn window(
        &mut self,
        races: &Arc<Vec<Race>>,
        middle: Timestamp,
        plan: Vec<Vec<Coming>>,
        rivals: &mut [Option<Checkout>],
    ) -> anyhow::Result<()> {
        self.market.wait_until(middle.before(STEP * (STEPS / 2) as u32));
        let mut before = Vec::new();
        for coming in plan {
            let mut now = Vec::with_capacity(coming.len());
            for one in coming {
                self.transfers += 1;
                let (market, races) = (Arc::clone(&self.market), Arc::clone(races));
                now.push(tokio::spawn(come(market, races, one, self.transfers)));
            }
            for done in std::mem::replace(&mut before, now) {
                keep(rivals, done.await??);
            }
            self.market.clock.advance(STEP);
        }
        for done in before {
            keep(rivals, done.await??);
        }
        Ok(())
    }

    /// Who did not get the seat asks once more, now that nobody else is at it.
    async fn rivals_try_again(
        &self,
        races: &[Race],
        rivals: &mut [Option<Checkout>],
    ) -> anyhow::Result<()> {
        let without: Vec<usize> =
            (0..races.len()).filter(|place| rivals[*place].is_none()).collect();
        let asking = without.iter().map(|place| self.market.check_out(&races[*place].seat.variant));
        let answers = futures_util::future::join_all(asking).await;
        for (place, answer) in without.into_iter().zip(answers) {
            rivals[place] = or_sold_out(answer?)?;
        }
        Ok(())
    }

    /// Half of those who have the seat on hold pay for it, and the others go away. Who bought it?
    async fn rivals_pay_or_leave(
        &mut self,
        rivals: &[Option<Checkout>],
    ) -> anyhow::Result<Vec<bool>> {
        let mut bought = vec![false; rivals.len()];
        let (mut paying, mut leaving) = (Vec::new(), Vec::new());
        for (place, rival) in rivals.iter().enumerate() {
            let Some(rival) = rival else { continue };
            if self.chance.below(2) == 0 {
                self.transfers += 1;
                bought[place] = true;
                paying.push(self.market.told_by_bank(transfer_for(rival, self.transfers)?));
            } else {
                let request = CancelCheckoutRequest {
                    checkout_id: rival.id.clone(),
                    token: rival.token.clone(),
                    buyer_id: String::new(),
                };
                let mut orders = self.market.orders.clone();
                leaving.push(async move { orders.cancel_checkout(request).await });
            }
        }
        for told in futures_util::future::join_all(paying).await {
            told?;
        }
        for left in futures_util::future::join_all(leaving).await {
            left?;
        }
        Ok(bought)
    }

    /// Of each seat there is one owner at most, and whoever paid and has no seat has the money back.
    async fn check(
        &mut self,
        races: &[Race],
        rivals: &[Option<Checkout>],
        bought: &[bool],
    ) -> anyhow::Result<()> {
        let seats: Vec<Seat> = races.iter().map(|race| race.seat.clone()).collect();
        let taken = held_and_sold(&self.market, &seats).await?;
        let payments = self.payments_of(races).await?;
        let holders = races.iter().map(|race| self.has_the_seat(Some(&race.holder)));
        let holders = futures_util::future::try_join_all(holders).await?;
        let others = rivals.iter().map(|rival| self.has_the_seat(rival.as_ref()));
        let others = futures_util::future::try_join_all(others).await?;
        for (place, race) in races.iter().enumerate() {
            let said = || format!("race {place}, checkout {}", race.holder.id);
            let (holder_has, rival_has) = (holders[place], others[place]);
            ensure!(!(holder_has && rival_has), "{}: two have the seat", said());
            ensure!(rivals[place].is_none() == holder_has, "{}: who has the seat?", said());
            ensure!(rival_has == bought[place], "{}: the rival paid, has: {rival_has}", said());
            let sold = u32::from(holder_has || rival_has);
            ensure!(taken[place] == (0, sold), "{}: {:?}, sold {sold}", said(), taken[place]);
            self.tally.rivals_bought += usize::from(rival_has);
            let payment = payments.iter().find(|payment| payment.id == race.holder.payment_id);
            let payment = payment.with_context(|| format!("{}: no payment", said()))?;
            let back: i64 = refunded(payment)?;
            match (holder_has, payment.status()) {
                (true, PaymentStatus::Succeeded) => {
                    ensure!(back == 0, "{}: {back} go back of a seat that is had", said());
                    self.tally.in_time += 1;
                }
                (false, PaymentStatus::Succeeded) => {
                    ensure!(back == SEAT, "{}: {back} go back", said());
                    self.tally.given_back += 1;
                }
                (false, PaymentStatus::Expired) => {
                    self.late.insert(payment.reference.clone());
                    self.tally.late += 1;
                }
                (_, status) => anyhow::bail!("{}: the payment is {status:?}", said()),
            }
        }
        Ok(())
    }

    async fn has_the_seat(&self, checkout: Option<&Checkout>) -> anyhow::Result<bool> {
        let Some(checkout) = checkout else { return Ok(false) };
        let found = self.market.look_at(&checkout.id).await?;
        let paid = found.orders.iter().all(|order| order.status() == OrderStatus::OrderPaid);
        Ok(found.status() == CheckoutStatus::Paid && paid)
    }

    async fn payments_of(&self, races: &[Race]) -> anyhow::Result<Vec<Payment>> {
        let ids = races.iter().map(|race| race.holder.payment_id.clone()).collect();
        let found = self.market.payments.clone().get_payments(GetPaymentsRequest { ids }).await?;
        Ok(found.into_inner().payments)
    }

    /// All money that came too late, and no other, waits for a person to send it back.
    async fn late_money_waits(&self) -> anyhow::Result<()> {
        let database = self.market.databases.payments.as_ref().context("payments is here")?;
        let question = "SELECT p.code FROM bank_credits c JOIN payments p ON p.id = c.payment_id
            WHERE c.state = 'late' AND c.resolution IS NULL";
        let statement = Statement::from_string(database.backend(), question);
        let rows = database.reader().query_all_raw(statement).await?;
        let codes = rows.iter().map(|row| row.try_get_by_index::<String>(0));
        let codes: BTreeSet<String> = codes.collect::<Result<_, _>>()?;
        ensure!(rows.len() == codes.len(), "{} late transfers, {} codes", rows.len(), codes.len());
        ensure!(codes == self.late, "{} wait, {} were late", codes.len(), self.late.len());
        Ok(())
    }
}

/// Lets one thing come; gives which rival asked, and with which checkout.
async fn come(
    market: Arc<Clockwork>,
    races: Arc<Vec<Race>>,
    coming: Coming,
    transfer: u64,
) -> anyhow::Result<Option<(usize, Option<Checkout>)>> {
    match coming {
        Coming::Money(race) => {
            market.told_by_bank(transfer_for(&races[race].holder, transfer)?).await?;
        }
        Coming::Rival(race) => {
            let asked = market.check_out(&races[race].seat.variant).await?;
            return Ok(Some((race, or_sold_out(asked)?)));
        }
        Coming::Feed => market.read_the_feed().await?,
        Coming::Sweep(name) => market.work(name).await?,
        Coming::News(service) => market.tell_of(service).await?,
    }
    Ok(None)
}

fn keep(rivals: &mut [Option<Checkout>], asked: Option<(usize, Option<Checkout>)>) {
    if let Some((race, checkout)) = asked {
        rivals[race] = checkout;
    }
}

/// A checkout, or nothing because the seat is taken; no other refusal is right.
fn or_sold_out(asked: Result<Checkout, RefusalCode>) -> anyhow::Result<Option<Checkout>> {
    match asked {
        Ok(checkout) => Ok(Some(checkout)),
        Err(RefusalCode::InsufficientStock) => Ok(None),
        Err(other) => anyhow::bail!("a rival is refused for {other:?}"),
    }
}

/// What goes back of a payment, in đồng.
fn refunded(payment: &Payment) -> anyhow::Result<i64> {
    let amounts =
        payment.refunds.iter().map(|refund| refund.amount.as_ref().map(|back| back.minor));
    amounts.sum::<Option<i64>>().context("a refund of nothing")
}
