//! Who a person is, what they agreed to, their sessions and shops, and what is logged of them.

use std::collections::HashMap;

use async_graphql::Error;
use proto::accounts::{
    AuditEntry, BankAccount, Consent, GetPersonalRecordsRequest, GetShopsRequest,
    ListConsentsRequest, MembershipRecord, SessionRecord, Shop, ShopRole,
};
use serde_json::{Value, json};

use super::words::moment;
use crate::caller::Actor;
use crate::scope::Scope;

/// Shops that accounts tells of at once.
const SHOPS_AT_ONCE: usize = 100;

/// All that accounts keeps of a person.
pub async fn all(scope: &Scope, actor: &Actor) -> Result<Value, Error> {
    let user = &actor.user;
    let request = ListConsentsRequest { user_id: user.id.clone() };
    let consents = scope.answer(scope.accounts.clone().list_consents(request).await)?.consents;
    let request = GetPersonalRecordsRequest { user_id: user.id.clone() };
    let records = scope.answer(scope.accounts.clone().get_personal_records(request).await)?;
    let shops = shops_of(scope, &records.memberships).await?;
    let shops: Vec<Value> =
        records.memberships.iter().map(|one| membership(one, shops.get(&one.shop_id))).collect();
    Ok(json!({
        "account": {
            "id": user.id,
            "name": user.name,
            "phone": user.phone,
            "email": user.email,
            "awaitedEmail": records.awaited_email,
            "locale": user.locale,
            "operator": user.operator,
            "createdAt": moment(user.created_at),
        },
        "consents": consents.iter().map(consent).collect::<Vec<_>>(),
        "sessions": records.sessions.iter().map(session).collect::<Vec<_>>(),
        "shops": shops,
        "log": records.audit_entries.iter().map(entry).collect::<Vec<_>>(),
        // Where there are more than a thousand sessions, shops or entries of the log, the newest are here.
        "accountIsWhole": records.whole,
    }))
}

async fn shops_of(
    scope: &Scope,
    memberships: &[MembershipRecord],
) -> Result<HashMap<String, Shop>, Error> {
    let mut shops = HashMap::new();
    for some in memberships.chunks(SHOPS_AT_ONCE) {
        let ids = some.iter().map(|one| one.shop_id.clone()).collect();
        let found = scope.accounts.clone().get_shops(GetShopsRequest { ids }).await;
        let found = scope.answer(found)?.shops;
        shops.extend(found.into_iter().map(|shop| (shop.id.clone(), shop)));
    }
    Ok(shops)
}

fn consent(consent: &Consent) -> Value {
    json!({
        "version": consent.version,
        "locale": consent.locale,
        "givenAt": moment(consent.given_at),
    })
}

fn session(session: &SessionRecord) -> Value {
    json!({
        "createdAt": moment(session.created_at),
        "expiresAt": moment(session.expires_at),
        "endedAt": moment(session.revoked_at),
    })
}

/// A shop that a person acts for. What is said of it is its owner's own data, and of others only its name.
fn membership(membership: &MembershipRecord, shop: Option<&Shop>) -> Value {
    let owned = membership.role() == ShopRole::Owner;
    let mut said = json!({
        "id": membership.shop_id,
        "role": membership.role().as_str_name(),
        "since": moment(membership.since),
        "wantsLetters": !membership.declines_letters,
        "name": shop.map(|shop| shop.name.as_str()),
    });
    if let (Some(shop), true, Value::Object(fields)) = (shop, owned, &mut said) {
        let next = shop.next_bank_account.as_ref();
        let more = [
            ("slug", json!(shop.slug)),
            ("kind", json!(shop.kind().as_str_name())),
            ("status", json!(shop.status().as_str_name())),
            ("taxCode", json!(shop.tax_code)),
            ("wardCode", json!(shop.ward_code)),
            ("address", json!(shop.address)),
            ("phone", json!(shop.phone)),
            ("bankAccount", bank_account(shop.bank_account.as_ref())),
            ("nextBankAccount", bank_account(next.and_then(|next| next.account.as_ref()))),
            ("createdAt", moment(shop.created_at)),
        ];
        fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    said
}

fn bank_account(account: Option<&BankAccount>) -> Value {
    let Some(account) = account else { return Value::Null };
    json!({ "bankBin": account.bin, "number": account.number, "holder": account.holder })
}

fn entry(entry: &AuditEntry) -> Value {
    json!({
        "at": moment(entry.at),
        "action": entry.action,
        "subjectId": entry.subject_id,
        "detail": entry.detail,
    })
}
