//! Sells what was held, or sets it free: many holds with few statements, each hold once.

use std::collections::{BTreeMap, HashMap};

use kernel::{DepartureId, HoldId, ProductId, Timestamp, VariantId, WaitingListEntryId};
use platform::database::Transaction;
use platform::outbox;
use proto::events::HoldCommitRefused;
use proto::events::event::Body;
use sea_orm::DbErr;

use super::offer_seats::offer_seats;
use super::write_product::changed;
use crate::Catalog;
use crate::domain::departure::{Departure, DepartureStatus};
use crate::domain::hold::{Hold, HoldStatus, StockEffect};
use crate::domain::seats::SeatLine;
use crate::domain::waiting::WaitingStatus;
use crate::store;
use crate::store::variant::{OfProduct, Quantities};

/// What became of holds.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// All holds, as they are now.
    pub holds: Vec<Hold>,
    /// References whose stock had been set free and is gone, or whose departure was cancelled.
    pub refused: Vec<String>,
}

/// Sells what holds hold.
pub async fn commit_holds(
    catalog: &Catalog,
    tx: &Transaction,
    references: &[String],
) -> Result<Settled, DbErr> {
    let holds = store::hold::lock(tx, references).await?;
    settle(catalog, tx, holds, Step::Commit).await
}

/// Sets free what holds hold.
pub async fn release_holds(
    catalog: &Catalog,
    tx: &Transaction,
    references: &[String],
) -> Result<Settled, DbErr> {
    let holds = store::hold::lock(tx, references).await?;
    settle(catalog, tx, holds, Step::Release).await
}

/// Sets free what locked holds hold whose time has gone by.
pub async fn expire(
    catalog: &Catalog,
    tx: &Transaction,
    holds: Vec<Hold>,
) -> Result<Settled, DbErr> {
    settle(catalog, tx, holds, Step::Expire).await
}

/// Sets free what the holds of ended checkouts hold, and then sells what those of paid ones hold. All of
/// them are locked before anything else is: who locks step by step meets those who go the other way.
pub async fn settle_checkouts(
    catalog: &Catalog,
    tx: &Transaction,
    ended: &[String],
    paid: &[String],
) -> Result<(), DbErr> {
    let mut holds = store::hold::lock(tx, &[ended, paid].concat()).await?;
    let steps = [(Step::Release, ended), (Step::Commit, paid)];
    settle_all(catalog, tx, &mut holds, &steps).await?;
    Ok(())
}

/// What is done with a hold.
#[derive(Clone, Copy)]
enum Step {
    Commit,
    Release,
    Expire,
}

impl Step {
    const fn effect(self, hold: &Hold) -> StockEffect {
        match self {
            Self::Commit => hold.commit(),
            Self::Release | Self::Expire => hold.release(),
        }
    }

    const fn reached(self) -> HoldStatus {
        match self {
            Self::Commit => HoldStatus::Committed,
            Self::Release => HoldStatus::Released,
            Self::Expire => HoldStatus::Expired,
        }
    }
}

async fn settle(
    catalog: &Catalog,
    tx: &Transaction,
    mut holds: Vec<Hold>,
    step: Step,
) -> Result<Settled, DbErr> {
    let all: Vec<String> = holds.iter().map(|hold| hold.reference.clone()).collect();
    let refused = settle_all(catalog, tx, &mut holds, &[(step, &all)]).await?;
    Ok(Settled { holds, refused })
}

/// Takes the steps one after another, each with the holds that it is for; gives whose goods are gone.
async fn settle_all(
    catalog: &Catalog,
    tx: &Transaction,
    holds: &mut [Hold],
    steps: &[(Step, &[String])],
) -> Result<Vec<String>, DbErr> {
    let now = catalog.0.clock.now();
    let touched = |hold: &&Hold| {
        let mut own = steps.iter().filter(|(_, references)| references.contains(&hold.reference));
        own.any(|(step, _)| step.effect(hold) != StockEffect::None)
    };
    let touched: Vec<&Hold> = holds.iter().filter(touched).collect();
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let mut settling = Settling::lock(tx, &touched, now).await?;
    for (step, references) in steps {
        for hold in holds.iter_mut().filter(|hold| references.contains(&hold.reference)) {
            settling.settle(hold, step.effect(hold), step.reached());
        }
        settling.offer(tx).await?;
    }
    settling.write(tx).await?;
    settling.tell(tx).await?;
    Ok(settling.refused)
}

