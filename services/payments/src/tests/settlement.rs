//! Settlement: what is taken of a sale, given back, paid out, and proven by the bank's debits.

use std::collections::HashMap;

use kernel::{BankCreditId, RefundId, ShopScope, UserId};

use super::*;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::{PayoutMaker, PayoutRefused, PayoutStatus};
use crate::domain::refund::{RefundRefused, RefundStatus};
use crate::domain::refund_decision::RefundDecision;
use crate::domain::vietnam_calendar::VietnamDay;
use crate::store::refund::KeptRefund;
use crate::usecases::decide_payout::{DecidePayoutError, PayoutDecided, decide_payout};
use crate::usecases::decide_refund::decide_refund;
use crate::usecases::declare_tax;
use crate::usecases::refund_payment::{
    RefundPayment, RefundPaymentError, RefundedPart, refund_payment,
};
use crate::usecases::report::{self, Days};
use crate::usecases::resolve_bank_credit::{
    Resolution, ResolveBankCredit, ResolveError, resolve_bank_credit,
};
use crate::usecases::run_payouts::{PayoutRun, run_payouts};
use crate::usecases::send_transfers::{
    SentTransfers, TransferFormat, send_transfers, transfer_file,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Bench {
    /// A payment of two shops' orders, paid.
    pub(super) async fn paid(&self, id: u64, amount: i64) -> Payment {
        let payment = self.start(amount).await;
        let state = self.credit(id, amount, &payment.code.to_string()).await;
        assert_eq!(state, CreditState::Matched);
        payment
    }

    fn refund_of(&self, payment: &Payment, amount: i64, key: &str, by: UserId) -> RefundPayment {
        RefundPayment {
            payment: payment.id,
            order: payment.allocations[0].order,
            part: RefundedPart::Amount(Money::vnd(amount)),
            reason: "hỏng trên đường".to_owned(),
            account: Some(PayeeAccount::new("970436", "0099887766", "TRAN THI SAU")),
            requested_by: by,
            // An operator names the account: of a shop a second person would have to agree.
            scope: None,
            idempotency_key: key.to_owned(),
        }
    }

    pub(super) async fn refund(&self, payment: &Payment, amount: i64, key: &str) -> KeptRefund {
        refund_payment(&self.payments, self.refund_of(payment, amount, key, ids::new()))
            .await
            .unwrap()
    }

    async fn plan(&self, shops: &[ShopId]) -> PayoutRun {
        let payee = |shop: &ShopId| {
            (*shop, PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap())
        };
        let payees: HashMap<_, _> = shops.iter().map(payee).collect();
        run_payouts(&self.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap()
    }

    async fn send(&self) -> SentTransfers {
        send_transfers(&self.payments).await.unwrap().unwrap()
    }

    pub(super) async fn payable(&self, shop: ShopId) -> i64 {
        -self.balance(&format!("shop:{shop}:payable")).await
    }

    pub(super) async fn debit(&self, reference: &str, amount: i64, memo: &str) {
        let line = format!("15/01/2027,{reference},{amount},,{memo},{ACCOUNT}");
        let header = "Ngày giao dịch,Số bút toán,Nợ,Có,Nội dung chi tiết,Số tài khoản";
        let body = format!("{header}\n{line}\n").into_bytes();
        self.payments.import_statement("no.csv", body, "user_1").await.unwrap();
        self.payments.process_statements().await.unwrap();
    }
}

fn of_person() -> UserId {
    ids::new()
}

on_each_database! { migrations::payments::Migrator,
    async fn a_sale_leaves_the_shop_what_commission_and_taxes_do(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        // Of 200,000: 3 %, 1 % and 0.5 %; the order of 10 đồng goes into the least fee.
        assert_eq!(bench.payable(shop).await, 191_000);
        assert_eq!(bench.balance("platform:fees").await, -6_010);
        assert_eq!(bench.balance("tax:vat").await, -2_000);
        assert_eq!(bench.balance("tax:pit").await, -1_000);
        bench.assert_sound().await;
    }

    async fn each_order_is_charged_as_what_it_sells(database) {
        let bench = Bench::charging(database);
        let mut asked = bench.request(400_000);
        let kinds = [(Sold::Goods, 200_000), (Sold::Tour, 150_000), (Sold::Unknown, 50_000)];
        asked.allocations = kinds.map(|(sold, amount)| {
            let (order, shop, amount) = (ids::new(), ids::new(), Money::vnd(amount));
            Allocation { order, shop, sold, amount }
        }).to_vec();
        let payment = start_payment(&bench.payments, asked.clone()).await.unwrap().into_payment();
        // Asked again by who does not say what is sold: it is the same payment, as it was said first.
        asked.allocations.iter_mut().for_each(|part| part.sold = Sold::Unknown);
        let again = start_payment(&bench.payments, asked).await.unwrap().into_payment();
        assert_eq!(again.allocations, payment.allocations);
        bench.credit(1, 400_000, &payment.code.to_string()).await;
        // Goods 3 %, 1 %, 0.5 %; a tour 8 %, 5 %, 2 %; the unknown as goods, with the taxes of services.
        let charged = store::charges::of_payment(bench.database.reader(), payment.id).await.unwrap();
        for (part, taken) in payment.allocations.iter().zip([[6_000, 2_000, 1_000], [12_000, 7_500, 3_000], [1_500, 2_500, 1_000]]) {
            let order = charged.iter().find(|order| order.order == part.order).unwrap();
            let was = order.charges.taken();
            assert_eq!([was.fee, was.vat, was.pit], taken.map(Money::vnd), "{part:?}");
            assert_eq!(bench.payable(part.shop).await, part.amount.minor - taken.iter().sum::<i64>());
        }
        bench.assert_sound().await;
    }

    async fn a_company_is_known_by_what_accounts_told_and_no_tax_is_withheld(database) {
        let bench = Bench::charging(database);
        let payment = bench.start(200_010).await;
        let shop = payment.allocations[0].shop;
        let tx = bench.database.begin().await.unwrap();
        store::payee::put(&tx, shop, tax::SellerKind::Company, bench.clock.now()).await.unwrap();
        // What is older than what is known changes nothing.
        let before = Timestamp::from_micros(0);
        store::payee::put(&tx, shop, tax::SellerKind::Household, before).await.unwrap();
        tx.commit().await.unwrap();
        bench.credit(1, 200_010, &payment.code.to_string()).await;
        assert_eq!(bench.payable(shop).await, 194_000);
        assert_eq!(bench.balance("tax:vat").await, 0);
    }

    async fn a_refund_takes_from_the_shop_and_gives_fee_and_taxes_back(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        let refund = bench.refund(&payment, 100_000, "a").await;
        assert_eq!(refund.status, RefundStatus::Approved);
        assert_eq!(bench.payable(shop).await, 95_500);
        assert_eq!(bench.balance("refunds").await, -100_000);
        bench.refund(&payment, 100_000, "b").await;
        assert_eq!(bench.payable(shop).await, 0);
        assert_eq!(bench.balance("tax:vat").await, 0);
        bench.assert_sound().await;
    }

    async fn the_rest_of_an_order_comes_back_once_whatever_was_given_back_before(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        bench.refund(&payment, 60_000, "a").await;
        let by = ids::new();
        let rest = |key: &str| RefundPayment { part: RefundedPart::Rest, ..bench.refund_of(&payment, 1, key, by) };
        for _ in 0..2 {
            let refund = refund_payment(&bench.payments, rest("b")).await.unwrap();
            assert_eq!((refund.amount, refund.status), (Money::vnd(140_000), RefundStatus::Approved));
        }
        let nothing = refund_payment(&bench.payments, rest("c")).await;
        assert!(matches!(nothing, Err(RefundPaymentError::NothingLeft)));
        // Commission and taxes went back with it.
        assert_eq!((bench.payable(shop).await, bench.balance("refunds").await), (0, -200_000));
        assert_eq!((bench.balance("tax:vat").await, bench.balance("tax:pit").await), (0, 0));
        bench.assert_sound().await;
    }

    async fn refunds_never_exceed_what_was_captured_whatever_is_asked_at_once(database) {
        let bench = Arc::new(Bench::on(database));
        let payment = bench.paid(1, 100_010).await;
        let calls = (0..40).map(|number| {
            let (bench, payment) = (Arc::clone(&bench), payment.clone());
            tokio::spawn(async move {
                let asked = bench.refund_of(&payment, 30_000, &format!("key {number}"), ids::new());
                refund_payment(&bench.payments, asked).await.is_ok()
            })
        });
        let done = futures_util::future::join_all(calls).await;
        assert_eq!(done.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 3);
        let refused = refund_payment(&bench.payments, bench.refund_of(&payment, 10_001, "z", ids::new())).await;
        let Err(RefundPaymentError::Refused(RefundRefused::ExceedsCaptured { available, .. })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(available, Money::vnd(10_000));
        bench.assert_sound().await;
    }

    async fn one_key_is_one_refund_and_another_body_is_refused(database) {
        let bench = Arc::new(Bench::on(database));
        let payment = bench.paid(1, 100_010).await;
        let by = of_person();
        let calls = (0..20).map(|_| {
            let (bench, payment) = (Arc::clone(&bench), payment.clone());
            tokio::spawn(async move {
                let asked = bench.refund_of(&payment, 30_000, "same", by);
                refund_payment(&bench.payments, asked).await.unwrap().id
            })
        });
        let ids: std::collections::BTreeSet<RefundId> =
            futures_util::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(ids.len(), 1);
        let other = refund_payment(&bench.payments, bench.refund_of(&payment, 30_001, "same", by)).await;
        assert!(matches!(other, Err(RefundPaymentError::KeyReused)), "{other:?}");
        assert_eq!(bench.balance("refunds").await, -30_000);
        bench.assert_sound().await;
    }

    async fn another_shop_cannot_refund_and_what_was_not_paid_cannot_be(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 100_010).await;
        let mut asked = bench.refund_of(&payment, 1_000, "a", ids::new());
        asked.scope = Some(ShopScope::granted(payment.allocations[1].shop));
        assert!(matches!(refund_payment(&bench.payments, asked).await, Err(RefundPaymentError::Unknown)));
        let pending = bench.start(100_010).await;
        let refused = refund_payment(&bench.payments, bench.refund_of(&pending, 1_000, "b", ids::new())).await;
        assert!(matches!(refused, Err(RefundPaymentError::NotPaid(PaymentStatus::Pending))));
        assert_eq!(bench.balance("refunds").await, 0);
    }

    async fn above_the_limit_a_second_person_agrees(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 1_000_010).await;
        let by = of_person();
        let refund = refund_payment(&bench.payments, bench.refund_of(&payment, 600_000, "a", by)).await.unwrap();
        assert_eq!(refund.status, RefundStatus::NeedsApproval);
        assert_eq!(bench.balance("refunds").await, 0);
        let own = decide_refund(&bench.payments, refund.id, RefundDecision::Approve, by, None).await;
        assert!(matches!(own, Err(RefundPaymentError::Refused(RefundRefused::RequesterMayNotApprove))));
        let other = of_person();
        for _ in 0..2 {
            let approved = decide_refund(&bench.payments, refund.id, RefundDecision::Approve, other, None).await;
            assert_eq!(approved.unwrap().status, RefundStatus::Approved);
        }
        assert_eq!(bench.balance("refunds").await, -600_000);
        let cancelled = decide_refund(&bench.payments, refund.id, RefundDecision::Cancel, by, None).await;
        assert_eq!(cancelled.unwrap().status, RefundStatus::Cancelled);
        assert_eq!(bench.balance("refunds").await, 0);
        assert_eq!(bench.payable(payment.allocations[0].shop).await, 1_000_000);
        bench.assert_sound().await;
    }

    async fn money_is_held_then_paid_out_approved_by_another_and_proven_by_its_debit(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        assert!(bench.plan(&[shop]).await.payouts.is_empty());
        bench.clock.advance(7 * DAY);
        let run = bench.plan(&[shop]).await;
        let [planned] = run.payouts.as_slice() else { panic!("{run:?}") };
        assert_eq!(planned.payout.plan.amount, Money::vnd(191_000));
        // Nothing is planned twice.
        assert!(bench.plan(&[shop]).await.payouts.is_empty());
        assert!(send_transfers(&bench.payments).await.unwrap().is_none());
        let by = of_person();
        decide_payout(&bench.payments, planned.id, PayoutDecided::Approve, by).await.unwrap();
        let refund = bench.refund(&payment, 10_000, "r").await;
        let sent = bench.send().await;
        assert_eq!((sent.payouts.len(), sent.refunds.len()), (1, 1));
        assert_eq!(bench.balance("payouts:in_transit").await, -191_000);
        for format in [TransferFormat::Pain001, TransferFormat::Csv] {
            let text = transfer_file(&bench.payments, sent.file, format).await.unwrap().unwrap();
            assert!(text.contains(&planned.payout.plan.reference.to_string()), "{text}");
            assert!(text.contains(&refund.reference.to_string()), "{text}");
        }
        bench.assert_sound().await;
        let reference = planned.payout.plan.reference;
        bench.debit("FT1", 190_000, &format!("CHO NOI {reference}")).await;
        assert_eq!(bench.balance("payouts:in_transit").await, -191_000);
        bench.debit("FT2", 191_000, &format!("CHO NOI {reference} FT2")).await;
        bench.debit("FT3", 191_000, &format!("CHO NOI {reference} FT3")).await;
        bench.debit("FT4", 10_000, &format!("CHO NOI {}", refund.reference)).await;
        assert_eq!(bench.balance("payouts:in_transit").await, 0);
        assert_eq!(bench.balance("refunds").await, 0);
        let page = kernel::PageRequest::new(10, None);
        let debits = store::bank_debit::page(bench.database.reader(), &store::bank_debit::DebitFilter::default(), &page).await.unwrap();
        let states: Vec<_> = debits.iter().map(|debit| debit.state.name()).collect();
        assert_eq!(states, ["matched", "duplicate", "matched", "differs"]);
        let paid = store::payout::page(bench.database.reader(), None, None, &page).await.unwrap();
        assert_eq!(paid[0].payout.status, PayoutStatus::Paid);
        // The bank's money: what came, less what went.
        assert_eq!(bench.balance(&format!("bank:{ACCOUNT}")).await, 200_010 - 190_000 - 2 * 191_000 - 10_000);
        bench.assert_sound().await;
    }

    async fn who_planned_a_payout_may_not_approve_it(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 200_010).await;
        bench.clock.advance(7 * DAY);
        let (by, shop) = (of_person(), payment.allocations[0].shop);
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = HashMap::from([(shop, payee)]);
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::Person(by), false, None).await.unwrap();
        let own = decide_payout(&bench.payments, run.payouts[0].id, PayoutDecided::Approve, by).await;
        assert!(matches!(own, Err(DecidePayoutError::Refused(PayoutRefused::MakerMayNotApprove))));
        let discarded = decide_payout(&bench.payments, run.payouts[0].id, PayoutDecided::Discard, by).await;
        assert_eq!(discarded.unwrap().payout.status, PayoutStatus::Discarded);
        // Its lines are open again.
        assert_eq!(bench.plan(&[shop]).await.payouts.len(), 1);
        bench.assert_sound().await;
    }

    async fn a_payout_that_comes_back_reopens_the_debt(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        bench.clock.advance(7 * DAY);
        let run = bench.plan(&[shop]).await;
        let (id, by) = (run.payouts[0].id, of_person());
        decide_payout(&bench.payments, id, PayoutDecided::Approve, by).await.unwrap();
        bench.send().await;
        assert_eq!(bench.payable(shop).await, 0);
        let reference = run.payouts[0].payout.plan.reference;
        bench.debit("FT1", 200_000, &reference.to_string()).await;
        // Days later the bank gives the money back: a credit that nobody asked for.
        assert_eq!(bench.credit(2, 200_000, &format!("HOAN TRA {reference}")).await, CreditState::Orphan);
        let credit: BankCreditId = bench.credits().await[0].id;
        let without = decide_payout(&bench.payments, id, PayoutDecided::Returned(None), by).await;
        assert!(matches!(without, Err(DecidePayoutError::OtherCredit)));
        let returned = decide_payout(&bench.payments, id, PayoutDecided::Returned(Some(credit)), by).await;
        assert_eq!(returned.unwrap().payout.status, PayoutStatus::Returned);
        assert_eq!(bench.payable(shop).await, 200_000);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        bench.assert_sound().await;
        assert_eq!(bench.plan(&[shop]).await.payouts[0].payout.plan.amount, Money::vnd(200_000));
    }

    async fn a_refund_after_the_payout_is_a_debt_that_the_next_sale_pays(database) {
        let bench = Bench::on(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        bench.clock.advance(7 * DAY);
        let run = bench.plan(&[shop]).await;
        decide_payout(&bench.payments, run.payouts[0].id, PayoutDecided::Approve, of_person()).await.unwrap();
        bench.send().await;
        bench.refund(&payment, 50_000, "r").await;
        assert_eq!(bench.payable(shop).await, -50_000);
        let next = bench.plan(&[shop]).await;
        assert!(next.payouts.is_empty());
        assert!(next.carried.contains(&(shop, Money::vnd(-50_000))));
        bench.assert_sound().await;
    }

    async fn a_person_matches_a_credit_without_a_code_and_the_orders_are_paid(database) {
        let bench = Bench::charging(database);
        let (one, two) = (bench.start(200_010).await, bench.start(100_010).await);
        bench.credit(1, 300_020, "tien dat hang").await;
        let credit = bench.credits().await[0].id;
        let resolve = |parts, by| ResolveBankCredit {
            credit, resolution: Resolution::Pays(parts), reason: "khách gọi điện".to_owned(), by,
        };
        let by = of_person();
        let less = resolve_bank_credit(&bench.payments, resolve(vec![(one.id, one.amount)], by)).await;
        assert!(matches!(less, Err(ResolveError::AmountsDiffer { .. })), "{less:?}");
        assert_eq!(bench.status(&one).await, PaymentStatus::Pending);
        let parts = vec![(one.id, one.amount), (two.id, two.amount)];
        let decided = resolve_bank_credit(&bench.payments, resolve(parts.clone(), by)).await.unwrap();
        assert_eq!(decided.resolution.as_deref(), Some("split"));
        assert_eq!(bench.status(&two).await, PaymentStatus::Succeeded);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        assert_eq!(bench.payable(one.allocations[0].shop).await, 191_000);
        let again = resolve_bank_credit(&bench.payments, resolve(parts, by)).await;
        assert!(matches!(again, Err(ResolveError::NotWaiting)));
        bench.assert_sound().await;
    }

    async fn a_credit_goes_back_to_who_sent_it(database) {
        let bench = Bench::on(database);
        bench.credit(1, 300_000, "chuyen nham").await;
        let credit = bench.credits().await[0].id;
        let account = PayeeAccount::new("970436", "0099887766", "TRAN THI SAU");
        let resolution = Resolution::Refund(Some(account));
        let asked = ResolveBankCredit { credit, resolution, reason: "chuyển nhầm".to_owned(), by: ids::new() };
        resolve_bank_credit(&bench.payments, asked).await.unwrap();
        assert_eq!(bench.balance("refunds").await, -300_000);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, 0);
        let sent = bench.send().await;
        bench.debit("FT9", 300_000, &sent.refunds[0].reference.to_string()).await;
        assert_eq!(bench.balance("refunds").await, 0);
        assert_eq!(bench.balance(&format!("bank:{ACCOUNT}")).await, 0);
        bench.assert_sound().await;
    }

    async fn a_transfer_that_is_told_three_days_late_waits_for_a_person_and_may_go_back(database) {
        let bench = Bench::on(database);
        let payment = bench.start(300_000).await;
        bench.clock.advance(Duration::from_secs(63));
        expire_payments(&bench.payments).await.unwrap();
        bench.clock.advance(3 * DAY);
        // Told twice, as retries do: it is one credit, in the queue, and what it was for stays closed.
        for _ in 0..2 {
            assert_eq!(bench.credit(1, 300_000, &payment.code.to_string()).await, CreditState::Late);
        }
        assert_eq!(bench.credits().await.len(), 1);
        assert_eq!(bench.status(&payment).await, PaymentStatus::Expired);
        assert_eq!(bench.balance(&format!("suspense:{ACCOUNT}")).await, -300_000);
        let credit = bench.credits().await[0].id;
        let resolve = |resolution| ResolveBankCredit {
            credit, resolution, reason: "trả muộn".to_owned(), by: ids::new(),
        };
        let pays = resolve(Resolution::Pays(vec![(payment.id, payment.amount)]));
        let refused = resolve_bank_credit(&bench.payments, pays).await;
        assert!(matches!(refused, Err(ResolveError::PaymentClosed(..))), "{refused:?}");
        let account = PayeeAccount::new("970436", "0099887766", "TRAN THI SAU");
        resolve_bank_credit(&bench.payments, resolve(Resolution::Refund(Some(account)))).await.unwrap();
        let sent = bench.send().await;
        bench.debit("FT9", 300_000, &sent.refunds[0].reference.to_string()).await;
        for account in ["refunds", &format!("suspense:{ACCOUNT}"), &format!("bank:{ACCOUNT}")] {
            assert_eq!(bench.balance(account).await, 0, "{account}");
        }
        bench.assert_sound().await;
    }

    async fn a_statement_foots_and_a_declaration_is_what_was_withheld_less_what_was_returned(database) {
        let bench = Bench::charging(database);
        let payment = bench.paid(1, 200_010).await;
        let shop = payment.allocations[0].shop;
        bench.clock.advance(2 * DAY);
        bench.refund(&payment, 100_000, "a").await;
        let today = VietnamDay::of(bench.clock.now());
        let from = VietnamDay::of_epoch_day(today.epoch_day() - 5).unwrap();
        let scope = ShopScope::granted(shop);
        let days = Days { from, to: today };
        let statement = report::shop_statement(&bench.payments, scope, days).await.unwrap();
        assert_eq!(statement.days.len(), 2);
        assert_eq!(statement.opening, Money::vnd(0));
        assert_eq!(statement.total.sales, Money::vnd(200_000));
        assert_eq!(statement.total.fees, Money::vnd(-3_000));
        assert_eq!(statement.total.refunds, Money::vnd(-100_000));
        assert_eq!(statement.closing, Money::vnd(bench.payable(shop).await));
        let later = Days { from: today, to: today };
        let second = report::shop_statement(&bench.payments, scope, later).await.unwrap();
        assert_eq!(second.opening, statement.days[0].owed);
        assert_eq!(second.closing, statement.closing);
        let page = kernel::PageRequest::new(50, None);
        let lines = report::shop_lines(&bench.payments, scope, days, &[], &page).await.unwrap();
        assert_eq!(lines.len(), 8);
        let declaration = declare_tax::tax_declaration(&bench.payments, today.month()).await.unwrap();
        let totals = declaration.totals().unwrap();
        let sums = totals[&kernel::Currency::Vnd];
        assert_eq!((sums.vat_due().unwrap(), sums.pit_due().unwrap()), (Money::vnd(1_000), Money::vnd(500)));
        let found = report::reconciliation(&bench.payments, days).await.unwrap();
        assert_eq!(found.days.iter().map(|day| day.credits.minor).sum::<i64>(), 200_010);
        assert!(found.days.iter().all(|day| day.foots()));
    }
}
