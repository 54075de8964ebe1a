//! Splitting an amount so that the parts sum to the whole.

use crate::Money;

/// Why an amount could not be split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocationRefused {
    /// There is no weight, or all weights are zero.
    #[error("there is nothing to allocate to")]
    NoWeights,
}

/// Splits an amount by weights with the largest-remainder method: the parts sum to the whole
/// exactly, and no part is further than one minor unit from its fair share. Of equal remainders
/// the earlier part gets the unit, so the answer is always the same.
pub fn allocate(whole: Money, weights: &[u64]) -> Result<Vec<Money>, AllocationRefused> {
    let total: u128 = weights.iter().copied().map(u128::from).sum();
    if total == 0 {
        return Err(AllocationRefused::NoWeights);
    }
    let amount = u128::from(whole.minor.unsigned_abs());
    let mut parts: Vec<u128> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
    for (index, &weight) in weights.iter().enumerate() {
        let share = amount * u128::from(weight);
        parts.push(share / total);
        remainders.push((share % total, index));
    }
    let missing = amount - parts.iter().sum::<u128>();
    remainders.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    for &(_, index) in remainders.iter().take(missing as usize) {
        parts[index] += 1;
    }
    let sign = if whole.is_negative() { -1_i128 } else { 1 };
    // A part is never larger than the whole, which fits 64 bits.
    Ok(parts
        .into_iter()
        .map(|part| Money { minor: (sign * part as i128) as i64, ..whole })
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_odd_dong_goes_to_the_largest_remainder() {
        let parts = allocate(Money::vnd(100), &[1, 1, 1]).unwrap();
        assert_eq!(parts, [Money::vnd(34), Money::vnd(33), Money::vnd(33)]);
        assert_eq!(allocate(Money::vnd(1), &[0, 0]), Err(AllocationRefused::NoWeights));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_stay_fair(
            minor in any::<i64>(),
            weights in proptest::collection::vec(any::<u32>().prop_map(u64::from), 1..20),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = allocate(Money::vnd(minor), &weights).unwrap();
            let sum: i128 = parts.iter().map(|part| i128::from(part.minor)).sum();
            prop_assert_eq!(sum, i128::from(minor));
            let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let off = i128::from(part.minor) * total - i128::from(minor) * i128::from(*weight);
                prop_assert!(off.abs() < total);
            }
        }
    }
}
