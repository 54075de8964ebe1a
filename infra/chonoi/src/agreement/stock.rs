//! Catalog and orders: what is sold is paid for, and what is paid for is sold.

use std::collections::{HashMap, HashSet};

use catalog::standing::{holds_by_references, sold_after};
use kernel::{BookingId, CheckoutId};
use orders::standing::{
    BookingStanding, bookings_after, bookings_by_holds, checkouts_after, checkouts_by_ids,
};
use sea_orm::{DatabaseConnection, DbErr};

use super::{MOST, PAGE};

/// Holds whose goods and seats are sold, and nobody paid or was invoiced for them. (Seats of a party that was
/// moved to another departure are sold by a hold of their own: its order was paid before.)
pub async fn sold(
    orders: &DatabaseConnection,
    catalog: &DatabaseConnection,
) -> Result<Vec<String>, DbErr> {
    let booking = format!("{}_", BookingId::PREFIX);
    let (mut wrong, mut after) = (Vec::new(), None);
    while wrong.len() < MOST {
        let page = sold_after(catalog, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let references = || page.iter().map(|hold| hold.reference.as_str());
        let of_checkouts: Vec<CheckoutId> =
            references().filter_map(|reference| reference.parse().ok()).collect();
        let of_bookings: Vec<String> = references()
            .filter(|reference| reference.starts_with(&booking))
            .map(ToOwned::to_owned)
            .collect();
        let checkouts: HashMap<CheckoutId, bool> = checkouts_by_ids(orders, of_checkouts.clone())
            .await?
            .into_iter()
            .map(|checkout| (checkout.id, checkout.may_be_sold))
            .collect();
        let bookings: HashMap<String, bool> = bookings_by_holds(orders, of_bookings.clone())
            .await?
            .into_iter()
            .map(|booking| (booking.hold, booking.may_be_sold))
            .collect();
        let unpaid = of_checkouts.iter().filter(|id| checkouts.get(id) != Some(&true));
        wrong.extend(unpaid.map(|id| format!("it is sold, and its checkout is not paid: {id}")));
        let unbooked = of_bookings.iter().filter(|hold| bookings.get(*hold) != Some(&true));
        wrong.extend(unbooked.map(|hold| format!("it is sold, and its booking is not: {hold}")));
    }
    Ok(wrong)
}

/// Checkouts that are paid, and catalog did not sell what they hold.
pub async fn paid_for(
    orders: &DatabaseConnection,
    catalog: &DatabaseConnection,
) -> Result<Vec<String>, DbErr> {
    let (mut wrong, mut after) = (Vec::new(), None);
    while wrong.len() < MOST {
        let page = checkouts_after(orders, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let paid: Vec<CheckoutId> =
            page.iter().filter(|checkout| checkout.sold).map(|checkout| checkout.id).collect();
        let references = paid.iter().map(ToString::to_string).collect();
        let sold = sold_of(catalog, references).await?;
        let without = paid.iter().filter(|id| !sold.contains(&id.to_string()));
        wrong.extend(
            without.map(|id| format!("a checkout is paid, and what it holds is not sold: {id}")),
        );
    }
    Ok(wrong)
}

/// Bookings of resellers that are confirmed, and catalog did not sell their seats.
pub async fn booked(
    orders: &DatabaseConnection,
    catalog: &DatabaseConnection,
) -> Result<Vec<String>, DbErr> {
    let (mut wrong, mut after) = (Vec::new(), None);
    while wrong.len() < MOST {
        let page = bookings_after(orders, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let confirmed: Vec<&BookingStanding> = page.iter().filter(|booking| booking.sold).collect();
        let references = confirmed.iter().map(|booking| booking.hold.clone()).collect();
        let sold = sold_of(catalog, references).await?;
        let without = confirmed.iter().filter(|booking| !sold.contains(&booking.hold));
        wrong.extend(without.map(|booking| {
            format!("a booking is confirmed, and its seats are not sold: {}", booking.id)
        }));
    }
    Ok(wrong)
}

/// Those of some references whose holds are sold.
async fn sold_of(
    catalog: &DatabaseConnection,
    references: Vec<String>,
) -> Result<HashSet<String>, DbErr> {
    let holds = holds_by_references(catalog, references).await?;
    Ok(holds.into_iter().filter(|hold| hold.sold).map(|hold| hold.reference).collect())
}
