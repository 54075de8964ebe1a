//! Somebody gets an account, and is signed in.

use platform::database::violated_constraint;
use platform::ids;
use sea_orm::DbErr;

use super::signed_in::begin_session;
use super::{Failure, SignedIn};
use crate::domain::email::Email;
use crate::domain::input::{Checks, InputRefused, Problem};
use crate::domain::phone::Phone;
use crate::domain::sign_up::{SignUp, SignUpForm};
use crate::domain::terms::Consent;
use crate::service::Context;
use crate::{store, throttle};

/// Makes an account, keeps that its person agreed to the text of now if they did, and begins a session.
pub async fn sign_up(
    cx: &Context,
    form: &SignUpForm,
    client_address: &str,
) -> Result<SignedIn, Failure> {
    let sign_up = SignUp::read(form).map_err(Failure::Input)?;
    throttle::sign_up(&cx.limiter, client_address).await?;
    refuse_taken(cx, sign_up.phone.as_ref(), sign_up.email.as_ref()).await?;
    // Hashed outside the transaction: it takes longer than everything else together.
    let password_hash = cx.passwords.hash(sign_up.password.clone()).await?;
    let consent = sign_up.agrees.then(|| Consent::given(sign_up.locale, cx.clock.now()));
    let user = sign_up.into_user(ids::new(), cx.clock.now());

    let tx = cx.database.begin().await?;
    store::users::insert(&tx, &user, password_hash).await.map_err(taken_meanwhile)?;
    if let Some(consent) = &consent {
        store::consents::insert(&tx, user.id, consent).await?;
    }
    let signed_in = begin_session(cx, &tx, user).await?;
    tx.commit().await?;
    metrics::counter!("accounts_sign_ups").increment(1);
    Ok(signed_in)
}

/// Refuses what somebody else has.
pub(super) async fn refuse_taken(
    cx: &Context,
    phone: Option<&Phone>,
    email: Option<&Email>,
) -> Result<(), Failure> {
    let (phone, email) = store::users::taken(cx.database.reader(), phone, email).await?;
    let mut checks = Checks::default();
    if phone {
        checks.refuse(&["phone"], Problem::AlreadyTaken);
    }
    if email {
        checks.refuse(&["email"], Problem::AlreadyTaken);
    }
    if checks.passed() { Ok(()) } else { Err(Failure::Input(checks.into_refused())) }
}

/// Two people with one number at the same moment: the database keeps the first.
pub(super) fn taken_meanwhile(error: DbErr) -> Failure {
    let path = match violated_constraint(&error) {
        Some(constraint) if constraint.contains("phone") => &["phone"],
        Some(constraint) if constraint.contains("email") => &["email"],
        _ => return error.into(),
    };
    Failure::Input(vec![InputRefused::new(path, Problem::AlreadyTaken)])
}
