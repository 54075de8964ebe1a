//! VietQR: EMVCo's merchant-presented QR in the profile of NAPAS. Strict in what is written,
//! tolerant in what is read.
//!
//! Source: EMV QRCPS Merchant-Presented Mode 1.1; NAPAS, VietQR format 1.5.2.

use kernel::fold_ascii;

use super::tlv::{self, Fields};

const GUID: &str = "A000000727";

/// Whether the money goes to an account or to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// QRIBFTTA.
    ToAccount,
    /// QRIBFTTC.
    ToCard,
}

impl Service {
    const fn code(self) -> &'static str {
        match self {
            Self::ToAccount => "QRIBFTTA",
            Self::ToCard => "QRIBFTTC",
        }
    }
}

/// What a VietQR says. Texts may hold diacritics; they are folded to ASCII when written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VietQr {
    /// BIN of the receiving bank, six digits.
    pub bin: String,
    /// Receiving account or card, at most 19 letters and digits.
    pub account: String,
    /// Account or card.
    pub service: Service,
    /// For one payment only (`12`), or to be used again (`11`).
    pub dynamic: bool,
    /// Whole đồng, at most 13 digits.
    pub amount: Option<u64>,
    /// What the payer's bank puts into the memo (62.08), at most 25 characters.
    pub purpose: String,
    /// Number of the bill (62.01).
    pub bill: String,
    /// Label of the store (62.03).
    pub store: String,
    /// Label of the terminal (62.07).
    pub terminal: String,
    /// Merchant category code (52), four digits, or nothing.
    pub category: String,
    /// Name of the merchant (59), at most 25 characters.
    pub name: String,
    /// City of the merchant (60), at most 15 characters.
    pub city: String,
}

/// Why something cannot be written as a VietQR.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteRefused {
    /// A field is longer than the standard allows; it is never cut.
    #[error("{field} has {length} characters, at most {maximum} fit")]
    TooLong {
        /// The field's id.
        field: &'static str,
        /// Characters after folding.
        length: usize,
        /// Characters that fit.
        maximum: usize,
    },
    /// A field is not of the form that the standard asks for.
    #[error("{field} is malformed")]
    Malformed {
        /// The field's id.
        field: &'static str,
    },
}

/// Why a text cannot be read as a VietQR.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefused {
    /// The checksum is missing or wrong.
    #[error("the checksum does not hold")]
    Checksum,
    /// Fields do not add up.
    #[error("the fields do not add up")]
    Fields,
    /// It is a QR, but no VietQR.
    #[error("this is no VietQR")]
    NotVietQr,
}

/// Something unusual in a QR that could be read nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The currency is not 704 (đồng).
    Currency(String),
    /// The country is not VN.
    Country(String),
    /// The amount has decimals or leading zeros.
    AmountForm(String),
    /// A text is longer than the standard allows.
    TooLong(&'static str),
}

impl VietQr {
    /// A QR for one payment into an account.
    pub fn payment(bin: &str, account: &str, amount: u64, purpose: &str) -> Self {
        Self {
            bin: bin.to_owned(),
            account: account.to_owned(),
            service: Service::ToAccount,
            dynamic: true,
            amount: Some(amount),
            purpose: purpose.to_owned(),
            bill: String::new(),
            store: String::new(),
            terminal: String::new(),
            category: String::new(),
            name: String::new(),
            city: String::new(),
        }
    }

    /// A QR into an account whose payer types the amount: it may be scanned for several transfers.
    pub fn open_amount(bin: &str, account: &str, purpose: &str) -> Self {
        Self { dynamic: false, amount: None, ..Self::payment(bin, account, 0, purpose) }
    }

