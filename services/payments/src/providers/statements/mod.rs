//! Bank statements, read line by line in whatever format they come: a line that is not understood is
//! told, never dropped, and memory holds one entry, never the file.

pub mod camt;
pub mod line_feeds;
mod lines;
pub mod mt940;
pub mod ofx;
mod opening;
pub mod table;

pub use opening::{CannotRead, Opened, StatementFormat, open, read, read_as};
pub use table::columns::{Column, ColumnMapping, DateOrder};
