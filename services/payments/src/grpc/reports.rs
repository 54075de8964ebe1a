//! What shops and operators read.

use std::collections::BTreeMap;

use kernel::{Currency, Money, PayoutId, ShopId, ShopScope};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::queue::any_fault;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::shop_line::ShopLine;
use crate::domain::shop_statement::StatementSums;
use crate::domain::tax_declaration::Taxpayer;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::usecases::report::{self, Days};

/// The longest span of a report, in days.
const LONGEST_SPAN: i64 = 366;

pub async fn shop_statement(
    payments: &Payments,
    request: contract::GetShopStatementRequest,
) -> Result<contract::ShopStatement, Status> {
    let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let days = days_of(&request.from, &request.to)?;
    let statement = report::shop_statement(payments, scope, days).await;
    let statement = statement.map_err(|error| any_fault(&error))?;
    let days =
        statement.days.iter().map(|day| day_message(&day.sums, day.day.to_string(), day.owed));
    Ok(contract::ShopStatement {
        opening: Some(statement.opening.into()),
        closing: Some(statement.closing.into()),
        total: Some(day_message(&statement.total, String::new(), statement.closing)),
        days: days.collect(),
    })
}

fn day_message(sums: &StatementSums, day: String, owed: Money) -> contract::StatementDay {
    contract::StatementDay {
        day,
        sales: Some(sums.sales.into()),
        fees: Some(sums.fees.into()),
        vat: Some(sums.vat.into()),
        pit: Some(sums.pit.into()),
        refunds: Some(sums.refunds.into()),
        paid_out: Some(sums.paid_out.into()),
        owed: Some(owed.into()),
        lines: sums.lines.cast_signed(),
    }
}

pub async fn shop_lines(
    payments: &Payments,
    request: contract::ListShopLinesRequest,
) -> Result<contract::ShopLinePage, Status> {
    let scope = ShopScope::granted(parse_id::<ShopId>(&request.shop_id)?);
    let page = page_of(request.page.as_ref())?;
    let found = if request.payout_id.is_empty() {
        let days = days_of(&request.from, &request.to)?;
        report::shop_lines(payments, scope, days, &page).await.map_err(fault)?
    } else {
        let payout = parse_id::<PayoutId>(&request.payout_id)?;
        let db = payments.0.database.reader();
        store::shop_line::of_payout(db, scope, payout, &page).await.map_err(fault)?
    };
    let (found, page) = cut(found, &page, |line| line.id.to_string());
    let lines = found.into_iter().map(line_message).collect();
    Ok(contract::ShopLinePage { lines, page: Some(page) })
}

fn line_message(line: ShopLine) -> contract::ShopLine {
    contract::ShopLine {
        id: line.id.to_string(),
        kind: line.kind.name().to_owned(),
        amount: Some(line.amount.into()),
        payment_id: line.payment.map(|id| id.to_string()).unwrap_or_default(),
        order_id: line.order.map(|id| id.to_string()).unwrap_or_default(),
        refund_id: line.refund.map(|id| id.to_string()).unwrap_or_default(),
        payout_id: line.payout.map(|id| id.to_string()).unwrap_or_default(),
        posted_at: line.posted_at.micros(),
    }
}

pub async fn reconciliation(
    payments: &Payments,
    request: contract::GetReconciliationRequest,
) -> Result<contract::Reconciliation, Status> {
    let days = days_of(&request.from, &request.to)?;
    let found = report::reconciliation(payments, days).await.map_err(fault)?;
    let mut rows: BTreeMap<(i64, String, Currency), Row> = BTreeMap::new();
    for credit in &found.credits {
        let key = (credit.day, credit.account.clone(), credit.currency);
        let row = rows.entry(key).or_default();
        row.credits.add(credit.count, credit.sum);
        let part = match (credit.matched, credit.resolved) {
            (true, _) => &mut row.matched,
            (false, true) => &mut row.resolved,
            (false, false) => &mut row.waiting,
        };
        part.add(credit.count, credit.sum);
    }
    for debit in &found.debits {
        let key = (debit.day, debit.account.clone(), debit.currency);
        let row = rows.entry(key).or_default();
        row.debits.add(debit.count, debit.sum);
        let part = if debit.matched { &mut row.explained } else { &mut row.unexplained };
        part.add(debit.count, debit.sum);
    }
    let foots = rows.values().all(Row::foots);
    let days = rows.into_iter().rev().map(|((day, account, currency), row)| {
        let day = VietnamDay::of_epoch_day(day).map(|day| day.to_string()).unwrap_or_default();
        row.message(day, account, currency)
    });
    let aging = found.aging.iter().map(|(from, to, count, sum)| contract::AgedQueue {
        from_days: i32::from(*from),
        to_days: to.map_or(0, i32::from),
        waiting: Some(Sum { count: *count, minor: *sum }.message(Currency::Vnd)),
    });
    Ok(contract::Reconciliation { days: days.collect(), aging: aging.collect(), foots })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    count: i64,
    minor: i64,
}

