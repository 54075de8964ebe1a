//! Fault 1: `kill -9` of a random role at random points of a storm of checkouts, payments and refunds.

use std::time::Duration;

use anyhow::ensure;
use futures_util::future::{join_all, try_join_all};
use journeys::matching_set::Chance;
use journeys::shopping::{open_shop_at, sell};

use super::processes::{Fleet, ROLES};
use super::trade::{Crowd, available, persist, until_paid};

/// Shoppers at once.
const SHOPPERS: usize = 4;
/// Processes that are killed, one after the other.
const KILLS: usize = 6;
/// What there is to buy: more than they can.
const STOCK: i64 = 100_000;
/// Promised are 5 s, of a release build on a machine of its own. This is a debug build on two processors
/// that shoppers and other tests keep busy.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Kills a role, at a moment that chance chooses, and starts it again.
async fn kill_one(fleet: &mut Fleet, chance: &mut Chance) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_millis(100 + chance.below(900) as u64)).await;
    let role = ROLES[chance.below(ROLES.len())];
    let process = fleet.process(role)?;
    process.kill();
    process.go_on()?;
    let took = process.wait_until_ready().await?;
    println!("{role} was killed, and ready again after {took:?}");
    ensure!(took <= READY_WITHIN, "{role} was ready again after {took:?} only");
    Ok(())
}

async fn kill_many(fleet: &mut Fleet, chance: &mut Chance) -> anyhow::Result<()> {
    for _ in 0..KILLS {
        kill_one(fleet, chance).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_killed_amid_sales_lose_nothing_and_do_nothing_twice() -> anyhow::Result<()> {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut chance = Chance::of(seed);
    let mut fleet = Fleet::start().await?;
    let api = fleet.api.clone();
    let shop = open_shop_at(&api, &fleet.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, STOCK).await?;
    let crowd = Crowd::default();
    let buying = join_all((0..SHOPPERS).map(|_| crowd.buy(&api, &shop, &goods)));
    let killing = async {
        let killed = kill_many(&mut fleet, &mut chance).await;
        crowd.stop();
        killed
    };
    let (bought, killed) = tokio::join!(buying, killing);
    killed?;
    let mut sold = Vec::new();
    for one in bought {
        sold.extend(one?);
    }
    println!("{} sales", sold.len());
    ensure!(sold.len() >= SHOPPERS, "there were only {} sales", sold.len());
    // Everything that was acknowledged is there: each checkout, each payment,
    try_join_all(sold.iter().map(|sale| until_paid(&api, &sale.checkout))).await?;
    // and nothing else: each checkout, however often it was asked for, took one piece.
    let (api, goods, count) = (&api, goods.as_str(), sold.len() as i64);
    let counted = || async move {
        let left = available(api, goods).await?;
        ensure!(left == STOCK - count, "{left} are left of {STOCK} after {count} sales");
        anyhow::Ok(())
    };
    persist("the stock", counted).await?;
    assert_eq!(fleet.end().await?, Vec::<String>::new());
    Ok(())
}
