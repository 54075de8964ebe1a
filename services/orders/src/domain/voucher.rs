//! Vouchers: what a shop takes off for who knows a code. It says when one counts, what it takes off and
//! how that is spread over the shop's lines; the shop bears it.

use kernel::{
    BasisPoints, Currency, Money, MoneyError, ShopId, Timestamp, UserId, VoucherId, allocate,
    fold_ascii,
};

/// The shortest code.
pub const SHORTEST_CODE: usize = 3;
/// The longest code.
pub const LONGEST_CODE: usize = 20;
/// The most vouchers of a shop.
pub const MOST_VOUCHERS: u64 = 1_000;
/// The most uses that can be asked for.
pub const MOST_USES: i64 = 10_000_000;
/// What vouchers must leave to pay of a whole cart: there is no payment of nothing.
pub const LEAST_TO_PAY: Money = Money::vnd(1_000);

/// A code as it is compared: 3 to 20 of A–Z and 0–9.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VoucherCode(String);

impl VoucherCode {
    /// Reads what somebody typed: case, accents, spaces and hyphens make no other code.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold_ascii(text);
        let code: String = folded.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let fine = (SHORTEST_CODE..=LONGEST_CODE).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A letter that is lost in folding must not make another shop's code of it.
        let whole = text.chars().filter(|c| c.is_alphanumeric()).count() == code.len();
        (fine && whole).then(|| Self(code.to_ascii_uppercase()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a voucher takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// An amount.
    Amount(Money),
    /// A share of what is bought at the shop.
    Share {
        /// The share.
        rate: BasisPoints,
        /// No more than this.
        cap: Option<Money>,
    },
}

/// A voucher of one shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Its id.
    pub id: VoucherId,
    /// Whose it is.
    pub shop: ShopId,
    /// What is typed; a shop has it once.
    pub code: VoucherCode,
    /// What it takes off.
    pub reduction: Reduction,
    /// What must be bought at the shop, before the discount.
    pub minimum: Money,
    /// Since when it counts.
    pub valid_from: Timestamp,
    /// Until when, if it is not ended before.
    pub valid_until: Option<Timestamp>,
    /// How often it may be used in all.
    pub uses_at_most: Option<i64>,
    /// How often one buyer may use it.
    pub uses_per_buyer: Option<i64>,
    /// How many checkouts that are open or paid use it.
    pub uses: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: UserId,
    /// When its shop ended it.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<UserId>,
}

/// Who buys, as vouchers know them again: any of the three is the same buyer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buyer {
    /// If signed in.
    pub user: Option<UserId>,
    /// A keyed digest of the telephone number in its normal form.
    pub phone: Option<Vec<u8>>,
    /// A keyed digest of the e-mail address in its normal form.
    pub email: Option<Vec<u8>>,
}

impl Buyer {
    /// Whether two are one.
    pub fn is(&self, other: &Self) -> bool {
        let same = |left: &Option<Vec<u8>>, right| left.is_some() && left == right;
        (self.user.is_some() && self.user == other.user)
            || same(&self.phone, &other.phone)
            || same(&self.email, &other.email)
    }
}

/// Where a voucher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherStatus {
    /// It does not count yet.
    Upcoming,
    /// It counts.
    Valid,
    /// It was used as often as it may be.
    Exhausted,
    /// It was ended, or its time went by.
    Over,
}

/// Why a voucher does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoucherRefused {
    /// No shop of the cart has it.
    #[error("no shop of the cart has it")]
    Unknown,
    /// It does not count yet.
    #[error("it counts from {from:?}")]
    NotYet {
        /// Since when it will.
        from: Timestamp,
    },
    /// It was ended, or its time went by.
    #[error("it is over")]
    Ended,
    /// It was used as often as it may be.
    #[error("it is used up")]
    UsedUp,
    /// The buyer used it as often as one may.
    #[error("one buyer may use it {at_most} times")]
    UsedByBuyer {
        /// How often one may.
        at_most: i64,
    },
    /// Too little is bought at its shop.
    #[error("{missing} are missing to {minimum}")]
    BelowMinimum {
        /// What must be bought.
        minimum: Money,
        /// How much more that is.
        missing: Money,
    },
    /// Less would be left to pay than can be.
    #[error("less than {minimum} would be left to pay")]
    LeavesTooLittle {
        /// What must be left.
        minimum: Money,
    },
}

