//! Bookings of resellers in the books: invoiced like a sale, given back, and never paid out before money came.

use kernel::{BookingId, ResellerId, ShopScope};
use platform::consumer::deliver;
use proto::events::event::Body;
use proto::events::{Event, ResellerInvoiced};

use super::*;
use crate::consumers::OrdersHeard;
use crate::domain::payee_account::PayeeAccount;
use crate::domain::payout::PayoutMaker;
use crate::domain::vietnam_calendar::VietnamMonth;
use crate::usecases::declare_tax;
use crate::usecases::run_payouts::run_payouts;

/// A booking and whom it concerns.
#[derive(Clone)]
pub(super) struct Booked {
    pub(super) booking: BookingId,
    pub(super) order: OrderId,
    pub(super) shop: ShopId,
    pub(super) reseller: ResellerId,
}

impl Booked {
    pub(super) fn new() -> Self {
        Self { booking: ids::new(), order: ids::new(), shop: ids::new(), reseller: ids::new() }
    }

    pub(super) fn event(&self, cause: &str, amount: i64, reversal: bool) -> Event {
        let said = ResellerInvoiced {
            booking_id: self.booking.to_string(),
            order_id: self.order.to_string(),
            shop_id: self.shop.to_string(),
            reseller_id: self.reseller.to_string(),
            amount: Some(Money::vnd(amount).into()),
            at: 0,
            reversal,
            cause: cause.to_owned(),
        };
        Event {
            id: ids::new::<kernel::EventId>().to_string(),
            occurred_at: 0,
            aggregate_id: self.order.to_string(),
            body: Some(Body::ResellerInvoiced(said)),
        }
    }
}

impl Bench {
    pub(super) async fn hear(&self, events: &[Event]) {
        deliver(&OrdersHeard(self.payments.clone()), self.clock.now(), events).await.unwrap();
    }

    /// Receivable of the reseller, payable of the shop, fees, VAT and PIT: debits above zero.
    pub(super) async fn books_of(&self, booked: &Booked) -> [i64; 5] {
        [
            self.balance(&format!("reseller:{}:receivable", booked.reseller)).await,
            self.balance(&format!("shop:{}:payable", booked.shop)).await,
            self.balance("platform:fees").await,
            self.balance("tax:vat").await,
            self.balance("tax:pit").await,
        ]
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn a_booking_is_invoiced_like_a_sale_of_a_tour(database) {
        let bench = Bench::charging(database);
        let booked = Booked::new();
        let event = booked.event("booked", 1_000_000, false);
        // Told again, it is the same fact.
        bench.hear(std::slice::from_ref(&event)).await;
        bench.hear(&[event]).await;
        // 8 % commission of a tour; a household's services are taxed 5 % and 2 %.
        assert_eq!(bench.books_of(&booked).await, [1_000_000, -850_000, -80_000, -50_000, -20_000]);
        assert_eq!(bench.postings().await, 1);
        bench.assert_sound().await;
    }

    async fn what_is_given_back_goes_the_way_that_it_came(database) {
        let bench = Bench::charging(database);
        let booked = Booked::new();
        // One after the other in one delivery, as after an outage.
        bench.hear(&[
            booked.event("booked", 1_000_001, false),
            booked.event("half", 500_000, true),
        ]).await;
        let half = bench.books_of(&booked).await;
        assert_eq!(half[0], 500_001);
        assert_eq!(half.iter().sum::<i64>(), 0);
        bench.assert_sound().await;
        bench.hear(&[booked.event("rest", 500_001, true)]).await;
        assert_eq!(bench.books_of(&booked).await, [0; 5]);
        bench.assert_sound().await;
    }

    async fn a_booking_that_costs_nothing_leaves_no_trace(database) {
        let bench = Bench::charging(database);
        bench.hear(&[Booked::new().event("booked", 0, false)]).await;
        assert_eq!(bench.postings().await, 0);
        bench.assert_sound().await;
    }

    async fn more_cannot_go_back_than_was_invoiced(database) {
        let bench = Bench::charging(database);
        let booked = Booked::new();
        bench.hear(&[booked.event("booked", 100_000, false)]).await;
        let before = bench.books_of(&booked).await;
        let too_much = booked.event("too much", 100_001, true);
        bench.hear(&[too_much]).await;
        // It waits for an operator.
        let dead = platform::dead_letters::waiting(&bench.database).await.unwrap();
        assert_eq!(dead, 1);
        assert_eq!(bench.books_of(&booked).await, before);
        bench.assert_sound().await;
    }

    async fn nothing_is_paid_out_before_the_reseller_paid(database) {
        let bench = Bench::charging(database);
        let booked = Booked::new();
        bench.hear(&[booked.event("booked", 1_000_000, false)]).await;
        bench.clock.advance(Duration::from_secs(60 * 24 * 3_600));
        let payee = PayeeAccount::new("970415", "123456789", "LE VAN TAM").unwrap();
        let payees = [(booked.shop, payee)].into();
        let run = run_payouts(&bench.payments, &payees, PayoutMaker::DailyRun, false, None).await.unwrap();
        assert_eq!((run.payouts.len(), run.carried.len()), (0, 0));
        bench.assert_sound().await;
    }

    async fn tax_of_invoices_is_declared_and_lines_open_to_their_rules(database) {
        let bench = Bench::charging(database);
        let booked = Booked::new();
        bench.hear(&[booked.event("booked", 1_000_000, false), booked.event("half", 500_000, true)]).await;
        let month = VietnamMonth::of(bench.clock.now());
        let declared = declare_tax::tax_declaration(&bench.payments, month).await.unwrap();
        let sums: Vec<_> = declared.rows.values().collect();
        assert_eq!(sums.len(), 1);
        assert_eq!(sums[0].vat_due().unwrap(), Money::vnd(25_000));
        assert_eq!(sums[0].pit_due().unwrap(), Money::vnd(10_000));
        let scope = ShopScope::granted(booked.shop);
        let span = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
        let lines = store::shop_line::all_of_shop(bench.database.reader(), scope, span, 100).await.unwrap();
        assert_eq!(lines.len(), 8);
        let found = crate::usecases::explain_shop_line::explain_shop_line(&bench.payments, scope, lines[0].id);
        let (order, charges) = found.await.unwrap().unwrap().charge.unwrap();
        assert_eq!((order, charges.commission.rule.as_str()), (booked.order, "tour"));
    }
}
