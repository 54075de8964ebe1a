//! The one place where failures of the use cases become statuses of gRPC.

use std::time::Duration;

use platform::rpc;
use proto::Refused;
use proto::common::RefusalCode;
use tonic::Status;

use crate::domain::contact_letter::ConfirmationRefused;
use crate::domain::input::{InputRefused, Problem};
use crate::domain::invitation::InvitationRefused;
use crate::domain::membership::MembershipRefused;
use crate::domain::shop::ShopRefused;
use crate::domain::terms;
use crate::passwords::HashingFault;
use crate::usecases::Failure;

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Input(refused) => Refused::status(refused.into_iter().map(of_input)),
            Failure::WrongCredentials => Refused::new(RefusalCode::WrongCredentials).into(),
            Failure::WrongPassword { field } => {
                Refused::new(RefusalCode::WrongCredentials).at(&[field]).into()
            }
            Failure::NoSuchOperator => Refused::new(RefusalCode::NotFound).at(&["email"]).into(),
            Failure::ResetLinkInvalid => Refused::new(RefusalCode::ResetLinkInvalid).into(),
            Failure::Confirmation(ConfirmationRefused::Invalid) => {
                Refused::new(RefusalCode::EmailLinkInvalid).into()
            }
            Failure::Confirmation(ConfirmationRefused::NotYet { from }) => {
                Refused::new(RefusalCode::EmailLinkNotYet).fact("from", from.micros()).into()
            }
            Failure::OperatorStays => Refused::new(RefusalCode::OperatorStays).into(),
            Failure::ShopNotClosed => Refused::new(RefusalCode::ShopNotClosed).into(),
            Failure::LettersOff => Refused::new(RefusalCode::LettersOff).at(&["email"]).into(),
            Failure::Throttled { retry_after } => Refused::new(RefusalCode::RateLimited)
                .fact("retryAfterSeconds", whole_seconds(retry_after))
                .into(),
            Failure::RenamedTooOften { retry_after } => Refused::new(RefusalCode::RateLimited)
                .fact("retryAfterSeconds", whole_seconds(retry_after))
                .at(&["name"])
                .into(),
            Failure::Shop(ShopRefused::StatusConflict { now }) => {
                Refused::new(RefusalCode::StatusConflict).fact("status", now.word()).into()
            }
            Failure::Shop(ShopRefused::Reason(problem)) => {
                of_input(InputRefused::new(&["reason"], problem)).into()
            }
            Failure::Shop(ShopRefused::Fixed { field, now }) => {
                Refused::new(RefusalCode::StatusConflict)
                    .at(&[field])
                    .fact("status", now.word())
                    .into()
            }
            Failure::Invitation(InvitationRefused::Invalid) => {
                Refused::new(RefusalCode::InvitationInvalid).into()
            }
            Failure::Invitation(InvitationRefused::NotYet { from }) => {
                Refused::new(RefusalCode::InvitationNotYet).fact("from", from.micros()).into()
            }
            Failure::Membership(MembershipRefused::AlreadyMember) => {
                Refused::new(RefusalCode::AlreadyMember).into()
            }
            Failure::Membership(MembershipRefused::OwnerStays) => {
                Refused::new(RefusalCode::OwnerStays).into()
            }
            Failure::Membership(MembershipRefused::NoMember) => {
                Self::not_found("the shop has no such member")
            }
            Failure::UnknownInvitation => Self::not_found("there is no such invitation"),
            Failure::Unauthenticated => Self::unauthenticated("there is no such session"),
            Failure::UnknownActor(_) | Failure::NotAllowed(_) => {
                Self::permission_denied("this is for others to do")
            }
            Failure::UnknownShop => Self::not_found("there is no such shop"),
            Failure::TooManyIds { maximum } => {
                Self::invalid_argument(format!("at most {maximum} ids may be asked for at once"))
            }
            Failure::Hashing(HashingFault::Busy) => Self::unavailable("too many people sign in"),
            Failure::Hashing(fault) => rpc::fault(fault),
            Failure::Database(error) => rpc::database_fault(&error),
        }
    }
}

fn of_input(refused: InputRefused) -> Refused {
    let with = |code| Refused::new(code).at(refused.path);
    match refused.problem {
        Problem::Required => with(RefusalCode::Required),
        Problem::TooShort { minimum } => with(RefusalCode::TooShort).fact("minimum", minimum),
        Problem::TooLong { maximum } => with(RefusalCode::TooLong).fact("maximum", maximum),
        Problem::Invalid => with(RefusalCode::Invalid),
        Problem::TooMany { maximum } => {
            with(RefusalCode::OutOfRange).fact("minimum", 0).fact("maximum", maximum)
        }
        Problem::AlreadyTaken => with(RefusalCode::AlreadyTaken),
        Problem::PhoneOrEmailRequired => with(RefusalCode::PhoneOrEmailRequired),
        Problem::PasswordTooCommon => with(RefusalCode::PasswordTooCommon),
        Problem::HoldsAddress => with(RefusalCode::AddressInName),
        Problem::TermsOutdated => {
            with(RefusalCode::TermsOutdated).fact("version", &terms::current().version)
        }
        Problem::UnknownWard => with(RefusalCode::UnknownWard),
        Problem::UnknownBank => with(RefusalCode::UnknownBank),
    }
}

/// Rounded up: who waits that long is not refused again.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
