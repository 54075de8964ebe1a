//! What others wrote and we use: each with a why, of a licence that deny.toml allows, and from crates.io.
//! cargo-deny reads the same deny.toml; this needs neither it nor a network.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &Path) -> Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The packages of Cargo.lock: ours have no source.
fn locked() -> Vec<Table> {
    let lock = read(&root().join("Cargo.lock"));
    let packages = lock["package"].as_array().unwrap();
    packages.iter().map(|package| package.as_table().unwrap().clone()).collect()
}

/// Whether an SPDX expression is fulfilled by licences of a list. A slash is what crates wrote before SPDX.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (fulfilled, rest) = any_of(&words, allowed);
    assert!(rest.is_empty(), "{expression} is not understood from {rest:?} on");
    fulfilled
}

fn any_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut fulfilled, mut rest) = all_of(words, allowed);
    while let ["OR", behind @ ..] = rest {
        let (next, left) = all_of(behind, allowed);
        (fulfilled, rest) = (fulfilled || next, left);
    }
    (fulfilled, rest)
}

fn all_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut fulfilled, mut rest) = one(words, allowed);
    while let ["AND", behind @ ..] = rest {
        let (next, left) = one(behind, allowed);
        (fulfilled, rest) = (fulfilled && next, left);
    }
    (fulfilled, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inside @ ..] => match any_of(inside, allowed) {
            (fulfilled, [")", rest @ ..]) => (fulfilled, rest),
            (_, rest) => panic!("a bracket is open before {rest:?}"),
        },
        [licence, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{licence} WITH {exception}")), rest)
        }
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => panic!("a licence is missing"),
    }
}

#[test]
fn every_dependency_has_a_line_of_why_and_every_line_a_dependency() {
    let document = std::fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let (crates, _) = document.split_once("## Vendored").unwrap();
    let named: BTreeSet<&str> = crates
        .lines()
        .filter_map(|line| line.strip_prefix("- ")?.split_once(": "))
        .flat_map(|(names, why)| {
            assert!(!why.trim().is_empty(), "{names} has no why");
            names.split('`').skip(1).step_by(2)
        })
        .collect();
    let workspace = read(&root().join("Cargo.toml"));
    let used = workspace["workspace"]["dependencies"].as_table().unwrap();
    let used: BTreeSet<&str> = used
        .iter()
        .filter(|(_, how)| how.get("path").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(named, used);
}

#[test]
fn every_crate_of_ours_takes_its_dependencies_from_the_workspace() {
    let workspace = read(&root().join("Cargo.toml"));
    let members = texts(&workspace["workspace"]["members"]);
    assert!(members.len() > 10);
    for member in members {
        let manifest = read(&root().join(&member).join("Cargo.toml"));
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(section) = manifest.get(section).and_then(Value::as_table) else { continue };
            for (name, how) in section {
                let shared = how.get("workspace").is_some() || how.get("path").is_some();
                assert!(shared, "{member} names a version of {name} of its own");
            }
        }
    }
}

#[test]
fn everything_comes_from_crates_io_and_nothing_is_banned() {
    let banned = texts(&read(&root().join("deny.toml"))["bans"]["deny"]);
    let mut others = 0;
    for package in locked() {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(name), "{name} is banned by deny.toml");
        if let Some(source) = package.get("source") {
            let source = source.as_str().unwrap();
            let ours = "registry+https://github.com/rust-lang/crates.io-index";
            assert_eq!(source, ours, "{name}");
            assert!(package.get("checksum").is_some(), "{name} has no checksum");
            others += 1;
        }
    }
    assert!(others > 300, "{others} packages: this test reads Cargo.lock wrongly");
}

#[test]
fn every_licence_is_allowed() {
    let allowed = texts(&read(&root().join("deny.toml"))["licenses"]["allow"]);
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo"),
        PathBuf::from,
    );
    let sources: Vec<PathBuf> = std::fs::read_dir(home.join("registry/src"))
        .unwrap()
        .map(|index| index.unwrap().path())
        .collect();
    let mut read_of = 0;
    for package in locked().iter().filter(|package| package.contains_key("source")) {
        let (name, version) = (package["name"].as_str(), package["version"].as_str());
        let name = format!("{}-{}", name.unwrap(), version.unwrap());
        let mut manifests = sources.iter().map(|source| source.join(&name).join("Cargo.toml"));
        // What is for other systems only was never fetched, and is no part of the program.
        let Some(manifest) = manifests.find(|path| path.exists()) else { continue };
        let manifest = read(&manifest);
        let licence = manifest["package"].get("license").and_then(Value::as_str);
        let licence = licence.unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(is_allowed(licence, &allowed), "{name} is of {licence}");
        read_of += 1;
    }
    assert!(read_of > 300, "{read_of} licences: cargo keeps its sources elsewhere");
}

#[test]
fn licences_are_read_as_spdx_says() {
    let allowed: BTreeSet<String> =
        ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for fine in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "MIT AND ISC",
        "(GPL-3.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "GPL-3.0 AND Zlib OR MIT",
    ] {
        assert!(is_allowed(fine, &allowed), "{fine}");
    }
    for wrong in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "Apache-2.0",
        "(MIT OR ISC) AND GPL-3.0",
        "MIT AND GPL-3.0 OR Zlib",
    ] {
        assert!(!is_allowed(wrong, &allowed), "{wrong}");
    }
}
