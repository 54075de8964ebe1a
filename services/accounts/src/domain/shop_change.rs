//! What an owner changes of what is said of a shop. The account that it is paid to is none of it.

use kernel::LocalizedText;

use super::bank_account::BankAccountForm;
use super::shop::{Shop, ShopKind};
use super::shop_application::ShopForm;

/// What shall be changed, as it was typed; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct ShopChange {
    /// What people call the shop.
    pub name: Option<String>,
    /// Who sells.
    pub kind: Option<ShopKind>,
    /// Tax code; empty for none.
    pub tax_code: Option<String>,
    /// Code of the ward it is in.
    pub ward_code: Option<String>,
    /// Street and house.
    pub address: Option<String>,
    /// Where customers call.
    pub phone: Option<String>,
    /// What it says of itself.
    pub about: Option<LocalizedText>,
}

impl ShopChange {
    /// The form that would open the shop as it shall be: what is asked of one is asked of the other.
    pub fn form(self, shop: &Shop) -> ShopForm {
        let tax_code = shop.tax_code.as_ref().map(|code| code.as_str().to_owned());
        ShopForm {
            name: self.name.unwrap_or_else(|| shop.name.clone()),
            kind: Some(self.kind.unwrap_or(shop.kind)),
            tax_code: self.tax_code.or(tax_code).unwrap_or_default(),
            ward_code: self.ward_code.unwrap_or_else(|| shop.ward_code.clone()),
            address: self.address.unwrap_or_else(|| shop.address.clone()),
            phone: self.phone.unwrap_or_else(|| shop.phone.to_string()),
            bank_account: Some(BankAccountForm {
                bin: shop.bank_account.bin.clone(),
                number: shop.bank_account.number.clone(),
                holder: shop.bank_account.holder.clone(),
            }),
            about: self.about.unwrap_or_else(|| shop.about.clone()),
        }
    }

    /// The API's names of the fields in which a shop differs from what it was.
    pub fn fields_between(before: &Shop, after: &Shop) -> Vec<&'static str> {
        let differs = [
            ("name", before.name != after.name),
            ("kind", before.kind != after.kind),
            ("taxCode", before.tax_code != after.tax_code),
            ("wardCode", before.ward_code != after.ward_code),
            ("address", before.address != after.address),
            ("phone", before.phone != after.phone),
            ("about", before.about != after.about),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
    }
}
