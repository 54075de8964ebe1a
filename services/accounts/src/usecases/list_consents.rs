//! What a person agreed to.

use kernel::UserId;
use sea_orm::DbErr;

use crate::domain::terms::Consent;
use crate::service::Context;
use crate::store;

/// All that a person agreed to, the newest first; nothing where nobody asked them yet.
pub async fn list_consents(cx: &Context, person: UserId) -> Result<Vec<Consent>, DbErr> {
    store::consents::of_person(cx.database.reader(), person).await
}
