//! Files that people take away: the same tables as text, as a workbook, as pages.

mod csv;
mod pdf;
mod xlsx;

use crate::domain::takeaway::Takeaway;

/// What the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Text: the first table, as programs and spreadsheets read it.
    Csv,
    /// A workbook: a sheet a table.
    Xlsx,
    /// Pages to print and to sign: the first table.
    Pdf,
}

impl FileFormat {
    /// How its name ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFailed {
    /// The workbook could not be written.
    #[error(transparent)]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The font that is part of the program cannot be read.
    #[error("the font cannot be read")]
    Font(#[from] ttf_parser::FaceParsingError),
}

/// The file.
pub fn write(takeaway: &Takeaway, format: FileFormat) -> Result<Vec<u8>, WriteFailed> {
    match format {
        FileFormat::Csv => Ok(csv::write(takeaway).into_bytes()),
        FileFormat::Xlsx => Ok(xlsx::write(takeaway)?),
        FileFormat::Pdf => Ok(pdf::write(takeaway)?),
    }
}
