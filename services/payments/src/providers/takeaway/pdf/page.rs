//! Drawing on pages: lines of text, cells, rules.

use kernel::Locale;
use pdf_writer::{Content, Name, Str};

use super::font::Font;
use super::{BOLD, of_numbers};
use crate::domain::takeaway::Table;

/// Between the words of two columns, in points.
const GAP: f32 = 8.0;
/// The smallest text that is still read.
const SMALLEST: f32 = 5.5;

/// A column of a table.
pub struct Column {
    /// Its width, in points, the gap included.
    pub width: f32,
    /// Whether its cells stand to the right.
    pub right: bool,
}

/// Draws on one page after the other.
pub struct Pen<'a> {
    fonts: &'a [Font; 2],
    pages: Vec<Content>,
    page: Content,
}

impl<'a> Pen<'a> {
    /// A pen on the first page.
    pub fn new(fonts: &'a [Font; 2]) -> Self {
        Self { fonts, pages: Vec::new(), page: Content::new() }
    }

    /// Goes on to the next page.
    pub fn turn(&mut self) {
        self.pages.push(std::mem::replace(&mut self.page, Content::new()));
    }

    /// All pages.
    pub fn pages(mut self) -> Vec<Content> {
        self.turn();
        self.pages
    }

    /// A line of text.
    pub fn line(&mut self, at: (f32, f32), words: &str, (name, size): (Name<'_>, f32)) {
        let font = font_of(self.fonts, name);
        text(&mut self.page, font, at, words, (name, size));
    }

    /// A cell of a table; what does not fit is cut, and shows that it is.
    pub fn cell(
        &mut self,
        (x, y): (f32, f32),
        column: &Column,
        words: &str,
        (name, size): (Name<'_>, f32),
    ) {
        let font = font_of(self.fonts, name);
        let room = column.width - GAP;
        let words = fitting(font, words, size, room);
        let x = if column.right { x + room - font.width(&words, size) } else { x };
        text(&mut self.page, font, (x, y), &words, (name, size));
    }

    /// A grey band behind headings.
    pub fn band(&mut self, (x, y): (f32, f32), (width, height): (f32, f32)) {
        self.page.set_fill_gray(0.9).rect(x - 3.0, y, width + 3.0, height).fill_nonzero();
        self.page.set_fill_gray(0.0);
    }

    /// A thin line.
    pub fn rule(&mut self, (x, y): (f32, f32), width: f32) {
        self.page.set_line_width(0.6).move_to(x, y).line_to(x + width, y).stroke();
    }
}

/// Writes text onto a page.
pub fn text(
    page: &mut Content,
    font: &Font,
    (x, y): (f32, f32),
    words: &str,
    (name, size): (Name<'_>, f32),
) {
    page.begin_text().set_font(name, size).next_line(x, y);
    page.show(Str(&font.encoded(words))).end_text();
}

/// The columns of a table, and the size of text with which they fit into a width.
pub fn columns_of(
    table: &Table,
    locale: Locale,
    fonts: &[Font; 2],
    room: f32,
    size: f32,
) -> (Vec<Column>, f32) {
    let mut widest: Vec<f32> =
        table.headings.iter().map(|heading| fonts[1].width(heading, 1.0)).collect();
    for (row, font) in table
        .rows
        .iter()
        .map(|row| (row, &fonts[0]))
        .chain(table.total.iter().map(|row| (row, &fonts[1])))
    {
        for (width, cell) in widest.iter_mut().zip(row) {
            *width = width.max(font.width(&cell.formatted(locale), 1.0));
        }
    }
    let gaps: f32 = widest.iter().map(|_| GAP).sum();
    let sum: f32 = widest.iter().sum();
    let size = if sum > 0.0 { size.min((room - gaps) / sum).max(SMALLEST) } else { size };
    let natural = sum * size + gaps;
    // Too wide even so: every column gives a share. Narrow ones spread over the page.
    let share = if natural > 0.0 { room / natural } else { 1.0 };
    let columns = widest.iter().enumerate().map(|(place, width)| Column {
        width: (width * size + GAP) * share,
        right: of_numbers(table, place),
    });
    (columns.collect(), size)
}

fn fitting(font: &Font, words: &str, size: f32, room: f32) -> String {
    // A hair more than the room: what was measured to fit must fit.
    if font.width(words, size) <= room + 0.5 {
        return words.to_owned();
    }
    let mut cut = String::new();
    for letter in words.chars() {
        cut.push(letter);
        if font.width(&cut, size) + font.width("…", size) > room {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    cut
}

fn font_of<'a>(fonts: &'a [Font; 2], name: Name<'_>) -> &'a Font {
    if name == BOLD { &fonts[1] } else { &fonts[0] }
}
