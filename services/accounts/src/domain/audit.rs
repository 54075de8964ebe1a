//! The audit log: who did what, in a chain of hashes that shows every later change.
//!
//! Each entry keeps the SHA-256 of the previous entry's hash and of its own content. It holds ids and
//! statuses only, no name and no free text: an entry can never be corrected or erased, so nothing
//! may stand in it that a person has the right to have erased.

use kernel::{AuditEntryId, Timestamp, UserId};
use sha2::{Digest, Sha256};

/// A hash of the chain.
pub type ChainHash = [u8; 32];

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A shop was opened as a draft.
    ShopOpened,
    /// A member asked for approval.
    ShopSubmitted,
    /// An operator approved a shop.
    ShopApproved,
    /// An operator suspended a shop.
    ShopSuspended,
    /// The owner closed a shop.
    ShopClosed,
    /// The owner corrected what is said of a shop.
    ShopUpdated,
    /// The owner said where a shop is paid out to.
    PayoutAccountSet,
    /// The owner invited somebody to work for a shop, or to take it over.
    MemberInvited,
    /// The owner took an invitation back.
    InvitationRevoked,
    /// Somebody who was invited works for a shop now.
    MemberJoined,
    /// The owner let somebody go.
    MemberRemoved,
    /// Somebody does not work for a shop any more, as they wished.
    MemberLeft,
    /// A shop has another owner, as the one before wished.
    ShopHandedOver,
    /// A person corrected what is kept of them.
    PersonUpdated,
    /// A person confirmed that an email address is theirs.
    EmailConfirmed,
    /// A person deleted their account.
    AccountDeleted,
    /// A person became an operator.
    OperatorAdded,
    /// An operator got another password from who sits at the machine.
    OperatorPasswordSet,
    /// A person chose another password, knowing the old one.
    PasswordChanged,
    /// A person set a forgotten password anew, with the link of a letter.
    PasswordReset,
}

impl Action {
    /// The word in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ShopOpened => "shop.opened",
            Self::ShopSubmitted => "shop.submitted",
            Self::ShopApproved => "shop.approved",
            Self::ShopSuspended => "shop.suspended",
            Self::ShopClosed => "shop.closed",
            Self::ShopUpdated => "shop.updated",
            Self::PayoutAccountSet => "shop.payout_account_set",
            Self::MemberInvited => "shop.member_invited",
            Self::InvitationRevoked => "shop.invitation_revoked",
            Self::MemberJoined => "shop.member_joined",
            Self::MemberRemoved => "shop.member_removed",
            Self::MemberLeft => "shop.member_left",
            Self::ShopHandedOver => "shop.handed_over",
            Self::PersonUpdated => "person.updated",
            Self::EmailConfirmed => "person.email_confirmed",
            Self::AccountDeleted => "person.deleted",
            Self::OperatorAdded => "operator.added",
            Self::OperatorPasswordSet => "operator.password_set",
            Self::PasswordChanged => "password.changed",
            Self::PasswordReset => "password.reset",
        }
    }
}

/// What goes into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Who did it; `None` for who sits at the machine itself.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: Action,
    /// To whom or what: an id as text.
    pub subject_id: String,
    /// More of it, as JSON without personal data.
    pub detail: String,
}

/// The end of the chain so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// How many entries there are; the number of the last.
    pub seq: i64,
    /// The hash of the last.
    pub hash: ChainHash,
}

impl ChainHead {
    /// The head of an empty chain.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: 1, 2, 3 without gaps.
    pub seq: i64,
    /// Its id.
    pub id: AuditEntryId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Option<UserId>,
    /// What was done, as [`Action::word`]; newer versions of the program may know more.
    pub action: String,
    /// To whom or what.
    pub subject_id: String,
    /// More of it, as JSON.
    pub detail: String,
    /// The hash of the entry before.
    pub previous_hash: ChainHash,
    /// SHA-256 of the previous hash and the content.
    pub hash: ChainHash,
}

