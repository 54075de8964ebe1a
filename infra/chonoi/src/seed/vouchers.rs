//! Vouchers of the seed.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Api;

const VOUCHERS: &str = include_str!("../../seed/vouchers.csv");
const CREATE: &str = "mutation($input: CreateVoucherInput!) { createVoucher(input: $input) {
  voucher { id } userErrors { code message path } } }";

/// A voucher of the seed. Amounts are whole đồng.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedVoucher {
    /// The shop that bears it, by its key in `shops.csv`.
    pub shop_key: String,
    code: String,
    amount: Option<i64>,
    basis_points: Option<u32>,
    cap: Option<i64>,
    minimum: Option<i64>,
    uses_at_most: Option<i64>,
    uses_per_buyer: Option<i64>,
}

/// The vouchers, in the order of the file.
pub fn vouchers() -> anyhow::Result<Vec<SeedVoucher>> {
    let mut reader = csv::Reader::from_reader(VOUCHERS.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().context("seed/vouchers.csv")
}

/// Makes a voucher. One that is there stays as it is.
pub async fn put(owner: &Api, shop_id: &str, voucher: &SeedVoucher) -> anyhow::Result<()> {
    let dong = |amount: Option<i64>| amount.map(|minor| json!({ "amount": minor.to_string() }));
    let input = json!({
        "shopId": shop_id, "code": voucher.code, "amount": dong(voucher.amount),
        "basisPoints": voucher.basis_points, "cap": dong(voucher.cap),
        "minimum": dong(voucher.minimum), "usesAtMost": voucher.uses_at_most,
        "usesPerBuyer": voucher.uses_per_buyer,
    });
    let payload = owner.attempt(CREATE, json!({ "input": input })).await?;
    match &payload["userErrors"][0]["code"] {
        Value::Null => Ok(()),
        code if code == "ALREADY_TAKEN" => Ok(()),
        _ => anyhow::bail!("voucher {}: refused: {}", voucher.code, payload["userErrors"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_shops_of_the_seed_have_vouchers() {
        let shops = super::super::files::shops().unwrap();
        let vouchers = vouchers().unwrap();
        assert_eq!(vouchers.len(), 2);
        for voucher in vouchers {
            assert!(shops.iter().any(|shop| shop.key == voucher.shop_key), "{voucher:?}");
            assert_ne!(voucher.amount.is_some(), voucher.basis_points.is_some(), "{voucher:?}");
        }
    }
}
