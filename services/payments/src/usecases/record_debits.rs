//! Records debits that a statement tells of: each once, whatever formats tell of it, matched to the payout or
//! refund whose code is in its memo, and in the books. The caller's transaction holds everything.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::{Money, ShopId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use super::pair_tellings::{Telling, pair};
use super::post_payout::{PayoutPosting, of_payout};
use super::post_refund::shop_of;
use super::recognise_credits::beside_other_formats;
use super::record_credits::Incoming;
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::payout::PayoutStatus;
use crate::domain::refund::{RefundChange, RefundMethod, RefundStatus};
use crate::domain::statement::Format;
use crate::domain::transfer_code::TransferCode;
use crate::store;
use crate::store::bank_credit::{Bucket, SHOPS_OWN};
use crate::store::bank_debit::{BankDebit, DebitState};
use crate::store::ledger::LedgerHead;
use crate::store::payout::KeptPayout;
use crate::store::refund::KeptRefund;

/// Records debits: amounts below zero, as statements write them. Gives how many were new.
pub async fn record_debits(
    tx: &Transaction,
    end: LedgerHead,
    told: Vec<Incoming>,
    now: Timestamp,
) -> anyhow::Result<u64> {
    let new = unknown(tx, told).await?;
    if new.is_empty() {
        return Ok(0);
    }
    let codes: Vec<TransferCode> =
        new.iter().flat_map(|(_, one)| TransferCode::find_in(&one.memo)).collect();
    let accounts: BTreeSet<&str> = new.iter().map(|(_, one)| one.account_number.as_str()).collect();
    let shops = store::shop_account::owners(tx, accounts).await?;
    let mut known = Known::of(tx, &codes).await?;
    let (mut debits, mut postings) = (Vec::with_capacity(new.len()), Vec::new());
    for (identity, one) in new {
        let shop = shops.get(&one.account_number).copied();
        let (debit, posting) = known.take(identity, one, shop, now)?;
        debits.push(debit);
        postings.extend(posting);
    }
    known.write(tx).await?;
    store::bank_debit::insert(tx, &debits).await?;
    store::ledger::append(tx, end, &postings).await?;
    Ok(debits.len() as u64)
}

/// Those that no statement told of before. On those that are known it is noted which format told of them, too.
async fn unknown(tx: &Transaction, told: Vec<Incoming>) -> anyhow::Result<Vec<(u128, Incoming)>> {
    let mut identities: Vec<u128> = told.iter().filter_map(|one| one.statement_identity).collect();
    let mut known = store::bank_debit::known(tx, &identities).await?;
    let beside = beside_other_formats(tx, &told).await?;
    if let Some(format) = beside {
        identities.retain(|identity| !known.contains(identity));
        let more = store::stated::note_known_debits(tx, format, &known, &identities).await?;
        known.extend(more);
    }
    let mut seen = HashSet::new();
    let new: Vec<(u128, Incoming)> = told
        .into_iter()
        .filter_map(|one| Some((one.statement_identity?, one)))
        .filter(|(identity, _)| !known.contains(identity) && seen.insert(*identity))
        .collect();
    match beside {
        Some(format) => untold_by_others(tx, format, new).await,
        None => Ok(new),
    }
}

/// Those that no statement of another format told of, either. What is known stays what it is: of one that named nothing
/// a person decides, whatever this format says more.
async fn untold_by_others(
    tx: &Transaction,
    format: Format,
    new: Vec<(u128, Incoming)>,
) -> anyhow::Result<Vec<(u128, Incoming)>> {
    let mut tellings = Vec::with_capacity(new.len());
    let mut buckets = Vec::with_capacity(new.len());
    for (_, one) in &new {
        let bucket = Bucket::of(&one.account_number, one.booked_at, one.amount.checked_neg()?);
        tellings.push(telling(bucket.clone(), &one.memo, &one.bank_reference));
        buckets.push(bucket);
    }
    let others = store::stated::debits_of_others(tx, format, &buckets).await?;
    let tellings_of_others: Vec<_> = others
        .iter()
        .map(|one| {
            let bucket = Bucket::of(&one.account_number, one.booked_at, one.amount);
            telling(bucket, &one.memo, &one.bank_reference).of_its_day(true)
        })
        .collect();
    let same = pair(&tellings, &tellings_of_others);
    drop(tellings);
    let (mut untold, mut of_others) = (Vec::with_capacity(new.len()), Vec::new());
    for ((identity, one), same) in new.into_iter().zip(same) {
        match same {
            Some(place) => of_others.push((others[place].id, identity)),
            None => untold.push((identity, one)),
        }
    }
    store::stated::note_debits_of_others(tx, format, of_others).await?;
    Ok(untold)
}

