//! `setPaymentDestination`

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use proto::common::RefusalCode;
use proto::payments::{PaymentDestinationSet, SetPaymentDestinationRequest};

use super::open_shop::BankAccountInput;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{DirectPayments, MoneyDestination, UserError};

/// Where a shop's money is to land.
#[derive(Clone, Debug, InputObject)]
pub struct SetPaymentDestinationInput {
    /// The shop.
    shop_id: ID,
    /// Where.
    destination: MoneyDestination,
    /// The shop's own account; where left out, the one that is known.
    bank_account: Option<BankAccountInput>,
    /// Whether the account's feed gets another key. Who has the one before is not believed any more.
    #[graphql(default)]
    new_feed_key: bool,
}

/// What came of saying where a shop's money lands.
#[derive(SimpleObject)]
pub struct SetPaymentDestinationPayload {
    /// Where it lands now.
    direct_payments: Option<DirectPayments>,
    /// The key by which the account's feed proves itself (`Authorization: Apikey …` of SePay's webhook), if it
    /// got one. It is shown this once.
    feed_key: Option<String>,
    /// Why it was refused; empty where it was done.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SetPaymentDestination;

#[Object]
impl SetPaymentDestination {
    /// Says where a shop's money lands: in the market's account, or in the shop's own. Only its owner may, who
    /// typed the password within the last quarter of an hour; another account counts after a pause.
    #[graphql(guard = "Requires::ShopOwner", directive = auth::apply(Requires::ShopOwner))]
    async fn set_payment_destination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shop, and where.")] input: SetPaymentDestinationInput,
    ) -> Result<SetPaymentDestinationPayload, Error> {
        let scope = Scope::of(ctx);
        let outcome = set(scope, input).await?;
        Ok(match outcome {
            Ok(set) => SetPaymentDestinationPayload {
                direct_payments: set
                    .destination
                    .map(|destination| DirectPayments::of(destination, scope.locale)),
                feed_key: Some(set.feed_key).filter(|key| !key.is_empty()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => {
                SetPaymentDestinationPayload { direct_payments: None, feed_key: None, user_errors }
            }
        })
    }
}

async fn set(
    scope: &Scope,
    input: SetPaymentDestinationInput,
) -> Result<Outcome<PaymentDestinationSet>, Error> {
    let actor = scope.actor().await?;
    if !actor.signed_in_lately {
        return Ok(Err(vec![UserError::plain(RefusalCode::SignInAgain, &[], scope.locale)]));
    }
    let request = SetPaymentDestinationRequest {
        shop_id: input.shop_id.0,
        wanted: input.destination.number(),
        account: input.bank_account.map(Into::into),
        new_feed_key: input.new_feed_key,
        changed_by: actor.user.id.clone(),
    };
    scope.outcome(scope.payments.clone().set_payment_destination(request).await)
}
