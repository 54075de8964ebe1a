//! Product files: what became of their rows, and files to take away. It decides nothing.

use kernel::{ImportId, Page, PageRequest};
use proto::common::{PageInfo, RefusalCode};
use proto::{Refused, catalog as contract};
use tonic::{Response, Status};

use super::{Answer, Grpc};
use crate::domain::import::{ImportFormat, export};
use crate::domain::product::Product;
use crate::messages::{row_message, row_status_message};
use crate::refusals::fault;
use crate::requests::{format_of, scope_of};
use crate::store;
use crate::store::category::with_ancestors;
use crate::store::import::RowStatus;
use crate::store::listing::After;

/// The most products of an export.
const MAX_EXPORT: u64 = 10_000;

impl Grpc {
    pub(super) async fn import_rows_listed(
        &self,
        request: contract::ListImportRowsRequest,
    ) -> Answer<contract::ImportRowPage> {
        let import = self.import_of(&request.shop_id, &request.import_id).await?;
        let status = RowStatus::ALL
            .into_iter()
            .find(|status| row_status_message(*status) == request.status());
        let asked = request.page.unwrap_or_default();
        let after = match asked.after.as_str() {
            "" => None,
            text => {
                Some(text.parse().map_err(|_| Refused::new(RefusalCode::Invalid).at(&["after"]))?)
            }
        };
        let page = PageRequest::new(if asked.first == 0 { 20 } else { asked.first }, after);
        let found =
            store::import::rows(self.reader(), import.id, status, &page).await.map_err(fault)?;
        let found = Page::from_rows(&page, found);
        let cursors = found.items.iter().map(|row| row.line.to_string()).collect();
        let info = PageInfo { has_next: found.has_next, cursors, total: -1 };
        let rows = found.items.into_iter().map(row_message).collect();
        Ok(Response::new(contract::ImportRowPage { rows, page: Some(info) }))
    }

    pub(super) async fn products_exported(
        &self,
        request: contract::ExportProductsRequest,
    ) -> Answer<contract::ExportedFile> {
        let scope = scope_of(&request.shop_id)?;
        let mut products: Vec<Product> = Vec::new();
        let mut after = None;
        while (products.len() as u64) < MAX_EXPORT {
            let page = PageRequest::new(PageRequest::<After>::MAX, after);
            let found =
                store::listing::of_shop(self.reader(), scope, &page).await.map_err(fault)?;
            let found = Page::from_rows(&page, found);
            products.extend(found.items);
            after = products.last().map(|last| After { key: 0, id: last.id });
            if !found.has_next {
                break;
            }
        }
        let categories = store::category::all(self.reader()).await.map_err(fault)?;
        let path = |slug: &str| {
            let above = with_ancestors(&categories, slug);
            let names = above.into_iter().rev().map(|category| category.name.vi.clone());
            names.collect::<Vec<String>>()
        };
        let format = format_of(request.format()).unwrap_or(ImportFormat::Chonoi);
        let content = export(format, &products, path).map_err(platform::rpc::fault)?;
        let (name, media_type) = ("products.csv".to_owned(), "text/csv; charset=utf-8".to_owned());
        Ok(Response::new(contract::ExportedFile { name, media_type, content }))
    }

    pub(super) async fn import_of(
        &self,
        shop: &str,
        id: &str,
    ) -> Result<store::import::Import, Status> {
        let unknown = || Status::not_found("no such import");
        let id: ImportId = id.parse().map_err(|_| unknown())?;
        let found =
            store::import::of_shop(self.reader(), scope_of(shop)?, id).await.map_err(fault)?;
        found.ok_or_else(unknown)
    }
}
