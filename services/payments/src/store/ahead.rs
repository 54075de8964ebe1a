//! Statements of a transaction that are built while those before them run: a large batch spends as long
//! on the one as the database on the other. They run in their order, and what reads does not come here.

use std::future::Future;

use async_trait::async_trait;
use platform::database::Transaction;
use sea_orm::sqlx::postgres::PgQueryResult;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::mpsc;

/// Statements that wait built.
const BUILT: usize = 1;

/// Takes statements, and says before they run that they did: nobody may ask it how many rows they changed.
pub struct Ahead {
    backend: DbBackend,
    statements: mpsc::Sender<Statement>,
}

/// Where statements are built, and what runs them until that is dropped. Both must be polled together, and
/// both to their ends: what ran first says why it failed.
pub fn of(tx: &Transaction) -> (Ahead, impl Future<Output = Result<(), DbErr>> + Send + '_) {
    let (statements, mut built) = mpsc::channel(BUILT);
    let run = async move {
        while let Some(statement) = built.recv().await {
            tx.execute_raw(statement).await?;
        }
        Ok(())
    };
    (Ahead { backend: tx.get_database_backend(), statements }, run)
}

fn refused<T>() -> Result<T, DbErr> {
    Err(DbErr::Custom("nothing is read ahead".to_owned()))
}

#[async_trait]
impl ConnectionTrait for Ahead {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let taken = self.statements.send(statement).await;
        taken.map_err(|_| DbErr::Custom("a statement before this one failed".to_owned()))?;
        // It goes to the database before the next one is built.
        tokio::task::yield_now().await;
        Ok(PgQueryResult::default().into())
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(self.backend, sql)).await
    }

    async fn query_one_raw(&self, _: Statement) -> Result<Option<QueryResult>, DbErr> {
        refused()
    }

    async fn query_all_raw(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        refused()
    }
}
