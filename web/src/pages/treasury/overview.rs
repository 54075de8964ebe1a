//! What waits: credits with their age, debits that nothing explains, payouts and refunds to agree to.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::forms::FormState;
use crate::outcome::render;
use crate::pages::stalls::After;
use crate::pages::views::{MoneyView, Nodes, OfOperations};
use crate::{AppState, Chrome, PageResult, Texts, Visitor};

#[derive(Template)]
#[template(path = "treasury.html")]
struct TreasuryPage {
    chrome: Chrome,
    form: FormState,
    queue: Queue,
    settling: Settling,
    banks: Vec<BankView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct QueueData {
    operations: Queue,
    banks: Vec<BankView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BankView {
    bin: String,
    short_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queue {
    bank_credits: Nodes<CreditView>,
    bank_debits: Nodes<DebitView>,
    failed_card_returns: Nodes<CardReturnView>,
}

/// Card money that came second and could not go back.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CardReturnView {
    id: String,
    amount: MoneyView,
    problem: Option<String>,
    changed_at: String,
    payment: Option<MeantView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditView {
    id: String,
    state: String,
    memo: String,
    amount: MoneyView,
    expected: Option<MoneyView>,
    received_at: String,
    account_number: String,
    counterparty_name: Option<String>,
    payment: Option<MeantView>,
    decisions: Vec<DecisionView>,
    suggestions: Vec<SuggestionView>,
}

/// A payment that a credit may be for, and why.
#[derive(Deserialize)]
struct SuggestionView {
    confidence: String,
    reasons: Vec<String>,
    payment: Option<SuggestedView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuggestedView {
    reference: String,
    created_at: String,
    amount: MoneyView,
}

impl SuggestionView {
    /// What is kept as the reason of who takes it.
    fn as_reason(&self, texts: &Texts) -> String {
        texts.fill("treasury.by_suggestion", self.reasons.join(" "))
    }
}

#[derive(Deserialize)]
struct MeantView {
    reference: String,
    status: String,
}

#[derive(Deserialize)]
struct DecisionView {
    reason: String,
}

impl CreditView {
    /// For how many days it waits.
    fn age(&self) -> i64 {
        use time::format_description::well_known::Rfc3339;
        let since = time::OffsetDateTime::parse(&self.received_at, &Rfc3339);
        since.map_or(0, |since| (time::OffsetDateTime::now_utc() - since).whole_days())
    }

    /// The reference that the form offers: only that of a payment which can still be paid.
    fn offered(&self) -> &str {
        let open = self.payment.as_ref().filter(|payment| payment.status == "PENDING");
        open.map_or("", |payment| payment.reference.as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DebitView {
    memo: String,
    amount: MoneyView,
    booked_at: String,
    state: String,
}

#[derive(Deserialize)]
struct Settling {
    drafts: Nodes<PayoutView>,
    approved: Nodes<PayoutView>,
    sent: Nodes<PayoutView>,
    refunds: Nodes<RefundView>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayoutView {
    id: String,
    reference: String,
    amount: MoneyView,
    account: Option<AccountView>,
    file_id: Option<String>,
}

#[derive(Deserialize)]
struct AccountView {
    number: String,
    holder: String,
}

#[derive(Deserialize)]
struct RefundView {
    id: String,
    reference: String,
    reason: String,
    amount: MoneyView,
}

impl Settling {
    /// The files that were sent last, each once, the newest first.
    fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = Vec::new();
        for file in self.sent.nodes.iter().filter_map(|payout| payout.file_id.as_deref()) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }
}

const QUEUE: &str = "query($after: String) { banks { bin shortName } operations {
  bankCredits(waitingOnly: true, first: 20, after: $after) { nodes { id state memo receivedAt accountNumber counterpartyName
    amount { amount formatted } expected { amount formatted } payment { reference status } decisions { reason }
    suggestions { confidence reasons payment { reference createdAt amount { amount formatted } } } }
    pageInfo { hasNextPage endCursor } }
  bankDebits(figure: {outcome: UNEXPLAINED}, first: 20) { nodes { memo bookedAt state amount { amount formatted } } }
  failedCardReturns(first: 20) { nodes { id problem changedAt amount { amount formatted } payment { reference status } } } } }";
const SETTLING: &str = "{ operations {
  drafts: payouts(status: DRAFT, first: 30) { nodes { ...P } }
  approved: payouts(status: APPROVED, first: 30) { nodes { ...P } }
  sent: payouts(status: SENT, first: 50) { nodes { ...P } }
  refunds(status: NEEDS_APPROVAL, first: 30) { nodes { id reference reason amount { amount formatted } } } } }
  fragment P on Payout { id reference fileId amount { amount formatted } account { number holder } }";

/// `GET /operations/money`
pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> PageResult<Response> {
    show_with(&state, &visitor, after, FormState::default()).await
}

/// The page, with what was wrong with a form on it.
pub async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    after: Option<String>,
    form: FormState,
) -> PageResult<Response> {
    visitor.must_be_signed_in()?;
    let (queue, settling, chrome) = tokio::try_join!(
        state.graphql.query::<QueueData>(visitor, QUEUE, json!({ "after": after })),
        state.graphql.query::<OfOperations<Settling>>(visitor, SETTLING, json!({})),
        Chrome::of(state, visitor)
    )?;
    let QueueData { operations: queue, banks } = queue;
    let next = queue.bank_credits.page_info.next_at("/operations/money");
    let settling = settling.operations;
    Ok(render(&TreasuryPage { chrome, form, queue, settling, banks, next }))
}
