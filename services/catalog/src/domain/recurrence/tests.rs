//! The examples of RFC 5545, what is refused, and that everything ends.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn moments_with(
    start: &str,
    rule: &str,
    except: &[&str],
) -> Result<Vec<PrimitiveDateTime>, RuleRefused> {
    let except: Vec<Excluded> = except.iter().map(|text| excluded(text).unwrap()).collect();
    rule.parse::<Rule>()?.moments(moment(start).unwrap(), &except)
}

/// Days of the moments as `9-02` (month and day), or the refusal.
fn days(start: &str, rule: &str) -> Result<Vec<String>, RuleRefused> {
    let day =
        |moment: PrimitiveDateTime| format!("{}-{:02}", u8::from(moment.month()), moment.day());
    Ok(moments_with(start, rule, &[])?.into_iter().map(day).collect())
}

fn times(start: &str, rule: &str) -> Vec<String> {
    let time = |moment: PrimitiveDateTime| {
        format!("{}T{:02}:{:02}", moment.day(), moment.hour(), moment.minute())
    };
    moments_with(start, rule, &[]).unwrap().into_iter().map(time).collect()
}

/// The examples of RFC 5545, 3.8.5.3, that tours can have. Where an example has no end, one is given
/// that gives the days that the text lists.
#[test]
fn the_examples_of_rfc_5545_hold() {
    const START: &str = "1997-09-02T09:00";
    let cases: [(&str, &str, &str); 27] = [
        (START, "FREQ=DAILY;COUNT=10", "9-02 9-03 9-04 9-05 9-06 9-07 9-08 9-09 9-10 9-11"),
        (START, "FREQ=DAILY;INTERVAL=2;COUNT=5", "9-02 9-04 9-06 9-08 9-10"),
        (START, "FREQ=DAILY;INTERVAL=10;COUNT=5", "9-02 9-12 9-22 10-02 10-12"),
        (START, "FREQ=WEEKLY;COUNT=4", "9-02 9-09 9-16 9-23"),
        (START, "FREQ=WEEKLY;UNTIL=19971007T000000Z", "9-02 9-09 9-16 9-23 9-30"),
        (START, "FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=5", "9-02 9-16 9-30 10-14 10-28"),
        (
            START,
            "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            "9-02 9-04 9-09 9-11 9-16 9-18 9-23 9-25 9-30 10-02",
        ),
        (
            "1997-09-01T09:00",
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971007;WKST=SU;BYDAY=MO,WE,FR",
            "9-01 9-03 9-05 9-15 9-17 9-19 9-29 10-01 10-03",
        ),
        (
            START,
            "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            "9-02 9-04 9-16 9-18 9-30 10-02 10-14 10-16",
        ),
        ("1997-09-05T09:00", "FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "9-05 10-03 11-07 12-05"),
        (
            "1997-09-07T09:00",
            "FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1SU,-1SU",
            "9-07 9-28 11-02 11-30 1-04 1-25",
        ),
        ("1997-09-22T09:00", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "9-22 10-20 11-17 12-22 1-19 2-16"),
        ("1997-09-28T09:00", "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=4", "9-28 10-29 11-28 12-29"),
        (START, "FREQ=MONTHLY;COUNT=6;BYMONTHDAY=2,15", "9-02 9-15 10-02 10-15 11-02 11-15"),
        (
            "1997-09-30T09:00",
            "FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1",
            "9-30 10-01 10-31 11-01 11-30",
        ),
        (
            "1997-09-10T09:00",
            "FREQ=MONTHLY;INTERVAL=18;COUNT=8;BYMONTHDAY=10,11,12,13,14,15",
            "9-10 9-11 9-12 9-13 9-14 9-15 3-10 3-11",
        ),
        (
            START,
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;COUNT=9",
            "9-02 9-09 9-16 9-23 9-30 11-04 11-11 11-18 11-25",
        ),
        ("1997-06-10T09:00", "FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "6-10 7-10 6-10 7-10"),
        ("1997-05-19T09:00", "FREQ=YEARLY;BYDAY=20MO;COUNT=2", "5-19 5-18"),
        (
            "1997-03-13T09:00",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=7",
            "3-13 3-20 3-27 3-05 3-12 3-19 3-26",
        ),
        ("1998-02-13T09:00", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=4", "2-13 3-13 11-13 8-13"),
        (
            "1997-09-13T09:00",
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=6",
            "9-13 10-11 11-08 12-13 1-10 2-07",
        ),
        ("1997-09-04T09:00", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "9-04 10-07 11-06"),
        (
            "1997-09-29T09:00",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4",
            "9-29 10-30 11-27 12-30",
        ),
        (
            "1997-08-05T09:00",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "8-05 8-10 8-19 8-24",
        ),
        (
            "1997-08-05T09:00",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "8-05 8-17 8-19 8-31",
        ),
        ("2007-01-15T09:00", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "1-15 1-30 2-15 3-15 3-30"),
    ];
    for (start, rule, expected) in cases {
        let found = days(start, rule).map(|days| days.join(" "));
        assert_eq!(found.as_deref(), Ok(expected), "{start} {rule}");
    }
}

#[test]
fn every_day_in_january_is_said_in_two_ways() {
    let yearly = "FREQ=YEARLY;UNTIL=19990131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA";
    let daily = "FREQ=DAILY;UNTIL=19990131T140000Z;BYMONTH=1";
    let found = days("1998-01-01T09:00", yearly).unwrap();
    assert_eq!(found.len(), 62);
    assert_eq!(days("1998-01-01T09:00", daily), Ok(found));
}

#[test]
fn hours_and_minutes_are_expanded() {
    // RFC 5545: every 20 minutes from 9 to 16:40 every day.
    let rule = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40;COUNT=25";
    let found = times("1997-09-02T09:00", rule);
    assert_eq!((found[0].as_str(), found[23].as_str()), ("2T09:00", "2T16:40"));
    assert_eq!(found[24], "3T09:00");
    let twice = times("2026-12-01T05:30", "FREQ=DAILY;BYHOUR=5,14;COUNT=4");
    assert_eq!(twice, ["1T05:30", "1T14:30", "2T05:30", "2T14:30"]);
    // BYSETPOS chooses of a period's moments, not of its days.
    let last = times("2026-12-01T05:30", "FREQ=DAILY;BYHOUR=5,14;BYSETPOS=-1;COUNT=2");
    assert_eq!(last, ["1T14:30", "2T14:30"]);
}

#[test]
fn what_is_excluded_is_left_out_and_still_counts() {
    let except = ["2026-12-02", "20261204T053000", "2026-12-05T14:00"];
    let found = moments_with("2026-12-01T05:30", "FREQ=DAILY;COUNT=5", &except).unwrap();
    assert_eq!(found.iter().map(|moment| moment.day()).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn until_is_a_whole_day_a_local_moment_or_one_of_utc() {
    let start = "2026-12-01T05:30";
    let count = |rule: &str| days(start, rule).map(|days| days.len());
    assert_eq!(count("FREQ=DAILY;UNTIL=20261203"), Ok(3));
    assert_eq!(count("FREQ=DAILY;UNTIL=20261203T052959"), Ok(2));
    assert_eq!(count("RRULE:FREQ=DAILY;UNTIL=20261202T223000Z"), Ok(3));
    assert_eq!(count("FREQ=DAILY;UNTIL=20261130"), Ok(0));
}

#[test]
fn what_cannot_be_read_is_refused_and_says_which_part() {
    let cases = [
        ("", "part"),
        ("COUNT=3", "FREQ"),
        ("FREQ=HOURLY;COUNT=3", "FREQ"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "part twice"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL"),
        ("FREQ=DAILY;COUNT=3;BYDAY=1MO", "BYDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=0MO", "BYDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=ĐÔ", "BYDAY"),
        ("FREQ=WEEKLY;COUNT=3;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTH=13", "BYMONTH"),
        ("FREQ=DAILY;COUNT=3;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;COUNT=3;BYMINUTE=", "BYMINUTE"),
        ("FREQ=DAILY;COUNT=3;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;COUNT=3;BYYEARDAY=1", "unknown part"),
        ("FREQ=DAILY;UNTIL=20270231", "UNTIL"),
        ("FREQ=DAILY;INTERVAL=99999999999;COUNT=1", "INTERVAL"),
    ];
    for (rule, part) in cases {
        assert_eq!(days("2026-12-01T05:30", rule), Err(RuleRefused::Invalid(part)), "{rule}");
    }
}

#[test]
fn a_rule_that_goes_on_too_long_is_refused_at_once() {
    let every_minute: Vec<String> = (0..60).map(|minute| minute.to_string()).collect();
    let every_hour: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let all = format!("BYHOUR={};BYMINUTE={}", every_hour.join(","), every_minute.join(","));
    let cases = [
        "FREQ=DAILY".to_owned(),
        "FREQ=DAILY;COUNT=1001".to_owned(),
        "FREQ=DAILY;COUNT=2000000000".to_owned(),
        "FREQ=DAILY;UNTIL=20290101".to_owned(),
        "FREQ=YEARLY;COUNT=4".to_owned(),
        "FREQ=YEARLY;INTERVAL=10000;COUNT=2".to_owned(),
        // Never true: it must not be looked for until the end of time.
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31;COUNT=1".to_owned(),
        format!("FREQ=DAILY;COUNT=1000000;{all}"),
        format!("FREQ=YEARLY;COUNT=1;BYDAY=MO,TU,WE,TH,FR,SA,SU;{all};BYSETPOS=-1"),
    ];
    for rule in cases {
        let begun = Instant::now();
        assert_eq!(days("2026-12-01T05:30", &rule), Err(RuleRefused::TooLarge), "{rule}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{rule}");
    }
    assert_eq!(
        days("2026-12-01T05:30", "FREQ=DAILY;UNTIL=20281201").map(|days| days.len()),
        Ok(732)
    );
}

proptest! {
    /// Whatever is written, it ends soon, in order, and within bounds.
    #[test]
    fn every_rule_ends(
        frequency in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        interval in 1..40,
        count in 1_usize..1_200,
        parts in prop::collection::vec(prop::sample::select(vec![
            "BYMONTH=1,2,12", "BYMONTHDAY=1,-1,31", "BYDAY=MO,SU", "BYDAY=-1FR", "BYHOUR=5,6",
            "BYMINUTE=0,30", "BYSETPOS=1,-1", "WKST=SU", "BYMONTHDAY=29,30",
        ]), 0..5),
    ) {
        let text = format!("FREQ={frequency};INTERVAL={interval};COUNT={count};{}", parts.join(";"));
        let text = text.trim_end_matches(';');
        if let Ok(found) = moments_with("2028-02-29T05:30", text, &[]) {
            prop_assert!(found.len() == count && count <= MAX_MOMENTS);
            prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "[A-Z0-9=;,:+-]{0,60}") {
        let _ = days("2026-12-01T05:30", &format!("FREQ=MONTHLY;COUNT=5;{text}"));
    }
}
