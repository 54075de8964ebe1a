//! The parts of a workbook that its reader keeps whole: the texts that cells share, and their looks.
//!
//! The reader (calamine 0.38) believes what a part says of itself. It sets room aside for as many texts as
//! are announced, and where there is no such room the whole process ends; it copies the names of fonts and
//! formats into every look. So both parts are read here first, by the same rules of XML, and refused where
//! they say too much.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::FileRefused;
use super::workbook::{MAX_CELLS, broken};

/// The most bytes of the texts that cells share, with their tags.
const MAX_TEXTS: u64 = 16 * 1024 * 1024;
/// The most bytes of the looks of cells.
const MAX_LOOKS: u64 = 1024 * 1024;
/// The most looks; each may hold a copy of the names of a font and of a format.
const MAX_LOOK_COUNT: usize = 10_000;
/// The most bytes of what a tag says of a look: Excel takes names and formats of 255 characters.
const MAX_LOOK_TAG: usize = 2_048;

/// Refuses a workbook with too many texts or looks. How the reader finds its parts: by the end of their
/// names, in whatever case.
pub fn check(file: &[u8]) -> Result<(), FileRefused> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    for place in 0..archive.len() {
        let packed = archive.by_index(place).map_err(|error| broken(&error))?;
        let name = packed.name().map_err(|error| broken(&error))?.to_ascii_lowercase();
        if name.ends_with("sharedstrings.xml") {
            check_texts(&unpacked(packed, MAX_TEXTS)?)?;
        } else if name.ends_with("styles.xml") {
            check_looks(&unpacked(packed, MAX_LOOKS)?)?;
        }
    }
    Ok(())
}

fn unpacked(packed: impl Read, most: u64) -> Result<Vec<u8>, FileRefused> {
    let mut part = Vec::new();
    packed.take(most + 1).read_to_end(&mut part).map_err(|error| broken(&error))?;
    if part.len() as u64 > most { Err(FileRefused::TooLarge) } else { Ok(part) }
}

fn check_texts(part: &[u8]) -> Result<(), FileRefused> {
    let mut texts = 0;
    each_tag(part, |name, attributes| {
        texts += usize::from(name == "si");
        let announced =
            name == "sst" && announced(attributes).any(|count| count > MAX_CELLS as u64);
        if announced || texts > MAX_CELLS { Err(FileRefused::TooLarge) } else { Ok(()) }
    })
}

/// The numbers behind `count` and `uniqueCount`, however they are written; what is no number that a
/// machine can hold is the largest.
fn announced(attributes: &str) -> impl Iterator<Item = u64> {
    attributes.split("ount").skip(1).filter_map(|behind| {
        let number = behind.trim_start_matches(|c: char| !c.is_ascii_digit());
        let number = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        (!number.is_empty()).then(|| number.parse().unwrap_or(u64::MAX))
    })
}

fn check_looks(part: &[u8]) -> Result<(), FileRefused> {
    let mut looks = 0;
    each_tag(part, |name, attributes| {
        looks += usize::from(name == "xf");
        let long = name != "styleSheet" && attributes.len() > MAX_LOOK_TAG;
        if long || looks > MAX_LOOK_COUNT { Err(FileRefused::TooLarge) } else { Ok(()) }
    })
}

/// Tells of each tag its name without its prefix, and its attributes as they stand there.
fn each_tag(
    part: &[u8],
    mut check: impl FnMut(&str, &str) -> Result<(), FileRefused>,
) -> Result<(), FileRefused> {
    let mut of = |tag: &BytesStart<'_>| check(tag.local_name().as_ref(), tag.attributes_raw());
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).map_err(|error| broken(&error))? {
            Event::Start(tag) | Event::Empty(tag) => of(&tag)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::Workbook;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::domain::import::read_any;

    /// A workbook of one text in which a part says something else.
    fn saying(part: &str, content: &str) -> Vec<u8> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write(0, 0, "Xoài").unwrap();
        let saved = workbook.save_to_buffer().unwrap();
        let mut old = ZipArchive::new(Cursor::new(saved)).unwrap();
        let mut new = ZipWriter::new(Cursor::new(Vec::new()));
        let mut is_said = false;
        for place in 0..old.len() {
            let mut packed = old.by_index(place).unwrap();
            let name = packed.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            packed.read_to_end(&mut bytes).unwrap();
            if name == part {
                bytes = content.as_bytes().to_vec();
                is_said = true;
            }
            new.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            new.write_all(&bytes).unwrap();
        }
        assert!(is_said, "{part}");
        new.finish().unwrap().into_inner()
    }

    const TEXTS: &str = "xl/sharedStrings.xml";

    #[test]
    fn more_texts_than_there_can_be_cells_are_refused_before_room_is_set_aside_for_them() {
        let text = "<si><t>Xoài</t></si>";
        for tag in [
            "<sst uniqueCount=\"100000000000\">",
            "<!-- <sst> --><x:sst count=\"1\" uniqueCount = '1000001'>",
            "<sst count=\"1\" uniqueCount=\"+99999999999999999999999999\">",
            "<sst count=\"1000001\" uniqueCount=\"1\">",
        ] {
            let file = saying(TEXTS, &format!("{tag}{text}</sst>"));
            assert_eq!(read_any(&file).unwrap_err(), FileRefused::TooLarge, "{tag}");
        }
        let sound = saying(TEXTS, &format!("<sst count=\"1\" uniqueCount=\"1\">{text}</sst>"));
        assert_eq!(check(&sound), Ok(()));
        assert_eq!(read_any(&sound).unwrap_err(), FileRefused::UnknownColumns);
    }

    #[test]
    fn texts_are_counted_whatever_is_announced() {
        let many = |count: usize| format!("<sst>{}</sst>", "<si/>".repeat(count));
        assert_eq!(check_texts(many(MAX_CELLS).as_bytes()), Ok(()));
        assert_eq!(check_texts(many(MAX_CELLS + 1).as_bytes()), Err(FileRefused::TooLarge));
        let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(MAX_TEXTS as usize));
        assert_eq!(check(&saying(TEXTS, &long)), Err(FileRefused::TooLarge));
    }

    #[test]
    fn a_long_name_is_not_copied_into_many_looks() {
        let looks = |name: usize, count: usize| {
            let name = "x".repeat(name);
            let looks = "<xf fontId=\"0\"/>".repeat(count);
            let fonts = format!("<fonts><font><name val=\"{name}\"/></font></fonts>");
            let looks = format!("<styleSheet>{fonts}<cellXfs>{looks}</cellXfs></styleSheet>");
            check(&saying("xl/styles.xml", &looks))
        };
        assert_eq!(looks(31, 1_000), Ok(()));
        assert_eq!(looks(MAX_LOOK_TAG, 1), Err(FileRefused::TooLarge));
        assert_eq!(looks(31, MAX_LOOK_COUNT + 1), Err(FileRefused::TooLarge));
        assert_eq!(looks(MAX_LOOKS as usize, 1), Err(FileRefused::TooLarge));
    }
}
