//! Money that shoppers pay straight to a shop's own account: in the books, on the statement, given back.

use std::collections::HashMap;

use kernel::{BankCreditId, ShopScope};
use proptest::prelude::*;

use super::direct_accounts::{DirectShop, OWN};
use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::PayoutMaker;
use crate::domain::refund::{RefundMethod, RefundStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::shop_statement::ShopStatement;
use crate::domain::vietnam_calendar::{VietnamDay, VietnamMonth};
use crate::store::refund::KeptRefund;
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::declare_tax::tax_declaration;
use crate::usecases::refund_payment::{RefundPayment, RefundedPart, refund_payment};
use crate::usecases::report::{self, Days};
use crate::usecases::resolve_bank_credit::{
    Resolution, ResolveBankCredit, ResolveError, resolve_bank_credit,
};
use crate::usecases::run_payouts::{PayoutRun, run_payouts};
use crate::usecases::send_transfers::send_transfers;
use crate::usecases::unmatch_bank_credit::{UnmatchBankCredit, unmatch_bank_credit};

impl Bench {
    /// A sale at the counter, paid on the shop's own account.
    pub(super) async fn sold(&self, own: &DirectShop, id: u64, amount: i64) -> Payment {
        let payment = self.ask_at(own.shop, &id.to_string(), amount).await;
        let memo = format!("{} tra", payment.code);
        self.tell_own(own, id, "in", amount, &memo, None).await.unwrap();
        assert_eq!(self.status(&payment).await, PaymentStatus::Succeeded);
        payment
    }

    async fn sent_back(&self, payment: &Payment, amount: i64, key: &str) -> KeptRefund {
        let asked = RefundPayment {
            payment: payment.id,
            order: payment.allocations[0].order,
            part: RefundedPart::Amount(Money::vnd(amount)),
            reason: "khách trả hàng".to_owned(),
            account: Some(PayeeAccount::new("970415", "0099887766", "TRAN THI SAU")),
            requested_by: ids::new(),
            scope: None,
            idempotency_key: key.to_owned(),
        };
        refund_payment(&self.payments, asked).await.unwrap()
    }

    async fn of_shop(&self, own: &DirectShop, account: &str) -> i64 {
        self.balance(&format!("shop:{}:{account}", own.shop)).await
    }

    async fn statement_of(&self, shop: ShopId) -> ShopStatement {
        let to = VietnamDay::of(self.clock.now());
        let from = VietnamDay::of(self.clock.now().before(Duration::from_secs(20 * 86_400)));
        let scope = ShopScope::granted(shop);
        report::shop_statement(&self.payments, scope, Days { from, to }).await.unwrap()
    }

    async fn pay_out(&self, shop: ShopId) -> PayoutRun {
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, payee)]);
        run_payouts(&self.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap()
    }

    async fn refund_now(&self, refund: &KeptRefund) -> RefundStatus {
        let db = self.database.reader();
        store::refund::by_id(db, refund.id).await.unwrap().unwrap().status
    }

    /// The shops in the month's declaration of taxes.
    async fn declared_shops(&self) -> Vec<ShopId> {
        let month = VietnamMonth::of(self.clock.now());
        let declaration = tax_declaration(&self.payments, month).await.unwrap();
        declaration.rows.keys().map(|row| row.shop).collect()
    }

    async fn resolve_as(&self, credit: BankCreditId, what: Resolution) -> Result<(), ResolveError> {
        let asked = ResolveBankCredit {
            credit,
            resolution: what,
            reason: "đã xem".to_owned(),
            by: ids::new(),
        };
        resolve_bank_credit(&self.payments, asked).await.map(|_| ())
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_direct_sale_is_the_shop_s_and_it_owes_the_commission(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        bench.sold(&own, 1, 200_000).await;
        // Nothing of it is on any account of the market: 0.5 % at a till is owed, and the seller declares its taxes.
        assert_eq!(bench.balance(&format!("bank:{OWN}")).await, 0);
        assert_eq!(bench.of_shop(&own, "direct_sales").await, -200_000);
        assert_eq!(bench.of_shop(&own, "direct_received").await, 200_001);
        assert_eq!(bench.of_shop(&own, "payable").await, 1_000);
        assert_eq!(bench.balance("platform:fees").await, -1_000);
        assert_eq!((bench.balance("tax:vat").await, bench.balance("tax:pit").await), (0, 0));
        let statement = bench.statement_of(own.shop).await;
        let total = statement.total;
        assert_eq!((total.sales, total.direct, total.fees), (Money::vnd(200_000), Money::vnd(-200_000), Money::vnd(-1_000)));
        assert_eq!(statement.closing, Money::vnd(-1_000));
        assert!(bench.declared_shops().await.is_empty());
        bench.assert_sound().await;
    }

    async fn where_the_market_must_withhold_the_shop_owes_the_taxes_too(database) {
        let bench = Bench::with(database, Timestamp::from_micros(1_800_000_000_000_000), |parts| {
            parts.tariff = Tariff::from_toml(None, None).unwrap();
            parts.settlement.direct_tax = DirectTax::Market;
        });
        let own = bench.direct_shop(OWN).await;
        bench.sold(&own, 1, 200_000).await;
        assert_eq!(bench.balance("tax:vat").await, -2_000);
        assert_eq!(bench.balance("tax:pit").await, -1_000);
        assert_eq!(bench.of_shop(&own, "payable").await, 4_000);
        assert_eq!(bench.declared_shops().await, [own.shop]);
        bench.assert_sound().await;
    }

    async fn what_a_shop_owes_is_taken_of_its_next_payout_and_carried_where_nothing_is_left(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        bench.sold(&own, 1, 200_000).await;
        let run = bench.pay_out(own.shop).await;
        assert!(run.payouts.is_empty());
        assert_eq!(run.carried, [(own.shop, Money::vnd(-1_000))]);
        // A sale through the market: of 100,000 the till's 0.5 %, and the taxes.
        bench.allow(own.shop, false).await;
        let market = bench.ask_at(own.shop, "m", 100_000).await;
        assert_eq!(bench.credit(50, 100_000, &market.code.to_string()).await, CreditState::Matched);
        bench.clock.advance(Duration::from_secs(8 * 86_400));
        let run = bench.pay_out(own.shop).await;
        assert_eq!(run.payouts[0].payout.plan.amount, Money::vnd(98_000 - 1_000));
        assert_eq!(bench.pay_out(own.shop).await.payouts.len(), 0);
        bench.assert_sound().await;
    }

    async fn the_shop_gives_back_itself_and_gets_the_commission_again(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.sold(&own, 1, 200_000).await;
        let refund = bench.sent_back(&payment, 100_000, "a").await;
        assert_eq!((refund.method, refund.status), (RefundMethod::ByShop, RefundStatus::Approved));
        assert_eq!(bench.of_shop(&own, "payable").await, 500);
        assert_eq!(bench.of_shop(&own, "direct_refunds").await, -100_000);
        assert_eq!(bench.balance("refunds").await, 0);
        // The market sends nothing of it.
        assert!(send_transfers(&bench.payments).await.unwrap().is_none());
        bench.assert_sound().await;
        // Neither another shop nor the market can prove it, nor another amount.
        let other = bench.direct_shop("8800123456").await;
        let memo = format!("hoan {}", refund.reference);
        bench.tell_own(&other, 5, "out", 100_000, &memo, None).await.unwrap();
        bench.debit("FT7", 100_000, &memo).await;
        bench.tell_own(&own, 6, "out", 99_000, &memo, None).await.unwrap();
        assert_eq!(bench.refund_now(&refund).await, RefundStatus::Approved);
        bench.tell_own(&own, 7, "out", 100_000, &memo, None).await.unwrap();
        assert_eq!(bench.refund_now(&refund).await, RefundStatus::Succeeded);
        assert_eq!(bench.of_shop(&own, "direct_refunds").await, 0);
        let received = bench.of_shop(&own, "direct_received").await;
        assert_eq!(received, 100_001);
        // Its statement tells the same again, which is known, and what else it spent, which is its affair.
        bench.state_own(&own, &[
            format!("15/01/2027,FT8,100000,,{memo},"),
            "15/01/2027,FT9,30000,,tien dien,".to_owned(),
        ]).await;
        assert_eq!(bench.of_shop(&own, "direct_received").await, received - 30_000);
        bench.assert_sound().await;
        let statement = bench.statement_of(own.shop).await;
        assert_eq!((statement.total.direct, statement.total.refunds), (Money::vnd(-100_000), Money::vnd(-100_000)));
        assert_eq!(statement.closing, Money::vnd(-500));
    }

    async fn a_statement_alone_proves_what_the_shop_gave_back_and_a_payout_it_never_does(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.sold(&own, 1, 200_000).await;
        let refund = bench.sent_back(&payment, 200_000, "a").await;
        bench.state_own(&own, &[format!("15/01/2027,FT8,200000,,hoan {},", refund.reference)]).await;
        assert_eq!(bench.refund_now(&refund).await, RefundStatus::Succeeded);
        assert_eq!(bench.of_shop(&own, "payable").await, 0);
        // Of the market's own refund a shop's statement says nothing.
        let market = bench.paid(60, 10_010).await;
        let ours = bench.refund(&market, 10_000, "m").await;
        let sent = send_transfers(&bench.payments).await.unwrap().unwrap();
        assert_eq!(sent.refunds.len(), 1);
        bench.state_own(&own, &[format!("16/01/2027,FT9,10000,,hoan {},", ours.reference)]).await;
        assert_eq!(bench.refund_now(&ours).await, RefundStatus::Sent);
        bench.assert_sound().await;
    }

    async fn a_refund_that_the_shop_takes_back_leaves_everything_as_before(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.sold(&own, 1, 200_000).await;
        let refund = bench.sent_back(&payment, 50_000, "a").await;
        let scope = Some(ShopScope::granted(own.shop));
        let by = ids::new();
        decide_refund(&bench.payments, refund.id, RefundDecision::Cancel, by, scope).await.unwrap();
        assert_eq!(bench.of_shop(&own, "direct_refunds").await, 0);
        assert_eq!(bench.of_shop(&own, "direct_sales").await, -200_000);
        assert_eq!(bench.statement_of(own.shop).await.closing, Money::vnd(-1_000));
        bench.assert_sound().await;
    }

    async fn a_person_matches_on_the_account_that_was_asked_for_and_may_take_it_back(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.ask_at(own.shop, "a", 50_000).await;
        let market = bench.start(50_000).await;
        bench.tell_own(&own, 1, "in", 50_000, "quên mã", None).await.unwrap();
        let credit = bench.credit_with("quên mã").await;
        let pays = |payment: &Payment| Resolution::Pays(vec![(payment.id, Money::vnd(50_000))]);
        let refused = bench.resolve_as(credit.id, pays(&market)).await;
        assert!(matches!(refused, Err(ResolveError::OtherAccount(_))), "{refused:?}");
        // What is the shop's affair is neither held nor sent back by the market.
        for what in [Resolution::Hold, Resolution::Refund(None)] {
            let refused = bench.resolve_as(credit.id, what).await;
            assert!(matches!(refused, Err(ResolveError::NotWaiting)), "{refused:?}");
        }
        bench.resolve_as(credit.id, pays(&payment)).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.of_shop(&own, "direct_sales").await, -50_000);
        bench.assert_sound().await;
        let asked = UnmatchBankCredit { credit: credit.id, reason: "nhầm".to_owned(), by: ids::new() };
        unmatch_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Pending);
        assert_eq!(bench.of_shop(&own, "direct_sales").await, 0);
        assert_eq!(bench.statement_of(own.shop).await.closing, Money::vnd(0));
        // It waits now; and still the market cannot send back what it does not have.
        let refused = bench.resolve_as(credit.id, Resolution::Refund(None)).await;
        assert!(matches!(refused, Err(ResolveError::NotOurs)), "{refused:?}");
        bench.assert_sound().await;
    }

    async fn parts_on_a_shop_s_account_pay_together_as_on_the_market_s(database) {
        let bench = Bench::charging(database);
        let own = bench.direct_shop(OWN).await;
        let payment = bench.ask_at(own.shop, "a", 50_000).await;
        bench.tell_own(&own, 1, "in", 20_000, &format!("{} mot", payment.code), None).await.unwrap();
        assert_eq!(bench.credit_with(&format!("{} mot", payment.code)).await.state, CreditState::Underpaid);
        bench.tell_own(&own, 2, "in", 30_000, &format!("{} hai", payment.code), None).await.unwrap();
        assert_eq!(bench.status(&payment).await, PaymentStatus::Succeeded);
        assert_eq!(bench.of_shop(&own, "direct_sales").await, -50_000);
        bench.assert_sound().await;
    }
}

