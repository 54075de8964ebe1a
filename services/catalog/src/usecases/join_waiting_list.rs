//! Somebody wants seats that are not there, and waits.

use kernel::{DepartureId, Locale, normalize_spaces};
use platform::ids;
use platform::secrets::{digest, random_token};
use sea_orm::DbErr;

use super::offer_seats::offer_seats;
use crate::Catalog;
use crate::domain::waiting::{MAX_CONTACT, MAX_SEATS, MAX_WAITING, WaitingEntry, WaitingStatus};
use crate::store;

/// Who wants to wait.
#[derive(Clone, Debug, Default)]
pub struct Guest {
    /// How many seats.
    pub seats: u32,
    /// Who.
    pub name: String,
    /// Telephone number, or nothing.
    pub phone: String,
    /// E-mail address, or nothing.
    pub email: String,
    /// Their language.
    pub locale: Locale,
}

/// Why somebody may not wait.
#[derive(Debug, thiserror::Error)]
pub enum JoinWaitingListError {
    /// There is no such departure, or nobody sees its tour.
    #[error("there is no such departure")]
    Unknown,
    /// No seats are sold: cancelled, blacked out, or past the cut-off.
    #[error("no seats of the departure are sold")]
    Closed,
    /// Too few seats or too many: the most.
    #[error("at most {0} seats")]
    Seats(i64),
    /// The name is missing.
    #[error("the name is missing")]
    Name,
    /// Neither telephone number nor e-mail address is given.
    #[error("a telephone number or an e-mail address is needed")]
    Contact,
    /// A text is too long: which.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// They wait already.
    #[error("they wait already")]
    WaitsAlready,
    /// Too many wait.
    #[error("too many wait")]
    Full,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What became of who wants to wait.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The entry; seats may have been free for it at once.
    pub entry: WaitingEntry,
    /// Who waits before them, and them; 0 if seats are kept for them.
    pub position: u32,
    /// Claims an offer. Only its digest is kept.
    pub claim_token: String,
}

/// Puts somebody on the waiting list, once a telephone number or e-mail address.
pub async fn join_waiting_list(
    catalog: &Catalog,
    id: DepartureId,
    guest: Guest,
) -> Result<Joined, JoinWaitingListError> {
    let guest = checked(guest)?;
    let service = &catalog.0;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    let departure = store::departure::lock(&tx, [id]).await?.pop();
    let mut departure = departure.ok_or(JoinWaitingListError::Unknown)?;
    let visible = store::product::visible_of(&tx, [departure.product]).await?;
    if !visible.get(&departure.product).copied().unwrap_or(false) {
        return Err(JoinWaitingListError::Unknown);
    }
    if !departure.sells_at(now) {
        return Err(JoinWaitingListError::Closed);
    }
    if i64::from(guest.seats) > departure.seats.capacity {
        return Err(JoinWaitingListError::Seats(departure.seats.capacity));
    }
    let both = [WaitingStatus::Waiting, WaitingStatus::Offered];
    let open = store::waiting::open_of(&tx, [id], &both, MAX_WAITING).await?;
    if open.len() as u64 >= MAX_WAITING {
        return Err(JoinWaitingListError::Full);
    }
    let same = |one: &String, other: &String| !one.is_empty() && one == other;
    if open.iter().any(|one| same(&one.phone, &guest.phone) || same(&one.email, &guest.email)) {
        return Err(JoinWaitingListError::WaitsAlready);
    }
    let entry = WaitingEntry {
        id: ids::new(),
        departure: id,
        seats: i64::from(guest.seats),
        name: guest.name,
        phone: guest.phone,
        email: guest.email,
        locale: guest.locale,
        status: WaitingStatus::Waiting,
        created_at: now,
        offer: None,
    };
    let claim_token = random_token();
    store::waiting::insert(&tx, &entry, &digest(&claim_token)).await?;
    offer_seats(&tx, [&mut departure], now).await?;
    store::departure::write_seats(&tx, [&departure]).await?;
    let open = store::waiting::open_of(&tx, [id], &both, MAX_WAITING).await?;
    tx.commit().await?;
    let position = position_of(&open, &entry);
    let entry = open.into_iter().find(|one| one.id == entry.id).unwrap_or(entry);
    Ok(Joined { entry, position, claim_token })
}

fn checked(mut guest: Guest) -> Result<Guest, JoinWaitingListError> {
    guest.name = normalize_spaces(&guest.name);
    guest.phone = normalize_spaces(&guest.phone);
    guest.email = guest.email.trim().to_lowercase();
    if !(1..=MAX_SEATS).contains(&guest.seats) {
        return Err(JoinWaitingListError::Seats(i64::from(MAX_SEATS)));
    }
    if guest.name.is_empty() {
        return Err(JoinWaitingListError::Name);
    }
    if guest.phone.is_empty() && guest.email.is_empty() {
        return Err(JoinWaitingListError::Contact);
    }
    let texts = [("name", &guest.name), ("phone", &guest.phone), ("email", &guest.email)];
    if let Some((field, _)) = texts.iter().find(|(_, text)| text.chars().count() > MAX_CONTACT) {
        return Err(JoinWaitingListError::TooLong(field));
    }
    Ok(guest)
}

/// The place among those who still wait, from 1; 0 if seats are kept for them.
pub fn position_of(open: &[WaitingEntry], entry: &WaitingEntry) -> u32 {
    let waiting = open.iter().filter(|one| one.status == WaitingStatus::Waiting);
    let place = waiting.into_iter().position(|one| one.id == entry.id);
    place.map_or(0, |place| u32::try_from(place + 1).unwrap_or(u32::MAX))
}
