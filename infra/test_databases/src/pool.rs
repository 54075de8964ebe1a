//! Databases that tests borrow, one after another.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use sea_orm::sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::clerk::Clerk;
use crate::pristine;

/// Databases of one process that are alike when a test gets them: as they were migrated. It holds names only:
/// a connection belongs to the runtime of a test.
#[derive(Debug, Default)]
pub struct Pool {
    template: OnceCell<Template>,
    /// The names of those that tests gave back, the oldest first.
    free: Mutex<VecDeque<String>>,
}

/// The migrated database that the others are copies of.
#[derive(Debug)]
struct Template {
    name: String,
    shape: String,
}

/// A database that a test has for itself.
#[derive(Debug)]
pub struct LentDatabase {
    /// Its name; no database had it before.
    pub name: String,
    /// Its URL.
    pub url: String,
}

impl Pool {
    /// An empty one.
    pub const fn new() -> Self {
        Self { template: OnceCell::const_new(), free: Mutex::new(VecDeque::new()) }
    }

    /// A database as `migrate` makes it of an empty one, whose URL it is given; it is asked once a process.
    /// The server's URL names a database of its own, from which all is done.
    pub async fn take<F, M>(&self, server: &str, migrate: F) -> anyhow::Result<LentDatabase>
    where
        F: FnOnce(String) -> M,
        M: Future<Output = anyhow::Result<()>>,
    {
        let clerk = Clerk::of(server)?;
        let template = self.template.get_or_try_init(|| make_template(&clerk, migrate)).await?;
        while let Some(used) = self.pop() {
            if let Some(database) = use_again(&clerk, template, &used).await? {
                return Ok(database);
            }
        }
        let name = clerk.name();
        clerk.copy(&template.name, &name).await.context("a copy of the migrated database")?;
        Ok(LentDatabase { url: clerk.url_of(&name)?, name })
    }

    /// Gives one back, in whatever state it is. Who fails before that need not: the database stays where it is
    /// until another process removes it.
    pub fn give_back(&self, database: LentDatabase) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push_back(database.name);
    }

    fn pop(&self) -> Option<String> {
        // Connections to the one that waits longest are gone by now.
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

async fn make_template<F, M>(clerk: &Clerk, migrate: F) -> anyhow::Result<Template>
where
    F: FnOnce(String) -> M,
    M: Future<Output = anyhow::Result<()>>,
{
    let name = clerk.name();
    clerk.create(&name).await?;
    let url = clerk.url_of(&name)?;
    migrate(url.clone()).await.context("migrations of a database for tests")?;
    let mut connection = PgConnection::connect(&url).await?;
    pristine::keep(&mut connection).await.context("copies of the rows there are at first")?;
    let shape = pristine::shape(&mut connection).await?;
    connection.close().await?;
    Ok(Template { name, shape })
}

/// A database that was used before, as the template is; `None` where it cannot be that any more: then it is
/// removed.
async fn use_again(
    clerk: &Clerk,
    template: &Template,
    used: &str,
) -> anyhow::Result<Option<LentDatabase>> {
    // With another name, so that work of an earlier test that goes on does not find it.
    let name = clerk.name();
    if clerk.rename(used, &name).await.is_err() {
        // Somebody connects to it again and again.
        clerk.remove(used).await?;
        return Ok(None);
    }
    let url = clerk.url_of(&name)?;
    let mut connection = PgConnection::connect(&url).await?;
    let is_alike = pristine::shape(&mut connection).await? == template.shape;
    if is_alike {
        pristine::restore(&mut connection).await.context("a database to use again")?;
    }
    connection.close().await?;
    if is_alike {
        return Ok(Some(LentDatabase { name, url }));
    }
    clerk.remove(&name).await?;
    Ok(None)
}
