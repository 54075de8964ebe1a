//! Our own columns: one row a variant; the rows of a product share `handle` and follow one another.

use std::collections::HashSet;

use kernel::{Currency, LocalizedText, Money, normalize_spaces};

use super::FileProduct;
use super::problems::{ImportProblem, ProblemCode};
use super::table::{Row, Table};
use crate::domain::product::{ProductDraft, ProductKind, VariantDraft};

/// The columns, in the order in which files are written.
pub const COLUMNS: [&str; 21] = [
    "handle",
    "kind",
    "title_vi",
    "title_en",
    "description_vi",
    "description_en",
    "category_slug",
    "unit",
    "ocop_stars",
    "option1_name",
    "option1_value",
    "option2_name",
    "option2_value",
    "option3_name",
    "option3_value",
    "sku",
    "barcode",
    "price",
    "currency",
    "stock",
    "ward_code",
];

/// The columns that must be there.
pub const REQUIRED: [&str; 3] = ["handle", "title_vi", "price"];

/// Reads a table of our own columns.
pub fn read(table: &Table<'_>) -> Vec<FileProduct> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut products = Vec::new();
    for rows in table.groups("handle") {
        let mut product = product_of(&rows);
        if !seen.insert(product.draft.handle.clone()) {
            let code = ProblemCode::HandleRepeats;
            product.problems.push(ImportProblem::new(
                product.line,
                "handle",
                code,
                &product.draft.handle,
            ));
        }
        products.push(product);
    }
    products
}

fn product_of(rows: &[Row<'_>]) -> FileProduct {
    let first = &rows[0];
    let mut problems = Vec::new();
    if first.cell("handle").is_empty() {
        problems.push(ImportProblem::new(first.line, "handle", ProblemCode::Required, ""));
    }
    // Product-level columns may stand on the first row only.
    let once = |column: &str| {
        rows.iter().map(|row| row.cell(column)).find(|cell| !cell.is_empty()).unwrap_or_default()
    };
    let kind = match once("kind").to_uppercase().as_str() {
        "" | "GOODS" => ProductKind::Goods,
        "TOUR" => ProductKind::Tour,
        other => {
            problems.push(ImportProblem::new(first.line, "kind", ProblemCode::UnknownKind, other));
            ProductKind::Goods
        }
    };
    let ocop_stars = number(once("ocop_stars")).unwrap_or_else(|| {
        problems.push(ImportProblem::new(
            first.line,
            "ocop_stars",
            ProblemCode::NotANumber,
            once("ocop_stars"),
        ));
        0
    });
    let option_names: Vec<String> = ["option1_name", "option2_name", "option3_name"]
        .into_iter()
        .map(|column| normalize_spaces(once(column)))
        .filter(|name| !name.is_empty())
        .collect();
    let variants =
        rows.iter().map(|row| variant_of(row, option_names.len(), &mut problems)).collect();
    let draft = ProductDraft {
        handle: first.cell("handle").to_owned(),
        kind,
        title: LocalizedText::new(once("title_vi"), once("title_en")),
        description: LocalizedText::new(once("description_vi"), once("description_en")),
        category: once("category_slug").to_owned(),
        unit: once("unit").to_owned(),
        option_names,
        attributes: Vec::new(),
        ward_code: once("ward_code").to_owned(),
        ocop_stars: u32::try_from(ocop_stars).unwrap_or(u32::MAX),
        publish: true,
        variants,
    };
    let variant_lines = rows.iter().map(|row| row.line).collect();
    FileProduct {
        line: first.line,
        variant_lines,
        draft: draft.normalized(),
        category_names: Vec::new(),
        problems,
    }
}

fn variant_of(row: &Row<'_>, options: usize, problems: &mut Vec<ImportProblem>) -> VariantDraft {
    let mut note = |column: &str, code, value: &str| {
        problems.push(ImportProblem::new(row.line, column, code, value))
    };
    let currency = match row.cell("currency") {
        "" => Some(Currency::Vnd),
        code => code.to_uppercase().parse().ok(),
    };
    if currency.is_none() {
        note("currency", ProblemCode::CurrencyNotSupported, row.cell("currency"));
    }
    let price = read_price(row.cell("price"), currency.unwrap_or(Currency::Vnd));
    if price.is_none() {
        let code = if row.cell("price").is_empty() {
            ProblemCode::Required
        } else {
            ProblemCode::NotAPrice
        };
        note("price", code, row.cell("price"));
    }
    let stock = match row.cell("stock") {
        "" => None,
        text => number(text).or_else(|| {
            note("stock", ProblemCode::NotANumber, text);
            None
        }),
    };
    let values = ["option1_value", "option2_value", "option3_value"];
    VariantDraft {
        sku: row.cell("sku").to_owned(),
        barcode: row.cell("barcode").to_owned(),
        // A wrong price is a problem already; it is not said twice.
        price: price.or(Some(Money::vnd(1))),
        stock,
        option_values: values
            .into_iter()
            .take(options)
            .map(|column| normalize_spaces(row.cell(column)))
            .collect(),
    }
}

/// A whole number, perhaps with groups: `1.200`, `1,200`, `1200`; nothing is 0.
fn number(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    Some(sign * grouped(digits)?)
}

/// A price as people write it: `125.000`, `125,000`, `125000 ₫`, `125.000đ`; dollars with a point.
pub fn read_price(text: &str, currency: Currency) -> Option<Money> {
    let bare =
        text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '₫' | 'đ' | 'Đ' | 'd'));
    let bare = bare.strip_suffix("VND").unwrap_or(bare).trim();
    if currency.exponent() > 0 {
        return Money::parse_decimal(bare, currency).ok();
    }
    match Money::parse_decimal(bare, currency) {
        // `125.000` could be read as 125 with three decimals: groups come first.
        Ok(money) if !bare.contains('.') => Some(money),
        other => match grouped(bare) {
            Some(minor) => Some(Money::new(minor, currency)),
            None => other.ok(),
        },
    }
}

