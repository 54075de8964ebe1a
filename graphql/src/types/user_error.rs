//! Refusals of the business: data of every mutation, with the facts a client needs to go on.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::{Enum, ID, Interface, SimpleObject};
use kernel::Locale;
use proto::common::{Refusal, RefusalCode};
use tonic::{Code, Status};

use super::moment::Moment;
use super::money::Decimal;
use crate::failure::seconds;
use crate::messages;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Which refusal of the business it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub enum UserErrorCode { $($(#[$doc])* $name,)* }

        impl From<RefusalCode> for UserErrorCode {
            fn from(code: RefusalCode) -> Self {
                match code {
                    // A refusal that says nothing: the input was not liked.
                    RefusalCode::RefusalUnspecified => Self::Invalid,
                    $(RefusalCode::$name => Self::$name,)*
                }
            }
        }
    };
}

codes! {
    /// Something must be filled in.
    Required,
    /// A text is too short.
    TooShort,
    /// A text is too long.
    TooLong,
    /// A value is not valid.
    Invalid,
    /// A value is too small or too large.
    OutOfRange,
    /// What the input names is not there.
    NotFound,
    /// Somebody else has it.
    AlreadyTaken,
    /// The same idempotency key came with another input.
    IdempotencyKeyReused,
    /// It cannot be done in the present status.
    StatusConflict,
    /// Too many attempts.
    RateLimited,
    /// The login is unknown, or the password is wrong.
    WrongCredentials,
    /// The password is one of the commonest.
    PasswordTooCommon,
    /// There is no such ward.
    UnknownWard,
    /// There is no such bank.
    UnknownBank,
    /// A telephone number or an email is needed.
    PhoneOrEmailRequired,
    /// The password was typed too long ago for this.
    SignInAgain,
    /// The link was used already, is too old, or never was one.
    ResetLinkInvalid,
    /// The invitation was used or taken back, is too old, or never was one.
    InvitationInvalid,
    /// The invitation cannot be accepted yet.
    InvitationNotYet,
    /// They are a member of the shop already.
    AlreadyMember,
    /// A shop's owner neither leaves nor is removed: the shop is handed over first.
    OwnerStays,
    /// A name may not hold the address of a page or of mail.
    AddressInName,
    /// The text that is agreed to is not the one that counts now.
    TermsOutdated,
    /// The link that confirms an email was used already, is too old, or never was one.
    EmailLinkInvalid,
    /// The link that confirms an email does not count yet.
    EmailLinkNotYet,
    /// This market sends no letters: no email can be confirmed.
    LettersOff,
    /// Whoever runs the market does not delete their account.
    OperatorStays,
    /// A shop is not closed yet.
    ShopNotClosed,
    /// There is not enough in stock.
    InsufficientStock,
    /// It is not for sale now.
    NotForSale,
    /// There is no such category.
    UnknownCategory,
    /// The currency is not supported.
    CurrencyNotSupported,
    /// The shop has the SKU already.
    SkuTaken,
    /// The file cannot be read.
    FileUnreadable,
    /// The file is too large.
    FileTooLarge,
    /// The goods are no longer held.
    HoldGone,
    /// The departure is cancelled, blacked out, or past its cut-off.
    DepartureClosed,
    /// Too few people for this option.
    PartyTooSmall,
    /// Too many people for this option.
    PartyTooLarge,
    /// Children travel with an adult only.
    AdultRequired,
    /// A recurrence rule gives too many departures.
    RuleTooLarge,
    /// The whole boat cannot be hired: seats are taken.
    BoatTaken,
    /// The file is no picture that can be read.
    PictureUnreadable,
    /// The picture has too many pixels.
    PictureTooLarge,
    /// The product has as many pictures as it may.
    TooManyPictures,
    /// The shop has as many pictures as it may.
    TooManyPicturesOfShop,
    /// Only who bought a product and got it may say what it is like.
    NotBought,
    /// Who acts for the shop that sells a product does not say what it is like.
    OwnProduct,
    /// The cart is empty.
    CartEmpty,
    /// The cart was checked out already.
    CartAlreadyCheckedOut,
    /// The cart has too many lines.
    CartTooLarge,
    /// A price has changed.
    PriceChanged,
    /// The checkout is paid already.
    CheckoutAlreadyPaid,
    /// The checkout is closed.
    CheckoutClosed,
    /// A ward of delivery is needed.
    DeliveryWardRequired,
    /// The ticket was used or cancelled, or its departure has left.
    TicketNotCancellable,
    /// The time in which it could be sent back is over.
    ReturnWindowClosed,
    /// No shop of the cart has this voucher.
    VoucherUnknown,
    /// The voucher does not count yet.
    VoucherNotYet,
    /// The voucher was ended, or its time went by.
    VoucherEnded,
    /// The voucher was used as often as it may be.
    VoucherUsedUp,
    /// This buyer used the voucher as often as one may.
    VoucherUsedByBuyer,
    /// Too little is bought at the voucher's shop.
    VoucherBelowMinimum,
    /// The voucher would leave too little to pay.
    VoucherLeavesTooLittle,
    /// A voucher's code has letters and digits only.
    VoucherCodeInvalid,
    /// The amount is too small.
    AmountTooSmall,
    /// The amount is too large.
    AmountTooLarge,
    /// This way to pay is not available.
    PaymentMethodUnavailable,
    /// The payment is closed.
    PaymentClosed,
    /// More than can still be refunded.
    RefundExceedsCaptured,
    /// Who asked for it may not agree to it.
    SecondPersonRequired,
    /// Amounts that must be equal are not.
    AmountsDiffer,
    /// Nobody knows to which account the money should go back.
    PayeeAccountRequired,
    /// The books are closed up to some day.
    PeriodClosed,
    /// The file is of another format than was said.
    FileOfOtherFormat,
    /// The file tells of another account than was said.
    FileOfOtherAccount,
    /// Something that was bought is not over yet: a payment, a delivery, a trip, a return.
    PurchasesOpen,
    /// Something that a shop sold is not over yet: a payment, a delivery, a trip, a return.
    ShopSalesOpen,
    /// Money is still on its way: a refund, or the balance of a shop.
    MoneyOpen,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fact_doc:meta])* $fact:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, SimpleObject)]
        pub struct $name {
            /// Which refusal it is.
            code: UserErrorCode,
            /// What people read, in the request's language.
            message: String,
            /// The field of the input that it is about.
            path: Option<Vec<String>>,
            $($(#[$fact_doc])* $fact: $ty,)*
        }
    )*};
}

