//! Card payments that cardholders' banks contest.

use async_graphql::{Context, Error, ID, Object};
use kernel::Locale;
use proto::payments::ListCardMovementsRequest;

use super::card_payout::{CardMovement, movements};
use super::moment::Moment;
use super::money::Money;
use super::payment::Payment;
use crate::access::{Requires, auth};
use crate::paging::{Connection, DEFAULT_FIRST};
use crate::scope::Scope;

/// A card payment that the cardholder's bank contests.
pub struct Dispute {
    dispute: proto::payments::Dispute,
    locale: Locale,
}

impl Dispute {
    /// A dispute of payments, in a language.
    pub const fn of(dispute: proto::payments::Dispute, locale: Locale) -> Self {
        Self { dispute, locale }
    }
}

/// A card payment that the cardholder's bank contests.
#[Object(directive = auth::apply(Requires::Operator))]
impl Dispute {
    /// Its id.
    async fn id(&self) -> ID {
        ID(self.dispute.id.clone())
    }

    /// The card provider's id of it: answer it there.
    async fn provider_id(&self) -> &str {
        &self.dispute.provider_id
    }

    /// The payment that is contested.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>, Error> {
        Payment::find(Scope::of(ctx), &self.dispute.payment_id).await
    }

    /// How much of it.
    async fn amount(&self) -> Money {
        Money::of(self.dispute.amount.as_ref(), self.locale)
    }

    /// Where it stands, in the provider's word: `needs_response`, `under_review`, `won`, `lost`, …
    async fn status(&self) -> &str {
        &self.dispute.status
    }

    /// The provider's code of the cardholder's reason.
    async fn reason(&self) -> &str {
        &self.dispute.reason
    }

    /// Until when it can be answered.
    async fn evidence_due_by(&self) -> Option<Moment> {
        Moment::maybe(self.dispute.evidence_due_by)
    }

    /// What of a lost one the shops (or the market) bear.
    async fn borne(&self) -> Money {
        Money::of(self.dispute.borne.as_ref(), self.locale)
    }

    /// What it moved at the card provider, the newest first.
    async fn movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "DEFAULT_FIRST")] first: i32,
        #[graphql(desc = "The cursor to go on behind.")] after: Option<String>,
    ) -> Result<Connection<CardMovement>, Error> {
        let source = self.dispute.provider_id.clone();
        let request = ListCardMovementsRequest { source, ..ListCardMovementsRequest::default() };
        movements(Scope::of(ctx), request, first, after).await
    }

    /// When the market heard of it.
    async fn created_at(&self) -> Moment {
        Moment::of(self.dispute.created_at)
    }

    /// Since when it stands there.
    async fn changed_at(&self) -> Moment {
        Moment::of(self.dispute.changed_at)
    }
}
