//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use chonoi::arguments::Arguments;
use chonoi::commands;
use clap::Parser;

/// Many threads make and drop many small texts: a fifth of the processor's time of a list went into
/// glibc's allocator, and it gave little memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chonoi::choose_tls();
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
