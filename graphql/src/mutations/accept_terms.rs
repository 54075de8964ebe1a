//! `acceptTerms`

use async_graphql::{Context, Error, InputObject, Object};
use proto::accounts::AcceptTermsRequest;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{Consent, Locale};

/// Which terms somebody agrees to.
#[derive(Clone, Debug, InputObject)]
pub struct AcceptTermsInput {
    /// The version of the terms that they read: that of `terms`.
    version: String,
    /// The language in which they read them; the request's when left out.
    locale: Option<Locale>,
}

payload! {
    /// What came of agreeing.
    AcceptTermsPayload {
        /// All that they agreed to, the newest first.
        consents: Vec<Consent>
    }
}

#[derive(Default)]
pub struct AcceptTerms;

#[Object]
impl AcceptTerms {
    /// Whoever is signed in agrees to the terms of now; again changes nothing.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn accept_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which terms they agree to.")] input: AcceptTermsInput,
    ) -> Result<AcceptTermsPayload, Error> {
        let scope = Scope::of(ctx);
        let request = AcceptTermsRequest {
            user_id: scope.actor().await?.user.id.clone(),
            version: input.version,
            locale: input.locale.map_or(scope.locale, Into::into).tag().to_owned(),
        };
        let outcome = scope.outcome(scope.accounts.clone().accept_terms(request).await)?;
        Ok(AcceptTermsPayload::of(outcome.map(Consent::all)))
    }
}
