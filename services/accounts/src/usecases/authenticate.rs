//! Who a token belongs to: asked with each request, so it is one statement and writes nothing.

use platform::secrets;

use super::Failure;
use crate::domain::session::Actor;
use crate::service::Context;
use crate::store;

/// Who acts with a token. Unknown, expired and revoked tokens are refused alike.
pub async fn authenticate(cx: &Context, token: &str) -> Result<Actor, Failure> {
    let hash = secrets::digest(token);
    let actor = store::sessions::actor(cx.database.reader(), hash, cx.clock.now()).await?;
    actor.ok_or(Failure::Unauthenticated)
}
