//! `chonoi reconcile` over files, as a shop runs it that only wants this.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use journeys::matching_set::matching_set;

use crate::process::{binary, memory_mib};
use crate::report::Report;

/// What the shop waits for.
const EXPECTED: usize = 200_000;
/// Lines of the statements: memory of ten times as many is to be seen beside that of the one.
const LINES: [u32; 2] = [100_000, 1_000_000];
const SEED: u64 = 20_261_128;

/// Reconciles a statement of each size.
pub fn measure(report: &mut Report) -> anyhow::Result<()> {
    for lines in LINES {
        let folder = std::env::temp_dir().join(format!("bench_{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&folder)?;
        write_files(&folder, lines)?;
        let (seconds, mib) = reconcile(&folder, lines)?;
        report.row(
            &format!("statement of {lines} lines against {EXPECTED} references"),
            &format!("{:.0} lines/s", f64::from(lines) / seconds),
            &format!("memory at most {mib:.0} MiB"),
        );
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

fn write_files(folder: &Path, lines: u32) -> anyhow::Result<()> {
    let (open, credits) = matching_set(SEED, EXPECTED, lines as usize);
    let mut expected = String::from("reference,amount,currency\n");
    for one in &open {
        let _ = writeln!(expected, "{},{},VND", one.code, one.amount.minor);
    }
    std::fs::write(folder.join("expected.csv"), expected)?;
    let file = std::fs::File::create(folder.join("statement.csv"))?;
    let mut file = std::io::BufWriter::new(file);
    writeln!(file, "booked_at,amount,memo,reference,account")?;
    for (number, credit) in credits.iter().enumerate() {
        let (minute, second) = (number / 60 % 60, number % 60);
        let (amount, memo) = (credit.amount.minor, credit.memo.replace('"', "'"));
        writeln!(
            file,
            "2026-11-23 08:{minute:02}:{second:02},{amount},\"{memo}\",R{number},19035678"
        )?;
    }
    file.flush()?;
    Ok(())
}

/// Gives the seconds that it took, and the most memory that it had.
fn reconcile(folder: &Path, lines: u32) -> anyhow::Result<(f64, f64)> {
    let begun = Instant::now();
    let mut child = Command::new(binary())
        .arg("reconcile")
        .arg("--expected")
        .arg(folder.join("expected.csv"))
        .arg(folder.join("statement.csv"))
        .arg("--json")
        .arg("--out")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut most = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // Between its end and this look it has none any more.
        most = most.max(memory_mib(child.id(), "VmHWM:").unwrap_or_default());
        std::thread::sleep(Duration::from_millis(10));
    };
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(status.success(), "chonoi reconcile ended with {status}");
    let report = std::fs::read_to_string(folder.join("report.json")).context("no report")?;
    let report: serde_json::Value = serde_json::from_str(&report)?;
    ensure!(
        report["total"]["lines"] == lines && report["foots"] == true,
        "not every line is accounted for: {report}"
    );
    Ok((seconds, most))
}
