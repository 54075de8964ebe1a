//! Credits that wait, as what an operator may mean: the money of a payout that came back, or what the
//! bank took back by a debit. Both came lately, so the newest hundred are offered.

use serde::Deserialize;

use crate::pages::views::MoneyView;

/// A credit that nobody has decided on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingCredit {
    /// Its id.
    pub id: String,
    /// The transfer's message.
    pub memo: String,
    /// When the market heard of it.
    pub received_at: String,
    /// The account that it came to.
    pub account_number: String,
    /// How much came.
    pub amount: MoneyView,
}

/// Those of them that are exactly an amount.
pub fn of_amount<'a>(waiting: &'a [WaitingCredit], amount: &MoneyView) -> Vec<&'a WaitingCredit> {
    waiting.iter().filter(|credit| credit.amount.formatted == amount.formatted).collect()
}
