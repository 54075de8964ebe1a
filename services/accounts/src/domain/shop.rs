//! Shops, and the ways of their status.
//!
//! ```text
//! DRAFT ──submit──▶ SUBMITTED ──approve──▶ APPROVED
//!                     │   ▲               ▲     │
//!                suspend submit        approve  suspend
//!                     ▼   │               │     ▼
//!                     └──────────────▶ SUSPENDED
//! every status but CLOSED ──close──▶ CLOSED
//! ```
//!
//! Suspended is a shop that was refused, and one that sold. Only the first may be submitted again: the
//! other is an operator's to let sell again.

use std::time::Duration;

use kernel::{LocalizedText, ShopId, Timestamp, UserId};

use super::bank_account::BankAccount;
use super::input::Problem;
use super::phone::Phone;
use super::tax_code::TaxCode;
use super::text;

/// Who sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopKind {
    /// A household business.
    Household,
    /// A company.
    Company,
    /// A cooperative.
    Cooperative,
    /// A company that runs tours.
    TourOperator,
}

impl ShopKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::Household, Self::Company, Self::Cooperative, Self::TourOperator];

    /// The word in storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Household => "HOUSEHOLD",
            Self::Company => "COMPANY",
            Self::Cooperative => "COOPERATIVE",
            Self::TourOperator => "TOUR_OPERATOR",
        }
    }
}

/// Where a shop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopStatus {
    /// Its owner is still filling it.
    Draft,
    /// It waits for an operator.
    Submitted,
    /// It sells.
    Approved,
    /// An operator stopped it, and said why.
    Suspended,
    /// Its owner ended it, for good.
    Closed,
}

impl ShopStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Submitted, Self::Approved, Self::Suspended, Self::Closed];

    /// The word in storage and in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Approved => "APPROVED",
            Self::Suspended => "SUSPENDED",
            Self::Closed => "CLOSED",
        }
    }
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Its name in addresses of pages; never changes.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Who sells.
    pub kind: ShopKind,
    /// Where it stands.
    pub status: ShopStatus,
    /// Tax code; household businesses may have none yet. Private.
    pub tax_code: Option<TaxCode>,
    /// Code of the ward it is in.
    pub ward_code: String,
    /// Street and house.
    pub address: String,
    /// Where customers call.
    pub phone: Phone,
    /// Where it is paid to, unless `next_account` counts already. Private.
    pub bank_account: BankAccount,
    /// The account that was named last, if it is another one. Private.
    pub next_account: Option<NextAccount>,
    /// What it says of itself.
    pub about: LocalizedText,
    /// Why it was suspended, or closed; empty else.
    pub status_reason: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was approved last.
    pub approved_at: Option<Timestamp>,
    /// Who opened it.
    pub owner_id: UserId,
}

/// An account that is paid to from some moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextAccount {
    /// The account.
    pub account: BankAccount,
    /// From when on it is paid to.
    pub counts_from: Timestamp,
}

/// A change of a shop's status that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopRefused {
    /// The shop is not where this can be done.
    #[error("the shop is {}", now.word())]
    StatusConflict {
        /// Where it stands.
        now: ShopStatus,
    },
    /// The reason is missing or no good.
    #[error("the reason {0}")]
    Reason(Problem),
    /// What an operator looks at, or has looked at, stays.
    #[error("{field} stays while the shop is {}", now.word())]
    Fixed {
        /// The API's name of the field.
        field: &'static str,
        /// Where it stands.
        now: ShopStatus,
    },
}

/// The most characters of a reason.
const REASON_MAXIMUM: usize = 500;

impl Shop {
    /// The owner asks for approval, for the first time or after what an operator said was mended.
    pub fn submit(&self) -> Result<Self, ShopRefused> {
        if !self.was_refused() {
            self.only_from(&[ShopStatus::Draft])?;
        }
        let status_reason = String::new();
        Ok(Self { status: ShopStatus::Submitted, status_reason, ..self.clone() })
    }

    /// Whether an operator did not let it start.
    fn was_refused(&self) -> bool {
        self.status == ShopStatus::Suspended && self.approved_at.is_none()
    }

    /// An operator lets it sell, for the first time or again. One that was refused may have been changed since:
    /// it is submitted again first.
    pub fn approve(&self, now: Timestamp) -> Result<Self, ShopRefused> {
        if self.was_refused() {
            self.only_from(&[ShopStatus::Submitted])?;
        }
        self.only_from(&[ShopStatus::Submitted, ShopStatus::Suspended])?;
        Ok(Self {
            status: ShopStatus::Approved,
            status_reason: String::new(),
            approved_at: Some(now),
            ..self.clone()
        })
    }

    /// An operator stops it, or does not let it start, and says why.
    pub fn suspend(&self, reason: &str) -> Result<Self, ShopRefused> {
        self.only_from(&[ShopStatus::Submitted, ShopStatus::Approved])?;
        let status_reason = text::line(reason, REASON_MAXIMUM).map_err(ShopRefused::Reason)?;
        Ok(Self { status: ShopStatus::Suspended, status_reason, ..self.clone() })
    }

