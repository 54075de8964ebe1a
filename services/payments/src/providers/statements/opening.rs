//! Opens a statement in whatever format it is: told by what it holds, not by its name.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::table::columns::ColumnMapping;
use super::{camt, mt940, ofx, table};
use crate::domain::statement::{StatementLine, UnreadableLine};

/// A statement that can be read.
pub struct Opened<'a> {
    /// Its format: `camt`, `mt940`, `ofx`, `csv` or `xlsx`.
    pub format: &'static str,
    /// How the columns of a table were understood; none of other formats.
    pub mapping: Option<ColumnMapping>,
    /// Its lines, one by one, each understood or told why not.
    pub lines: Box<dyn Iterator<Item = Result<StatementLine, UnreadableLine>> + Send + 'a>,
}

/// Why nothing of a statement can be read.
#[derive(Debug, thiserror::Error)]
pub enum CannotRead {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// It is a table in which no columns of a statement were found.
    #[error(transparent)]
    NoTable(#[from] table::NoTable),
}

/// How much is looked at to tell the format.
const LOOKED_AT: usize = 4_096;

/// Opens a file.
pub fn open(path: &Path, mapping: Option<&ColumnMapping>) -> Result<Opened<'static>, CannotRead> {
    read(BufReader::with_capacity(256 * 1024, File::open(path)?), mapping)
}

/// Reads a statement. `mapping`: how the columns of a table are to be understood; else it is guessed.
pub fn read<'a>(
    mut input: impl BufRead + Send + 'a,
    mapping: Option<&ColumnMapping>,
) -> Result<Opened<'a>, CannotRead> {
    let mut head = Vec::with_capacity(LOOKED_AT);
    input.by_ref().take(LOOKED_AT as u64).read_to_end(&mut head)?;
    let format = format_of(&head);
    let mut input = std::io::Cursor::new(head).chain(input);
    Ok(match format {
        "camt" => {
            let lines = Box::new(camt::read(input));
            Opened { format, mapping: None, lines }
        }
        "mt940" => Opened { format, mapping: None, lines: Box::new(mt940::read(input)) },
        "ofx" => Opened { format, mapping: None, lines: Box::new(ofx::read(input)) },
        "xlsx" => {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes)?;
            let reading = table::sheet::read(&bytes, mapping)?;
            Opened { format, mapping: Some(reading.mapping), lines: Box::new(reading.lines) }
        }
        _ => {
            let reading = table::text::read(input, mapping)?;
            Opened { format, mapping: Some(reading.mapping), lines: Box::new(reading.lines) }
        }
    })
}

fn format_of(head: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with(b"PK\x03\x04") {
        "xlsx"
    } else if text.starts_with("OFXHEADER") || text.contains("<OFX>") || text.contains("<?OFX") {
        "ofx"
    } else if text.starts_with('<') && (text.contains("camt.05") || text.contains("BkToCstmr")) {
        "camt"
    } else if text.starts_with("{1:") || text.starts_with(":20:") || mt940_inside(text) {
        "mt940"
    } else {
        "csv"
    }
}

/// Some banks put lines of their own in front of the first tag.
fn mt940_inside(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(":20:"))
        && text.lines().any(|line| line.starts_with(":25:") || line.starts_with(":60"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_what_a_file_holds() {
        for (head, format) in [
            ("PK\x03\x04...", "xlsx"),
            ("\u{feff}OFXHEADER:100\nDATA:OFXSGML", "ofx"),
            ("<?xml version=\"1.0\"?><?OFX OFXHEADER=\"200\"?><OFX>", "ofx"),
            (
                "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">",
                "camt",
            ),
            ("<Document><BkToCstmrStmt>", "camt"),
            ("{1:F01INGBNL2ABXXX0000000000}", "mt940"),
            ("ABNANL2A\n940\nABNANL2A\n:20:ABN AMRO\n:25:123\n", "mt940"),
            ("Ngày,Ghi nợ,Ghi có\n", "csv"),
            ("", "csv"),
        ] {
            assert_eq!(format_of(head.as_bytes()), format, "{head}");
        }
    }
}
