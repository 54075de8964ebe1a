//! Why something could not be done.

use std::time::Duration;

use kernel::UserId;
use sea_orm::DbErr;

use crate::domain::contact_letter::ConfirmationRefused;
use crate::domain::input::InputRefused;
use crate::domain::invitation::InvitationRefused;
use crate::domain::membership::{MembershipRefused, NotAllowed};
use crate::domain::shop::ShopRefused;
use crate::passwords::HashingFault;

/// Refusals of the business and faults of the machine. After each of them nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Fields of the input are refused.
    #[error("fields are refused: {0:?}")]
    Input(Vec<InputRefused>),
    /// The login is unknown or the password is wrong; which of them is not told.
    #[error("the login is unknown or the password is wrong")]
    WrongCredentials,
    /// No operator has this email address.
    #[error("no operator has this email address")]
    NoSuchOperator,
    /// The link does not confirm an email address.
    #[error(transparent)]
    Confirmation(#[from] ConfirmationRefused),
    /// No letters leave here: no email address can be confirmed.
    #[error("no letters leave this market")]
    LettersOff,
    /// Who runs the market does not delete their account.
    #[error("an operator's account stays")]
    OperatorStays,
    /// A shop of who wants to delete their account is not closed.
    #[error("a shop of theirs is not closed")]
    ShopNotClosed,
    /// The password that somebody has is another one than they typed.
    #[error("the password is wrong")]
    WrongPassword {
        /// Where it was typed.
        field: &'static str,
    },
    /// The token of a letter was used, is too old, or never was one; which of them is not told.
    #[error("the link to reset a password does not count")]
    ResetLinkInvalid,
    /// Too many attempts.
    #[error("too many attempts: again in {retry_after:?}")]
    Throttled {
        /// When an attempt is allowed again.
        retry_after: Duration,
    },
    /// A shop had other names too often.
    #[error("the shop was renamed too often: again in {retry_after:?}")]
    RenamedTooOften {
        /// When it may have another name again.
        retry_after: Duration,
    },
    /// The token belongs to no session that lasts.
    #[error("there is no such session")]
    Unauthenticated,
    /// Who acts has no account.
    #[error("{0} has no account")]
    UnknownActor(UserId),
    /// Who acts has not the right to.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// There is no such shop.
    #[error("there is no such shop")]
    UnknownShop,
    /// The shop has no such invitation that is open.
    #[error("there is no such invitation")]
    UnknownInvitation,
    /// The invitation cannot be accepted.
    #[error(transparent)]
    Invitation(#[from] InvitationRefused),
    /// Who acts for the shop does not change like that.
    #[error(transparent)]
    Membership(#[from] MembershipRefused),
    /// The shop's status does not change like that.
    #[error(transparent)]
    Shop(#[from] ShopRefused),
    /// More is asked for at once than may be: a fault of the calling program.
    #[error("at most {maximum} ids may be asked for at once")]
    TooManyIds {
        /// The most ids.
        maximum: usize,
    },
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFault),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}
