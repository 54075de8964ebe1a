//! PostgreSQL databases for tests: from a pool whose databases are emptied and used again, or one of its own.
//!
//! To copy a migrated database makes a thousand small files and two checkpoints, and to remove it takes them
//! away again. To empty one takes a few milliseconds.

mod clerk;
mod own;
mod pool;
mod pristine;

pub use own::OwnDatabase;
pub use pool::{LentDatabase, Pool};

/// The value of an environment variable that tests need; they never skip.
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `make test`, or `eval $(make -s services)` first")
    })
}
