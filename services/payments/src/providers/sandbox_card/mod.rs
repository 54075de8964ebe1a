//! The card sandbox: a Stripe of our own for development. It talks as Stripe does, so our Stripe client
//! and our webhook for Stripe meet it unchanged; it keeps what it was told, so a market that is
//! restarted still knows its payments; and it moves no money. Production refuses it.
//!
//! It owns the tables `sandbox_card_…` and nothing else: it knows neither payments nor orders.

mod api;
mod book;
mod cards;
mod changing;
mod delivering;
mod disputing;
mod fees;
mod forms;
mod objects;
mod pages;
mod passing;
mod paying;
mod paying_out;
mod reading;
mod refunding;
mod refusals;
mod sandbox;
mod sessions;
mod settings;
mod showing;
mod tables;
#[cfg(test)]
mod tests;
mod texts;

pub use sandbox::SandboxCard;
pub use settings::{
    DEVELOPMENT_SECRET_KEY, DEVELOPMENT_WEBHOOK_SECRET, SandboxCardParts, SandboxCardTerms,
};
