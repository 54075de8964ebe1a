//! A shop's money: what it sold, what was taken, what it was paid and is still owed. Every figure
//! opens to its lines, every line to the rule and the bank's own line behind it.

mod file;
mod line;
mod lines;
mod overview;

pub use file::file;
pub use line::line;
pub use lines::lines;
pub use overview::show;
