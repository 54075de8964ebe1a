//! What must always hold in the database of accounts, checked.

use platform::database::Database;

use crate::domain::audit::ChainHead;
use crate::store;

/// How many audit entries are read at once.
const BATCH: u64 = 1_000;
/// How many shops in disorder are told of.
const MOST_FINDINGS: u64 = 100;

/// What does not hold, in words: a broken audit log, a shop without its owner. Empty when all is
/// well.
pub async fn doctor(database: &Database) -> anyhow::Result<Vec<String>> {
    let mut findings = broken_audit_log(database).await?;
    for shop in store::shops::without_their_owner(database.reader(), MOST_FINDINGS).await? {
        findings.push(format!("{shop} has not exactly one owner, the one it names"));
    }
    Ok(findings)
}

/// Follows the chain from its first entry to the head.
async fn broken_audit_log(database: &Database) -> anyhow::Result<Vec<String>> {
    let connection = database.reader();
    // The head first: entries that are appended meanwhile come behind it.
    let head = store::audit::head(connection).await?;
    let mut reached = ChainHead::EMPTY;
    while reached.seq < head.seq {
        let entries = store::audit::following(connection, reached.seq, BATCH).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            if !entry.is_intact_after(reached) {
                return Ok(vec![format!(
                    "the audit log was changed at entry {} ({})",
                    entry.seq, entry.id
                )]);
            }
            reached = entry.head();
            if reached.seq == head.seq {
                break;
            }
        }
    }
    Ok(if reached == head {
        Vec::new()
    } else {
        vec![format!("the audit log ends at entry {}, and should end at {}", reached.seq, head.seq)]
    })
}
