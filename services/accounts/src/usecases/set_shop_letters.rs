//! A member of a shop says whether they want letters of its orders.

use kernel::{ShopId, UserId};

use super::Failure;
use crate::domain::membership::Right;
use crate::service::Context;
use crate::store;

/// Writes what a member wants, for themselves only; saying it again changes nothing. Letters that are about the
/// shop itself (who is paid, what operators decided) its owner gets all the same.
pub async fn set_shop_letters(
    cx: &Context,
    actor: UserId,
    shop: ShopId,
    wanted: bool,
) -> Result<(), Failure> {
    let tx = cx.database.begin().await?;
    store::shops::standing(&tx, actor, shop).await?.require(Right::Member)?;
    if wanted {
        store::letters::want(&tx, actor, shop).await?;
    } else {
        store::letters::decline(&tx, actor, shop, cx.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}
