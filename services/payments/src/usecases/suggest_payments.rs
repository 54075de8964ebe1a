//! Suggests what credits that wait may be for: many at once, with a fixed number of questions to the
//! database. A person decides; nothing is matched by this.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use kernel::{BankCreditId, PaymentId, ShopId, Timestamp};
use sea_orm::DbErr;

use crate::Payments;
use crate::domain::payment::Payment;
use crate::domain::reconciliation::{
    Book, Confidence, Expectation, ExpectationNumber, Fact, Moment, Reason, confidence,
};
use crate::store;
use crate::store::bank_credit::BankCredit;

/// The most open payments that are looked through, the newest first.
const MOST_OPEN: u64 = 5_000;
/// The most suggestions of one credit.
const MOST: usize = 3;
/// The clocks of bank and market may differ by so much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(300);

/// What a credit may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedPayment {
    /// The payment.
    pub payment: PaymentId,
    /// Why.
    pub reasons: Vec<Reason>,
    /// How much speaks for it.
    pub confidence: Confidence,
}

/// What some credits may be for; those that do not wait, or of which nothing is known, are missing.
pub async fn suggest_payments(
    payments: &Payments,
    credits: &[BankCreditId],
) -> Result<HashMap<BankCreditId, Vec<SuggestedPayment>>, DbErr> {
    let db = payments.0.database.reader();
    let mut waiting = store::bank_credit::by_ids(db, credits).await?;
    waiting.retain(BankCredit::waits);
    if waiting.is_empty() {
        return Ok(HashMap::new());
    }
    let open = store::payment::newest_pending(db, MOST_OPEN).await?;
    let ids: Vec<BankCreditId> = waiting.iter().map(|credit| credit.id).collect();
    let refused = store::match_refusal::of_credits(db, &ids).await?;
    let known_payers = store::learned_payer::shops_of(db, &waiting).await?;
    let mut suggesting = Suggesting::of(open);
    let suggestions = waiting.iter().map(|credit| {
        let shops = known_payers.get(&credit.id);
        let is_refused = |payment| refused.contains(&(credit.id, payment));
        (credit.id, suggesting.of_credit(credit, shops, is_refused))
    });
    Ok(suggestions.filter(|(_, found)| !found.is_empty()).collect())
}

/// Whether a payment asked for money on the account that a credit came to: no other can be paid by it.
fn asked_on(payment: &Payment, credit: &BankCredit) -> bool {
    payment.is_asked_on(&credit.account_number, credit.shop)
}

/// The open payments, in a book of the rules' own.
struct Suggesting {
    open: Vec<Payment>,
    book: Book,
    by_shop: HashMap<ShopId, BTreeSet<ExpectationNumber>>,
}

impl Suggesting {
    fn of(open: Vec<Payment>) -> Self {
        let mut book = Book::new([]);
        let mut by_shop: HashMap<ShopId, BTreeSet<ExpectationNumber>> = HashMap::new();
        let mut expected = Vec::with_capacity(open.len());
        for payment in open {
            let micros = CLOCKS_DIFFER.as_micros() as i64;
            let to = match payment.reopened_at {
                None => payment.expires_at,
                Some(_) => Timestamp::from_micros(i64::MAX),
            };
            // A code of ours is always a reference; what is not cannot be suggested.
            let number = book.expect(&Expectation {
                reference: &payment.code.to_string(),
                amount: payment.amount,
                from: Timestamp::from_micros(payment.created_at.micros() - micros),
                to,
            });
            let Ok(number) = number else { continue };
            for part in &payment.allocations {
                by_shop.entry(part.shop).or_default().insert(number);
            }
            expected.push(payment);
        }
        Self { open: expected, book, by_shop }
    }

    fn of_credit(
        &mut self,
        credit: &BankCredit,
        shops: Option<&BTreeSet<ShopId>>,
        is_refused: impl Fn(PaymentId) -> bool,
    ) -> Vec<SuggestedPayment> {
        let fact = Fact {
            moment: Moment { at: credit.received_at, identity: credit.id.uuid().as_u128() },
            amount: credit.amount,
            memo: &credit.memo,
        };
        for (payment, number) in self.open.iter().zip(0..) {
            if is_refused(payment.id) || !asked_on(payment, credit) {
                self.book.refuse(fact.moment.identity, number);
            }
        }
        let mut reasons: BTreeMap<ExpectationNumber, BTreeSet<Reason>> = BTreeMap::new();
        for suggestion in self.book.suggest(&fact) {
            reasons.entry(suggestion.expectation).or_default().insert(suggestion.reason);
        }
        for number in
            shops.into_iter().flatten().filter_map(|shop| self.by_shop.get(shop)).flatten()
        {
            let Some(payment) = self.open.get(*number as usize) else { continue };
            if is_refused(payment.id)
                || !asked_on(payment, credit)
                || credit.received_at < self.book.terms(*number).from
            {
                continue;
            }
            let same = payment.amount == credit.amount;
            let reason = if same { Reason::KnownPayerAndAmount } else { Reason::KnownPayer };
            reasons.entry(*number).or_default().insert(reason);
        }
        self.ranked(reasons)
    }

    /// The best first; of those that are alike, the newest.
    fn ranked(
        &self,
        reasons: BTreeMap<ExpectationNumber, BTreeSet<Reason>>,
    ) -> Vec<SuggestedPayment> {
        let mut suggestions: Vec<SuggestedPayment> = reasons
            .into_iter()
            .filter_map(|(number, reasons)| {
                let payment = self.open.get(number as usize)?.id;
                let reasons: Vec<Reason> = reasons.into_iter().collect();
                let confidence = confidence(&reasons)?;
                Some(SuggestedPayment { payment, reasons, confidence })
            })
            .collect();
        suggestions.sort_by_key(|one| {
            (
                std::cmp::Reverse(one.confidence),
                one.reasons.first().copied(),
                std::cmp::Reverse(one.payment.uuid()),
            )
        });
        suggestions.truncate(MOST);
        suggestions
    }
}
