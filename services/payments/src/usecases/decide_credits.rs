//! Decides what new credits are, by the rules of reconciliation, together with those that came
//! before and wait.

use std::collections::{BTreeMap, HashMap};

use kernel::{BankCreditId, Money, PaymentId, ShopId, Timestamp};
use platform::database::Transaction;

use super::record_credits::Incoming;
use crate::domain::payment::{Payment, PaymentStatus};
use crate::domain::payment_code::PaymentCode;
use crate::domain::reconciliation::{
    Claim, CreditState, Moment, Rule, Terms, Verdict, settle_as_told, settles_together,
};
use crate::store;
use crate::store::bank_credit::BankCredit;

/// A credit that is told for the first time; or again, and only now it is told what it is for.
pub struct NewCredit {
    /// Its id.
    pub id: BankCreditId,
    /// Whether it was told of before: it is in suspense, and named nothing.
    pub known: bool,
    /// The code of the payment to whose own sub-account it came.
    pub own: Option<PaymentCode>,
    /// Whether it came to an account on which payments ask for money.
    pub asked_account: bool,
    /// Whose own account it came to, where it is a shop's.
    pub shop: Option<ShopId>,
    /// What was told.
    pub told: Incoming,
}

/// The payments that may be meant, locked.
pub struct Candidates {
    by_id: HashMap<PaymentId, Payment>,
    by_code: HashMap<PaymentCode, PaymentId>,
}

impl Candidates {
    /// The payments whose codes the memos hold.
    pub async fn of(tx: &Transaction, credits: &[NewCredit]) -> anyhow::Result<Self> {
        let codes: Vec<PaymentCode> = credits
            .iter()
            .filter(|credit| credit.asked_account)
            .flat_map(|credit| credit.told.codes.iter().copied().chain(credit.own))
            .collect();
        let found = store::payment::lock_by_codes(tx, &codes).await?;
        let by_code = found.iter().map(|payment| (payment.code, payment.id)).collect();
        let by_id = found.into_iter().map(|payment| (payment.id, payment)).collect();
        Ok(Self { by_id, by_code })
    }

    /// One of them.
    pub fn get(&self, id: PaymentId) -> Option<&Payment> {
        self.by_id.get(&id)
    }
}

/// What was decided on a credit.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// What it is, and why.
    pub verdict: Verdict,
    /// The payment that it pays or means, if it is one.
    pub payment: Option<PaymentId>,
}

/// Payments that are paid now, and by what.
pub struct Capture {
    /// The payments: several if one credit is exactly their sum.
    pub payments: Vec<PaymentId>,
    /// The credits: several if they are parts that sum to one payment.
    pub credits: Vec<BankCreditId>,
    /// The account that they came to.
    pub account_number: String,
    /// Whose own account it is, where it is a shop's.
    pub shop: Option<ShopId>,
    /// What came by them.
    pub came: Money,
}

/// What was decided on a batch.
pub struct Decisions {
    /// On each new credit, in their order.
    pub of_new: Vec<Decision>,
    /// On credits of before that are something else now.
    pub of_earlier: Vec<(BankCreditId, Verdict)>,
    /// What is paid.
    pub captures: Vec<Capture>,
}

/// Decides on new credits. Payments that they pay have succeeded in `candidates` afterwards.
/// `tolerance`: by how much a transfer may differ from what is asked for.
pub async fn decide(
    tx: &Transaction,
    credits: &[NewCredit],
    candidates: &mut Candidates,
    tolerance: Money,
) -> anyhow::Result<Decisions> {
    let nothing = Verdict { state: CreditState::Orphan, rule: Rule::NoCode };
    let mut deciding = Deciding {
        credits,
        candidates,
        tolerance,
        decisions: Decisions {
            of_new: vec![Decision { verdict: nothing, payment: None }; credits.len()],
            of_earlier: Vec::new(),
            captures: Vec::new(),
        },
    };
    let claims = deciding.read_names();
    let earlier = deciding.earlier_parts(tx, &claims.single).await?;
    deciding.settle_splits(&claims, &earlier)?;
    for (payment, namings) in &claims.single {
        deciding.settle_payment(*payment, namings, &earlier)?;
    }
    Ok(deciding.decisions)
}