    /// The owner ends it. A reason may be given.
    pub fn close(&self, reason: &str) -> Result<Self, ShopRefused> {
        use ShopStatus::{Approved, Draft, Submitted, Suspended};
        self.only_from(&[Draft, Submitted, Approved, Suspended])?;
        let status_reason = match text::line(reason, REASON_MAXIMUM) {
            Ok(reason) => reason,
            Err(Problem::Required) => String::new(),
            Err(problem) => return Err(ShopRefused::Reason(problem)),
        };
        Ok(Self { status: ShopStatus::Closed, status_reason, ..self.clone() })
    }

    /// The owner corrects what is said of it.
    ///
    /// Who sells by law is what operators look at, and what tax is withheld by: it stays as it was
    /// submitted until they refuse it. A tax code may come later, as household businesses get theirs.
    pub fn corrected(&self, to: Self) -> Result<Self, ShopRefused> {
        use ShopStatus::{Approved, Draft, Submitted, Suspended};
        self.only_from(&[Draft, Submitted, Approved, Suspended])?;
        if self.status != Draft && !self.was_refused() {
            let now = self.status;
            if to.kind != self.kind {
                return Err(ShopRefused::Fixed { field: "kind", now });
            }
            if self.tax_code.is_some() && to.tax_code != self.tax_code {
                return Err(ShopRefused::Fixed { field: "taxCode", now });
            }
        }
        Ok(to)
    }

    /// Whether it takes people on: a shop that sells does. A letter that invites tells its name to a stranger, so
    /// an operator has looked at it.
    pub fn takes_people(&self) -> Result<(), ShopRefused> {
        self.only_from(&[ShopStatus::Approved])
    }

    /// What a letter calls it to somebody who may not know it: its name, unless that holds an address from before
    /// such names were refused. The letter would be theirs, not ours.
    pub fn called_to_strangers(&self) -> &str {
        if text::holds_address(&self.name) { &self.slug } else { &self.name }
    }

    /// The account that it is paid to.
    pub fn payout_account(&self, now: Timestamp) -> &BankAccount {
        match &self.next_account {
            Some(next) if next.counts_from <= now => &next.account,
            _ => &self.bank_account,
        }
    }

    /// The account that it is paid to later, if it is another one.
    pub fn awaited_account(&self, now: Timestamp) -> Option<&NextAccount> {
        self.next_account.as_ref().filter(|next| next.counts_from > now)
    }

    /// The owner names the account that it is paid to after a pause, in which somebody who was robbed may
    /// take it back: whoever names the account that counts leaves everything as it is. A closed shop is
    /// still paid what it is owed.
    #[must_use]
    pub fn paid_to(&self, account: BankAccount, now: Timestamp, pause: Duration) -> Self {
        if self.awaited_account(now).is_some_and(|next| next.account == account) {
            return self.clone();
        }
        let bank_account = self.payout_account(now).clone();
        let next_account = (account != bank_account)
            .then(|| NextAccount { account, counts_from: now.after(pause) });
        Self { bank_account, next_account, ..self.clone() }
    }

    fn only_from(&self, statuses: &[ShopStatus]) -> Result<(), ShopRefused> {
        if statuses.contains(&self.status) {
            Ok(())
        } else {
            Err(ShopRefused::StatusConflict { now: self.status })
        }
    }
}

