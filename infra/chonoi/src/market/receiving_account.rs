//! The bank account that receives payments, from the configuration.

use payments::ReceivingAccount;
use platform::config::BankConfig;

/// The account of the configuration, with the name that people know the bank by.
pub fn of(config: &BankConfig) -> ReceivingAccount {
    ReceivingAccount {
        bin: config.bin.clone(),
        account: config.account.clone(),
        holder: config.holder.clone(),
        bank_name: accounts::bank_short_name(&config.bin).unwrap_or_default().to_owned(),
    }
}
