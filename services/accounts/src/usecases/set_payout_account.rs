//! An owner says where a shop is paid out to. Whoever has only the owner's session cannot: the password is
//! asked again, and what is said counts after a pause in which its owner reads of it.

use kernel::{ShopId, UserId};
use platform::{ids, outbox};
use serde_json::json;

use super::decision::lock_shop;
use super::{Failure, ShopDecision, password_again};
use crate::domain::audit::{Action, AuditRecord};
use crate::domain::bank_account::{BankAccount, BankAccountForm};
use crate::domain::input::Checks;
use crate::domain::membership::Right;
use crate::domain::shop::Shop;
use crate::service::Context;
use crate::{events, store};

/// What an owner wants.
pub struct SetPayoutAccount {
    /// Who wants it.
    pub actor: UserId,
    /// Of which shop.
    pub shop: ShopId,
    /// Where it shall be paid to.
    pub account: BankAccountForm,
    /// The owner's password, once more.
    pub password: String,
    /// Where it was typed, for throttling.
    pub client_address: String,
}

/// Sets the account that a shop is paid out to. Payouts that were planned before go where they were to go.
/// The same again changes nothing; who names the account that counts takes back what waits.
pub async fn set_payout_account(cx: &Context, asked: SetPayoutAccount) -> Result<Shop, Failure> {
    let SetPayoutAccount { actor, shop, account, password, client_address } = asked;
    let hash = password_again::check(cx, actor, &password, &client_address).await?;
    let mut checks = Checks::default();
    let account = BankAccount::read(&account, &mut checks);
    let account = account.ok_or_else(|| Failure::Input(checks.into_refused()))?;
    let now = cx.clock.now();
    let asked = ShopDecision { actor, shop, reason: String::new() };

    let tx = cx.database.begin().await?;
    // Whoever changed the password meanwhile ended what the old one may do.
    if !store::users::keeps_password(&tx, actor, &hash).await? {
        return Err(Failure::WrongPassword { field: "password" });
    }
    let shop = lock_shop(&tx, &asked, Right::Owner).await?;
    let changed = shop.paid_to(account, now, cx.payout_cooling_off);
    let counting = changed.payout_account(now) == shop.payout_account(now);
    if counting && changed.awaited_account(now) == shop.awaited_account(now) {
        return Ok(shop);
    }
    store::shops::update(&tx, &changed).await?;
    let counts_from = changed.awaited_account(now).map_or(now, |next| next.counts_from);
    let told = events::payout_account_changed(changed.id, counts_from);
    outbox::publish(&tx, now, changed.id, told).await?;
    let record = AuditRecord {
        actor: Some(actor),
        action: Action::PayoutAccountSet,
        subject_id: changed.id.to_string(),
        // Not the account: it may be a person's.
        detail: json!({ "countsFrom": counts_from.micros() }).to_string(),
    };
    store::audit::append(&tx, ids::new(), now, record).await?;
    tx.commit().await?;
    Ok(changed)
}
