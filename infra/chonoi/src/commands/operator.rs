//! `chonoi operator add`: makes a person an operator of the market. `chonoi operator set-password`: gives one another
//! password.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, AccountsParts, Hashing};
use anyhow::{Context, anyhow};
use platform::clock::SystemClock;
use platform::config::Config;
use platform::limits::RateLimiter;
use platform::rpc::{self, AccountsClient};
use proto::accounts::{AddOperatorRequest, SetOperatorPasswordRequest, User};
use tonic::{Response, Status};

use crate::arguments::{Common, Operator};
use crate::market::{Databases, migrate};
use crate::roles::Role;

/// Adds an operator to the accounts of the configuration, or gives one another password.
pub async fn run(common: &Common, command: Operator) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    match command {
        Operator::Add { email, password_file } => {
            let password = password_of(&email, password_file)?;
            let id = add(&config, &email, &password).await?;
            println!("{email} is an operator: {id}");
        }
        Operator::SetPassword { email, password_file } => {
            let password = password_of(&email, password_file)?;
            let id = set_password(&config, &email, &password).await?;
            println!("{email} has another password, and all their sessions ended: {id}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds an operator, straight in the database of accounts: the first one cannot ask anybody.
pub async fn add(config: &Config, email: &str, password: &str) -> anyhow::Result<String> {
    let (mut accounts, databases) = open(config).await?;
    let request = AddOperatorRequest { email: email.to_owned(), password: password.to_owned() };
    let added = accounts.add_operator(request).await;
    close(&databases).await?;
    Ok(told(added)?.id)
}

/// Gives an operator another password, straight in the database of accounts: no letter may reach them.
pub async fn set_password(config: &Config, email: &str, password: &str) -> anyhow::Result<String> {
    let (mut accounts, databases) = open(config).await?;
    let (email, password) = (email.to_owned(), password.to_owned());
    let set = accounts.set_operator_password(SetOperatorPasswordRequest { email, password }).await;
    close(&databases).await?;
    Ok(told(set)?.id)
}

fn password_of(email: &str, file: Option<PathBuf>) -> anyhow::Result<String> {
    let text = match file {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?,
        None => {
            eprintln!("Password of {email} (read from the input, shown):");
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line
        }
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Accounts on the databases of the configuration, as long as the command lasts.
async fn open(config: &Config) -> anyhow::Result<(AccountsClient, Databases)> {
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
    Ok((AccountsClient::new(rpc::local(accounts.server())), databases))
}

async fn close(databases: &Databases) -> anyhow::Result<()> {
    for (_, database) in databases.all() {
        database.close().await?;
    }
    Ok(())
}

/// Whom it concerned, or which field was refused and why.
fn told(answer: Result<Response<User>, Status>) -> anyhow::Result<User> {
    answer.map(Response::into_inner).map_err(|status| {
        let refusals = proto::refusals_of(&status).unwrap_or_default();
        let field = refusals.first().map(|refusal| refusal.path.join(".")).unwrap_or_default();
        let message = status.message();
        if field.is_empty() {
            anyhow!("refused: {message}")
        } else {
            anyhow!("refused: {field}: {message}")
        }
    })
}
