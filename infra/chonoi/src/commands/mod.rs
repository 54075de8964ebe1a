//! The commands, one a file.

mod backup;
mod config;
mod dead_letters;
mod doctor;
mod import_products;
mod import_statement;
mod migrate;
mod operator;
mod reindex;
mod serve;

use std::process::ExitCode;

pub use backup::back_up;
pub use dead_letters::{replay_dead_letters, waiting_dead_letters};
pub use doctor::{examine, examine_at};
pub use import_products::follow as follow_import;
pub use operator::add as add_operator;
use platform::config::Config;

use crate::arguments::{Arguments, Command, Common};
use crate::{demo, reconcile, seed};

/// Runs a command; its exit code says whether all is well.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let common = &arguments.common;
    match arguments.command {
        Command::Serve(serve) => serve::run(common, serve).await,
        Command::Migrate => migrate::run(common).await,
        Command::Operator(command) => operator::run(common, command).await,
        Command::Seed(target) => seed::run(common, target).await,
        Command::Demo(demo) => Box::pin(demo::run(common, demo)).await,
        Command::ImportProducts(import) => import_products::run(import).await,
        Command::ImportStatement(import) => import_statement::run(common, &import).await,
        Command::Reconcile(reconcile) => {
            tokio::task::spawn_blocking(move || reconcile::run(&reconcile)).await?
        }
        Command::Reindex => reindex::run(common).await,
        Command::Doctor { json } => doctor::run(common, json).await,
        Command::Backup { to } => backup::run(common, &to).await,
        Command::DeadLetters(asked) => dead_letters::run(common, &asked).await,
        Command::Config { json } => config::run(common, json),
        Command::Schema => {
            print!("{}", graphql::sdl());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The configuration in force for a command.
pub fn configuration(common: &Common) -> anyhow::Result<Config> {
    let mut config =
        platform::config::load(common.config.as_deref(), |name| std::env::var(name).ok())?;
    if let Some(folder) = &common.data_dir {
        config.database.data_dir = folder.display().to_string();
    }
    Ok(config)
}