fn telling<'t>(bucket: Bucket, memo: &str, reference: &'t str) -> Telling<'t, TransferCode> {
    Telling::of(bucket, TransferCode::find_in(memo), memo, reference)
}

/// What the feeds of shops tell went from their own accounts: a refund that the shop was to send is proven by
/// it. Whatever else went is the shop's affair, and its statement's to tell.
pub async fn prove_refunds_of_shops(
    tx: &Transaction,
    end: LedgerHead,
    told: &[Incoming],
    now: Timestamp,
) -> anyhow::Result<()> {
    let codes: Vec<TransferCode> =
        told.iter().flat_map(|one| TransferCode::find_in(&one.memo)).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let accounts: BTreeSet<&str> = told.iter().map(|one| one.account_number.as_str()).collect();
    let shops = store::shop_account::owners(tx, accounts).await?;
    let mut known = Known::of(tx, &codes).await?;
    let mut postings = Vec::new();
    for one in told {
        let Some(shop) = shops.get(&one.account_number).copied() else { continue };
        let named = TransferCode::find_in(&one.memo).into_iter();
        let Some(code) = named.into_iter().find(|code| known.may_prove(*code, Some(shop))) else {
            continue;
        };
        let Some(refund) = known.refunds.get_mut(&code) else { continue };
        if refund.status == RefundStatus::Approved && refund.amount == one.amount {
            let status = refund.status.after(RefundChange::GiveBack)?;
            (refund.status, refund.changed_at) = (status, now);
            postings.push(paid(refund, &one.account_number, Some(shop), now)?);
            known.changed.insert(code);
        }
    }
    known.write(tx).await?;
    store::ledger::append(tx, end, &postings).await?;
    Ok(())
}

/// The payouts and refunds that memos name, locked.
struct Known {
    payouts: HashMap<TransferCode, KeptPayout>,
    refunds: HashMap<TransferCode, KeptRefund>,
    changed: HashSet<TransferCode>,
    /// Payouts and refunds that a debit proved before.
    proven: HashSet<uuid::Uuid>,
}

impl Known {
    async fn of(tx: &Transaction, codes: &[TransferCode]) -> anyhow::Result<Self> {
        let payouts = store::payout::lock_by_references(tx, codes).await?;
        let refunds = store::refund::lock_by_references(tx, codes).await?;
        let ids = payouts
            .iter()
            .map(|kept| kept.id.uuid())
            .chain(refunds.iter().map(|refund| refund.id.uuid()))
            .collect::<Vec<_>>();
        Ok(Self {
            proven: store::bank_debit::proven(tx, &ids).await?,
            payouts: payouts.into_iter().map(|kept| (kept.payout.plan.reference, kept)).collect(),
            refunds: refunds.into_iter().map(|refund| (refund.reference, refund)).collect(),
            changed: HashSet::new(),
        })
    }

    fn take(
        &mut self,
        identity: u128,
        one: Incoming,
        shop: Option<ShopId>,
        now: Timestamp,
    ) -> anyhow::Result<(BankDebit, Option<Posting>)> {
        let amount = one.amount.checked_neg()?;
        let named = TransferCode::find_in(&one.memo).into_iter();
        let code = named.into_iter().find(|code| self.may_prove(*code, shop));
        let mut debit = BankDebit {
            id: ids::new(),
            statement_identity: identity,
            stated_by: one.stated_by.map(Format::bit),
            account_number: one.account_number,
            amount,
            memo: one.memo,
            bank_reference: one.bank_reference,
            booked_at: one.booked_at,
            received_at: one.received_at,
            state: DebitState::Orphan,
            payout: None,
            refund: None,
            // What else a shop spends is its own affair: nobody at the market is to look at it.
            resolution: (shop.is_some() && code.is_none()).then(|| SHOPS_OWN.to_owned()),
            reversed_credit: None,
            shop,
        };
        let posting = match code {
            Some(code) if self.payouts.contains_key(&code) => {
                self.of_payout(code, &mut debit, now)?
            }
            Some(code) => self.of_refund(code, &mut debit, now)?,
            None => Some(queued(&debit, now)?),
        };
        Ok((debit, posting))
    }

    /// Whether a debit may prove what a code names: of the market's account its payouts and refunds, of a
    /// shop's own only what this shop was to send. Else a shop could tell that the market had paid.
    fn may_prove(&self, code: TransferCode, shop: Option<ShopId>) -> bool {
        let refund = self.refunds.get(&code);
        match shop {
            None => {
                let ours = |refund: &KeptRefund| refund.method != RefundMethod::ByShop;
                self.payouts.contains_key(&code) || refund.is_some_and(ours)
            }
            Some(shop) => refund.is_some_and(|refund| {
                refund.method == RefundMethod::ByShop && shop_of(refund) == Some(shop)
            }),
        }
    }