    /// The payload of the QR, checksum and all.
    pub fn write(&self) -> Result<String, WriteRefused> {
        if self.bin.len() != 6 || !self.bin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(WriteRefused::Malformed { field: "bin" });
        }
        if self.account.is_empty() || !self.account.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(WriteRefused::Malformed { field: "account" });
        }
        let mut payload = String::with_capacity(200);
        tlv::put(&mut payload, "00", "01");
        tlv::put(&mut payload, "01", if self.dynamic { "12" } else { "11" });
        tlv::put(&mut payload, "38", &self.receiver()?);
        if !self.category.is_empty() {
            tlv::put(&mut payload, "52", &digits("category", &self.category, 4)?);
        }
        tlv::put(&mut payload, "53", "704");
        if let Some(amount) = self.amount {
            tlv::put(&mut payload, "54", &fitted("amount", &amount.to_string(), 13)?);
        }
        tlv::put(&mut payload, "58", "VN");
        put_given(&mut payload, "59", &fitted("name", &self.name, 25)?);
        put_given(&mut payload, "60", &fitted("city", &self.city, 15)?);
        put_given(&mut payload, "62", &self.additional()?);
        payload.push_str("6304");
        let checksum = tlv::crc16(payload.as_bytes());
        payload.push_str(&format!("{checksum:04X}"));
        Ok(payload)
    }

    fn receiver(&self) -> Result<String, WriteRefused> {
        let mut account = String::new();
        tlv::put(&mut account, "00", &self.bin);
        tlv::put(&mut account, "01", &fitted("account", &self.account, 19)?);
        let mut receiver = String::new();
        tlv::put(&mut receiver, "00", GUID);
        tlv::put(&mut receiver, "01", &account);
        tlv::put(&mut receiver, "02", self.service.code());
        Ok(receiver)
    }

    fn additional(&self) -> Result<String, WriteRefused> {
        let mut data = String::new();
        put_given(&mut data, "01", &fitted("bill", &self.bill, 25)?);
        put_given(&mut data, "03", &fitted("store", &self.store, 25)?);
        put_given(&mut data, "07", &fitted("terminal", &self.terminal, 25)?);
        put_given(&mut data, "08", &fitted("purpose", &self.purpose, 25)?);
        fitted("additional data", &data, 99)
    }

    /// Reads a payload, and says what is odd about it.
    pub fn read(payload: &str) -> Result<(Self, Vec<Oddity>), ReadRefused> {
        let payload = payload.trim();
        let body = tlv::checked(payload).ok_or(ReadRefused::Checksum)?;
        let fields = Fields::read(body).ok_or(ReadRefused::Fields)?;
        let receiver = fields.get("38").ok_or(ReadRefused::NotVietQr)?;
        let receiver = Fields::read(receiver).ok_or(ReadRefused::Fields)?;
        if receiver.get("00") != Some(GUID) {
            return Err(ReadRefused::NotVietQr);
        }
        let account = Fields::read(receiver.text("01")).ok_or(ReadRefused::Fields)?;
        let additional = Fields::read(fields.text("62")).ok_or(ReadRefused::Fields)?;
        let mut odd = Vec::new();
        let qr = Self {
            bin: account.text("00").to_owned(),
            account: account.text("01").to_owned(),
            service: match receiver.text("02") {
                "QRIBFTTC" => Service::ToCard,
                _ => Service::ToAccount,
            },
            dynamic: fields.text("01") == "12",
            amount: read_amount(fields.get("54"), &mut odd),
            purpose: additional.text("08").to_owned(),
            bill: additional.text("01").to_owned(),
            store: additional.text("03").to_owned(),
            terminal: additional.text("07").to_owned(),
            category: fields.text("52").to_owned(),
            name: fields.text("59").to_owned(),
            city: fields.text("60").to_owned(),
        };
        if fields.text("53") != "704" {
            odd.push(Oddity::Currency(fields.text("53").to_owned()));
        }
        if fields.text("58") != "VN" {
            odd.push(Oddity::Country(fields.text("58").to_owned()));
        }
        for (name, text, maximum) in
            [("purpose", &qr.purpose, 25), ("name", &qr.name, 25), ("account", &qr.account, 19)]
        {
            if text.chars().count() > maximum {
                odd.push(Oddity::TooLong(name));
            }
        }
        Ok((qr, odd))
    }
}

fn read_amount(text: Option<&str>, odd: &mut Vec<Oddity>) -> Option<u64> {
    let text = text?;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if whole.starts_with('0') || !decimals.is_empty() {
        odd.push(Oddity::AmountForm(text.to_owned()));
    }
    decimals.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten()
}

