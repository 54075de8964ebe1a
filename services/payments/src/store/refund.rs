//! Refunds: of an order, of a credit that paid nothing, or of card money that came second.

use kernel::{
    BankCreditId, Money, OrderId, PageRequest, PaymentId, PayoutFileId, RefundId, ShopId,
    ShopScope, Timestamp, UserId,
};
use platform::paging::newest_first;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::corrupt;
use super::payment::{Inserted, money_of};
use super::settlement_entities::refunds::{Column, Entity, Model};
use crate::domain::payee_account::{AccountSource, PayeeAccount};
use crate::domain::refund::{RefundMethod, RefundStatus};
use crate::domain::refund_decision::Decidable;
use crate::domain::transfer_code::TransferCode;

/// What is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundOf {
    /// Something of an order that was paid.
    Order {
        /// The payment.
        payment: PaymentId,
        /// The order.
        order: OrderId,
        /// Whose order it is.
        shop: ShopId,
    },
    /// A whole credit that paid nothing.
    Credit(BankCreditId),
    /// Card money that came second for a payment, and that its card does not take.
    Surplus {
        /// The payment that it was meant for.
        payment: PaymentId,
        /// An order of it, by which the buyer is known. Nothing of the order is given back.
        order: OrderId,
    },
}

/// A refund as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRefund {
    /// Its id.
    pub id: RefundId,
    /// The code in the memo of its transfer.
    pub reference: TransferCode,
    /// What is given back.
    pub of: RefundOf,
    /// How much.
    pub amount: Money,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Where the money goes, if anybody has said so.
    pub payee: Option<PayeeAccount>,
    /// How that came to be known.
    pub account_from: AccountSource,
    /// The person who named the account after the refund was asked for.
    pub account_by: Option<UserId>,
    /// By whom it is carried out.
    pub method: RefundMethod,
    /// Where it stands.
    pub status: RefundStatus,
    /// Who asked.
    pub requested_by: UserId,
    /// The second person, where one was needed.
    pub approved_by: Option<UserId>,
    /// What the client named its request.
    pub idempotency_key: String,
    /// SHA-256 of what was asked, so that a key is not used for something else.
    pub request_hash: Vec<u8>,
    /// The file that it was sent with.
    pub file: Option<PayoutFileId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl KeptRefund {
    /// Whether it is in the books: it may be sent, was, or went.
    pub const fn is_posted(&self) -> bool {
        matches!(self.status, RefundStatus::Approved | RefundStatus::Sent | RefundStatus::Succeeded)
    }

    /// What of it the decisions of persons depend on.
    pub const fn decidable(&self) -> Decidable {
        Decidable {
            status: self.status,
            method: self.method,
            requested_by: self.requested_by,
            account_by: self.account_by,
            approved_by: self.approved_by,
        }
    }
}

/// Inserts a refund, unless who asks used the key before.
pub async fn insert(tx: &impl ConnectionTrait, refund: &KeptRefund) -> Result<Inserted, DbErr> {
    let written = Entity::insert(row_of(refund).into_active_model())
        .on_conflict(
            OnConflict::columns([Column::RequestedBy, Column::IdempotencyKey])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(if written == 0 { Inserted::Taken } else { Inserted::New })
}

/// The refund that a person asked for under a key.
pub async fn by_key(
    db: &impl ConnectionTrait,
    requested_by: UserId,
    key: &str,
) -> Result<Option<KeptRefund>, DbErr> {
    let row = Entity::find()
        .filter(Column::RequestedBy.eq(requested_by.uuid()))
        .filter(Column::IdempotencyKey.eq(key))
        .one(db)
        .await?;
    row.map(refund_of).transpose()
}

/// One refund, locked.
pub async fn lock(tx: &impl ConnectionTrait, id: RefundId) -> Result<Option<KeptRefund>, DbErr> {
    Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?.map(refund_of).transpose()
}

/// One refund.
pub async fn by_id(db: &impl ConnectionTrait, id: RefundId) -> Result<Option<KeptRefund>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await?.map(refund_of).transpose()
}

/// Every refund of some payments, the oldest first.
pub async fn of_payments(
    db: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<Vec<KeptRefund>, DbErr> {
    if payments.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::PaymentId.is_in(payments.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(refund_of).collect()
}

/// The refunds with some references.
pub async fn lock_by_references(
    tx: &impl ConnectionTrait,
    references: &[TransferCode],
) -> Result<Vec<KeptRefund>, DbErr> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::Reference.is_in(references.iter().map(ToString::to_string)))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(refund_of).collect()
}

