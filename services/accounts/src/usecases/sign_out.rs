//! Somebody ends a session.

use platform::secrets;

use super::Failure;
use crate::service::Context;
use crate::store;

/// Ends the session of a token. Ending it twice, or one that never was, is the same.
pub async fn sign_out(cx: &Context, token: &str) -> Result<(), Failure> {
    let tx = cx.database.begin().await?;
    store::sessions::revoke(&tx, secrets::digest(token), cx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
