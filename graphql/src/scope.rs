//! What every resolver may use of its request: services, session, loaders, language.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error};
use kernel::Locale;
use platform::limits::{Quota, network};
use tonic::{Code, Response, Status};

use crate::caller::{Actor, Caller, Session};
use crate::failure::Failure;
use crate::gateway::Inner;
use crate::loading::Loaders;
use crate::types::UserError;

/// Either what was asked for, or why it was refused.
pub type Outcome<T> = Result<T, Vec<UserError>>;

/// The scope of one request.
pub struct Scope {
    gateway: Arc<Inner>,
    /// The language of texts.
    pub locale: Locale,
    /// The session, asked for when needed.
    pub session: Arc<Session>,
    /// Batches reads of the same kind.
    pub loaders: Loaders,
    /// The client's address.
    pub address: String,
}

impl Deref for Scope {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.gateway
    }
}

impl Scope {
    /// The scope of a request that arrives.
    pub fn new(gateway: Arc<Inner>, caller: &Caller) -> Self {
        let session = Arc::new(Session::new(caller.token.clone()));
        let loaders = Loaders::new(&gateway, &session);
        let (locale, address) = (caller.locale, caller.address.clone());
        Self { gateway, locale, session, loaders, address }
    }

    /// The scope of the request that a resolver works for.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// Who is signed in, if anybody.
    pub async fn viewer(&self) -> Result<Option<Arc<Actor>>, Error> {
        self.session.actor(&self.accounts).await.map_err(|status| self.failed(&status))
    }

    /// Who is signed in; nobody is a failure.
    pub async fn actor(&self) -> Result<Arc<Actor>, Error> {
        self.viewer().await?.ok_or_else(|| self.refuse(Failure::Unauthenticated))
    }

    /// Who is signed in at this moment, whatever was known when the request came: for what goes on for long.
    pub async fn actor_now(&self) -> Result<Arc<Actor>, Error> {
        let session = Session::new(self.session.token().map(ToOwned::to_owned));
        let actor = session.actor(&self.accounts).await.map_err(|status| self.failed(&status))?;
        actor.ok_or_else(|| self.refuse(Failure::Unauthenticated))
    }

    /// A failure in the caller's language.
    pub fn refuse(&self, failure: Failure) -> Error {
        failure.into_error(self.locale)
    }

    /// The failure that a service's status means.
    pub fn failed(&self, status: &Status) -> Error {
        self.refuse(Failure::of_status(status))
    }

    /// What a service answered to a question.
    pub fn answer<T>(&self, answer: Result<Response<T>, Status>) -> Result<T, Error> {
        answer.map(Response::into_inner).map_err(|status| self.failed(&status))
    }

    /// What a service answered to a question for one thing that may not be there, or not be the
    /// caller's: both look the same.
    pub fn found<T>(&self, answer: Result<Response<T>, Status>) -> Result<Option<T>, Error> {
        match answer {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) => match status.code() {
                Code::NotFound | Code::InvalidArgument | Code::PermissionDenied => Ok(None),
                _ => Err(self.failed(&status)),
            },
        }
    }

    /// As `found`, of a question that may be refused for what it asks: that is bad input.
    pub fn found_or_refused<T>(
        &self,
        answer: Result<Response<T>, Status>,
    ) -> Result<Option<T>, Error> {
        match answer {
            Err(status) => match UserError::of_status(&status, self.locale) {
                Some(errors) if status.code() == Code::FailedPrecondition => {
                    let texts: Vec<_> = errors.iter().map(UserError::text).collect();
                    Err(self.refuse(Failure::BadInput(texts.join(" "))))
                }
                _ => self.found(Err(status)),
            },
            found => self.found(found),
        }
    }

    /// What a service answered to a command: refusals of the business are data.
    pub fn outcome<T>(&self, answer: Result<Response<T>, Status>) -> Result<Outcome<T>, Error> {
        match answer {
            Ok(answer) => Ok(Ok(answer.into_inner())),
            Err(status) => match UserError::of_status(&status, self.locale) {
                Some(errors) => Ok(Err(errors)),
                None => Err(self.failed(&status)),
            },
        }
    }

    /// Counts something that may be done only so often from one address; each alias counts.
    pub async fn throttle(&self, what: &str, burst: u32, per: Duration) -> Outcome<()> {
        if self.settings.requests_per_minute == 0 {
            return Ok(());
        }
        self.count(format!("{what}:{}", network(&self.address)), Quota { burst, per }).await
    }

    /// Counts something that may be done only so often for one shop, whoever does it and from wherever; each alias
    /// counts. That the caller acts for the shop was looked at before.
    pub async fn throttle_shop(
        &self,
        what: &str,
        shop_id: &str,
        burst: u32,
        per: Duration,
    ) -> Outcome<()> {
        self.count(format!("{what}:{shop_id}"), Quota { burst, per }).await
    }

    async fn count(&self, key: String, quota: Quota) -> Outcome<()> {
        let allowed = self.limiter.check(&key, quota).await;
        allowed.map_err(|wait| vec![UserError::rate_limited(wait, self.locale)])
    }
}
