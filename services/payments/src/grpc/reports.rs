//! What shops and operators read.

use kernel::{Currency, Money, PayoutId, ShopId, ShopScope};
use proto::common::RefusalCode;
use proto::payments as contract;
use proto::{Refused, parse_id};
use tonic::Status;

use super::queue::any_fault;
use super::{cut, fault, page_of};
use crate::Payments;
use crate::domain::reconciled_day::{ReconciledDay, Tally};
use crate::domain::shop_line::{ShopLine, ShopLineKind};
use crate::domain::shop_statement::StatementSums;
use crate::domain::tax_declaration::Taxpayer;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store;
use crate::usecases::declare_tax;
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
        direct: Some(sums.direct.into()),
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
        let kinds = kinds_of(&request.kinds)?;
        report::shop_lines(payments, scope, days, &kinds, &page).await.map_err(fault)?
    } else {
        let payout = parse_id::<PayoutId>(&request.payout_id)?;
        let db = payments.0.database.reader();
        store::shop_line::of_payout(db, scope, payout, &page).await.map_err(fault)?
    };
    let (found, page) = cut(found, &page, |line| line.id.to_string());
    let lines = found.into_iter().map(line_message).collect();
    Ok(contract::ShopLinePage { lines, page: Some(page) })
}

fn kinds_of(names: &[String]) -> Result<Vec<ShopLineKind>, Status> {
    let known =
        |name: &String| ShopLineKind::ALL.into_iter().find(|kind| kind.name() == name.as_str());
    let kinds: Option<Vec<_>> = names.iter().map(known).collect();
    kinds.ok_or_else(|| Refused::new(RefusalCode::Invalid).at(&["kinds"]).into())
}

/// A line of a statement.
pub fn line_message(line: ShopLine) -> contract::ShopLine {
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
    let foots = found.days.iter().all(ReconciledDay::foots);
    let days = found.days.iter().map(day_of_account);
    let aging = found.aging.iter().map(|age| contract::AgedQueue {
        from_days: i32::from(age.from_days),
        to_days: age.to_days.map_or(0, i32::from),
        waiting: Some(tally(age.waiting, Currency::Vnd)),
    });
    let queue = found.aging.iter().map(|age| age.waiting);
    let suspense = queue.fold(Tally::default(), Tally::plus);
    Ok(contract::Reconciliation {
        days: days.collect(),
        aging: aging.collect(),
        foots,
        expected: Some(tally(found.expected, Currency::Vnd)),
        suspense: Some(tally(suspense, Currency::Vnd)),
    })
}

fn day_of_account(day: &ReconciledDay) -> contract::ReconciledDay {
    let states = day.states.iter().map(|(state, credits)| contract::StateTally {
        state: state.clone(),
        credits: Some(tally(*credits, day.currency)),
    });
    let states = states.collect();
    let tally = |part| Some(tally(part, day.currency));
    contract::ReconciledDay {
        day: day.day.to_string(),
        account_number: day.account.clone(),
        credits: tally(day.credits),
        matched: tally(day.matched),
        resolved: tally(day.resolved),
        waiting: tally(day.waiting),
        debits: tally(day.debits),
        explained: tally(day.explained),
        unexplained: tally(day.unexplained),
        states,
    }
}

fn tally(part: Tally, currency: Currency) -> contract::Tally {
    contract::Tally { count: part.count, sum: Some(Money::new(part.minor, currency).into()) }
}

pub async fn declaration(
    payments: &Payments,
    request: contract::GetTaxDeclarationRequest,
) -> Result<contract::TextFile, Status> {
    let invalid = || Status::from(Refused::new(RefusalCode::Invalid).at(&["month"]));
    let month = request.month.parse().map_err(|_| invalid())?;
    let declaration = declare_tax::tax_declaration(payments, month).await;
    let declaration = declaration.map_err(|error| any_fault(&error))?;
    let shops: std::collections::BTreeSet<ShopId> =
        declaration.rows.keys().map(|row| row.shop).collect();
    let taxpayers = taxpayers(payments, shops.into_iter().collect()).await?;
    let text = declaration.to_csv(&taxpayers).map_err(platform::rpc::fault)?;
    let name = format!("khai-thue-{month}.csv");
    Ok(contract::TextFile { name, media_type: "text/csv".to_owned(), text })
}

/// Names and tax codes, as accounts keeps them.
pub async fn taxpayers(payments: &Payments, shops: Vec<ShopId>) -> Result<Vec<Taxpayer>, Status> {
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
pub fn days_of(from: &str, to: &str) -> Result<Days, Status> {
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
