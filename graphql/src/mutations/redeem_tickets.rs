//! `redeemTicket`, `redeemTickets`, `undoRedemption`

use async_graphql::{Context, Error, ID, InputObject, Object};
use kernel::Clock;
use platform::clock::SystemClock;
use proto::bookings::{RedeemTicketsRequest, Scan as ProtoScan};
use proto::common::RefusalCode;

use super::payload::payload;
use crate::access::{Requires, auth};
use crate::scope::{Outcome, Scope};
use crate::types::{Moment, Scan, UserError};

/// A ticket that is shown.
#[derive(Clone, Debug, InputObject)]
pub struct RedeemTicketInput {
    /// The shop at whose pier it is; may be left out by who acts for one shop only.
    shop_id: Option<ID>,
    /// Its departure; left out: whichever it is for, if that is today.
    departure_id: Option<ID>,
    /// What the QR code says, or the ticket's id.
    code: String,
    /// Made up by the phone, 16 to 64 characters: the same key is the same scan.
    idempotency_key: String,
}

/// What a phone saw at the pier, now or a while ago without network.
#[derive(Clone, Debug, InputObject)]
pub struct ScanInput {
    /// Made up by the phone, 16 to 64 characters: the same nonce is the same scan.
    nonce: String,
    /// What the QR code says, or the ticket's id.
    code: String,
    /// When; now where left out.
    scanned_at: Option<Moment>,
    /// Whether an entry is taken back.
    #[graphql(default)]
    undo: bool,
}

/// What a phone saw.
#[derive(Clone, Debug, InputObject)]
pub struct RedeemTicketsInput {
    /// The shop at whose pier it was.
    shop_id: ID,
    /// Its departure; left out: whichever each ticket is for, if that is today.
    departure_id: Option<ID>,
    /// What was seen, at most 500.
    scans: Vec<ScanInput>,
    /// Which phone it was, in words.
    #[graphql(default)]
    device: String,
}

/// An entry to be taken back.
#[derive(Clone, Debug, InputObject)]
pub struct UndoRedemptionInput {
    /// The shop at whose pier it was.
    shop_id: ID,
    /// What the QR code says, or the ticket's id.
    code: String,
    /// Made up by the phone, 16 to 64 characters: the same key is done once.
    idempotency_key: String,
}

payload! {
    /// What came of showing a ticket.
    RedeemTicketPayload {
        /// Whether its guest may come on board, and who it is.
        scan: Scan
    }
}

payload! {
    /// What came of what a phone saw.
    RedeemTicketsPayload {
        /// One for each, in the order in which they were sent.
        scans: Vec<Scan>
    }
}

#[derive(Default)]
pub struct RedeemTickets;

#[Object]
impl RedeemTickets {
    /// Lets the guest of a ticket on board: by a member of the shop that runs the tour.
    #[graphql(guard = "Requires::User", directive = auth::apply(Requires::User))]
    async fn redeem_ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ticket.")] input: RedeemTicketInput,
    ) -> Result<RedeemTicketPayload, Error> {
        let scope = Scope::of(ctx);
        let shop = match shop_meant(scope, input.shop_id).await? {
            Ok(shop) => shop,
            Err(errors) => return Ok(RedeemTicketPayload::of(Err(errors))),
        };
        let scan = scan_now(input.code, input.idempotency_key, false);
        let departure = input.departure_id;
        Ok(RedeemTicketPayload::of(one(redeem(scope, shop, departure, vec![scan]).await?)))
    }

    /// Tells what a phone saw, also without network: the same nonce is one scan, however often it is
    /// sent.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn redeem_tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was seen.")] input: RedeemTicketsInput,
    ) -> Result<RedeemTicketsPayload, Error> {
        let scope = Scope::of(ctx);
        let now = SystemClock.now().micros();
        let device = input.device;
        let scans = input.scans.into_iter().map(|scan| ProtoScan {
            nonce: scan.nonce,
            code: scan.code,
            scanned_at: scan.scanned_at.map_or(now, Moment::micros),
            device: device.clone(),
            undo: scan.undo,
        });
        let outcome = redeem(scope, input.shop_id.0, input.departure_id, scans.collect()).await?;
        Ok(RedeemTicketsPayload::of(outcome))
    }

    /// Takes an entry back: the guest is not on board after all.
    #[graphql(guard = "Requires::ShopMember", directive = auth::apply(Requires::ShopMember))]
    async fn undo_redemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which ticket.")] input: UndoRedemptionInput,
    ) -> Result<RedeemTicketPayload, Error> {
        let scope = Scope::of(ctx);
        let scan = scan_now(input.code, input.idempotency_key, true);
        Ok(RedeemTicketPayload::of(one(redeem(scope, input.shop_id.0, None, vec![scan]).await?)))
    }
}

/// The shop that somebody acts for: the one that is named, or the only one.
async fn shop_meant(scope: &Scope, named: Option<ID>) -> Result<Outcome<String>, Error> {
    let actor = scope.actor().await?;
    let refused = |code| Ok(Err(vec![UserError::plain(code, &["shopId"], scope.locale)]));
    match named {
        Some(shop) if actor.is_member_of(&shop) => Ok(Ok(shop.0)),
        Some(_) => refused(RefusalCode::NotFound),
        None => match &actor.shop_ids()[..] {
            [] => refused(RefusalCode::NotFound),
            [only] => Ok(Ok(only.clone())),
            _ => refused(RefusalCode::Required),
        },
    }
}

fn scan_now(code: String, nonce: String, undo: bool) -> ProtoScan {
    let scanned_at = SystemClock.now().micros();
    ProtoScan { nonce, code, scanned_at, device: String::new(), undo }
}

async fn redeem(
    scope: &Scope,
    shop_id: String,
    departure_id: Option<ID>,
    scans: Vec<ProtoScan>,
) -> Result<Outcome<Vec<Scan>>, Error> {
    let request = RedeemTicketsRequest {
        shop_id,
        departure_id: departure_id.map(|id| id.0).unwrap_or_default(),
        scans,
        scanned_by: scope.actor().await?.user.id.clone(),
    };
    let outcome = scope.outcome(scope.orders.clone().redeem_tickets(request).await)?;
    let of = |scan| Scan::of(scan, scope.locale);
    Ok(outcome.map(|done| done.results.into_iter().map(of).collect()))
}

/// The answer to one scan.
fn one(outcome: Outcome<Vec<Scan>>) -> Outcome<Scan> {
    outcome.and_then(|scans| scans.into_iter().next().ok_or_else(Vec::new))
}
