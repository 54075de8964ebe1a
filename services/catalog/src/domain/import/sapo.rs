//! Sapo's list of products, as it exports and imports it: a row a variant.
//!
//! Names of columns: files that public programs write for Sapo and read of it ("Tên sản phẩm*", "Mã SKU*",
//! "LC_CN1_Tồn kho ban đầu*", "PL_Giá bán lẻ", …); several agree in names and differ in order and in the
//! codes of branches.
//! - What is said of a product stands on its first row; rows without a name, or with the same and another
//!   option, are further variants of it.
//! - `LC_<branch>_Tồn kho ban đầu` is the stock of a branch: all branches sell here together.
//! - `PL_<list>` is a price of a price list: buyers here pay "Giá bán lẻ".
//! - "Loại sản phẩm" is the shop's own word: it is looked for among our categories.
//!
//! Cost, limits of stock, taxes, guarantees and addresses of pictures are not taken.

use kernel::{LocalizedText, Money, fold, normalize_spaces};

use super::problems::{ImportProblem, ProblemCode};
use super::table::{Row, Table};
use super::writing::{Written, neutral, write};
use super::{FileProduct, cells};
use crate::domain::product::{Product, ProductDraft, ProductKind, Variant, VariantDraft};

const NAME: &str = "Tên sản phẩm*";
const MANAGED_AS: &str = "Hình thức quản lý sản phẩm";
const TYPE: &str = "Loại sản phẩm";
const DESCRIPTION: &str = "Mô tả sản phẩm";
const BRAND: &str = "Nhãn hiệu";
const OPTIONS: [(&str, &str); 3] = [
    ("Thuộc tính 1", "Giá trị thuộc tính 1"),
    ("Thuộc tính 2", "Giá trị thuộc tính 2"),
    ("Thuộc tính 3", "Giá trị thuộc tính 3"),
];
const SKU: &str = "Mã SKU*";
const BARCODE: &str = "Barcode";
const UNIT: &str = "Đơn vị";
const STOCK: &str = "LC_CN1_Tồn kho ban đầu*";
const PRICE: &str = "PL_Giá bán lẻ";

/// The columns that must be there.
pub const REQUIRED: [&str; 3] = [NAME, SKU, PRICE];

/// Sapo's name of a field of ours.
pub fn column(field: &str) -> Option<&'static str> {
    Some(match field {
        "title" | "title_vi" => NAME,
        "description" => DESCRIPTION,
        "unit" => UNIT,
        "sku" => SKU,
        "barcode" => BARCODE,
        "price" => PRICE,
        "stock" => STOCK,
        "options" | "option1_value" => OPTIONS[0].1,
        _ => return None,
    })
}

/// Reads a table of Sapo's columns.
pub fn read(table: &Table<'_>) -> Vec<FileProduct> {
    groups(table).iter().map(|rows| product_of(rows)).collect()
}

