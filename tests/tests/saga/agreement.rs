//! What one service says of a sale and another does not is found by the doctor, whichever of them is wrong.

use std::time::Duration;

use anyhow::{Context, ensure};
use journeys::clockwork::Clockwork;
use journeys::market::Stand;
use kernel::{CheckoutId, Clock, OrderId, PaymentId, RefundId, ShopId, Timestamp};
use platform::database::Database;
use platform::ids;
use proto::orders::{Checkout, CheckoutStatus};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::boat::{Boat, transfer_for};
use crate::on_each_stand;

on_each_stand! { whatever_services_do_not_agree_on_is_found_and_nothing_else_is }

/// Whose database something is done to.
#[derive(Clone, Copy)]
enum Whose {
    Catalog,
    Orders,
    Payments,
}

/// Something that is done behind the program's back, what the doctor says of it, and how it is undone.
struct Harm {
    whose: Whose,
    harm: &'static str,
    mended: &'static str,
    said: &'static str,
}

const HARMS: &[Harm] = &[
    Harm {
        whose: Whose::Payments,
        harm: "UPDATE payments SET status = 'expired' WHERE id = {payment}",
        mended: "UPDATE payments SET status = 'succeeded' WHERE id = {payment}",
        said: "orders and payments: a checkout is paid, and no payment of it succeeded: {paid}",
    },
    Harm {
        whose: Whose::Orders,
        harm: "UPDATE checkouts SET status = 'expired', paid_at = NULL WHERE id = {checkout}",
        mended: "UPDATE checkouts SET status = 'paid', paid_at = created_at WHERE id = {checkout}",
        said: "orders and payments: a payment succeeded, and orders did not hear of it: {code}",
    },
    Harm {
        whose: Whose::Orders,
        harm: "UPDATE checkouts SET status = 'expired', paid_at = NULL WHERE id = {checkout}",
        mended: "UPDATE checkouts SET status = 'paid', paid_at = created_at WHERE id = {checkout}",
        said: "orders and catalog: it is sold, and its checkout is not paid: {paid}",
    },
    Harm {
        whose: Whose::Orders,
        harm: "UPDATE checkouts SET total_minor = total_minor + 1 WHERE id = {checkout}",
        mended: "UPDATE checkouts SET total_minor = total_minor - 1 WHERE id = {checkout}",
        said: "orders and payments: a payment is not what the orders of its checkout ask for: {code}",
    },
    Harm {
        whose: Whose::Payments,
        harm: "UPDATE payment_allocations SET shop_id = order_id WHERE payment_id = {payment}",
        mended: "UPDATE payment_allocations SET shop_id = {shop} WHERE payment_id = {payment}",
        said: "orders and payments: a payment is not what the orders of its checkout ask for: {code}",
    },
    Harm {
        whose: Whose::Orders,
        harm: "INSERT INTO unsold_orders (order_id, refund_id, refunded_at) VALUES ({order}, {refund}, 1)",
        mended: "DELETE FROM unsold_orders",
        said: "orders and payments: an order gave money back, and there is no such refund of it: {given_back}",
    },
    Harm {
        whose: Whose::Catalog,
        harm: "UPDATE holds SET status = 'released' WHERE reference = '{paid}'",
        mended: "UPDATE holds SET status = 'committed' WHERE reference = '{paid}'",
        said: "orders and catalog: a checkout is paid, and what it holds is not sold: {paid}",
    },
    Harm {
        whose: Whose::Catalog,
        harm: "UPDATE holds SET status = 'committed' WHERE reference = '{awaiting}'",
        mended: "UPDATE holds SET status = 'held' WHERE reference = '{awaiting}'",
        said: "orders and catalog: it is sold, and its checkout is not paid: {awaiting}",
    },
    Harm {
        whose: Whose::Catalog,
        harm: "UPDATE holds SET reference = 'bkg_of_nobody' WHERE reference = '{paid}'",
        mended: "UPDATE holds SET reference = '{paid}' WHERE reference = 'bkg_of_nobody'",
        said: "orders and catalog: it is sold, and its booking is not: bkg_of_nobody",
    },
];

