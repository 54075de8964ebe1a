//! The tables, in the form in which docs/benchmarks.md holds them.

use std::fmt::Write;
use std::process::Command;

/// What was measured, as tables of Markdown.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
}

impl Report {
    /// Says of what and when this is.
    pub fn circumstances(&mut self) {
        let commit = said_by("git", &["describe", "--always", "--dirty", "--exclude=*"]);
        let day = said_by("date", &["-u", "+%-d %B %Y"]);
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let _ = writeln!(self.text, "Measured on {cores} cores, {day}, commit {commit}.");
    }

    /// A new part, and of how many measurements its figures are.
    pub fn heading(&mut self, text: &str, of: &str) {
        eprintln!("\n# {text}");
        let _ = write!(self.text, "\n### {text}\n\n| what | {of} | beside |\n|---|---|---|\n");
    }

    /// A figure, and what it is to be compared with.
    pub fn row(&mut self, what: &str, figure: &str, beside: &str) {
        eprintln!("{what}: {figure} {beside}");
        let _ = writeln!(self.text, "| {what} | {figure} | {beside} |");
    }

    /// Prints everything.
    pub fn print(&self) {
        println!("{}", self.text);
    }
}

/// What a program printed; nothing is measured by it, so it may fail.
fn said_by(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).env("LC_ALL", "C").output();
    let output = output.ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|| "unknown".to_owned())
}
