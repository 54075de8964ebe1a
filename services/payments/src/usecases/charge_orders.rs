//! What captured payments bring their shops: the gross amount, less commission and taxes. It gives
//! the entries and the lines of a capture; the caller posts them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Money, OrderId, PaymentId, PostingId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::Payments;
use crate::domain::charges::ChargedSale;
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Account, Entry};
use crate::domain::payment::{Payment, Purpose};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::tax::SellerKind;
use crate::store;
use crate::store::charges::ChargedOrder;

/// Captured payments with what was taken of their orders.
#[derive(Default)]
pub struct Charged(BTreeMap<PaymentId, Vec<ChargedOrder>>);

impl Charged {
    /// Reckons what is taken of payments that are captured now, and keeps it.
    pub async fn write(
        payments: &Payments,
        tx: &Transaction,
        captured: &[&Payment],
        paid_by: PaidBy,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        if captured.is_empty() {
            return Ok(Self::default());
        }
        let parts = || captured.iter().flat_map(|payment| &payment.allocations);
        let shops: BTreeSet<_> = parts().map(|part| part.shop).collect();
        let sellers = store::payee::sellers(tx, shops).await?;
        // What was opened again may have been delivered long ago: its money is not held a second time.
        let reopened = captured.iter().filter(|payment| payment.reopened_at.is_some());
        let reopened = reopened.flat_map(|payment| &payment.allocations).map(|part| part.order);
        let reopened: Vec<OrderId> = reopened.collect();
        let fulfilled = store::reversed_charges::fulfilled(tx, reopened).await?;
        let mut charged = BTreeMap::new();
        for payment in captured {
            let paid_by = match payment.purpose {
                Purpose::Checkout(_) => paid_by,
                Purpose::Counter(_) => PaidBy::Till,
            };
            let mut orders = Vec::with_capacity(payment.allocations.len());
            for part in &payment.allocations {
                let charges = payments.0.tariff.charge(&ChargedSale {
                    shop: part.shop,
                    // Of whom nobody told, tax is withheld: it can be given back.
                    seller: sellers.get(&part.shop).copied().unwrap_or(SellerKind::Household),
                    sold: part.sold,
                    paid_by,
                    accepted_at: now,
                    amount: part.amount,
                })?;
                let (order, shop) = (part.order, part.shop);
                let (payment, fulfilled_at) = (payment.id, fulfilled.get(&order).copied());
                orders.push(ChargedOrder { payment, order, shop, charges, fulfilled_at });
            }
            charged.insert(payment.id, orders);
        }
        let rows: Vec<ChargedOrder> = charged.values().flatten().cloned().collect();
        store::charges::insert(tx, &rows).await?;
        Ok(Self(charged))
    }

    /// What was taken of payments that were captured before.
    pub async fn kept(tx: &Transaction, payments: &[PaymentId]) -> anyhow::Result<Self> {
        let mut charged = BTreeMap::new();
        for payment in payments {
            charged.insert(*payment, store::charges::of_payment(tx, *payment).await?);
        }
        Ok(Self(charged))
    }

    /// Keeps it as taken back: the orders may be charged again.
    pub async fn move_to_reversed(&self, tx: &Transaction, at: Timestamp) -> anyhow::Result<()> {
        for (payment, orders) in &self.0 {
            store::reversed_charges::insert(tx, orders, at).await?;
            store::charges::remove(tx, *payment).await?;
        }
        Ok(())
    }

    /// The orders.
    pub fn order_ids(&self) -> Vec<OrderId> {
        self.0.values().flatten().map(|order| order.order).collect()
    }

    /// What the shops, the market and the tax office get of a payment: credits, that sum to it.
    pub fn entries(&self, payment: &Payment) -> anyhow::Result<Vec<Entry>> {
        let zero = Money::zero(payment.amount.currency);
        let (mut fees, mut vat, mut pit) = (zero, zero, zero);
        let mut entries = Vec::new();
        for order in self.orders(payment.id) {
            let taken = order.charges.taken();
            fees = fees.checked_add(taken.fee)?;
            vat = vat.checked_add(taken.vat)?;
            pit = pit.checked_add(taken.pit)?;
            let (account, amount) = (Account::ShopPayable(order.shop), order.charges.net()?);
            entries.push(Entry { account, amount: amount.checked_neg()? });
        }
        for (account, amount) in
            [(Account::PlatformFees, fees), (Account::TaxVat, vat), (Account::TaxPit, pit)]
        {
            entries.push(Entry { account, amount: amount.checked_neg()? });
        }
        entries.retain(|entry| !entry.amount.is_zero());
        Ok(entries)
    }

    /// The lines of a payment's shops.
    pub fn lines(
        &self,
        payment: PaymentId,
        posting: PostingId,
        posted_at: Timestamp,
    ) -> anyhow::Result<Vec<ShopLine>> {
        let mut lines = Vec::new();
        for order in self.orders(payment) {
            let taken = order.charges.taken();
            for (kind, amount) in [
                (ShopLineKind::Sale, order.charges.commission.base),
                (ShopLineKind::Fee, taken.fee.checked_neg()?),
                (ShopLineKind::Vat, taken.vat.checked_neg()?),
                (ShopLineKind::Pit, taken.pit.checked_neg()?),
            ] {
                lines.push(ShopLine {
                    id: ids::new(),
                    shop: order.shop,
                    kind,
                    amount,
                    payment: Some(payment),
                    order: Some(order.order),
                    refund: None,
                    payout: None,
                    posting,
                    posted_at,
                });
            }
        }
        Ok(lines)
    }

    fn orders(&self, payment: PaymentId) -> &[ChargedOrder] {
        self.0.get(&payment).map_or(&[], Vec::as_slice)
    }
}
