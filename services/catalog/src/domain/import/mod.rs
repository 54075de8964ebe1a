//! Product files: read into drafts, with a problem for each thing that was not understood.
//!
//! Pure: bytes in, drafts and problems out. Nothing here writes a product.

mod cells;
mod chonoi;
mod grid;
mod kiotviet;
mod parts;
mod problems;
mod sapo;
mod shopify;
mod table;
mod workbook;
mod writing;

use std::collections::HashMap;

pub use problems::{ImportProblem, ProblemCode, of_draft};
pub use writing::export;

use self::table::Table;
use super::product::{Product, ProductDraft};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
/// The most rows of a file.
pub const MAX_ROWS: usize = 10_000;

/// The most problems that are told of one product.
const MAX_PROBLEMS: usize = 200;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// Our own columns.
    Chonoi,
    /// Shopify's product CSV.
    Shopify,
    /// KiotViet's list of goods.
    Kiotviet,
    /// Sapo's list of products.
    Sapo,
}

impl ImportFormat {
    /// Every format; a file is taken for the first that it fits.
    pub const ALL: [Self; 4] = [Self::Chonoi, Self::Shopify, Self::Kiotviet, Self::Sapo];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chonoi => "chonoi",
            Self::Shopify => "shopify",
            Self::Kiotviet => "kiotviet",
            Self::Sapo => "sapo",
        }
    }

    /// The columns without which a file is of another format.
    const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Chonoi => &chonoi::REQUIRED,
            Self::Shopify => &shopify::REQUIRED,
            Self::Kiotviet => &kiotviet::REQUIRED,
            Self::Sapo => &sapo::REQUIRED,
        }
    }

    /// Whether files name their products; else these are known by the SKUs of their variants.
    const fn has_handles(self) -> bool {
        matches!(self, Self::Chonoi | Self::Shopify)
    }

    /// What the column of a field of ours is called in the file.
    pub fn column(self, field: &str) -> &str {
        let named = match self {
            Self::Chonoi | Self::Shopify => None,
            Self::Kiotviet => kiotviet::column(field),
            Self::Sapo => sapo::column(field),
        };
        named.unwrap_or(field)
    }

    /// Lets a draft keep what is known of its product and what files of this format do not say. In our
    /// own columns nothing means nothing.
    pub fn keep_unsaid(self, draft: &mut ProductDraft, known: &Product) {
        if self == Self::Chonoi {
            return;
        }
        let keep = |text: &mut String, known: &str| {
            if text.is_empty() {
                known.clone_into(text);
            }
        };
        keep(&mut draft.title.en, &known.title.en);
        keep(&mut draft.description.vi, &known.description.vi);
        keep(&mut draft.description.en, &known.description.en);
        keep(&mut draft.category, &known.category);
        keep(&mut draft.unit, &known.unit);
        draft.kind = known.kind;
        draft.ocop_stars = known.ocop_stars;
    }
}

/// A product of a file: the draft, or what was wrong with its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProduct {
    /// Its first line; the header is line 1.
    pub line: u32,
    /// The line of each variant of the draft.
    pub variant_lines: Vec<u32>,
    /// What it is.
    pub draft: ProductDraft,
    /// What its shop calls the category, and those above it: names that may be among ours.
    pub category_names: Vec<String>,
    /// What was wrong, and what was left out; a product with a problem that is no notice is not written.
    pub problems: Vec<ImportProblem>,
}

impl FileProduct {
    /// What it is called in the file: its handle, or else the SKU of its first variant.
    pub fn name(&self) -> &str {
        match self.draft.handle.as_str() {
            "" => self.draft.variants.first().map_or("", |variant| variant.sku.as_str()),
            handle => handle,
        }
    }

