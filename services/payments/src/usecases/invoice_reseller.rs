//! A reseller's booking in the books: what it owes is a receivable, and the shop, the market and the tax
//! office get of it what they get of any sale. Given back, so much goes the same way back.
//!
//! Nothing of it is paid out to the shop before the reseller paid its bill.

use anyhow::Context;
use kernel::{BookingId, Money, OrderId, ResellerId, ShopId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::Payments;
use crate::domain::charges::ChargedSale;
use crate::domain::commission::{PaidBy, Sold};
use crate::domain::ledger::{Account, Entry, Posting, PostingKind};
use crate::domain::reseller_bill::ResellerLine;
use crate::domain::reversal::RefundedInTotal;
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::tax::SellerKind;
use crate::store;
use crate::store::reseller_invoice::ResellerInvoice;

/// What orders tells of a reseller's booking.
#[derive(Clone, Debug)]
pub struct Invoiced {
    /// Names the fact: the booking's id, or that of its cancellation.
    pub cause: String,
    /// The booking.
    pub booking: BookingId,
    /// Who owes it.
    pub reseller: ResellerId,
    /// The order that the booking became.
    pub order: OrderId,
    /// Whose order it is.
    pub shop: ShopId,
    /// How much, above zero.
    pub amount: Money,
    /// Whether the reseller owes so much less.
    pub reversal: bool,
}

/// Posts invoices and reversals, each once: the caller sees to that. Those of nothing leave no trace.
pub async fn invoice_resellers(
    payments: &Payments,
    tx: &Transaction,
    told: &[Invoiced],
    now: Timestamp,
) -> anyhow::Result<()> {
    let end = store::ledger::lock(tx).await?;
    let (mut postings, mut lines, mut owed) = (Vec::new(), Vec::new(), Vec::new());
    for one in told.iter().filter(|one| one.amount.is_positive()) {
        let parts = if one.reversal {
            reversed(tx, one).await?
        } else {
            invoiced(payments, tx, one, now).await?
        };
        let posting = parts.posting(one, now)?;
        lines.extend(parts.lines(one, &posting));
        owed.push(ResellerLine {
            posting: posting.id,
            reseller: one.reseller,
            booking: one.booking,
            order: one.order,
            amount: parts.gross,
            posted_at: now,
        });
        postings.push(posting);
    }
    store::ledger::append(tx, end, &postings).await?;
    store::shop_line::insert(tx, &lines).await?;
    store::reseller_bill::insert_lines(tx, &owed).await?;
    Ok(())
}

/// How an amount is shared out: for the shop above zero when it is invoiced, below when it goes back.
struct Parts {
    gross: Money,
    fee: Money,
    vat: Money,
    pit: Money,
}

async fn invoiced(
    payments: &Payments,
    tx: &Transaction,
    told: &Invoiced,
    now: Timestamp,
) -> anyhow::Result<Parts> {
    let seller = store::payee::sellers(tx, [told.shop]).await?.remove(&told.shop);
    let charges = payments.0.tariff.charge(&ChargedSale {
        shop: told.shop,
        // Of whom nobody told, tax is withheld: it can be given back.
        seller: seller.unwrap_or(SellerKind::Household),
        sold: Sold::Tour,
        paid_by: PaidBy::Invoice,
        accepted_at: now,
        amount: told.amount,
    })?;
    let taken = charges.taken();
    let invoice = ResellerInvoice {
        booking: told.booking,
        reseller: told.reseller,
        order: told.order,
        shop: told.shop,
        charges,
        returned: Money::zero(told.amount.currency),
        fulfilled_at: None,
    };
    store::reseller_invoice::insert(tx, &invoice).await?;
    Ok(Parts { gross: told.amount, fee: taken.fee, vat: taken.vat, pit: taken.pit })
}

async fn reversed(tx: &Transaction, told: &Invoiced) -> anyhow::Result<Parts> {
    let invoice = store::reseller_invoice::of_booking(tx, told.booking).await?;
    let invoice = invoice.context("the booking was never invoiced")?;
    let after = invoice.returned.checked_add(told.amount)?;
    let back = invoice.charges.given_back(RefundedInTotal { before: invoice.returned, after })?;
    store::reseller_invoice::set_returned(tx, told.booking, after).await?;
    Ok(Parts {
        gross: told.amount.checked_neg()?,
        fee: back.fee.checked_neg()?,
        vat: back.vat.checked_neg()?,
        pit: back.pit.checked_neg()?,
    })
}

impl Parts {
    fn posting(&self, told: &Invoiced, now: Timestamp) -> anyhow::Result<Posting> {
        let taken = self.fee.checked_add(self.vat)?.checked_add(self.pit)?;
        let net = self.gross.checked_sub(taken)?;
        let entry =
            |account, amount: Money| anyhow::Ok(Entry { account, amount: amount.checked_neg()? });
        let mut entries = vec![
            Entry { account: Account::ResellerReceivable(told.reseller), amount: self.gross },
            entry(Account::ShopPayable(told.shop), net)?,
            entry(Account::PlatformFees, self.fee)?,
            entry(Account::TaxVat, self.vat)?,
            entry(Account::TaxPit, self.pit)?,
        ];
        entries.retain(|entry| !entry.amount.is_zero());
        let kind = if told.reversal {
            PostingKind::ResellerInvoiceReversed
        } else {
            PostingKind::ResellerInvoiced
        };
        let (id, subject) = (ids::new(), told.booking.to_string());
        let idempotency_key = format!("reseller_invoice:{}", told.cause);
        Ok(Posting { id, kind, subject, idempotency_key, entries, posted_at: now }.balanced()?)
    }

    fn lines(&self, told: &Invoiced, posting: &Posting) -> Vec<ShopLine> {
        let less = |amount: Money| Money::new(-amount.minor, amount.currency);
        let line = ShopLine {
            id: ids::new(),
            shop: told.shop,
            kind: if told.reversal { ShopLineKind::Refund } else { ShopLineKind::Sale },
            amount: self.gross,
            payment: None,
            order: Some(told.order),
            refund: None,
            payout: None,
            posting: posting.id,
            posted_at: posting.posted_at,
        };
        line.with_parts([self.fee, self.vat, self.pit].map(less))
    }
}