/// A refusal, with the code that it is about: a cart may have several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("voucher {}: {refused}", .code.as_str())]
pub struct CodeRefused {
    /// Which.
    pub code: VoucherCode,
    /// Why.
    pub refused: VoucherRefused,
}

impl Voucher {
    /// Where it stands.
    pub fn status(&self, now: Timestamp) -> VoucherStatus {
        match self.check(now) {
            Ok(()) => VoucherStatus::Valid,
            Err(VoucherRefused::NotYet { .. }) => VoucherStatus::Upcoming,
            Err(VoucherRefused::UsedUp) => VoucherStatus::Exhausted,
            Err(_) => VoucherStatus::Over,
        }
    }

    /// Whether it can be taken once more now, by anybody.
    pub fn check(&self, now: Timestamp) -> Result<(), VoucherRefused> {
        if self.ended_at.is_some() || self.valid_until.is_some_and(|until| now >= until) {
            return Err(VoucherRefused::Ended);
        }
        if now < self.valid_from {
            return Err(VoucherRefused::NotYet { from: self.valid_from });
        }
        if self.uses_at_most.is_some_and(|most| self.uses >= most) {
            return Err(VoucherRefused::UsedUp);
        }
        Ok(())
    }

    /// Whether who used it so many times may use it once more.
    pub fn check_buyer(&self, used: i64) -> Result<(), VoucherRefused> {
        match self.uses_per_buyer {
            Some(at_most) if used >= at_most => Err(VoucherRefused::UsedByBuyer { at_most }),
            _ => Ok(()),
        }
    }

    /// What it takes off what is bought at its shop: never more than that.
    fn discount_on(&self, bought: Money) -> Result<Discounted, MoneyError> {
        let missing = self.minimum.checked_sub(bought)?;
        if missing.is_positive() {
            return Ok(Err(VoucherRefused::BelowMinimum { minimum: self.minimum, missing }));
        }
        let off = match self.reduction {
            Reduction::Amount(amount) => amount,
            Reduction::Share { rate, cap } => {
                let share = bought.fee_rounded_half_up(rate)?;
                cap.filter(|cap| cap.minor < share.minor).unwrap_or(share)
            }
        };
        Ok(Ok(Money { minor: off.minor.min(bought.minor), ..bought }))
    }
}

/// What a voucher takes off, or why it does not.
pub type Discounted = Result<Money, VoucherRefused>;

/// What vouchers, one a shop, take off lines: each voucher's discount, in their order.
///
/// One whose shop has no line is unknown to the cart. Where all together would leave less to pay than
/// can be paid, none of them counts.
pub fn discounts(
    lines: &[(ShopId, Money)],
    vouchers: &[Voucher],
) -> Result<Vec<Discounted>, MoneyError> {
    let currency = lines.first().map_or(Currency::Vnd, |(_, total)| total.currency);
    let mut found = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        let of_shop = || lines.iter().filter(|(shop, _)| *shop == voucher.shop);
        if of_shop().next().is_none() {
            found.push(Err(VoucherRefused::Unknown));
            continue;
        }
        let bought = Money::checked_sum(currency, of_shop().map(|(_, total)| *total))?;
        found.push(voucher.discount_on(bought)?);
    }
    let whole = Money::checked_sum(currency, lines.iter().map(|(_, total)| *total))?;
    let off = Money::checked_sum(currency, found.iter().flatten().copied())?;
    if off.is_positive() && whole.checked_sub(off)?.minor < LEAST_TO_PAY.minor {
        for one in found.iter_mut().filter(|one| one.is_ok()) {
            *one = Err(VoucherRefused::LeavesTooLittle { minimum: LEAST_TO_PAY });
        }
    }
    Ok(found)
}

