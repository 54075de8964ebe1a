//! What people of a shop may give back by themselves.

use kernel::ShopScope;

use super::*;
use crate::domain::payee_account::{AccountSource, PayeeAccount};
use crate::domain::refund::RefundStatus;
use crate::store::refund::KeptRefund;
use crate::usecases::record_credits::{End, Incoming, record_credits};
use crate::usecases::refund_payment::{RefundPayment, RefundedPart, refund_payment};

impl Bench {
    /// A payment that certainly came from an account of Le Minh.
    async fn paid_by_le_minh(&self) -> Payment {
        let (payment, now) = (self.start(100_010).await, self.clock.now());
        let told = Incoming {
            feed: "casso".to_owned(),
            provider_id: "1".to_owned(),
            statement_identity: None,
            stated_by: None,
            bank: "VPBank".to_owned(),
            account_number: ACCOUNT.to_owned(),
            sub_account: None,
            amount: payment.amount,
            memo: payment.code.to_string(),
            codes: vec![payment.code],
            bank_reference: "FT1".to_owned(),
            counterparty_name: Some("LE MINH".to_owned()),
            counterparty_account: Some("8888888888".to_owned()),
            counterparty_bin: Some("970415".to_owned()),
            booked_at: now,
            received_at: now,
        };
        let tx = self.database.begin().await.unwrap();
        let end = store::ledger::lock(&tx).await.unwrap();
        record_credits(&self.payments, &tx, End::Held(end), vec![told], now).await.unwrap();
        tx.commit().await.unwrap();
        payment
    }

    async fn give_back(
        &self,
        payment: &Payment,
        key: &str,
        named: Option<(&str, &str, &str)>,
        by_shop: bool,
    ) -> KeptRefund {
        let part = &payment.allocations[0];
        let asked = RefundPayment {
            payment: payment.id,
            order: part.order,
            part: RefundedPart::Amount(Money::vnd(1_000)),
            reason: "hỏng trên đường".to_owned(),
            account: named.map(|(bin, number, holder)| PayeeAccount::new(bin, number, holder)),
            requested_by: ids::new(),
            scope: by_shop.then(|| ShopScope::granted(part.shop)),
            idempotency_key: key.to_owned(),
        };
        refund_payment(&self.payments, asked).await.unwrap()
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_shop_sends_nothing_to_an_account_of_its_own_choice_without_a_second_person(database) {
        let bench = Bench::on(database);
        let payment = bench.paid_by_le_minh().await;
        let (own, payer) = (("970436", "123", "CHU SHOP"), ("970415", "8888888888", "LE MINH"));
        let refund = bench.give_back(&payment, "a", Some(own), true).await;
        assert_eq!((refund.status, refund.account_from), (RefundStatus::NeedsApproval, AccountSource::Request));
        assert_eq!(bench.balance("refunds").await, 0);
        // To who paid, named or not, and by an operator one person is enough.
        for (key, named, by_shop) in [("b", Some(payer), true), ("c", None, true), ("d", Some(own), false)] {
            let refund = bench.give_back(&payment, key, named, by_shop).await;
            assert_eq!(refund.status, RefundStatus::Approved, "{key}");
        }
        assert_eq!(bench.balance("refunds").await, -3_000);
        bench.assert_sound().await;
    }

    async fn of_whom_nobody_knows_who_paid_a_shop_names_no_account_alone(database) {
        let bench = Bench::on(database);
        let payment = bench.start(100_010).await;
        bench.credit(1, 100_010, &payment.code.to_string()).await;
        let refund = bench.give_back(&payment, "a", Some(("970436", "123", "CHU SHOP")), true).await;
        assert_eq!(refund.status, RefundStatus::NeedsApproval);
        // Without a name it waits for the buyer's word.
        let refund = bench.give_back(&payment, "b", None, true).await;
        assert_eq!(refund.status, RefundStatus::Requested);
        bench.assert_sound().await;
    }
}
