//! Runs of product imports.

use async_graphql::{Context, Error, ID, Object};
use proto::catalog::{ImportProblem as ProtoProblem, ImportRow as ProtoRow, ListImportRowsRequest};

use super::enums::{ImportFormat, ImportRowStatus, ImportStatus};
use super::moment::Moment;
use super::text::given;
use crate::access::{Requires, auth};
use crate::messages;
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// A run of an import.
pub struct Import {
    import: proto::catalog::Import,
    shop_id: String,
}

impl Import {
    /// A run of a shop whose membership was checked.
    pub const fn of(import: proto::catalog::Import, shop_id: String) -> Self {
        Self { import, shop_id }
    }
}

/// A run of an import.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl Import {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.import.id.clone())
    }

    /// The form of the file, as it was said or as its columns say.
    async fn format(&self) -> Result<ImportFormat, Error> {
        ImportFormat::of(self.import.format)
    }

    /// How far it is.
    async fn status(&self) -> Result<ImportStatus, Error> {
        ImportStatus::of(self.import.status)
    }

    /// Whether it only tries, and changes nothing.
    async fn dry_run(&self) -> bool {
        self.import.dry_run
    }

    /// Products in the file.
    async fn total(&self) -> u32 {
        self.import.total
    }

    /// Products worked through.
    async fn done(&self) -> u32 {
        self.import.done
    }

    /// New products.
    async fn created(&self) -> u32 {
        self.import.created
    }

    /// Changed products.
    async fn updated(&self) -> u32 {
        self.import.updated
    }

    /// Products that were like this already.
    async fn unchanged(&self) -> u32 {
        self.import.unchanged
    }

    /// Products with which something is wrong.
    async fn failed(&self) -> u32 {
        self.import.failed
    }

    /// When it was asked for.
    async fn created_at(&self) -> Moment {
        Moment::of(self.import.created_at)
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<Moment> {
        Moment::maybe(self.import.finished_at)
    }

    /// What became of each product, in the order of the file.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this status.")] status: Option<ImportRowStatus>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<ImportRow>, Error> {
        let scope = Scope::of(ctx);
        let page = page_request(scope, first, after)?;
        let request = ListImportRowsRequest {
            shop_id: self.shop_id.clone(),
            import_id: self.import.id.clone(),
            status: status.map_or(0, ImportRowStatus::number),
            page: Some(page.clone()),
        };
        let found = scope.answer(scope.catalog.clone().list_import_rows(request).await)?;
        Ok(Connection::new(&page, found.page, found.rows.into_iter().map(ImportRow)))
    }
}

/// A product of a file.
pub struct ImportRow(ProtoRow);

/// A product of a file.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ImportRow {
    /// The line of the file where it begins; the header is 1.
    async fn line(&self) -> u32 {
        self.0.line
    }

    /// What became of it.
    async fn status(&self) -> Result<ImportRowStatus, Error> {
        ImportRowStatus::of(self.0.status)
    }

    /// Its name in the file.
    async fn handle(&self) -> &str {
        &self.0.handle
    }

    /// Id of the product that it became.
    async fn product_id(&self) -> Option<ID> {
        given(&self.0.product_id).map(ID::from)
    }

    /// What is wrong with it; of one that was written, what was left out.
    async fn problems(&self) -> Vec<ImportProblem<'_>> {
        self.0.problems.iter().map(ImportProblem).collect()
    }
}

/// Something that is wrong with a line of a file.
pub struct ImportProblem<'a>(&'a ProtoProblem);

/// Something that is wrong with a line of a file.
#[Object(directive = auth::apply(Requires::ShopMember))]
impl ImportProblem<'_> {
    /// The line; the header is 1.
    async fn line(&self) -> u32 {
        self.0.line
    }

    /// The column; empty where it is about the whole line.
    async fn column(&self) -> &str {
        &self.0.column
    }

    /// Which problem it is: `unknown_category`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What people read.
    async fn message(&self, ctx: &Context<'_>) -> &'static str {
        messages::import_problem(&self.0.code, Scope::of(ctx).locale)
    }

    /// What stood there, cut to 80 characters.
    async fn value(&self) -> &str {
        &self.0.value
    }
}
