//! The table at the end.

use std::fmt::Write;

/// What was measured, as a table of Markdown.
#[derive(Debug, Default)]
pub struct Report {
    text: String,
}

impl Report {
    /// A new part.
    pub fn heading(&mut self, text: &str) {
        eprintln!("\n# {text}");
        let _ =
            write!(self.text, "\n### {text}\n\n| what | median of 3 | beside |\n|---|---|---|\n");
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
