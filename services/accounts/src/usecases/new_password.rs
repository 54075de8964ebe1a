//! What a person may choose as their next password, and how it is noted that they did.

use kernel::Timestamp;
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;
use serde_json::json;

use super::Failure;
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::input::InputRefused;
use crate::domain::password::{KnownBy, Password};
use crate::domain::user::User;
use crate::store;

/// Reads the password that a person chooses.
pub fn choose(text: &str, user: &User) -> Result<Password, Failure> {
    let known_by =
        KnownBy { name: &user.name, phone: user.phone.as_ref(), email: user.email.as_ref() };
    Password::choose(text, known_by)
        .map_err(|problem| Failure::Input(vec![InputRefused::new(&["newPassword"], problem)]))
}

/// Notes in the audit log that a person has another password, and how many sessions that ended.
pub async fn note(
    tx: &Transaction,
    now: Timestamp,
    user: &User,
    action: Action,
    ended: u64,
) -> Result<(), DbErr> {
    let record = AuditRecord {
        actor: Some(user.id),
        action,
        subject_id: user.id.to_string(),
        detail: json!({ "sessionsEnded": ended }).to_string(),
    };
    store::audit::append(tx, ids::new(), now, record).await
}
