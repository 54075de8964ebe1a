//! Categories. It decides nothing.

use proto::catalog as contract;
use tonic::Response;

use super::{Answer, Grpc};
use crate::messages::category_message;
use crate::refusals::fault;
use crate::store;
use crate::store::category::Category;

impl Grpc {
    pub(super) async fn categories_listed(&self) -> Answer<contract::Categories> {
        let categories = store::category::all(self.reader()).await.map_err(fault)?;
        let categories = categories.into_iter().map(category_message).collect();
        Ok(Response::new(contract::Categories { categories }))
    }

    pub(super) async fn categories_put(
        &self,
        request: contract::Categories,
    ) -> Answer<contract::Categories> {
        let categories: Vec<Category> = request
            .categories
            .into_iter()
            .map(|category| Category {
                id: platform::ids::new(),
                slug: category.slug,
                parent_slug: category.parent_slug,
                name: category.name.unwrap_or_default().into(),
                position: category.position,
            })
            .collect();
        let tx = self.0.0.database.begin().await.map_err(fault)?;
        store::category::put(&tx, &categories).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        self.categories_listed().await
    }
}
