//! A shop's owner says where its money lands: in the market's account, or in the shop's own. Naming an account
//! gives its feed a key, which is shown this once.

use kernel::{ShopScope, UserId};
use platform::{outbox, secrets};
use proto::events::PaymentDestinationChanged;
use proto::events::event::Body;
use sea_orm::DbErr;

use crate::Payments;
use crate::domain::payee_account::{PayeeAccount, PayeeAccountRefused};
use crate::domain::payment_destination::{Destination, PaymentDestination, ShopAccount};
use crate::store;
use crate::store::payment_destination::Change;

/// What an owner wants.
#[derive(Clone, Debug)]
pub struct SetPaymentDestination {
    /// The shop.
    pub shop: ShopScope,
    /// Where its money lands.
    pub wanted: Destination,
    /// Its own account; none: the one that is known.
    pub account: Option<Result<PayeeAccount, PayeeAccountRefused>>,
    /// Whether the account's feed gets another key.
    pub new_feed_key: bool,
    /// Who wants it.
    pub by: UserId,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SetDestinationError {
    /// No operator allows the shop to be paid directly.
    #[error("no operator allows the shop to be paid directly")]
    NotAllowed,
    /// Nobody knows the shop's own account.
    #[error("the shop's own account is not known")]
    AccountRequired,
    /// The account is the market's or another shop's.
    #[error("the account is somebody else's")]
    AccountTaken,
    /// The account cannot be paid to.
    #[error(transparent)]
    Account(#[from] PayeeAccountRefused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Where a shop's money lands, and the key of its feed, if there is a new one.
#[derive(Clone, Debug)]
pub struct DestinationSet {
    /// Where.
    pub destination: PaymentDestination,
    /// The key; nobody can read it a second time.
    pub feed_key: Option<String>,
}

/// Sets where a shop's money lands. The same again changes nothing.
pub async fn set_payment_destination(
    payments: &Payments,
    asked: SetPaymentDestination,
) -> Result<DestinationSet, SetDestinationError> {
    let service = &payments.0;
    let named = asked.account.clone().transpose()?;
    let now = service.clock.now();
    let tx = service.database.begin().await?;
    // The end of the ledger first: whoever changes a destination waits for who did so before.
    let _end = store::ledger::lock(&tx).await?;
    let mut destination = store::payment_destination::of_shop(&tx, asked.shop).await?;
    let before = destination.clone();
    let mut changes = Vec::new();
    let mut feed_key = None;
    if asked.wanted == Destination::Marketplace {
        if before.wanted != Destination::Marketplace {
            destination.want_marketplace(now);
            changes.push(Change::Marketplace);
        }
    } else {
        if before.allowed_at.is_none() {
            return Err(SetDestinationError::NotAllowed);
        }
        let kept = before.account.as_ref().map(|own| own.account.clone());
        let account = named.or(kept).ok_or(SetDestinationError::AccountRequired)?;
        let mut own = taken(payments, &tx, asked.shop, account).await?;
        if before.account.as_ref().is_none_or(|kept| kept.account != own.account) {
            changes.push(Change::Account);
        }
        if asked.new_feed_key || !own.has_feed_key {
            let key = secrets::random_token();
            let hash = secrets::digest(&key);
            store::shop_account::set_feed_key(&tx, own.account.number(), hash).await?;
            feed_key = Some(key);
            own.heard_at = None;
            changes.push(Change::Key);
        }
        let own = ShopAccount { has_feed_key: true, ..own };
        destination.want_own_account(own, now, service.settlement.cooling_off);
        if before.wanted != Destination::ShopAccount {
            changes.push(Change::ShopAccount);
        }
    }
    if !changes.is_empty() {
        store::payment_destination::put(&tx, &destination).await?;
    }
    for change in changes {
        store::payment_destination::note_change(&tx, &destination, change, (asked.by, now)).await?;
        outbox::publish_all(&tx, now, [told(&destination, change)]).await?;
    }
    tx.commit().await?;
    service.destinations.forget().await;
    Ok(DestinationSet { destination, feed_key })
}

/// The account, kept as the shop's.
async fn taken(
    payments: &Payments,
    tx: &platform::database::Transaction,
    shop: ShopScope,
    account: PayeeAccount,
) -> Result<ShopAccount, SetDestinationError> {
    let now = payments.0.clock.now();
    let is_market = account.number() == payments.0.receiving_account.account;
    if is_market || !store::shop_account::put(tx, shop, &account, now).await? {
        return Err(SetDestinationError::AccountTaken);
    }
    let kept = store::shop_account::by_number(tx, account.number()).await?;
    kept.ok_or(SetDestinationError::AccountTaken)
}

/// The event that tells the shop of a change: the aggregate and its event.
pub(super) fn told(destination: &PaymentDestination, change: Change) -> (String, Body) {
    let shop_id = destination.shop.to_string();
    let what = change.name().to_owned();
    let effective_at = destination.effective_at.micros();
    let changed = PaymentDestinationChanged { shop_id: shop_id.clone(), what, effective_at };
    (shop_id, Body::PaymentDestinationChanged(changed))
}
