//! The main job, told step by step: a sale of two shops paid by one QR and reconciled; or, with `--tour`,
//! a tour from its listing to the pier.
//!
//! It speaks to a market as people do, through the public API, and checks every step: the exit code
//! is 0 only if everything holds, down to the closing trial balance.

mod sale;
mod shops;
mod telling;
mod tour;

use std::path::PathBuf;
use std::process::ExitCode;

use platform::config::Config;
use platform::telemetry::Telemetry;

use crate::api::Api;
use crate::arguments::{Common, Demo};
use crate::commands::{add_operator, configuration};
use crate::market::{Market, Running};
use crate::roles::Role;
use crate::seed;
use telling::Telling;

/// Tells the story to a running market, or to one of its own that is gone afterwards.
pub async fn run(common: &Common, demo: Demo) -> anyhow::Result<ExitCode> {
    let telling = Telling::new(demo.json);
    let outcome = match &demo.target.url {
        Some(url) => {
            let email = demo.target.operator_email.clone();
            let login = email.unwrap_or_else(|| seed::people().operator.to_owned());
            let password = demo.target.operator_password.clone();
            let password = password.unwrap_or_else(|| seed::people().password.to_owned());
            tell(&Api::at(url)?, &login, &password, demo.tour, &telling).await
        }
        None => {
            let own = OwnMarket::start(configuration(common)?).await?;
            let people = seed::people();
            let api = Api::at(&own.running.url)?;
            let outcome = tell(&api, people.operator, people.password, demo.tour, &telling).await;
            own.end().await?;
            outcome
        }
    };
    match outcome {
        Ok(()) => {
            telling.end("Every step holds.");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            telling.failed(&error);
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn tell(
    api: &Api,
    login: &str,
    password: &str,
    of_a_tour: bool,
    telling: &Telling,
) -> anyhow::Result<()> {
    let operator = shops::sign_in_operator(api, login, password, telling).await?;
    if of_a_tour {
        return Box::pin(tour::tell(api, &operator, telling)).await;
    }
    let fruit = shops::open_and_fill(api, &operator, &shops::FRUIT, telling).await?;
    let cakes = shops::open_and_fill(api, &operator, &shops::CAKES, telling).await?;
    sale::tell(api, &operator, [&fruit, &cakes], telling).await
}

/// A market only for this story, in a folder that goes when it is told.
struct OwnMarket {
    running: Running,
    folder: PathBuf,
}

impl OwnMarket {
    async fn start(mut config: Config) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("chonoi-demo-{}", rand::random::<u64>()));
        config.database.data_dir = folder.display().to_string();
        config.server.listen = "127.0.0.1:0".to_owned();
        config.telemetry.filter = "warn".to_owned();
        let telemetry = Telemetry::start(&config.telemetry, "demo")?;
        let people = seed::people();
        add_operator(&config, people.operator, people.password).await?;
        let running = Market::bind(config, Role::ALL.to_vec())
            .await?
            .start(telemetry.metrics.clone())
            .await?;
        Ok(Self { running, folder })
    }

    async fn end(self) -> anyhow::Result<()> {
        self.running.stop().await?;
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }
}
