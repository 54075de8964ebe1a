//! `setPayoutAccount`

use async_graphql::{Context, Error, ID, InputObject, Object};
use proto::accounts::SetPayoutAccountRequest;

use super::open_shop::BankAccountInput;
use super::payload::payload;
use super::shop_decision::decided;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::ManagedShop;

/// Where a shop is to be paid out to.
#[derive(Clone, Debug, InputObject)]
pub struct SetPayoutAccountInput {
    /// The shop.
    shop_id: ID,
    /// The account. Naming the one that counts takes back one that waits.
    bank_account: BankAccountInput,
    /// The owner's password, once more.
    #[graphql(secret)]
    password: String,
}

payload! {
    /// What came of saying where a shop is paid out to.
    SetPayoutAccountPayload {
        /// The shop as it is now.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct SetPayoutAccount;

#[Object]
impl SetPayoutAccount {
    /// Says where a shop is paid out to. Only its owner may, who types the password once more; another account
    /// counts after a pause, and payouts that were planned before go where they were to go.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn set_payout_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and where.")] input: SetPayoutAccountInput,
    ) -> Result<SetPayoutAccountPayload, Error> {
        let scope = Scope::of(ctx);
        let actor = scope.actor().await?;
        let request = SetPayoutAccountRequest {
            actor_id: actor.user.id.clone(),
            shop_id: input.shop_id.0,
            account: Some(input.bank_account.into()),
            password: input.password,
            client_address: scope.address.clone(),
        };
        let answer = scope.accounts.clone().set_payout_account(request).await;
        Ok(SetPayoutAccountPayload::of(decided(scope, answer)?))
    }
}
