//! What somebody gives to open a shop.

use kernel::{LocalizedText, ShopId, Timestamp, UserId};

use super::bank_account::{BankAccount, BankAccountForm};
use super::input::{Checks, InputRefused, Problem};
use super::phone::Phone;
use super::shop::{Shop, ShopKind, ShopStatus};
use super::tax_code::TaxCode;
use super::{text, wards};

/// How many shops one person may have opened, closed ones included: a bound on what is read with
/// each request of theirs.
pub const SHOPS_PER_OWNER: u64 = 50;
/// The most characters of a shop's name.
const NAME_MAXIMUM: usize = 100;
/// The most characters of an address.
const ADDRESS_MAXIMUM: usize = 200;
/// The most characters of what a shop says of itself, in one language.
const ABOUT_MAXIMUM: usize = 2_000;

/// The form as it was filled in.
#[derive(Clone, Debug, Default)]
pub struct ShopForm {
    /// What people call the shop.
    pub name: String,
    /// Who sells; `None` where nothing was chosen.
    pub kind: Option<ShopKind>,
    /// Tax code; may be empty for household businesses.
    pub tax_code: String,
    /// Code of the ward it is in.
    pub ward_code: String,
    /// Street and house.
    pub address: String,
    /// Where customers call.
    pub phone: String,
    /// Where it is paid to.
    pub bank_account: Option<BankAccountForm>,
    /// What it says of itself; may be empty.
    pub about: LocalizedText,
}

/// An application that keeps all rules that can be known without asking the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopApplication {
    name: String,
    kind: ShopKind,
    tax_code: Option<TaxCode>,
    ward_code: String,
    address: String,
    phone: Phone,
    bank_account: BankAccount,
    about: LocalizedText,
}

impl ShopApplication {
    /// Reads the form; tells everything that is wrong with it at once.
    pub fn read(form: &ShopForm) -> Result<Self, Vec<InputRefused>> {
        Self::read_beside(form, None)
    }

    /// The same of a shop that is there: the name that it has may stay, whatever is asked of names by now.
    pub fn read_again(form: &ShopForm, shop: &Shop) -> Result<Self, Vec<InputRefused>> {
        Self::read_beside(form, Some(&shop.name))
    }

    fn read_beside(form: &ShopForm, present: Option<&str>) -> Result<Self, Vec<InputRefused>> {
        let mut checks = Checks::default();
        let name = checks.keep(&["name"], name(&form.name, present));
        let kind = checks.keep(&["kind"], form.kind.ok_or(Problem::Required));
        let tax_code = if form.kind == Some(ShopKind::Household) {
            checks.keep_if_given(&["taxCode"], &form.tax_code, TaxCode::read)
        } else {
            checks.keep(&["taxCode"], TaxCode::read(&form.tax_code))
        };
        let ward_code = checks.keep(&["wardCode"], ward(&form.ward_code));
        let address = checks.keep(&["address"], text::line(&form.address, ADDRESS_MAXIMUM));
        let phone = checks.keep(&["phone"], Phone::read(&form.phone));
        let bank_account = match &form.bank_account {
            Some(account) => BankAccount::read(account, &mut checks),
            None => checks.keep(&["bankAccount"], Err(Problem::Required)),
        };
        let about_vi =
            checks.keep(&["about", "vi"], text::paragraphs(&form.about.vi, ABOUT_MAXIMUM));
        let about_en =
            checks.keep(&["about", "en"], text::paragraphs(&form.about.en, ABOUT_MAXIMUM));
        let all = (|| {
            let about = LocalizedText { vi: about_vi?, en: about_en? };
            let (ward_code, address, phone) = (ward_code?, address?, phone?);
            let bank_account = bank_account?;
            Some(Self {
                name: name?,
                kind: kind?,
                tax_code,
                ward_code,
                address,
                phone,
                bank_account,
                about,
            })
        })();
        all.filter(|_| checks.passed()).ok_or_else(|| checks.into_refused())
    }

    /// The draft of a shop that this makes; its slug is still to be found.
    pub fn into_draft(self, id: ShopId, owner_id: UserId, now: Timestamp) -> Shop {
        let Self { name, kind, tax_code, ward_code, address, phone, bank_account, about } = self;
        Shop {
            id,
            slug: String::new(),
            name,
            kind,
            status: ShopStatus::Draft,
            tax_code,
            ward_code,
            address,
            phone,
            bank_account,
            next_account: None,
            about,
            status_reason: String::new(),
            created_at: now,
            approved_at: None,
            owner_id,
        }
    }

