//! How many slips of the finger are forgiven, and whether two words are that close.

/// Slips forgiven in a word, by its length in letters: Vietnamese syllables are short, and with one
/// slip in three letters everything would look like everything.
pub(super) fn forgiven(word: &str) -> u8 {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Whether a word becomes another with so many slips or fewer: a letter too many, too few, wrong,
/// or two neighbours swapped (the optimal string alignment distance).
pub(super) fn within(left: &str, right: &str, slips: u8) -> bool {
    let slips = usize::from(slips);
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > slips {
        return false;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let wrong = last[j] + usize::from(a != b);
            let mut fewest = wrong.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                fewest = fewest.min(before_last[j - 1] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()] <= slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_forgive_nothing_and_long_ones_two_slips() {
        assert_eq!(["", "pia", "banh", "saurien", "saurieng"].map(forgiven), [0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_slip_is_a_letter_too_many_too_few_wrong_or_two_swapped() {
        for (left, right, distance) in [
            ("rieng", "rieng", 0),
            ("rienng", "rieng", 1),
            ("rieg", "rieng", 1),
            ("riemg", "rieng", 1),
            ("reing", "rieng", 1),
            ("reinng", "rieng", 2),
            ("", "ab", 2),
        ] {
            assert!(within(left, right, distance), "{left} {right}");
            assert!(distance == 0 || !within(left, right, distance - 1), "{left} {right}");
        }
        assert!(!within("chanh", "banh", 1));
    }
}
