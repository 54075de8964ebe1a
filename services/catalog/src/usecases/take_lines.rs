//! The lines of a hold: what they mean, and taking it from locked stock and locked departures.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kernel::{DepartureId, ProductId, Timestamp, VariantId};
use platform::database::Transaction;
use proto::catalog::Offer;
use sea_orm::{ConnectionTrait, DbErr};

use super::hold_stock::LineProblem;
use crate::domain::departure::{Departure, way_of};
use crate::domain::hold::HoldLine;
use crate::domain::product::{Product, ProductKind};
use crate::domain::seats::{Asked, SeatLine, SeatProblem, take};
use crate::domain::tour::{Tour, Way};
use crate::domain::waiting::{ClaimDigest, WaitingEntry};
use crate::messages::{offer_message, ticket_offer_message};
use crate::store;
use crate::store::variant::{OfProduct, Quantities};

/// What variant ids mean, and what is taken of it.
pub struct Taken {
    asked: Vec<VariantId>,
    variants: HashMap<VariantId, OfProduct>,
    departures_before: Vec<Departure>,
    departures: BTreeMap<DepartureId, Departure>,
    tours: HashMap<ProductId, Tour>,
    /// Without their variants.
    products: HashMap<ProductId, Product>,
    quantities: Quantities,
}

impl Taken {
    /// Locks what lines mean. One order for all who lock: variants, then departures, each in that of
    /// their ids; so nobody waits in a circle.
    pub async fn lock(
        tx: &Transaction,
        lines: impl IntoIterator<Item = &HoldLine>,
    ) -> Result<Self, DbErr> {
        let asked: BTreeSet<VariantId> = lines.into_iter().map(|line| line.variant).collect();
        let asked: Vec<VariantId> = asked.into_iter().collect();
        let variants = store::variant::lock(tx, asked.iter().copied()).await?;
        let unknown = without(&asked, &variants);
        let departures = store::departure::lock_of_variants(tx, unknown).await?;
        Ok(Self::of(asked, variants, departures))
    }

    /// Reads what variant ids mean, without locking it: for offers. Seats that are kept for who has the
    /// token count as free.
    pub async fn read(
        db: &impl ConnectionTrait,
        mut ids: Vec<VariantId>,
        claim: Option<&ClaimDigest>,
    ) -> Result<Self, DbErr> {
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let variants = store::variant::by_ids(db, ids.iter().copied()).await?;
        let departures = store::departure::of_variants(db, without(&ids, &variants)).await?;
        let mut read = Self::of(ids, variants, departures);
        read.find_products(db).await?;
        if let Some(claim) = claim
            && let Some(entry) = store::waiting::offered_to(db, claim).await?
        {
            read.release_offer(&entry);
        }
        Ok(read)
    }

    fn of(asked: Vec<VariantId>, variants: Vec<OfProduct>, departures: Vec<Departure>) -> Self {
        Self {
            asked,
            variants: variants.into_iter().map(|found| (found.variant.id, found)).collect(),
            departures: departures.iter().map(|one| (one.id, one.clone())).collect(),
            departures_before: departures,
            tours: HashMap::new(),
            products: HashMap::new(),
            quantities: Quantities::new(),
        }
    }

    /// Reads the products and tours of what was found.
    pub async fn find_products(&mut self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let tours: HashSet<ProductId> = self.departures.values().map(|one| one.product).collect();
        let goods = self.variants.values().map(|found| ProductId::from_uuid(found.product));
        let all: HashSet<ProductId> = goods.chain(tours.iter().copied()).collect();
        self.tours = store::tour::of_products(db, tours).await?;
        let products = store::product::without_variants(db, all).await?;
        self.products = products.into_iter().map(|product| (product.id, product)).collect();
        Ok(())
    }

    /// Sets free the seats that are kept for somebody, so that they can take them; says no if they are
    /// of a departure that nothing is asked of.
    pub fn release_offer(&mut self, entry: &WaitingEntry) -> bool {
        let departure = self.departures.get_mut(&entry.departure);
        departure.map(|departure| departure.seats.release(entry.seats)).is_some()
    }

    /// The departures as they are now.
    pub fn departures_mut(&mut self) -> impl Iterator<Item = &mut Departure> {
        self.departures.values_mut()
    }

    /// What a cart needs to know of each, in the order of the ids; unknown ones are left out.
    pub fn offers(&self, now: Timestamp) -> Vec<Offer> {
        self.offers_of(self.asked.iter().copied(), now)
    }

    /// The same of some of them.
    pub fn offers_of(
        &self,
        ids: impl IntoIterator<Item = VariantId>,
        now: Timestamp,
    ) -> Vec<Offer> {
        let offer = |id: VariantId| match self.variants.get(&id) {
            Some(found) => {
                let product = self.products.get(&ProductId::from_uuid(found.product))?;
                Some(offer_message(product, &found.variant))
            }
            None => {
                let (departure, tour, way) = self.ticket(id)?;
                let product = self.products.get(&departure.product)?;
                Some(ticket_offer_message(product, tour, departure, way, now))
            }
        };
        ids.into_iter().filter_map(offer).collect()
    }

