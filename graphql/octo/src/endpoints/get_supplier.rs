//! `GET /supplier`: the shop whose tours the reseller sells.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use proto::common::Empty;

use crate::asking::Asking;
use crate::door::Inner;
use crate::failure::Failure;
use crate::objects::supplier::Supplier;

/// Answers.
pub async fn handle(State(octo): State<Arc<Inner>>, asking: Asking) -> Response {
    asking.language.answer(get_supplier(&octo, &asking).await)
}

async fn get_supplier(octo: &Inner, asking: &Asking) -> Result<Supplier, Failure> {
    let shop = octo.shop(&asking.reseller.shop_id).await?;
    let wards = octo.accounts.clone().list_wards(Empty {}).await;
    let wards = wards.map_err(|status| Failure::fault(&status))?.into_inner().wards;
    let ward = wards.iter().find(|ward| ward.code == shop.ward_code);
    let name = ward.map(|ward| ward.name.as_str());
    Ok(Supplier::of(&shop, name, asking.language, &octo.settings.public_url))
}
