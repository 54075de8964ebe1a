//! Somebody becomes an operator: asked for at the command line, where the first one comes from.

use kernel::{Locale, Timestamp, UserId};
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;
use serde_json::json;

use super::Failure;
use super::sign_up::taken_meanwhile;
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::email::Email;
use crate::domain::input::{Checks, InputRefused};
use crate::domain::password::{KnownBy, Password};
use crate::domain::user::User;
use crate::service::Context;
use crate::store;

/// Makes the person with an email address an operator. Who has no account yet gets one with the
/// password; who has one keeps their own password, or this would be a way into every account.
/// Repeating it changes nothing.
pub async fn add_operator(cx: &Context, email: &str, password: &str) -> Result<User, Failure> {
    let email = Email::read(email)
        .map_err(|problem| Failure::Input(vec![InputRefused::new(&["email"], problem)]))?;
    match promote(cx, &email).await? {
        Some(user) => Ok(user),
        None => create(cx, email, password).await,
    }
}

/// `None` where nobody has the address.
async fn promote(cx: &Context, email: &Email) -> Result<Option<User>, Failure> {
    let tx = cx.database.begin().await?;
    let Some(user) = store::users::lock_by_email(&tx, email).await? else { return Ok(None) };
    if user.operator {
        return Ok(Some(user));
    }
    store::users::make_operator(&tx, user.id).await?;
    note(&tx, cx.clock.now(), user.id, false).await?;
    tx.commit().await?;
    Ok(Some(User { operator: true, ..user }))
}

async fn create(cx: &Context, email: Email, password: &str) -> Result<User, Failure> {
    let mut checks = Checks::default();
    let known_by = KnownBy { name: "", phone: None, email: Some(&email) };
    let password = checks.keep(&["password"], Password::choose(password, known_by));
    let password = password.ok_or_else(|| Failure::Input(checks.into_refused()))?;
    let password_hash = cx.passwords.hash(password).await?;
    let now = cx.clock.now();
    let user = User {
        id: ids::new(),
        name: email.local_part().to_owned(),
        phone: None,
        email: Some(email),
        locale: Locale::default(),
        operator: true,
        created_at: now,
    };

    let tx = cx.database.begin().await?;
    store::users::insert(&tx, &user, password_hash).await.map_err(taken_meanwhile)?;
    note(&tx, now, user.id, true).await?;
    tx.commit().await?;
    Ok(user)
}

async fn note(tx: &Transaction, now: Timestamp, user: UserId, new: bool) -> Result<(), DbErr> {
    let record = AuditRecord {
        actor: None,
        action: Action::OperatorAdded,
        subject_id: user.to_string(),
        detail: json!({ "newAccount": new }).to_string(),
    };
    store::audit::append(tx, ids::new(), now, record).await
}
