//! What is declared to the tax office: all of it.

use super::*;
use crate::domain::refund_decision::RefundDecision;
use crate::domain::tax_declaration::DeclaredSums;
use crate::domain::vietnam_calendar::{VietnamDay, VietnamMonth};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::declare_tax::tax_declaration;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

const MONTH: Duration = Duration::from_secs(31 * 24 * 60 * 60);

impl Bench {
    async fn declared(&self, month: VietnamMonth) -> DeclaredSums {
        let declaration = tax_declaration(&self.payments, month).await.unwrap();
        declaration.totals().unwrap()[&kernel::Currency::Vnd]
    }

    fn this_month(&self) -> VietnamMonth {
        VietnamDay::of(self.clock.now()).month()
    }

    /// Says that a payment paid so many orders more, all in one moment.
    async fn charge_more(&self, payment: &Payment, count: u32) {
        let (numbers, id) = match self.database.backend() {
            sea_orm::DbBackend::Sqlite => (
                format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
                ),
                "unhex(printf('%032x', i))",
            ),
            _ => (
                format!("WITH n(i) AS (SELECT * FROM generate_series(1, {count}))"),
                "lpad(to_hex(i), 32, '0')::uuid",
            ),
        };
        let of_payment = match self.database.backend() {
            sea_orm::DbBackend::Sqlite => format!("x'{}'", payment.id.uuid().simple()),
            _ => format!("'{}'", payment.id.uuid()),
        };
        let change = format!(
            "{numbers} INSERT INTO order_charges SELECT o.payment_id, {id}, o.shop_id, o.base_minor,
                o.currency, o.seller_kind, o.supply_kind, o.fee_rule, o.fee_rule_version, o.fee_minor,
                o.vat_rule, o.vat_basis_points, o.vat_minor, o.pit_rule, o.pit_basis_points,
                o.pit_minor, o.accepted_at, o.fulfilled_at
             FROM n, (SELECT * FROM order_charges WHERE payment_id = {of_payment} AND base_minor > 10) o"
        );
        self.database.writer().execute_unprepared(&change).await.unwrap();
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn however_many_orders_a_month_has_none_is_left_out(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        bench.charge_more(&payment, 4_500).await;
        let declared = bench.declared(bench.this_month()).await;
        assert_eq!(declared.sold, Money::vnd(4_501 * 200_000 + 10));
        assert_eq!(declared.vat_withheld, Money::vnd(4_501 * 2_000));
    }

    async fn what_was_declared_of_a_refund_stays_when_the_match_of_its_payment_is_taken_back(database) {
        let bench = Bench::charging(database);
        let (january, payment) = (bench.this_month(), bench.paid(1, 200_010).await);
        let refund = bench.refund(&payment, 100_000, "a").await;
        let before = bench.declared(january).await;
        assert_eq!((before.returned, before.vat_returned), (Money::vnd(100_000), Money::vnd(1_000)));
        bench.clock.advance(MONTH);
        decide_refund(&bench.payments, refund.id, RefundDecision::Cancel, ids::new(), None).await.unwrap();
        let credit = bench.credits().await[0].id;
        let reason = "của người khác".to_owned();
        let asked = UnmatchBankCredit { credit, reason, by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.declared(january).await, before);
        // In February the refund is taken back, and the whole sale.
        let february = bench.declared(bench.this_month()).await;
        assert_eq!(february.returned, Money::vnd(200_010 - 100_000));
        assert_eq!(february.vat_returned, Money::vnd(2_000 - 1_000));
        bench.assert_sound().await;
    }
}
