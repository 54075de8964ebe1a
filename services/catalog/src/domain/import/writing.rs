//! Writing product files: what is exported can be imported again and changes nothing.

use super::chonoi::COLUMNS;
use super::{ImportFormat, kiotviet, sapo};
use crate::domain::product::{Product, ProductKind};

/// What came of writing a file.
pub type Written = Result<Vec<u8>, csv::Error>;

/// Spreadsheets read UTF-8 as such only behind a byte order mark.
const MARK: &str = "\u{feff}";

/// Writes products in a format. `path`: names of a category and of all above it, from above.
pub fn export(
    format: ImportFormat,
    products: &[Product],
    path: impl Fn(&str) -> Vec<String>,
) -> Written {
    match format {
        ImportFormat::Chonoi => export_chonoi(products),
        ImportFormat::Shopify => export_shopify(products),
        ImportFormat::Kiotviet => kiotviet::export(products, path),
        ImportFormat::Sapo => sapo::export(products, path),
    }
}

/// Writes rows below the names of their columns, for programs that are fed by a spreadsheet.
pub(super) fn write<const N: usize>(
    columns: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Written {
    let mut writer = csv::Writer::from_writer(MARK.as_bytes().to_vec());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner().unwrap_or_default())
}

/// Our own columns.
fn export_chonoi(products: &[Product]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for product in products {
        for (place, variant) in product.variants.iter().enumerate() {
            let once = |text: &str| if place == 0 { text.to_owned() } else { String::new() };
            let name = |index: usize| product.option_names.get(index).map_or("", String::as_str);
            let value =
                |index: usize| variant.option_values.get(index).cloned().unwrap_or_default();
            let kind = if product.kind == ProductKind::Tour { "TOUR" } else { "GOODS" };
            let stars = if product.ocop_stars == 0 {
                String::new()
            } else {
                product.ocop_stars.to_string()
            };
            let row = [
                product.handle.clone(),
                once(kind),
                once(&product.title.vi),
                once(&product.title.en),
                once(&product.description.vi),
                once(&product.description.en),
                once(&product.category),
                once(&product.unit),
                once(&stars),
                once(name(0)),
                value(0),
                once(name(1)),
                value(1),
                once(name(2)),
                value(2),
                variant.sku.clone(),
                variant.barcode.clone(),
                variant.price.to_decimal_string(),
                variant.price.currency.code().to_owned(),
                variant.on_hand.to_string(),
                once(&product.ward_code),
            ];
            writer.write_record(row.iter().map(|cell| neutral(cell)))?;
        }
    }
    Ok(writer.into_inner().unwrap_or_default())
}

/// Shopify's columns.
fn export_shopify(products: &[Product]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "Handle",
        "Title",
        "Body (HTML)",
        "Published",
        "Option1 Name",
        "Option1 Value",
        "Option2 Name",
        "Option2 Value",
        "Option3 Name",
        "Option3 Value",
        "Variant SKU",
        "Variant Inventory Qty",
        "Variant Price",
        "Variant Barcode",
        "Status",
    ])?;
    for product in products {
        for (place, variant) in product.variants.iter().enumerate() {
            let once = |text: &str| if place == 0 { text.to_owned() } else { String::new() };
            let plain = product.option_names.is_empty();
            let name = |index: usize| match (plain, index) {
                (true, 0) => "Title",
                _ => product.option_names.get(index).map_or("", String::as_str),
            };
            let value = |index: usize| match (plain, index) {
                (true, 0) => "Default Title".to_owned(),
                _ => variant.option_values.get(index).cloned().unwrap_or_default(),
            };
            let row = [
                product.handle.clone(),
                once(&product.title.vi),
                once(
                    &product
                        .description
                        .vi
                        .replace('&', "&amp;")
                        .replace('<', "&lt;")
                        .replace('\n', "<br>"),
                ),
                once(if product.published { "TRUE" } else { "FALSE" }),
                once(name(0)),
                value(0),
                once(name(1)),
                value(1),
                once(name(2)),
                value(2),
                variant.sku.clone(),
                variant.on_hand.to_string(),
                variant.price.to_decimal_string(),
                variant.barcode.clone(),
                once(if product.published { "active" } else { "draft" }),
            ];
            writer.write_record(row.iter().map(|cell| neutral(cell)))?;
        }
    }
    Ok(writer.into_inner().unwrap_or_default())
}

/// What a cell begins with that a spreadsheet runs as a formula (OWASP, CSV injection).
pub(super) const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet runs as a formula.
pub(super) fn neutral(cell: &str) -> String {
    let number = cell.parse::<i64>().is_ok();
    if !number && cell.starts_with(FORMULA_SIGNS) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_neutralised() {
        assert_eq!(neutral("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(neutral("@sum"), "'@sum");
        assert_eq!(neutral("-5"), "-5");
        assert_eq!(neutral("Xoài"), "Xoài");
    }
}
