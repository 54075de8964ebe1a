//! The words that people read, by language.

use std::collections::BTreeMap;

use kernel::{Locale, Money};
use serde::Deserialize;

/// The words of one language; each table by key.
#[derive(Debug, Deserialize)]
pub struct Words {
    #[serde(skip)]
    locale: Locale,
    states: BTreeMap<String, String>,
    rules: BTreeMap<String, String>,
    reasons: BTreeMap<String, String>,
    table: BTreeMap<String, String>,
}

impl Words {
    /// The words of a language.
    pub fn of(locale: Locale) -> anyhow::Result<Self> {
        let words: Self = toml::from_str(match locale {
            Locale::Vi => include_str!("../../texts/reconcile.vi.toml"),
            Locale::En => include_str!("../../texts/reconcile.en.toml"),
        })?;
        Ok(Self { locale, ..words })
    }

    /// An amount of money as people of the language write it.
    pub fn money(&self, amount: Money) -> String {
        amount.formatted(self.locale)
    }

    /// What a line is.
    pub fn state<'a>(&'a self, key: &'a str) -> &'a str {
        said(&self.states, key)
    }

    /// Why.
    pub fn rule<'a>(&'a self, key: &'a str) -> &'a str {
        said(&self.rules, key)
    }

    /// Why something is suggested.
    pub fn reason<'a>(&'a self, key: &'a str) -> &'a str {
        said(&self.reasons, key)
    }

    /// A word of the table.
    pub fn table<'a>(&'a self, key: &'a str) -> &'a str {
        said(&self.table, key)
    }
}

fn said<'a>(words: &'a BTreeMap<String, String>, key: &'a str) -> &'a str {
    words.get(key).map_or(key, String::as_str)
}

#[cfg(test)]
mod tests {
    use payments::reconciliation::{CreditState, Reason, Rule};

    use super::*;

    #[test]
    fn every_state_rule_and_reason_has_words_in_every_language() {
        let [vi, en] = [Locale::Vi, Locale::En].map(|locale| Words::of(locale).unwrap());
        for (one, other) in [
            (&vi.states, &en.states),
            (&vi.rules, &en.rules),
            (&vi.reasons, &en.reasons),
            (&vi.table, &en.table),
        ] {
            assert!(one.keys().eq(other.keys()));
        }
        for state in CreditState::ALL {
            assert!(vi.states.contains_key(state.name()), "{state:?}");
        }
        for rule in Rule::ALL {
            assert!(vi.rules.contains_key(rule.name()), "{rule:?}");
        }
        for reason in Reason::ALL {
            assert!(vi.reasons.contains_key(reason.name()), "{reason:?}");
        }
    }
}
