//! `chonoi reconcile` as a shop runs it: files in, files out.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("chonoi-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn reconcile(&self, expected: &Path, statements: &[&Path], more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_chonoi"))
            .args(["reconcile", "--out"])
            .arg(&self.0)
            .arg("--expected")
            .arg(expected)
            .args(more)
            .args(statements)
            .output()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const EXPECTED: &str = "reference,amount,currency,due_from,due_to\n\
    INV2026001,150000,VND,2026-11-01,2026-11-30\n\
    INV2026002,250000,VND,2026-11-01,2026-11-30\n\
    DH-88-17A,99000,VND,,\n\
    INV2026004,60000,VND,,\n";
const HEADER: &str = "Số tài khoản: 0011001234567,,,,\n\
    Ngày giao dịch,Số bút toán,Ghi nợ,Ghi có,Nội dung\n";
const PAID: &str = "03/11/2026,FT001,,150.000,MBVCB.123.INV2026001 CT tu 001\n";

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_line_is_matched_or_waits_and_the_sums_foot_to_the_statement() {
    let folder = Folder::new("reconcile-each");
    let expected = folder.write("expected.csv", EXPECTED);
    let statement = folder.write(
        "nov.csv",
        &format!(
            "{HEADER}{PAID}04/11/2026,FT002,,200.000,inv 2026 002 tra thieu\n\
             05/11/2026,FT003,,99.000,DH8817A\n05/11/2026,FT004,20.000,,phi\n\
             06/11/2026,FT005,,60.000,tra tien hang\nxx/11/2026,FT006,,1.000,mo\n"
        ),
    );
    let report = json(&folder.reconcile(&expected, &[&statement], &["--json"]));
    assert_eq!(report["foots"], true);
    assert_eq!(report["matched"]["count"], 2);
    assert_eq!(report["matched"]["sum_minor"]["VND"], 249_000);
    assert_eq!(report["states"]["underpaid"]["sum_minor"]["VND"], 200_000);
    assert_eq!(report["states"]["orphan"]["sum_minor"]["VND"], 60_000);
    assert_eq!(report["outgoing"]["sum_minor"]["VND"], -20_000);
    assert_eq!(report["total"]["unreadable"], 1);
    assert_eq!(report["open"]["sum_minor"]["VND"], 310_000);
    let kept: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(kept, report);
    let name = statement.display();
    assert_eq!(
        folder.read("matches.csv"),
        format!(
            "file,line,booked_at,amount,reference,state,rule\n\
             {name},3,2026-11-03,150000,INV2026001,matched,code_and_exact_amount/1\n\
             {name},5,2026-11-05,99000,DH-88-17A,matched,code_and_exact_amount/1\n"
        )
    );
    let queue = folder.read("queue.csv");
    assert!(
        queue.starts_with("file,line,booked_at,amount,reference,state,rule,reason,suggestions\n"),
        "{queue}"
    );
    // Amount and time alone only suggest.
    assert!(queue.contains(",orphan,no_code/1,"), "{queue}");
    assert!(queue.contains("INV2026004 ("), "{queue}");
    assert!(queue.contains(",8,,,,unreadable,"), "{queue}");
}

#[test]
fn what_two_statements_both_tell_counts_once() {
    let folder = Folder::new("reconcile-overlap");
    let expected = folder.write("expected.csv", EXPECTED);
    let twice = "07/11/2026,FT7,,5.000,cam on\n07/11/2026,FT7,,5.000,cam on\n";
    let first = folder.write("first.csv", &format!("{HEADER}{PAID}{twice}"));
    let second =
        folder.write("second.csv", &format!("{HEADER}{twice}08/11/2026,FT8,,250.000,INV2026002\n"));
    let report = json(&folder.reconcile(&expected, &[&first, &second], &["--json"]));
    assert_eq!(report["total"]["repeated"]["count"], 2);
    assert_eq!(report["states"]["orphan"]["count"], 2);
    assert_eq!(report["matched"]["sum_minor"]["VND"], 400_000);
    assert_eq!(report["foots"], true);
    // In the other order the same is decided.
    let turned = json(&folder.reconcile(&expected, &[&second, &first], &["--json"]));
    assert_eq!(turned["states"], report["states"]);
    assert_eq!(turned["open"], report["open"]);
}

#[test]
fn a_long_statement_is_reconciled_whole() {
    let folder = Folder::new("reconcile-long");
    let mut expected = String::from("reference,amount,currency,due_from,due_to\n");
    let mut statement = HEADER.to_owned();
    for number in 0..20_000 {
        let _ = writeln!(expected, "DON{number:06},{},VND,,", 1_000 + number);
        // Each tenth says no reference.
        let memo = if number % 10 == 0 { "tra".to_owned() } else { format!("x DON{number:06}") };
        let _ = writeln!(statement, "09/11/2026,FT{number},,{},{memo}", 1_000 + number);
    }
    let expected = folder.write("expected.csv", &expected);
    let statement = folder.write("long.csv", &statement);
    let report = json(&folder.reconcile(&expected, &[&statement], &["--json"]));
    assert_eq!(report["matched"]["count"], 18_000);
    assert_eq!(report["states"]["orphan"]["count"], 2_000);
    assert_eq!(report["foots"], true);
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let folder = Folder::new("reconcile-refused");
    let expected = folder.write("expected.csv", EXPECTED);
    let picture = folder.write("picture.png", "\u{89}PNG no statement");
    for statement in [picture, folder.0.join("missing.csv")] {
        let output = folder.reconcile(&expected, &[&statement], &[]);
        assert!(!output.status.success());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(&statement.display().to_string()), "{told}");
    }
}

#[test]
fn a_person_reads_a_table_in_vietnamese_or_english() {
    let folder = Folder::new("reconcile-table");
    let expected = folder.write("expected.csv", EXPECTED);
    let statement = folder.write("nov.csv", &format!("{HEADER}{PAID}"));
    let read = |more: &[&str]| {
        let output = folder.reconcile(&expected, &[&statement], more);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(read(&[]).contains("Đối soát"));
    assert!(read(&["--english"]).contains("Reconcil"));
}
