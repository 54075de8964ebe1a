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

/// The formats that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementFormat {
    /// camt.053: a statement of a day.
    Camt053,
    /// camt.054: single credits and debits.
    Camt054,
    /// MT940.
    Mt940,
    /// OFX, SGML or XML.
    Ofx,
    /// A table as text.
    Csv,
    /// A table as a sheet.
    Xlsx,
}

impl StatementFormat {
    /// Every format.
    pub const ALL: [Self; 6] =
        [Self::Camt053, Self::Camt054, Self::Mt940, Self::Ofx, Self::Csv, Self::Xlsx];

    /// The name that people say.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camt053 => "camt.053",
            Self::Camt054 => "camt.054",
            Self::Mt940 => "MT940",
            Self::Ofx => "OFX",
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
        }
    }

    /// The name of its reader, as [`Opened::format`].
    pub const fn reader(self) -> &'static str {
        match self {
            Self::Camt053 | Self::Camt054 => "camt",
            Self::Mt940 => "mt940",
            Self::Ofx => "ofx",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format that a file says it is of; none where nothing in it says so, as in a table of text.
    pub fn said_by(file: &[u8]) -> Option<Self> {
        let head = &file[..file.len().min(LOOKED_AT)];
        let text = String::from_utf8_lossy(head);
        match format_of(head) {
            "camt" if text.contains("camt.054") || text.contains("BkToCstmrDbtCdtNtfctn") => {
                Some(Self::Camt054)
            }
            "camt" => Some(Self::Camt053),
            "mt940" => Some(Self::Mt940),
            "ofx" => Some(Self::Ofx),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
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

/// The names of the readers.
const READERS: [&str; 5] = ["camt", "mt940", "ofx", "csv", "xlsx"];
/// How much is looked at to tell the format.
const LOOKED_AT: usize = 4_096;

/// Opens a file.
pub fn open(path: &Path, mapping: Option<&ColumnMapping>) -> Result<Opened<'static>, CannotRead> {
    read(BufReader::with_capacity(256 * 1024, File::open(path)?), mapping)
}

/// Reads a statement. `mapping`: how the columns of a table are to be understood; else it is guessed.
pub fn read<'a>(
    input: impl BufRead + Send + 'a,
    mapping: Option<&ColumnMapping>,
) -> Result<Opened<'a>, CannotRead> {
    read_as(None, input, mapping)
}

/// Reads a statement by a reader that is named; by the one that fits what the file holds, if none is.
pub fn read_as<'a>(
    reader: Option<&str>,
    mut input: impl BufRead + Send + 'a,
    mapping: Option<&ColumnMapping>,
) -> Result<Opened<'a>, CannotRead> {
    let mut head = Vec::with_capacity(LOOKED_AT);
    input.by_ref().take(LOOKED_AT as u64).read_to_end(&mut head)?;
    let named = reader.and_then(|name| READERS.into_iter().find(|known| *known == name));
    let format = named.unwrap_or_else(|| format_of(&head));
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
    fn a_file_says_its_format_unless_it_is_a_table_of_text() {
        use StatementFormat::{Camt053, Camt054, Mt940, Ofx, Xlsx};
        for (file, said) in [
            ("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">", Some(Camt053)),
            ("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">", Some(Camt054)),
            ("<Document><BkToCstmrDbtCdtNtfctn>", Some(Camt054)),
            ("{1:F01INGBNL2ABXXX0000000000}", Some(Mt940)),
            ("OFXHEADER:100\nDATA:OFXSGML", Some(Ofx)),
            ("PK\x03\x04...", Some(Xlsx)),
            ("Ngày,Ghi nợ,Ghi có\n", None),
        ] {
            assert_eq!(StatementFormat::said_by(file.as_bytes()), said, "{file}");
        }
        for format in StatementFormat::ALL {
            assert!(READERS.contains(&format.reader()), "{}", format.name());
        }
    }

    #[test]
    fn a_reader_that_is_named_is_not_guessed() {
        let table = "Ngày,Ghi nợ,Ghi có,Nội dung\n15/01/2027,,5,x\n";
        let read = |reader| read_as(reader, std::io::Cursor::new(table), None).map(|it| it.format);
        assert_eq!((read(None).unwrap(), read(Some("mt940")).unwrap()), ("csv", "mt940"));
        // Of a name that no reader has, it is guessed.
        assert_eq!(read(Some("")).unwrap(), "csv");
    }

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
