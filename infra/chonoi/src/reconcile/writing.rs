//! The files that come out: each whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A CSV file that takes its name only when it is whole.
pub struct Table {
    writer: csv::Writer<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Table {
    /// Begins a file with its header.
    pub fn begin(path: PathBuf, header: &[&str]) -> anyhow::Result<Self> {
        let temporary = path.with_extension("csv.part");
        let file = File::create(&temporary)
            .with_context(|| format!("{} cannot be written", temporary.display()))?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer.write_record(header)?;
        Ok(Self { writer, temporary, path })
    }

    /// Writes a line. A cell that a spreadsheet would run as a formula is made text.
    pub fn line<T: AsRef<str>>(&mut self, cells: &[T]) -> anyhow::Result<()> {
        for cell in cells {
            let cell = cell.as_ref();
            if is_formula(cell) {
                self.writer.write_field(format!("'{cell}"))?;
            } else {
                self.writer.write_field(cell)?;
            }
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Ends it.
    pub fn end(self) -> anyhow::Result<()> {
        let mut buffer = self.writer.into_inner().map_err(|error| error.into_error())?;
        buffer.flush()?;
        drop(buffer);
        std::fs::rename(&self.temporary, &self.path)
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }
}

/// Writes a small file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("part");
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// Whether a spreadsheet would run the cell (OWASP, CSV injection); a number is only a number.
fn is_formula(cell: &str) -> bool {
    let number = cell.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b'.');
    cell.starts_with(['=', '@', '\t', '\r']) || (cell.starts_with(['+', '-']) && !number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_appears_whole_and_formulas_become_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let mut table = Table::begin(path.clone(), &["a", "b"]).unwrap();
        table.line(&["=cmd|x", "-500"]).unwrap();
        assert!(!path.exists());
        table.line(&["+A1", "xin, chào"]).unwrap();
        table.end().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, "a,b\n'=cmd|x,-500\n'+A1,\"xin, chào\"\n");
    }
}
