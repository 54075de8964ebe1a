//! A reseller reserves seats of a departure: held until it confirms them or the time is over.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{
    BookingId, Currency, DepartureId, Money, MoneyError, ProductId, ResellerId, ShopId, Timestamp,
    VariantId,
};
use platform::database::violated_constraint;
use platform::ids;
use prost::Message;
use proto::catalog::{Hold, HoldLine, HoldStockRequest, Offers};
use proto::tours::{Departure, GetDeparturesRequest, TicketOffer};
use proto::{InvalidField, refusals_of};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};
use tonic::Status;
use uuid::Uuid;

use super::confirm_booking::{UnitDetails, checked_contact, describe};
use crate::Orders;
use crate::domain::booking::{Booking, BookingContact, BookingStatus, BookingUnit};
use crate::service::HOLD_GRACE;
use crate::store;

/// The most units of a booking.
pub const MOST_UNITS: usize = 200;
/// How long seats are held if nobody says, in minutes.
pub const HOLD_MINUTES: u32 = 30;
/// The longest that seats are held at once, in minutes.
pub const LONGEST_HOLD_MINUTES: u32 = 120;
/// The longest text that a reseller writes, in bytes.
pub const LONGEST_TEXT: usize = 2_000;

/// A unit that is wanted.
#[derive(Clone, Debug, Default)]
pub struct WantedUnit {
    /// The reseller's id of it; made up if it is empty.
    pub uuid: String,
    /// The ticket kind.
    pub ticket_code: String,
}

/// What a reseller asks for.
#[derive(Clone, Debug)]
pub struct ReserveBooking {
    /// Who.
    pub reseller: ResellerId,
    /// Of which shop.
    pub shop: ShopId,
    /// The reseller's id of the booking; made up if it is empty.
    pub uuid: String,
    /// The tour.
    pub product: ProductId,
    /// The option.
    pub option_code: String,
    /// The departure.
    pub departure: DepartureId,
    /// What for, and what there is to say of each: who comes may also be said later.
    pub units: Vec<(WantedUnit, UnitDetails)>,
    /// How long the seats are held; 0: as long as usual.
    pub hold_minutes: u32,
    /// Notes.
    pub notes: String,
    /// The reseller's own number of it; may come later.
    pub reseller_reference: String,
    /// Who booked; may come later.
    pub contact: BookingContact,
}

