//! Imports a product file: stored first, worked on in chunks, resumed after a crash where it was.

use std::mem;

use kernel::{ImportId, ShopScope, Timestamp, fold};
use platform::database::{Transaction, is_transient};
use platform::ids;
use sea_orm::DbErr;

use super::write_product::{WriteError, Written, write_product, write_silently};
use crate::Catalog;
use crate::domain::import::{
    self, FileProduct, FileRefused, ImportFormat, ImportProblem, ProblemCode,
};
use crate::domain::product::Product;
use crate::reading_room::ReadError;
use crate::store;
use crate::store::category::Category;
use crate::store::import::{Import, ImportRow, ImportStatus, RowStatus};

/// Products in one transaction.
const CHUNK: usize = 50;
/// How often an import is tried that fails for no outage: a file that was overtaken by somebody's change
/// is written at the second try, one that the database will never take must not hold up the others.
const ATTEMPTS: i64 = 3;

/// Why an import was not begun.
#[derive(Debug, thiserror::Error)]
pub enum ImportProductsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(FileRefused),
    /// Too many others wait to be read.
    #[error("too many files are being read")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<ReadError> for ImportProductsError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::File(refused) => Self::File(refused),
            ReadError::Busy => Self::Busy,
        }
    }
}

/// Takes a file; the worker does the rest. Without a format it is taken for what its columns say.
pub async fn import_products(
    catalog: &Catalog,
    scope: ShopScope,
    format: Option<ImportFormat>,
    file: Vec<u8>,
    dry_run: bool,
) -> Result<Import, ImportProductsError> {
    let service = &catalog.0;
    // What cannot be read at all is said at once.
    let reading = service.reading_room.read(move || {
        let (format, products) = match format {
            Some(format) => (format, import::read(format, &file)?),
            None => import::read_any(&file)?,
        };
        Ok((file, format, products.len() as i64))
    });
    let (file, format, total) = reading.await?;
    let import = Import {
        id: ids::new(),
        shop: scope.shop(),
        format,
        file,
        dry_run,
        status: ImportStatus::Queued,
        total,
        done: 0,
        counts: [0; 4],
        created_at: service.clock.now(),
        finished_at: None,
    };
    let tx = service.database.begin().await?;
    store::import::insert(&tx, &import).await?;
    tx.commit().await?;
    service.imported.notify_one();
    Ok(import)
}

/// Works on the imports that wait, one after another. An error is an outage: they wait on.
pub async fn run_imports(catalog: &Catalog) -> anyhow::Result<()> {
    while let Some(import) = store::import::next_open(catalog.0.database.reader()).await? {
        let id = import.id;
        match run(catalog, import).await {
            Ok(()) => {}
            Err(error) if error.downcast_ref().is_some_and(is_transient) => return Err(error),
            Err(error) => note_failure(catalog, id, &error).await?,
        }
    }
    Ok(())
}

