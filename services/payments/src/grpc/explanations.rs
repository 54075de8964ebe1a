//! What stands behind a line of a shop's statement.

use kernel::{OrderId, ShopId, ShopLineId, ShopScope};
use proto::parse_id;
use proto::payments as contract;
use tonic::Status;

use super::payouts::payout_message;
use super::refunds::refund_message;
use super::{fault, reports};
use crate::Payments;
use crate::domain::charges::Charges;
use crate::domain::payment::Purpose;
use crate::store::bank_credit::BankCredit;
use crate::store::bank_debit::BankDebit;
use crate::usecases::explain_shop_line::explain_shop_line;

pub async fn explain(
    payments: &Payments,
    request: contract::ShopLineRequest,
) -> Result<contract::ShopLineExplanation, Status> {
    let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let id = parse_id::<ShopLineId>(&request.line_id)?;
    let found = explain_shop_line(payments, scope, id).await.map_err(fault)?;
    let found = found.ok_or_else(|| Status::not_found("the shop has no such line"))?;
    let payment = found.payment.as_ref();
    Ok(contract::ShopLineExplanation {
        posting_id: found.line.posting.to_string(),
        payment_reference: payment.map(|one| one.code.to_string()).unwrap_or_default(),
        at_counter: payment.is_some_and(|one| matches!(one.purpose, Purpose::Counter(_))),
        line: Some(reports::line_message(found.line)),
        charge: found.charge.map(charge_message),
        bank_credits: found.credits.into_iter().map(credit_line).collect(),
        bank_debit: found.debit.map(debit_line),
        refund: found.refund.map(refund_message),
        payout: found.payout.map(payout_message),
        paid_by: found.paid_by.map(payout_message),
    })
}

fn charge_message((order, charges): (OrderId, Charges)) -> contract::OrderCharge {
    let Charges { commission, tax } = charges;
    contract::OrderCharge {
        order_id: order.to_string(),
        base: Some(commission.base.into()),
        fee_rule: commission.rule,
        fee_rule_version: commission.rule_version,
        fee: Some(commission.fee.into()),
        seller_kind: tax.sale.seller.name().to_owned(),
        supply_kind: tax.sale.supply.name().to_owned(),
        vat_rule: tax.vat.rule,
        vat_basis_points: tax.vat.rate.get(),
        vat: Some(tax.vat.amount.into()),
        pit_rule: tax.pit.rule,
        pit_basis_points: tax.pit.rate.get(),
        pit: Some(tax.pit.amount.into()),
        accepted_at: tax.sale.accepted_at.micros(),
    }
}

fn credit_line(credit: BankCredit) -> contract::BankLine {
    contract::BankLine {
        account_number: credit.account_number,
        amount: Some(credit.amount.into()),
        memo: credit.memo,
        bank_reference: credit.bank_reference,
        booked_at: credit.booked_at.micros(),
    }
}

fn debit_line(debit: BankDebit) -> contract::BankLine {
    contract::BankLine {
        account_number: debit.account_number,
        amount: Some(debit.amount.into()),
        memo: debit.memo,
        bank_reference: debit.bank_reference,
        booked_at: debit.booked_at.micros(),
    }
}
