//! The one program of the market: every role, and the command line.
//!
//! A library, so that tests and benchmarks start the very market that the binary starts.

mod agreement;
pub mod api;
pub mod arguments;
pub mod commands;
pub mod days;
mod demo;
pub mod market;
mod reconcile;
pub mod roles;
pub mod seed;

/// Chooses one TLS library for everything in this process, before anything opens a connection.
/// Choosing it again changes nothing.
pub fn choose_tls() {
    // The error only says that one was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
