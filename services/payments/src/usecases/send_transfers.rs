//! Gives approved payouts and refunds to the bank: one file, as ISO 20022 and as CSV.

use kernel::{Currency, PayoutFileId, Timestamp};
use platform::ids;

use super::post_payout::{PayoutPosting, of_payout};
use super::reserve_payouts::posted;
use crate::Payments;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::PayoutStatus;
use crate::domain::refund::{RefundChange, RefundStatus};
use crate::domain::vietnam_calendar::VietnamDay;
use crate::providers::payout_file::{
    MOST_TRANSFERS, OutgoingTransfer, PayoutFile, PayoutFileParts, csv, pain001,
};
use crate::store;
use crate::store::payout::KeptPayout;
use crate::store::refund::KeptRefund;

/// The formats of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferFormat {
    /// ISO 20022 pain.001.001.09.
    Pain001,
    /// Text with commas.
    Csv,
}

/// What a run of transfers gave.
#[derive(Clone, Debug)]
pub struct SentTransfers {
    /// The file.
    pub file: PayoutFileId,
    /// The payouts in it.
    pub payouts: Vec<KeptPayout>,
    /// The refunds in it.
    pub refunds: Vec<KeptRefund>,
}

/// Sends all that is approved, of đồng, at most as much as one file holds. None if nothing is.
pub async fn send_transfers(payments: &Payments) -> anyhow::Result<Option<SentTransfers>> {
    let service = &payments.0;
    let now = service.clock.now();
    let most = MOST_TRANSFERS as u64;
    let tx = service.database.begin().await?;
    let end = store::ledger::lock(&tx).await?;
    let mut payouts = store::payout::lock_in_status(&tx, PayoutStatus::Approved, most).await?;
    let left = most - payouts.len() as u64;
    let mut refunds = match left {
        0 => Vec::new(),
        left => store::refund::lock_in_status(&tx, RefundStatus::Approved, left).await?,
    };
    payouts.retain(|kept| kept.payout.plan.amount.currency == Currency::Vnd);
    refunds.retain(|refund| refund.amount.currency == Currency::Vnd && refund.payee.is_some());
    if payouts.is_empty() && refunds.is_empty() {
        return Ok(None);
    }
    let file: PayoutFileId = ids::new();
    let (mut postings, mut lines, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    for kept in &mut payouts {
        kept.payout.send(now)?;
        kept.file = Some(file);
        let (posting, line) = of_payout(kept, PayoutPosting::Sent, now)?;
        sent.push((kept.id, posting.id));
        postings.push(posting);
        lines.extend(line);
        store::payout::update(&tx, kept).await?;
    }
    for refund in &mut refunds {
        refund.status = refund.status.after(RefundChange::Send)?;
        (refund.file, refund.changed_at) = (Some(file), now);
        store::refund::update(&tx, refund).await?;
    }
    // A file that no bank could read is found before anything says that it was sent.
    written(payments, file, made_at(file), &payouts, &refunds)?;
    store::ledger::append(&tx, end, &postings).await?;
    store::shop_line::insert(&tx, &lines).await?;
    posted(&tx, &sent, now).await?;
    tx.commit().await?;
    metrics::counter!("payouts_total", "status" => "sent").increment(payouts.len() as u64);
    Ok(Some(SentTransfers { file, payouts, refunds }))
}

/// The text of a file that was sent; always the same. None if there is no such file.
pub async fn transfer_file(
    payments: &Payments,
    file: PayoutFileId,
    format: TransferFormat,
) -> anyhow::Result<Option<String>> {
    let db = payments.0.database.reader();
    let payouts = store::payout::of_file(db, file).await?;
    let refunds = store::refund::of_file(db, file).await?;
    // A file's id says when it was made, to the millisecond.
    let made_at = made_at(file);
    if payouts.is_empty() && refunds.is_empty() {
        return Ok(None);
    }
    let file = written(payments, file, made_at, &payouts, &refunds)?;
    Ok(Some(match format {
        TransferFormat::Pain001 => pain001::write(&file),
        TransferFormat::Csv => csv::write(&file),
    }))
}

/// UUIDv7 begins with its milliseconds.
fn made_at(file: PayoutFileId) -> Timestamp {
    let millis = i64::try_from(file.uuid().as_u128() >> 80).unwrap_or_default();
    Timestamp::from_micros(millis * 1_000)
}

fn written(
    payments: &Payments,
    file: PayoutFileId,
    at: Timestamp,
    payouts: &[KeptPayout],
    refunds: &[KeptRefund],
) -> anyhow::Result<PayoutFile> {
    let own = &payments.0.receiving_account;
    let to_shops = payouts.iter().map(|kept| OutgoingTransfer {
        reference: kept.payout.plan.reference,
        amount: kept.payout.plan.amount,
        payee: kept.payee.clone(),
        memo: "Cho Noi tra tien ban hang".to_owned(),
    });
    // Nothing is approved without an account.
    let to_shoppers = refunds.iter().filter_map(|refund| {
        Some(OutgoingTransfer {
            reference: refund.reference,
            amount: refund.amount,
            payee: refund.payee.clone()?,
            memo: "Cho Noi hoan tien".to_owned(),
        })
    });
    Ok(PayoutFile::new(PayoutFileParts {
        // 32 hexadecimal digits: the bank takes no more than 35.
        message_id: file.uuid().simple().to_string(),
        created_at: at,
        execute_on: VietnamDay::of(at),
        payer: PayeeAccount::new(&own.bin, &own.account, &own.holder)?,
        transfers: to_shops.chain(to_shoppers).collect(),
    })?)
}