/// A new credit that names one payment: its place, and the rule if its amount is exact.
#[derive(Clone, Copy)]
struct Naming {
    place: usize,
    exactly: Rule,
}

/// Who names what: places of new credits.
#[derive(Default)]
struct Claims {
    single: BTreeMap<PaymentId, Vec<Naming>>,
    several: Vec<(usize, Vec<PaymentId>)>,
}

/// Credits of before that wait, by the payment that they name.
type Earlier = HashMap<PaymentId, Vec<BankCredit>>;

struct Deciding<'a> {
    credits: &'a [NewCredit],
    candidates: &'a mut Candidates,
    tolerance: Money,
    decisions: Decisions,
}

impl Deciding<'_> {
    fn read_names(&mut self) -> Claims {
        let mut claims = Claims::default();
        for (place, credit) in self.credits.iter().enumerate() {
            if !credit.asked_account {
                self.decisions.of_new[place].verdict.rule = Rule::OtherAccount;
                continue;
            }
            let known =
                credit.told.codes.iter().filter_map(|code| self.candidates.by_code.get(code));
            let mut named: Vec<PaymentId> = known.copied().collect();
            let count = named.len();
            // The code says which payment, and the payment on which account it asked for money.
            named.retain(|id| self.candidates.get(*id).is_some_and(|one| asked_on(one, credit)));
            let own = credit.own.and_then(|code| self.candidates.by_code.get(&code)).copied();
            let own = own.filter(|id| self.own_goes_before(*id, &named, credit));
            match (own, named.as_slice()) {
                (Some(own), in_memo) => {
                    let by_code = in_memo.contains(&own);
                    let exactly = if by_code {
                        Rule::CodeAndExactAmount
                    } else {
                        Rule::SubAccountAndExactAmount
                    };
                    claims.single.entry(own).or_default().push(Naming { place, exactly });
                }
                (None, []) if count > 0 => {
                    self.decisions.of_new[place].verdict.rule = Rule::OtherAccount;
                }
                (None, []) => {}
                (None, [only]) => {
                    let naming = Naming { place, exactly: Rule::CodeAndExactAmount };
                    claims.single.entry(*only).or_default().push(naming);
                }
                (None, _) => claims.several.push((place, named)),
            }
        }
        claims
    }

    /// Whether the payment to whose own sub-account a credit came is meant, rather than what its memo names:
    /// always, but for one other whose amount it is exactly or that is still open when this one is closed (banks'
    /// apps keep whom one paid before), and for several unless it is exactly its own.
    fn own_goes_before(&self, own: PaymentId, in_memo: &[PaymentId], credit: &NewCredit) -> bool {
        let of = |id: PaymentId| self.candidates.get(id);
        let exact = |id: PaymentId| of(id).is_some_and(|one| one.amount == credit.told.amount);
        let open = |id: PaymentId| of(id).is_some_and(|one| one.status == PaymentStatus::Pending);
        of(own).is_some_and(|payment| asked_on(payment, credit))
            && match in_memo {
                [] => true,
                [only] => *only == own || (!exact(*only) && (open(own) || !open(*only))),
                _ => exact(own),
            }
    }

    fn settle_splits(&mut self, claims: &Claims, earlier: &Earlier) -> anyhow::Result<()> {
        let mut several: Vec<&(usize, Vec<PaymentId>)> = claims.several.iter().collect();
        several.sort_by_key(|(place, _)| moment_of(&self.credits[*place]));
        for (place, named) in several {
            let credit = &self.credits[*place];
            let payments: Vec<&Payment> =
                named.iter().filter_map(|id| self.candidates.get(*id)).collect();
            let at = moment_of(credit);
            let pending = payments.iter().all(|one| {
                one.status == PaymentStatus::Pending && !self.paid_before(one, at, claims, earlier)
            });
            let tolerance = self.tolerance;
            let terms: Vec<Terms> = payments.iter().map(|one| terms_of(one, tolerance)).collect();
            let exact = settles_together(at, credit.told.amount, &terms);
            if !pending || !exact {
                self.decisions.of_new[*place].verdict.rule = Rule::SeveralCodes;
                continue;
            }
            for id in named {
                self.succeed(*id, credit.told.received_at)?;
            }
            self.decisions.of_new[*place].verdict =
                Verdict { state: CreditState::Matched, rule: Rule::SumOfSeveral };
            self.decisions.captures.push(Capture {
                payments: named.clone(),
                credits: vec![credit.id],
                account_number: credit.told.account_number.clone(),
                shop: credit.shop,
                came: credit.told.amount,
            });
        }
        Ok(())
    }

    /// Whether credits that name a payment alone, and were told of before a moment, pay it.
    fn paid_before(
        &self,
        payment: &Payment,
        at: Moment,
        claims: &Claims,
        earlier: &Earlier,
    ) -> bool {
        let namings = claims.single.get(&payment.id).map_or(&[][..], Vec::as_slice);
        let before = |one: &&Naming| moment_of(&self.credits[one.place]) < at;
        let before: Vec<Naming> = namings.iter().filter(before).copied().collect();
        if before.is_empty() {
            return false;
        }
        let claims = self.claims_on(payment, &before, earlier);
        let verdicts = settle_as_told(&terms_of(payment, self.tolerance), &claims);
        verdicts.iter().any(|verdict| verdict.state.is_matched())
    }

    /// What new credits, and then those of before that wait, are to the payment that they name.
    fn claims_on(&self, payment: &Payment, namings: &[Naming], earlier: &Earlier) -> Vec<Claim> {
        let of_new = namings.iter().map(|naming| {
            let credit = &self.credits[naming.place];
            let (moment, amount) = (moment_of(credit), credit.told.amount);
            Claim { moment, amount, exactly: naming.exactly }
        });
        let earlier = earlier.get(&payment.id).into_iter().flatten();
        of_new.chain(earlier.map(|credit| claim_of_earlier(credit, payment))).collect()
    }

    /// Credits of before that may be parts: only looked for where a new one is not exact.
    async fn earlier_parts(
        &self,
        tx: &Transaction,
        single: &BTreeMap<PaymentId, Vec<Naming>>,
    ) -> anyhow::Result<Earlier> {
        let inexact: Vec<PaymentId> = single
            .iter()
            .filter(|(id, namings)| {
                self.candidates.get(**id).is_some_and(|payment| {
                    payment.status == PaymentStatus::Pending
                        && namings
                            .iter()
                            .any(|one| self.credits[one.place].told.amount != payment.amount)
                })
            })
            .map(|(id, _)| *id)
            .collect();
        let mut earlier = Earlier::new();
        for credit in store::bank_credit::waiting_for(tx, &inexact).await? {
            if let Some(payment) = credit.payment {
                earlier.entry(payment).or_default().push(credit);
            }
        }
        Ok(earlier)
    }

    fn settle_payment(
        &mut self,
        id: PaymentId,
        namings: &[Naming],
        earlier: &Earlier,
    ) -> anyhow::Result<()> {
        let Some(payment) = self.candidates.get(id) else { return Ok(()) };
        if let Some(verdict) = verdict_of_closed(payment.status) {
            for naming in namings {
                self.decisions.of_new[naming.place] = Decision { verdict, payment: Some(id) };
            }
            return Ok(());
        }
        let terms = terms_of(payment, self.tolerance);
        let claims = self.claims_on(payment, namings, earlier);
        let earlier = earlier.get(&id).map_or(&[][..], Vec::as_slice);
        let verdicts = settle_as_told(&terms, &claims);
        let (mut paid_by, mut account, mut last) =
            (Vec::new(), String::new(), Timestamp::default());
        let mut came = Money::zero(payment.amount.currency);
        for (Naming { place, .. }, verdict) in namings.iter().zip(&verdicts) {
            let credit = &self.credits[*place];
            self.decisions.of_new[*place] = Decision { verdict: *verdict, payment: Some(id) };
            if verdict.state.is_matched() {
                paid_by.push(credit.id);
                came = came.checked_add(credit.told.amount)?;
                account.clone_from(&credit.told.account_number);
                last = last.max(credit.told.received_at);
            }
        }
        for (credit, verdict) in earlier.iter().zip(&verdicts[namings.len()..]) {
            if (verdict.state, verdict.rule.name()) != (credit.state, credit.rule.as_str()) {
                self.decisions.of_earlier.push((credit.id, *verdict));
            }
            if verdict.state.is_matched() {
                paid_by.push(credit.id);
                came = came.checked_add(credit.amount)?;
                account.clone_from(&credit.account_number);
                last = last.max(credit.received_at);
            }
        }
        if !paid_by.is_empty() {
            // All of them came to the account that the payment asked for.
            let shop = self.candidates.get(id).and_then(Payment::direct_shop);
            self.succeed(id, last)?;
            self.decisions.captures.push(Capture {
                payments: vec![id],
                credits: paid_by,
                account_number: account,
                shop,
                came,
            });
        }
        Ok(())
    }

    fn succeed(&mut self, id: PaymentId, received_at: Timestamp) -> anyhow::Result<()> {
        if let Some(payment) = self.candidates.by_id.get_mut(&id) {
            payment.succeed(received_at)?;
        }
        Ok(())
    }
}