/// Spreads a shop's discount over its lines by what they cost; the parts sum to it, and no line gets
/// more than it costs. Lines that cost nothing get nothing.
pub fn spread(discount: Money, totals: &[Money]) -> Vec<Money> {
    let weights: Vec<u64> = totals.iter().map(|total| total.minor.max(0).unsigned_abs()).collect();
    // Refused only where nothing costs anything: then there is nothing to take off either.
    allocate(discount, &weights)
        .unwrap_or_else(|_| totals.iter().map(|total| Money::zero(total.currency)).collect())
}

/// What is wrong with a voucher that somebody wants to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherProblem {
    /// The code is none.
    Code,
    /// Neither an amount nor a share, or both.
    Reduction,
    /// The amount takes nothing off.
    Amount,
    /// The share is not above 0 and at most 100 %.
    Share,
    /// The most of a share is not above 0, or there is no share.
    Cap,
    /// The least that is bought is below 0.
    Minimum,
    /// It would be over before it counts, or is over now.
    ValidUntil,
    /// So many uses cannot be.
    UsesAtMost,
    /// So many uses cannot be.
    UsesPerBuyer,
}

/// A voucher as somebody asks for it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is to be typed.
    pub code: String,
    /// An amount, or else a share.
    pub amount: Option<Money>,
    /// A share in basis points; 0: none.
    pub basis_points: u32,
    /// The most that a share takes off.
    pub cap: Option<Money>,
    /// What must be bought.
    pub minimum: Money,
    /// Since when; none: from now on.
    pub valid_from: Option<Timestamp>,
    /// Until when; none: until it is ended.
    pub valid_until: Option<Timestamp>,
    /// How often in all; none: as often as wanted.
    pub uses_at_most: Option<i64>,
    /// How often by one buyer; none: as often as wanted.
    pub uses_per_buyer: Option<i64>,
}

/// Makes a voucher of what is wanted, or says all that is wrong with it.
pub fn make(
    wanted: &Wanted,
    id: VoucherId,
    shop: ShopId,
    created_by: UserId,
    now: Timestamp,
) -> Result<Voucher, Vec<VoucherProblem>> {
    let mut problems = Vec::new();
    let mut note = |wrong: bool, problem| {
        if wrong {
            problems.push(problem);
        }
    };
    let code = VoucherCode::parse(&wanted.code);
    note(code.is_none(), VoucherProblem::Code);
    let rate = BasisPoints::new(wanted.basis_points).filter(|rate| rate.get() > 0);
    note(wanted.amount.is_some() == (wanted.basis_points > 0), VoucherProblem::Reduction);
    note(wanted.amount.is_some_and(|amount| !amount.is_positive()), VoucherProblem::Amount);
    note(wanted.basis_points > 0 && rate.is_none(), VoucherProblem::Share);
    let cap_wrong = |cap: Money| !cap.is_positive() || wanted.amount.is_some();
    note(wanted.cap.is_some_and(cap_wrong), VoucherProblem::Cap);
    note(wanted.minimum.is_negative(), VoucherProblem::Minimum);
    let valid_from = wanted.valid_from.unwrap_or(now);
    let over = |until: Timestamp| until <= valid_from || until <= now;
    note(wanted.valid_until.is_some_and(over), VoucherProblem::ValidUntil);
    let too_many = |uses: i64| !(1..=MOST_USES).contains(&uses);
    note(wanted.uses_at_most.is_some_and(too_many), VoucherProblem::UsesAtMost);
    note(wanted.uses_per_buyer.is_some_and(too_many), VoucherProblem::UsesPerBuyer);
    let reduction = match (wanted.amount, rate) {
        (Some(amount), _) => Some(Reduction::Amount(amount)),
        (None, Some(rate)) => Some(Reduction::Share { rate, cap: wanted.cap }),
        (None, None) => None,
    };
    let (Some(code), Some(reduction), true) = (code, reduction, problems.is_empty()) else {
        return Err(problems);
    };
    Ok(Voucher {
        id,
        shop,
        code,
        reduction,
        minimum: wanted.minimum,
        valid_from,
        valid_until: wanted.valid_until,
        uses_at_most: wanted.uses_at_most,
        uses_per_buyer: wanted.uses_per_buyer,
        uses: 0,
        created_at: now,
        created_by,
        ended_at: None,
        ended_by: None,
    })
}

#[cfg(test)]
#[path = "voucher_tests.rs"]
mod tests;
