//! Plans payouts to the accounts that accounts knows: asked outside of any transaction.

use std::collections::HashMap;

use anyhow::Context;
use kernel::ShopId;
use proto::accounts::GetShopsRequest;

use super::run_payouts::{PayoutRun, run_payouts, shops_with_open_lines};
use crate::Payments;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::PayoutMaker;

/// Shops that are asked for at once.
const ASKED_AT_ONCE: usize = 100;

/// Plans what is due.
pub async fn plan_due_payouts(
    payments: &Payments,
    made_by: PayoutMaker,
    dry_run: bool,
) -> anyhow::Result<PayoutRun> {
    let shops: Vec<ShopId> = shops_with_open_lines(payments).await?.into_iter().collect();
    let mut payees = HashMap::with_capacity(shops.len());
    for part in shops.chunks(ASKED_AT_ONCE) {
        let client = payments.0.accounts.clone().context("there is no way to accounts")?;
        payees.extend(payees_of(client, part).await?);
    }
    run_payouts(payments, &payees, made_by, dry_run).await
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
