//! The bank account that receives payments, from the configuration.

use anyhow::Context;
use payments::{ReceivingAccount, SubAccountPrefix};
use platform::config::BankConfig;

/// The account of the configuration, with the name that people know the bank by.
pub fn of(config: &BankConfig) -> anyhow::Result<ReceivingAccount> {
    let sub_accounts = match config.sub_account_prefix.as_str() {
        "" => None,
        prefix => Some(SubAccountPrefix::new(prefix).context("bank.sub_account_prefix")?),
    };
    Ok(ReceivingAccount {
        bin: config.bin.clone(),
        account: config.account.clone(),
        holder: config.holder.clone(),
        bank_name: accounts::bank_short_name(&config.bin).unwrap_or_default().to_owned(),
        sub_accounts,
    })
}