/// What is locked, and what becomes of it.
struct Settling {
    now: Timestamp,
    locked: Vec<OfProduct>,
    free: HashMap<VariantId, i64>,
    departures_before: Vec<Departure>,
    departures: BTreeMap<DepartureId, Departure>,
    sold_held: Quantities,
    freed: Quantities,
    sold_anew: Quantities,
    reached: BTreeMap<HoldId, HoldStatus>,
    resized: Vec<(HoldId, SeatLine)>,
    refused: Vec<String>,
    /// Who did not take the seats that were kept for them.
    lapsed: Vec<WaitingListEntryId>,
}

impl Settling {
    /// One order for all who lock: variants, then departures, each in that of their ids.
    async fn lock(tx: &Transaction, touched: &[&Hold], now: Timestamp) -> Result<Self, DbErr> {
        let variants: Vec<VariantId> =
            touched.iter().flat_map(|hold| hold.lines.iter().map(|line| line.variant)).collect();
        let departures: Vec<DepartureId> =
            touched.iter().flat_map(|hold| hold.seats.iter().map(|line| line.departure)).collect();
        let locked = if variants.is_empty() {
            Vec::new()
        } else {
            store::variant::lock(tx, variants).await?
        };
        let departures_before = store::departure::lock(tx, departures).await?;
        Ok(Self {
            now,
            free: locked.iter().map(|one| (one.variant.id, one.variant.available())).collect(),
            locked,
            departures: departures_before.iter().map(|one| (one.id, one.clone())).collect(),
            departures_before,
            sold_held: Quantities::new(),
            freed: Quantities::new(),
            sold_anew: Quantities::new(),
            reached: BTreeMap::new(),
            resized: Vec::new(),
            refused: Vec::new(),
            lapsed: Vec::new(),
        })
    }

    fn settle(&mut self, hold: &mut Hold, effect: StockEffect, reached: HoldStatus) {
        let (quantities, reached) = match effect {
            StockEffect::None => return,
            StockEffect::SellHeld if self.is_cancelled(hold) => {
                self.refused.push(hold.reference.clone());
                self.set_free(hold);
                (&mut self.freed, HoldStatus::Released)
            }
            StockEffect::SellHeld => {
                for line in &hold.seats {
                    if let Some(departure) = self.departures.get_mut(&line.departure) {
                        departure.seats.sell_held(line.seats);
                    }
                }
                (&mut self.sold_held, reached)
            }
            StockEffect::Free => {
                self.set_free(hold);
                (&mut self.freed, reached)
            }
            StockEffect::SellAnew => {
                if !self.sell_anew(hold) {
                    self.refused.push(hold.reference.clone());
                    return;
                }
                (&mut self.sold_anew, reached)
            }
        };
        for line in &hold.lines {
            *quantities.entry(line.variant).or_default() += line.quantity;
        }
        hold.status = reached;
        self.reached.insert(hold.id, reached);
        self.lapsed.extend(hold.reference.parse::<WaitingListEntryId>());
    }

    /// What became free goes to those who wait, before anybody else can have it.
    async fn offer(&mut self, tx: &Transaction) -> Result<(), DbErr> {
        let before = &self.departures_before;
        let freed = self.departures.values_mut().filter(|after| {
            before.iter().any(|one| one.id == after.id && one.seats.free() < after.seats.free())
        });
        let freed: Vec<&mut Departure> = freed.collect();
        if freed.is_empty() {
            return Ok(());
        }
        offer_seats(tx, freed, self.now).await
    }

