//! How sure a suggestion is, when several reasons speak for the same payment.

use super::suggesting::Reason;

/// How much speaks for a suggestion. A person decides, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Something speaks for it.
    Low,
    /// Much speaks for it.
    Medium,
    /// It is most probably this one.
    High,
}

/// How much some reasons together speak for one payment; nothing without a reason.
pub fn confidence(reasons: &[Reason]) -> Option<Confidence> {
    let weight = |reason: &Reason| match reason {
        Reason::NearCodeAndAmount => 4,
        Reason::NearCode | Reason::KnownPayerAndAmount => 3,
        Reason::OnlyOneOfThisAmount | Reason::KnownPayer => 1,
    };
    match reasons.iter().map(weight).sum::<u32>() {
        0 => None,
        1 => Some(Confidence::Low),
        2 | 3 => Some(Confidence::Medium),
        _ => Some(Confidence::High),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_add_up_and_amount_alone_is_never_much() {
        use Reason::{
            KnownPayer, KnownPayerAndAmount, NearCode, NearCodeAndAmount, OnlyOneOfThisAmount,
        };
        for (reasons, expected) in [
            (vec![], None),
            (vec![OnlyOneOfThisAmount], Some(Confidence::Low)),
            (vec![KnownPayer], Some(Confidence::Low)),
            (vec![NearCode], Some(Confidence::Medium)),
            (vec![KnownPayerAndAmount], Some(Confidence::Medium)),
            (vec![KnownPayerAndAmount, OnlyOneOfThisAmount], Some(Confidence::High)),
            (vec![NearCodeAndAmount], Some(Confidence::High)),
        ] {
            assert_eq!(confidence(&reasons), expected, "{reasons:?}");
        }
    }
}
