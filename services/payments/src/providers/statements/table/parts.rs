//! The parts of a workbook that its reader keeps whole: the texts that cells share, and their looks.
//!
//! The reader (calamine 0.38) believes what a part says of itself. It sets room aside for as many texts as
//! are announced, and where there is no such room the whole process ends; it copies the names of fonts and
//! formats into every look. So what they announce is read here first, by the same rules of XML.

use std::io::{BufRead, BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::NoTable;

/// The most bytes of the looks of cells.
const MAX_LOOKS: u64 = 4 * 1024 * 1024;
/// The most looks; each may hold a copy of the names of a font and of a format.
const MAX_LOOK_COUNT: usize = 20_000;
/// The most bytes of what a tag says of a look: Excel takes names and formats of 255 characters.
const MAX_LOOK_TAG: usize = 2_048;

/// Refuses a workbook that announces more than `most` texts, or has too many looks. How the reader finds
/// its parts: by the end of their names, in whatever case.
pub fn check<R: Read + Seek>(archive: &mut ZipArchive<R>, most: u64) -> Result<(), NoTable> {
    for place in 0..archive.len() {
        let packed = archive.by_index(place).map_err(broken)?;
        let name = packed.name().map_err(broken)?.to_ascii_lowercase();
        if name.ends_with("sharedstrings.xml") {
            check_texts(BufReader::new(packed), most)?;
        } else if name.ends_with("styles.xml") {
            if packed.size() > MAX_LOOKS {
                return Err(too_many("bytes of looks", MAX_LOOKS));
            }
            check_looks(BufReader::new(packed.take(MAX_LOOKS)))?;
        }
    }
    Ok(())
}

fn broken(error: impl ToString) -> NoTable {
    NoTable::Workbook(error.to_string())
}

fn too_many(what: &str, most: impl std::fmt::Display) -> NoTable {
    NoTable::Workbook(format!("more than {most} {what}"))
}

/// Only the first tag of texts announces any.
fn check_texts(part: impl BufRead, most: u64) -> Result<(), NoTable> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sst" => {
                let announced = announced(tag.attributes_raw()).max().unwrap_or(0);
                return if announced > most { Err(too_many("texts", most)) } else { Ok(()) };
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
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

fn check_looks(part: impl BufRead) -> Result<(), NoTable> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let (mut buffer, mut looks) = (Vec::new(), 0);
    loop {
        match reader.read_event_into(&mut buffer).map_err(broken)? {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.local_name();
                looks += usize::from(name.as_ref() == "xf");
                if looks > MAX_LOOK_COUNT {
                    return Err(too_many("looks", MAX_LOOK_COUNT));
                }
                if name.as_ref() != "styleSheet" && tag.attributes_raw().len() > MAX_LOOK_TAG {
                    return Err(too_many("bytes of a look", MAX_LOOK_TAG));
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
        buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_texts_than_there_can_be_cells_are_refused_before_room_is_set_aside_for_them() {
        for (tag, is_refused) in [
            ("<sst uniqueCount=\"100000000000\">", true),
            ("<!-- <sst> --><x:sst count=\"1\" uniqueCount = '1001'>", true),
            ("<sst count=\"1\" uniqueCount=\"+99999999999999999999999999\"/>", true),
            ("<sst count=\"1001\" uniqueCount=\"1\">", true),
            ("<sst xmlns=\"http://schemas/2006\" count=\"1000\" uniqueCount=\"1000\">", false),
            ("<sst>", false),
        ] {
            let checked = check_texts(tag.as_bytes(), 1_000);
            let told = checked.map_err(|error| error.to_string());
            let refused = "the workbook cannot be read: more than 1000 texts".to_owned();
            assert_eq!(told, if is_refused { Err(refused) } else { Ok(()) }, "{tag}");
        }
    }

    #[test]
    fn a_long_name_is_not_copied_into_many_looks() {
        let looks = |name: usize, count: usize| {
            let name = "x".repeat(name);
            let looks = "<xf fontId=\"0\"/>".repeat(count);
            let fonts = format!("<fonts><font><name val=\"{name}\"/></font></fonts>");
            let looks = format!("<styleSheet>{fonts}<cellXfs>{looks}</cellXfs></styleSheet>");
            check_looks(looks.as_bytes()).is_ok()
        };
        assert!(looks(31, MAX_LOOK_COUNT));
        assert!(!looks(MAX_LOOK_TAG, 1));
        assert!(!looks(31, MAX_LOOK_COUNT + 1));
    }
}
