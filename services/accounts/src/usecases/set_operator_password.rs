//! An operator gets another password from who sits at the machine: no letter reaches them, or somebody else knows
//! the old one.

use platform::ids;
use serde_json::json;

use super::Failure;
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::email::Email;
use crate::domain::input::InputRefused;
use crate::domain::login::Login;
use crate::domain::password::{KnownBy, Password};
use crate::domain::user::User;
use crate::service::Context;
use crate::store;
use crate::store::users::Credentials;

/// Gives the operator with an email address another password. Every session of theirs ends, and every letter that
/// would set it anew counts no more. Of who is no operator the password stays: this is no way into every account.
pub async fn set_operator_password(
    cx: &Context,
    email: &str,
    password: &str,
) -> Result<User, Failure> {
    let email = Email::read(email)
        .map_err(|problem| Failure::Input(vec![InputRefused::new(&["email"], problem)]))?;
    let known = store::users::by_login(cx.database.reader(), &Login::Email(email)).await?;
    let operator = known.map(|Credentials { user, .. }| user).filter(|user| user.operator);
    let operator = operator.ok_or(Failure::NoSuchOperator)?;
    let known_by = KnownBy {
        name: &operator.name,
        phone: operator.phone.as_ref(),
        email: operator.email.as_ref(),
    };
    let chosen = Password::choose(password, known_by)
        .map_err(|problem| Failure::Input(vec![InputRefused::new(&["password"], problem)]))?;
    // Hashed outside the transaction: it takes longer than everything else together.
    let password_hash = cx.passwords.hash(chosen).await?;

    let tx = cx.database.begin().await?;
    // The person first, then what hangs on them: who changes the password goes the same way.
    store::users::set_password(&tx, operator.id, password_hash).await?;
    let now = cx.clock.now();
    store::password_resets::end_all(&tx, operator.id, now).await?;
    store::contact_letters::end_awaited(&tx, operator.id, now).await?;
    // Whoever else knew the password may have named one, and invited somebody.
    store::shops::take_back_waiting_accounts(&tx, operator.id, now).await?;
    store::invitations::end_all_of_inviter(&tx, operator.id, now).await?;
    let ended = store::sessions::revoke_all(&tx, operator.id, now).await?;
    let record = AuditRecord {
        actor: None,
        action: Action::OperatorPasswordSet,
        subject_id: operator.id.to_string(),
        detail: json!({ "sessionsEnded": ended }).to_string(),
    };
    store::audit::append(&tx, ids::new(), now, record).await?;
    tx.commit().await?;
    metrics::counter!("accounts_passwords_replaced", "how" => "set").increment(1);
    Ok(operator)
}