errors! {
    /// A refusal without facts.
    GenericUserError {}

    /// There is not enough in stock.
    InsufficientStock {
        /// How many there are.
        available: i64,
        /// Of which variant.
        variant_id: Option<ID>,
    }

    /// Something is too small or too large, too short or too long.
    OutOfRange {
        /// The least that is allowed.
        minimum: Option<Decimal>,
        /// The most that is allowed.
        maximum: Option<Decimal>,
    }

    /// Too many attempts.
    RateLimited {
        /// When it may be tried again.
        retry_after_seconds: i64,
    }

    /// More than can still be refunded.
    RefundExceedsCaptured {
        /// How much can still be refunded, in major units.
        available: Decimal,
    }

    /// Amounts that must be equal are not.
    AmountsDiffer {
        /// What it should be, in major units.
        expected: Option<Decimal>,
        /// What it is, in major units.
        actual: Option<Decimal>,
    }

    /// A voucher does not count.
    VoucherRefused {
        /// Its code.
        voucher_code: String,
        /// What must be bought at its shop, or be left to pay, in major units.
        minimum: Option<Decimal>,
        /// How much more must be bought at its shop, in major units.
        missing: Option<Decimal>,
        /// Since when it will count.
        valid_from: Option<Moment>,
        /// How often one buyer may use it.
        uses_per_buyer: Option<i64>,
    }

    /// It cannot be done in the present status.
    StatusConflict {
        /// What the status is now.
        status: String,
    }
}

/// A refusal of the business.
#[derive(Clone, Debug, Interface)]
#[graphql(
    field(name = "code", ty = "&UserErrorCode", desc = "Which refusal it is."),
    field(name = "message", ty = "&String", desc = "What people read, in the request's language."),
    field(
        name = "path",
        ty = "&Option<Vec<String>>",
        desc = "The field of the input that it is about."
    )
)]
pub enum UserError {
    /// A refusal without facts.
    Generic(GenericUserError),
    /// There is not enough in stock.
    InsufficientStock(InsufficientStock),
    /// Too small or too large.
    OutOfRange(OutOfRange),
    /// Too many attempts.
    RateLimited(RateLimited),
    /// More than can still be refunded.
    RefundExceedsCaptured(RefundExceedsCaptured),
    /// Amounts that must be equal are not.
    AmountsDiffer(AmountsDiffer),
    /// A voucher does not count.
    VoucherRefused(VoucherRefused),
    /// Not in the present status.
    StatusConflict(StatusConflict),
}

impl UserError {
    /// The refusals in a status; nothing where it is a failure of another kind.
    pub fn of_status(status: &Status, locale: Locale) -> Option<Vec<Self>> {
        if let Some(refusals) = proto::refusals_of(status) {
            return Some(refusals.into_iter().map(|refusal| Self::of(refusal, locale)).collect());
        }
        match status.code() {
            Code::NotFound => Some(vec![Self::plain(RefusalCode::NotFound, &[], locale)]),
            // An id or another word that is none, as only a client's mistake can send.
            Code::InvalidArgument => Some(vec![Self::plain(RefusalCode::Invalid, &[], locale)]),
            _ => None,
        }
    }

    /// What people read of it.
    pub fn text(&self) -> &str {
        match self {
            Self::Generic(error) => &error.message,
            Self::InsufficientStock(error) => &error.message,
            Self::OutOfRange(error) => &error.message,
            Self::RateLimited(error) => &error.message,
            Self::RefundExceedsCaptured(error) => &error.message,
            Self::AmountsDiffer(error) => &error.message,
            Self::VoucherRefused(error) => &error.message,
            Self::StatusConflict(error) => &error.message,
        }
    }

