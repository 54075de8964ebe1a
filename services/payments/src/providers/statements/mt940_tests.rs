//! Statements of MT940: the samples, and what banks write beside the standard.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const SAMPLES: [(&str, &[u8]); 2] = [
    ("wolph-cmxl-mt940.yml", include_bytes!("../../../samples/statements/wolph-cmxl-mt940.sta")),
    (
        "wolph-jejik-abnamro.yml",
        include_bytes!("../../../samples/statements/wolph-jejik-abnamro.sta"),
    ),
];

/// What the library `mt940` reads of the samples (see SOURCES.md).
fn expected(name: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../../samples/statements/mt940-expected.json"))
            .unwrap();
    all[name].as_array().unwrap().clone()
}

/// Letters and digits: where lines are broken does not count.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn every_movement_of_the_samples_is_as_it_is_expected() {
    for (name, sample) in SAMPLES {
        let lines: Vec<StatementLine> = read(sample).map(Result::unwrap).collect();
        let expected = expected(name);
        assert_eq!(lines.len(), expected.len(), "{name}");
        for (line, expected) in lines.iter().zip(expected) {
            let text = |key: &str| expected[key].as_str().unwrap_or_default().to_owned();
            let currency: Currency = text("currency").parse().unwrap();
            let amount = text("amount");
            let minor = decimal(amount.trim_start_matches('-'), '.', currency).unwrap();
            assert_eq!(
                line.amount,
                signed(minor, !amount.starts_with('-'), currency),
                "{expected}"
            );
            let day =
                line.booked_at.to_utc().to_offset(time::macros::offset!(+7)).date().to_string();
            let booked =
                if text("entry_date").is_empty() { text("date") } else { text("entry_date") };
            assert_eq!(day, booked, "{expected}");
            let own = Some(text("customer_reference")).filter(|own| own != "NONREF");
            let reference = Some(text("bank_reference")).filter(|bank| !bank.is_empty()).or(own);
            assert_eq!(line.bank_reference, reference.unwrap_or_default(), "{expected}");
            let told = [text("details"), text("purpose")].concat();
            if !told.is_empty() {
                assert_eq!(letters(&line.memo), letters(&told), "{expected}");
            }
            if let Some(name) = expected["applicant_name"].as_str() {
                assert_eq!(line.counterparty_name.as_deref().map(letters), Some(letters(name)));
            }
        }
    }
}

#[test]
fn accounts_lines_and_several_statements_are_told_apart() {
    let lines: Vec<StatementLine> = read(SAMPLES[1].1).map(Result::unwrap).collect();
    assert_eq!(lines[0].account, "517852257");
    assert_eq!((lines[0].line, lines[9].line), (8, 38));
    let lines: Vec<StatementLine> = read(SAMPLES[0].1).map(Result::unwrap).collect();
    let accounts: Vec<&str> = lines.iter().map(|line| line.account.as_str()).collect();
    assert_eq!(
        accounts[10..],
        ["76198810", "1234567", "1234567", "320000546101", "320000546101", "320000546101"]
    );
}

#[test]
fn a_credit_that_is_taken_back_goes() {
    let text = ":20:A\n:25:1\n:60F:C240901VND0,\n:61:2409010901RC500000,NTRFNONREF\n:86:tra lai\n\
        :61:2409010901RD500000,NTRFNONREF//X1\n";
    let amounts: Vec<i64> = read(text.as_bytes()).map(|line| line.unwrap().amount.minor).collect();
    assert_eq!(amounts, [-500_000, 500_000]);
}

#[test]
fn what_is_not_understood_is_told_and_the_rest_is_read() {
    let text = ":20:A\n:25:1\n:60F:C240901VND0,\n:61:2413010901C5,NTRFNONREF\n:61:2409010901X5,NTRF\n\
        :61:2409010901C5,5NTRFNONREF\n:61:2409010901C7,NTRFNONREF\n:86:tot\n:20:B\n:60F:C240901XXX0,\n:61:240901C1,NTRF\n";
    let told: Vec<Result<i64, (u64, String)>> = read(text.as_bytes())
        .map(|line| {
            line.map(|line| line.amount.minor)
                .map_err(|problem| (problem.line, problem.reason.to_string()))
        })
        .collect();
    assert_eq!(
        told,
        [
            Err((4, "\"2413010901\" is no date".to_owned())),
            Err((5, "neither a credit nor a debit, or both".to_owned())),
            Err((6, "\"5,5\" is no amount".to_owned())),
            Ok(7),
            Err((11, "\"XXX\" is no known currency".to_owned())),
        ]
    );
}

proptest! {
    #[test]
    fn any_bytes_and_any_cut_are_read_without_harm(
        noise in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), sample in 0usize..2,
    ) {
        let sample = SAMPLES[sample].1;
        let cut = at.index(sample.len());
        let whole: Vec<Item> = read(&sample[..cut]).collect();
        let all = read(sample).count();
        prop_assert!(whole.len() <= all);
        let mut disturbed = sample[..cut].to_vec();
        disturbed.extend(&noise);
        disturbed.extend(&sample[cut..]);
        prop_assert!(read(&disturbed[..]).count() + 2 + noise.len() >= all);
        drop(read(&noise[..]).collect::<Vec<_>>());
    }
}
