//! The payout file as ISO 20022 `pain.001.001.09` (CustomerCreditTransferInitiationV09).
//!
//! Banks in Vietnam know each other by BIN, which is neither an IBAN's nor a SWIFT's world: the bank is
//! written as a member of a clearing system (`ClrSysMmbId/MmbId`), the account as `Othr/Id`. Each
//! transfer is asked to be booked by itself (`BtchBookg` false), so that each debit has its own memo.

use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};

use super::{OutgoingTransfer, PayoutFile, carried_by_banks};
use crate::domain::payee_account::PayeeAccount;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
const DATE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+07:00");

/// Writes the file.
pub fn write(file: &PayoutFile) -> String {
    let mut xml = Xml::default();
    xml.text += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    xml.text += &format!("<Document xmlns=\"{NAMESPACE}\">\n");
    xml.nested("CstmrCdtTrfInitn", |xml| {
        xml.nested("GrpHdr", |xml| group_header(xml, file));
        xml.nested("PmtInf", |xml| payment_information(xml, file));
    });
    xml.text += "</Document>\n";
    xml.text
}

fn group_header(xml: &mut Xml, file: &PayoutFile) {
    let created_at = file.parts.created_at.to_utc().to_offset(offset!(+7));
    xml.leaf("MsgId", &file.parts.message_id);
    // Formatting into a String with numbers only has no way to fail.
    xml.leaf("CreDtTm", &created_at.format(DATE_TIME).unwrap_or_default());
    count_and_sum(xml, file);
    xml.nested("InitgPty", |xml| xml.leaf("Nm", &carried_by_banks(file.parts.payer.holder())));
}

fn payment_information(xml: &mut Xml, file: &PayoutFile) {
    xml.leaf("PmtInfId", &file.parts.message_id);
    xml.leaf("PmtMtd", "TRF");
    xml.leaf("BtchBookg", "false");
    count_and_sum(xml, file);
    xml.nested("ReqdExctnDt", |xml| xml.leaf("Dt", &file.parts.execute_on.to_string()));
    let payer = &file.parts.payer;
    xml.nested("Dbtr", |xml| xml.leaf("Nm", &carried_by_banks(payer.holder())));
    xml.nested("DbtrAcct", |xml| {
        account_id(xml, payer);
        xml.leaf("Ccy", file.currency().code());
    });
    xml.nested("DbtrAgt", |xml| bank(xml, payer));
    // The payer bears the fees: what a shop is owed arrives whole.
    xml.leaf("ChrgBr", "DEBT");
    for transfer in &file.parts.transfers {
        xml.nested("CdtTrfTxInf", |xml| credit_transfer(xml, transfer));
    }
}

fn credit_transfer(xml: &mut Xml, transfer: &OutgoingTransfer) {
    let reference = transfer.reference.to_string();
    xml.nested("PmtId", |xml| {
        xml.leaf("InstrId", &reference);
        xml.leaf("EndToEndId", &reference);
    });
    xml.nested("Amt", |xml| {
        let currency = transfer.amount.currency.code();
        xml.leaf_with("InstdAmt", &[("Ccy", currency)], &transfer.amount.to_decimal_string());
    });
    xml.nested("CdtrAgt", |xml| bank(xml, &transfer.payee));
    xml.nested("Cdtr", |xml| xml.leaf("Nm", &carried_by_banks(transfer.payee.holder())));
    xml.nested("CdtrAcct", |xml| account_id(xml, &transfer.payee));
    xml.nested("RmtInf", |xml| xml.leaf("Ustrd", &transfer.remittance_text()));
}

fn count_and_sum(xml: &mut Xml, file: &PayoutFile) {
    xml.leaf("NbOfTxs", &file.count().to_string());
    xml.leaf("CtrlSum", &file.total().to_decimal_string());
}

fn account_id(xml: &mut Xml, account: &PayeeAccount) {
    xml.nested("Id", |xml| xml.nested("Othr", |xml| xml.leaf("Id", account.number())));
}

fn bank(xml: &mut Xml, account: &PayeeAccount) {
    xml.nested("FinInstnId", |xml| {
        xml.nested("ClrSysMmbId", |xml| xml.leaf("MmbId", account.bank_bin()));
    });
}

/// XML that is being written: elements are closed by construction.
#[derive(Default)]
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn nested(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.line(&format!("<{name}>"));
        content(self);
        self.line(&format!("</{name}>"));
        self.depth -= 1;
    }

    fn leaf(&mut self, name: &str, content: &str) {
        self.leaf_with(name, &[], content);
    }

    fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], content: &str) {
        let attributes: String = attributes
            .iter()
            .map(|(attribute, value)| format!(" {attribute}=\"{}\"", escaped(value)))
            .collect();
        self.depth += 1;
        self.line(&format!("<{name}{attributes}>{}</{name}>", escaped(content)));
        self.depth -= 1;
    }

    fn line(&mut self, line: &str) {
        self.text += &"  ".repeat(self.depth);
        self.text += line;
        self.text.push('\n');
    }
}

