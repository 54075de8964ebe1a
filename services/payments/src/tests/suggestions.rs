//! What credits that wait may be for: reasons, refusals, and payers that decisions taught of.

use kernel::{BankCreditId, ShopId};

use super::*;
use crate::domain::reconciliation::{Confidence, Reason};
use crate::usecases::forget_payer::forget_payer;
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::suggest_payments::{SuggestedPayment, suggest_payments};
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

impl Bench {
    async fn id_of(&self, told: u64) -> BankCreditId {
        let credits = self.credits().await;
        credits.into_iter().find(|credit| credit.provider_id == told.to_string()).unwrap().id
    }

    async fn suggested(&self, told: u64) -> Vec<SuggestedPayment> {
        let credit = self.id_of(told).await;
        let mut found = suggest_payments(&self.payments, &[credit]).await.unwrap();
        found.remove(&credit).unwrap_or_default()
    }

    /// A payment of one shop.
    async fn start_at(&self, shop: ShopId, amount: i64) -> Payment {
        let mut request = self.request(amount);
        request.allocations.truncate(1);
        (request.allocations[0].shop, request.allocations[0].amount) = (shop, Money::vnd(amount));
        start_payment(&self.payments, request).await.unwrap().into_payment()
    }

    async fn resolve_to(&self, told: u64, payment: &Payment) {
        let resolution = Resolution::Pays(vec![(payment.id, payment.amount)]);
        let (credit, reason) = (self.id_of(told).await, "gọi điện".to_owned());
        let asked = ResolveBankCredit { credit, resolution, reason, by: ids::new() };
        resolve_bank_credit(&self.payments, asked).await.unwrap();
    }
}

/// The code with one wrong character.
fn mistyped(payment: &Payment) -> String {
    let mut code = payment.code.to_string().into_bytes();
    code[4] = if code[4] == b'Z' { b'Y' } else { b'Z' };
    String::from_utf8(code).unwrap()
}