/// The refunds in one status that are ours to send, the oldest first, locked: what shops send out of their own
/// accounts is not among them.
pub async fn lock_in_status(
    tx: &impl ConnectionTrait,
    status: RefundStatus,
    limit: u64,
) -> Result<Vec<KeptRefund>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Status.eq(status.name()))
        .filter(Column::Method.ne(RefundMethod::ByShop.name()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().map(refund_of).collect()
}

/// The refunds of a file.
pub async fn of_file(
    db: &impl ConnectionTrait,
    file: PayoutFileId,
) -> Result<Vec<KeptRefund>, DbErr> {
    let found = Entity::find().filter(Column::FileId.eq(file.uuid())).order_by_asc(Column::Id);
    found.all(db).await?.into_iter().map(refund_of).collect()
}

/// Forgets why money of some payments was to go back: it may tell of who paid.
pub async fn forget_reasons(
    tx: &impl ConnectionTrait,
    payments: &[PaymentId],
) -> Result<(), DbErr> {
    if payments.is_empty() {
        return Ok(());
    }
    // Locked by id, as whoever locks several.
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PaymentId.is_in(payments.iter().map(|id| id.uuid())))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Reason, Expr::value(""))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes where a refund stands now.
pub async fn update(tx: &impl ConnectionTrait, refund: &KeptRefund) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(refund.status.name()))
        .col_expr(Column::ApprovedBy, Expr::value(refund.approved_by.map(UserId::uuid)))
        .col_expr(Column::FileId, Expr::value(refund.file.map(PayoutFileId::uuid)))
        .col_expr(Column::ChangedAt, Expr::value(refund.changed_at.micros()))
        .filter(Column::Id.eq(refund.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes to which account a refund goes.
pub async fn name_account(tx: &impl ConnectionTrait, refund: &KeptRefund) -> Result<(), DbErr> {
    let (bin, number, holder) = columns_of(refund.payee.as_ref());
    Entity::update_many()
        .col_expr(Column::BankBin, Expr::value(bin))
        .col_expr(Column::AccountNumber, Expr::value(number))
        .col_expr(Column::AccountHolder, Expr::value(holder))
        .col_expr(Column::AccountFrom, Expr::value(refund.account_from.name()))
        .col_expr(Column::AccountBy, Expr::value(refund.account_by.map(UserId::uuid)))
        .filter(Column::Id.eq(refund.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// An account in its columns; of none they are empty.
fn columns_of(payee: Option<&PayeeAccount>) -> (String, String, String) {
    payee.map_or_else(Default::default, |payee| {
        (payee.bank_bin().to_owned(), payee.number().to_owned(), payee.holder().to_owned())
    })
}

/// A page of refunds, newest first: of one shop, or of all.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: Option<ShopScope>,
    status: Option<RefundStatus>,
    request: &PageRequest<Uuid>,
) -> Result<Vec<KeptRefund>, DbErr> {
    let mut select = Entity::find();
    if let Some(shop) = shop {
        select = select.filter(Column::ShopId.eq(shop.shop().uuid()));
    }
    if let Some(status) = status {
        select = select.filter(Column::Status.eq(status.name()));
    }
    newest_first(select, Column::Id, request).all(db).await?.into_iter().map(refund_of).collect()
}

fn row_of(refund: &KeptRefund) -> Model {
    let (payment, order, shop, credit) = match refund.of {
        RefundOf::Order { payment, order, shop } => {
            (Some(payment.uuid()), Some(order.uuid()), Some(shop.uuid()), None)
        }
        RefundOf::Credit(credit) => (None, None, None, Some(credit.uuid())),
        RefundOf::Surplus { payment, order } => {
            (Some(payment.uuid()), Some(order.uuid()), None, None)
        }
    };
    let (bank_bin, account_number, account_holder) = columns_of(refund.payee.as_ref());
    Model {
        id: refund.id.uuid(),
        reference: refund.reference.to_string(),
        payment_id: payment,
        order_id: order,
        shop_id: shop,
        credit_id: credit,
        amount_minor: refund.amount.minor,
        currency: refund.amount.currency.code().to_owned(),
        reason: refund.reason.clone(),
        bank_bin,
        account_number,
        account_holder,
        method: refund.method.name().to_owned(),
        status: refund.status.name().to_owned(),
        requested_by: refund.requested_by.uuid(),
        approved_by: refund.approved_by.map(UserId::uuid),
        idempotency_key: refund.idempotency_key.clone(),
        request_hash: refund.request_hash.clone(),
        file_id: refund.file.map(PayoutFileId::uuid),
        created_at: refund.created_at.micros(),
        changed_at: refund.changed_at.micros(),
        account_from: refund.account_from.name().to_owned(),
        account_by: refund.account_by.map(UserId::uuid),
    }
}

fn refund_of(row: Model) -> Result<KeptRefund, DbErr> {
    let of = match (row.payment_id, row.order_id, row.shop_id, row.credit_id) {
        (Some(payment), Some(order), Some(shop), None) => RefundOf::Order {
            payment: PaymentId::from_uuid(payment),
            order: OrderId::from_uuid(order),
            shop: ShopId::from_uuid(shop),
        },
        (None, None, None, Some(credit)) => RefundOf::Credit(BankCreditId::from_uuid(credit)),
        (Some(payment), Some(order), None, None) => RefundOf::Surplus {
            payment: PaymentId::from_uuid(payment),
            order: OrderId::from_uuid(order),
        },
        _ => return Err(corrupt("a refund of nothing")),
    };
    let status = RefundStatus::ALL.into_iter().find(|status| status.name() == row.status);
    let method = RefundMethod::ALL.into_iter().find(|method| method.name() == row.method);
    let payee = if row.bank_bin.is_empty() {
        None
    } else {
        let kept = PayeeAccount::new(&row.bank_bin, &row.account_number, &row.account_holder);
        Some(kept.map_err(|_| corrupt("an account"))?)
    };
    let source = AccountSource::ALL.into_iter().find(|source| source.name() == row.account_from);
    Ok(KeptRefund {
        id: RefundId::from_uuid(row.id),
        reference: row.reference.parse().map_err(|_| corrupt("a refund's reference"))?,
        of,
        amount: money_of(row.amount_minor, &row.currency)?,
        reason: row.reason,
        payee,
        account_from: source.ok_or_else(|| corrupt("a source of an account"))?,
        account_by: row.account_by.map(UserId::from_uuid),
        method: method.ok_or_else(|| corrupt("a refund's method"))?,
        status: status.ok_or_else(|| corrupt("a refund's status"))?,
        requested_by: UserId::from_uuid(row.requested_by),
        approved_by: row.approved_by.map(UserId::from_uuid),
        idempotency_key: row.idempotency_key,
        request_hash: row.request_hash,
        file: row.file_id.map(PayoutFileId::from_uuid),
        created_at: Timestamp::from_micros(row.created_at),
        changed_at: Timestamp::from_micros(row.changed_at),
    })
}
