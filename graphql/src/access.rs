//! Who may use what: a directive that stands in the schema, and the guard that enforces it.
//!
//! A guard looks only at the session and at the shop that the arguments name. Whether an order or a
//! checkout is somebody's is decided by its service.

use async_graphql::{Context, Enum, Error, Guard, TypeDirective, Value};

use crate::failure::Failure;
use crate::scope::Scope;

/// What a caller must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "Requirement")]
pub enum Requires {
    /// Anybody. What belongs to somebody is opened by its secret token.
    Public,
    /// Somebody signed in.
    User,
    /// A member of the shop that is meant.
    ShopMember,
    /// The owner of the shop that is meant.
    ShopOwner,
    /// An operator of the market.
    Operator,
}

/// Who may use a field or see a type.
#[TypeDirective(location = "FieldDefinition", location = "Object")]
pub fn auth(requires: Requires) {}

impl Guard for Requires {
    async fn check(&self, ctx: &Context<'_>) -> Result<(), Error> {
        if *self == Self::Public {
            return Ok(());
        }
        let scope = Scope::of(ctx);
        let actor = scope.actor().await?;
        let allowed = match self {
            Self::Public | Self::User => true,
            Self::Operator => actor.is_operator(),
            // No shop in the arguments means nobody is a member of it.
            Self::ShopMember => shop_of(ctx)?.is_some_and(|shop| actor.is_member_of(&shop)),
            Self::ShopOwner => shop_of(ctx)?.is_some_and(|shop| actor.owns(&shop)),
        };
        if allowed { Ok(()) } else { Err(scope.refuse(Failure::Forbidden)) }
    }
}

/// The shop that a field's arguments name: `shopId`, or `input.shopId`.
fn shop_of(ctx: &Context<'_>) -> Result<Option<String>, Error> {
    let arguments = ctx.field().arguments().map_err(|error| Error::new(error.message))?;
    Ok(arguments.into_iter().find_map(|(name, value)| match (name.as_str(), value) {
        ("shopId", Value::String(shop)) => Some(shop),
        ("input", Value::Object(mut fields)) => match fields.swap_remove("shopId") {
            Some(Value::String(shop)) => Some(shop),
            _ => None,
        },
        _ => None,
    }))
}