/// Digits, or digits in groups of three with points, commas or spaces between them.
pub(super) fn grouped(text: &str) -> Option<i64> {
    let groups: Vec<&str> = text.split(['.', ',', ' ', '\u{a0}']).collect();
    let (head, tail) = groups.split_first()?;
    let sound = !head.is_empty()
        && (tail.is_empty() || head.len() <= 3)
        && tail.iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    if sound { groups.concat().parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::{FileRefused, ImportFormat, read as read_file};
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them() {
        for (text, minor) in [
            ("125000", Some(125_000)),
            ("125.000", Some(125_000)),
            ("1,250,000 ₫", Some(1_250_000)),
            ("125.000đ", Some(125_000)),
            ("125000.00", Some(125_000)),
            ("12.50", None),
            ("1.25.000", None),
            ("muoi ngan", None),
            ("", None),
        ] {
            assert_eq!(read_price(text, Currency::Vnd).map(|money| money.minor), minor, "{text}");
        }
    }

    #[test]
    fn rows_of_one_handle_are_one_product_in_every_usual_encoding() {
        let text = "handle;title_vi;price;stock;option1_name;option1_value;sku\n\
                    banh-pia;Bánh pía;65.000;10;Cỡ;4 bánh;A\n\
                    banh-pia;;120.000;5;;8 bánh;B\n\
                    xoai;Xoài;85000;;;;C\n";
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
        for file in [text.as_bytes(), &marked, &utf16] {
            let products = read_file(ImportFormat::Chonoi, file).unwrap();
            assert_eq!(products.len(), 2);
            assert_eq!(products[0].draft.variants[1].option_values, ["8 bánh"]);
            assert_eq!(products[0].draft.variants[1].price, Some(Money::vnd(120_000)));
            assert_eq!((products[0].line, products[1].line), (2, 4));
            assert_eq!(products[1].draft.variants[0].stock, None);
            assert!(products.iter().all(|product| product.problems.is_empty()), "{products:?}");
        }
    }

    #[test]
    fn each_wrong_cell_is_named_with_its_line() {
        let text = "handle,title_vi,price,stock,currency\nx,X,abc,nhiều,EURO\nx2,Y,,1,\nx,Z,5,1,\n";
        for ending in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', ending);
            let products = read_file(ImportFormat::Chonoi, text.as_bytes()).unwrap();
            let said: Vec<(u32, &str, ProblemCode)> = products
                .iter()
                .flat_map(|product| &product.problems)
                .map(|problem| (problem.line, problem.column.as_str(), problem.code))
                .collect();
            assert_eq!(
                said,
                [
                    (2, "currency", ProblemCode::CurrencyNotSupported),
                    (2, "price", ProblemCode::NotAPrice),
                    (2, "stock", ProblemCode::NotANumber),
                    (3, "price", ProblemCode::Required),
                    (4, "handle", ProblemCode::HandleRepeats),
                ],
                "{ending:?}"
            );
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let refused = |file: &[u8]| read_file(ImportFormat::Chonoi, file).unwrap_err();
        assert_eq!(refused(b""), FileRefused::Empty);
        assert_eq!(refused(&[0xC3, 0x28]), FileRefused::NotText);
        assert_eq!(
            refused(b"title_vi,stock\nx,1"),
            FileRefused::ColumnsMissing(vec!["handle", "price"])
        );
        assert_eq!(refused(&vec![b'x'; 3 * 1024 * 1024]), FileRefused::TooLarge);
        let many = format!("handle,title_vi,price\n{}", "a,b,1\n".repeat(10_001));
        assert_eq!(refused(many.as_bytes()), FileRefused::TooManyRows);
    }
}
