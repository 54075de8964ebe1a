//! Bank feeds: how each authenticates and what it tells.

pub mod sepay;
