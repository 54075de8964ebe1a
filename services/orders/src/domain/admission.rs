//! Who is on board follows from all that phones saw, in whatever order it arrived: the earliest
//! scan of a ticket lets its guest in, and only an undo in between lets them in again.

use kernel::Timestamp;

/// A scan of one ticket that counts: the ticket was genuine and for this departure and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedScan {
    /// Names it; made by the phone.
    pub nonce: String,
    /// When it was, by the phone's clock (never later than when it arrived).
    pub at: Timestamp,
    /// It takes the entry back.
    pub undo: bool,
}

/// What a scan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The guest came on board with it.
    Admitted,
    /// The guest was on board since.
    AlreadyAdmitted(Timestamp),
    /// The entry was taken back.
    Undone,
    /// Nobody was on board.
    NothingToUndo,
}

/// What each scan comes to, in the order of the scans given, and since when the guest is on board.
///
/// Scans count in the order of their moments, and of their nonces where moments are the same, so the
/// answer does not depend on the order in which they arrived.
pub fn admissions(scans: &[CountedScan]) -> (Vec<Admission>, Option<Timestamp>) {
    let mut order: Vec<usize> = (0..scans.len()).collect();
    order.sort_by(|left, right| {
        let key = |at: &usize| (scans[*at].at, &scans[*at].nonce);
        key(left).cmp(&key(right))
    });
    let mut on_board: Option<Timestamp> = None;
    let mut outcomes = vec![Admission::NothingToUndo; scans.len()];
    for index in order {
        let scan = &scans[index];
        outcomes[index] = match (scan.undo, on_board) {
            (false, None) => {
                on_board = Some(scan.at);
                Admission::Admitted
            }
            (false, Some(since)) => Admission::AlreadyAdmitted(since),
            (true, Some(_)) => {
                on_board = None;
                Admission::Undone
            }
            (true, None) => Admission::NothingToUndo,
        };
    }
    (outcomes, on_board)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn scan(nonce: usize, at: i64, undo: bool) -> CountedScan {
        CountedScan { nonce: format!("{nonce:04}"), at: Timestamp::from_micros(at), undo }
    }

    #[test]
    fn the_earliest_scan_is_the_entry_and_an_undo_lets_the_guest_in_again() {
        let scans = [
            scan(1, 30, false),
            scan(2, 10, false),
            scan(3, 20, true),
            scan(4, 40, false),
            scan(5, 5, true),
        ];
        let (outcomes, on_board) = admissions(&scans);
        let since = Timestamp::from_micros(30);
        assert_eq!(
            outcomes,
            [
                Admission::Admitted,
                Admission::Admitted,
                Admission::Undone,
                Admission::AlreadyAdmitted(since),
                Admission::NothingToUndo
            ]
        );
        assert_eq!(on_board, Some(since));
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_changes_nothing(
            scans in proptest::collection::vec((0i64..6, any::<bool>()), 0..12),
            shuffle in any::<u64>(),
        ) {
            let scans: Vec<_> = scans.iter().enumerate().map(|(nonce, (at, undo))| scan(nonce, *at, *undo)).collect();
            let mut shuffled = scans.clone();
            shuffled.sort_by_key(|scan| scan.nonce.parse::<u64>().unwrap().wrapping_mul(shuffle | 1) >> 3);
            let by_nonce = |scans: &[CountedScan]| {
                let (outcomes, on_board) = admissions(scans);
                let told: BTreeMap<String, String> =
                    scans.iter().zip(outcomes).map(|(scan, outcome)| (scan.nonce.clone(), format!("{outcome:?}"))).collect();
                (told, on_board)
            };
            prop_assert_eq!(by_nonce(&scans), by_nonce(&shuffled));
            let (outcomes, on_board) = admissions(&scans);
            let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
            let entries = count(Admission::Admitted);
            prop_assert_eq!(entries, count(Admission::Undone) + usize::from(on_board.is_some()));
            prop_assert!(entries > 0 || scans.iter().all(|scan| scan.undo));
        }
    }
}