impl AuditEntry {
    /// The entry that follows the end of the chain.
    pub fn following(
        head: ChainHead,
        id: AuditEntryId,
        at: Timestamp,
        record: AuditRecord,
    ) -> Self {
        let mut entry = Self {
            seq: head.seq + 1,
            id,
            at,
            actor: record.actor,
            action: record.action.word().to_owned(),
            subject_id: record.subject_id,
            detail: record.detail,
            previous_hash: head.hash,
            hash: [0; 32],
        };
        entry.hash = entry.hash_of_content();
        entry
    }

    /// The end of the chain with this entry.
    pub const fn head(&self) -> ChainHead {
        ChainHead { seq: self.seq, hash: self.hash }
    }

    /// Whether the entry follows that end of the chain and still says what it said.
    pub fn is_intact_after(&self, head: ChainHead) -> bool {
        self.seq == head.seq + 1
            && self.previous_hash == head.hash
            && self.hash == self.hash_of_content()
    }

    /// Every field goes in with its length, so that no two contents read alike.
    fn hash_of_content(&self) -> ChainHash {
        let actor = self.actor.map(|actor| actor.to_string()).unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(self.previous_hash);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.micros().to_be_bytes());
        let id = self.id.to_string();
        for field in [&id, &actor, &self.action, &self.subject_id, &self.detail] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<AuditEntry> {
        let mut head = ChainHead::EMPTY;
        let mut entries = Vec::new();
        for action in [Action::ShopOpened, Action::ShopSubmitted, Action::ShopApproved] {
            let record = AuditRecord {
                actor: Some("user_01h455vb4pex5vsknk084sn02q".parse().unwrap()),
                action,
                subject_id: "shop_01h455vb4pex5vsknk084sn02q".into(),
                detail: "{}".into(),
            };
            let id = "audit_01h455vb4pex5vsknk084sn02q".parse().unwrap();
            let entry = AuditEntry::following(head, id, Timestamp::from_micros(5), record);
            head = entry.head();
            entries.push(entry);
        }
        entries
    }

    fn first_broken(entries: &[AuditEntry]) -> Option<usize> {
        let mut head = ChainHead::EMPTY;
        entries.iter().position(|entry| {
            let intact = entry.is_intact_after(head);
            head = entry.head();
            !intact
        })
    }

    #[test]
    fn an_untouched_chain_is_intact() {
        assert_eq!(first_broken(&chain()), None);
    }

    #[test]
    fn every_change_of_an_entry_breaks_the_chain_there() {
        let changes: [fn(&mut AuditEntry); 7] = [
            |entry| entry.at = Timestamp::from_micros(6),
            |entry| entry.actor = None,
            |entry| entry.action = "shop.closed".into(),
            |entry| entry.subject_id.push('x'),
            |entry| entry.detail = "{\"a\":1}".into(),
            |entry| entry.previous_hash = [1; 32],
            |entry| entry.hash = [1; 32],
        ];
        for change in changes {
            let mut entries = chain();
            change(&mut entries[1]);
            assert_eq!(first_broken(&entries), Some(1));
        }
    }

    #[test]
    fn an_entry_cannot_be_left_out_put_in_or_moved() {
        let mut without = chain();
        without.remove(1);
        assert_eq!(first_broken(&without), Some(1));
        let mut moved = chain();
        moved.swap(1, 2);
        assert_eq!(first_broken(&moved), Some(1));
        let mut rewritten = chain();
        rewritten[1].detail = "{\"a\":1}".into();
        rewritten[1].hash = rewritten[1].hash_of_content();
        assert_eq!(
            first_broken(&rewritten),
            Some(2),
            "who rewrites one must rewrite all that follow"
        );
    }

    #[test]
    fn fields_cannot_flow_into_each_other() {
        let entry = chain().remove(0);
        let shifted = AuditEntry {
            action: "shop.opene".into(),
            subject_id: format!("d{}", entry.subject_id),
            ..entry.clone()
        };
        assert_ne!(entry.hash_of_content(), shifted.hash_of_content());
    }
}
