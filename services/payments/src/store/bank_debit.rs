//! Debits on the bank account, as statements tell of them.

use std::collections::HashSet;

use kernel::{
    BankCreditId, BankDebitId, Money, PageRequest, PayoutId, RefundId, ShopId, Timestamp,
};
use platform::bulk;
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::bank_credit::{bytes_of, number_of};
use super::corrupt;
use super::payment::money_of;
use super::settlement_entities::bank_debits::{Column, Entity, Model};

/// What a debit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebitState {
    /// It is a payout's or a refund's.
    Matched,
    /// It names a payout or a refund of another amount.
    Differs,
    /// It names one that another debit proved.
    Duplicate,
    /// Nobody knows what it is for.
    Orphan,
}

impl DebitState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Matched, Self::Differs, Self::Duplicate, Self::Orphan];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Differs => "differs",
            Self::Duplicate => "duplicate",
            Self::Orphan => "orphan",
        }
    }
}

/// What the report counts as explained.
pub(super) const EXPLAINED: &str = "(state = 'matched' OR resolution IS NOT NULL)";
pub(super) const UNEXPLAINED: &str = "(state <> 'matched' AND resolution IS NULL)";

/// A debit, and what was decided on it.
#[derive(Clone, Debug)]
pub struct BankDebit {
    /// Its id.
    pub id: BankDebitId,
    /// Its identity on statements.
    pub statement_identity: u128,
    /// The formats of the statements that told of it, a set of
    /// [`Format::bit`](crate::domain::statement::Format::bit); nothing, if it is not known.
    pub stated_by: Option<i64>,
    /// The account that it left.
    pub account_number: String,
    /// What went, above zero.
    pub amount: Money,
    /// The memo.
    pub memo: String,
    /// The bank's reference.
    pub bank_reference: String,
    /// When the bank booked it.
    pub booked_at: Timestamp,
    /// When we were told.
    pub received_at: Timestamp,
    /// What it is.
    pub state: DebitState,
    /// The payout that it proves or names.
    pub payout: Option<PayoutId>,
    /// The refund that it proves or names.
    pub refund: Option<RefundId>,
    /// What a person made of it: `reversed`, `written_off`; of a shop's own account,
    /// [`super::bank_credit::SHOPS_OWN`].
    pub resolution: Option<String>,
    /// The credit that it took back.
    pub reversed_credit: Option<BankCreditId>,
    /// Whose own account it left; the market's, if it is none.
    pub shop: Option<ShopId>,
}

impl BankDebit {
    /// Whether nobody has explained it.
    pub fn waits(&self) -> bool {
        self.state != DebitState::Matched && self.resolution.is_none()
    }
}

/// Inserts debits with one statement.
pub async fn insert(tx: &impl ConnectionTrait, debits: &[BankDebit]) -> Result<(), DbErr> {
    let rows: Vec<_> = debits
        .iter()
        .map(|debit| Model {
            id: debit.id.uuid(),
            statement_identity: bytes_of(debit.statement_identity),
            account_number: debit.account_number.clone(),
            amount_minor: debit.amount.minor,
            currency: debit.amount.currency.code().to_owned(),
            memo: debit.memo.clone(),
            bank_reference: debit.bank_reference.clone(),
            booked_at: debit.booked_at.micros(),
            received_at: debit.received_at.micros(),
            state: debit.state.name().to_owned(),
            payout_id: debit.payout.map(PayoutId::uuid),
            refund_id: debit.refund.map(RefundId::uuid),
            resolution: debit.resolution.clone(),
            reversed_credit: debit.reversed_credit.map(BankCreditId::uuid),
            shop_id: debit.shop.map(ShopId::uuid),
            stated_by: debit.stated_by,
        })
        .collect();
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// Which of some identities are there.
pub async fn known(tx: &impl ConnectionTrait, identities: &[u128]) -> Result<HashSet<u128>, DbErr> {
    if identities.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::StatementIdentity)
        .filter(Column::StatementIdentity.is_in(identities.iter().copied().map(bytes_of)))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.iter().map(|bytes| number_of(bytes)).collect())
}

