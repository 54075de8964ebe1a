//! `chonoi reconcile`: what is expected against statements, from files, with no server and no
//! database.
//!
//! Statements are read twice: once to decide, once to write what was decided, so that memory holds
//! a few numbers of each line and never its text.

mod expected;
mod footing;
mod moments;
mod passes;
mod telling;
mod words;
mod writing;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use kernel::Locale;

use crate::arguments::Reconcile;

/// Runs the command.
pub fn run(arguments: &Reconcile) -> anyhow::Result<ExitCode> {
    let words = words::Words::of(if arguments.english { Locale::En } else { Locale::Vi })?;
    for file in &arguments.statements {
        if !file.is_file() {
            bail!("{} is no file", file.display());
        }
    }
    let expected = expected::read(&arguments.expected, arguments.tolerance)
        .with_context(|| format!("{} cannot be read", arguments.expected.display()))?;
    for problem in &expected.problems {
        eprintln!("{}: {problem}", arguments.expected.display());
    }
    let mut decided = passes::decide(expected, &arguments.statements)?;
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("{} cannot be made", arguments.out.display()))?;
    let footing = passes::write(&mut decided, &arguments.statements, &arguments.out, &words)?;
    let report = footing.to_json();
    writing::write_whole(&arguments.out.join(REPORT), report.to_string().as_bytes())?;
    if arguments.json {
        println!("{report}");
    } else {
        print!("{}", telling::table(&footing, &words, &arguments.out));
    }
    footing.check()?;
    Ok(ExitCode::SUCCESS)
}

const REPORT: &str = "report.json";

/// A statement's name in the files: what was said on the command line.
fn name_of(file: &Path) -> String {
    file.display().to_string()
}
