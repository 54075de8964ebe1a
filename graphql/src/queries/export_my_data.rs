//! `exportMyData`

use std::time::Duration;

use async_graphql::{Context, Error, Object};
use platform::limits::Quota;

use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::personal_data;
use crate::scope::Scope;
use crate::types::PersonalDataFile;

/// Parts of files that one person gets: each is many questions to all services.
const FILES: Quota = Quota { burst: 10, per: Duration::from_hours(1) };

#[derive(Default)]
pub struct ExportMyDataQuery;

#[Object]
impl ExportMyDataQuery {
    /// What the market keeps of whoever is signed in, as one file of JSON: account, agreements, sessions, shops, log,
    /// reviews, and what they bought while signed in with what was given back. Only so often. What was bought comes
    /// in parts of 500 purchases; the other parts hold nothing else.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn export_my_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The part behind this purchase; the first when left out.")] after: Option<
            String,
        >,
    ) -> Result<PersonalDataFile, Error> {
        let scope = Scope::of(ctx);
        if scope.settings.requests_per_minute > 0 {
            let key = format!("export-my-data:{}", scope.actor().await?.user.id);
            let allowed = scope.limiter.check(&key, FILES).await;
            allowed.map_err(|retry_after| scope.refuse(Failure::RateLimited { retry_after }))?;
        }
        let after = after.filter(|cursor| !cursor.is_empty());
        Ok(PersonalDataFile::of(personal_data::gather(scope, after).await?))
    }
}