async fn whatever_services_do_not_agree_on_is_found_and_nothing_else_is(
    stand: Stand,
) -> anyhow::Result<()> {
    let market = Clockwork::at(Timestamp::from_micros(1_800_000_000_000_000), stand).await?;
    let shop = market.open_shop().await?;
    let boat = Boat::on_sale(&market, shop.clone()).await?;
    let tomorrow = market.clock.now().after(Duration::from_hours(24));
    let seats = boat.seats(&market, tomorrow, 2).await?;
    let mut checkouts = Vec::new();
    for seat in &seats {
        let checkout = market.check_out(&seat.variant).await?;
        checkouts.push(checkout.map_err(|code| anyhow::anyhow!("refused: {code:?}"))?);
    }
    let [paid, awaiting] = &checkouts[..] else { anyhow::bail!("{} checkouts", checkouts.len()) };
    market.told_by_bank(transfer_for(paid, 1)?).await?;
    market.settle(&[]).await?;
    ensure!(market.look_at(&paid.id).await?.status() == CheckoutStatus::Paid, "it is not paid");
    nothing_is_found(&market, "at first").await?;

    let refund = ids::new::<RefundId>();
    for Harm { whose, harm, mended, said } in HARMS {
        let database = match whose {
            Whose::Catalog => market.databases.catalog.as_ref(),
            Whose::Orders => market.databases.orders.as_ref(),
            Whose::Payments => market.databases.payments.as_ref(),
        };
        let database = database.context("all services are here")?;
        let named = Named { paid, awaiting, shop: &shop, refund };
        write(database, &named.written(harm, database.backend())?).await?;
        let wanted = named.written(said, database.backend())?;
        let found = market.examine().await?;
        ensure!(found.contains(&wanted), "{harm}: {found:?}");
        write(database, &named.written(mended, database.backend())?).await?;
        nothing_is_found(&market, mended).await?;
    }
    market.end().await
}

async fn nothing_is_found(market: &Clockwork, after: &str) -> anyhow::Result<()> {
    let found = market.examine().await?;
    ensure!(found.is_empty(), "{after}: {found:?}");
    Ok(())
}

async fn write(database: &Database, statement: &str) -> anyhow::Result<()> {
    let tx = database.begin().await?;
    tx.execute_unprepared(statement).await?;
    Ok(tx.commit().await?)
}

/// What statements and findings name.
struct Named<'a> {
    paid: &'a Checkout,
    awaiting: &'a Checkout,
    shop: &'a str,
    refund: RefundId,
}

impl Named<'_> {
    /// A text with the ids of this run, as the database writes them.
    fn written(&self, text: &str, backend: DbBackend) -> anyhow::Result<String> {
        let literal = |uuid: String| match backend {
            DbBackend::Sqlite => format!("x'{uuid}'"),
            _ => format!("'{uuid}'"),
        };
        let simple = |uuid: String| uuid.replace('-', "");
        let order = &self.paid.orders.first().context("no order")?.id;
        let payment = self.paid.payment.as_ref().context("no payment")?;
        let ids = [
            ("{checkout}", self.paid.id.parse::<CheckoutId>()?.uuid().to_string()),
            ("{order}", order.parse::<OrderId>()?.uuid().to_string()),
            ("{payment}", payment.id.parse::<PaymentId>()?.uuid().to_string()),
            ("{shop}", self.shop.parse::<ShopId>()?.uuid().to_string()),
            ("{refund}", self.refund.uuid().to_string()),
        ];
        let mut written = text
            .replace("{given_back}", &format!("{order}, {}", self.refund))
            .replace("{paid}", &self.paid.id)
            .replace("{awaiting}", &self.awaiting.id)
            .replace("{code}", &payment.reference);
        for (name, id) in ids {
            written = written.replace(name, &literal(simple(id)));
        }
        Ok(written)
    }
}
