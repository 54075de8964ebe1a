//! `chonoi config`: what is in force, without secrets.

use std::process::ExitCode;

use platform::config::settings;

use crate::arguments::Common;

/// Prints every setting with its value.
pub fn run(common: &Common, json: bool) -> anyhow::Result<ExitCode> {
    let config = super::configuration(common)?;
    if json {
        let all: serde_json::Map<_, _> = settings(&config)
            .into_iter()
            .map(|setting| (setting.key, serde_json::Value::String(setting.value)))
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        for setting in settings(&config) {
            println!("{} = {}", setting.key, setting.value);
        }
    }
    Ok(ExitCode::SUCCESS)
}
