//! Statements as files: what they say is what the API says, to the đồng.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use kernel::{Locale, ShopScope};

use super::*;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::providers::takeaway::FileFormat;
use crate::usecases::explain_shop_line::explain_shop_line;
use crate::usecases::report::{self, Days};
use crate::usecases::take_away::{self, Wanted};

const NAME: &str = "=Tiệm bánh tét Lá Cẩm, Ninh Kiều";

impl Bench {
    fn wanted(&self, format: FileFormat) -> Wanted {
        let to = VietnamDay::of(self.clock.now());
        let from = VietnamDay::of_epoch_day(to.epoch_day() - 30).unwrap();
        Wanted { days: Days { from, to }, format, locale: Locale::Vi }
    }

    async fn statement_file(&self, shop: ShopId, format: FileFormat) -> Vec<u8> {
        let name = (NAME.to_owned(), "1800123456".to_owned());
        let scope = ShopScope::granted(shop);
        let file = take_away::shop_statement(&self.payments, scope, name, self.wanted(format));
        file.await.unwrap().content
    }
}

type Sheet = Vec<Vec<String>>;

fn sheets(bytes: Vec<u8>) -> Vec<(String, Sheet)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let word = |cell: &Data| match cell {
        // Amounts are whole đồng: a fraction would show.
        Data::Float(number) => format!("{number}"),
        other => other.to_string(),
    };
    let found = book.worksheets().into_iter();
    found
        .map(|(name, range)| {
            (name, range.rows().map(|row| row.iter().map(word).collect()).collect())
        })
        .collect()
}

fn column(sheet: &Sheet, heading: &str) -> (Vec<i64>, i64) {
    let head = sheet.iter().position(|row| row.iter().any(|cell| cell == heading)).unwrap();
    let place = sheet[head].iter().position(|cell| cell == heading).unwrap();
    let mut numbers: Vec<i64> =
        sheet[head + 1..].iter().map(|row| row[place].parse().unwrap()).collect();
    let total = numbers.pop().unwrap();
    (numbers, total)
}