/// Why a booking is not as it was wanted.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// The reseller has no such booking.
    #[error("the reseller has no such booking")]
    Unknown,
    /// A field is out of its bounds.
    #[error("{field} is out of its bounds")]
    OutOfBounds {
        /// Which field.
        field: &'static str,
        /// The least that it may be.
        minimum: usize,
        /// The most that it may be.
        maximum: usize,
    },
    /// The input names something that is not there.
    #[error("{field} names nothing")]
    NotFound {
        /// Which field.
        field: &'static str,
    },
    /// An id is malformed, or stands twice.
    #[error("{field} is malformed")]
    Malformed {
        /// Which field.
        field: &'static str,
    },
    /// The id was used for another booking.
    #[error("the uuid was used for another booking")]
    UuidReused,
    /// It cannot be done where the booking stands.
    #[error("the booking is {}", .0.name())]
    WrongStatus(BookingStatus),
    /// By the policy nothing would come back, or a guest is on board.
    #[error("the booking cannot be cancelled: {0}")]
    NotCancellable(&'static str),
    /// Catalog refuses, in its own words.
    #[error("refused: {}", .0.message())]
    Refused(Status),
    /// Catalog cannot be asked now.
    #[error(transparent)]
    Unavailable(Status),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<InvalidField> for BookingError {
    fn from(error: InvalidField) -> Self {
        Self::Unavailable(platform::rpc::fault(error))
    }
}

impl From<MoneyError> for BookingError {
    fn from(error: MoneyError) -> Self {
        Self::Unavailable(platform::rpc::fault(error))
    }
}

impl From<Status> for BookingError {
    fn from(status: Status) -> Self {
        if refusals_of(&status).is_some() {
            Self::Refused(status)
        } else {
            Self::Unavailable(status)
        }
    }
}

/// Reserves seats, once an id of the reseller's.
pub async fn reserve_booking(
    orders: &Orders,
    mut asked: ReserveBooking,
) -> Result<Booking, BookingError> {
    let minutes = checked_minutes(asked.hold_minutes)?;
    checked_text("notes", &asked.notes)?;
    checked_text("resellerReference", &asked.reseller_reference)?;
    checked_contact("contact", &asked.contact)?;
    let request_hash = hash_of(&asked);
    asked.uuid = checked_uuid("uuid", &asked.uuid)?;
    let db = orders.0.database.reader();
    let booking = match known(db, &asked, &request_hash).await? {
        Some(known) => known,
        None => match begin(orders, &asked, request_hash.clone(), minutes).await {
            // The same request at the same moment: the other one was first.
            Err(BookingError::Database(error)) if violated_constraint(&error).is_some() => {
                known(db, &asked, &request_hash).await?.ok_or(error)?
            }
            other => other?,
        },
    };
    if booking.status == BookingStatus::Reserving {
        hold(orders, booking).await
    } else {
        Ok(booking)
    }
}

async fn known(
    db: &impl sea_orm::ConnectionTrait,
    asked: &ReserveBooking,
    request_hash: &[u8],
) -> Result<Option<Booking>, BookingError> {
    let known = store::booking::by_uuid(db, asked.reseller, &asked.uuid).await?;
    match known {
        Some(known) if known.request_hash != request_hash => Err(BookingError::UuidReused),
        other => Ok(other),
    }
}

/// The first transaction: the booking as it is to be.
async fn begin(
    orders: &Orders,
    asked: &ReserveBooking,
    request_hash: Vec<u8>,
    minutes: u32,
) -> Result<Booking, BookingError> {
    let now = orders.0.clock.now();
    let place = Place {
        shop: asked.shop,
        product: asked.product,
        option_code: &asked.option_code,
        departure: asked.departure,
    };
    let wanted: Vec<WantedUnit> = asked.units.iter().map(|(unit, _)| unit.clone()).collect();
    let (departure, mut units) = units_of(orders, &place, &wanted).await?;
    for (unit, (_, said)) in units.iter_mut().zip(&asked.units) {
        describe(unit, said.clone())?;
    }
    let id: BookingId = ids::new();
    let booking = Booking {
        id,
        reseller: asked.reseller,
        shop: asked.shop,
        uuid: asked.uuid.clone(),
        request_hash,
        status: BookingStatus::Reserving,
        product: asked.product,
        option_code: asked.option_code.clone(),
        departure: asked.departure,
        starts_at: Timestamp::from_micros(departure.starts_at),
        ends_at: Timestamp::from_micros(departure.ends_at),
        hold_reference: id.to_string(),
        offers: Vec::new(),
        total: Money::zero(Currency::Vnd),
        reseller_reference: asked.reseller_reference.clone(),
        notes: asked.notes.clone(),
        contact: asked.contact.clone(),
        order: None,
        cancellation_reason: String::new(),
        cancellation_refund: None,
        created_at: now,
        updated_at: now,
        expires_at: now.after(Duration::from_secs(60 * u64::from(minutes))),
        confirmed_at: None,
        cancelled_at: None,
        units,
    };
    let tx = orders.0.database.begin().await?;
    store::booking::insert(&tx, &booking).await?;
    tx.commit().await?;
    Ok(booking)
}

/// Holds the seats of a booking that is being reserved. A refusal leaves nothing of it.
async fn hold(orders: &Orders, mut booking: Booking) -> Result<Booking, BookingError> {
    let made = match hold_seats(orders, &booking).await.map_err(BookingError::from) {
        Err(BookingError::Refused(status)) => {
            let tx = orders.0.database.begin().await?;
            let now = store::booking::lock(&tx, booking.id).await?;
            if now.is_some_and(|now| now.status == BookingStatus::Reserving) {
                store::booking::remove(&tx, booking.id).await?;
            }
            tx.commit().await?;
            return Err(BookingError::Refused(status));
        }
        other => other?,
    };
    price(&mut booking, &made)?;
    let tx = orders.0.database.begin().await?;
    let now = store::booking::lock(&tx, booking.id).await?.ok_or(BookingError::Unknown)?;
    if now.status != BookingStatus::Reserving {
        return Ok(now);
    }
    booking.status = BookingStatus::OnHold;
    booking.updated_at = orders.0.clock.now();
    store::booking::update(&tx, &booking).await?;
    tx.commit().await?;
    Ok(booking)
}

/// Asks catalog for the seats of a booking, under its hold's reference.
pub async fn hold_seats(orders: &Orders, booking: &Booking) -> Result<Hold, Status> {
    let mut quantities: HashMap<VariantId, i64> = HashMap::new();
    for unit in &booking.units {
        *quantities.entry(unit.variant).or_default() += 1;
    }
    let mut lines: Vec<HoldLine> = quantities
        .into_iter()
        .map(|(variant, quantity)| HoldLine { variant_id: variant.to_string(), quantity })
        .collect();
    lines.sort_by(|left, right| left.variant_id.cmp(&right.variant_id));
    let request = HoldStockRequest {
        reference: booking.hold_reference.clone(),
        lines,
        expires_at: booking.expires_at.after(HOLD_GRACE).micros(),
        ..HoldStockRequest::default()
    };
    Ok(orders.0.catalog.clone().hold_stock(request).await?.into_inner())
}

/// Takes prices, times and terms from a hold: those of the moment when it was made.
pub fn price(booking: &mut Booking, made: &Hold) -> Result<(), BookingError> {
    for unit in &mut booking.units {
        let variant = unit.variant.to_string();
        let offer = made.offers.iter().find(|offer| offer.variant_id == variant);
        let offer = offer.ok_or_else(|| {
            BookingError::Unavailable(Status::internal("a hold without an offer"))
        })?;
        unit.price = proto::parse_money(offer.price.as_ref())?;
    }
    booking.total = Money::checked_sum(Currency::Vnd, booking.units.iter().map(|unit| unit.price))?;
    booking.offers = Offers { offers: made.offers.clone() }.encode_to_vec();
    Ok(())
}

/// Where units are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Of whose tours.
    pub shop: ShopId,
    /// Of which.
    pub product: ProductId,
    /// In which option.
    pub option_code: &'a str,
    /// On which departure.
    pub departure: DepartureId,
}

