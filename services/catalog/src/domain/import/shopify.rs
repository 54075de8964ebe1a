//! Shopify's product CSV.
//!
//! Source: help.shopify.com, "Using CSV files to import and export products": `Handle` groups rows,
//! product-level columns stand on the first one, rows with only an image have no variant.

use kernel::{Currency, LocalizedText, Money, normalize_spaces};

use super::FileProduct;
use super::chonoi::read_price;
use super::problems::{ImportProblem, ProblemCode};
use super::table::{Row, Table};
use crate::domain::product::{ProductDraft, ProductKind, VariantDraft};

/// Where a picture is. The market calls no address that a file names: whoever writes the file would choose
/// what its servers reach. The shop is told which lines had one, and adds the pictures itself.
const PICTURE: &str = "Image Src";
/// The columns that must be there.
pub const REQUIRED: [&str; 3] = ["Handle", "Title", "Variant Price"];

/// Reads a table of Shopify's columns.
pub fn read(table: &Table<'_>) -> Vec<FileProduct> {
    table.groups("Handle").iter().map(|rows| product_of(rows)).collect()
}

fn product_of(rows: &[Row<'_>]) -> FileProduct {
    let first = &rows[0];
    let mut problems = Vec::new();
    let once = |column: &str| {
        rows.iter().map(|row| row.cell(column)).find(|cell| !cell.is_empty()).unwrap_or_default()
    };
    // "Title: Default Title" is how Shopify says that there are no options.
    let option_names: Vec<String> = ["Option1 Name", "Option2 Name", "Option3 Name"]
        .into_iter()
        .map(|column| normalize_spaces(once(column)))
        .filter(|name| !name.is_empty())
        .filter(|_| once("Option1 Value") != "Default Title")
        .collect();
    let with_price: Vec<&Row<'_>> =
        rows.iter().filter(|row| !row.cell("Variant Price").is_empty()).collect();
    if with_price.is_empty() {
        problems.push(ImportProblem::new(first.line, "Variant Price", ProblemCode::Required, ""));
    }
    let variants =
        with_price.iter().map(|row| variant_of(row, option_names.len(), &mut problems)).collect();
    for row in rows.iter().filter(|row| !row.cell(PICTURE).is_empty()) {
        let code = ProblemCode::PictureNotImported;
        problems.push(ImportProblem::new(row.line, PICTURE, code, row.cell(PICTURE)));
    }
    let draft = ProductDraft {
        handle: first.cell("Handle").to_owned(),
        kind: ProductKind::Goods,
        title: LocalizedText::new(once("Title"), ""),
        description: LocalizedText::new(text_of_html(once("Body (HTML)")), ""),
        category: String::new(),
        unit: String::new(),
        option_names,
        attributes: Vec::new(),
        ward_code: String::new(),
        ocop_stars: 0,
        publish: !once("Published").eq_ignore_ascii_case("false")
            && !once("Status").eq_ignore_ascii_case("draft"),
        variants,
    };
    let variant_lines = with_price.iter().map(|row| row.line).collect();
    FileProduct {
        line: first.line,
        variant_lines,
        draft: draft.normalized(),
        category_names: Vec::new(),
        problems,
    }
}

fn variant_of(row: &Row<'_>, options: usize, problems: &mut Vec<ImportProblem>) -> VariantDraft {
    let price = read_price(row.cell("Variant Price"), Currency::Vnd);
    if price.is_none() {
        let code = ProblemCode::NotAPrice;
        problems.push(ImportProblem::new(
            row.line,
            "Variant Price",
            code,
            row.cell("Variant Price"),
        ));
    }
    let stock = match row.cell("Variant Inventory Qty") {
        "" => None,
        text => text.parse::<i64>().ok().or_else(|| {
            problems.push(ImportProblem::new(
                row.line,
                "Variant Inventory Qty",
                ProblemCode::NotANumber,
                text,
            ));
            None
        }),
    };
    let values = ["Option1 Value", "Option2 Value", "Option3 Value"];
    VariantDraft {
        // Shopify puts an apostrophe before SKUs that look like numbers.
        sku: row.cell("Variant SKU").trim_start_matches('\'').to_owned(),
        barcode: row.cell("Variant Barcode").trim_start_matches('\'').to_owned(),
        price: price.or(Some(Money::vnd(1))),
        stock,
        option_values: values
            .into_iter()
            .take(options)
            .map(|column| normalize_spaces(row.cell(column)))
            .collect(),
    }
}

/// The words of a description: tags are dropped, paragraphs and breaks become lines.
pub(super) fn text_of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>') else {
            rest = "";
            break;
        };
        let tag = rest[start + 1..start + end].trim_start_matches('/').to_lowercase();
        if tag.starts_with("br")
            || tag.starts_with('p')
            || tag.starts_with("li")
            || tag.starts_with("div")
        {
            text.push('\n');
        }
        rest = &rest[start + end + 1..];
    }
    text.push_str(rest);
    let plain = text
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    let plain = plain.replace("&#39;", "'").replace("&amp;", "&");
    let lines: Vec<String> =
        plain.lines().map(normalize_spaces).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::{ImportFormat, ProblemCode, read as read_file};

    #[test]
    fn a_file_of_shopify_is_read_with_its_variants_and_says_which_pictures_it_leaves_out() {
        let file = "Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n\
            tra,Trà sen,<p>Trà <b>sen</b> &amp; lài</p><p>Thơm</p>,TRUE,Cỡ,100 g,'001,50000,7,https://x/1.jpg\n\
            tra,,,,,200 g,'002,90000,3,\n\
            tra,,,,,,,,,https://x/2.jpg\n\
            ly,Ly,,FALSE,Title,Default Title,L,30000,,\n";
        let products = read_file(ImportFormat::Shopify, file.as_bytes()).unwrap();
        assert_eq!(products.len(), 2);
        let tea = &products[0].draft;
        assert_eq!(tea.description.vi, "Trà sen & lài\nThơm");
        assert_eq!((tea.variants.len(), tea.variants[1].sku.as_str()), (2, "002"));
        assert_eq!(tea.option_names, ["Cỡ"]);
        assert!(tea.publish && !products[1].draft.publish);
        assert_eq!(products[1].draft.option_names, Vec::<String>::new());
        let said: Vec<_> = products
            .iter()
            .flat_map(|product| &product.problems)
            .map(|problem| (problem.line, problem.code, problem.value.as_str()))
            .collect();
        let left_out = ProblemCode::PictureNotImported;
        assert_eq!(said, [(2, left_out, "https://x/1.jpg"), (4, left_out, "https://x/2.jpg")]);
        assert!(left_out.is_notice() && !ProblemCode::Required.is_notice());
    }
}
