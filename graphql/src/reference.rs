//! What hardly ever changes and is asked for all the time: wards, banks, categories. Kept for a
//! while; an empty list is not kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Locale, LocalizedText};
use platform::rpc::{AccountsClient, CatalogClient};
use proto::accounts::{Bank, Ward};
use proto::catalog::Category;
use proto::common::Empty;
use tokio::sync::RwLock;
use tonic::Status;

/// Wards and banks change with a new version of the market.
const LONG: Duration = Duration::from_mins(10);
/// Categories are put in by people.
const SHORT: Duration = Duration::from_secs(5);

/// Lists that are kept.
#[derive(Default)]
pub struct Reference {
    wards: Kept<Wards>,
    banks: Kept<Banks>,
    categories: Kept<Categories>,
}

type Kept<T> = RwLock<Option<(Instant, Arc<T>)>>;

/// The wards of Cần Thơ.
pub struct Wards {
    /// In the order of accounts.
    pub all: Vec<Ward>,
    by_code: HashMap<String, usize>,
}

impl Wards {
    /// The ward with a code.
    pub fn get(&self, code: &str) -> Option<&Ward> {
        self.by_code.get(code).map(|index| &self.all[*index])
    }
}

/// The banks that can be paid to.
pub struct Banks {
    /// In the order of accounts.
    pub all: Vec<Bank>,
}

/// The categories, as a tree.
pub struct Categories {
    /// In the order of catalog.
    pub all: Vec<Category>,
    by_slug: HashMap<String, usize>,
}

impl Categories {
    /// The category with a slug.
    pub fn get(&self, slug: &str) -> Option<&Category> {
        self.by_slug.get(slug).map(|index| &self.all[*index])
    }

    /// What is right below a category; at the top for an empty slug.
    pub fn below<'a>(&'a self, slug: &'a str) -> impl Iterator<Item = &'a Category> {
        self.all.iter().filter(move |category| category.parent_slug == slug)
    }

    /// Its name in a language.
    pub fn name(category: &Category, locale: Locale) -> String {
        let name: LocalizedText = category.name.clone().unwrap_or_default().into();
        name.in_locale(locale).to_owned()
    }
}

impl Reference {
    /// The wards.
    pub async fn wards(&self, accounts: &AccountsClient) -> Result<Arc<Wards>, Status> {
        let mut accounts = accounts.clone();
        kept(&self.wards, LONG, || async move {
            let all = accounts.list_wards(Empty {}).await?.into_inner().wards;
            let by_code =
                all.iter().enumerate().map(|(index, ward)| (ward.code.clone(), index)).collect();
            Ok((!all.is_empty(), Wards { all, by_code }))
        })
        .await
    }

    /// The banks.
    pub async fn banks(&self, accounts: &AccountsClient) -> Result<Arc<Banks>, Status> {
        let mut accounts = accounts.clone();
        kept(&self.banks, LONG, || async move {
            let all = accounts.list_banks(Empty {}).await?.into_inner().banks;
            Ok((!all.is_empty(), Banks { all }))
        })
        .await
    }

    /// The categories.
    pub async fn categories(&self, catalog: &CatalogClient) -> Result<Arc<Categories>, Status> {
        let mut catalog = catalog.clone();
        kept(&self.categories, SHORT, || async move {
            let mut all = catalog.list_categories(Empty {}).await?.into_inner().categories;
            all.sort_by_key(|category| category.position);
            let by_slug = all
                .iter()
                .enumerate()
                .map(|(index, category)| (category.slug.clone(), index))
                .collect();
            Ok((!all.is_empty(), Categories { all, by_slug }))
        })
        .await
    }
}

/// What is kept while it is young, else what is read anew.
async fn kept<T, Read, Reading>(
    slot: &Kept<T>,
    for_how_long: Duration,
    read: Read,
) -> Result<Arc<T>, Status>
where
    Read: FnOnce() -> Reading,
    Reading: Future<Output = Result<(bool, T), Status>>,
{
    if let Some((since, value)) = &*slot.read().await
        && since.elapsed() < for_how_long
    {
        return Ok(Arc::clone(value));
    }
    let (worth_keeping, value) = read().await?;
    let value = Arc::new(value);
    if worth_keeping {
        *slot.write().await = Some((Instant::now(), Arc::clone(&value)));
    }
    Ok(value)
}
