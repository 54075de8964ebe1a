//! What captured payments bring their shops: the gross amount, less commission and taxes. It gives
//! the entries and the lines of a capture; the caller posts them. Of a reseller's bill nothing is taken: it
//! fills what was receivable.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{Money, OrderId, PaymentId, PostingId, ResellerId, Timestamp};
use platform::database::Transaction;
use platform::ids;

use crate::Payments;
use crate::domain::charges::{ChargedSale, DirectTax};
use crate::domain::commission::PaidBy;
use crate::domain::ledger::{Account, Entry};
use crate::domain::payment::{Payment, Purpose};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::tax::SellerKind;
use crate::store;
use crate::store::charges::ChargedOrder;

/// Captured payments with what was taken of their orders.
#[derive(Default)]
pub struct Charged {
    payments: BTreeMap<PaymentId, ChargedPayment>,
    bills: HashMap<PaymentId, ResellerId>,
    /// The orders that bills asked for; known of payments that were captured before.
    billed: Vec<OrderId>,
}

struct ChargedPayment {
    orders: Vec<ChargedOrder>,
    /// Whether the money is on the shop's own account.
    direct: bool,
}

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
            // What a card pays comes to the market, whatever account stands on the QR beside it.
            let direct = payment.direct_to.is_some() && paid_by != PaidBy::Card;
            let by_seller = direct && payments.0.settlement.direct_tax == DirectTax::Seller;
            let paid_by = match payment.purpose {
                Purpose::Checkout(_) | Purpose::ResellerBill(_) => paid_by,
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
                let charges = if by_seller { charges.declared_by_seller() } else { charges };
                let (order, shop) = (part.order, part.shop);
                let (payment, fulfilled_at) = (payment.id, fulfilled.get(&order).copied());
                orders.push(ChargedOrder { payment, order, shop, charges, fulfilled_at });
            }
            charged.insert(payment.id, ChargedPayment { orders, direct });
        }
        let orders = charged.values().flat_map(|one| &one.orders);
        let rows: Vec<ChargedOrder> = orders.cloned().collect();
        store::charges::insert(tx, &rows).await?;
        let bills = captured.iter().filter(|payment| payment.bill().is_some());
        let bills: Vec<PaymentId> = bills.map(|payment| payment.id).collect();
        let bills = match bills.as_slice() {
            [] => HashMap::new(),
            bills => store::reseller_bill::resellers_of(tx, bills).await?,
        };
        Ok(Self { payments: charged, bills, billed: Vec::new() })
    }

    /// What was taken of payments that transfers captured before.
    pub async fn kept(tx: &Transaction, payments: &[Payment]) -> anyhow::Result<Self> {
        let mut charged = BTreeMap::new();
        for payment in payments {
            let orders = store::charges::of_payment(tx, payment.id).await?;
            let direct = payment.direct_to.is_some();
            charged.insert(payment.id, ChargedPayment { orders, direct });
        }
        let ids: Vec<PaymentId> = payments.iter().map(|payment| payment.id).collect();
        let bills = store::reseller_bill::resellers_of(tx, &ids).await?;
        let billed = store::reseller_bill::orders_of(tx, &ids).await?;
        Ok(Self { payments: charged, bills, billed })
    }

    /// Keeps it as taken back: the orders may be charged again.
    pub async fn move_to_reversed(&self, tx: &Transaction, at: Timestamp) -> anyhow::Result<()> {
        for (payment, charged) in &self.payments {
            store::reversed_charges::insert(tx, &charged.orders, at).await?;
            store::charges::remove(tx, *payment).await?;
        }
        Ok(())
    }

    /// The resellers whose bills they are.
    pub fn resellers(&self) -> BTreeSet<ResellerId> {
        self.bills.values().copied().collect()
    }

    /// The orders whose money it is, those behind bills among them.
    pub fn order_ids(&self) -> Vec<OrderId> {
        let charged = self.payments.values().flat_map(|one| &one.orders).map(|order| order.order);
        charged.chain(self.billed.iter().copied()).collect()
    }

    /// What the shops, the market and the tax office get of a payment, or what a reseller owes less: credits,
    /// that sum to it. Of money on its own account the shop has all, and owes the others their parts.
    pub fn entries(&self, payment: &Payment) -> anyhow::Result<Vec<Entry>> {
        if let Some(reseller) = self.bills.get(&payment.id) {
            let (account, amount) = (Account::ResellerReceivable(*reseller), payment.amount);
            return Ok(vec![Entry { account, amount: amount.checked_neg()? }]);
        }
        let zero = Money::zero(payment.amount.currency);
        let (mut fees, mut vat, mut pit) = (zero, zero, zero);
        let mut entries = Vec::new();
        for order in self.orders(payment.id) {
            let taken = order.charges.taken();
            if self.is_direct(payment.id) {
                let (account, amount) = (Account::ShopPayable(order.shop), taken.total()?);
                entries.push(Entry { account, amount });
                let (account, gross) =
                    (Account::DirectSales(order.shop), order.charges.commission.base);
                entries.push(Entry { account, amount: gross.checked_neg()? });
            } else {
                let (account, amount) = (Account::ShopPayable(order.shop), order.charges.net()?);
                entries.push(Entry { account, amount: amount.checked_neg()? });
            }
            fees = fees.checked_add(taken.fee)?;
            vat = vat.checked_add(taken.vat)?;
            pit = pit.checked_add(taken.pit)?;
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
            let gross = order.charges.commission.base;
            let line = |kind, amount| ShopLine {
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
            };
            let [fee, vat, pit] = [taken.fee, taken.vat, taken.pit].map(Money::checked_neg);
            lines.extend(line(ShopLineKind::Sale, gross).with_parts([fee?, vat?, pit?]));
            if self.is_direct(payment) {
                // The shop has it already: nothing of it is owed.
                lines.push(line(ShopLineKind::Direct, gross.checked_neg()?));
            }
        }
        Ok(lines)
    }

    fn orders(&self, payment: PaymentId) -> &[ChargedOrder] {
        self.payments.get(&payment).map_or(&[], |charged| charged.orders.as_slice())
    }

    fn is_direct(&self, payment: PaymentId) -> bool {
        self.payments.get(&payment).is_some_and(|charged| charged.direct)
    }
}
