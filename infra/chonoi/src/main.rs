//! The one binary of the market: every role, and the command line.
//!
//! It only reads the command line and hands over; what a process consists of stands in `market`.

mod api;
mod arguments;
mod commands;
mod demo;
mod market;
mod roles;
mod seed;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    // One TLS library for everything, chosen before anything opens a connection.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("the TLS provider was installed twice");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(Arguments::parse())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
