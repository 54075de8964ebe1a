//! What can be said on the command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::roles::Role;

/// Chợ Nổi, the floating market: an open marketplace with its payments reconciled.
#[derive(Debug, Parser)]
#[command(name = "chonoi", version, about, propagate_version = true)]
pub struct Arguments {
    /// Where configuration and data are.
    #[command(flatten)]
    pub common: Common,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// Where configuration and data are.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Configuration file (TOML). Every setting is also an environment variable: `chonoi config --help`.
    #[arg(long, global = true, env = "CHONOI_CONFIG")]
    pub config: Option<PathBuf>,
    /// Folder of the SQLite files and the search index; wins over `database.data_dir`.
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the market: all roles in one process, or the roles named.
    Serve(Serve),
    /// Bring every database to the newest shape.
    Migrate,
    /// Operators of the market.
    #[command(subcommand)]
    Operator(Operator),
    /// Fill a market with a believable Cần Thơ, through its public API.
    Seed(Target),
    /// Tell the main job step by step: a sale paid by QR and reconciled. Exit code 0 only if all holds.
    Demo(Demo),
    /// Import a product file into a shop, through the public API.
    ImportProducts(ImportProducts),
    /// Reconcile statements of a bank with what is expected: from files, with no server and no database.
    Reconcile(Reconcile),
    /// Import statements of the market's bank account into its payments; the market may be running.
    ImportStatement(ImportStatement),
    /// Build the search index anew.
    Reindex,
    /// Check what must always hold; exit code 1 and a list if something does not.
    Doctor {
        /// For machines: one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Copy all SQLite databases, as of one moment, into an empty folder; the market may be running.
    Backup {
        /// The folder; it is made if it is missing. To restore, serve from it or from a copy of it.
        #[arg(long)]
        to: PathBuf,
    },
    /// Events that consumers could not take: list them, or have them delivered again. The market may be running.
    DeadLetters(DeadLetters),
    /// Print the configuration in force, without secrets.
    #[command(after_help = settings_help())]
    Config {
        /// For machines: one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Print the schema of the public API.
    Schema,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Roles of this process; none: all of them.
    pub roles: Vec<Role>,
    /// Address and port; wins over `server.listen`.
    #[arg(long)]
    pub listen: Option<String>,
    /// Fill an empty market with a believable Cần Thơ first (development only).
    #[arg(long)]
    pub seed: bool,
}

/// Operators.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Make a person with this email an operator; they are added if unknown.
    Add {
        /// The operator's email.
        #[arg(long)]
        email: String,
        /// File with the password; else it is read from the terminal's input.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// Give an operator another password; all their sessions end.
    SetPassword {
        /// The operator's email.
        #[arg(long)]
        email: String,
        /// File with the password; else it is read from the terminal's input.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
}

/// The market that a command talks to.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// Address of a running market; without it, the market in the data folder is started for this.
    #[arg(long)]
    pub url: Option<String>,
    /// Email of an operator of that market.
    #[arg(long, env = "CHONOI_OPERATOR_EMAIL")]
    pub operator_email: Option<String>,
    /// Password of that operator.
    #[arg(long, env = "CHONOI_OPERATOR_PASSWORD", hide_env_values = true)]
    pub operator_password: Option<String>,
}

/// The story to tell.
#[derive(Debug, Args)]
pub struct Demo {
    /// The market it is told to.
    #[command(flatten)]
    pub target: Target,
    /// Tell the story of a tour instead: listed, booked together with fruit, checked in, given back.
    #[arg(long)]
    pub tour: bool,
    /// For machines: one JSON object a step.
    #[arg(long)]
    pub json: bool,
}

/// A product file and where it goes.
#[derive(Debug, Args)]
pub struct ImportProducts {
    /// The file.
    pub file: PathBuf,
    /// The shop's id or slug.
    #[arg(long)]
    pub shop: String,
    /// Format of the file; left out, its columns say it.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Address of the market.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Phone or email of a member of the shop.
    #[arg(long, env = "CHONOI_LOGIN")]
    pub login: String,
    /// Their password.
    #[arg(long, env = "CHONOI_PASSWORD", hide_env_values = true)]
    pub password: String,
}

/// Events that consumers could not take.
#[derive(Debug, Args)]
pub struct DeadLetters {
    /// What to do with them; nothing said: list them.
    #[command(subcommand)]
    pub command: Option<DeadLettersCommand>,
    /// For machines: one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// List those that wait, with their errors.
    List,
    /// Have them delivered again, once: within a second if the market runs, else at its next start.
    Replay {
        /// Their ids as listed, such as `orders:12`.
        #[arg(required_unless_present = "all")]
        ids: Vec<DeadLetterId>,
        /// All that wait.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

/// A dead letter of a service's database, written `orders:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterId {
    /// The service.
    pub service: String,
    /// The number in its database.
    pub number: i64,
}

impl fmt::Display for DeadLetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.number)
    }
}

impl FromStr for DeadLetterId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number_of = |number: &str| number.parse().ok().filter(|number| *number > 0);
        text.split_once(':')
            .and_then(|(service, number)| {
                Some(Self { service: service.to_owned(), number: number_of(number)? })
            })
            .ok_or_else(|| "an id is written as listed, orders:12".to_owned())
    }
}

/// Statements of the market's account.
#[derive(Debug, Args)]
pub struct ImportStatement {
    /// Statements: camt.053/.054, MT940, OFX, CSV or XLSX.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// Statements and what is expected.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// What is expected: a CSV of reference,amount,currency,due_from,due_to.
    #[arg(long)]
    pub expected: PathBuf,
    /// Statements: camt.053/.054, MT940, OFX, CSV or XLSX.
    #[arg(required = true)]
    pub statements: Vec<PathBuf>,
    /// Folder of what comes out: matches.csv, queue.csv, open.csv, report.json.
    #[arg(long, default_value = ".")]
    pub out: PathBuf,
    /// By how much a transfer may differ and still match, in the currency's smallest unit (đồng).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    pub tolerance: i64,
    /// For machines: print report.json instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Words in English instead of Vietnamese.
    #[arg(long)]
    pub english: bool,
}

/// Formats of product files.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// Our own columns.
    Chonoi,
    /// Shopify's product CSV.
    Shopify,
    /// KiotViet's list of goods.
    Kiotviet,
    /// Sapo's list of products.
    Sapo,
}

fn settings_help() -> String {
    use std::fmt::Write;
    let mut help = String::from("Settings, as environment variables and as keys of the file:\n");
    for setting in platform::config::settings(&platform::config::Config::default()) {
        let _ = writeln!(help, "  {:<36} {} = {}", setting.variable, setting.key, setting.value);
    }
    help
}
