//! When shops are paid, and what is taken of their sales.

use serde::{Deserialize, Serialize};

/// What is taken of sales, and when shops are paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettlementConfig {
    /// File of the commission rules; empty: those of services/payments/rules/commission.toml.
    pub commission_rules: String,
    /// File of the tax rates; empty: those of services/payments/rules/tax.toml.
    pub tax_rates: String,
    /// Days that an order's money is held after the shopper got it.
    pub days_after_fulfilment: u16,
    /// Days after which it is paid out although nobody said that the shopper got it.
    pub days_after_capture: u16,
    /// The least that is paid out, in đồng.
    pub minimum_payout: i64,
    /// Up to how much of a payment one person may refund, in đồng; above it a second one agrees.
    pub one_person_refund: i64,
    /// By how many đồng a transfer may differ from what its code asks for and still pay it; the market
    /// bears the difference.
    pub tolerance: i64,
    /// Hours between two plannings of payouts; 0: only when an operator asks.
    pub plan_payouts_hours: u16,
    /// Who declares the taxes of what shoppers pay straight to a shop's own account.
    pub direct_tax: DirectTaxDeclared,
    /// Hours that another account of a shop's own waits before shoppers are asked to pay there, or payouts go there.
    pub cooling_off_hours: u16,
}

/// Who declares taxes of money that the market never had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectTaxDeclared {
    /// The seller: the market withholds only what it pays out itself.
    #[default]
    Seller,
    /// The market: shops owe it the taxes with the commission.
    Market,
}

impl Default for SettlementConfig {
    fn default() -> Self {
        Self {
            commission_rules: String::new(),
            tax_rates: String::new(),
            days_after_fulfilment: 2,
            days_after_capture: 7,
            minimum_payout: 50_000,
            one_person_refund: 2_000_000,
            tolerance: 0,
            plan_payouts_hours: 24,
            direct_tax: DirectTaxDeclared::Seller,
            cooling_off_hours: 24,
        }
    }
}
