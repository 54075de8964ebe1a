//! Refusals of the use cases as contract words.

mod pictures;
mod reviews;
mod tours;

use platform::rpc::database_fault;
use proto::Refused;
use proto::common::RefusalCode;
use sea_orm::DbErr;
use tonic::Status;

use crate::domain::import::{FileRefused, MAX_FILE_BYTES, MAX_ROWS};
use crate::domain::product::{DraftProblem, MAX_OPTIONS, MAX_PRICE, MAX_STOCK, MAX_VARIANTS};
use crate::usecases::adjust_stock::AdjustStockError;
use crate::usecases::create_product::CreateProductError;
use crate::usecases::hold_stock::LineProblem;
use crate::usecases::import_products::ImportProductsError;
use crate::usecases::return_stock::ReturnError;
use crate::usecases::update_product::ChangeProductError;

pub use pictures::{add_image_status, change_images_status};
pub use reviews::{remove_review_status, review_status};
pub use tours::{
    change_departure_status, join_status, put_tour_status, schedule_status, tour_problems_status,
};

/// Why a product was not made.
pub fn create_status(error: CreateProductError) -> Status {
    match error {
        CreateProductError::Problems(problems) => {
            Refused::status(problems.iter().map(problem_refused))
        }
        CreateProductError::SkuTaken(_) => {
            Refused::new(RefusalCode::SkuTaken).at(&["variants", "sku"]).into()
        }
        CreateProductError::Database(error) => database_fault(&error),
    }
}

/// Why a product was not changed.
pub fn change_status(error: ChangeProductError, field: &str) -> Status {
    match error {
        ChangeProductError::Unknown => Refused::new(RefusalCode::NotFound).at(&[field]).into(),
        ChangeProductError::Problems(problems) => {
            Refused::status(problems.iter().map(problem_refused))
        }
        ChangeProductError::PricedByTour => {
            Refused::new(RefusalCode::Invalid).at(&["price"]).into()
        }
        ChangeProductError::Database(error) => database_fault(&error),
    }
}

/// Why no goods or seats came back; `lines`: the field that names them.
pub fn return_status(error: ReturnError, lines: &str) -> Status {
    let range = |minimum: i64, maximum: i64| {
        Refused::new(RefusalCode::OutOfRange).fact("minimum", minimum).fact("maximum", maximum)
    };
    let refused = match error {
        ReturnError::Reference => range(1, 128).at(&["reference"]),
        ReturnError::ReferenceReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["reference"])
        }
        ReturnError::Malformed => Refused::new(RefusalCode::Invalid).at(&[lines]),
        ReturnError::NotSold { line, sold } => {
            range(0, sold).at(&[lines, &line.to_string(), "quantity"])
        }
        ReturnError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why stock was not changed.
pub fn adjust_status(error: AdjustStockError) -> Status {
    let range = |field: &str, minimum: i64, maximum: i64| {
        Refused::new(RefusalCode::OutOfRange)
            .at(&[field])
            .fact("minimum", minimum)
            .fact("maximum", maximum)
    };
    let refused = match error {
        AdjustStockError::Unknown => Refused::new(RefusalCode::NotFound).at(&["variantId"]),
        AdjustStockError::Key => range("idempotencyKey", 8, 128),
        AdjustStockError::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"])
        }
        AdjustStockError::OutOfRange => range("change", -MAX_STOCK, MAX_STOCK),
        AdjustStockError::Insufficient { available } => {
            Refused::new(RefusalCode::InsufficientStock)
                .at(&["change"])
                .fact("available", available)
        }
        AdjustStockError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why an import was not begun.
pub fn import_status(error: ImportProductsError) -> Status {
    let refused = match error {
        ImportProductsError::File(FileRefused::TooLarge) => {
            Refused::new(RefusalCode::FileTooLarge).fact("maximum", MAX_FILE_BYTES)
        }
        ImportProductsError::File(FileRefused::TooManyRows) => {
            Refused::new(RefusalCode::FileTooLarge).fact("maximum", MAX_ROWS)
        }
        ImportProductsError::File(reason) => {
            Refused::new(RefusalCode::FileUnreadable).fact("reason", reason)
        }
        ImportProductsError::Busy => {
            return Status::unavailable("too many product files are being read");
        }
        ImportProductsError::Database(error) => return database_fault(&error),
    };
    refused.at(&["file"]).into()
}

/// Why a line was not held.
pub fn line_refused(problem: LineProblem) -> Refused {
    match problem {
        LineProblem::NotForSale { line, variant } => Refused::new(RefusalCode::NotForSale)
            .at(&["lines", &line.to_string()])
            .fact("variantId", variant),
        LineProblem::InsufficientStock { line, variant, available } => {
            Refused::new(RefusalCode::InsufficientStock)
                .at(&["lines", &line.to_string()])
                .fact("variantId", variant)
                .fact("available", available)
        }
        LineProblem::Seats { line, variant, problem } => {
            tours::seat_refused(line, variant, problem)
        }
    }
}

/// What is wrong with a draft.
pub fn problem_refused(problem: &DraftProblem) -> Refused {
    let range = |minimum: i64, maximum: i64| {
        Refused::new(RefusalCode::OutOfRange).fact("minimum", minimum).fact("maximum", maximum)
    };
    let variant = |index: &usize, refused: Refused, field: &str| {
        refused.at(&["variants", &index.to_string(), field])
    };
    match problem {
        DraftProblem::TitleMissing => Refused::new(RefusalCode::Required).at(&["title"]),
        DraftProblem::TooLong(field, maximum) => {
            Refused::new(RefusalCode::TooLong).at(&[field]).fact("maximum", maximum)
        }
        DraftProblem::ControlCharacter(field) => Refused::new(RefusalCode::Invalid).at(&[field]),
        DraftProblem::UnknownCategory(_) => {
            Refused::new(RefusalCode::UnknownCategory).at(&["categorySlug"])
        }
        DraftProblem::OcopStars => range(3, 5).at(&["ocopStars"]),
        DraftProblem::VariantCount => range(1, MAX_VARIANTS as i64).at(&["variants"]),
        DraftProblem::OptionCount => range(0, MAX_OPTIONS as i64).at(&["options"]),
        DraftProblem::OptionsDiffer(index) | DraftProblem::OptionsRepeat(index) => {
            variant(index, Refused::new(RefusalCode::Invalid), "options")
        }
        DraftProblem::Price(index) => variant(index, range(1, MAX_PRICE), "price"),
        DraftProblem::Currency(index) => {
            variant(index, Refused::new(RefusalCode::CurrencyNotSupported), "price")
        }
        DraftProblem::Stock(index) => variant(index, range(0, MAX_STOCK), "stock"),
        DraftProblem::SkuRepeats(index) => {
            variant(index, Refused::new(RefusalCode::SkuTaken), "sku")
        }
    }
}

/// A fault of the database.
pub fn fault(error: DbErr) -> Status {
    database_fault(&error)
}
