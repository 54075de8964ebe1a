//! The files of the seed, embedded in the program.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

const SHOPS: &str = include_str!("../../seed/shops.csv");
const PRODUCTS: &str = include_str!("../../seed/products.csv");
const CATEGORIES: &str = include_str!("../../seed/categories.csv");

/// A shop of the seed, with its owner.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedShop {
    pub key: String,
    pub name: String,
    pub kind: String,
    pub tax_code: String,
    pub ward_code: String,
    pub address: String,
    pub phone: String,
    pub owner_name: String,
    pub bank_bin: String,
    pub bank_account: String,
    pub bank_holder: String,
    pub about_vi: String,
    pub about_en: String,
}

/// A category of the seed.
#[derive(Clone, Debug, Deserialize)]
pub struct SeedCategory {
    pub slug: String,
    pub parent_slug: String,
    pub name_vi: String,
    pub name_en: String,
    pub position: u32,
}

/// The shops, in the order of the file.
pub fn shops() -> anyhow::Result<Vec<SeedShop>> {
    let mut reader = csv::Reader::from_reader(SHOPS.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().context("seed/shops.csv")
}

/// The categories, parents before children.
pub fn categories() -> anyhow::Result<Vec<SeedCategory>> {
    let mut reader = csv::Reader::from_reader(CATEGORIES.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().context("seed/categories.csv")
}

/// Each shop's product file, in our own import format.
pub fn product_files() -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut reader = csv::Reader::from_reader(PRODUCTS.as_bytes());
    let header = reader.headers()?.clone();
    let mut writers: BTreeMap<String, csv::Writer<Vec<u8>>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.context("seed/products.csv")?;
        let key = record.get(0).unwrap_or_default().to_owned();
        let writer = match writers.entry(key) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(header.iter().skip(1))?;
                entry.insert(writer)
            }
        };
        writer.write_record(record.iter().skip(1))?;
    }
    writers
        .into_iter()
        .map(|(key, writer)| Ok((key, writer.into_inner().context("seed/products.csv")?)))
        .collect()
}
