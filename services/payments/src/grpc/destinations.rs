//! Where shops' money lands, in the words of the contract.

use kernel::{ShopId, ShopScope, UserId};
use platform::rpc::database_fault;
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::fault;
use super::messages::moment;
use super::refunds::{account_message, named_account, refuse_account};
use crate::Payments;
use crate::domain::payment_destination::{Destination, Landing, PaymentDestination};
use crate::store;
use crate::usecases::allow_direct_payments::allow_direct_payments;
use crate::usecases::set_payment_destination::{
    SetDestinationError, SetPaymentDestination, set_payment_destination,
};

pub async fn get(
    payments: &Payments,
    request: contract::ShopRequest,
) -> Result<contract::PaymentDestination, Status> {
    let shop = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let db = payments.0.database.reader();
    let destination = store::payment_destination::of_shop(db, shop).await.map_err(fault)?;
    message(payments, destination).await
}

pub async fn set(
    payments: &Payments,
    request: contract::SetPaymentDestinationRequest,
) -> Result<contract::PaymentDestinationSet, Status> {
    let wanted = match request.wanted() {
        contract::MoneyDestination::ToShopAccount => Destination::ShopAccount,
        contract::MoneyDestination::ToMarketplace => Destination::Marketplace,
        contract::MoneyDestination::Unspecified => {
            return Err(Refused::new(RefusalCode::Required).at(&["destination"]).into());
        }
    };
    let asked = SetPaymentDestination {
        shop: ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?),
        wanted,
        account: named_account(request.account.as_ref()),
        new_feed_key: request.new_feed_key,
        by: parse_id::<UserId>(&request.changed_by)?,
    };
    let set = set_payment_destination(payments, asked).await.map_err(refused)?;
    Ok(contract::PaymentDestinationSet {
        destination: Some(message(payments, set.destination).await?),
        feed_key: set.feed_key.unwrap_or_default(),
    })
}

pub async fn allow(
    payments: &Payments,
    request: contract::AllowDirectPaymentsRequest,
) -> Result<contract::PaymentDestination, Status> {
    let shop = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let by = parse_id::<UserId>(&request.decided_by)?;
    let allowed = allow_direct_payments(payments, shop, request.allowed, by).await;
    message(payments, allowed.map_err(|error| database_fault(&error))?).await
}

fn refused(error: SetDestinationError) -> Status {
    let refused = match error {
        SetDestinationError::NotAllowed => Refused::new(RefusalCode::StatusConflict)
            .fact("status", "NOT_ALLOWED")
            .at(&["destination"]),
        SetDestinationError::AccountRequired => {
            Refused::new(RefusalCode::PayeeAccountRequired).at(&["bankAccount"])
        }
        SetDestinationError::AccountTaken => {
            Refused::new(RefusalCode::AlreadyTaken).at(&["bankAccount", "number"])
        }
        SetDestinationError::Account(error) => refuse_account(&error),
        SetDestinationError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

async fn message(
    payments: &Payments,
    destination: PaymentDestination,
) -> Result<contract::PaymentDestination, Status> {
    let shop = ShopScope::granted(destination.shop);
    let db = payments.0.database.reader();
    let changes = store::payment_destination::changes_of(db, shop).await.map_err(fault)?;
    let changes = changes.into_iter().map(|change| contract::PaymentDestinationChange {
        what: change.what,
        account_number: change.account_number.unwrap_or_default(),
        changed_by: change.by.to_string(),
        changed_at: change.at.micros(),
    });
    let account = destination.account.as_ref();
    Ok(contract::PaymentDestination {
        shop_id: destination.shop.to_string(),
        allowed: destination.allowed_at.is_some(),
        wanted: match destination.wanted {
            Destination::Marketplace => contract::MoneyDestination::ToMarketplace,
            Destination::ShopAccount => contract::MoneyDestination::ToShopAccount,
        }
        .into(),
        landing: landing_message(destination.landing(payments.0.clock.now())).into(),
        effective_at: destination.effective_at.micros(),
        account: account.map(|own| account_message(&own.account)),
        has_feed_key: account.is_some_and(|own| own.has_feed_key),
        heard_at: moment(account.and_then(|own| own.heard_at)),
        changes: changes.collect(),
    })
}

const fn landing_message(landing: Landing) -> contract::MoneyLanding {
    match landing {
        Landing::Marketplace => contract::MoneyLanding::LandsAtMarketplace,
        Landing::NotAllowed => contract::MoneyLanding::LandsNotAllowed,
        Landing::NotHeard => contract::MoneyLanding::LandsNotHeard,
        Landing::CoolingOff => contract::MoneyLanding::LandsCoolingOff,
        Landing::Direct => contract::MoneyLanding::LandsDirectly,
    }
}