on_each_database! { migrations::payments::Migrator,
    async fn a_mistyped_code_and_the_only_one_of_an_amount_are_suggested_and_never_matched(database) {
        let bench = Bench::on(database);
        let (one, two) = (bench.start(150_010).await, bench.start(70_010).await);
        bench.credit(1, 150_010, &mistyped(&one)).await;
        bench.credit(2, 1_000, &mistyped(&two)).await;
        bench.credit(3, 70_010, "tien hang").await;
        bench.credit(4, 5, "tien hang").await;
        let best = bench.suggested(1).await;
        assert_eq!((best[0].payment, best[0].confidence), (one.id, Confidence::High));
        assert_eq!(best[0].reasons, [Reason::NearCodeAndAmount]);
        let near = bench.suggested(2).await;
        assert_eq!((near[0].payment, near[0].confidence), (two.id, Confidence::Medium));
        let only = bench.suggested(3).await;
        assert_eq!((only[0].payment, only[0].confidence), (two.id, Confidence::Low));
        assert_eq!(bench.suggested(4).await, []);
        // All at once are the same as one by one.
        let mut credits = Vec::new();
        for told in 1..5 {
            credits.push(bench.id_of(told).await);
        }
        let all = suggest_payments(&bench.payments, &credits).await.unwrap();
        assert_eq!((all.len(), &all[&credits[0]]), (3, &best));
        for payment in [&one, &two] {
            assert_eq!(bench.status(payment).await, PaymentStatus::Pending);
        }
    }

    async fn what_a_person_refused_is_not_suggested_again(database) {
        let bench = Bench::on(database);
        let payment = bench.start(150_010).await;
        bench.credit(1, 150_010, &mistyped(&payment)).await;
        bench.resolve_to(1, &payment).await;
        assert_eq!(bench.suggested(1).await, []);
        let credit = bench.id_of(1).await;
        let asked = UnmatchBankCredit { credit, reason: "nhầm".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.suggested(1).await, []);
        // Another transfer that looks the same is suggested all the same.
        bench.credit(2, 150_010, &mistyped(&payment)).await;
        assert_eq!(bench.suggested(2).await[0].payment, payment.id);
    }

    async fn who_paid_a_shop_before_is_a_known_payer_until_forgotten(database) {
        let bench = Bench::on(database);
        let (shop, other): (ShopId, ShopId) = (ids::new(), ids::new());
        let memo = |day| format!("NGUYEN VAN A tra tien hang thang {day}");
        let first = bench.start_at(shop, 120_000).await;
        bench.credit(1, 120_000, &memo("10")).await;
        bench.resolve_to(1, &first).await;
        let (next, _elsewhere) = (bench.start_at(shop, 95_000).await, bench.start_at(other, 95_000).await);
        bench.credit(2, 95_000, &memo("11")).await;
        let known = bench.suggested(2).await;
        // Two wait for this amount, so amount alone says nothing.
        assert_eq!(known.iter().map(|one| one.payment).collect::<Vec<_>>(), [next.id]);
        assert_eq!(known[0].reasons, [Reason::KnownPayerAndAmount]);
        assert_eq!(bench.status(&next).await, PaymentStatus::Pending);
        // Nothing readable is kept of them.
        let rows = bench.database.reader().query_all_raw(sea_orm::Statement::from_string(
            bench.database.backend(), "SELECT trait_hash FROM learned_payers",
        )).await.unwrap();
        let hash: String = rows[0].try_get_by_index(0).unwrap();
        assert!(!hash.to_uppercase().contains("NGUYEN") && hash.len() >= 32, "{hash}");
        let forgotten = forget_payer(&bench.payments, bench.id_of(2).await).await.unwrap();
        assert_eq!(forgotten, Some(1));
        assert_eq!(bench.suggested(2).await, []);
        assert_eq!(forget_payer(&bench.payments, ids::new()).await.unwrap(), None);
    }

    async fn a_payer_is_forgotten_with_the_buyer_who_deleted_their_account_and_the_books_stay(database) {
        let bench = Bench::on(database);
        let shop: ShopId = ids::new();
        let first = bench.start_at(shop, 120_000).await;
        bench.credit(1, 120_000, "NGUYEN VAN A tra tien hang thang 10").await;
        bench.resolve_to(1, &first).await;
        let question = |what: &str| {
            sea_orm::Statement::from_string(bench.database.backend(), what.to_owned())
        };
        let learned = async || {
            let rows = question("SELECT trait_hash FROM learned_payers");
            bench.database.reader().query_all_raw(rows).await.unwrap().len()
        };
        assert!(learned().await > 0);
        let refund = bench.refund(&first, 20_000, "be-bi-om-1").await;
        let said = proto::events::CheckoutForgotten { checkout_id: first.checkout().unwrap().to_string() };
        for _ in 0..2 {
            let event = proto::events::Event {
                id: ids::new::<kernel::EventId>().to_string(),
                occurred_at: 0,
                aggregate_id: said.checkout_id.clone(),
                body: Some(proto::events::event::Body::CheckoutForgotten(said.clone())),
            };
            let consumer = crate::consumers::OrdersHeard(bench.payments.clone());
            platform::consumer::deliver(&consumer, bench.clock.now(), &[event]).await.unwrap();
        }
        assert_eq!(learned().await, 0);
        assert_eq!(bench.status(&first).await, PaymentStatus::Succeeded);
        let kept = store::refund::by_id(bench.database.reader(), refund.id).await.unwrap().unwrap();
        assert_eq!((kept.reason.as_str(), kept.amount), ("", refund.amount));
        let kept = question("SELECT id FROM bank_credits");
        assert_eq!(bench.database.reader().query_all_raw(kept).await.unwrap().len(), 1);
    }

    async fn a_match_that_is_taken_back_teaches_nothing(database) {
        let bench = Bench::on(database);
        let shop: ShopId = ids::new();
        let first = bench.start_at(shop, 120_000).await;
        bench.credit(1, 120_000, "NGUYEN VAN A tra tien hang").await;
        bench.resolve_to(1, &first).await;
        let credit = bench.id_of(1).await;
        let asked = UnmatchBankCredit { credit, reason: "nhầm".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        bench.start_at(shop, 95_000).await;
        bench.credit(2, 1_000, "NGUYEN VAN A tra tien hang").await;
        assert_eq!(bench.suggested(2).await, []);
    }
}
