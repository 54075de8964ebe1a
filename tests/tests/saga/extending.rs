//! Who says that the transfer is on its way keeps the seat beyond the first end, once; who says nothing
//! loses it.

use std::time::Duration;

use anyhow::{Context, ensure};
use journeys::clockwork::Clockwork;
use journeys::market::Stand;
use kernel::{Clock, Timestamp};
use proto::common::RefusalCode;
use proto::orders::{Checkout, CheckoutStatus, ExtendCheckoutRequest};
use proto::refusals_of;

use crate::boat::{Boat, held_and_sold, transfer_for};
use crate::on_each_stand;

/// How much longer a checkout waits (`services/orders/src/service.rs`).
const EXTENSION: Duration = Duration::from_secs(10 * 60);
/// From then on payments closes what nobody paid (`services/payments/src/usecases/expire_payments.rs`).
const STORING: Duration = Duration::from_secs(2);
/// Everybody who sweeps after the ends of holds and payments.
const SWEEPERS: [&str; 4] =
    ["payments.expiry", "catalog.holds", "orders.checkouts", "orders.unsold"];

on_each_stand! { a_seat_whose_transfer_is_on_its_way_is_held_beyond_its_first_end_once }

async fn a_seat_whose_transfer_is_on_its_way_is_held_beyond_its_first_end_once(
    stand: Stand,
) -> anyhow::Result<()> {
    let market = Clockwork::at(Timestamp::from_micros(1_800_000_000_000_000), stand).await?;
    let shop = market.open_shop().await?;
    let boat = Boat::on_sale(&market, shop).await?;
    let tomorrow = market.clock.now().after(Duration::from_hours(24));
    let seats = boat.seats(&market, tomorrow, 3).await?;
    let mut checkouts = Vec::with_capacity(seats.len());
    for seat in &seats {
        let checkout = market.check_out(&seat.variant).await?;
        checkouts.push(checkout.map_err(|code| anyhow::anyhow!("refused: {code:?}"))?);
    }
    let [pays_late, never_pays, says_nothing] = &checkouts[..] else {
        anyhow::bail!("{} checkouts", checkouts.len())
    };
    ensure!(pays_late.may_extend, "it waits for a transfer");
    let first = Timestamp::from_micros(pays_late.expires_at);
    let last = first.after(EXTENSION);
    for checkout in [pays_late, never_pays, pays_late] {
        let extended = extend(&market, checkout).await?;
        let extended = extended.map_err(|code| anyhow::anyhow!("refused: {code:?}"))?;
        ensure!(extended.expires_at == last.micros() && !extended.may_extend, "{extended:?}");
    }

    // Beyond the first end, and all that sweeps after it: with the grace of the holds, too.
    market.wait_until(last.before(Duration::from_secs(30)));
    market.settle(&SWEEPERS).await?;
    stand_at(&market, &checkouts, [AWAITING, AWAITING, CheckoutStatus::Expired]).await?;
    ensure!(held_and_sold(&market, &seats).await? == [(1, 0), (1, 0), (0, 0)], "seats");
    let refused = extend(&market, says_nothing).await?;
    ensure!(matches!(refused, Err(RefusalCode::CheckoutClosed)), "{refused:?}");
    // Asked again near the new end, it stays.
    let again = extend(&market, never_pays).await?;
    ensure!(again.is_ok_and(|again| again.expires_at == last.micros()), "extended twice");

    market.told_by_bank(transfer_for(pays_late, 1)?).await?;
    market.settle(&SWEEPERS).await?;
    market.wait_until(last.after(STORING).after(Duration::from_secs(1)));
    market.settle(&SWEEPERS).await?;
    let ends = [CheckoutStatus::Paid, CheckoutStatus::Expired, CheckoutStatus::Expired];
    stand_at(&market, &checkouts, ends).await?;
    ensure!(held_and_sold(&market, &seats).await? == [(0, 1), (0, 0), (0, 0)], "seats");
    let refused = extend(&market, pays_late).await?;
    ensure!(matches!(refused, Err(RefusalCode::CheckoutAlreadyPaid)), "{refused:?}");
    let findings = market.examine().await?;
    ensure!(findings.is_empty(), "{findings:?}");
    market.end().await
}

const AWAITING: CheckoutStatus = CheckoutStatus::AwaitingPayment;

/// The shopper says that the transfer is on its way.
async fn extend(
    market: &Clockwork,
    checkout: &Checkout,
) -> anyhow::Result<Result<Checkout, RefusalCode>> {
    let request = ExtendCheckoutRequest {
        checkout_id: checkout.id.clone(),
        token: checkout.token.clone(),
        buyer_id: String::new(),
    };
    match market.orders.clone().extend_checkout(request).await {
        Ok(answer) => Ok(Ok(answer.into_inner())),
        Err(status) => {
            let refusals = refusals_of(&status).with_context(|| status.to_string())?;
            Ok(Err(refusals.first().context("a refusal of nothing")?.code()))
        }
    }
}

async fn stand_at(
    market: &Clockwork,
    checkouts: &[Checkout],
    wanted: [CheckoutStatus; 3],
) -> anyhow::Result<()> {
    for (checkout, wanted) in checkouts.iter().zip(wanted) {
        let status = market.look_at(&checkout.id).await?.status();
        ensure!(status == wanted, "{} is {status:?}, not {wanted:?}", checkout.id);
    }
    Ok(())
}