impl Sum {
    const fn add(&mut self, count: i64, minor: i64) {
        self.count += count;
        self.minor += minor;
    }

    const fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, minor: self.minor + other.minor }
    }

    fn message(self, currency: Currency) -> contract::Tally {
        contract::Tally { count: self.count, sum: Some(Money::new(self.minor, currency).into()) }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    credits: Sum,
    matched: Sum,
    resolved: Sum,
    waiting: Sum,
    debits: Sum,
    explained: Sum,
    unexplained: Sum,
}

impl Row {
    fn foots(&self) -> bool {
        self.credits == self.matched.plus(self.resolved).plus(self.waiting)
            && self.debits == self.explained.plus(self.unexplained)
    }

    fn message(&self, day: String, account: String, currency: Currency) -> contract::ReconciledDay {
        contract::ReconciledDay {
            day,
            account_number: account,
            credits: Some(self.credits.message(currency)),
            matched: Some(self.matched.message(currency)),
            resolved: Some(self.resolved.message(currency)),
            waiting: Some(self.waiting.message(currency)),
            debits: Some(self.debits.message(currency)),
            explained: Some(self.explained.message(currency)),
            unexplained: Some(self.unexplained.message(currency)),
        }
    }
}

pub async fn declaration(
    payments: &Payments,
    request: contract::GetTaxDeclarationRequest,
) -> Result<contract::TextFile, Status> {
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["month"]));
    let month = request.month.parse().map_err(|_| invalid())?;
    let declaration = report::tax_declaration(payments, month).await;
    let declaration = declaration.map_err(|error| any_fault(&error))?;
    let shops: std::collections::BTreeSet<ShopId> =
        declaration.rows.keys().map(|row| row.shop).collect();
    let taxpayers = taxpayers(payments, shops.into_iter().collect()).await?;
    let text = declaration.to_csv(&taxpayers).map_err(platform::rpc::fault)?;
    let name = format!("khai-thue-{month}.csv");
    Ok(contract::TextFile { name, media_type: "text/csv".to_owned(), text })
}

/// Names and tax codes, as accounts keeps them.
async fn taxpayers(payments: &Payments, shops: Vec<ShopId>) -> Result<Vec<Taxpayer>, Status> {
    const ASKED_AT_ONCE: usize = 100;
    let mut taxpayers = Vec::with_capacity(shops.len());
    for part in shops.chunks(ASKED_AT_ONCE) {
        let client = payments.0.accounts.clone();
        let mut client =
            client.ok_or_else(|| Status::unavailable("there is no way to accounts"))?;
        let ids = part.iter().map(ToString::to_string).collect();
        let found = client.get_shops(proto::accounts::GetShopsRequest { ids }).await?.into_inner();
        for shop in found.shops {
            taxpayers.push(Taxpayer {
                shop: parse_id::<ShopId>(&shop.id)?,
                name: shop.name,
                tax_code: shop.tax_code,
                address: shop.address,
            });
        }
    }
    Ok(taxpayers)
}

/// Days as the caller names them: both ends, at most a year.
fn days_of(from: &str, to: &str) -> Result<Days, Status> {
    let day = |text: &str, field: &str| {
        text.parse::<VietnamDay>()
            .map_err(|_| Status::from(Refused::new(RefusalCode::Invalid).at(&[field])))
    };
    let days = Days { from: day(from, "from")?, to: day(to, "to")? };
    let span = days.to.epoch_day() - days.from.epoch_day();
    if !(0..LONGEST_SPAN).contains(&span) {
        let refused = Refused::new(RefusalCode::OutOfRange).fact("minimum", 1);
        return Err(refused.fact("maximum", LONGEST_SPAN).at(&["to"]).into());
    }
    Ok(days)
}
