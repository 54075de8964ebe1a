//! Accounts as orders knows it: whose shops are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kernel::ShopId;
use proto::accounts::accounts_server::{Accounts, AccountsServer};
use proto::accounts::{GetShopsRequest, GetUsersRequest, Shop, Shops, User, Users};
use tonic::{Request, Response, Status};

/// The owners of shops. A shop and its owner have one id.
#[derive(Clone, Default)]
pub struct Owners(Arc<Mutex<BTreeMap<String, User>>>);

impl Owners {
    /// Accounts for orders.
    pub fn server(&self) -> AccountsServer<Self> {
        AccountsServer::new(self.clone())
    }

    /// Somebody opened a shop.
    pub fn own(&self, shop: ShopId, email: &str, locale: &str) {
        let owner = User {
            id: shop.to_string(),
            name: "Nguyễn Thị Ba".to_owned(),
            email: email.to_owned(),
            locale: locale.to_owned(),
            ..User::default()
        };
        self.0.lock().unwrap().insert(owner.id.clone(), owner);
    }

    /// Somebody who works for a shop.
    pub fn work(&self, person: &str, (name, email): (&str, &str)) {
        let person = User {
            id: person.to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
            locale: "en".to_owned(),
            ..User::default()
        };
        self.0.lock().unwrap().insert(person.id.clone(), person);
    }

    fn found(&self, ids: &[String]) -> Vec<User> {
        let owners = self.0.lock().unwrap();
        ids.iter().filter_map(|id| owners.get(id).cloned()).collect()
    }
}

#[tonic::async_trait]
impl Accounts for Owners {
    async fn get_shops(
        &self,
        request: Request<GetShopsRequest>,
    ) -> Result<Response<Shops>, Status> {
        let shop = |owner: User| Shop {
            id: owner.id.clone(),
            name: "Vườn trái cây Ba".to_owned(),
            owner_id: owner.id,
            ..Shop::default()
        };
        let shops = self.found(&request.into_inner().ids).into_iter().map(shop).collect();
        Ok(Response::new(Shops { shops }))
    }

    async fn get_users(
        &self,
        request: Request<GetUsersRequest>,
    ) -> Result<Response<Users>, Status> {
        Ok(Response::new(Users { users: self.found(&request.into_inner().ids) }))
    }
}