/// A text folded to ASCII first and measured then.
fn fitted(field: &'static str, text: &str, maximum: usize) -> Result<String, WriteRefused> {
    let folded = fold_ascii(text);
    if folded.len() > maximum {
        return Err(WriteRefused::TooLong { field, length: folded.len(), maximum });
    }
    Ok(folded)
}

fn digits(field: &'static str, text: &str, length: usize) -> Result<String, WriteRefused> {
    let fine = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if fine { Ok(text.to_owned()) } else { Err(WriteRefused::Malformed { field }) }
}

fn put_given(payload: &mut String, id: &str, value: &str) {
    if !value.is_empty() {
        tlv::put(payload, id, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn from_input(input: &Value) -> VietQr {
        let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
        VietQr {
            bin: text("bin"),
            account: text("account"),
            service: if text("service") == "QRIBFTTC" {
                Service::ToCard
            } else {
                Service::ToAccount
            },
            dynamic: text("init") == "12",
            amount: input["amount"].as_u64(),
            purpose: text("purpose"),
            bill: text("bill"),
            store: text("store"),
            terminal: text("terminal"),
            category: text("mcc"),
            name: text("name"),
            city: text("city"),
        }
    }

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/data/vietqr-vectors.json")).unwrap()
    }

    #[test]
    fn every_vector_on_which_libraries_agree_is_written_and_read_alike() {
        let vectors = vectors();
        let vectors = vectors["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 19);
        for vector in vectors {
            let (qr, payload) = (from_input(&vector["input"]), vector["qr"].as_str().unwrap());
            assert_eq!(qr.write().as_deref(), Ok(payload), "{}", vector["id"]);
            assert_eq!(VietQr::read(payload), Ok((qr, vec![])), "{}", vector["id"]);
        }
    }

    #[test]
    fn published_codes_whose_fields_add_up_can_be_read() {
        for published in vectors()["published_strings"].as_array().unwrap() {
            let read = VietQr::read(published["qr"].as_str().unwrap());
            // One of them is VNPAY's own QR (tag 26): a QR, but no VietQR.
            let sound = published["crc_ok"] == true
                && published["tlv_errors"].as_array().unwrap().is_empty()
                && published["qr"].as_str().unwrap().contains(GUID);
            assert_eq!(read.is_ok(), sound, "{published}: {read:?}");
        }
    }

    #[test]
    fn diacritics_are_folded_and_what_does_not_fit_is_refused_not_cut() {
        let mut qr = VietQr::payment("970436", "0123456789", 50_000, "Thanh toán đơn hàng");
        let (read, _) = VietQr::read(&qr.write().unwrap()).unwrap();
        assert_eq!(read.purpose, "Thanh toan don hang");
        qr.purpose = "A".repeat(26);
        assert!(matches!(
            qr.write(),
            Err(WriteRefused::TooLong { field: "purpose", length: 26, maximum: 25 })
        ));
        qr = VietQr::payment("970436", "0123456789", 99_999_999_999_999, "X");
        assert!(matches!(qr.write(), Err(WriteRefused::TooLong { field: "amount", .. })));
        qr = VietQr::payment("97043", "0123456789", 1, "X");
        assert!(matches!(qr.write(), Err(WriteRefused::Malformed { field: "bin" })));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            bin in "[0-9]{6}", account in "[0-9A-Z]{1,19}", amount in 1u64..10_000_000_000_000, purpose in "([A-Z0-9]{1,5}( [A-Z0-9]{1,5}){0,3})?",
        ) {
            let qr = VietQr::payment(&bin, &account, amount, &purpose);
            let payload = qr.write().unwrap();
            prop_assert_eq!(VietQr::read(&payload), Ok((qr, vec![])));
        }

        #[test]
        fn one_altered_character_is_caught(place in 0usize..100, letter in "[A-Z0-9]") {
            let payload = VietQr::payment("970436", "0123456789", 55_000, "CN7K2M4QPXZ").write().unwrap();
            let place = place % payload.len();
            prop_assume!(payload[place..=place] != *letter);
            let altered = format!("{}{letter}{}", &payload[..place], &payload[place + 1..]);
            prop_assert!(VietQr::read(&altered).is_err());
        }

        #[test]
        fn any_text_is_read_without_harm(text in ".{0,200}") {
            let _ = VietQr::read(&text);
        }
    }
}