    fn of_payout(
        &mut self,
        code: TransferCode,
        debit: &mut BankDebit,
        now: Timestamp,
    ) -> anyhow::Result<Option<Posting>> {
        let Some(kept) = self.payouts.get_mut(&code) else { return Ok(Some(queued(debit, now)?)) };
        debit.payout = Some(kept.id);
        let proven = self.proven.contains(&kept.id.uuid());
        debit.state = match kept.payout.status {
            _ if kept.payout.plan.amount != debit.amount => DebitState::Differs,
            _ if proven => DebitState::Duplicate,
            PayoutStatus::Sent | PayoutStatus::Paid => DebitState::Matched,
            _ => DebitState::Differs,
        };
        if debit.state != DebitState::Matched {
            return Ok(Some(queued(debit, now)?));
        }
        self.proven.insert(kept.id.uuid());
        if kept.payout.status == PayoutStatus::Paid {
            // A person said so before: it is in the books.
            return Ok(None);
        }
        kept.payout.pay(now)?;
        self.changed.insert(code);
        let account = debit.account_number.clone();
        Ok(Some(of_payout(kept, PayoutPosting::Paid { account }, now)?.0))
    }

    fn of_refund(
        &mut self,
        code: TransferCode,
        debit: &mut BankDebit,
        now: Timestamp,
    ) -> anyhow::Result<Option<Posting>> {
        let Some(refund) = self.refunds.get_mut(&code) else {
            return Ok(Some(queued(debit, now)?));
        };
        debit.refund = Some(refund.id);
        let proven = self.proven.contains(&refund.id.uuid());
        debit.state = match refund.status {
            _ if refund.amount != debit.amount => DebitState::Differs,
            // No bank was given it: whoever wrote its code meant something else.
            _ if refund.method == RefundMethod::Card => DebitState::Differs,
            _ if proven => DebitState::Duplicate,
            RefundStatus::Sent => DebitState::Matched,
            RefundStatus::Approved | RefundStatus::Succeeded
                if refund.method == RefundMethod::ByShop =>
            {
                DebitState::Matched
            }
            _ => DebitState::Differs,
        };
        if debit.state != DebitState::Matched {
            return Ok(Some(queued(debit, now)?));
        }
        self.proven.insert(refund.id.uuid());
        if refund.status == RefundStatus::Succeeded {
            // The shop's feed said so before: it is in the books.
            return Ok(None);
        }
        let change = match refund.method {
            RefundMethod::ByShop => RefundChange::GiveBack,
            RefundMethod::BankTransfer | RefundMethod::Card => RefundChange::Succeed,
        };
        (refund.status, refund.changed_at) = (refund.status.after(change)?, now);
        self.changed.insert(code);
        Ok(Some(paid(refund, &debit.account_number, debit.shop, now)?))
    }

    async fn write(&self, tx: &Transaction) -> anyhow::Result<()> {
        for code in &self.changed {
            if let Some(kept) = self.payouts.get(code) {
                store::payout::update(tx, kept).await?;
            }
            if let Some(refund) = self.refunds.get(code) {
                store::refund::update(tx, refund).await?;
            }
        }
        Ok(())
    }
}

/// A refund went from an account: the market's, or the shop's own.
fn paid(
    refund: &KeptRefund,
    number: &str,
    shop: Option<ShopId>,
    now: Timestamp,
) -> anyhow::Result<Posting> {
    let subject = refund.id.to_string();
    let key = format!("refund:{subject}:paid");
    let owed = shop.map_or(Account::Refunds, Account::DirectRefunds);
    let entries = (owed, Account::at_bank(number, shop), refund.amount);
    posting(PostingKind::RefundPaid, subject, key, entries, now)
}

/// A debit that nobody has explained: a bank's fee, perhaps.
fn queued(debit: &BankDebit, now: Timestamp) -> anyhow::Result<Posting> {
    let (number, shop) = (&debit.account_number, debit.shop);
    let subject = debit.id.to_string();
    let key = format!("debit:{:032x}", debit.statement_identity);
    let unexplained = Account::unexplained(number, shop);
    let entries = (unexplained, Account::at_bank(number, shop), debit.amount);
    posting(PostingKind::DebitQueued, subject, key, entries, now)
}

fn posting(
    kind: PostingKind,
    subject: String,
    idempotency_key: String,
    (debited, credited, amount): (Account, Account, Money),
    posted_at: Timestamp,
) -> anyhow::Result<Posting> {
    let entries = vec![
        Entry { account: debited, amount },
        Entry { account: credited, amount: amount.checked_neg()? },
    ];
    let id = ids::new();
    Ok(Posting { id, kind, subject, idempotency_key, entries, posted_at }.balanced()?)
}
