//! What stands behind one line of a shop's statement: the rules that took a part, the payment, the
//! bank's own lines, the refund, the payout.

use kernel::{OrderId, PaymentId, ShopLineId, ShopScope};
use sea_orm::DbErr;

use crate::Payments;
use crate::domain::charges::Charges;
use crate::domain::payment::Payment;
use crate::domain::shop_line::ShopLine;
use crate::store;
use crate::store::bank_credit::BankCredit;
use crate::store::bank_debit::BankDebit;
use crate::store::payout::KeptPayout;
use crate::store::refund::KeptRefund;

/// What stands behind a line; what does not concern it is empty.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The line.
    pub line: ShopLine,
    /// What was taken of its order, and by which rules.
    pub charge: Option<(OrderId, Charges)>,
    /// The payment.
    pub payment: Option<Payment>,
    /// The credits that paid it, as the bank told of them.
    pub credits: Vec<BankCredit>,
    /// The refund.
    pub refund: Option<KeptRefund>,
    /// The payout that the line is.
    pub payout: Option<KeptPayout>,
    /// The payout that pays the line.
    pub paid_by: Option<KeptPayout>,
    /// The debit that proves the refund or the payout.
    pub debit: Option<BankDebit>,
}

/// Explains a line of a shop.
pub async fn explain_shop_line(
    payments: &Payments,
    scope: ShopScope,
    id: ShopLineId,
) -> Result<Option<Explanation>, DbErr> {
    let db = payments.0.database.reader();
    let Some((line, settled_by)) = store::shop_line::of_shop(db, scope, id).await? else {
        return Ok(None);
    };
    let (payment, credits) = match line.payment {
        Some(id) => {
            let payment = store::payment::by_ids(db, &[id]).await?.pop();
            (payment, store::bank_credit::that_paid(db, id).await?)
        }
        None => (None, Vec::new()),
    };
    let refund = match line.refund {
        Some(id) => store::refund::by_id(db, id).await?,
        None => None,
    };
    let payout = match line.payout {
        Some(id) => store::payout::by_id(db, id).await?,
        None => None,
    };
    let paid_by = match settled_by {
        Some(id) => store::payout::by_id(db, id).await?,
        None => None,
    };
    let debit = store::bank_debit::that_proves(db, line.payout, line.refund).await?;
    let charge = charge_of(payments, line.payment, line.order).await?;
    Ok(Some(Explanation { line, charge, payment, credits, refund, payout, paid_by, debit }))
}

async fn charge_of(
    payments: &Payments,
    payment: Option<PaymentId>,
    order: Option<OrderId>,
) -> Result<Option<(OrderId, Charges)>, DbErr> {
    let Some(order) = order else { return Ok(None) };
    let db = payments.0.database.reader();
    let Some(payment) = payment else {
        // Nobody paid: a reseller is invoiced.
        let invoice = store::reseller_invoice::of_orders(db, [order]).await?.pop();
        return Ok(invoice.map(|invoice| (order, invoice.charges)));
    };
    let found = store::charges::of_orders(db, [order]).await?;
    let of_payment = found.into_iter().find(|one| one.payment == payment);
    Ok(of_payment.map(|charged| (order, charged.charges)))
}
