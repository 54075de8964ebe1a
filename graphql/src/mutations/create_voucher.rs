//! `createVoucher`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::common::{Money, RefusalCode};
use proto::vouchers::CreateVoucherRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Moment, MoneyInput, UserError, Voucher};

/// What a shop takes off for who knows a code.
#[derive(Clone, Debug, InputObject)]
pub struct CreateVoucherInput {
    /// The shop, which bears it.
    shop_id: ID,
    /// What shoppers type: 3 to 20 letters and digits. A shop has each code once.
    code: String,
    /// What it takes off; or else a share.
    amount: Option<MoneyInput>,
    /// The share that it takes off: 1,000 are 10 %, at most 10,000.
    basis_points: Option<u32>,
    /// The most that a share takes off.
    cap: Option<MoneyInput>,
    /// What must be bought at the shop, before the discount.
    minimum: Option<MoneyInput>,
    /// Since when it counts; left out: from now on.
    valid_from: Option<Moment>,
    /// Until when it counts; left out: until it is ended.
    valid_until: Option<Moment>,
    /// How often it may be used in all; left out: as often as wanted.
    uses_at_most: Option<i64>,
    /// How often one buyer may use it, known by telephone number, e-mail address or account; left out:
    /// as often as wanted.
    uses_per_buyer: Option<i64>,
}

payload! {
    /// What came of making a voucher.
    CreateVoucherPayload {
        /// The voucher. Its terms stay as they are; only `endVoucher` changes it.
        voucher: Voucher
    }
}

#[derive(Default)]
pub struct CreateVoucher;

#[Object]
impl CreateVoucher {
    /// Makes a voucher of a shop.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn create_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it takes off, when and how often.")] input: CreateVoucherInput,
    ) -> Result<CreateVoucherPayload, Error> {
        let scope = Scope::of(ctx);
        let created_by = scope.actor().await?.user.id.clone();
        let request = match request_of(scope, input, created_by) {
            Ok(request) => request,
            Err(errors) => return Ok(CreateVoucherPayload::of(Err(errors))),
        };
        let outcome = scope.outcome(scope.orders.clone().create_voucher(request).await)?;
        Ok(CreateVoucherPayload::of(outcome.map(|one| Voucher::of(one, scope.locale))))
    }
}

fn request_of(
    scope: &Scope,
    input: CreateVoucherInput,
    created_by: String,
) -> Outcome<CreateVoucherRequest> {
    let money = |money: Option<MoneyInput>, field: &str| -> Outcome<Option<Money>> {
        money.map(|money| money.read(&[field, "amount"], scope.locale)).transpose()
    };
    // What the contract says with a 0 is a mistake of who typed it here.
    for (zero, field) in [
        (input.uses_at_most == Some(0), "usesAtMost"),
        (input.uses_per_buyer == Some(0), "usesPerBuyer"),
        (input.basis_points == Some(0), "basisPoints"),
    ] {
        if zero {
            return Err(vec![UserError::plain(RefusalCode::OutOfRange, &[field], scope.locale)]);
        }
    }
    Ok(CreateVoucherRequest {
        shop_id: input.shop_id.0,
        code: input.code,
        amount: money(input.amount, "amount")?,
        basis_points: input.basis_points.unwrap_or(0),
        cap: money(input.cap, "cap")?,
        minimum: money(input.minimum, "minimum")?,
        valid_from: input.valid_from.map_or(0, Moment::micros),
        valid_until: input.valid_until.map_or(0, Moment::micros),
        uses_at_most: input.uses_at_most.unwrap_or(0),
        uses_per_buyer: input.uses_per_buyer.unwrap_or(0),
        created_by,
    })
}
