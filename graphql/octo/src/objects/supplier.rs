//! The supplier: the shop whose tours a reseller sells.

use proto::accounts::Shop;
use serde::Serialize;

use super::content::Media;
use crate::asking::Language;

/// A shop.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier {
    id: String,
    name: String,
    endpoint: String,
    contact: SupplierContact,
    #[serde(flatten)]
    content: Option<SupplierContent>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SupplierContact {
    website: Option<String>,
    email: Option<String>,
    telephone: Option<String>,
    address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SupplierContent {
    short_description: Option<String>,
    media: Vec<Media>,
}

impl Supplier {
    /// A shop, with the name of its ward if that is known.
    pub fn of(shop: &Shop, ward: Option<&str>, language: Language, public_url: &str) -> Self {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let address: Vec<&str> =
            [Some(shop.address.as_str()), ward, Some("Cần Thơ"), Some("Việt Nam")]
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect();
        let about = shop.about.clone().map(kernel::LocalizedText::from).unwrap_or_default();
        Self {
            id: shop.id.clone(),
            name: shop.name.clone(),
            endpoint: format!("{public_url}/octo"),
            contact: SupplierContact {
                website: Some(format!("{public_url}/s/{}", shop.slug)),
                // Shops are reached by telephone; their owners' addresses are private.
                email: None,
                telephone: given(&shop.phone),
                address: Some(address.join(", ")),
            },
            content: language.capabilities.content.then(|| SupplierContent {
                short_description: given(about.in_locale(language.locale)),
                media: Vec::new(),
            }),
        }
    }
}
