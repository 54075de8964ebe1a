//! KiotViet's list of goods ("DanhSachSanPham"), as it exports and imports it: a row a variant.
//!
//! Names of columns: as public programs read them of exports (`DanhSachSanPham_KV….xlsx`, 28 columns) and
//! write them into KiotViet's template (`MauFileSanPham.xlsx`); they agree. How cells are written:
//! kiotviet.vn, "Import/Xuất file hàng sản xuất, hàng combo - đóng gói".
//! - "Mã HH Liên quan" names another variant of the same goods, "Thuộc tính" says in what they differ
//!   (`SIZE:21|MÀU:Đỏ`).
//! - "Mã ĐVT Cơ bản" names the same goods in their smallest unit (a can of a crate). What is counted there
//!   is not counted again in the larger unit, or it would be sold twice: how many crates there are is left
//!   as it was.
//! - "Nhóm hàng(3 Cấp)" is the shop's own tree (`Bánh kẹo>>Bánh pía`): its names are looked for among ours.
//!
//! Cost, limits of stock, suppliers' words and addresses of pictures are not taken.

use std::collections::{HashMap, HashSet};
use std::slice;

use kernel::{LocalizedText, Money, fold, normalize_spaces};

use super::problems::{ImportProblem, ProblemCode};
use super::table::{Row, Table};
use super::writing::{Written, neutral, write};
use super::{FileProduct, cells};
use crate::domain::product::{
    MAX_OPTIONS, MAX_VARIANTS, Product, ProductDraft, ProductKind, Variant, VariantDraft,
};

const KIND: &str = "Loại hàng";
const GROUP: &str = "Nhóm hàng(3 Cấp)";
const CODE: &str = "Mã hàng";
const BARCODE: &str = "Mã vạch";
const NAME: &str = "Tên hàng";
const BRAND: &str = "Thương hiệu";
const PRICE: &str = "Giá bán";
const STOCK: &str = "Tồn kho";
const UNIT: &str = "ĐVT";
const BASE_UNIT: &str = "Mã ĐVT Cơ bản";
const ATTRIBUTES: &str = "Thuộc tính";
const RELATED: &str = "Mã HH Liên quan";
const ON_SALE: &str = "Đang kinh doanh";
const SOLD_ALONE: &str = "Được bán trực tiếp";
const DESCRIPTION: &str = "Mô tả";

/// The columns that must be there.
pub const REQUIRED: [&str; 3] = [CODE, NAME, PRICE];

/// Names of a group and of those above it that are looked for; KiotViet has three levels.
const GROUP_NAMES: usize = 3;

/// What goods differ in that are sold in several units.
const UNIT_OPTION: &str = "Đơn vị tính";

/// KiotViet's name of a field of ours.
pub fn column(field: &str) -> Option<&'static str> {
    Some(match field {
        "title" | "title_vi" => NAME,
        "description" => DESCRIPTION,
        "unit" => UNIT,
        "sku" => CODE,
        "barcode" => BARCODE,
        "price" => PRICE,
        "stock" => STOCK,
        "options" | "option1_value" => ATTRIBUTES,
        _ => return None,
    })
}

/// Reads a table of KiotViet's columns.
pub fn read(table: &Table<'_>) -> Vec<FileProduct> {
    families(table.rows().collect()).iter().map(|rows| product_of(rows)).collect()
}

/// Rows that are variants of one product, wherever they stand; in the order of their first rows.
fn families(rows: Vec<Row<'_>>) -> Vec<Vec<Row<'_>>> {
    let mut kin = Kin::default();
    for row in &rows {
        let own = kin.place(row.cell(CODE));
        for other in [row.cell(RELATED), row.cell(BASE_UNIT)] {
            if !other.is_empty() && !row.cell(CODE).is_empty() {
                let other = kin.place(other);
                kin.join(own, other);
            }
        }
    }
    let mut families: Vec<Vec<Row<'_>>> = Vec::new();
    let mut place_of: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        let code = row.cell(CODE);
        let root = (!code.is_empty()).then(|| kin.root_of(code));
        let known = root.and_then(|root| place_of.get(&root).copied());
        match known.and_then(|place| families.get_mut(place)) {
            Some(family) => family.push(row),
            None => {
                if let Some(root) = root {
                    place_of.insert(root, families.len());
                }
                families.push(vec![row]);
            }
        }
    }
    families
}

/// Which codes belong together, however long the chain between them is (union–find).
#[derive(Default)]
struct Kin<'a> {
    places: HashMap<&'a str, usize>,
    above: Vec<usize>,
}

