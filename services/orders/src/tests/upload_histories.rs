//! 200 tickets scanned off line by two phones, uploaded in parts, in any order, twice: each guest is
//! on board once, and the earliest scan counts.

use std::collections::BTreeMap;

use platform::testing::TestDatabase;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::bookings::{Scan, ScanOutcome};

use super::fakes::Trip;
use super::*;

const GUESTS: usize = 200;

/// A scan of a phone, in the words of the generator.
#[derive(Clone, Debug)]
struct Seen {
    guest: usize,
    second: u64,
    phone: bool,
}

/// What two phones saw: every guest by one of them at least, some by both, and in which parts and
/// order it is uploaded.
fn histories() -> impl Strategy<Value = (Vec<Seen>, Vec<usize>, u64)> {
    let once = proptest::collection::vec((0u64..600, any::<bool>()), GUESTS);
    let more = proptest::collection::vec((0..GUESTS, 0u64..600, any::<bool>()), 0..120);
    let parts = proptest::collection::vec(1usize..120, 4..12);
    (once, more, parts, any::<u64>()).prop_map(|(once, more, parts, shuffle)| {
        let mut seen: Vec<Seen> = once
            .into_iter()
            .enumerate()
            .map(|(guest, (second, phone))| Seen { guest, second, phone })
            .collect();
        seen.extend(more.into_iter().map(|(guest, second, phone)| Seen { guest, second, phone }));
        (seen, parts, shuffle)
    })
}

async fn replay(
    bench: &Bench,
    trip: &Trip,
    codes: &[String],
    history: &(Vec<Seen>, Vec<usize>, u64),
) {
    let (seen, parts, shuffle) = history;
    let began = bench.clock.now();
    let mut scans: Vec<Scan> = seen
        .iter()
        .enumerate()
        .map(|(number, seen)| Scan {
            device: format!("phone {}", seen.phone),
            ..bench.scan(
                &format!("{number:08}-{}", seen.phone),
                &codes[seen.guest],
                Duration::from_secs(seen.second),
            )
        })
        .collect();
    // Off line for ten minutes, then both have a network.
    bench.clock.advance(Duration::from_secs(600));
    let wanted = expected(&scans);
    scans.sort_by_key(|scan| {
        scan.nonce.bytes().fold(*shuffle | 1, |hash, byte| {
            hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(byte))
        })
    });
    let twice: Vec<Scan> = scans.iter().chain(scans.iter().rev()).cloned().collect();
    let (mut rest, mut part) = (&twice[..], parts.iter().cycle());
    while !rest.is_empty() {
        // Two uploads at the same time.
        let mut uploads = Vec::new();
        for _ in 0..2 {
            let (now, later) = rest.split_at(rest.len().min(*part.next().unwrap()));
            rest = later;
            let (bench, trip, now) = (bench.clone(), trip.clone(), now.to_vec());
            uploads.push(tokio::spawn(async move { bench.redeem(&trip, &now).await.unwrap() }));
        }
        for upload in futures_util::future::join_all(uploads).await {
            upload.unwrap();
        }
    }
    let told = bench.redeem(trip, &scans).await.unwrap();
    let told: BTreeMap<String, ScanOutcome> =
        told.iter().map(|result| (result.nonce.clone(), result.outcome())).collect();
    assert_eq!(told, wanted);
    let manifest = bench.manifest(trip).await;
    assert_eq!((manifest.people, manifest.redeemed), (GUESTS as u32, GUESTS as u32));
    for ticket in &manifest.tickets {
        let of_guest = scans.iter().filter(|scan| scan.code == ticket.code);
        assert_eq!(Some(ticket.redeemed_at), of_guest.map(|scan| scan.scanned_at).min());
        assert!(ticket.redeemed_at >= began.micros());
    }
    bench.assert_sound().await;
}

/// What each scan must come to: the earliest of a guest is the entry (of the same moment the one
/// with the smaller nonce), every other one finds the guest on board.
fn expected(scans: &[Scan]) -> BTreeMap<String, ScanOutcome> {
    let mut first: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for scan in scans {
        let this = (scan.scanned_at, scan.nonce.as_str());
        let best = first.entry(&scan.code).or_insert(this);
        *best = (*best).min(this);
    }
    let outcome = |scan: &Scan| {
        if first[scan.code.as_str()].1 == scan.nonce {
            ScanOutcome::Admitted
        } else {
            ScanOutcome::AlreadyAdmitted
        }
    };
    scans.iter().map(|scan| (scan.nonce.clone(), outcome(scan))).collect()
}

/// A departure with its guests, today.
async fn full_boat(database: Database) -> (Bench, Trip, Vec<String>) {
    let bench = Bench::on(database);
    let trip = bench.trip_in(1, GUESTS as u32);
    let bought = bench.bought(&[(&trip.adult, GUESTS as i64)]).await;
    let codes = bench.tickets(&bought).await.into_iter().map(|ticket| ticket.code).collect();
    (bench, trip, codes)
}

#[test]
fn uploads_in_any_order_end_in_the_same_state_on_sqlite() {
    run(12, false);
}

#[test]
fn uploads_in_any_order_end_in_the_same_state_on_postgresql() {
    run(6, true);
}

fn run(cases: u32, postgres: bool) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases, max_shrink_iters: 40, ..Config::default() };
    let outcome = TestRunner::new(config).run(&histories(), |history| {
        runtime.block_on(async {
            let test = if postgres {
                TestDatabase::postgres::<migrations::orders::Migrator>().await
            } else {
                TestDatabase::sqlite::<migrations::orders::Migrator>().await
            };
            let (bench, trip, codes) = full_boat(test.database.clone()).await;
            replay(&bench, &trip, &codes, &history).await;
            drop(bench);
            test.close().await;
        });
        Ok(())
    });
    outcome.unwrap();
}