/// The rows of each product. Two products that follow one another may have one name: only what differs in
/// an option is a further variant.
fn groups<'a>(table: &'a Table<'_>) -> Vec<Vec<Row<'a>>> {
    let mut groups: Vec<Vec<Row<'a>>> = Vec::new();
    for row in table.rows() {
        let name = row.cell(NAME);
        let is_further = |first: &Row<'_>| {
            let has_option = !row.cell(OPTIONS[0].1).is_empty();
            name.is_empty() || (name == first.cell(NAME) && has_option)
        };
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(is_further) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

fn product_of(rows: &[Row<'_>]) -> FileProduct {
    let first = &rows[0];
    let mut problems = Vec::new();
    if fold(first.cell(MANAGED_AS)).contains("dich vu") {
        let code = ProblemCode::Service;
        problems.push(ImportProblem::new(first.line, MANAGED_AS, code, first.cell(MANAGED_AS)));
    }
    let once = |column: &str| {
        rows.iter().map(|row| row.cell(column)).find(|cell| !cell.is_empty()).unwrap_or_default()
    };
    let options: Vec<(String, &str)> = OPTIONS
        .into_iter()
        .map(|(name, value)| (normalize_spaces(once(name)), value))
        .filter(|(name, value)| !name.is_empty() && !once(value).is_empty())
        .collect();
    let variants = rows.iter().map(|row| variant_of(row, &options, &mut problems)).collect();
    let brand = normalize_spaces(once(BRAND));
    let draft = ProductDraft {
        handle: String::new(),
        kind: ProductKind::Goods,
        title: LocalizedText::new(first.cell(NAME), ""),
        description: LocalizedText::new(cells::description(once(DESCRIPTION)), ""),
        category: String::new(),
        unit: once(UNIT).to_owned(),
        attributes: if brand.is_empty() { Vec::new() } else { vec![(BRAND.to_owned(), brand)] },
        option_names: options.into_iter().map(|(name, _)| name).collect(),
        ward_code: String::new(),
        ocop_stars: 0,
        publish: true,
        variants,
    };
    FileProduct {
        line: first.line,
        variant_lines: rows.iter().map(|row| row.line).collect(),
        draft: draft.normalized(),
        category_names: vec![normalize_spaces(once(TYPE))],
        problems,
    }
}

fn variant_of(
    row: &Row<'_>,
    options: &[(String, &str)],
    problems: &mut Vec<ImportProblem>,
) -> VariantDraft {
    let sku = row.cell(SKU);
    if sku.is_empty() {
        problems.push(ImportProblem::new(row.line, SKU, ProblemCode::Required, ""));
    }
    let option_values =
        options.iter().map(|(_, column)| normalize_spaces(row.cell(column))).collect();
    VariantDraft {
        sku: sku.to_owned(),
        barcode: row.cell(BARCODE).to_owned(),
        // A wrong price is a problem already; it is not said twice.
        price: cells::price(row, PRICE, problems).or(Some(Money::vnd(1))),
        stock: stock_of(row, problems),
        option_values,
    }
}

/// What all branches have; nothing where no branch says anything. One wrong branch is enough said of a row.
fn stock_of(row: &Row<'_>, problems: &mut Vec<ImportProblem>) -> Option<i64> {
    let of_branch = |name: &str| name.starts_with("lc-") && name.ends_with("-ton-kho-ban-dau");
    let (mut sum, known) = (None::<i64>, problems.len());
    for text in row.cells_like(of_branch) {
        if let Some(count) = cells::pieces(row.line, STOCK, text, problems) {
            sum = Some(sum.unwrap_or(0).saturating_add(count));
        }
        if problems.len() > known {
            break;
        }
    }
    sum
}

/// The columns that are written.
const COLUMNS: [&str; 15] = [
    NAME,
    MANAGED_AS,
    TYPE,
    DESCRIPTION,
    OPTIONS[0].0,
    OPTIONS[0].1,
    OPTIONS[1].0,
    OPTIONS[1].1,
    OPTIONS[2].0,
    OPTIONS[2].1,
    SKU,
    BARCODE,
    UNIT,
    STOCK,
    PRICE,
];

/// Writes products in Sapo's columns. `path`: names of a category and of all above it, from above.
pub fn export(products: &[Product], path: impl Fn(&str) -> Vec<String>) -> Written {
    let rows = products.iter().flat_map(|product| {
        let named = path(&product.category).pop().unwrap_or_default();
        let row = move |(place, variant): (usize, &Variant)| {
            let once = |text: &str| if place == 0 { text.to_owned() } else { String::new() };
            let name = |index: usize| product.option_names.get(index).map_or("", String::as_str);
            let value =
                |index: usize| variant.option_values.get(index).cloned().unwrap_or_default();
            [
                once(&product.title.vi),
                once("Sản phẩm thường"),
                once(&named),
                once(&product.description.vi),
                once(name(0)),
                value(0),
                once(name(1)),
                value(1),
                once(name(2)),
                value(2),
                variant.sku.clone(),
                variant.barcode.clone(),
                product.unit.clone(),
                variant.on_hand.to_string(),
                variant.price.to_decimal_string(),
            ]
            .map(|cell| neutral(&cell))
        };
        product.variants.iter().enumerate().map(row)
    });
    write(COLUMNS, rows)
}

#[cfg(test)]
mod tests {
    use super::super::{ImportFormat, read as read_file};
    use super::*;

    #[test]
    fn rows_without_a_name_are_variants_and_branches_sell_together() {
        let file = "Mã SKU*,Tên sản phẩm*,Loại sản phẩm,Nhãn hiệu,Thuộc tính 1,Giá trị thuộc tính 1,Barcode,\
            LC_CN1_Giá vốn khởi tạo*,LC_CN1_Tồn kho ban đầu*,LC_DK01_Tồn kho ban đầu*,PL_Giá nhập,PL_Giá bán lẻ\n\
            T100,Trà sen,Trà,Hương Sen,Cỡ,100 g,893,1,7,3,1,50000\n\
            T200,,,,,200 g,,1,4,,1,\"90,000\"\n\
            L,Ly sứ,Gốm,,,,,1,,,1,30000\n";
        let read = read_file(ImportFormat::Sapo, file.as_bytes()).unwrap();
        assert!(read.iter().all(|product| product.problems.is_empty()), "{read:?}");
        let tea = &read[0];
        assert_eq!((read.len(), tea.variant_lines.as_slice()), (2, [2, 3].as_slice()));
        assert_eq!(tea.draft.option_names, ["Cỡ"]);
        let told: Vec<_> = tea
            .draft
            .variants
            .iter()
            .map(|one| (one.sku.as_str(), one.option_values[0].as_str(), one.stock, one.price))
            .collect();
        assert_eq!(
            told,
            [
                ("T100", "100 g", Some(10), Some(Money::vnd(50_000))),
                ("T200", "200 g", Some(4), Some(Money::vnd(90_000))),
            ]
        );
        assert_eq!(read[1].draft.variants[0].stock, None);
        assert_eq!(read[1].category_names, ["Gốm"]);
    }

    #[test]
    fn products_of_one_name_stay_two_and_a_name_may_be_repeated_for_each_variant() {
        let file = "Tên sản phẩm*,Mã SKU*,Thuộc tính 1,Giá trị thuộc tính 1,PL_Giá bán lẻ\n\
            Xoài,A,,,5000\nXoài,B,,,6000\nÁo,S,Cỡ,S,7000\nÁo,M,Cỡ,M,7000\n";
        let read = read_file(ImportFormat::Sapo, file.as_bytes()).unwrap();
        let lines: Vec<&[u32]> = read.iter().map(|one| one.variant_lines.as_slice()).collect();
        assert_eq!(lines, [[2].as_slice(), &[3], &[4, 5]]);
        assert!(read.iter().all(|product| product.problems.is_empty()), "{read:?}");
    }

    #[test]
    fn each_wrong_cell_is_named_with_its_line() {
        let file = "Tên sản phẩm,Hình thức quản lý sản phẩm,Mã SKU,LC_CN1_Tồn kho ban đầu,PL_Giá bán lẻ\n\
            Xoài,Sản phẩm thường,X,nhiều,hỏi\nRửa xe,Dịch vụ,R,,5000\nỔi,,,1,5000\nMận,,X,1,5000\n";
        let read = read_file(ImportFormat::Sapo, file.as_bytes()).unwrap();
        let said: Vec<(u32, &str, ProblemCode)> = read
            .iter()
            .flat_map(|product| &product.problems)
            .map(|problem| (problem.line, problem.column.as_str(), problem.code))
            .collect();
        assert_eq!(
            said,
            [
                (2, PRICE, ProblemCode::NotAPrice),
                (2, STOCK, ProblemCode::NotANumber),
                (3, MANAGED_AS, ProblemCode::Service),
                (4, SKU, ProblemCode::Required),
                (5, SKU, ProblemCode::SkuRepeats),
            ]
        );
    }

    #[test]
    fn a_row_whose_branches_all_count_wrongly_says_so_once() {
        let branches: String =
            (0..200).map(|number| format!(",LC_CN{number}_Tồn kho ban đầu")).collect();
        let wrong = ",nhiều".repeat(200);
        let file = format!("Tên sản phẩm,Mã SKU,PL_Giá bán lẻ{branches}\nXoài,X,5000{wrong}\n");
        let read = read_file(ImportFormat::Sapo, file.as_bytes()).unwrap();
        assert_eq!(read[0].problems.len(), 1, "{:?}", read[0].problems);
        assert_eq!(read[0].problems[0].code, ProblemCode::NotANumber);
    }
}
