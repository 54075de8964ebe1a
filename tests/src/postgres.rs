//! Databases on a PostgreSQL server: one for a test or a measurement, gone at its end.

pub use test_databases::OwnDatabase;
