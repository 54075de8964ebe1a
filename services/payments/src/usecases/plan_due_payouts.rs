//! Plans payouts to the accounts that accounts knows: asked outside of any transaction.

use std::collections::HashMap;

use anyhow::Context;
use kernel::{ShopId, Timestamp};
use proto::accounts::GetShopsRequest;

use super::run_payouts::{PayoutRun, run_payouts, shops_with_open_lines};
use crate::Payments;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{NotYet, PayoutMaker, run_at};
use crate::domain::vietnam_calendar::VietnamDay;

/// Shops that are asked for at once.
const ASKED_AT_ONCE: usize = 100;

/// Why nothing was planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanDueError {
    /// The run's day is not there yet.
    #[error(transparent)]
    NotYet(#[from] NotYet),
    /// Accounts, the database, or what it holds failed.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

/// Plans what is due: at the end of a day, or now.
pub async fn plan_due_payouts(
    payments: &Payments,
    made_by: PayoutMaker,
    day: Option<VietnamDay>,
    dry_run: bool,
) -> Result<PayoutRun, PlanDueError> {
    let due_at = run_at(day, payments.0.clock.now())?;
    // Without a day each shop is planned with what is due when it comes to its turn.
    let due_at = day.map(|_| due_at);
    Ok(plan(payments, made_by, due_at, dry_run).await?)
}

async fn plan(
    payments: &Payments,
    made_by: PayoutMaker,
    due_at: Option<Timestamp>,
    dry_run: bool,
) -> anyhow::Result<PayoutRun> {
    let shops: Vec<ShopId> = shops_with_open_lines(payments).await?.into_iter().collect();
    let mut payees = HashMap::with_capacity(shops.len());
    for part in shops.chunks(ASKED_AT_ONCE) {
        let client = payments.0.accounts.clone().context("there is no way to accounts")?;
        payees.extend(payees_of(client, part).await?);
    }
    run_payouts(payments, &payees, made_by, dry_run, due_at).await
}

async fn payees_of(
    mut accounts: platform::rpc::AccountsClient,
    shops: &[ShopId],
) -> anyhow::Result<HashMap<ShopId, PayeeAccount>> {
    let ids = shops.iter().map(ToString::to_string).collect();
    let found = accounts.get_shops(GetShopsRequest { ids }).await?.into_inner().shops;
    let mut payees = HashMap::with_capacity(found.len());
    for shop in found {
        let Some(account) = shop.bank_account else { continue };
        let id: ShopId = shop.id.parse()?;
        match PayeeAccount::new(&account.bin, &account.number, &account.holder) {
            Ok(payee) => {
                payees.insert(id, payee);
            }
            Err(error) => tracing::warn!(shop = %id, %error, "a shop's account cannot be paid to"),
        }
    }
    Ok(payees)
}
