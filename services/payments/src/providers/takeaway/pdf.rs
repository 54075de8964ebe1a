//! As pages of A4, with the font in the file: every letter of Vietnamese is drawn and can be copied.

mod font;
mod page;

use pdf_writer::{Content, Name, Pdf, Rect, Ref, TextStr};
use ttf_parser::FaceParsingError;

use self::font::Font;
use self::page::{Pen, columns_of};
use crate::domain::takeaway::{Cell, Table, Takeaway};

/// A4 lying, in points.
const WIDTH: f32 = 841.9;
const HEIGHT: f32 = 595.3;
const MARGIN: f32 = 36.0;
/// Between two lines of text, as a part of its size.
const LEADING: f32 = 1.55;
const TITLE: f32 = 16.0;
const TEXT: f32 = 9.5;

/// The fonts by the names that pages know them by.
pub const REGULAR: Name<'_> = Name(b"F1");
pub const BOLD: Name<'_> = Name(b"F2");

/// Hands out the numbers of the file's objects.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// The bytes of the file.
pub fn write(takeaway: &Takeaway) -> Result<Vec<u8>, FaceParsingError> {
    let fonts = [Font::regular()?, Font::bold()?];
    let pages = laid_out(takeaway, &fonts);
    let (mut pdf, mut numbers) = (Pdf::new(), Numbers(0));
    let (catalog, tree, info) = (numbers.next(), numbers.next(), numbers.next());
    pdf.catalog(catalog).pages(tree).lang(TextStr(takeaway.locale.tag()));
    pdf.document_info(info).title(TextStr(&takeaway.title)).creator(TextStr("Chợ Nổi"));
    let embedded: Vec<Ref> =
        fonts.iter().map(|font| font.embed(&mut pdf, || numbers.next())).collect();
    let ids: Vec<Ref> = pages.iter().map(|_| numbers.next()).collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().copied()).count(count);
    for (id, content) in ids.iter().zip(pages) {
        let stream = numbers.next();
        let mut page = pdf.page(*id);
        page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(stream);
        let mut resources = page.resources();
        resources.fonts().pair(REGULAR, embedded[0]).pair(BOLD, embedded[1]);
        drop(resources);
        drop(page);
        pdf.stream(stream, &content.finish());
    }
    Ok(pdf.finish())
}

/// The contents of all pages.
fn laid_out(takeaway: &Takeaway, fonts: &[Font; 2]) -> Vec<Content> {
    let mut pen = Pen::new(fonts);
    pen.line((MARGIN, HEIGHT - MARGIN - TITLE), &takeaway.title, (BOLD, TITLE));
    let mut y = HEIGHT - MARGIN - TITLE * 2.2;
    let names = takeaway.head.iter().map(|(name, _)| fonts[0].width(name, TEXT));
    let indent = MARGIN + names.fold(0.0, f32::max) + 12.0;
    for (name, cell) in &takeaway.head {
        pen.line((MARGIN, y), name, (REGULAR, TEXT));
        pen.line((indent, y), &cell.formatted(takeaway.locale), (BOLD, TEXT));
        y -= TEXT * LEADING;
    }
    y -= TEXT;
    if let Some(table) = takeaway.tables.first() {
        write_table(&mut pen, y, table, takeaway, fonts);
    }
    let pages = pen.pages();
    let count = pages.len();
    pages
        .into_iter()
        .zip(1..)
        .map(|(mut page, number): (Content, usize)| {
            let words = takeaway.page_words.replace("{page}", &number.to_string());
            let words = words.replace("{pages}", &count.to_string());
            let x = WIDTH - MARGIN - fonts[0].width(&words, TEXT);
            page::text(&mut page, &fonts[0], (x, MARGIN * 0.55), &words, (REGULAR, TEXT));
            page
        })
        .collect()
}

fn write_table(pen: &mut Pen<'_>, top: f32, table: &Table, takeaway: &Takeaway, fonts: &[Font; 2]) {
    let (columns, size) = columns_of(table, takeaway.locale, fonts, WIDTH - 2.0 * MARGIN, TEXT);
    let step = size * LEADING;
    let headings: Vec<String> = table.headings.clone();
    let mut y = top;
    let put = |pen: &mut Pen<'_>, y: f32, cells: &[String], font| {
        let mut x = MARGIN;
        for (column, words) in columns.iter().zip(cells) {
            pen.cell((x, y), column, words, (font, size));
            x += column.width;
        }
    };
    let head = |pen: &mut Pen<'_>, y: f32| {
        pen.band((MARGIN, y - step * 0.3), (WIDTH - 2.0 * MARGIN, step));
        put(pen, y, &headings, BOLD);
    };
    head(pen, y);
    let rows = table.rows.iter().map(|row| (row, REGULAR));
    for (row, font) in rows.chain(table.total.iter().map(|row| (row, BOLD))) {
        y -= step;
        if y < MARGIN * 1.4 {
            pen.turn();
            y = HEIGHT - MARGIN - size;
            head(pen, y);
            y -= step;
        }
        let cells: Vec<String> = row.iter().map(|cell| cell.formatted(takeaway.locale)).collect();
        if font == BOLD {
            pen.rule((MARGIN, y + step * 0.72), WIDTH - 2.0 * MARGIN);
        }
        put(pen, y, &cells, font);
    }
}

/// Whether a column is of numbers, which stand to the right.
fn of_numbers(table: &Table, place: usize) -> bool {
    let cells = table.rows.iter().chain(&table.total).filter_map(|row| row.get(place));
    cells.clone().any(Cell::is_number)
}
