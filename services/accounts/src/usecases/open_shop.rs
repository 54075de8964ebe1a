//! Somebody opens a shop: a draft at first.

use kernel::UserId;
use platform::database::Transaction;
use platform::ids;
use sea_orm::DbErr;

use super::Failure;
use super::decision::announce;
use crate::domain::audit::Action;
use crate::domain::input::{InputRefused, Problem};
use crate::domain::shop::Shop;
use crate::domain::shop_application::{SHOPS_PER_OWNER, ShopApplication, ShopForm};
use crate::domain::shop_slug;
use crate::service::Context;
use crate::store;

/// Opens a shop as a draft; who opens it is its owner.
pub async fn open_shop(cx: &Context, actor: UserId, form: &ShopForm) -> Result<Shop, Failure> {
    let application = ShopApplication::read(form).map_err(Failure::Input)?;
    let now = cx.clock.now();

    let tx = cx.database.begin().await?;
    // Locked, so that one person's openings are counted one after the other.
    store::users::lock(&tx, actor).await?.ok_or(Failure::UnknownActor(actor))?;
    if store::shops::count_of_owner(&tx, actor).await? >= SHOPS_PER_OWNER {
        let problem = Problem::TooMany { maximum: SHOPS_PER_OWNER };
        return Err(Failure::Input(vec![InputRefused::new(&[], problem)]));
    }
    let draft = application.into_draft(ids::new(), actor, now);
    let shop = insert_with_free_slug(&tx, draft).await?;
    announce(&tx, now, actor, Action::ShopOpened, None, &shop).await?;
    tx.commit().await?;
    Ok(shop)
}

/// Adds the shop with the nicest slug that is free.
async fn insert_with_free_slug(tx: &Transaction, draft: Shop) -> Result<Shop, DbErr> {
    let mut shop = draft;
    for slug in shop_slug::candidates(&shop.name, shop.id) {
        shop.slug = slug;
        if store::shops::insert(tx, &shop).await? {
            return Ok(shop);
        }
    }
    // The last slug holds the whole id, which nobody else has.
    Err(DbErr::RecordNotInserted)
}
