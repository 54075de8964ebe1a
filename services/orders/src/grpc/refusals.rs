//! Refusals of use cases in the contract's words.

use platform::rpc::database_fault;
use proto::Refused;
use proto::common::RefusalCode;
use sea_orm::DbErr;
use tonic::Status;

use crate::domain::cart::{CartRefused, MAX_LINES, MAX_QUANTITY};
use crate::domain::contact::{ContactProblem, MAX_ADDRESS, MAX_NAME, MAX_NOTE};
use crate::messages::vouchers::refusal_of;
use crate::usecases::extend_checkout::ExtendCheckoutError;
use crate::usecases::get_cart::CartError;
use crate::usecases::start_checkout::StartCheckoutError;

/// Why a cart did not change.
pub fn cart_status(error: CartError) -> Status {
    let refused = match error {
        CartError::Refused(CartRefused::CheckedOut) => {
            Refused::new(RefusalCode::CartAlreadyCheckedOut)
        }
        CartError::Refused(CartRefused::TooManyLines) => {
            Refused::new(RefusalCode::CartTooLarge).fact("maximum", MAX_LINES)
        }
        CartError::Refused(CartRefused::Quantity) => Refused::new(RefusalCode::OutOfRange)
            .at(&["quantity"])
            .fact("minimum", 1)
            .fact("maximum", MAX_QUANTITY),
        CartError::Refused(CartRefused::UnknownLine) => {
            Refused::new(RefusalCode::NotFound).at(&["lineId"])
        }
        CartError::Refused(CartRefused::NotForSale) => {
            Refused::new(RefusalCode::NotForSale).at(&["variantId"])
        }
        CartError::Refused(CartRefused::InsufficientStock { available, variant }) => {
            Refused::new(RefusalCode::InsufficientStock)
                .at(&["quantity"])
                .fact("available", available)
                .fact("variantId", variant)
        }
        CartError::Database(error) => return database_fault(&error),
        CartError::Catalog(status) => return passed_on(status),
    };
    refused.into()
}

/// Why no checkout was begun.
pub fn start_status(error: StartCheckoutError) -> Status {
    match error {
        StartCheckoutError::Contact(problems) => {
            Refused::status(problems.into_iter().map(problem_refused))
        }
        StartCheckoutError::Key => Refused::new(RefusalCode::OutOfRange)
            .at(&["idempotencyKey"])
            .fact("minimum", 8)
            .fact("maximum", 128)
            .into(),
        StartCheckoutError::CartEmpty => {
            Refused::new(RefusalCode::CartEmpty).at(&["cartId"]).into()
        }
        StartCheckoutError::CartCheckedOut => {
            Refused::new(RefusalCode::CartAlreadyCheckedOut).at(&["cartId"]).into()
        }
        StartCheckoutError::KeyReused => {
            Refused::new(RefusalCode::IdempotencyKeyReused).at(&["idempotencyKey"]).into()
        }
        StartCheckoutError::Voucher(refused) => refusal_of(&refused).at(&["cartId"]).into(),
        StartCheckoutError::Refused(status) => status,
        StartCheckoutError::Unavailable(status) => passed_on(status),
        StartCheckoutError::Database(error) => database_fault(&error),
    }
}

/// Why a checkout was not given more time.
pub fn extend_status(error: ExtendCheckoutError) -> Status {
    let refused = match error {
        ExtendCheckoutError::AlreadyPaid => Refused::new(RefusalCode::CheckoutAlreadyPaid),
        ExtendCheckoutError::Closed => Refused::new(RefusalCode::CheckoutClosed),
        ExtendCheckoutError::Starting => {
            Refused::new(RefusalCode::StatusConflict).fact("status", "STARTING")
        }
        ExtendCheckoutError::NoTransfer => Refused::new(RefusalCode::PaymentMethodUnavailable),
        ExtendCheckoutError::Departing => Refused::new(RefusalCode::DepartureClosed),
        ExtendCheckoutError::HoldGone => Refused::new(RefusalCode::HoldGone),
        ExtendCheckoutError::Unavailable(status) => return passed_on(status),
        ExtendCheckoutError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn problem_refused(problem: ContactProblem) -> Refused {
    let too_long = |maximum: usize| Refused::new(RefusalCode::TooLong).fact("maximum", maximum);
    match problem {
        ContactProblem::NameMissing => Refused::new(RefusalCode::Required).at(&["contact", "name"]),
        ContactProblem::NameTooLong => too_long(MAX_NAME).at(&["contact", "name"]),
        ContactProblem::PhoneOrEmailMissing => {
            Refused::new(RefusalCode::PhoneOrEmailRequired).at(&["contact", "phone"])
        }
        ContactProblem::PhoneInvalid => {
            Refused::new(RefusalCode::Invalid).at(&["contact", "phone"])
        }
        ContactProblem::EmailInvalid => {
            Refused::new(RefusalCode::Invalid).at(&["contact", "email"])
        }
        ContactProblem::WardMissing => {
            Refused::new(RefusalCode::DeliveryWardRequired).at(&["delivery", "wardCode"])
        }
        ContactProblem::AddressMissing => {
            Refused::new(RefusalCode::Required).at(&["delivery", "address"])
        }
        ContactProblem::AddressTooLong => too_long(MAX_ADDRESS).at(&["delivery", "address"]),
        ContactProblem::NoteTooLong => too_long(MAX_NOTE).at(&["delivery", "note"]),
    }
}

/// What another service answered: refusals as they are, faults without their details.
pub fn passed_on(status: Status) -> Status {
    match status.code() {
        tonic::Code::FailedPrecondition => status,
        tonic::Code::Unavailable | tonic::Code::DeadlineExceeded => {
            Status::unavailable("another service cannot be reached")
        }
        _ => platform::rpc::fault(status),
    }
}

/// The database failed.
pub fn fault(error: DbErr) -> Status {
    database_fault(&error)
}
