//! Disputes: a cardholder's bank contests a payment, takes the money, and keeps it or gives it back.
//! Who bears what was lost is a rule of the market: by default the shops whose orders were paid.

use kernel::{AllocationRefused, Money, MoneyError, OrderId, ShopId, allocate};

/// Who bears a lost dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeBearer {
    /// The shops whose orders were paid.
    Shop,
    /// The market.
    Market,
}

/// How a dispute stands, as far as money is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeEnd {
    /// It goes on.
    Open,
    /// It ended for us: what was taken came back, or comes.
    Won,
    /// What was taken is gone.
    Lost,
}

/// An order of a disputed payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputedOrder {
    /// The order.
    pub order: OrderId,
    /// Whose it is.
    pub shop: ShopId,
    /// What was captured for it.
    pub captured: Money,
    /// What of it went back, or is on its way.
    pub refunded: Money,
}

/// What of a lost dispute is not borne yet: above zero it must be taken, below it must be given back.
///
/// `taken` is what the bank holds now. It may change after the end: banks correct themselves.
pub fn still_to_bear(end: DisputeEnd, taken: Money, borne: Money) -> Result<Money, MoneyError> {
    match end {
        DisputeEnd::Lost => taken.checked_sub(borne),
        DisputeEnd::Open | DisputeEnd::Won => borne.checked_neg(),
    }
}

/// What of a loss is paid with the contested money itself, where it came second and `left` of it is still with
/// us: it is the cardholder's, who has it back now.
pub fn paid_with_surplus(lost: Money, left: Money) -> Money {
    if lost.currency != left.currency {
        return Money::zero(lost.currency);
    }
    Money::new(lost.minor.min(left.minor).max(0), lost.currency)
}

/// Each order's share of an amount, in proportion to what of it was not refunded; if nothing is left of
/// any, to what was captured. The shares sum to the amount.
pub fn shares(amount: Money, orders: &[DisputedOrder]) -> Result<Vec<Money>, AllocationRefused> {
    let weight = |minor: i64| u64::try_from(minor).unwrap_or(0);
    let left = |order: &DisputedOrder| weight(order.captured.minor - order.refunded.minor);
    let mut weights: Vec<u64> = orders.iter().map(left).collect();
    if weights.iter().all(|weight| *weight == 0) {
        weights = orders.iter().map(|order| weight(order.captured.minor)).collect();
    }
    allocate(amount, &weights)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::shares as shares_of;
    use super::*;

    fn order(captured: i64, refunded: i64) -> DisputedOrder {
        DisputedOrder {
            order: OrderId::from_uuid(Uuid::from_u128(1)),
            shop: ShopId::from_uuid(Uuid::from_u128(2)),
            captured: Money::vnd(captured),
            refunded: Money::vnd(refunded),
        }
    }

    #[test]
    fn what_is_borne_follows_from_how_it_ended_in_any_order_of_the_news() {
        let money = Money::vnd;
        for (end, taken, borne, expected) in [
            (DisputeEnd::Open, 100, 0, 0),
            (DisputeEnd::Lost, 100, 0, 100),
            (DisputeEnd::Lost, 100, 100, 0),
            // Lost before the money was seen to go: nothing is borne until it is.
            (DisputeEnd::Lost, 0, 0, 0),
            (DisputeEnd::Won, 0, 100, -100),
            (DisputeEnd::Lost, 60, 100, -40),
            (DisputeEnd::Won, 100, 0, 0),
        ] {
            let bears = still_to_bear(end, money(taken), money(borne)).unwrap();
            assert_eq!(bears, money(expected), "{end:?} {taken} {borne}");
        }
    }

    #[test]
    fn a_loss_is_paid_with_what_is_left_of_the_money_itself_and_no_more() {
        let money = Money::vnd;
        for (lost, left, expected) in
            [(100, 100, 100), (100, 40, 40), (40, 100, 40), (100, 0, 0), (100, -5, 0), (0, 100, 0)]
        {
            assert_eq!(paid_with_surplus(money(lost), money(left)), money(expected));
        }
        let other = Money::new(100, kernel::Currency::Usd);
        assert_eq!(paid_with_surplus(money(100), other), money(0));
    }

    #[test]
    fn shares_go_by_what_is_left_of_each_order_and_sum_to_the_whole() {
        let shares = |amount, orders: &[DisputedOrder]| -> Vec<i64> {
            shares_of(Money::vnd(amount), orders).unwrap().iter().map(|one| one.minor).collect()
        };
        assert_eq!(shares(100, &[order(60, 0), order(40, 0)]), [60, 40]);
        assert_eq!(shares(40, &[order(60, 60), order(40, 0)]), [0, 40]);
        assert_eq!(shares(100, &[order(60, 60), order(40, 40)]), [60, 40]);
        assert_eq!(
            shares(-100, &[order(1, 0), order(1, 0), order(1, 0)]).iter().sum::<i64>(),
            -100
        );
        assert!(shares_of(Money::vnd(1), &[]).is_err());
    }
}
