//! Entries of the audit log.

use async_graphql::{Context, Error, ID, Object};

use super::moment::Moment;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::scope::Scope;

/// An entry of the audit log: who did what to what.
pub struct AuditEntry(pub proto::accounts::AuditEntry);

/// An entry of the audit log: who did what to what.
#[Object(directive = auth::apply(Requires::Operator))]
impl AuditEntry {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// When.
    async fn at(&self) -> Moment {
        Moment::of(self.0.at)
    }

    /// Who; nobody where the program did it.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.actor_id).await
    }

    /// What: `shop.approved`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what.
    async fn subject_id(&self) -> ID {
        ID(self.0.subject_id.clone())
    }

    /// What else is known: JSON without personal data.
    async fn detail(&self) -> &str {
        &self.0.detail
    }
}