/// Whether a payment asked for money on the account that a credit came to.
fn asked_on(payment: &Payment, credit: &NewCredit) -> bool {
    payment.is_asked_on(&credit.told.account_number, credit.shop)
}

/// What a credit is that names a payment which is closed: what was paid stays paid by what paid it.
const fn verdict_of_closed(status: PaymentStatus) -> Option<Verdict> {
    match status {
        PaymentStatus::Pending => None,
        PaymentStatus::Succeeded => {
            Some(Verdict { state: CreditState::Duplicate, rule: Rule::PaidByAnother })
        }
        PaymentStatus::Expired | PaymentStatus::Cancelled => {
            Some(Verdict { state: CreditState::Late, rule: Rule::AfterWindow })
        }
    }
}

/// What a payment expects. Money that was told of in time counts, whenever it is looked at. Of another
/// currency than the tolerance's it must be exact.
pub fn terms_of(payment: &Payment, tolerance: Money) -> Terms {
    Terms {
        amount: payment.amount,
        from: Timestamp::from_micros(i64::MIN),
        to: match payment.reopened_at {
            None => payment.expires_at,
            // It was in time once; its goods may be gone.
            Some(_) => Timestamp::from_micros(i64::MAX),
        },
        tolerance: if payment.amount.currency == tolerance.currency { tolerance.minor } else { 0 },
    }
}

fn moment_of(credit: &NewCredit) -> Moment {
    Moment { at: credit.told.received_at, identity: credit.id.uuid().as_u128() }
}

/// A credit of before that names a payment: by its code, or by the payment's own sub-account.
pub fn claim_of_earlier(credit: &BankCredit, payment: &Payment) -> Claim {
    let by_code = PaymentCode::find_in(&credit.memo).contains(&payment.code);
    let exactly = if by_code { Rule::CodeAndExactAmount } else { Rule::SubAccountAndExactAmount };
    let moment = Moment { at: credit.received_at, identity: credit.id.uuid().as_u128() };
    Claim { moment, amount: credit.amount, exactly }
}