/// What may happen to a shop that is paid directly.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A sale on its own account of so many thousand.
    Direct(i64),
    /// A sale through the market.
    Market(i64),
    /// So many thousandths of the last direct sale go back.
    GiveBack(i64),
    /// The shop's feed tells of the last refund's transfer.
    Prove,
    /// Something else comes to the shop's account.
    Other(i64),
    /// Payouts are planned.
    PayOut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1i64..300).prop_map(Step::Direct),
        (1i64..300).prop_map(Step::Market),
        (1i64..400).prop_map(Step::GiveBack),
        Just(Step::Prove),
        (1i64..300).prop_map(Step::Other),
        Just(Step::PayOut),
    ];
    proptest::collection::vec(step, 1..14)
}

/// Runs a history on a database of its own and looks at the books after every step.
async fn history(steps: Vec<Step>) {
    let test = platform::testing::TestDatabase::sqlite::<migrations::payments::Migrator>().await;
    let bench = Bench::charging(test.database.clone());
    let own = bench.direct_shop(OWN).await;
    let (mut last, mut refund): (Option<Payment>, Option<KeptRefund>) = (None, None);
    for (number, step) in steps.into_iter().enumerate() {
        let id = 1_000 + number as u64;
        match step {
            Step::Direct(thousands) => last = Some(bench.sold(&own, id, thousands * 1_000).await),
            Step::Market(thousands) => {
                let amount = thousands * 1_000;
                bench.allow(own.shop, false).await;
                let payment = bench.ask_at(own.shop, &id.to_string(), amount).await;
                bench.allow(own.shop, true).await;
                let state = bench.credit(id, amount, &payment.code.to_string()).await;
                assert_eq!(state, CreditState::Matched);
            }
            Step::GiveBack(thousandths) => {
                if let Some(payment) = &last {
                    let amount = (payment.amount.minor * thousandths / 1_000).max(1);
                    refund = Some(bench.sent_back(payment, amount, &id.to_string()).await);
                    last = None;
                }
            }
            Step::Prove => {
                if let Some(refund) = refund.take() {
                    let memo = format!("hoan {}", refund.reference);
                    let amount = refund.amount.minor;
                    bench.tell_own(&own, id, "out", amount, &memo, None).await.unwrap();
                }
            }
            Step::Other(thousands) => {
                let memo = format!("khac {id}");
                bench.tell_own(&own, id, "in", thousands * 1_000, &memo, None).await.unwrap();
            }
            Step::PayOut => {
                bench.clock.advance(Duration::from_secs(8 * 86_400));
                bench.pay_out(own.shop).await;
            }
        }
        bench.assert_sound().await;
    }
    let owed = -bench.of_shop(&own, "payable").await;
    let scope = ShopScope::granted(own.shop);
    let days = Days {
        from: VietnamDay::of(Timestamp::from_micros(1_800_000_000_000_000)),
        to: VietnamDay::of(bench.clock.now()),
    };
    let statement = report::shop_statement(&bench.payments, scope, days).await.unwrap();
    assert_eq!(statement.closing, Money::vnd(owed));
    drop(bench);
    test.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_books_sum_to_zero_and_the_statement_is_what_is_owed(steps in steps()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(history(steps));
    }
}