/// The units of a booking, with what catalog knows them by.
pub async fn units_of(
    orders: &Orders,
    place: &Place<'_>,
    wanted: &[WantedUnit],
) -> Result<(Departure, Vec<BookingUnit>), BookingError> {
    if wanted.is_empty() || wanted.len() > MOST_UNITS {
        let field = "units";
        return Err(BookingError::OutOfBounds { field, minimum: 1, maximum: MOST_UNITS });
    }
    let request = GetDeparturesRequest { ids: vec![place.departure.to_string()] };
    let found = orders.0.catalog.clone().get_departures(request).await?.into_inner().departures;
    let (shop, product) = (place.shop.to_string(), place.product.to_string());
    let departure = found.into_iter().find(|found| found.shop_id == shop);
    let departure = departure.ok_or(BookingError::NotFound { field: "departureId" })?;
    if departure.product_id != product {
        return Err(BookingError::NotFound { field: "productId" });
    }
    let of_option = |offer: &TicketOffer| offer.option_code == place.option_code;
    let any = departure.tickets.iter().filter_map(|ticket| ticket.ticket.as_ref());
    if !any.clone().any(of_option) {
        return Err(BookingError::NotFound { field: "optionCode" });
    }
    let mut units = Vec::with_capacity(wanted.len());
    for unit in wanted {
        let ticket = departure.tickets.iter().find(|ticket| {
            let offer = ticket.ticket.as_ref();
            offer.is_some_and(|offer| {
                of_option(offer) && offer.ticket_code == unit.ticket_code && offer.admits > 0
            })
        });
        let ticket = ticket.ok_or(BookingError::NotFound { field: "units" })?;
        units.push(BookingUnit {
            uuid: checked_uuid("units", &unit.uuid)?,
            ticket_code: unit.ticket_code.clone(),
            variant: proto::parse_id(&ticket.variant_id)?,
            price: Money::zero(Currency::Vnd),
            reseller_reference: String::new(),
            guest_name: String::new(),
            contact: BookingContact::default(),
            ticket: None,
        });
    }
    let mut uuids: Vec<&str> = units.iter().map(|unit| unit.uuid.as_str()).collect();
    uuids.sort_unstable();
    if uuids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(BookingError::Malformed { field: "units" });
    }
    Ok((departure, units))
}

/// How long seats are held.
pub fn checked_minutes(minutes: u32) -> Result<u32, BookingError> {
    match minutes {
        0 => Ok(HOLD_MINUTES),
        1..=LONGEST_HOLD_MINUTES => Ok(minutes),
        _ => Err(BookingError::OutOfBounds {
            field: "holdMinutes",
            minimum: 1,
            maximum: LONGEST_HOLD_MINUTES as usize,
        }),
    }
}

/// A text that fits.
pub fn checked_text(field: &'static str, text: &str) -> Result<(), BookingError> {
    if text.len() <= LONGEST_TEXT {
        return Ok(());
    }
    Err(BookingError::OutOfBounds { field, minimum: 0, maximum: LONGEST_TEXT })
}

/// A UUID in its usual form; a fresh one if there is none.
fn checked_uuid(field: &'static str, text: &str) -> Result<String, BookingError> {
    if text.is_empty() {
        return Ok(Uuid::now_v7().to_string());
    }
    let uuid = Uuid::try_parse(text).map_err(|_| BookingError::Malformed { field })?;
    Ok(uuid.to_string())
}

fn hash_of(asked: &ReserveBooking) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    add(&asked.product.to_string());
    add(&asked.option_code);
    add(&asked.departure.to_string());
    add(&asked.hold_minutes.to_string());
    add(&asked.notes);
    add(&asked.reseller_reference);
    // Every field, in one form.
    add(&serde_json::to_string(&asked.contact).unwrap_or_default());
    for (unit, said) in &asked.units {
        add(&unit.uuid.to_lowercase());
        add(&unit.ticket_code);
        // Where nothing is said the hash is what it was before anything could be: a request that is
        // repeated over an upgrade is still the same.
        let UnitDetails { uuid: _, reseller_reference, guest_name, contact } = said;
        if !reseller_reference.is_empty() || !guest_name.is_empty() || contact.is_some() {
            let said = (reseller_reference, guest_name, contact);
            add(&serde_json::to_string(&said).unwrap_or_default());
        }
    }
    hash.finalize().to_vec()
}
