//! Text with separators whose rows end in line feeds only, and the lines on which its rows begin.
//!
//! The reader of such text counts line feeds: never a bare carriage return, and one behind a carriage
//! return only with the row below. It also counts empty lines as part of the row below them. People count
//! lines as their editor shows them.

use std::io::{self, Read};
use std::mem;

/// An input whose lines end in a line feed, whatever they ended in; the last one too.
pub struct LineFeeds<R> {
    input: R,
    /// The last byte was a carriage return: a line feed behind it ends no other line.
    returned: bool,
    /// Something was read behind the last end of a line.
    open: bool,
}

impl<R: Read> LineFeeds<R> {
    /// The lines of an input: they end in CR LF, LF or CR.
    pub const fn of(input: R) -> Self {
        Self { input, returned: false, open: false }
    }

    /// Rewrites what was read, in place; how many bytes it is now.
    fn rewrite(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        let mut from = usize::from(mem::take(&mut self.returned) && bytes.first() == Some(&b'\n'));
        while let Some(behind) = memchr::memchr(b'\r', &bytes[from..]) {
            let end = from + behind;
            bytes.copy_within(from..end, kept);
            kept += behind;
            bytes[kept] = b'\n';
            kept += 1;
            from = end + 1;
            match bytes.get(from) {
                Some(b'\n') => from += 1,
                Some(_) => {}
                None => self.returned = true,
            }
        }
        if kept < from {
            bytes.copy_within(from.., kept);
        }
        kept + bytes.len() - from
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.input.read(buffer)?;
            if read == 0 {
                if !self.open {
                    return Ok(0);
                }
                self.open = false;
                buffer[0] = b'\n';
                return Ok(1);
            }
            let kept = self.rewrite(&mut buffer[..read]);
            if let Some(last) = buffer[..kept].last() {
                self.open = *last != b'\n';
                return Ok(kept);
            }
        }
    }
}

/// The line on which a row begins, counted from 1. `ended` is where the reader of the [`LineFeeds`] stands
/// behind the row, whose cells must be as they were read: the line breaks in them count.
pub fn line_of(row: &csv::ByteRecord, ended: &csv::Position) -> u64 {
    let within = memchr::memchr_iter(b'\n', row.as_slice()).count() as u64;
    // A quote that is never closed takes the last line's end for its own: then empty lines above count.
    let first = row.position().map_or(1, csv::Position::line);
    ended.line().saturating_sub(1 + within).max(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives few bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.read(&mut buffer[..count])
        }
    }

    fn rewritten(text: &str, at_a_time: usize) -> String {
        let mut read = String::new();
        LineFeeds::of(Slowly(text.as_bytes(), at_a_time)).read_to_string(&mut read).unwrap();
        read
    }

    #[test]
    fn lines_end_in_one_line_feed_wherever_a_read_ends() {
        for at_a_time in 1..9 {
            for (text, read) in [
                ("a\r\nb\r\n", "a\nb\n"),
                ("a\rb\r", "a\nb\n"),
                ("a\nb\n", "a\nb\n"),
                ("a\r\r\n\n\rb", "a\n\n\n\nb\n"),
                ("\r\n", "\n"),
                ("a", "a\n"),
                ("", ""),
            ] {
                assert_eq!(rewritten(text, at_a_time), read, "{text:?} by {at_a_time}");
            }
        }
    }

    #[test]
    fn rows_begin_where_an_editor_shows_them_however_lines_end() {
        for end in ["\n", "\r\n", "\r"] {
            for last in ["", end] {
                let text =
                    ["a,b", "", "", "\"c", "d\",e", "f", "\"g", "", "h\"", "i"].join(end) + last;
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .flexible(true)
                    .from_reader(LineFeeds::of(text.as_bytes()));
                let (mut row, mut lines) = (csv::ByteRecord::new(), Vec::new());
                while reader.read_byte_record(&mut row).unwrap() {
                    lines.push(line_of(&row, reader.position()));
                }
                assert_eq!(lines, [1, 4, 6, 7, 10], "{text:?}");
            }
        }
    }

    #[test]
    fn a_row_whose_quote_is_never_closed_begins_where_it_begins() {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(LineFeeds::of(&b"a,b\r\nc,\"d\r\ne,f"[..]));
        let mut row = csv::ByteRecord::new();
        reader.read_byte_record(&mut row).unwrap();
        reader.read_byte_record(&mut row).unwrap();
        assert_eq!(line_of(&row, reader.position()), 2);
    }

    proptest! {
        #[test]
        fn nothing_but_ends_of_lines_is_changed(text in "[ab\r\n]{0,40}", at_a_time in 1_usize..5) {
            let mut plain = text.replace("\r\n", "\n").replace('\r', "\n");
            if !plain.is_empty() && !plain.ends_with('\n') {
                plain.push('\n');
            }
            prop_assert_eq!(rewritten(&text, at_a_time), plain);
        }
    }
}
