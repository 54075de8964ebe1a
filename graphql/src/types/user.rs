//! Who is signed in, and the names of others.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use proto::accounts::ListConsentsRequest;
use proto::orders::ListBuyerOrdersRequest;

use super::enums::Locale;
use super::managed_shop::ManagedShop;
use super::moment::Moment;
use super::order::Order;
use super::terms::Consent;
use super::text::given;
use crate::access::{Requires, auth};
use crate::caller::Actor;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// Who is signed in, and what is theirs.
pub struct User(Arc<Actor>);

impl User {
    /// Somebody whose session was checked.
    pub const fn of(actor: Arc<Actor>) -> Self {
        Self(actor)
    }
}

/// Who is signed in, and what is theirs.
#[Object(directive = auth::apply(Requires::User))]
impl User {
    /// Their id.
    async fn id(&self) -> ID {
        ID(self.0.user.id.clone())
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.user.name
    }

    /// Their telephone number (E.164).
    async fn phone(&self) -> Option<&str> {
        given(&self.0.user.phone)
    }

    /// Their email.
    async fn email(&self) -> Option<&str> {
        given(&self.0.user.email)
    }

    /// Their language.
    async fn locale(&self) -> Locale {
        self.0.user.locale.parse().unwrap_or(kernel::Locale::Vi).into()
    }

    /// Whether they are an operator of the market.
    async fn operator(&self) -> bool {
        self.0.is_operator()
    }

    /// When they signed up.
    async fn created_at(&self) -> Moment {
        Moment::of(self.0.user.created_at)
    }

    /// Which terms they agreed to, the newest first; none where nobody asked them yet.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<Consent>, Error> {
        let scope = Scope::of(ctx);
        let request = ListConsentsRequest { user_id: self.0.user.id.clone() };
        let found = scope.answer(scope.accounts.clone().list_consents(request).await)?;
        Ok(Consent::all(found))
    }

    /// What they bought while signed in, the newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<Order>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request =
            ListBuyerOrdersRequest { buyer_id: self.0.user.id.clone(), page: Some(page.clone()) };
        let found = scope.answer(scope.orders.clone().list_buyer_orders(request).await)?;
        let orders = found.orders.into_iter().map(|order| Order::of(order.into(), scope.locale));
        Ok(Connection::new(&page, found.page, orders))
    }

    /// The shops that they act for.
    async fn shops(&self, ctx: &Context<'_>) -> Result<Connection<ManagedShop>, Error> {
        let scope = Scope::of(ctx);
        let ids = self.0.shop_ids();
        let shops = scope.loaders.shops.get_many(&ids).await;
        let shops = shops.map_err(|status| scope.failed(&status))?;
        Ok(Connection::whole(
            shops.into_iter().map(|shop| (shop.id.clone(), ManagedShop::of(shop, scope.locale))),
        ))
    }

    /// One of the shops that they act for, by its id or slug; nothing for any other shop.
    async fn shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Option<ID>,
        #[graphql(desc = "Or its slug.")] slug: Option<String>,
    ) -> Result<Option<ManagedShop>, Error> {
        let scope = Scope::of(ctx);
        let ids = match id {
            // Of a shop that is not theirs not even its being there is told.
            Some(id) if self.0.is_member_of(&id) => vec![id.0],
            Some(_) => return Ok(None),
            None => self.0.shop_ids(),
        };
        let shops = scope.loaders.shops.get_many(&ids).await;
        let shops = shops.map_err(|status| scope.failed(&status))?;
        let wanted = slug.as_deref();
        let mut fitting =
            shops.into_iter().filter(|shop| wanted.is_none_or(|slug| shop.slug == slug));
        let shop = fitting.next();
        // Without id and slug it is only clear which one is meant where there is one.
        let unclear = wanted.is_none() && ids.len() != 1;
        Ok(shop.filter(|_| !unclear).map(|shop| ManagedShop::of(shop, scope.locale)))
    }
}

/// Somebody, by name.
#[derive(Clone, Debug, SimpleObject)]
pub struct Person {
    /// Their id.
    id: ID,
    /// Their name.
    name: String,
}

impl Person {
    /// The person with an id, if there is one.
    pub async fn find(scope: &Scope, id: &str) -> Result<Option<Self>, Error> {
        if id.is_empty() {
            return Ok(None);
        }
        let user = scope.loaders.users.get(id).await.map_err(|status| scope.failed(&status))?;
        Ok(user.map(|user| Self { id: ID(user.id.clone()), name: user.name.clone() }))
    }
}
