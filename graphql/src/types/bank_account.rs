//! The accounts that a shop is paid to, now and later.

use async_graphql::{Context, Error, ID, Object, SimpleObject};

use super::moment::Moment;
use super::place::Bank;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// A bank account.
pub struct BankAccount(proto::accounts::BankAccount);

impl BankAccount {
    /// An account of accounts.
    pub const fn of(account: proto::accounts::BankAccount) -> Self {
        Self(account)
    }
}

/// A bank account.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl BankAccount {
    /// The bank's identification number (ISO/IEC 7812), six digits.
    async fn bin(&self) -> ID {
        ID(self.0.bin.clone())
    }

    /// The account's number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The name that the bank knows.
    async fn holder(&self) -> &str {
        &self.0.holder
    }

    /// The bank.
    async fn bank(&self, ctx: &Context<'_>) -> Result<Option<Bank>, Error> {
        let banks = Bank::all(Scope::of(ctx)).await?;
        Ok(banks.all.iter().find(|bank| bank.bin == self.0.bin).cloned().map(Bank::of))
    }
}

/// An account that is paid to from some moment on.
#[derive(SimpleObject)]
#[graphql(directive = auth::apply(Requires::ShopMember))]
pub struct NextBankAccount {
    /// The account.
    account: BankAccount,
    /// From when on it is paid to.
    counts_from: Moment,
}

impl NextBankAccount {
    /// One of accounts, if it says which.
    pub fn of(next: proto::accounts::NextBankAccount) -> Option<Self> {
        let counts_from = Moment::of(next.counts_from);
        next.account.map(|account| Self { account: BankAccount::of(account), counts_from })
    }
}
