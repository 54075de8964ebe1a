//! A letter as mail servers carry it (RFC 5322). Nothing that people write reaches a header as it is: control
//! characters become blanks, and the rest is encoded (RFC 2047).

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::{Address, message};

use super::{Letter, MailError};

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 180;
/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

/// Who letters come from.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

/// The text names nobody who could send letters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no sender of the form Chợ Nổi <no-reply@example.vn>")]
pub struct BadSender(pub String);

impl Sender {
    /// Reads `Chợ Nổi <no-reply@example.vn>`, or an address alone.
    pub fn parse(text: &str) -> Result<Self, BadSender> {
        let bad = || BadSender(text.to_owned());
        if text.chars().any(char::is_control) {
            return Err(bad());
        }
        let sender: Mailbox = text.parse().map_err(|_| bad())?;
        Ok(Self(sender))
    }

    /// The host of its address.
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }

    /// The letter as servers carry it.
    pub fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let address: Address = letter.address.trim().parse().map_err(|_| MailError::Address)?;
        // Servers that carry other letters in an address are rare: better no letter than a lost one.
        if !AsRef::<str>::as_ref(&address).is_ascii() {
            return Err(MailError::Address);
        }
        let name = Some(one_line(&letter.name, LONGEST_NAME)).filter(|name| !name.is_empty());
        let micros = u64::try_from(letter.written_at.micros()).unwrap_or_default();
        let written_at = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        Message::builder()
            .from(self.0.clone())
            .to(Mailbox::new(name, address))
            .subject(one_line(&letter.subject, LONGEST_SUBJECT))
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain())))
            .date(written_at)
            // RFC 3834: nobody's absence answers it.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .singlepart(message::SinglePart::builder().header(ContentType::TEXT_PLAIN).body(
                // Lines end as RFC 5322 wants it.
                letter.text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n"),
            ))
            .map_err(|_| MailError::Address)
    }
}

/// A text without control characters, at most so long.
fn one_line(text: &str, longest: usize) -> String {
    let blank = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line: String = text.chars().map(blank).take(longest).collect();
    kernel::normalize_spaces(&line)
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn letter() -> Letter {
        Letter {
            id: Uuid::from_u128(7),
            name: "Trần Thị Sáu".to_owned(),
            address: "sau@example.vn".to_owned(),
            subject: "Đơn hàng CN-7K2M đã thanh toán".to_owned(),
            text: "Chào chị Sáu,\nđơn hàng đã thanh toán.\n.\n".to_owned(),
            written_at: Timestamp::from_micros(1_800_000_000_000_000),
        }
    }

    fn written(letter: &Letter) -> String {
        let sender = Sender::parse("Chợ Nổi <no-reply@example.vn>").unwrap();
        String::from_utf8(sender.message(letter).unwrap().formatted()).unwrap()
    }

    /// The names of the headers, in order.
    fn headers(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap_or_default();
        let folded = |line: &&str| !line.starts_with([' ', '\t']);
        head.split("\r\n").filter(folded).filter_map(|line| Some(line.split_once(':')?.0)).collect()
    }

    #[test]
    fn the_same_letter_is_the_same_message() {
        let message = written(&letter());
        assert_eq!(message, written(&letter()));
        let id = "Message-ID: <00000000-0000-0000-0000-000000000007@example.vn>";
        assert!(message.contains(id), "{message}");
        assert!(message.is_ascii() && message.contains("Auto-Submitted: auto-generated"));
    }

    #[test]
    fn nothing_that_people_write_makes_a_header() {
        let plain = written(&letter());
        let evil = "x\r\nBcc: all@example.vn\r\n\r\nBuy!\u{b}\u{0}";
        let message =
            written(&Letter { name: evil.to_owned(), subject: evil.to_owned(), ..letter() });
        assert_eq!(headers(&message), headers(&plain), "{message}");
        let head = message.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\nBcc") && !head.contains('\u{0}'), "{head}");
    }

    #[test]
    fn what_is_no_address_gets_no_letter() {
        for address in [
            "",
            "sau",
            "sau@example.vn\r\nBcc: all@example.vn",
            "a@example.vn, b@example.vn",
            "sáu@example.vn",
            "<sau@example.vn> SIZE=1",
        ] {
            let letter = Letter { address: address.to_owned(), ..letter() };
            let sender = Sender::parse("no-reply@example.vn").unwrap();
            assert!(matches!(sender.message(&letter), Err(MailError::Address)), "{address:?}");
        }
    }

    #[test]
    fn a_sender_is_one_address_with_a_name_or_without() {
        assert_eq!(Sender::parse("Chợ Nổi <no-reply@example.vn>").unwrap().domain(), "example.vn");
        assert_eq!(Sender::parse("no-reply@example.vn").unwrap().domain(), "example.vn");
        for wrong in ["", "Chợ Nổi", "a@example.vn\nBcc: b@example.vn"] {
            assert_eq!(Sender::parse(wrong).unwrap_err(), BadSender(wrong.to_owned()));
        }
    }
}
