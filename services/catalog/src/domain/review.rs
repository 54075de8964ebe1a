//! Reviews: what a buyer says of a product, once, and what they come to.

use kernel::{ProductId, ReviewId, Timestamp, UserId};

/// The best rating; the worst is 1.
pub const MAX_RATING: u32 = 5;
/// The longest text, in characters.
pub const MAX_TEXT: usize = 2_000;
/// The longest reason for which a review is removed, in characters.
pub const MAX_REASON: usize = 500;
/// The longest name that is shown, in characters.
const MAX_AUTHOR: usize = 40;

/// What a buyer says of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Of which product.
    pub product: ProductId,
    /// Who says it.
    pub buyer: UserId,
    /// How they are called here.
    pub author: String,
    /// 1 to 5.
    pub rating: u32,
    /// In words, or nothing.
    pub text: String,
    /// When it was said first.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How it was removed, if it was.
    pub removal: Option<Removal>,
}

/// How an operator removed a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: UserId,
    /// Why.
    pub because: String,
}

/// What is wrong with what somebody wants to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewProblem {
    /// The rating is not 1 to 5.
    Rating,
    /// The text is too long.
    TooLong,
    /// The text holds characters that nobody sees.
    ControlCharacter,
}

/// What is wrong with a review that somebody wants to write.
pub fn problem(rating: u32, text: &str) -> Option<ReviewProblem> {
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if !(1..=MAX_RATING).contains(&rating) {
        Some(ReviewProblem::Rating)
    } else if text.chars().count() > MAX_TEXT {
        Some(ReviewProblem::TooLong)
    } else if text.chars().any(hidden) {
        Some(ReviewProblem::ControlCharacter)
    } else {
        None
    }
}

/// The name under a review: the last of a person's names, which in Vietnam is the given one. Who bought
/// what is nobody else's business.
pub fn author(name: &str) -> String {
    let given = name.split_whitespace().next_back().unwrap_or_default();
    given.chars().filter(|c| !c.is_control()).take(MAX_AUTHOR).collect()
}

/// What the reviews of a product come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rating {
    /// All ratings together.
    pub sum: i64,
    /// How many there are.
    pub count: i64,
}

impl Rating {
    /// With one more.
    #[must_use]
    pub fn with(self, rating: u32) -> Self {
        Self { sum: self.sum + i64::from(rating), count: self.count + 1 }
    }

    /// With one less.
    #[must_use]
    pub fn without(self, rating: u32) -> Self {
        Self { sum: self.sum - i64::from(rating), count: self.count - 1 }
    }

    /// The average in hundredths, rounded half up; 0 where nobody said anything.
    pub const fn hundredths(self) -> i64 {
        if self.count == 0 { 0 } else { (self.sum * 200 + self.count) / (self.count * 2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_half_up_and_none_is_nothing() {
        let rated =
            |ratings: &[u32]| ratings.iter().fold(Rating::default(), |sum, one| sum.with(*one));
        assert_eq!(Rating::default().hundredths(), 0);
        assert_eq!(rated(&[4]).hundredths(), 400);
        assert_eq!(rated(&[5, 4, 4]).hundredths(), 433);
        assert_eq!(rated(&[5, 5, 4]).hundredths(), 467);
        assert_eq!(rated(&[5, 5, 5, 5, 5, 5, 5, 4]).hundredths(), 488);
        assert_eq!(rated(&[5, 1]).without(1), rated(&[5]));
        assert_eq!(rated(&[3]).without(3), Rating::default());
    }

    #[test]
    fn only_the_given_name_is_shown() {
        assert_eq!(author("Nguyễn Thị Bé Ba"), "Ba");
        assert_eq!(author("  An  "), "An");
        assert_eq!(author(""), "");
        assert_eq!(author(&"x".repeat(100)).chars().count(), 40);
    }

    #[test]
    fn what_cannot_be_said_is_told() {
        assert_eq!(problem(5, "Ngon!\nSẽ mua nữa."), None);
        assert_eq!(problem(0, ""), Some(ReviewProblem::Rating));
        assert_eq!(problem(6, ""), Some(ReviewProblem::Rating));
        assert_eq!(problem(1, &"x".repeat(MAX_TEXT + 1)), Some(ReviewProblem::TooLong));
        assert_eq!(problem(1, "x\0"), Some(ReviewProblem::ControlCharacter));
    }
}
