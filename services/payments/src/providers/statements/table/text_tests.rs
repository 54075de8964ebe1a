//! Statements as text: separators, quotes, letterheads, repeated headers.

use proptest::prelude::*;

use super::*;
use crate::providers::statements::table::columns::Column;

fn lines(text: &[u8]) -> Vec<Result<StatementLine, UnreadableLine>> {
    read(Cursor::new(text.to_vec()), None).unwrap().lines.collect()
}

fn told(text: &str) -> Vec<(u64, String, i64, String)> {
    lines(text.as_bytes())
        .into_iter()
        .map(|line| {
            let line = line.unwrap();
            (line.line, line.booked_at.to_rfc3339(), line.amount.minor, line.memo)
        })
        .collect()
}

#[test]
fn vietcombank_with_a_letterhead_and_a_footer() {
    let text = "NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM,,,,,\nSAO KÊ TÀI KHOẢN,,,,,\n\
        Số tài khoản/Account number: 0011 0012 34567,,,,,\nLoại tiền/Currency: VND,,,,,\n\
        STT,TNXDate,DocNo,Debit,Credit,Balance,TransactionDetails\n\
        1,\"01/09/2024\n5215.97152\",5215.97152,,\"1.250.000\",\"9.999.999\",\"020097.010924.101112.tra CN7K\"\n\
        2,02/09/2024,5215.97153,\"50.000\",,\"9.949.999\",phi dich vu\n\
        STT,TNXDate,DocNo,Debit,Credit,Balance,TransactionDetails\n\
        Tổng cộng,,,\"50.000\",\"1.250.000\",,\n";
    assert_eq!(
        told(text),
        [
            (
                6,
                "2024-08-31T17:00:00Z".to_owned(),
                1_250_000,
                "020097.010924.101112.tra CN7K".to_owned()
            ),
            (8, "2024-09-01T17:00:00Z".to_owned(), -50_000, "phi dich vu".to_owned()),
        ]
    );
    let first = lines(text.as_bytes()).remove(0).unwrap();
    assert_eq!(first.account, "0011001234567");
    assert_eq!(first.bank_reference, "5215.97152");
    assert_eq!(first.balance.unwrap().minor, 9_999_999);
}

#[test]
fn agribank_with_day_and_time_apart_and_semicolons() {
    let text = "Date;Time;DocumentNumber;ReferenceNumber;TransactionDetails;DebitAmount;CreditAmount;Balance;OffsetAccount\n\
        01/09/2024;14:23:05;D1;R1;chuyen tien;0;200,000;1,000,000;1500201\n";
    let line = lines(text.as_bytes()).remove(0).unwrap();
    assert_eq!(line.booked_at.to_rfc3339(), "2024-09-01T07:23:05Z");
    assert_eq!(line.amount.minor, 200_000);
    assert_eq!(line.counterparty_account.as_deref(), Some("1500201"));
}

#[test]
fn vietnamese_headers_and_signed_amounts() {
    let text = "Ngày giao dịch\tSố tiền\tDiễn giải\n2024-09-01\t-500.000đ\tra\n2024-09-02\t+500.000đ\tvào\n";
    let amounts: Vec<i64> = told(text).into_iter().map(|(_, _, amount, _)| amount).collect();
    assert_eq!(amounts, [-500_000, 500_000]);
}

#[test]
fn without_a_header_the_values_tell() {
    let text =
        "01/09/2024,100000,tra tien hang thang chin\n02/09/2024,200000,tra tien hang thang muoi\n";
    let reading = read(Cursor::new(text), None).unwrap();
    assert_eq!(
        reading.mapping.columns,
        [Some(Column::Date), Some(Column::Amount), Some(Column::Details)]
    );
    assert_eq!(reading.lines.count(), 2);
}

#[test]
fn what_is_not_understood_is_told_with_its_line() {
    let text = "booked_at,amount,memo,reference\n2024-09-01,100000,a,1\nhom qua,100000,b,2\n2024-09-01,mot tram,c,3\n2024-09-01,0,d,4\n";
    let problems: Vec<(u64, String)> = lines(text.as_bytes())
        .into_iter()
        .filter_map(|line| line.err().map(|problem| (problem.line, problem.reason.to_string())))
        .collect();
    assert_eq!(
        problems,
        [
            (3, "\"hom qua\" is no date".to_owned()),
            (4, "\"mot tram\" is no amount".to_owned()),
            (5, "\"0\" is no amount".to_owned()),
        ]
    );
}

#[test]
fn a_problem_is_told_with_the_line_of_an_editor_however_lines_end() {
    let text = "booked_at,amount,memo\n2024-09-01,100000,\"a\nb\"\n\n\nhom qua,100000,c\n2024-09-01,100000,d\n";
    for end in ["\n", "\r\n", "\r"] {
        let told: Vec<(u64, bool)> = lines(text.replace('\n', end).as_bytes())
            .into_iter()
            .map(|line| match line {
                Ok(line) => (line.line, true),
                Err(problem) => (problem.line, false),
            })
            .collect();
        assert_eq!(told, [(2, true), (6, false), (7, true)], "{end:?}");
    }
}

#[test]
fn utf_16_and_byte_order_marks_are_read() {
    let text = "Ngày,Ghi có,Nội dung\n01/09/2024,1.000,xin chào\n";
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = format!("\u{feff}{text}").into_bytes();
    for bytes in [utf16, marked] {
        assert_eq!(lines(&bytes).remove(0).unwrap().memo, "xin chào");
    }
}

#[test]
fn a_mapping_that_was_kept_is_used() {
    let text = "a,b,c\n100,2024-09-01,x\n";
    let mut mapping =
        read(Cursor::new("booked_at,amount,memo\n2024-09-01,1,x\n"), None).unwrap().mapping;
    mapping.columns = vec![Some(Column::Amount), Some(Column::Date), Some(Column::Details)];
    let kept: ColumnMapping =
        serde_json::from_str(&serde_json::to_string(&mapping).unwrap()).unwrap();
    let line = read(Cursor::new(text), Some(&kept)).unwrap().lines.next().unwrap().unwrap();
    assert_eq!((line.amount.minor, line.memo.as_str()), (100, "x"));
}

#[test]
fn a_file_that_is_no_statement_is_refused() {
    assert!(matches!(read(Cursor::new("xin chao\ncac ban\n"), None), Err(NoTable::NoColumns(2))));
    assert!(read(Cursor::new(""), None).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut text = b"booked_at,amount,memo\n".to_vec();
        text.extend(&bytes);
        if let Ok(reading) = read(Cursor::new(text), None) {
            for line in reading.lines {
                drop(line);
            }
        }
        if let Ok(reading) = read(Cursor::new(bytes), None) {
            prop_assert!(reading.lines.count() < 400);
        }
    }

    #[test]
    fn every_row_with_an_amount_is_a_line_or_told(
        rows in proptest::collection::vec(("[0-9]{1,2}/[0-9]{1,2}/2024", "[0-9.,]{1,9}", "[a-z ]{1,20}"), 1..40),
    ) {
        let mut text = String::from("Ngày,Số tiền,Diễn giải\n01/09/2024,5,x\n");
        for (date, amount, memo) in &rows {
            text.push_str(&format!("{date},\"{amount}\",memo {memo}\n"));
        }
        prop_assert_eq!(lines(text.as_bytes()).len(), rows.len() + 1);
    }
}
