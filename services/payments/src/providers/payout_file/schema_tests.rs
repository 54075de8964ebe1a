//! Our pain.001.001.09 against the schema that ISO 20022 publishes: order, presence, types and lengths of all
//! elements, judged by a validator that others wrote.
//!
//! `CHONOI_TEST_ISO20022` is the folder that `infra/scripts/install-iso20022.sh` makes and prints. Without it these
//! tests fail rather than pass untested.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use kernel::{Currency, Money};

use super::tests::{parts, transfer};
use super::{OutgoingTransfer, PayoutFile, PayoutFileParts, pain001};
use crate::domain::payee_account::PayeeAccount;
use crate::domain::transfer_code::{TransferCode, TransferPurpose};
use crate::domain::vietnam_calendar::tests::{day, moment};

/// What the schema says of a file: nothing, or what is wrong.
fn judged(xml: &str) -> Result<(), String> {
    let folder: OsString = std::env::var_os("CHONOI_TEST_ISO20022").expect(
        "CHONOI_TEST_ISO20022 must be the folder that infra/scripts/install-iso20022.sh prints",
    );
    let folder = Path::new(&folder);
    let mut validator = Command::new(folder.join("bin/xmlschema-validate"))
        .args(["-v", "--schema"])
        .arg(folder.join("pain.001.001.09.xsd"))
        .arg("/dev/stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    validator.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    let output = validator.wait_with_output().unwrap();
    // What is valid is said on the one, what is not on the other.
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if output.status.success() {
        assert!(said.contains("is valid"), "{said}");
        return Ok(());
    }
    // What ends it otherwise is a fault of the validator's own.
    assert!(said.contains("is not valid"), "{said}");
    Err(said)
}

fn file(parts: PayoutFileParts) -> String {
    pain001::write(&PayoutFile::new(parts).unwrap())
}

/// A refund of cents to the longest number, with a name and words that are cut.
fn longest(number: u64) -> OutgoingTransfer {
    let holder = "Nguyễn Thị <Bưởi> & \"Con\" '".repeat(12);
    OutgoingTransfer {
        reference: TransferCode::from_random(TransferPurpose::Refund, number),
        amount: Money::new(12_345_678_900_000 + number as i64, Currency::Usd),
        payee: PayeeAccount::new("970436", "A123456789012345678", &holder).unwrap(),
        memo: "Hoàn tiền đơn hàng – cảm ơn quý khách 🌸 ".repeat(20),
    }
}

#[test]
fn every_kind_of_file_that_is_written_is_valid_by_the_published_schema() {
    let many = (1..=300).map(|number| transfer(number, number as i64, "Đỗ Văn Tám", "")).collect();
    let cents = PayoutFileParts {
        message_id: "A".repeat(35),
        created_at: moment("2028-02-28T17:00:00Z"),
        execute_on: day("2028-02-29"),
        ..parts((1..=3).map(longest).collect())
    };
    let odd = [("🌸 A", "\u{1}\t\u{85}"), ("]]>", "x"), ("<!-- A", "-- &#0;"), ("@A", "=1+1")]
        .into_iter()
        .zip(1..)
        .map(|((holder, memo), number)| transfer(number, 1, &format!("{holder} B"), memo));
    let one = vec![transfer(1, i64::from(i32::MAX), "Lê Thị Bưởi", "Tiền hàng ngày 20/11")];
    let named_shortest = PayoutFileParts { message_id: "1".to_owned(), ..parts(one.clone()) };
    for parts in [parts(one), parts(many), cents, parts(odd.collect()), named_shortest] {
        let xml = file(parts);
        assert_eq!(judged(&xml), Ok(()), "{xml}");
    }
}

#[test]
fn the_schema_refuses_what_is_in_another_order_missing_too_long_or_of_another_type() {
    let xml = file(parts(vec![transfer(1, 1_250_000, "Lê Thị Bưởi", "Tiền hàng")]));
    let long = "A".repeat(141);
    for (ours, wrong) in [
        ("<BtchBookg>false</BtchBookg>", "<BtchBookg>no</BtchBookg>"),
        ("<PmtMtd>TRF</PmtMtd>", ""),
        ("<ChrgBr>DEBT</ChrgBr>", "<ChrgBr>OURS</ChrgBr>"),
        ("<Dt>2025-11-21</Dt>", "2025-11-21"),
        ("<Dt>2025-11-21</Dt>", "<Dt>21/11/2025</Dt>"),
        ("Ccy=\"VND\">1250000<", "Ccy=\"VND\">1.250.000<"),
        ("Ccy=\"VND\">1250000<", "Ccy=\"vnd\">1250000<"),
        ("<Nm>Le Thi Buoi</Nm>", &format!("<Nm>{long}</Nm>")),
        ("<Nm>Le Thi Buoi</Nm>", "<Nm></Nm>"),
        ("<CtrlSum>1250000</CtrlSum>", "<CtrlSum>1250000</CtrlSum><MsgId>A</MsgId>"),
        ("pain.001.001.09", "pain.001.001.03"),
    ] {
        let changed = xml.replacen(ours, wrong, 1);
        assert_ne!(changed, xml, "{ours} is not written");
        assert!(judged(&changed).is_err(), "{wrong} is taken for valid");
    }
}
