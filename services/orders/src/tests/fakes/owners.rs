//! Accounts as orders knows it: whose shops are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kernel::ShopId;
use proto::accounts::accounts_server::{Accounts, AccountsServer};
use proto::accounts::{
    GetShopReadersRequest, GetShopsRequest, GetUsersRequest, Shop, ShopStatus, Shops, User, Users,
};
use tonic::{Request, Response, Status};

/// The owners of shops. A shop and its owner have one id.
#[derive(Clone, Default)]
pub struct Owners(Arc<Mutex<BTreeMap<String, User>>>, Arc<Mutex<Around>>);

/// What else accounts knows of shops.
#[derive(Default)]
struct Around {
    /// Who works for a shop and wants its letters.
    staff: BTreeMap<String, Vec<User>>,
    /// Shops whose owners want no letters.
    declined: Vec<String>,
    /// Shops that operators stopped, and why.
    stopped: BTreeMap<String, String>,
}

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

    /// Somebody works for a shop, too.
    pub fn employ(&self, shop: ShopId, id: &str, email: &str) {
        let user = User { id: id.to_owned(), email: email.to_owned(), ..User::default() };
        self.1.lock().unwrap().staff.entry(shop.to_string()).or_default().push(user);
    }

    /// The owner of a shop wants no letters of its orders.
    pub fn decline(&self, shop: ShopId) {
        self.1.lock().unwrap().declined.push(shop.to_string());
    }

    /// Operators stop a shop.
    pub fn stop(&self, shop: ShopId, reason: &str) {
        self.1.lock().unwrap().stopped.insert(shop.to_string(), reason.to_owned());
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
        let shop = |owner: User| {
            let reason = self.1.lock().unwrap().stopped.get(&owner.id).cloned();
            let status =
                if reason.is_none() { ShopStatus::Approved } else { ShopStatus::Suspended };
            Shop {
                id: owner.id.clone(),
                name: "Vườn trái cây Ba".to_owned(),
                owner_id: owner.id,
                status: status.into(),
                status_reason: reason.unwrap_or_default(),
                ..Shop::default()
            }
        };
        let shops = self.found(&request.into_inner().ids).into_iter().map(shop).collect();
        Ok(Response::new(Shops { shops }))
    }

    async fn get_shop_readers(
        &self,
        request: Request<GetShopReadersRequest>,
    ) -> Result<Response<Users>, Status> {
        let shop = request.into_inner().shop_id;
        let around = self.1.lock().unwrap();
        let mut users = self.found(std::slice::from_ref(&shop));
        users.retain(|owner| !owner.email.is_empty() && !around.declined.contains(&shop));
        users.extend(around.staff.get(&shop).cloned().unwrap_or_default());
        Ok(Response::new(Users { users }))
    }

    async fn get_users(
        &self,
        request: Request<GetUsersRequest>,
    ) -> Result<Response<Users>, Status> {
        Ok(Response::new(Users { users: self.found(&request.into_inner().ids) }))
    }
}
