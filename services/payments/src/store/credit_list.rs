//! Lists of credits, as the queue and the report's figures open to them.

use kernel::{PageRequest, ShopScope, Timestamp};
use platform::paging::newest_first;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::bank_credit::{BankCredit, credit_of, is_matched, is_waiting};
use super::entities::bank_credits::{Column, Entity};
use crate::domain::reconciliation::CreditState;

/// What became of credits, as the report counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditOutcome {
    /// Rules matched it.
    Matched,
    /// A person resolved it.
    Resolved,
    /// It waits.
    Waiting,
}

/// Which credits are listed.
#[derive(Clone, Debug, Default)]
pub struct CreditFilter {
    /// Those in this state.
    pub state: Option<CreditState>,
    /// Those of which this became.
    pub outcome: Option<CreditOutcome>,
    /// Those of which a person made this.
    pub resolution: Option<String>,
    /// Those of this account.
    pub account: Option<String>,
    /// Those booked on these days of Vietnam, both included.
    pub booked_on: Option<(i64, i64)>,
    /// Those that we were told of in this span, the end left out.
    pub received: Option<(Timestamp, Timestamp)>,
    /// Those that came to this shop's own account.
    pub shop: Option<ShopScope>,
}

/// A page of credits, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &CreditFilter,
    request: &PageRequest<Uuid>,
) -> Result<Vec<BankCredit>, DbErr> {
    let mut select = Entity::find();
    if let Some(state) = filter.state {
        // In the text: SQLite finds an index of some rows by nothing else.
        select = select.filter(Expr::cust(format!("state = '{}'", state.name())));
    }
    match filter.outcome {
        Some(CreditOutcome::Waiting) => select = select.filter(is_waiting()),
        Some(CreditOutcome::Matched) => select = select.filter(is_matched()),
        Some(CreditOutcome::Resolved) => {
            select = select.filter(Expr::cust(
                "state NOT IN ('matched', 'matched_with_tolerance') AND resolution IS NOT NULL",
            ));
        }
        None => {}
    }
    if let Some(resolution) = &filter.resolution {
        select = select.filter(Column::Resolution.eq(resolution.as_str()));
    }
    if let Some(account) = &filter.account {
        select = select.filter(Column::AccountNumber.eq(account.as_str()));
    }
    if let Some((first, last)) = filter.booked_on {
        select = select.filter(Column::BookedOn.between(first, last));
    }
    if let Some((from, until)) = filter.received {
        select = select
            .filter(Column::ReceivedAt.gte(from.micros()))
            .filter(Column::ReceivedAt.lt(until.micros()));
    }
    if let Some(scope) = filter.shop {
        select = select.filter(Column::ShopId.eq(scope.shop().uuid()));
    }
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(credit_of).collect()
}
