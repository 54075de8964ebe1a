//! Who may know whom, and how files look: the house rules that a machine can check.

#![expect(clippy::expect_used, reason = "a rule that cannot be checked fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const SERVICES: [&str; 4] = ["accounts", "catalog", "orders", "payments"];
/// Words of crates and language that a pure rule never says.
const IMPURE: [&str; 10] = [
    "async fn",
    "sea_orm",
    "tonic::",
    "axum::",
    "reqwest",
    "tokio::",
    "platform::database",
    "use proto",
    "proto::",
    "std::fs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates of ours that a crate depends on, without those of its tests.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    let ours = [
        "kernel",
        "proto",
        "platform",
        "migrations",
        "graphql",
        "octo",
        "web",
        "chonoi",
        "journeys",
    ];
    let table =
        manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    table
        .keys()
        .filter(|name| ours.contains(&name.as_str()) || SERVICES.contains(&name.as_str()))
        .cloned()
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir()
            && name != "target"
            && name != "node_modules"
            && name != ".git"
            && name != ".run"
        {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// What an impure rule says, outside its comments and tests.
fn impurities(source: &str) -> Vec<&'static str> {
    let rules = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> =
        rules.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    IMPURE.into_iter().filter(|word| code.contains(word)).collect()
}

#[test]
fn a_crate_knows_only_whom_it_may_know() {
    let allowed: [(&str, &[&str]); 10] = [
        ("services/kernel", &[]),
        ("proto", &["kernel"]),
        ("infra/platform", &["kernel", "proto"]),
        ("migrations", &["platform"]),
        ("services/accounts", &["kernel", "proto", "platform"]),
        ("services/catalog", &["kernel", "proto", "platform"]),
        ("services/orders", &["kernel", "proto", "platform"]),
        ("services/payments", &["kernel", "proto", "platform"]),
        ("graphql", &["kernel", "proto", "platform"]),
        ("graphql/octo", &["kernel", "proto", "platform"]),
    ];
    let web: (&str, &[&str]) = ("web", &["kernel", "platform"]);
    for (folder, may_know) in allowed.into_iter().chain([web]) {
        let knows = dependencies(&read(&root().join(folder).join("Cargo.toml")));
        let wrong: Vec<_> =
            knows.iter().filter(|name| !may_know.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{folder} may not know {wrong:?}");
    }
    assert_eq!(dependencies("[dependencies]\ncatalog = 1\nserde = 1\n").len(), 1);
}

#[test]
fn rules_of_the_business_are_pure() {
    for service in SERVICES {
        let files = rust_files(&root().join("services").join(service).join("src/domain"));
        assert!(!files.is_empty(), "{service} has rules");
        for file in files {
            assert_eq!(impurities(&read(&file)), Vec::<&str>::new(), "{}", file.display());
        }
    }
    let impure = "// sea_orm\nasync fn a() { tokio::spawn(b); }";
    assert_eq!(impurities(impure), ["async fn", "tokio::"]);
}

#[test]
fn every_file_says_what_it_owns_and_is_of_a_size_to_read() {
    let vague = ["util", "utils", "helper", "helpers", "common", "misc", "manager"];
    let files = rust_files(&root());
    assert!(files.len() > 200, "{} files", files.len());
    for file in files {
        let source = read(&file);
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        assert!(!vague.contains(&name), "{} says nothing by its name", file.display());
        assert!(source.starts_with("//!"), "{} does not say what it owns", file.display());
        let lines = source.lines().count();
        let rules = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
        let tests = file.to_string_lossy().contains("tests");
        assert!(
            tests || rules <= 500,
            "{} has {rules} of {lines} lines before its tests",
            file.display()
        );
    }
}

#[test]
fn only_the_program_and_the_tests_know_the_services() {
    let folders = [
        "graphql/src",
        "graphql/octo/src",
        "web/src",
        "infra/platform/src",
        "proto/src",
        "migrations/src",
    ];
    for folder in folders {
        for file in rust_files(&root().join(folder)) {
            let source = read(&file);
            for service in SERVICES {
                let named = source.contains(&format!("use {service}::"));
                assert!(!named, "{} names the crate of {service}", file.display());
            }
        }
    }
}