    /// A departure was cancelled after the hold was made: what is paid now is paid back.
    fn is_cancelled(&self, hold: &Hold) -> bool {
        hold.seats.iter().any(|line| {
            self.departures
                .get(&line.departure)
                .is_none_or(|departure| departure.status == DepartureStatus::Cancelled)
        })
    }

    fn set_free(&mut self, hold: &Hold) {
        for line in &hold.lines {
            *self.free.entry(line.variant).or_default() += line.quantity;
        }
        for line in &hold.seats {
            if let Some(departure) = self.departures.get_mut(&line.departure) {
                departure.seats.release(line.seats);
            }
        }
    }

    /// Takes everything of a hold that was set free, if all of it is still there.
    fn sell_anew(&mut self, hold: &mut Hold) -> bool {
        let goods_are_there = hold
            .lines
            .iter()
            .all(|line| self.free.get(&line.variant).is_some_and(|free| *free >= line.quantity));
        let Some(departures) = self.with_seats_sold(hold).filter(|_| goods_are_there) else {
            return false;
        };
        self.departures.extend(departures);
        for line in &hold.lines {
            *self.free.entry(line.variant).or_default() -= line.quantity;
        }
        // A boat may have got other seats meanwhile: all of them are sold.
        for line in hold.seats.iter_mut().filter(|line| line.whole) {
            let capacity = self.departures.get(&line.departure).map(|one| one.seats.capacity);
            line.seats = capacity.unwrap_or(line.seats);
            self.resized.push((hold.id, line.clone()));
        }
        true
    }

    fn with_seats_sold(&self, hold: &Hold) -> Option<BTreeMap<DepartureId, Departure>> {
        let mut changed: BTreeMap<DepartureId, Departure> = BTreeMap::new();
        for line in &hold.seats {
            let departure = match changed.entry(line.departure) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(self.departures.get(&line.departure)?.clone())
                }
            };
            if !departure.takes_late_payment_at(self.now) {
                return None;
            }
            departure.seats.sell(line.want())?;
        }
        Some(changed)
    }

    async fn write(&self, tx: &Transaction) -> Result<(), DbErr> {
        store::variant::move_stock(tx, &self.sold_held, -1, -1).await?;
        store::variant::move_stock(tx, &self.freed, 0, -1).await?;
        store::variant::move_stock(tx, &self.sold_anew, -1, 0).await?;
        let changed =
            |before: &Departure| self.departures.get(&before.id).filter(|after| *after != before);
        let moved: Vec<&Departure> = self.departures_before.iter().filter_map(changed).collect();
        store::departure::write_seats(tx, moved).await?;
        for (hold, line) in &self.resized {
            store::seats::resize(tx, *hold, line).await?;
        }
        store::waiting::set_status(tx, self.lapsed.iter().copied(), WaitingStatus::Lapsed).await?;
        for status in HoldStatus::ALL {
            let holds = self.reached.iter().filter(|(_, reached)| **reached == status);
            let holds: Vec<HoldId> = holds.map(|(hold, _)| *hold).collect();
            if !holds.is_empty() {
                store::hold::set_status(tx, holds, status).await?;
            }
        }
        Ok(())
    }

    /// Search hears of what can be bought again, or no more; orders of what was paid and is gone.
    async fn tell(&self, tx: &Transaction) -> Result<(), DbErr> {
        let goods = self
            .locked
            .iter()
            .filter(|one| one.variant.available() == 0 && self.freed.contains_key(&one.variant.id))
            .map(|one| ProductId::from_uuid(one.product));
        let tours = self
            .departures_before
            .iter()
            .filter(|before| {
                let after = self.departures.get(&before.id);
                after.is_some_and(|after| {
                    after.has_seat_at(self.now) != before.has_seat_at(self.now)
                })
            })
            .map(|departure| departure.product);
        let products = store::product::by_ids(tx, goods.chain(tours)).await?;
        let mut events: Vec<(String, Body)> = products.iter().map(changed).collect();
        for reference in &self.refused {
            let body = Body::HoldCommitRefused(HoldCommitRefused { reference: reference.clone() });
            events.push((reference.clone(), body));
        }
        outbox::publish_all(tx, self.now, events).await
    }
}
