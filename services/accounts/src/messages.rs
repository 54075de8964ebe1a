//! The domain's words in the words of the contract, and the enums back.

use kernel::{ShopId, Timestamp};
use proto::accounts as message;

use crate::domain::audit::AuditEntry;
use crate::domain::bank_account::BankAccount;
use crate::domain::banks::Bank;
use crate::domain::email::Email;
use crate::domain::invitation::Invitation;
use crate::domain::membership::{Member, ShopRole};
use crate::domain::session::{Actor, SessionRecord};
use crate::domain::shop::{Shop, ShopKind, ShopStatus};
use crate::domain::terms::{Consent, Section, Terms};
use crate::domain::user::User;
use crate::domain::wards::Ward;
use crate::usecases::get_personal_records::PersonalRecords;

/// A person.
pub fn user(user: &User) -> message::User {
    message::User {
        id: user.id.to_string(),
        name: user.name.clone(),
        phone: user.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        email: user.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        locale: user.locale.tag().to_owned(),
        operator: user.operator,
        created_at: user.created_at.micros(),
    }
}

/// An email address, or nothing.
pub fn email_or_nothing(email: Option<&Email>) -> String {
    email.map(ToString::to_string).unwrap_or_default()
}

/// What people agree to.
pub fn terms(terms: &Terms) -> message::Terms {
    let section = |section: &Section| message::TermsSection {
        heading: Some(section.heading.clone().into()),
        text: Some(section.text.clone().into()),
    };
    message::Terms {
        version: terms.version.clone(),
        sections: terms.sections.iter().map(section).collect(),
    }
}

/// What a person agreed to.
pub fn consents(consents: &[Consent]) -> message::Consents {
    let consent = |consent: &Consent| message::Consent {
        version: consent.version.clone(),
        locale: consent.locale.tag().to_owned(),
        given_at: consent.given_at.micros(),
    };
    message::Consents { consents: consents.iter().map(consent).collect() }
}

/// What is kept of a person besides who they are.
pub fn personal_records(records: &PersonalRecords) -> message::PersonalRecords {
    let session = |session: &SessionRecord| message::SessionRecord {
        created_at: session.created_at.micros(),
        expires_at: session.expires_at.micros(),
        revoked_at: session.revoked_at.map_or(0, Timestamp::micros),
    };
    let membership = |(shop, member): &(ShopId, Member)| message::MembershipRecord {
        shop_id: shop.to_string(),
        role: role(member.role).into(),
        since: member.since.micros(),
        declines_letters: records.declined_letters.contains(shop),
    };
    message::PersonalRecords {
        sessions: records.sessions.iter().map(session).collect(),
        memberships: records.memberships.iter().map(membership).collect(),
        audit_entries: records.audit_entries.iter().map(audit_entry).collect(),
        awaited_email: email_or_nothing(records.awaited_email.as_ref()),
        whole: records.whole,
    }
}

/// Who a session belongs to.
pub fn actor(actor: &Actor, now: Timestamp) -> message::Actor {
    let memberships = actor.memberships.iter().map(|membership| message::Membership {
        shop_id: membership.shop_id.to_string(),
        role: role(membership.role).into(),
    });
    message::Actor {
        user: Some(user(&actor.user)),
        memberships: memberships.collect(),
        signed_in_lately: actor.signed_in_lately(now),
    }
}

const fn role(role: ShopRole) -> message::ShopRole {
    match role {
        ShopRole::Owner => message::ShopRole::Owner,
        ShopRole::Staff => message::ShopRole::Staff,
    }
}

/// The role that is meant; staff where none is.
pub fn role_of(asked: message::ShopRole) -> ShopRole {
    ShopRole::ALL.into_iter().find(|known| role(*known) == asked).unwrap_or(ShopRole::Staff)
}

/// One of a shop's people.
pub fn member(member: &Member) -> message::ShopMember {
    message::ShopMember {
        user_id: member.person.to_string(),
        role: role(member.role).into(),
        since: member.since.micros(),
    }
}

