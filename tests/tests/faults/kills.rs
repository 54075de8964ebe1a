//! Fault 1: `kill -9` of a random role at random points of a storm of checkouts, payments and refunds.

use std::time::Duration;

use anyhow::{Context, ensure};
use chonoi::api::Api;
use futures_util::future::{join_all, try_join_all};
use journeys::matching_set::Chance;
use journeys::shopping::{open_shop_at, sell};

use super::processes::{Alone, Fleet, Folder, Process, ROLES, embedded, findings};
use super::trade::{Crowd, Sale, available, persist, until_paid};

/// Shoppers at once.
const SHOPPERS: usize = 4;
/// Processes that are killed, one after the other.
const KILLS: usize = 6;
/// What there is to buy: more than they can.
const STOCK: i64 = 100_000;
/// Promised are 5 s, of a release build on a machine of its own. This is a debug build on two processors
/// that shoppers and other tests keep busy.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Kills a process, at a moment that chance chooses, and starts it again.
async fn kill(process: &mut Process, chance: &mut Chance) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_millis(100 + chance.below(900) as u64)).await;
    process.kill();
    process.go_on()?;
    let took = process.wait_until_ready().await?;
    println!("killed, and ready again after {took:?}");
    ensure!(took <= READY_WITHIN, "ready again after {took:?} only");
    Ok(())
}

async fn kill_roles(fleet: &mut Fleet, chance: &mut Chance) -> anyhow::Result<()> {
    for _ in 0..KILLS {
        let role = ROLES[chance.below(ROLES.len())];
        println!("next is {role}");
        kill(fleet.process(role)?, chance).await.context(role)?;
    }
    Ok(())
}

async fn kill_again_and_again(process: &mut Process, chance: &mut Chance) -> anyhow::Result<()> {
    for _ in 0..KILLS {
        kill(process, chance).await?;
    }
    Ok(())
}

/// Everything that was acknowledged is there: each checkout, each payment. And nothing else: each checkout,
/// however often it was asked for, took one piece.
async fn all_are_there_once(
    api: &Api,
    goods: &str,
    bought: Vec<anyhow::Result<Vec<Sale>>>,
) -> anyhow::Result<()> {
    let mut sold = Vec::new();
    for one in bought {
        sold.extend(one?);
    }
    println!("{} sales", sold.len());
    ensure!(sold.len() >= SHOPPERS, "there were only {} sales", sold.len());
    try_join_all(sold.iter().map(|sale| until_paid(api, &sale.checkout))).await?;
    let count = sold.len() as i64;
    let counted = || async move {
        let left = available(api, goods).await?;
        ensure!(left == STOCK - count, "{left} are left of {STOCK} after {count} sales");
        anyhow::Ok(())
    };
    persist("the stock", counted).await
}

fn seed() -> u64 {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_killed_amid_sales_lose_nothing_and_do_nothing_twice() -> anyhow::Result<()> {
    let mut chance = Chance::of(seed());
    let mut fleet = Fleet::start().await?;
    let api = fleet.api.clone();
    let shop = open_shop_at(&api, &fleet.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, STOCK).await?;
    let crowd = Crowd::default();
    let buying = join_all((0..SHOPPERS).map(|_| crowd.buy(&api, &shop, &goods)));
    let killing = async {
        let killed = kill_roles(&mut fleet, &mut chance).await;
        crowd.stop();
        killed
    };
    let (bought, killed) = tokio::join!(buying, killing);
    killed?;
    all_are_there_once(&api, &goods, bought).await?;
    assert_eq!(fleet.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_only_process_killed_amid_sales_loses_nothing_and_does_nothing_twice()
-> anyhow::Result<()> {
    let mut chance = Chance::of(seed());
    let folder = Folder::new()?;
    let mut market = Alone::start(&[], embedded(&folder.join("data")), &folder).await?;
    let api = market.api.clone();
    let shop = open_shop_at(&api, &market.operator, "Trái cây").await?;
    let goods = sell(&shop, "Xoài", 85_000, STOCK).await?;
    let crowd = Crowd::default();
    let buying = join_all((0..SHOPPERS).map(|_| crowd.buy(&api, &shop, &goods)));
    let killing = async {
        let killed = kill_again_and_again(&mut market.process, &mut chance).await;
        crowd.stop();
        killed
    };
    let (bought, killed) = tokio::join!(buying, killing);
    killed?;
    all_are_there_once(&api, &goods, bought).await?;
    assert_eq!(findings(&market.settings).await?, Vec::<String>::new());
    market.process.stop().await
}
