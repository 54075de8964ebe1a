//! What of a credit tells who sent it: the account that it came from, and how its memo is worded.

use super::memo::MemoLetters;

/// Where a trait was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// The account that the money came from.
    Account,
    /// The words of the memo, without its digits.
    Memo,
}

impl Seen {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Memo => "memo",
        }
    }
}

/// Fewer letters than this are written by everybody: "CK TIEN HANG".
const FEWEST_LETTERS: usize = 16;

/// The traits of a credit. Digits of a memo are left out: dates, references and codes differ each time.
pub fn traits_of(counterparty_account: Option<&str>, memo: &str) -> Vec<(Seen, String)> {
    let mut traits = Vec::new();
    let account: String = counterparty_account
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    if !account.is_empty() {
        traits.push((Seen::Account, account.to_ascii_uppercase()));
    }
    let letters = MemoLetters::of(memo);
    let words: String = letters
        .letters()
        .iter()
        .filter(|letter| letter.is_ascii_alphabetic())
        .map(|letter| char::from(*letter))
        .collect();
    if words.len() >= FEWEST_LETTERS {
        traits.push((Seen::Memo, words));
    }
    traits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_and_the_words_of_a_memo_tell_who_sent_it() {
        let words = "NGUYENVANATRATIENBANHPIA".to_owned();
        let first = traits_of(Some("0011-22"), "Nguyễn Văn A trả tiền bánh pía 23/11 FT24001");
        assert_eq!(first[0], (Seen::Account, "001122".to_owned()));
        assert!(first[1].1.starts_with(&words), "{first:?}");
        let second = traits_of(None, "NGUYEN VAN A tra tien banh pia 24/11 FT99");
        assert_eq!(second, [first[1].clone()]);
        assert_eq!(traits_of(Some(" "), "ck tien hang 123456789"), []);
    }
}
