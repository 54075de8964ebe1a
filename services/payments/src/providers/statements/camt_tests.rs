//! Statements of camt: the samples, and what is broken.

use proptest::prelude::*;

use super::*;

const V2: &[u8] =
    include_bytes!("../../../samples/statements/genkgo-camt053.v2.multi.statement.xml");
const V4: &[u8] = include_bytes!("../../../samples/statements/genkgo-camt053.v4.xml");
const V8: &[u8] = include_bytes!("../../../samples/statements/genkgo-camt054.v8.xml");

fn told(sample: &[u8]) -> Vec<(String, String, String)> {
    read(sample)
        .map(Result::unwrap)
        .map(|line| {
            let amount = format!("{} {}", line.amount.to_decimal_string(), line.amount.currency);
            (line.account, amount, line.memo)
        })
        .collect()
}

#[test]
fn several_statements_of_one_file_are_read() {
    let lines: Vec<StatementLine> = read(V2).map(Result::unwrap).collect();
    assert_eq!(lines.len(), 2);
    let first = &lines[0];
    assert_eq!(first.account, "NL26VAYB8060476890");
    assert_eq!(first.amount, Money::new(885, Currency::Eur));
    assert_eq!(first.booked_at.to_rfc3339(), "2014-12-30T17:00:00Z");
    assert!(first.memo.contains("000000001"), "{}", first.memo);
    assert_eq!(
        first.line,
        String::from_utf8_lossy(V2).lines().position(|line| line.contains("<Ntry>")).unwrap()
            as u64
            + 1
    );
}

#[test]
fn the_samples_of_later_versions_are_read() {
    let lines = told(V4);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].1, "8.85 EUR");
    // Three transactions in francs of one entry in crowns: they do not sum to it, so it is one line.
    let lines = told(V8);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].0.as_str(), lines[0].1.as_str()),
        ("CH2801234000123456789", "-200000.00 SEK")
    );
    assert!(
        lines[0].2.contains("Unstructured Remittance Information V3 block 1"),
        "{}",
        lines[0].2
    );
    assert!(lines[0].2.contains("Ref number V3 block 2"));
}

fn entry(transactions: &str) -> String {
    format!(
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>0011</Id></Othr></Id></Acct>\
         <Ntry><NtryRef>R</NtryRef><Amt Ccy='VND'>300000</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><DtTm>2024-09-01T14:23:05+07:00</DtTm></BookgDt>\
         <NtryDtls>{transactions}</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
    )
}

#[test]
fn transactions_that_sum_to_their_entry_are_lines_of_their_own() {
    let transaction = |amount: &str, memo: &str| {
        format!(
            "<TxDtls><Refs><AcctSvcrRef>S-{memo}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy='VND'>{amount}</Amt>\
             <RltdPties><Dbtr><Nm>LÊ &amp; MINH</Nm></Dbtr><DbtrAcct><Id><IBAN>VN1</IBAN></Id></DbtrAcct></RltdPties>\
             <RmtInf><Ustrd>tra</Ustrd><Ustrd>{memo}</Ustrd></RmtInf></TxDtls>"
        )
    };
    let text = entry(&[transaction("100000", "A1"), transaction("200000", "B2")].concat());
    let lines: Vec<StatementLine> = read(text.as_bytes()).map(Result::unwrap).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.amount.minor, line.memo.as_str(), line.bank_reference.as_str()))
        .collect();
    assert_eq!(told, [(100_000, "tra A1", "S-A1"), (200_000, "tra B2", "S-B2")]);
    assert_eq!(lines[0].account, "0011");
    assert_eq!(lines[0].counterparty_name.as_deref(), Some("LÊ & MINH"));
    assert_eq!(lines[0].counterparty_account.as_deref(), Some("VN1"));
    assert_eq!(lines[0].booked_at.to_rfc3339(), "2024-09-01T07:23:05Z");
    let text = entry(&[transaction("100000", "A1"), transaction("100000", "B2")].concat());
    let lines: Vec<StatementLine> = read(text.as_bytes()).map(Result::unwrap).collect();
    assert_eq!((lines.len(), lines[0].amount.minor), (1, 300_000));
    assert_eq!(lines[0].memo, "tra A1 tra B2");
}

#[test]
fn what_is_not_understood_is_told() {
    let good = entry("");
    for (wrong, reason) in [
        (good.replace("300000", "3,5"), "\"3,5\" is no amount"),
        (good.replace("VND", "XYZ"), "\"XYZ\" is no known currency"),
        (good.replace("CRDT", "?"), "neither a credit nor a debit, or both"),
        (good.replace("2024-09", "hom qua"), "\"hom qua-01T14:23:05+07:00\" is no date"),
        (good[..good.find("<NtryDtls>").unwrap()].to_owned(), "the file ends within an entry"),
    ] {
        let told: Vec<String> = read(wrong.as_bytes())
            .map(|line| {
                line.map_or_else(|problem| problem.reason.to_string(), |line| format!("{line:?}"))
            })
            .collect();
        assert_eq!(told, [reason]);
    }
}

proptest! {
    #[test]
    fn any_bytes_and_any_cut_are_read_without_harm(
        noise in proptest::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(),
    ) {
        let cut = at.index(V4.len());
        drop(read(&V4[..cut]).collect::<Vec<_>>());
        let mut disturbed = V4[..cut].to_vec();
        disturbed.extend(&noise);
        disturbed.extend(&V4[cut..]);
        drop(read(&disturbed[..]).collect::<Vec<_>>());
        drop(read(&noise[..]).collect::<Vec<_>>());
    }
}