    fn ticket(&self, id: VariantId) -> Option<(&Departure, &Tour, Way<'_>)> {
        self.departures.values().find_map(|departure| {
            let tour = self.tours.get(&departure.product)?;
            Some((departure, tour, way_of(departure.id, tour, id)?))
        })
    }

    /// Takes all lines beside what was taken before, or says everything that is wrong and takes nothing.
    pub fn take(
        &mut self,
        lines: &[HoldLine],
        now: Timestamp,
    ) -> Result<(Vec<HoldLine>, Vec<SeatLine>), Vec<LineProblem>> {
        let mut problems = Vec::new();
        let mut goods = Vec::new();
        let mut asked: BTreeMap<DepartureId, Vec<Asked<'_>>> = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            let variant = line.variant;
            if self.variants.contains_key(&variant) {
                match self.problem_of_goods(place, line) {
                    Some(problem) => problems.push(problem),
                    None => goods.push(*line),
                }
                continue;
            }
            let visible = |departure: &Departure| {
                self.products.get(&departure.product).is_some_and(|product| product.visible)
            };
            match self.ticket(variant).filter(|(departure, ..)| visible(departure)) {
                None => problems.push(LineProblem::NotForSale { line: place, variant }),
                Some((departure, _, way)) => asked.entry(departure.id).or_default().push(Asked {
                    line: place,
                    variant,
                    quantity: line.quantity,
                    way,
                }),
            }
        }
        let mut seats = Vec::new();
        let mut departures = Vec::new();
        for (id, asked) in asked {
            let Some(mut departure) = self.departures.get(&id).cloned() else { continue };
            match take(&mut departure, &asked, now) {
                Ok(lines) => seats.extend(lines),
                Err(wrong) => problems.extend(
                    wrong
                        .into_iter()
                        .map(|(line, problem)| seat_problem(line, lines[line].variant, problem)),
                ),
            }
            departures.push(departure);
        }
        if !problems.is_empty() {
            problems.sort_by_key(LineProblem::line);
            return Err(problems);
        }
        self.departures.extend(departures.into_iter().map(|one| (one.id, one)));
        for line in &goods {
            *self.quantities.entry(line.variant).or_default() += line.quantity;
        }
        Ok((goods, seats))
    }

    /// Of a tour only seats on departures are sold.
    fn problem_of_goods(&self, line: usize, wanted: &HoldLine) -> Option<LineProblem> {
        let variant = wanted.variant;
        let found = self.variants.get(&variant)?;
        let product = self.products.get(&ProductId::from_uuid(found.product));
        if !product.is_some_and(|product| product.visible && product.kind == ProductKind::Goods) {
            return Some(LineProblem::NotForSale { line, variant });
        }
        let taken = self.quantities.get(&variant).copied().unwrap_or_default();
        let available = found.variant.available() - taken;
        (available < wanted.quantity).then_some(LineProblem::InsufficientStock {
            line,
            variant,
            available,
        })
    }

    /// Writes what was taken as held.
    pub async fn write(&self, tx: &Transaction) -> Result<(), DbErr> {
        store::variant::move_stock(tx, &self.quantities, 0, 1).await?;
        let changed =
            |before: &Departure| self.departures.get(&before.id).filter(|after| *after != before);
        let moved: Vec<&Departure> = self.departures_before.iter().filter_map(changed).collect();
        store::departure::write_seats(tx, moved).await
    }

    /// The products, without their variants, of which the last piece or seat was taken.
    pub fn sold_out(&self, now: Timestamp) -> Vec<&Product> {
        let goods = self.quantities.iter().filter_map(|(variant, quantity)| {
            let found = self.variants.get(variant)?;
            (found.variant.available() == *quantity).then(|| ProductId::from_uuid(found.product))
        });
        let tours = self.departures_before.iter().filter_map(|before| {
            let after = self.departures.get(&before.id)?;
            (before.has_seat_at(now) && !after.has_seat_at(now)).then_some(before.product)
        });
        goods.chain(tours).filter_map(|id| self.products.get(&id)).collect()
    }
}

fn without(ids: &[VariantId], found: &[OfProduct]) -> Vec<VariantId> {
    let found: HashSet<VariantId> = found.iter().map(|one| one.variant.id).collect();
    ids.iter().copied().filter(|id| !found.contains(id)).collect()
}

const fn seat_problem(line: usize, variant: VariantId, problem: SeatProblem) -> LineProblem {
    match problem {
        SeatProblem::Insufficient(available) => {
            LineProblem::InsufficientStock { line, variant, available }
        }
        problem => LineProblem::Seats { line, variant, problem },
    }
}
