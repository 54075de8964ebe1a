//! Every path, make target, command and setting that README and docs name exists.

#![expect(clippy::unwrap_used, reason = "a document that cannot be read fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chonoi::arguments::Arguments;
use clap::CommandFactory;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// README and docs, by name.
fn documents() -> Vec<(String, String)> {
    let mut paths = vec![root().join("README.md")];
    paths.extend(fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut documents: Vec<(String, String)> = paths
        .iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect();
    documents.sort();
    documents
}

/// What stands between backticks or in a fenced block, by lines.
fn code_of(document: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut fenced = false;
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            code.push(line.split(" #").next().unwrap_or_default().trim().to_owned());
        } else {
            code.extend(line.split('`').skip(1).step_by(2).map(ToOwned::to_owned));
        }
    }
    code
}

fn words(code: &str) -> Vec<&str> {
    code.split_whitespace().collect()
}

#[test]
fn every_make_target_that_a_document_names_exists() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter_map(|line| line.split_once(':').map(|(target, _)| target))
        .filter(|target| target.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    let mut named = 0;
    for (document, text) in documents() {
        for code in code_of(&text) {
            let words = words(&code);
            if let ["make", target, ..] = words.as_slice()
                && !target.starts_with('$')
            {
                assert!(targets.contains(target), "{document} names `make {target}`");
                named += 1;
            }
        }
    }
    assert!(named > 5, "the documents name no targets: this test reads them wrongly");
}

#[test]
fn every_command_and_option_that_a_document_names_exists() {
    let program = Arguments::command();
    let mut named = 0;
    for (document, text) in documents() {
        for code in code_of(&text) {
            let words = words(&code);
            let Some(at) =
                words.iter().position(|word| *word == "chonoi" || word.ends_with("/chonoi"))
            else {
                continue;
            };
            let (mut command, mut inside) = (&program, false);
            for word in &words[at + 1..] {
                if let Some(option) = word.strip_prefix("--") {
                    let option = option.split('=').next().unwrap_or_default();
                    let known = ["help", "version"].contains(&option)
                        || command
                            .get_arguments()
                            .chain(program.get_arguments())
                            .any(|argument| argument.get_long() == Some(option));
                    assert!(known, "{document}: `{code}`: --{option}");
                    named += 1;
                } else if let Some(inner) = command.find_subcommand(word) {
                    (command, inside) = (inner, true);
                    named += 1;
                } else {
                    let takes_words = command.get_positionals().next().is_some()
                        || command.get_arguments().any(|argument| argument.get_long().is_some());
                    assert!(takes_words && inside, "{document}: `{code}`: {word}");
                }
            }
        }
    }
    assert!(named > 10, "the documents name no commands: this test reads them wrongly");
}

#[test]
fn every_path_that_a_document_names_exists() {
    let top: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["target", ".run", ".git"].contains(&name.as_str()))
        .collect();
    let mut named = 0;
    for (document, text) in documents() {
        for code in code_of(&text) {
            for word in words(&code) {
                let word =
                    word.trim_start_matches("./").trim_end_matches([',', '.', ';', ')', ':']);
                let Some((first, rest)) = word.split_once('/') else { continue };
                // Patterns, variables and addresses are no paths.
                if !top.contains(first) || rest.contains(['{', '*', '$', '<', '…']) {
                    continue;
                }
                assert!(root().join(word).exists(), "{document} names {word}");
                named += 1;
            }
        }
    }
    assert!(named > 10, "the documents name no paths: this test reads them wrongly");
}

#[test]
fn links_between_documents_lead_somewhere() {
    for (document, text) in documents() {
        let folder = Path::new(&document).parent().unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            if link.is_empty() || link.contains("://") {
                continue;
            }
            assert!(folder.join(link).exists(), "{document} links to {link}");
        }
    }
}
