//! Pages of the audit log.

use kernel::{Page, PageRequest};

use super::Failure;
use crate::domain::audit::AuditEntry;
use crate::service::Context;
use crate::store;

/// A page of the log, newest first; and how many entries there are in all.
pub async fn list_audit_entries(
    cx: &Context,
    request: &PageRequest<i64>,
) -> Result<(Page<AuditEntry>, i64), Failure> {
    Ok(store::audit::page(cx.database.reader(), request).await?)
}
