//! How often somebody may try to sign in or up, or to change a password: per login or person, and per
//! address of the client; and how often a shop gets another name, or a person is corrected.
//!
//! Source: OWASP ASVS 5.0, 6.3.1. Keys hold digests, so that the limiter's store holds no personal
//! data.

use std::time::Duration;

use kernel::{ShopId, UserId};
use platform::limits::{Quota, RateLimiter, network};
use platform::secrets;

use crate::usecases::Failure;

/// Attempts to sign in with one login: ten, then one a minute. Enough for who mistypes; a list of
/// guesses would take years.
const SIGN_INS_PER_LOGIN: Quota = Quota { burst: 10, per: Duration::from_mins(10) };
/// Attempts to sign in from one address. Many people share one behind a mobile network.
const SIGN_INS_PER_ADDRESS: Quota = Quota { burst: 100, per: Duration::from_mins(10) };
/// New accounts from one address.
const SIGN_UPS_PER_ADDRESS: Quota = Quota { burst: 100, per: Duration::from_hours(1) };

/// Other names of one shop: five, then one an hour. Each name has every product of the shop told of and put into
/// the search index anew.
const RENAMES_PER_SHOP: Quota = Quota { burst: 5, per: Duration::from_hours(5) };

/// Letters to reset a password that are asked for from one address. How many one person gets, their rows count.
const RESETS_PER_ADDRESS: Quota = Quota { burst: 30, per: Duration::from_hours(1) };

/// Invitations that one owner makes: each may be a letter to a stranger.
const INVITATIONS_PER_PERSON: Quota = Quota { burst: 20, per: Duration::from_hours(24) };

/// Other names and languages of one person: each is an entry of the audit log, which is kept for good.
const CORRECTIONS_PER_PERSON: Quota = Quota { burst: 20, per: Duration::from_hours(24) };

/// Other telephone numbers of one person, or none: of each a letter goes to a mailbox that nobody may have confirmed.
const PHONES_PER_PERSON: Quota = Quota { burst: 5, per: Duration::from_hours(24) };

/// Letters that confirm email addresses of one person: each may go to a stranger.
const CONFIRMATIONS_PER_PERSON: Quota = Quota { burst: 5, per: Duration::from_hours(24) };

/// Counts an attempt to sign in. It does not matter whether the login is known.
pub async fn sign_in(limiter: &RateLimiter, login: &str, address: &str) -> Result<(), Failure> {
    check(limiter, "sign-in-address", &network(address), SIGN_INS_PER_ADDRESS).await?;
    check(limiter, "sign-in-login", login, SIGN_INS_PER_LOGIN).await
}

/// Counts an attempt to sign up.
pub async fn sign_up(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "sign-up-address", &network(address), SIGN_UPS_PER_ADDRESS).await
}

/// Counts an attempt to type the password once more, to change it or something that asks for it: who holds a
/// session need not be who knows the password.
pub async fn password_again(
    limiter: &RateLimiter,
    person: UserId,
    address: &str,
) -> Result<(), Failure> {
    check(limiter, "sign-in-address", &network(address), SIGN_INS_PER_ADDRESS).await?;
    check(limiter, "password-again", &person.to_string(), SIGN_INS_PER_LOGIN).await
}

/// Counts a letter that is asked for. It does not matter whether anybody gets it.
pub async fn request_password_reset(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "ask-reset-address", &network(address), RESETS_PER_ADDRESS).await
}

/// Counts an attempt to set a password anew.
pub async fn reset_password(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "reset-address", &network(address), SIGN_INS_PER_ADDRESS).await
}

/// Counts another name of a shop.
pub async fn rename_shop(limiter: &RateLimiter, shop: ShopId) -> Result<(), Failure> {
    let counted = check(limiter, "rename-shop", &shop.to_string(), RENAMES_PER_SHOP).await;
    counted.map_err(|failure| match failure {
        Failure::Throttled { retry_after } => Failure::RenamedTooOften { retry_after },
        other => other,
    })
}

/// Counts an invitation to a shop.
pub async fn invite(limiter: &RateLimiter, inviter: UserId) -> Result<(), Failure> {
    check(limiter, "invite-person", &inviter.to_string(), INVITATIONS_PER_PERSON).await
}

/// Counts an attempt to accept an invitation.
pub async fn accept_invitation(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "accept-address", &network(address), SIGN_INS_PER_ADDRESS).await
}

/// Counts a letter that asks to confirm an email address.
pub async fn confirm_email(limiter: &RateLimiter, person: UserId) -> Result<(), Failure> {
    check(limiter, "confirm-email", &person.to_string(), CONFIRMATIONS_PER_PERSON).await
}

/// Counts a person's other name or language.
pub async fn correct_person(limiter: &RateLimiter, person: UserId) -> Result<(), Failure> {
    check(limiter, "correct-person", &person.to_string(), CORRECTIONS_PER_PERSON).await
}

/// Counts another telephone number of a person, or none any more.
pub async fn change_phone(limiter: &RateLimiter, person: UserId) -> Result<(), Failure> {
    check(limiter, "change-phone", &person.to_string(), PHONES_PER_PERSON).await
}

/// Counts an attempt to use the link of a letter that confirms an email address.
pub async fn use_email_link(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "email-link-address", &network(address), SIGN_INS_PER_ADDRESS).await
}

async fn check(
    limiter: &RateLimiter,
    what: &str,
    whose: &str,
    quota: Quota,
) -> Result<(), Failure> {
    let key = format!("accounts:{what}:{}", hex::encode(secrets::digest(whose)));
    limiter.check(&key, quota).await.map_err(|retry_after| {
        metrics::counter!("accounts_throttled", "what" => what.to_owned()).increment(1);
        Failure::Throttled { retry_after }
    })
}
