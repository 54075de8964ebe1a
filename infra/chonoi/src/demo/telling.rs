//! How the story is told: lines for people, or JSON for machines.

use std::cell::Cell;

use serde_json::{Value, json};

/// Tells numbered steps.
#[derive(Debug)]
pub struct Telling {
    json: bool,
    number: Cell<u32>,
}

impl Telling {
    /// A new story.
    pub const fn new(json: bool) -> Self {
        Self { json, number: Cell::new(0) }
    }

    /// Tells a step that was done and holds, with its ids and figures.
    pub fn step(&self, text: &str, facts: &Value) {
        self.number.set(self.number.get() + 1);
        let number = self.number.get();
        if self.json {
            println!("{}", json!({ "step": number, "text": text, "facts": facts }));
            return;
        }
        println!("{number:>2}. {text}");
        for (name, value) in facts.as_object().into_iter().flatten() {
            let shown = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            println!("      {name:<12} {shown}");
        }
    }

    /// Tells that all is well.
    pub fn end(&self, text: &str) {
        if self.json {
            println!("{}", json!({ "ok": true }));
        } else {
            println!("\n{text}");
        }
    }

    /// Tells what does not hold.
    pub fn failed(&self, error: &anyhow::Error) {
        if self.json {
            println!("{}", json!({ "ok": false, "error": format!("{error:#}") }));
        } else {
            println!("\nDoes not hold after step {}: {error:#}", self.number.get());
        }
    }
}
