//! `openShop`

use async_graphql::{Context, Error, InputObject, Object};
use proto::accounts::{BankAccount, OpenShopRequest};

use super::payload::payload;
use super::shop_decision::decided;
use crate::access::{Requires, auth};
use crate::scope::Scope;
use crate::types::{LocalizedTextInput, ManagedShop, ShopKind};

/// A bank account.
#[derive(Clone, Debug, InputObject)]
pub struct BankAccountInput {
    /// The bank's identification number, six digits.
    bin: String,
    /// The account's number.
    number: String,
    /// The name that the bank knows.
    holder: String,
}

impl From<BankAccountInput> for BankAccount {
    fn from(input: BankAccountInput) -> Self {
        Self { bin: input.bin, number: input.number, holder: input.holder }
    }
}

impl From<BankAccountInput> for proto::payments::PayeeAccount {
    fn from(input: BankAccountInput) -> Self {
        Self { bank_bin: input.bin, number: input.number, holder: input.holder }
    }
}

/// A shop to be opened.
#[derive(Clone, Debug, InputObject)]
pub struct OpenShopInput {
    /// Its name.
    name: String,
    /// What it is by law.
    kind: ShopKind,
    /// Its tax code, if it has one.
    tax_code: Option<String>,
    /// Its ward.
    ward_code: String,
    /// House number, street, hamlet.
    address: String,
    /// Its telephone number.
    phone: Option<String>,
    /// The account that receives its sales.
    bank_account: BankAccountInput,
    /// What it says of itself.
    about: Option<LocalizedTextInput>,
}

payload! {
    /// What came of opening a shop.
    OpenShopPayload {
        /// The new shop. It may sell when an operator has approved it.
        shop: ManagedShop
    }
}

#[derive(Default)]
pub struct OpenShop;

#[Object]
impl OpenShop {
    /// Opens a shop, of which who is signed in becomes the owner.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn open_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The shop.")] input: OpenShopInput,
    ) -> Result<OpenShopPayload, Error> {
        let scope = Scope::of(ctx);
        let request = OpenShopRequest {
            actor_id: scope.actor().await?.user.id.clone(),
            name: input.name,
            kind: input.kind.number(),
            tax_code: input.tax_code.unwrap_or_default(),
            ward_code: input.ward_code,
            address: input.address,
            phone: input.phone.unwrap_or_default(),
            bank_account: Some(input.bank_account.into()),
            about: input.about.map(Into::into),
        };
        let answer = scope.accounts.clone().open_shop(request).await;
        Ok(OpenShopPayload::of(decided(scope, answer)?))
    }
}
