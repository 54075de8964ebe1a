//! What was sold in a span of time, in sums.

use kernel::{Currency, Money, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::corrupt;
use crate::domain::checkout::PayWith;
use crate::domain::digital_economy::{DigitalEconomy, WayFigures};

/// What was paid from one moment to before another, and not called off since.
pub async fn between(
    db: &impl ConnectionTrait,
    from: Timestamp,
    until: Timestamp,
) -> Result<DigitalEconomy, DbErr> {
    let currency = Currency::Vnd;
    let sold = format!(
        "FROM orders o JOIN checkouts c ON c.id = o.checkout_id
         WHERE o.paid_at >= {} AND o.paid_at < {} AND o.status IN ('paid', 'fulfilled')
         AND o.currency = '{}'",
        from.micros(),
        until.micros(),
        currency.code()
    );
    let ask = |question: String| {
        db.query_all_raw(Statement::from_string(db.get_database_backend(), question))
    };
    let ways = ask(format!(
        "SELECT c.pay_with, COUNT(*), CAST(SUM(o.total_minor) AS BIGINT) {sold}
         GROUP BY c.pay_with ORDER BY c.pay_with"
    ));
    let mut figures =
        DigitalEconomy { shops: 0, orders: 0, turnover: Money::zero(currency), ways: Vec::new() };
    for row in ways.await? {
        let name: String = row.try_get_by_index(0)?;
        let way = PayWith::ALL.into_iter().find(|way| way.name() == name);
        let count: i64 = row.try_get_by_index(1)?;
        let sum: i64 = row.try_get_by_index(2)?;
        figures.ways.push(WayFigures {
            way: way.ok_or_else(|| corrupt("a way to pay"))?,
            orders: count.unsigned_abs(),
            turnover: Money::new(sum, currency),
        });
    }
    for row in ask(format!("SELECT COUNT(DISTINCT o.shop_id) {sold}")).await? {
        figures.shops = row.try_get_by_index::<i64>(0)?.unsigned_abs();
    }
    figures.orders = figures.ways.iter().map(|way| way.orders).sum();
    let sums = figures.ways.iter().map(|way| way.turnover);
    figures.turnover =
        Money::checked_sum(currency, sums).map_err(|_| corrupt("sums that cannot be added"))?;
    Ok(figures)
}