/// Text with what XML gives a meaning written out. Callers fold to ASCII first, so that no control
/// character that XML forbids is left.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&apos;",
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::escape::resolve_predefined_entity;
    use quick_xml::events::Event;

    use super::super::tests::{parts, transfer};
    use super::*;

    /// The text of every leaf with its path, as another's reader of XML sees it; it fails on what is
    /// not well-formed.
    fn leaves(xml: &str) -> Vec<(String, String)> {
        let mut reader = quick_xml::Reader::from_str(xml);
        let (mut open, mut leaves) = (Vec::<String>::new(), Vec::new());
        let (mut text, mut is_leaf) = (String::new(), false);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    let name = start.name();
                    open.push(name.as_ref().to_owned());
                    text.clear();
                    is_leaf = true;
                }
                Event::End(_) => {
                    if is_leaf {
                        leaves.push((open.join("/"), std::mem::take(&mut text)));
                    }
                    open.pop().unwrap();
                    is_leaf = false;
                }
                Event::Text(words) => text.push_str(&words),
                Event::GeneralRef(entity) => {
                    text.push_str(resolve_predefined_entity(&entity).unwrap());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.is_empty(), "all is closed");
        leaves
    }

    fn all<'a>(leaves: &'a [(String, String)], end: &str) -> Vec<&'a str> {
        let ending = leaves.iter().filter(|(path, _)| path.ends_with(end));
        ending.map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn a_file_is_written_as_the_message_asks() {
        let first = transfer(1, 1_250_000, "Lê Thị Bưởi & Con <Cái Răng>", "Tiền hàng");
        let reference = first.reference.to_string();
        let file = PayoutFile::new(parts(vec![first])).unwrap();
        let transfer = "Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";
        let memo = format!("{reference} Tien hang");
        let expected: Vec<(String, String)> = [
            ("Document/CstmrCdtTrfInitn/GrpHdr/MsgId", "PAYOUT-20251120-1"),
            ("Document/CstmrCdtTrfInitn/GrpHdr/CreDtTm", "2025-11-21T01:30:15+07:00"),
            ("Document/CstmrCdtTrfInitn/GrpHdr/NbOfTxs", "1"),
            ("Document/CstmrCdtTrfInitn/GrpHdr/CtrlSum", "1250000"),
            ("Document/CstmrCdtTrfInitn/GrpHdr/InitgPty/Nm", "CONG TY CHO NOI"),
            ("Document/CstmrCdtTrfInitn/PmtInf/PmtInfId", "PAYOUT-20251120-1"),
            ("Document/CstmrCdtTrfInitn/PmtInf/PmtMtd", "TRF"),
            ("Document/CstmrCdtTrfInitn/PmtInf/BtchBookg", "false"),
            ("Document/CstmrCdtTrfInitn/PmtInf/NbOfTxs", "1"),
            ("Document/CstmrCdtTrfInitn/PmtInf/CtrlSum", "1250000"),
            ("Document/CstmrCdtTrfInitn/PmtInf/ReqdExctnDt/Dt", "2025-11-21"),
            ("Document/CstmrCdtTrfInitn/PmtInf/Dbtr/Nm", "CONG TY CHO NOI"),
            ("Document/CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/Othr/Id", "1234567890"),
            ("Document/CstmrCdtTrfInitn/PmtInf/DbtrAcct/Ccy", "VND"),
            ("Document/CstmrCdtTrfInitn/PmtInf/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId", "970418"),
            ("Document/CstmrCdtTrfInitn/PmtInf/ChrgBr", "DEBT"),
            (&format!("{transfer}/PmtId/InstrId"), &reference),
            (&format!("{transfer}/PmtId/EndToEndId"), &reference),
            (&format!("{transfer}/Amt/InstdAmt"), "1250000"),
            (&format!("{transfer}/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"), "970436"),
            (&format!("{transfer}/Cdtr/Nm"), "Le Thi Buoi & Con <Cai Rang>"),
            (&format!("{transfer}/CdtrAcct/Id/Othr/Id"), "0011002233"),
            (&format!("{transfer}/RmtInf/Ustrd"), &memo),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .to_vec();
        let xml = write(&file);
        assert_eq!(leaves(&xml), expected);
        assert!(xml.contains("<InstdAmt Ccy=\"VND\">1250000</InstdAmt>"));
        assert!(xml.contains(&format!("<Document xmlns=\"{NAMESPACE}\">")));
    }

    proptest! {
        #[test]
        fn any_names_make_well_formed_xml_whose_sums_are_those_of_its_transfers(
            transfers in proptest::collection::vec((1i64..1_000_000_000, "[ -~\u{1}\tĐđễư🌸]{0,200}", ".{0,300}"), 1..12),
        ) {
            let transfers: Vec<_> = transfers.iter().enumerate().map(|(number, (amount, holder, memo))| {
                transfer(number as u64, *amount, &format!("A{holder}"), memo)
            }).collect();
            let file = PayoutFile::new(parts(transfers.clone())).unwrap();
            let xml = write(&file);
            prop_assert!(xml.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)));
            let leaves = leaves(&xml);
            let sum: i64 = all(&leaves, "/InstdAmt").iter().map(|amount| amount.parse::<i64>().unwrap()).sum();
            let (sum, count) = (sum.to_string(), transfers.len().to_string());
            prop_assert_eq!(all(&leaves, "/CtrlSum"), vec![sum.as_str(); 2]);
            prop_assert_eq!(all(&leaves, "/NbOfTxs"), vec![count.as_str(); 2]);
            let references: Vec<String> = transfers.iter().map(|one| one.reference.to_string()).collect();
            prop_assert_eq!(all(&leaves, "/EndToEndId"), references);
            for text in [all(&leaves, "/Nm"), all(&leaves, "/Ustrd")].concat() {
                prop_assert!((1..=140).contains(&text.len()), "{text:?}");
            }
        }
    }
}