#[cfg(test)]
mod tests {
    use ShopStatus::{Approved, Closed, Draft, Submitted, Suspended};

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000);

    fn shop(status: ShopStatus) -> Shop {
        Shop {
            id: "shop_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            slug: "bong-sen".into(),
            name: "Bông Sen".into(),
            kind: ShopKind::Household,
            status,
            tax_code: None,
            ward_code: "31186".into(),
            address: "1 Bến Chợ".into(),
            phone: Phone::read("0912345678").unwrap(),
            bank_account: BankAccount {
                bin: "970436".into(),
                number: "123456".into(),
                holder: "A".into(),
            },
            next_account: None,
            about: LocalizedText::default(),
            status_reason: if status == Suspended {
                "Thiếu giấy phép".into()
            } else {
                String::new()
            },
            created_at: Timestamp::from_micros(1),
            approved_at: matches!(status, Approved | Suspended)
                .then_some(Timestamp::from_micros(2)),
            owner_id: "user_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
        }
    }

    /// Where each step leads from every status, in the order of `ShopStatus::ALL`.
    fn check(step: impl Fn(&Shop) -> Result<Shop, ShopRefused>, leads_to: [Option<ShopStatus>; 5]) {
        for (from, to) in ShopStatus::ALL.into_iter().zip(leads_to) {
            let expected = to.ok_or(ShopRefused::StatusConflict { now: from });
            assert_eq!(step(&shop(from)).map(|shop| shop.status), expected, "from {from:?}");
        }
    }

    #[test]
    fn strangers_are_told_no_address_in_place_of_a_name() {
        assert_eq!(shop(Approved).called_to_strangers(), "Bông Sen");
        let older = Shop { name: "Quà ở evil.vn".into(), ..shop(Approved) };
        assert_eq!(older.called_to_strangers(), "bong-sen");
    }

    #[test]
    fn only_a_draft_is_submitted_and_a_shop_that_was_refused() {
        check(Shop::submit, [Some(Submitted), None, None, None, None]);
        let refused = Shop { approved_at: None, ..shop(Suspended) };
        let again = refused.submit().unwrap();
        assert_eq!((again.status, again.status_reason.as_str()), (Submitted, ""));
    }

    #[test]
    fn a_submitted_or_suspended_shop_is_approved() {
        check(|shop| shop.approve(NOW), [None, Some(Approved), None, Some(Approved), None]);
        let refused = Shop { approved_at: None, ..shop(Suspended) };
        assert!(refused.approve(NOW).is_err());
        assert!(refused.submit().unwrap().approve(NOW).is_ok());
        let again = shop(Suspended).approve(NOW).unwrap();
        assert_eq!((again.status_reason.as_str(), again.approved_at), ("", Some(NOW)));
    }

    #[test]
    fn a_submitted_or_approved_shop_is_suspended_with_a_reason() {
        check(
            |shop| shop.suspend("Hàng giả"),
            [None, Some(Suspended), Some(Suspended), None, None],
        );
        assert_eq!(shop(Approved).suspend(" Hàng  giả ").unwrap().status_reason, "Hàng giả");
        assert_eq!(shop(Approved).suspend(" "), Err(ShopRefused::Reason(Problem::Required)));
        let long = "a".repeat(501);
        assert_eq!(
            shop(Approved).suspend(&long),
            Err(ShopRefused::Reason(Problem::TooLong { maximum: 500 }))
        );
    }

    #[test]
    fn every_shop_is_closed_once_and_nothing_follows() {
        check(
            |shop| shop.close(""),
            [Some(Closed), Some(Closed), Some(Closed), Some(Closed), None],
        );
        assert_eq!(shop(Approved).close("Nghỉ bán").unwrap().status_reason, "Nghỉ bán");
    }

    #[test]
    fn who_sells_by_law_is_corrected_until_it_is_submitted_and_after_it_was_refused() {
        let renamed =
            |shop: &Shop| shop.corrected(Shop { name: "Sen Hồng".into(), ..shop.clone() });
        check(renamed, [Some(Draft), Some(Submitted), Some(Approved), Some(Suspended), None]);
        let company = |shop: &Shop| Shop { kind: ShopKind::Company, ..shop.clone() };
        let coded = |shop: &Shop, code: &str| Shop {
            tax_code: Some(TaxCode::read(code).unwrap()),
            ..shop.clone()
        };
        let refused = Shop { approved_at: None, ..shop(Suspended) };
        for open in [&shop(Draft), &refused] {
            assert_eq!(open.corrected(company(open)), Ok(company(open)));
        }
        for now in [Submitted, Approved, Suspended] {
            let kept = shop(now);
            let fixed = |field| Err::<Shop, _>(ShopRefused::Fixed { field, now });
            assert_eq!(kept.corrected(company(&kept)), fixed("kind"));
            let with_code = kept.corrected(coded(&kept, "1800123456")).unwrap();
            assert_eq!(with_code.corrected(coded(&kept, "1800123457")), fixed("taxCode"));
            assert_eq!(with_code.corrected(kept), fixed("taxCode"));
        }
    }

    #[test]
    fn another_account_counts_after_a_pause_and_can_be_taken_back_until_then() {
        const PAUSE: Duration = Duration::from_secs(60);
        let first = shop(Approved);
        let other =
            |number: &str| BankAccount { number: number.into(), ..first.bank_account.clone() };
        let changed = first.paid_to(other("222222"), NOW, PAUSE);
        let counts_from = NOW.after(PAUSE);
        assert_eq!(changed.payout_account(NOW), &first.bank_account);
        assert_eq!(changed.awaited_account(NOW).unwrap().counts_from, counts_from);
        assert_eq!(changed.payout_account(counts_from), &other("222222"));
        assert_eq!(changed.awaited_account(counts_from), None);
        // The same again does not wait longer, the one that counts takes it back.
        let later = NOW.after(PAUSE / 2);
        assert_eq!(changed.paid_to(other("222222"), later, PAUSE), changed);
        assert_eq!(changed.paid_to(first.bank_account.clone(), later, PAUSE), first);
        // A third one waits while the second is paid to.
        let third = changed.paid_to(other("333333"), counts_from, PAUSE);
        assert_eq!(third.payout_account(counts_from), &other("222222"));
        assert_eq!(third.awaited_account(counts_from).unwrap().account, other("333333"));
    }

    #[test]
    fn a_step_changes_the_status_and_nothing_that_people_wrote() {
        let before = shop(Draft);
        let after = before.submit().unwrap();
        assert_eq!(Shop { status: Draft, ..after }, before);
    }
}
