//! What is kept of a person besides who they are, for themselves.

use kernel::{ShopId, UserId};
use sea_orm::DbErr;

use crate::domain::audit::AuditEntry;
use crate::domain::email::Email;
use crate::domain::membership::Member;
use crate::domain::session::SessionRecord;
use crate::service::Context;
use crate::store;

/// The most sessions, shops or entries of the log that are told at once.
const AT_MOST: u64 = 1_000;

/// What is kept of a person.
pub struct PersonalRecords {
    /// Their sessions, without what opens them, the newest first.
    pub sessions: Vec<SessionRecord>,
    /// The shops that they act for.
    pub memberships: Vec<(ShopId, Member)>,
    /// The shops of whose orders they want no letters.
    pub declined_letters: Vec<ShopId>,
    /// The email address that waits to be confirmed.
    pub awaited_email: Option<Email>,
    /// What they did and what was done to them, the newest first.
    pub audit_entries: Vec<AuditEntry>,
    /// Whether that is all.
    pub whole: bool,
}

/// What is kept of a person, with a bound on each part.
pub async fn get_personal_records(cx: &Context, person: UserId) -> Result<PersonalRecords, DbErr> {
    let reader = cx.database.reader();
    let mut sessions = store::sessions::of_person(reader, person, AT_MOST + 1).await?;
    let mut memberships = store::members::of_person(reader, person, AT_MOST + 1).await?;
    let declined_letters = store::letters::declined_by(reader, person, AT_MOST).await?;
    let mut audit_entries = store::audit::about(reader, person, AT_MOST + 1).await?;
    let awaited_email = store::contact_letters::awaited(reader, person, cx.clock.now()).await?;
    let most = AT_MOST as usize;
    let longest = sessions.len().max(memberships.len()).max(audit_entries.len());
    sessions.truncate(most);
    memberships.truncate(most);
    audit_entries.truncate(most);
    let whole = longest <= most;
    Ok(PersonalRecords {
        sessions,
        memberships,
        declined_letters,
        awaited_email,
        audit_entries,
        whole,
    })
}