/// An invitation; its token only where it was made just now.
pub fn invitation(invitation: &Invitation, token: Option<String>) -> message::ShopInvitation {
    message::ShopInvitation {
        id: invitation.id.to_string(),
        shop_id: invitation.shop.to_string(),
        contact: invitation.contact.as_str().to_owned(),
        role: role(invitation.role).into(),
        created_at: invitation.created_at.micros(),
        counts_from: invitation.counts_from.micros(),
        expires_at: invitation.expires_at.micros(),
        token: token.unwrap_or_default(),
    }
}

/// What an invitation offers, as whoever has its link is told.
pub fn offered_role(invitation: &Invitation, shop: &Shop) -> message::OfferedShopRole {
    message::OfferedShopRole {
        shop_name: shop.name.clone(),
        role: role(invitation.role).into(),
        counts_from: invitation.counts_from.micros(),
        expires_at: invitation.expires_at.micros(),
    }
}

/// A shop, with what is private to it.
pub fn shop(shop: &Shop, now: Timestamp) -> message::Shop {
    message::Shop {
        id: shop.id.to_string(),
        slug: shop.slug.clone(),
        name: shop.name.clone(),
        kind: kind(shop.kind).into(),
        status: status(shop.status).into(),
        tax_code: shop.tax_code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
        ward_code: shop.ward_code.clone(),
        address: shop.address.clone(),
        phone: shop.phone.to_string(),
        bank_account: Some(bank_account(shop.payout_account(now))),
        next_bank_account: shop.awaited_account(now).map(|next| message::NextBankAccount {
            account: Some(bank_account(&next.account)),
            counts_from: next.counts_from.micros(),
        }),
        about: Some(shop.about.clone().into()),
        status_reason: shop.status_reason.clone(),
        created_at: shop.created_at.micros(),
        approved_at: shop.approved_at.map_or(0, Timestamp::micros),
        owner_id: shop.owner_id.to_string(),
    }
}

fn bank_account(account: &BankAccount) -> message::BankAccount {
    message::BankAccount {
        bin: account.bin.clone(),
        number: account.number.clone(),
        holder: account.holder.clone(),
    }
}

/// A ward.
pub fn ward(ward: &Ward) -> message::Ward {
    message::Ward {
        code: ward.code.clone(),
        name: ward.name.clone(),
        name_en: ward.name_en.clone(),
    }
}

/// A bank.
pub fn bank(bank: &Bank) -> message::Bank {
    message::Bank {
        bin: bank.bin.clone(),
        short_name: bank.short_name.clone(),
        name: bank.name.clone(),
    }
}

/// An entry of the audit log.
pub fn audit_entry(entry: &AuditEntry) -> message::AuditEntry {
    message::AuditEntry {
        id: entry.id.to_string(),
        at: entry.at.micros(),
        actor_id: entry.actor.map(|actor| actor.to_string()).unwrap_or_default(),
        action: entry.action.clone(),
        subject_id: entry.subject_id.clone(),
        detail: entry.detail.clone(),
    }
}

const fn kind(kind: ShopKind) -> message::ShopKind {
    match kind {
        ShopKind::Household => message::ShopKind::Household,
        ShopKind::Company => message::ShopKind::Company,
        ShopKind::Cooperative => message::ShopKind::Cooperative,
        ShopKind::TourOperator => message::ShopKind::TourOperator,
    }
}

/// The kind that was chosen, if one was.
pub fn kind_of(chosen: message::ShopKind) -> Option<ShopKind> {
    ShopKind::ALL.into_iter().find(|known| kind(*known) == chosen)
}

const fn status(status: ShopStatus) -> message::ShopStatus {
    match status {
        ShopStatus::Draft => message::ShopStatus::Draft,
        ShopStatus::Submitted => message::ShopStatus::Submitted,
        ShopStatus::Approved => message::ShopStatus::Approved,
        ShopStatus::Suspended => message::ShopStatus::Suspended,
        ShopStatus::Closed => message::ShopStatus::Closed,
    }
}

/// The status that is asked for, if one is.
pub fn status_of(asked: message::ShopStatus) -> Option<ShopStatus> {
    ShopStatus::ALL.into_iter().find(|known| status(*known) == asked)
}
