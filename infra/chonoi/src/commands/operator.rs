//! `chonoi operator add`: makes a person an operator of the market.

use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, AccountsParts, Hashing};
use anyhow::Context;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::limits::RateLimiter;
use platform::rpc::{self, AccountsClient};
use proto::accounts::AddOperatorRequest;

use crate::arguments::{Common, Operator};
use crate::market::{Databases, migrate};
use crate::roles::Role;

/// Adds the operator to the accounts of the configuration.
pub async fn run(common: &Common, command: Operator) -> anyhow::Result<ExitCode> {
    let Operator::Add { email, password_file } = command;
    let password = match password_file {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?,
        None => {
            eprintln!("Password of {email} (read from the input, shown):");
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line
        }
    };
    let config = super::configuration(common)?;
    let id = add(&config, &email, password.trim_end_matches(['\r', '\n'])).await?;
    println!("{email} is an operator: {id}");
    Ok(ExitCode::SUCCESS)
}

/// Adds an operator, straight in the database of accounts: the first one cannot ask anybody.
pub async fn add(config: &Config, email: &str, password: &str) -> anyhow::Result<String> {
    let databases = Databases::open(config, &[Role::Accounts]).await?;
    migrate(&databases).await?;
    let database = databases.accounts.clone().context("accounts has no database")?;
    let accounts = Accounts::new(AccountsParts {
        database,
        clock: Arc::new(SystemClock),
        limiter: Arc::new(RateLimiter::in_process()),
        session_lifetime: Duration::from_secs(86_400),
        hashing: Hashing::default(),
        mailing: None,
        payout_cooling_off: Duration::from_secs(86_400),
    });
    let request = AddOperatorRequest { email: email.to_owned(), password: password.to_owned() };
    let added = AccountsClient::new(rpc::local(accounts.server())).add_operator(request).await;
    let user = added.map_err(|status| anyhow::anyhow!("refused: {}", status.message()))?;
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(user.into_inner().id)
}
