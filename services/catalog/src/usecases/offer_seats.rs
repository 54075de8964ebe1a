//! Seats became free: who waited longest and fits gets them, for a while, in the same transaction.

use kernel::Timestamp;
use platform::database::Transaction;
use platform::{ids, outbox};
use proto::events::SeatsOffered;
use proto::events::event::Body;
use sea_orm::DbErr;

use crate::domain::departure::Departure;
use crate::domain::hold::{Hold, HoldStatus};
use crate::domain::seats::{SeatLine, Want};
use crate::domain::waiting::{
    MAX_WAITING, OFFER_FOR, SeatOffer, WaitingEntry, WaitingStatus, who_fits,
};
use crate::messages::waiting_entry_message;
use crate::store;

/// Keeps free seats of locked departures for those who wait. The seats of the departures are changed;
/// who calls writes them.
pub async fn offer_seats<'a>(
    tx: &Transaction,
    departures: impl IntoIterator<Item = &'a mut Departure>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut selling: Vec<&mut Departure> =
        departures.into_iter().filter(|departure| departure.has_seat_at(now)).collect();
    let ids = selling.iter().map(|departure| departure.id);
    let limit = MAX_WAITING * ids.len() as u64;
    let waiting = store::waiting::open_of(tx, ids, &[WaitingStatus::Waiting], limit).await?;
    let mut told = Vec::new();
    for departure in &mut selling {
        let own: Vec<&WaitingEntry> =
            waiting.iter().filter(|entry| entry.departure == departure.id).collect();
        let free = departure.seats.free();
        for place in who_fits(free, own.iter().map(|entry| entry.seats)) {
            if let Some(offered) = offer_to(tx, departure, own[place], now).await? {
                told.push((departure.id.to_string(), Body::SeatsOffered(offered)));
            }
        }
    }
    outbox::publish_all(tx, now, told).await
}

/// Keeps seats for one; the token that they got when they joined claims them, and no event carries a
/// token. `None` if they do not fit.
async fn offer_to(
    tx: &Transaction,
    departure: &mut Departure,
    entry: &WaitingEntry,
    now: Timestamp,
) -> Result<Option<SeatsOffered>, DbErr> {
    let Some(seats) = departure.seats.hold(Want::Some(entry.seats)) else { return Ok(None) };
    let offer = SeatOffer { hold: ids::new(), offered_at: now, expires_at: now.after(OFFER_FOR) };
    let hold = Hold {
        id: offer.hold,
        reference: entry.id.to_string(),
        status: HoldStatus::Held,
        expires_at: offer.expires_at,
        lines: Vec::new(),
        seats: vec![SeatLine {
            variant: kernel::VariantId::from_uuid(entry.id.uuid()),
            departure: departure.id,
            quantity: entry.seats,
            seats,
            whole: false,
        }],
        offers: Vec::new(),
    };
    store::hold::insert(tx, std::slice::from_ref(&hold), now).await?;
    store::waiting::offer(tx, entry.id, &offer).await?;
    let offered =
        WaitingEntry { status: WaitingStatus::Offered, offer: Some(offer), ..entry.clone() };
    let entry = Some(waiting_entry_message(&offered, 0));
    Ok(Some(SeatsOffered { departure_id: departure.id.to_string(), entry }))
}