/// An import that fails too often ends as failed; what was written of it stays.
async fn note_failure(
    catalog: &Catalog,
    id: ImportId,
    error: &anyhow::Error,
) -> anyhow::Result<()> {
    let tx = catalog.0.database.begin().await?;
    let attempts = store::import::note_failure(&tx, id).await?;
    let error = format!("{error:#}");
    tracing::error!(import = %id, attempts, error, "an import failed");
    if attempts >= ATTEMPTS {
        store::import::finish(&tx, id, ImportStatus::Failed, catalog.0.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

async fn run(catalog: &Catalog, mut import: Import) -> anyhow::Result<()> {
    let service = &catalog.0;
    let (format, file) = (import.format, mem::take(&mut import.file));
    let products = match service.reading_room.read_again(move || import::read(format, &file)).await
    {
        Ok(products) => products,
        Err(ReadError::Busy) => return Err(ReadError::Busy.into()),
        Err(error) => {
            tracing::warn!(import = %import.id, %error, "an import cannot be read");
            return finish(catalog, import.id, ImportStatus::Failed).await;
        }
    };
    let categories = store::category::all(service.database.reader()).await?;
    let mut done = import.done;
    while let Some(chunk) = products.get(done as usize..).filter(|rest| !rest.is_empty()) {
        let chunk = &chunk[..chunk.len().min(CHUNK)];
        let job =
            Job { catalog, import: &import, categories: &categories, now: service.clock.now() };
        match job.write(chunk, done, products.len() as i64).await? {
            Some(reached) => done = reached,
            None => return Ok(()),
        }
    }
    finish(catalog, import.id, ImportStatus::Finished).await
}

async fn finish(catalog: &Catalog, id: ImportId, status: ImportStatus) -> anyhow::Result<()> {
    let tx = catalog.0.database.begin().await?;
    store::import::finish(&tx, id, status, catalog.0.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

struct Job<'a> {
    catalog: &'a Catalog,
    import: &'a Import,
    categories: &'a [Category],
    now: Timestamp,
}

impl Job<'_> {
    /// Writes a chunk and the progress in one transaction. `None` if the import ended meanwhile.
    async fn write(
        &self,
        chunk: &[FileProduct],
        from: i64,
        total: i64,
    ) -> anyhow::Result<Option<i64>> {
        let database = &self.catalog.0.database;
        let scope = ShopScope::granted(self.import.shop);
        let tx = database.begin().await?;
        match store::import::lock(&tx, self.import.id).await? {
            None => return Ok(None),
            // Another process was quicker: go on from where it is.
            Some(done) if done != from => return Ok(Some(done)),
            Some(_) => {}
        }
        // Shop, products, variants: the one order in which everybody locks. Sales, counts and a
        // suspension of the shop either show in what is read now, or wait for what is written.
        store::shop::lock(&tx, self.import.shop).await?;
        let mut existing = lock_known(&tx, scope, chunk).await?;
        let mut rows = Vec::with_capacity(chunk.len());
        for product in chunk {
            let is_sound = product.problems.iter().all(|problem| problem.code.is_notice());
            let place = existing.iter().position(|known| is_sound && product.is(known));
            let before = place.map(|place| existing.swap_remove(place));
            rows.push(self.write_one(&tx, scope, product, before).await?);
        }
        if self.import.dry_run {
            // What was tried is undone; only what became of it is kept.
            tx.rollback().await?;
            for row in &mut rows {
                row.product = None;
            }
            let tx = database.begin().await?;
            store::import::progress(&tx, self.import.id, total, &rows).await?;
            tx.commit().await?;
        } else {
            store::import::progress(&tx, self.import.id, total, &rows).await?;
            tx.commit().await?;
        }
        Ok(Some(from + chunk.len() as i64))
    }

    async fn write_one(
        &self,
        tx: &Transaction,
        scope: ShopScope,
        product: &FileProduct,
        before: Option<Product>,
    ) -> Result<ImportRow, DbErr> {
        let format = self.import.format;
        let mut problems = product.problems.clone();
        let mut draft = product.draft.clone();
        if let Some(category) = self.category_named(&product.category_names) {
            draft.category.clone_from(&category.slug);
        }
        if let Some(known) = &before {
            format.keep_unsaid(&mut draft, known);
        }
        let knows = |slug: &str| self.categories.iter().any(|category| category.slug == slug);
        for wrong in draft.problems(knows) {
            let mut problem = import::of_draft(&wrong, product.line, &product.variant_lines);
            problem.column = format.column(&problem.column).to_owned();
            problems.push(problem);
        }
        let row = |status, id, problems| ImportRow {
            line: product.line,
            status,
            handle: product.name().replace(char::is_control, ""),
            product: id,
            problems,
        };
        if problems.iter().any(|problem| !problem.code.is_notice()) {
            return Ok(row(RowStatus::Failed, None, problems));
        }
        let written = if self.import.dry_run {
            write_silently(tx, scope, draft, before, self.now).await
        } else {
            write_product(tx, scope, draft, before, self.now).await
        };
        let problem = |field: &str, code, value: &str| {
            vec![ImportProblem::new(product.line, format.column(field), code, value)]
        };
        match written {
            Ok(Written::Created(written)) => {
                Ok(row(RowStatus::Created, Some(written.id), problems))
            }
            Ok(Written::Updated(written)) => {
                Ok(row(RowStatus::Updated, Some(written.id), problems))
            }
            Ok(Written::Unchanged(written)) => {
                Ok(row(RowStatus::Unchanged, Some(written.id), problems))
            }
            Err(WriteError::SkuTaken(sku)) => {
                Ok(row(RowStatus::Failed, None, problem("sku", ProblemCode::SkuTaken, &sku)))
            }
            Err(WriteError::StockHeld(held)) => Ok(row(
                RowStatus::Failed,
                None,
                problem("stock", ProblemCode::OutOfRange, &held.to_string()),
            )),
            Err(WriteError::Database(error)) => Err(error),
        }
    }

    /// The category that a shop means by its own names, the lowest first.
    fn category_named(&self, names: &[String]) -> Option<&Category> {
        let means = |category: &&Category, name: &str| {
            [&category.slug, &category.name.vi, &category.name.en]
                .iter()
                .any(|own| fold(own) == name)
        };
        let mut names = names.iter().map(|name| fold(name)).filter(|name| !name.is_empty());
        names.find_map(|name| self.categories.iter().find(|category| means(category, &name)))
    }
}

/// Locks the products that a part of a file is about.
async fn lock_known(
    tx: &Transaction,
    scope: ShopScope,
    chunk: &[FileProduct],
) -> Result<Vec<Product>, DbErr> {
    // No product has such a name, and the database would not even take the question.
    let can_be = |name: &String| !name.is_empty() && !name.contains(char::is_control);
    let handles = chunk.iter().map(|product| product.draft.handle.clone()).filter(can_be);
    let handles: Vec<String> = handles.collect();
    if !handles.is_empty() {
        return store::product::lock_by_handles(tx, scope, handles).await;
    }
    let variants = chunk.iter().flat_map(|product| &product.draft.variants);
    let skus: Vec<String> = variants.map(|variant| variant.sku.clone()).filter(can_be).collect();
    store::product::lock_by_skus(tx, scope, skus).await
}
