//! The one program of the market: every role, and the command line.
//!
//! A library, so that tests and benchmarks start the very market that the binary starts.

pub mod api;
pub mod arguments;
pub mod commands;
mod demo;
pub mod market;
pub mod roles;
pub mod seed;
