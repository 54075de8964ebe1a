//! `endVoucher`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::vouchers::EndVoucherRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::Voucher;

/// A voucher that shall not count any more.
#[derive(Clone, Debug, InputObject)]
pub struct EndVoucherInput {
    /// The shop.
    shop_id: ID,
    /// The voucher.
    voucher_id: ID,
}

payload! {
    /// What came of ending a voucher.
    EndVoucherPayload {
        /// The voucher as it is now.
        voucher: Voucher
    }
}

#[derive(Default)]
pub struct EndVoucher;

#[Object]
impl EndVoucher {
    /// Ends a voucher: no checkout begins with it any more. Those that have begun keep their price.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn end_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which voucher.")] input: EndVoucherInput,
    ) -> Result<EndVoucherPayload, Error> {
        let scope = Scope::of(ctx);
        let request = EndVoucherRequest {
            shop_id: input.shop_id.0,
            voucher_id: input.voucher_id.0,
            ended_by: scope.actor().await?.user.id.clone(),
        };
        let outcome = scope.outcome(scope.orders.clone().end_voucher(request).await)?;
        Ok(EndVoucherPayload::of(outcome.map(|one| Voucher::of(one, scope.locale))))
    }
}
