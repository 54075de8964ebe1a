//! The card provider's payouts to the market's bank, and what each nets.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::payments::ListCardMovementsRequest;

use super::enums::CardPayoutStatus;
use super::moment::Moment;
use super::money::Money;
use super::text::given;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST, page_request};
use crate::scope::Scope;

/// A payout of the card provider's to the market's bank account.
pub struct CardPayout {
    payout: proto::payments::CardPayout,
    locale: Locale,
}

impl CardPayout {
    /// A payout of payments, in a language.
    pub const fn of(payout: proto::payments::CardPayout, locale: Locale) -> Self {
        Self { payout, locale }
    }
}

/// A payout of the card provider's to the market's bank account.
#[Object(directive = auth::apply(Requires::Operator))]
impl CardPayout {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.payout.id.clone())
    }

    /// The card provider's id of it.
    async fn provider_id(&self) -> &str {
        &self.payout.provider_id
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::of(self.payout.amount.as_ref(), self.locale)
    }

    /// Where it stands.
    async fn status(&self) -> Result<CardPayoutStatus, Error> {
        CardPayoutStatus::of(self.payout.status)
    }

    /// When the bank should book it.
    async fn arrives_at(&self) -> Moment {
        Moment::of(self.payout.arrives_at)
    }

    /// Id of the bank credit by which it came; nothing until that is seen.
    async fn bank_credit_id(&self) -> Option<ID> {
        given(&self.payout.credit_id).map(ID::from)
    }

    /// The rule by which that credit is known.
    async fn rule(&self) -> Option<&str> {
        given(&self.payout.rule)
    }

    /// The movements that it nets, its own included, the newest first. Their `net` sums to zero.
    async fn movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<CardMovement>, Error> {
        let payout_id = self.payout.id.clone();
        let request = ListCardMovementsRequest { payout_id, ..ListCardMovementsRequest::default() };
        movements(Scope::of(ctx), request, first, after).await
    }

    /// When the market heard of it.
    async fn created_at(&self) -> Moment {
        Moment::of(self.payout.created_at)
    }
}

/// A movement of the market's balance at the card provider.
pub struct CardMovement {
    movement: proto::payments::CardMovement,
    locale: Locale,
}

/// A movement of the market's balance at the card provider.
#[Object(directive = auth::apply(Requires::Operator))]
impl CardMovement {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.movement.id.clone())
    }

    /// The card provider's id of it.
    async fn provider_id(&self) -> &str {
        &self.movement.provider_id
    }

    /// What it is: `charge`, `refund`, `refund_failure`, `adjustment` (a dispute), `fee`, `payout`,
    /// `payout_failure`, or the provider's word for something else.
    async fn kind(&self) -> &str {
        &self.movement.kind
    }

    /// Before the fee; below zero when the balance shrinks.
    async fn amount(&self) -> Money {
        Money::of(self.movement.amount.as_ref(), self.locale)
    }

    /// What the provider kept of it.
    async fn fee(&self) -> Money {
        Money::of(self.movement.fee.as_ref(), self.locale)
    }

    /// What the balance gained: the amount less the fee.
    async fn net(&self) -> Money {
        Money::of(self.movement.net.as_ref(), self.locale)
    }

    /// The provider's id of the charge, refund, dispute or payout that it comes from.
    async fn source(&self) -> Option<&str> {
        given(&self.movement.source)
    }

    /// When the provider booked it.
    async fn created_at(&self) -> Moment {
        Moment::of(self.movement.created_at)
    }
}

/// A page of movements.
pub async fn movements(
    scope: &Scope,
    request: ListCardMovementsRequest,
    first: i32,
    after: Option<String>,
) -> Result<Connection<CardMovement>, Error> {
    let page = page_request(scope, first, after)?;
    let request = ListCardMovementsRequest { page: Some(page.clone()), ..request };
    let found = scope.answer(scope.payments.clone().list_card_movements(request).await)?;
    let movements =
        found.movements.into_iter().map(|movement| CardMovement { movement, locale: scope.locale });
    Ok(Connection::new(&page, found.page, movements))
}