/// Which of some payouts and refunds a debit proved.
pub async fn proven(tx: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashSet<Uuid>, DbErr> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(Option<Uuid>, Option<Uuid>)> = Entity::find()
        .select_only()
        .columns([Column::PayoutId, Column::RefundId])
        .filter(Column::State.eq(DebitState::Matched.name()))
        .filter(
            Column::PayoutId
                .is_in(ids.iter().copied())
                .or(Column::RefundId.is_in(ids.iter().copied())),
        )
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().filter_map(|(payout, refund)| payout.or(refund)).collect())
}

/// The debit that proves a payout or a refund.
pub async fn that_proves(
    db: &impl ConnectionTrait,
    payout: Option<PayoutId>,
    refund: Option<RefundId>,
) -> Result<Option<BankDebit>, DbErr> {
    let about = match (payout, refund) {
        (Some(payout), _) => Column::PayoutId.eq(payout.uuid()),
        (None, Some(refund)) => Column::RefundId.eq(refund.uuid()),
        (None, None) => return Ok(None),
    };
    let row = Entity::find()
        .filter(Column::State.eq(DebitState::Matched.name()))
        .filter(about)
        .one(db)
        .await?;
    row.map(debit_of).transpose()
}

/// Debits by their ids, in no order.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[BankDebitId],
) -> Result<Vec<BankDebit>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.uuid());
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    rows.into_iter().map(debit_of).collect()
}

/// One debit, locked.
pub async fn lock(tx: &impl ConnectionTrait, id: BankDebitId) -> Result<Option<BankDebit>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(debit_of).transpose()
}

/// Writes what a person made of a debit, and the credit that it took back.
pub async fn resolve(
    tx: &impl ConnectionTrait,
    id: BankDebitId,
    resolution: &str,
    reversed: Option<BankCreditId>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Resolution, Expr::value(resolution))
        .col_expr(Column::ReversedCredit, Expr::value(reversed.map(BankCreditId::uuid)))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which debits are listed.
#[derive(Clone, Debug, Default)]
pub struct DebitFilter {
    /// Those in this state.
    pub state: Option<DebitState>,
    /// Those that are explained, or those that are not.
    pub explained: Option<bool>,
    /// Those of this account.
    pub account: Option<String>,
    /// Those booked in this span, the end left out.
    pub booked: Option<(Timestamp, Timestamp)>,
}

/// A page of debits, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &DebitFilter,
    request: &PageRequest<Uuid>,
) -> Result<Vec<BankDebit>, DbErr> {
    let mut select = Entity::find();
    if let Some(state) = filter.state {
        select = select.filter(Column::State.eq(state.name()));
    }
    if let Some(explained) = filter.explained {
        let test = if explained { EXPLAINED } else { UNEXPLAINED };
        select = select.filter(Expr::cust(test));
    }
    if let Some(account) = &filter.account {
        select = select.filter(Column::AccountNumber.eq(account.as_str()));
    }
    if let Some((from, until)) = filter.booked {
        select = select
            .filter(Column::BookedAt.gte(from.micros()))
            .filter(Column::BookedAt.lt(until.micros()));
    }
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(debit_of).collect()
}

pub(super) fn debit_of(row: Model) -> Result<BankDebit, DbErr> {
    let state = DebitState::ALL.into_iter().find(|state| state.name() == row.state);
    Ok(BankDebit {
        id: BankDebitId::from_uuid(row.id),
        statement_identity: number_of(&row.statement_identity),
        stated_by: row.stated_by,
        account_number: row.account_number,
        amount: money_of(row.amount_minor, &row.currency)?,
        memo: row.memo,
        bank_reference: row.bank_reference,
        booked_at: Timestamp::from_micros(row.booked_at),
        received_at: Timestamp::from_micros(row.received_at),
        state: state.ok_or_else(|| corrupt("a debit's state"))?,
        payout: row.payout_id.map(PayoutId::from_uuid),
        refund: row.refund_id.map(RefundId::from_uuid),
        resolution: row.resolution,
        reversed_credit: row.reversed_credit.map(BankCreditId::from_uuid),
        shop: row.shop_id.map(ShopId::from_uuid),
    })
}
