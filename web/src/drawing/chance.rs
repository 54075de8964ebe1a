//! Chance that is the same every time: FNV-1a to hash, xorshift64* to draw numbers.
//!
//! For pictures only. It refuses to be a source of secrets: anyone can predict it.

/// 64-bit FNV-1a (draft-eastlake-fnv) of the parts, with a byte between them that no UTF-8 text
/// holds, so that ("ab", "c") and ("a", "bc") differ.
pub fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A sequence of numbers that follows from its seed alone.
pub struct Chance(u64);

impl Chance {
    /// Starts the sequence. Zero would stay zero for ever in a xorshift, so it is moved.
    pub fn new(seed: u64) -> Self {
        Self(if seed == 0 { 0x9e37_79b9_7f4a_7c15 } else { seed })
    }

    /// The next number (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number from 0 up to, not including, `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.next() as usize % bound.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1).max(1) as usize) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_seed_still_gives_different_numbers() {
        let mut chance = Chance::new(0);
        let drawn: Vec<usize> = (0..8).map(|_| chance.below(1000)).collect();
        assert!(drawn.iter().any(|number| number != &drawn[0]));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut chance = Chance::new(42);
        for _ in 0..1000 {
            assert!(chance.below(5) < 5);
            assert!((-3..=3).contains(&chance.between(-3, 3)));
        }
        assert_eq!(chance.below(0), 0);
    }
}
