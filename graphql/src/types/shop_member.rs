//! Who works for a shop, and who is invited to.

use async_graphql::{Context, Enum, Error, ID, Object, SimpleObject};
use proto::accounts::{ListShopInvitationsRequest, ListShopMembersRequest};

use super::enums::mirrors;
use super::moment::Moment;
use super::text::given;
use super::user::Person;
use crate::access::{Requires, auth};
use crate::failure::Failure;
use crate::scope::Scope;

mirrors! {
    /// What a member may do for a shop.
    ShopRole of proto::accounts::ShopRole {
        /// Everything: a shop has one owner.
        Owner = Owner,
        /// All that runs the shop from day to day: not where it is paid, not who its people are, not its end.
        Staff = Staff,
    }
}

/// Somebody who works for a shop. Made only for the shop's people and operators.
pub struct ShopMember(proto::accounts::ShopMember);

impl ShopMember {
    /// A shop's people, its owner first.
    pub async fn of_shop(scope: &Scope, shop_id: &str) -> Result<Vec<Self>, Error> {
        let request = ListShopMembersRequest { shop_id: shop_id.to_owned() };
        let found = scope.answer(scope.accounts.clone().list_shop_members(request).await)?;
        Ok(found.members.into_iter().map(Self).collect())
    }
}

/// Somebody who works for a shop.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ShopMember {
    /// Who.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>, Error> {
        Person::find(Scope::of(ctx), &self.0.user_id).await
    }

    /// What they may do for the shop.
    async fn role(&self) -> Result<ShopRole, Error> {
        ShopRole::of(self.0.role)
    }

    /// Since when.
    async fn since(&self) -> Moment {
        Moment::of(self.0.since)
    }
}

/// An invitation that is open. Made only for the shop's owner.
pub struct ShopInvitation {
    invitation: proto::accounts::ShopInvitation,
    /// Where it is accepted; known only when it was made just now.
    link: String,
}

impl ShopInvitation {
    /// An invitation of accounts; its link, if its token is told.
    pub fn of(invitation: proto::accounts::ShopInvitation, scope: &Scope) -> Self {
        let link = match given(&invitation.token) {
            Some(token) => format!("{}/join/{token}", scope.settings.public_url),
            None => String::new(),
        };
        Self { invitation, link }
    }

    /// The open invitations of a shop, for its owner; nothing for anybody else.
    pub async fn of_shop(scope: &Scope, shop_id: &str) -> Result<Option<Vec<Self>>, Error> {
        if !scope.actor().await?.owns(shop_id) {
            return Ok(None);
        }
        let request = ListShopInvitationsRequest { shop_id: shop_id.to_owned() };
        let found = scope.answer(scope.accounts.clone().list_shop_invitations(request).await)?;
        Ok(Some(found.invitations.into_iter().map(|one| Self::of(one, scope)).collect()))
    }
}

/// An invitation to work for a shop, or to take it over, that can still be accepted.
#[Object(directive = auth::apply(Requires::ShopOwner))]
impl ShopInvitation {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.invitation.id.clone())
    }

    /// Whom the owner meant: a telephone number (E.164) or an email.
    async fn contact(&self) -> &str {
        &self.invitation.contact
    }

    /// What whoever accepts it may do for the shop.
    async fn role(&self) -> Result<ShopRole, Error> {
        ShopRole::of(self.invitation.role)
    }

    /// When it was made.
    async fn created_at(&self) -> Moment {
        Moment::of(self.invitation.created_at)
    }

    /// From when on it can be accepted.
    async fn counts_from(&self) -> Moment {
        Moment::of(self.invitation.counts_from)
    }

    /// From then on it cannot be accepted any more.
    async fn expires_at(&self) -> Moment {
        Moment::of(self.invitation.expires_at)
    }

    /// The link that accepts it, to be passed on by the owner; told only in the answer of `inviteShopMember`, and
    /// only where no letter brings it. Whoever has it can accept, once.
    async fn link(&self) -> Option<&str> {
        given(&self.link)
    }
}

/// What an invitation offers to whoever has its link.
#[derive(SimpleObject)]
pub struct OfferedShopRole {
    /// What the shop is called.
    shop_name: String,
    /// What they may do for it.
    role: ShopRole,
    /// From when on it can be accepted.
    counts_from: Moment,
    /// From then on it cannot be accepted any more.
    expires_at: Moment,
}

impl OfferedShopRole {
    /// What accounts told of an invitation.
    pub fn of(offered: proto::accounts::OfferedShopRole) -> Result<Self, Error> {
        Ok(Self {
            role: ShopRole::of(offered.role)?,
            shop_name: offered.shop_name,
            counts_from: Moment::of(offered.counts_from),
            expires_at: Moment::of(offered.expires_at),
        })
    }
}
