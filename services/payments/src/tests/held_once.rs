//! An order that was delivered is not held a second time because its payment was matched anew.

use kernel::BankCreditId;

use super::*;
use crate::usecases::resolve_bank_credit::{Resolution, ResolveBankCredit, resolve_bank_credit};
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

impl Bench {
    async fn take_back(&self, credit: BankCreditId) {
        let asked =
            UnmatchBankCredit { credit, reason: "của người khác".to_owned(), by: ids::new() };
        unmatch_bank_credit(&self.payments, asked).await.unwrap();
    }

    async fn match_again(&self, credit: BankCreditId, payment: &Payment) {
        let resolution = Resolution::Pays(vec![(payment.id, payment.amount)]);
        let asked =
            ResolveBankCredit {
                credit, resolution, reason: "đúng rồi".to_owned(), by: ids::new()
            };
        resolve_bank_credit(&self.payments, asked).await.unwrap();
    }

    async fn fulfil(&self, order: OrderId) -> Timestamp {
        let (tx, at) = (self.database.begin().await.unwrap(), self.clock.now());
        store::fulfilled::note(&tx, &[(order, at)]).await.unwrap();
        tx.commit().await.unwrap();
        at
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn what_was_delivered_before_or_while_its_match_was_taken_back_stays_delivered(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 200_010).await;
        let credit = bench.credits().await[0].id;
        let [first, second] = [0, 1].map(|place| payment.allocations[place].order);
        let before = bench.fulfil(first).await;
        bench.clock.advance(Duration::from_secs(60));
        bench.take_back(credit).await;
        let meanwhile = bench.fulfil(second).await;
        bench.match_again(credit, &payment).await;
        let charged = store::charges::of_payment(bench.database.reader(), payment.id).await.unwrap();
        for (order, at) in [(first, before), (second, meanwhile)] {
            let charged = charged.iter().find(|charged| charged.order == order).unwrap();
            assert_eq!(charged.fulfilled_at, Some(at));
        }
        bench.assert_sound().await;
    }
}
