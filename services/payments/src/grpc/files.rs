//! Statements as files.

use kernel::{Locale, ShopId, ShopScope};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::queue::any_fault;
use super::reports::{days_of, taxpayers};
use crate::Payments;
use crate::providers::takeaway::FileFormat;
use crate::usecases::take_away::{self, MOST_LINES, TakeAwayError, Wanted, WrittenFile};

pub async fn shop_statement(
    payments: &Payments,
    request: contract::GetShopStatementFileRequest,
) -> Result<contract::BinaryFile, Status> {
    let shop = parse_id::<ShopId>(&request.shop_id)?;
    let wanted = Wanted {
        days: days_of(&request.from, &request.to)?,
        format: format_of(request.format())?,
        locale: locale_of(&request.locale),
    };
    // Without a way to accounts the shop is named by its id.
    let known = match payments.0.accounts {
        Some(_) => taxpayers(payments, vec![shop]).await?.pop(),
        None => None,
    };
    let name = match known {
        Some(known) => (known.name, known.tax_code),
        None => (shop.to_string(), String::new()),
    };
    let file = take_away::shop_statement(payments, ShopScope::granted(shop), name, wanted).await;
    answer(file)
}

pub async fn reconciliation(
    payments: &Payments,
    request: contract::GetReconciliationFileRequest,
) -> Result<contract::BinaryFile, Status> {
    let wanted = Wanted {
        days: days_of(&request.from, &request.to)?,
        format: format_of(request.format())?,
        locale: locale_of(&request.locale),
    };
    answer(take_away::reconciliation(payments, wanted).await)
}

fn answer(file: Result<WrittenFile, TakeAwayError>) -> Result<contract::BinaryFile, Status> {
    match file {
        Ok(WrittenFile { name, media_type, content }) => {
            Ok(contract::BinaryFile { name, media_type: media_type.to_owned(), content })
        }
        Err(TakeAwayError::TooManyLines) => {
            let refused = Refused::new(RefusalCode::OutOfRange).fact("maximum", MOST_LINES);
            Err(refused.at(&["to"]).into())
        }
        Err(TakeAwayError::Fault(error)) => Err(any_fault(&error)),
    }
}

fn format_of(format: contract::FileFormat) -> Result<FileFormat, Status> {
    match format {
        contract::FileFormat::FileCsv => Ok(FileFormat::Csv),
        contract::FileFormat::FileXlsx => Ok(FileFormat::Xlsx),
        contract::FileFormat::FilePdf => Ok(FileFormat::Pdf),
        contract::FileFormat::Unspecified => {
            Err(Refused::new(RefusalCode::Required).at(&["format"]).into())
        }
    }
}

/// Vietnamese, where nothing else is known.
fn locale_of(tag: &str) -> Locale {
    tag.parse().unwrap_or_default()
}