    /// A refusal without facts, about a field of the input.
    pub fn plain(code: RefusalCode, path: &[&str], locale: Locale) -> Self {
        let path = path.iter().map(|name| (*name).to_owned()).collect();
        Self::of(Refusal { code: code.into(), path, facts: HashMap::new() }, locale)
    }

    /// Too many attempts.
    pub fn rate_limited(wait: Duration, locale: Locale) -> Self {
        let facts = HashMap::from([("retryAfterSeconds".to_owned(), seconds(wait).to_string())]);
        let code = RefusalCode::RateLimited.into();
        Self::of(Refusal { code, path: Vec::new(), facts }, locale)
    }

    /// A refusal of a service, in a language.
    pub fn of(refusal: Refusal, locale: Locale) -> Self {
        let proto_code = refusal.code();
        let Refusal { path, mut facts, .. } = refusal;
        let message = messages::refusal(proto_code, &facts, locale);
        let path = (!path.is_empty()).then_some(path);
        let code = UserErrorCode::from(proto_code);
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        match code {
            UserErrorCode::InsufficientStock => Self::InsufficientStock(InsufficientStock {
                code,
                message,
                path,
                available: number(facts.remove("available")),
                variant_id: facts.remove("variantId").map(ID),
            }),
            UserErrorCode::RateLimited => Self::RateLimited(RateLimited {
                code,
                message,
                path,
                retry_after_seconds: number(facts.remove("retryAfterSeconds")),
            }),
            UserErrorCode::RefundExceedsCaptured => {
                let available = facts.remove("available").unwrap_or_default();
                let available = Decimal(available);
                Self::RefundExceedsCaptured(RefundExceedsCaptured {
                    code,
                    message,
                    path,
                    available,
                })
            }
            UserErrorCode::AmountsDiffer => Self::AmountsDiffer(AmountsDiffer {
                code,
                message,
                path,
                expected: facts.remove("expected").map(Decimal),
                actual: facts.remove("actual").map(Decimal),
            }),
            UserErrorCode::VoucherUnknown
            | UserErrorCode::VoucherNotYet
            | UserErrorCode::VoucherEnded
            | UserErrorCode::VoucherUsedUp
            | UserErrorCode::VoucherUsedByBuyer
            | UserErrorCode::VoucherBelowMinimum
            | UserErrorCode::VoucherLeavesTooLittle => Self::VoucherRefused(VoucherRefused {
                code,
                message,
                path,
                voucher_code: facts.remove("code").unwrap_or_default(),
                minimum: facts.remove("minimum").map(Decimal),
                missing: facts.remove("missing").map(Decimal),
                valid_from: facts.remove("from").and_then(|at| at.parse().ok()).map(Moment::of),
                uses_per_buyer: facts.remove("maximum").and_then(|most| most.parse().ok()),
            }),
            UserErrorCode::StatusConflict => Self::StatusConflict(StatusConflict {
                code,
                message,
                path,
                status: facts.remove("status").unwrap_or_default().to_uppercase(),
            }),
            _ if facts.contains_key("minimum") || facts.contains_key("maximum") => {
                Self::OutOfRange(OutOfRange {
                    code,
                    message,
                    path,
                    minimum: facts.remove("minimum").map(Decimal),
                    maximum: facts.remove("maximum").map(Decimal),
                })
            }
            _ => Self::Generic(GenericUserError { code, message, path }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::Refused;

    use super::*;

    #[test]
    fn facts_decide_the_kind_of_error() {
        let status = Refused::status([
            Refused::new(RefusalCode::InsufficientStock)
                .fact("available", 3)
                .fact("variantId", "var_1"),
            Refused::new(RefusalCode::TooShort).at(&["password"]).fact("minimum", 8),
            Refused::new(RefusalCode::StatusConflict).fact("status", "approved"),
            Refused::new(RefusalCode::CartEmpty),
        ]);
        let errors = UserError::of_status(&status, Locale::En).unwrap();
        let [
            UserError::InsufficientStock(stock),
            UserError::OutOfRange(short),
            UserError::StatusConflict(now),
            UserError::Generic(empty),
        ] = &errors[..]
        else {
            panic!("{errors:?}")
        };
        assert_eq!((stock.available, stock.variant_id.as_deref()), (3, Some(&"var_1".to_owned())));
        assert_eq!(short.minimum, Some(Decimal("8".to_owned())));
        assert_eq!(short.path.as_deref(), Some(&["password".to_owned()][..]));
        assert_eq!(now.status, "APPROVED");
        assert_eq!(
            (empty.code, empty.message.as_str()),
            (UserErrorCode::CartEmpty, "The cart is empty.")
        );
        assert!(UserError::of_status(&Status::internal("x"), Locale::En).is_none());
    }
}
