//! Somebody who has an account agrees to the text of now: whoever signed up before it, or before texts were kept.

use kernel::{Locale, UserId};

use super::Failure;
use crate::domain::input::{Checks, Problem};
use crate::domain::terms::{self, Consent};
use crate::service::Context;
use crate::store;

/// Notes that a person agrees, and tells all that they agreed to. The same again changes nothing.
pub async fn accept_terms(
    cx: &Context,
    actor: UserId,
    version: &str,
    locale: &str,
) -> Result<Vec<Consent>, Failure> {
    let mut checks = Checks::default();
    let right = checks.keep(&["version"], terms::check(version));
    let locale = checks.keep(&["locale"], locale.parse::<Locale>().map_err(|()| Problem::Invalid));
    let (Some(()), Some(locale)) = (right, locale) else {
        return Err(Failure::Input(checks.into_refused()));
    };
    let tx = cx.database.begin().await?;
    // Locked, so that nobody deletes the account meanwhile.
    store::users::lock(&tx, actor).await?.ok_or(Failure::UnknownActor(actor))?;
    store::consents::insert(&tx, actor, &Consent::given(locale, cx.clock.now())).await?;
    let all = store::consents::of_person(&tx, actor).await?;
    tx.commit().await?;
    Ok(all)
}