impl<'a> Kin<'a> {
    fn place(&mut self, code: &'a str) -> usize {
        let next = self.above.len();
        let place = *self.places.entry(code).or_insert(next);
        if place == next {
            self.above.push(next);
        }
        place
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.above[place] != place {
            self.above[place] = self.above[self.above[place]];
            place = self.above[place];
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.above[one] = other;
    }

    fn root_of(&mut self, code: &'a str) -> usize {
        let place = self.place(code);
        self.root(place)
    }
}

fn product_of(rows: &[Row<'_>]) -> FileProduct {
    let mut problems = Vec::new();
    let is_base = |row: &&Row<'_>| row.cell(BASE_UNIT).is_empty() && row.cell(RELATED).is_empty();
    let main = rows.iter().find(is_base).unwrap_or(&rows[0]);
    if fold(main.cell(KIND)) == "dich vu" {
        let code = ProblemCode::Service;
        problems.push(ImportProblem::new(main.line, KIND, code, main.cell(KIND)));
    }
    // Of more than a product may have nothing is built: each row times each option would be very many.
    let options = if rows.len() > MAX_VARIANTS { Err(CODE) } else { options_of(rows) };
    let (rows, options) = match options {
        Ok(options) => (rows, options),
        Err(column) => {
            problems.push(ImportProblem::new(rows[0].line, column, ProblemCode::TooMany, ""));
            (slice::from_ref(&rows[0]), Vec::new())
        }
    };
    let variants = rows.iter().map(|row| variant_of(row, &options, &mut problems)).collect();
    let brand = normalize_spaces(main.cell(BRAND));
    let draft = ProductDraft {
        handle: String::new(),
        kind: ProductKind::Goods,
        title: LocalizedText::new(main.cell(NAME), ""),
        description: LocalizedText::new(cells::description(main.cell(DESCRIPTION)), ""),
        category: String::new(),
        unit: main.cell(UNIT).to_owned(),
        attributes: if brand.is_empty() { Vec::new() } else { vec![(BRAND.to_owned(), brand)] },
        option_names: options,
        ward_code: String::new(),
        ocop_stars: 0,
        publish: !cells::is_no(main.cell(ON_SALE)) && !cells::is_no(main.cell(SOLD_ALONE)),
        variants,
    };
    FileProduct {
        line: rows[0].line,
        variant_lines: rows.iter().map(|row| row.line).collect(),
        draft: draft.normalized(),
        category_names: main
            .cell(GROUP)
            .rsplit(">>")
            .take(GROUP_NAMES)
            .map(normalize_spaces)
            .collect(),
        problems,
    }
}

/// In what the rows differ: their attributes, and their units if there are several. If that is more than
/// a product may have: the column that says so.
fn options_of(rows: &[Row<'_>]) -> Result<Vec<String>, &'static str> {
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let attributes = attributes_of(row);
        let is_long = attributes.len() > MAX_OPTIONS;
        for (name, _) in attributes {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if is_long || names.len() > MAX_OPTIONS {
            return Err(ATTRIBUTES);
        }
    }
    let units: HashSet<String> = rows.iter().map(|row| fold(row.cell(UNIT))).collect();
    if units.len() > 1 && !names.iter().any(|name| name == UNIT_OPTION) {
        names.push(UNIT_OPTION.to_owned());
    }
    if names.len() > MAX_OPTIONS { Err(UNIT) } else { Ok(names) }
}

/// The attributes of a row, and no more of them than show that they are too many.
fn attributes_of(row: &Row<'_>) -> Vec<(String, String)> {
    let parts = row.cell(ATTRIBUTES).split('|').filter_map(|part| part.split_once(':'));
    let parts = parts.map(|(name, value)| (normalize_spaces(name), normalize_spaces(value)));
    let said = parts.filter(|(name, value)| !name.is_empty() && !value.is_empty());
    said.take(MAX_OPTIONS + 1).collect()
}

fn variant_of(
    row: &Row<'_>,
    options: &[String],
    problems: &mut Vec<ImportProblem>,
) -> VariantDraft {
    let code = row.cell(CODE);
    if code.is_empty() {
        problems.push(ImportProblem::new(row.line, CODE, ProblemCode::Required, ""));
    }
    let attributes = attributes_of(row);
    let mut value_of = |name: &String| {
        let said = attributes.iter().find(|(known, _)| known == name);
        let value = match said {
            Some((_, value)) => value.clone(),
            None if name == UNIT_OPTION => normalize_spaces(row.cell(UNIT)),
            None => String::new(),
        };
        if value.is_empty() {
            let differ = ProblemCode::OptionsDiffer;
            problems.push(ImportProblem::new(row.line, ATTRIBUTES, differ, name));
        }
        value
    };
    let option_values = options.iter().map(&mut value_of).collect();
    let stock = match row.cell(BASE_UNIT) {
        "" => cells::pieces(row.line, STOCK, row.cell(STOCK), problems),
        _ => None,
    };
    VariantDraft {
        sku: code.to_owned(),
        barcode: row.cell(BARCODE).to_owned(),
        // A wrong price is a problem already; it is not said twice.
        price: cells::price(row, PRICE, problems).or(Some(Money::vnd(1))),
        stock,
        option_values,
    }
}

/// The columns that are written.
const COLUMNS: [&str; 13] = [
    KIND,
    GROUP,
    CODE,
    BARCODE,
    NAME,
    PRICE,
    STOCK,
    UNIT,
    ATTRIBUTES,
    RELATED,
    ON_SALE,
    SOLD_ALONE,
    DESCRIPTION,
];

/// Writes products in KiotViet's columns. `path`: names of a category and of all above it, from above.
pub fn export(products: &[Product], path: impl Fn(&str) -> Vec<String>) -> Written {
    let rows = products.iter().flat_map(|product| {
        let group = path(&product.category).join(">>");
        let first = product.variants.first().map_or("", |variant| variant.sku.as_str());
        let row = move |variant: &Variant| {
            let attributes = product.option_names.iter().zip(&variant.option_values);
            // What separates them stands in none of them.
            let attributes = attributes.map(|(name, value)| {
                format!("{}:{}", name.replace([':', '|'], " "), value.replace('|', "/"))
            });
            let on_sale = if product.published { "1" } else { "0" };
            [
                "Hàng hóa".to_owned(),
                group.clone(),
                variant.sku.clone(),
                variant.barcode.clone(),
                product.title.vi.clone(),
                variant.price.to_decimal_string(),
                variant.on_hand.to_string(),
                product.unit.clone(),
                attributes.collect::<Vec<_>>().join("|"),
                if variant.sku == first { String::new() } else { first.to_owned() },
                on_sale.to_owned(),
                "1".to_owned(),
                product.description.vi.clone(),
            ]
            .map(|cell| neutral(&cell))
        };
        product.variants.iter().map(row)
    });
    write(COLUMNS, rows)
}

#[cfg(test)]
mod tests {
    use super::super::{ImportFormat, read as read_file};
    use super::*;

    const HEADER: &str = "Loại hàng,Nhóm hàng(3 Cấp),Mã hàng,Mã vạch,Tên hàng,Thương hiệu,Giá bán,Giá vốn,Tồn kho,\
        ĐVT,Mã ĐVT Cơ bản,Quy đổi,Thuộc tính,Mã HH Liên quan,\"Hình ảnh (url1,url2...)\",Đang kinh doanh,Mô tả\n";

    fn products(rows: &str) -> Vec<FileProduct> {
        read_file(ImportFormat::Kiotviet, format!("{HEADER}{rows}").as_bytes()).unwrap()
    }

    #[test]
    fn related_rows_are_variants_of_one_product_wherever_they_stand() {
        let read = products(
            "Hàng hóa,Quần áo>>Áo bà ba,AO-M,8930000000017,Áo bà ba,Cô Ba,\"350,000\",1,7,Cái,,1,SIZE:M|MÀU:Tím,AO-S,https://x/1.jpg,1,<p>Lụa</p>\n\
             Hàng hóa,Bánh kẹo,BP,,Bánh pía,,65.000,1,2.5,Hộp,,1,,,,0,\n\
             Hàng hóa,Quần áo>>Áo bà ba,AO-S,,Áo bà ba,Cô Ba,340000,1,-2,Cái,,1,SIZE:S|MÀU:Tím,,,1,<p>Lụa</p>\n",
        );
        assert!(read.iter().all(|product| product.problems.is_empty()), "{read:?}");
        let shirt = &read[0];
        assert_eq!((shirt.line, shirt.variant_lines.as_slice()), (2, [2, 4].as_slice()));
        assert_eq!(shirt.draft.option_names, ["SIZE", "MÀU"]);
        assert_eq!(shirt.draft.variants[0].option_values, ["M", "Tím"]);
        assert_eq!(shirt.draft.variants[1].stock, Some(0));
        assert_eq!(shirt.draft.attributes, [("Thương hiệu".to_owned(), "Cô Ba".to_owned())]);
        assert_eq!(shirt.draft.description.vi, "Lụa");
        assert_eq!(shirt.category_names, ["Áo bà ba", "Quần áo"]);
        let cake = &read[1].draft;
        assert_eq!((cake.publish, cake.variants[0].stock), (false, Some(2)));
        assert_eq!(cake.variants[0].price, Some(Money::vnd(65_000)));
    }

    #[test]
    fn goods_in_a_larger_unit_are_not_counted_twice() {
        let read = products(
            "Hàng hóa,,BIA,,Bia,,15000,1,48,Lon,,1,,,,1,\n\
             Hàng hóa,,BIA-T,,Bia,,340000,1,2,Thùng,BIA,24,,,,1,\n",
        );
        let beer = &read[0].draft;
        assert_eq!((read.len(), beer.unit.as_str()), (1, "Lon"));
        assert_eq!(beer.option_names, ["Đơn vị tính"]);
        let told: Vec<_> =
            beer.variants.iter().map(|one| (one.option_values[0].as_str(), one.stock)).collect();
        assert_eq!(told, [("Lon", Some(48)), ("Thùng", None)]);
    }

    #[test]
    fn of_more_variants_or_options_than_a_product_has_nothing_is_built() {
        let row = |code: usize, attributes: &str| {
            let of = if code == 0 { "" } else { "M0" };
            format!("Hàng hóa,,M{code},,Áo,,5000,1,1,,,,{attributes},{of},,1,\n")
        };
        let each_its_own: String =
            (0..9_000).map(|code| row(code, &format!("T{code}:x"))).collect();
        let four_of_four: String = (0..4).map(|code| row(code, &format!("T{code}:x"))).collect();
        let many_in_one_cell = row(0, &"T:x|".repeat(300_000));
        for (rows, column) in
            [(each_its_own, CODE), (four_of_four, ATTRIBUTES), (many_in_one_cell, ATTRIBUTES)]
        {
            let read = products(&rows);
            let [product] = &read[..] else { panic!("{} products", read.len()) };
            let said: Vec<_> =
                product.problems.iter().map(|one| (one.column.as_str(), one.code)).collect();
            assert_eq!(said, [(column, ProblemCode::TooMany)]);
            assert_eq!((product.name(), product.draft.variants.len()), ("M0", 1));
            assert!(product.draft.option_names.is_empty() && product.variant_lines == [2]);
        }
        let three: String = (0..100).map(|code| row(code, &format!("A:{code}|B:x|C:y"))).collect();
        let read = products(&three);
        assert!(read[0].problems.is_empty(), "{:?}", read[0].problems);
        assert_eq!((read.len(), read[0].draft.variants.len()), (1, 100));
    }

    #[test]
    fn of_a_long_path_of_groups_the_lowest_three_are_looked_for() {
        let path = format!("{}Bánh kẹo>>Bánh>>Bánh pía", "x>>".repeat(100_000));
        let read = products(&format!("Hàng hóa,{path},BP,,Bánh pía,,65000,1,2,Hộp,,1,,,,1,\n"));
        assert_eq!(read[0].category_names, ["Bánh pía", "Bánh", "Bánh kẹo"]);
    }

    #[test]
    fn each_wrong_cell_is_named_with_its_line_and_in_words_of_the_file() {
        let read = products(
            "Dịch vụ,,RX,,Rửa xe,,350000,1,0,,,,,,,1,\n\
             Hàng hóa,,,,Không mã,,5000,1,1,,,,,,,1,\n\
             Hàng hóa,,X,,Xoài,,hỏi,1,nhiều,,,,,,,1,\n\
             Hàng hóa,,X,,Xoài,,5000,1,1,,,,,,,1,\n\
             Hàng hóa,,A,,Áo,,5000,1,1,,,,SIZE:S,,,1,\n\
             Hàng hóa,,B,,Áo,,5000,1,1,,,,,A,,1,\n",
        );
        let said: Vec<(u32, &str, ProblemCode)> = read
            .iter()
            .flat_map(|product| &product.problems)
            .map(|problem| (problem.line, problem.column.as_str(), problem.code))
            .collect();
        assert_eq!(
            said,
            [
                (2, KIND, ProblemCode::Service),
                (3, CODE, ProblemCode::Required),
                (4, STOCK, ProblemCode::NotANumber),
                (4, PRICE, ProblemCode::NotAPrice),
                (7, ATTRIBUTES, ProblemCode::OptionsDiffer),
            ]
        );
        // The same code twice is one product with two variants that have one SKU, as its draft says.
        assert_eq!(read[2].variant_lines, [4, 5]);
    }
}