on_each_database! { migrations::payments::Migrator,
    async fn a_workbook_read_back_says_what_the_api_says_and_its_sums_foot(database) {
        let bench = Bench::charging(database);
        let one = bench.paid(1, 200_010).await;
        let shop = one.allocations[0].shop;
        bench.clock.advance(Duration::from_secs(2 * 86_400));
        bench.refund(&one, 50_000, "a").await;
        let days = bench.wanted(FileFormat::Xlsx).days;
        let statement = report::shop_statement(&bench.payments, ShopScope::granted(shop), days).await.unwrap();
        let sheets = sheets(bench.statement_file(shop, FileFormat::Xlsx).await);
        let names: Vec<_> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Theo ngày", "Từng khoản"]);
        let by_day = &sheets[0].1;
        for (heading, sum) in [
            ("Bán hàng", statement.total.sales),
            ("Phí chợ", statement.total.fees),
            ("Thuế GTGT", statement.total.vat),
            ("Thuế TNCN", statement.total.pit),
            ("Trả lại khách", statement.total.refunds),
        ] {
            let (days, total) = column(by_day, heading);
            assert_eq!((days.iter().sum::<i64>(), total), (sum.minor, sum.minor), "{heading}");
        }
        assert_eq!(column(by_day, "Còn nợ").1, statement.closing.minor);
        let (lines, total) = column(&sheets[1].1, "Số tiền");
        assert_eq!(lines.len() as u64, statement.total.lines);
        assert_eq!((lines.iter().sum::<i64>(), total), (bench.payable(shop).await, bench.payable(shop).await));
        // A name that a spreadsheet would run is words.
        assert!(by_day.iter().flatten().any(|cell| cell == &format!("'{NAME}")));
    }

    async fn text_has_the_same_days_and_an_english_reader_gets_english_words(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        let text = String::from_utf8(bench.statement_file(shop, FileFormat::Csv).await).unwrap();
        let today = VietnamDay::of(bench.clock.now()).written();
        let expected = format!(
            "\u{feff}Ngày,Bán hàng,Phí chợ,Thuế GTGT,Thuế TNCN,Trả lại khách,Đã chuyển,Còn nợ\r\n\
             {today},200000,-6000,-2000,-1000,0,0,191000\r\n\
             Cộng,200000,-6000,-2000,-1000,0,0,191000\r\n"
        );
        assert_eq!(text, expected);
        let wanted = Wanted { locale: Locale::En, ..bench.wanted(FileFormat::Csv) };
        let scope = ShopScope::granted(shop);
        let file = take_away::shop_statement(&bench.payments, scope, Default::default(), wanted).await.unwrap();
        assert!(String::from_utf8(file.content).unwrap().contains("Day,Sales,Market's fee"));
        assert_eq!(file.name, format!("sao-ke-{}-{}.csv", wanted.days.from, wanted.days.to));
    }

    async fn the_operators_report_foots_in_a_workbook_too(database) {
        let bench = Bench::on(database);
        bench.paid(1, 200_010).await;
        bench.credit(2, 70_000, "khong ma").await;
        bench.debit("FT1", 30_000, "phi").await;
        let file = take_away::reconciliation(&bench.payments, bench.wanted(FileFormat::Xlsx)).await.unwrap();
        let sheets = sheets(file.content);
        let by_day = &sheets[0].1;
        let total = |heading| column(by_day, heading).1;
        assert_eq!(total("Tiền vào"), 270_010);
        assert_eq!(total("Tự khớp") + total("Người xử lý") + total("Đang chờ"), 270_010);
        assert_eq!((total("Tiền ra"), total("Đã rõ"), total("Chưa rõ")), (30_000, 0, 30_000));
        let (ages, waiting) = column(&sheets[1].1, "Số tiền");
        assert_eq!((ages.iter().sum::<i64>(), waiting), (70_000, 70_000));
    }

    async fn pages_hold_the_words_so_that_they_can_be_found(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        for day in 0..60_u64 {
            bench.clock.advance(Duration::from_secs(12 * 3_600));
            bench.refund(&payment, 1_000, &day.to_string()).await;
        }
        let pdf = bench.statement_file(shop, FileFormat::Pdf).await;
        assert!(pdf.starts_with(b"%PDF-1."));
        if let Ok(path) = std::env::var("CHONOI_KEEP_PDF") {
            std::fs::write(path, &pdf).unwrap();
        }
        // Each page names both fonts; the statement of a month fills more than one.
        let pages = pdf.windows(12).filter(|part| part == b"/Type /Page\n").count();
        assert_eq!(pages, 2, "{}", String::from_utf8_lossy(&pdf[..600]));
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn every_line_opens_to_its_rules_its_bank_line_and_its_payout(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        let scope = ShopScope::granted(shop);
        let days = bench.wanted(FileFormat::Csv).days;
        let page = kernel::PageRequest::new(50, None);
        let lines = report::shop_lines(&bench.payments, scope, days, &[], &page).await.unwrap();
        assert_eq!(lines.len(), 4);
        for line in &lines {
            let found = explain_shop_line(&bench.payments, scope, line.id).await.unwrap().unwrap();
            let charges = found.charge.unwrap().1;
            assert_eq!((charges.commission.rule.as_str(), charges.commission.base), ("goods", Money::vnd(200_000)));
            let [credit] = found.credits.as_slice() else { panic!("{:?}", found.credits) };
            assert_eq!((credit.amount, credit.bank_reference.as_str()), (Money::vnd(200_010), "FT1"));
            assert!(found.payout.is_none() && found.paid_by.is_none() && found.debit.is_none());
        }
        // Another shop's line is not found.
        let other = ShopScope::granted(ids::new());
        assert!(explain_shop_line(&bench.payments, other, lines[0].id).await.unwrap().is_none());
    }
}
