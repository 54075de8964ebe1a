//! By which bank credit a card provider's payout came. Amount and time alone never say so: the bank's
//! reference does, or the text that the provider has the bank write, if it can mean one payout only.

use std::time::Duration;

use kernel::Timestamp;

/// The rule of a reference that the provider and the bank both tell.
pub const BY_REFERENCE: &str = "card_payout_reference/1";
/// The rule of the provider's text in the memo, within the days in which the payout arrives.
pub const BY_DESCRIPTOR: &str = "card_payout_descriptor/1";

/// The shortest reference and text that mean anything.
const SHORTEST_REFERENCE: usize = 6;
const SHORTEST_DESCRIPTOR: usize = 4;
/// Banks book a day early where it is later in the day than in UTC, and late over holidays.
const EARLY: Duration = Duration::from_secs(24 * 3_600);
const LATE: Duration = Duration::from_secs(5 * 24 * 3_600);

/// What is known of a payout.
#[derive(Clone, Copy, Debug)]
pub struct Awaited<'a> {
    /// The bank's reference, as the provider tells it.
    pub reference: Option<&'a str>,
    /// What the provider has the bank write.
    pub descriptor: Option<&'a str>,
    /// When the bank should book it.
    pub arrives_at: Timestamp,
}

/// What is known of a credit of exactly the payout's amount.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The memo.
    pub memo: &'a str,
    /// The bank's reference.
    pub reference: &'a str,
    /// Who sent it.
    pub counterparty: &'a str,
    /// When the bank booked it.
    pub booked_at: Timestamp,
}

/// The rule by which a credit may be that of a payout; none if nothing says so.
pub fn rule_of(awaited: Awaited<'_>, candidate: Candidate<'_>) -> Option<&'static str> {
    let told = [candidate.reference, candidate.memo].map(folded);
    let reference = awaited.reference.map(folded).unwrap_or_default();
    let tells = |text: &String| text.contains(&reference);
    if reference.len() >= SHORTEST_REFERENCE && told.iter().any(tells) {
        return Some(BY_REFERENCE);
    }
    let descriptor = awaited.descriptor.map(folded).unwrap_or_default();
    let written = [candidate.memo, candidate.counterparty].map(folded);
    let within = awaited.arrives_at.before(EARLY) <= candidate.booked_at
        && candidate.booked_at <= awaited.arrives_at.after(LATE);
    let writes = |text: &String| text.contains(&descriptor);
    let says = descriptor.len() >= SHORTEST_DESCRIPTOR && written.iter().any(writes);
    (within && says).then_some(BY_DESCRIPTOR)
}

/// Letters and digits in upper case: banks change everything else.
fn folded(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3_600 * 1_000_000;

    fn rule(
        reference: Option<&str>,
        descriptor: Option<&str>,
        memo: &str,
        day: i64,
    ) -> Option<&'static str> {
        let awaited =
            Awaited { reference, descriptor, arrives_at: Timestamp::from_micros(10 * DAY) };
        let booked_at = Timestamp::from_micros(day * DAY);
        rule_of(awaited, Candidate { memo, reference: "FT1", counterparty: "", booked_at })
    }

    #[test]
    fn a_reference_is_enough_on_any_day_and_a_text_within_its_days_only() {
        assert_eq!(rule(Some("TRACE-0099"), None, "ct di trace 0099.x", 40), Some(BY_REFERENCE));
        for (day, expected) in
            [(8, None), (9, Some(BY_DESCRIPTOR)), (15, Some(BY_DESCRIPTOR)), (16, None)]
        {
            assert_eq!(
                rule(None, Some("STRIPE PAYOUT"), "stripe-payout CHO NOI", day),
                expected,
                "{day}"
            );
        }
    }

    #[test]
    fn amount_and_time_alone_say_nothing() {
        assert_eq!(rule(None, None, "chuyen khoan", 10), None);
        assert_eq!(rule(Some(""), Some(""), "chuyen khoan", 10), None);
        assert_eq!(rule(Some("12"), Some("CT"), "12 ct", 10), None);
        assert_eq!(rule(Some("TRACE-0099"), Some("STRIPE"), "chuyen khoan", 10), None);
    }
}
