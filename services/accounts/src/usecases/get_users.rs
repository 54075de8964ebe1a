//! People by their ids.

use std::collections::HashMap;

use kernel::UserId;

use super::Failure;
use crate::domain::user::User;
use crate::service::Context;
use crate::store;

/// The most people that are asked for at once.
const MAXIMUM: usize = 500;

/// People in the order of the ids; unknown ids are left out.
pub async fn get_users(cx: &Context, ids: &[UserId]) -> Result<Vec<User>, Failure> {
    if ids.len() > MAXIMUM {
        return Err(Failure::TooManyIds { maximum: MAXIMUM });
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::users::by_ids(cx.database.reader(), ids).await?;
    let found: HashMap<UserId, User> = found.into_iter().map(|user| (user.id, user)).collect();
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}