    /// Whether it is a product that is known: by its handle, or else by any of its SKUs.
    pub fn is(&self, known: &Product) -> bool {
        if !self.draft.handle.is_empty() {
            return known.handle == self.draft.handle;
        }
        let mut wanted = self.draft.variants.iter().map(|variant| &variant.sku);
        wanted.any(|sku| !sku.is_empty() && known.variants.iter().any(|one| one.sku == *sku))
    }
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// It is too large.
    #[error("the file is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// It has too many rows.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// It is no text that we know how to read.
    #[error("the file is no UTF-8 or UTF-16 text")]
    NotText,
    /// It has no rows.
    #[error("the file is empty")]
    Empty,
    /// Columns are missing that must be there.
    #[error("columns are missing: {}", .0.join(", "))]
    ColumnsMissing(Vec<&'static str>),
    /// Its columns are of no format that we know.
    #[error("the columns are of no known format")]
    UnknownColumns,
    /// A row cannot be read as CSV.
    #[error("line {0} is not CSV")]
    NotCsv(u32),
    /// It is packed as a workbook is, and is none.
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
}

/// Reads a file.
pub fn read(format: ImportFormat, file: &[u8]) -> Result<Vec<FileProduct>, FileRefused> {
    Ok(read_table(format, &Table::find(&sheets(file)?, format.required())?))
}

/// Reads a file in whatever format it is, and says in which.
pub fn read_any(file: &[u8]) -> Result<(ImportFormat, Vec<FileProduct>), FileRefused> {
    let sheets = sheets(file)?;
    for format in ImportFormat::ALL {
        match Table::find(&sheets, format.required()) {
            Err(FileRefused::ColumnsMissing(_)) => {}
            found => return Ok((format, read_table(format, &found?))),
        }
    }
    Err(FileRefused::UnknownColumns)
}

fn sheets(file: &[u8]) -> Result<Vec<Vec<grid::Line>>, FileRefused> {
    if file.len() > MAX_FILE_BYTES { Err(FileRefused::TooLarge) } else { grid::sheets(file) }
}

fn read_table(format: ImportFormat, table: &Table<'_>) -> Vec<FileProduct> {
    let mut products = match format {
        ImportFormat::Chonoi => chonoi::read(table),
        ImportFormat::Shopify => shopify::read(table),
        ImportFormat::Kiotviet => kiotviet::read(table),
        ImportFormat::Sapo => sapo::read(table),
    };
    if !format.has_handles() {
        note_repeated_skus(format, &mut products);
    }
    for product in &mut products {
        keep_told(&mut product.problems);
    }
    products
}

/// Keeps as many problems as are told. What is only a notice goes first: a product with a problem must not
/// be taken for one without.
fn keep_told(problems: &mut Vec<ImportProblem>) {
    if problems.len() > MAX_PROBLEMS {
        problems.sort_by_key(|problem| problem.code.is_notice());
        problems.truncate(MAX_PROBLEMS);
    }
}

/// A product that is known by its SKUs must not have one of another: it would be written over it.
fn note_repeated_skus(format: ImportFormat, products: &mut [FileProduct]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (place, product) in products.iter_mut().enumerate() {
        for (variant, line) in product.draft.variants.iter().zip(&product.variant_lines) {
            if variant.sku.is_empty() {
                continue;
            }
            if *seen.entry(variant.sku.clone()).or_insert(place) != place {
                let (column, code) = (format.column("sku"), ProblemCode::SkuRepeats);
                product.problems.push(ImportProblem::new(*line, column, code, &variant.sku));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::Workbook;

    use super::*;

    #[test]
    fn a_file_is_of_the_format_whose_columns_it_has() {
        for (file, format) in [
            ("handle,title_vi,price\na,A,1\n", Ok(ImportFormat::Chonoi)),
            ("Handle,Title,Variant Price\na,A,1\n", Ok(ImportFormat::Shopify)),
            ("Giá bán;Tên hàng;Mã hàng\n1;A;a\n", Ok(ImportFormat::Kiotviet)),
            ("MÃ SKU,tên sản phẩm *,PL_Giá bán lẻ\na,A,1\n", Ok(ImportFormat::Sapo)),
            ("Tên,Giá\nA,1\n", Err(FileRefused::UnknownColumns)),
            ("handle,title_vi,price\n", Err(FileRefused::Empty)),
        ] {
            let read = read_any(file.as_bytes());
            assert_eq!(read.map(|(format, _)| format), format, "{file}");
        }
    }

    #[test]
    fn of_very_many_problems_the_first_are_told_and_no_notice_hides_one() {
        let pictures = "tra,Trà,5000,https://x/1.jpg\n".repeat(9_000);
        let file = format!("Handle,Title,Variant Price,Image Src\n{pictures}tra,,hỏi,\n");
        let read = read(ImportFormat::Shopify, file.as_bytes()).unwrap();
        let problems = &read[0].problems;
        assert_eq!(problems.len(), MAX_PROBLEMS);
        assert_eq!(problems[0].code, ProblemCode::NotAPrice);
        assert!(problems[1..].iter().all(|problem| problem.code.is_notice()));
    }

    #[test]
    fn a_workbook_is_read_like_text_wherever_its_table_begins() {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "Hướng dẫn").unwrap();
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "DANH SÁCH HÀNG HÓA").unwrap();
        for (column, name) in (0_u16..).zip(["Tên hàng", "Mã hàng", "Tồn kho", "Giá bán"]) {
            sheet.write(3, column, name).unwrap();
        }
        sheet.write(4, 0, "Bánh pía").unwrap();
        sheet.write(4, 1, 12_345).unwrap();
        sheet.write(4, 2, 1.125).unwrap();
        sheet.write(4, 3, 65_000).unwrap();
        let (format, read) = read_any(&workbook.save_to_buffer().unwrap()).unwrap();
        assert_eq!((format, read.len(), read[0].line), (ImportFormat::Kiotviet, 1, 5));
        let variant = &read[0].draft.variants[0];
        assert_eq!((variant.sku.as_str(), variant.stock), ("12345", Some(1)));
        assert_eq!(variant.price, Some(kernel::Money::vnd(65_000)));
        assert!(read[0].problems.is_empty());
    }
}