    /// A shop of which this is said from now on. Its bank account stays: that changes in a way of its own.
    pub fn onto(self, shop: &Shop) -> Shop {
        let Self { name, kind, tax_code, ward_code, address, phone, bank_account: _, about } = self;
        Shop { name, kind, tax_code, ward_code, address, phone, about, ..shop.clone() }
    }
}

/// A shop's name stands in letters to strangers: one that holds an address would make them somebody else's.
fn name(typed: &str, present: Option<&str>) -> Result<String, Problem> {
    let name = text::line(typed, NAME_MAXIMUM)?;
    if present != Some(name.as_str()) && text::holds_address(&name) {
        return Err(Problem::HoldsAddress);
    }
    Ok(name)
}

fn ward(code: &str) -> Result<String, Problem> {
    match code.trim() {
        "" => Err(Problem::Required),
        code => wards::find(code).map(|ward| ward.code.clone()).ok_or(Problem::UnknownWard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ShopForm {
        ShopForm {
            name: " Vựa trái cây  Bông Sen".into(),
            kind: Some(ShopKind::Household),
            tax_code: String::new(),
            ward_code: "31186".into(),
            address: "12/5 đường Võ Tánh".into(),
            phone: "0292 3812 345".into(),
            bank_account: Some(BankAccountForm {
                bin: "970405".into(),
                number: "0009000000000".into(),
                holder: "Trần Thị Xuân".into(),
            }),
            about: LocalizedText::new("Ghe trái cây", ""),
        }
    }

    #[test]
    fn a_household_business_needs_no_tax_code_and_everybody_else_does() {
        let household = ShopApplication::read(&form()).unwrap();
        assert_eq!(
            (household.name.as_str(), household.tax_code.as_ref()),
            ("Vựa trái cây Bông Sen", None)
        );
        for kind in [ShopKind::Company, ShopKind::Cooperative, ShopKind::TourOperator] {
            let without = ShopForm { kind: Some(kind), ..form() };
            let refused = ShopApplication::read(&without).unwrap_err();
            assert_eq!(refused, [InputRefused::new(&["taxCode"], Problem::Required)]);
            let with = ShopForm { tax_code: "1800123456".into(), ..without };
            assert!(ShopApplication::read(&with).is_ok());
        }
        let wrong = ShopForm { tax_code: "18".into(), ..form() };
        assert_eq!(
            ShopApplication::read(&wrong).unwrap_err(),
            [InputRefused::new(&["taxCode"], Problem::Invalid)]
        );
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let refused = ShopApplication::read(&ShopForm::default()).unwrap_err();
        let required: Vec<_> = refused.iter().map(|refused| refused.path.join(".")).collect();
        assert_eq!(
            required,
            ["name", "kind", "taxCode", "wardCode", "address", "phone", "bankAccount"]
        );
        assert!(refused.iter().all(|refused| refused.problem == Problem::Required));
    }

    #[test]
    fn a_ward_of_another_city_is_refused() {
        let form = ShopForm { ward_code: "00004".into(), ..form() };
        assert_eq!(
            ShopApplication::read(&form).unwrap_err(),
            [InputRefused::new(&["wardCode"], Problem::UnknownWard)]
        );
    }

    #[test]
    fn a_name_that_holds_an_address_is_no_shops_unless_it_is_its_already() {
        let named = |name: &str| ShopForm { name: name.into(), ..form() };
        let refused = [InputRefused::new(&["name"], Problem::HoldsAddress)];
        assert_eq!(ShopApplication::read(&named("Quà ở evil.vn")).unwrap_err(), refused);
        let owner = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let id = "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let draft = ShopApplication::read(&form()).unwrap();
        let draft = draft.into_draft(id, owner, Timestamp::from_micros(7));
        let older = Shop { name: "Sen.Hồng".into(), ..draft };
        assert!(ShopApplication::read_again(&named("Sen.Hồng"), &older).is_ok());
        let other = ShopApplication::read_again(&named("Sen.Xanh"), &older);
        assert_eq!(other.unwrap_err(), refused);
    }

    #[test]
    fn a_new_shop_is_a_draft() {
        let owner = "user_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let id = "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let now = Timestamp::from_micros(7);
        let shop = ShopApplication::read(&form()).unwrap().into_draft(id, owner, now);
        assert_eq!((shop.status, shop.owner_id, shop.created_at), (ShopStatus::Draft, owner, now));
        assert_eq!((shop.approved_at, shop.bank_account.holder.as_str()), (None, "TRAN THI XUAN"));
    }
}
