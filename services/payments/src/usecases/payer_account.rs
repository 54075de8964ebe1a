//! Where the money of a payment came from: the account that a refund may go back to.

use kernel::PaymentId;
use platform::database::Transaction;

use crate::domain::payee_account::PayeeAccount;
use crate::store;
use crate::store::bank_credit::BankCredit;

/// The account that paid a payment, if that is certain: every credit that paid it came from it, and
/// the feed told bank, number and holder of each.
pub async fn payer_account(
    tx: &Transaction,
    payment: PaymentId,
) -> anyhow::Result<Option<PayeeAccount>> {
    let credits = store::bank_credit::that_paid(tx, payment).await?;
    let mut accounts: Vec<Option<PayeeAccount>> = credits.iter().map(account_of_credit).collect();
    accounts.dedup();
    Ok(match accounts.len() {
        1 => accounts.remove(0),
        _ => None,
    })
}

/// The account that a credit came from, if the feed told all of it.
pub fn account_of_credit(credit: &BankCredit) -> Option<PayeeAccount> {
    let bin = credit.counterparty_bin.as_deref()?;
    let number = credit.counterparty_account.as_deref()?;
    let holder = credit.counterparty_name.as_deref()?;
    PayeeAccount::new(bin, number, holder).ok()
}
