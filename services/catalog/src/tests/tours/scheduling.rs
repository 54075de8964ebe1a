//! Tours that are written, departures that are scheduled and listed.

use super::*;
use crate::store::listing::Filter;

on_each_database! { migrations::catalog::Migrator,
    async fn a_tour_is_written_whole_and_read_back(database) {
        let pier = Pier::on(database).await;
        let read = |hidden_too| {
            let product_ids = vec![pier.product.id.to_string(), "prod_x".to_owned()];
            let request = tours::GetToursRequest { product_ids, hidden_too };
            let grpc = pier.grpc();
            async move { grpc.get_tours(Request::new(request)).await.unwrap().into_inner().tours }
        };
        assert_eq!(read(false).await, [tour_message(&pier.tour())]);
        let other = Tour { add_ons: Vec::new(), capacity: 20, ..pier.tour() };
        pier.put(other.clone()).await.unwrap();
        assert_eq!(read(false).await, [tour_message(&other)]);
        publish_product(&pier.bench.catalog, pier.bench.scope, pier.product.id, false).await.unwrap();
        assert!(read(false).await.is_empty());
        assert_eq!(read(true).await.len(), 1);
    }

    async fn a_wrong_tour_is_refused_by_its_fields_and_changes_nothing(database) {
        let pier = Pier::on(database).await;
        let mut wrong = pier.tour();
        wrong.capacity = 0;
        wrong.options[0].tickets[1].code = "adult".to_owned();
        let said = refused(pier.put(wrong).await);
        assert_eq!(said, ["OUT_OF_RANGE capacity", "ALREADY_TAKEN options.0.tickets.1.code"]);
        let shop_id = pier.bench.scope.shop().to_string();
        let mut unsaid = tour_message(&pier.tour());
        unsaid.options[1].kind = 0;
        unsaid.add_ons[0].price = None;
        let request = tours::PutTourRequest { shop_id, tour: Some(unsaid) };
        let said = refused(pier.grpc().put_tour(Request::new(request)).await);
        assert_eq!(said, ["REQUIRED options.1.kind", "REQUIRED addOns.0.price"]);
        // Goods are no tour, and another shop's tour is not there.
        let goods = pier.bench.sell("Xoài", 1_000, 1).await;
        let said = refused(pier.put(Tour { product: goods.id, ..pier.tour() }).await);
        assert_eq!(said, ["NOT_FOUND productId"]);
        let shop_id = ids::new::<ShopId>().to_string();
        let request = tours::PutTourRequest { shop_id, tour: Some(tour_message(&pier.tour())) };
        assert_eq!(refused(pier.grpc().put_tour(Request::new(request)).await), ["NOT_FOUND productId"]);
        let product_ids = vec![pier.product.id.to_string()];
        let request = tours::GetToursRequest { product_ids, hidden_too: true };
        let read = pier.grpc().get_tours(Request::new(request)).await.unwrap().into_inner().tours;
        assert_eq!(read, [tour_message(&pier.tour())]);
    }

    async fn lists_show_what_an_adult_pays_and_nobody_buys_the_product_itself(database) {
        let pier = Pier::on(database).await;
        let filter = Filter { price_min: Some(450_000), price_max: Some(450_000), ..Filter::default() };
        assert_eq!(pier.bench.titles(&filter, Sort::Newest).await, ["Chợ nổi Cái Răng"]);
        let itself = pier.product.variants[0].id;
        let offers = pier.offers(&[itself]).await;
        assert_eq!((offers[0].for_sale, offers[0].available), (false, 0));
        assert_eq!(refused(pier.hold("chk_1", &[(itself, 1)]).await), ["NOT_FOR_SALE lines.0"]);
    }

    async fn the_price_of_a_tour_in_lists_follows_its_tickets_only(database) {
        let pier = Pier::on(database).await;
        let price_in_lists = || async {
            let found = store::product::by_ids(pier.bench.database.reader(), [pier.product.id]).await.unwrap();
            (found[0].kind, found[0].price_range().0)
        };
        let request = contract::SetPriceRequest {
            shop_id: pier.product.shop.to_string(),
            variant_id: pier.product.variants[0].id.to_string(),
            price: Some(Money::vnd(5_000).into()),
        };
        assert_eq!(refused(pier.grpc().set_price(Request::new(request)).await), ["INVALID price"]);
        assert_eq!(price_in_lists().await, (ProductKind::Tour, Money::vnd(450_000)));
        let file = format!("handle,title_vi,price,stock,kind\n{},Chợ nổi,5000,3,GOODS\n", pier.product.handle);
        assert_eq!(pier.bench.import(&file, false).await.counts, [0, 1, 0, 0]);
        assert_eq!(price_in_lists().await, (ProductKind::Tour, Money::vnd(450_000)));
        let mut cheaper = pier.tour();
        cheaper.options[0].tickets[0].price = Money::vnd(400_000);
        pier.put(cheaper).await.unwrap();
        assert_eq!(price_in_lists().await, (ProductKind::Tour, Money::vnd(400_000)));
    }

    async fn departures_are_scheduled_once_a_start_and_once_a_key(database) {
        let pier = Pier::on(database).await;
        let request = pier.schedule_request(vec![pier.hours(30), pier.hours(6)], "lich-thang-1");
        let first = pier.schedule(request.clone()).await.unwrap();
        assert_eq!((first.created, first.departures.len()), (2, 2));
        assert_eq!(first.departures[0].starts_at, pier.hours(6));
        assert_eq!((first.departures[0].capacity, first.departures[0].cutoff_minutes), (12, 60));
        assert_eq!(pier.schedule(request.clone()).await.unwrap(), first);
        let more = tours::ScheduleDeparturesRequest {
            starts_at: vec![pier.hours(6), pier.hours(54)],
            capacity: 4,
            has_cutoff: true,
            idempotency_key: "lich-thang-2".to_owned(),
            ..request.clone()
        };
        let more = pier.schedule(more).await.unwrap();
        assert_eq!(more.created, 1);
        // The one that was there stays as it was.
        assert_eq!(more.departures[0], first.departures[0]);
        assert_eq!((more.departures[1].capacity, more.departures[1].cutoff_minutes), (4, 0));
        let other = tours::ScheduleDeparturesRequest { capacity: 5, ..request };
        assert_eq!(refused(pier.schedule(other).await), ["IDEMPOTENCY_KEY_REUSED idempotencyKey"]);
    }

    async fn a_rule_schedules_local_times_without_its_exceptions(database) {
        let pier = Pier::on(database).await;
        // The bench's clock stands at 2027-01-15 15:00 in Vietnam.
        let rule = tours::DepartureRule {
            start: "2027-01-14T05:30".to_owned(),
            rrule: "FREQ=DAILY;UNTIL=20270119".to_owned(),
            except: vec!["2027-01-17".to_owned()],
        };
        let request = tours::ScheduleDeparturesRequest {
            rule: Some(rule),
            ..pier.schedule_request(Vec::new(), "lich-thang-1")
        };
        let scheduled = pier.schedule(request.clone()).await.unwrap();
        let starts: Vec<&str> =
            scheduled.departures.iter().map(|departure| departure.local_start.as_str()).collect();
        let days = ["16", "18", "19"].map(|day| format!("2027-01-{day}T05:30:00+07:00"));
        assert_eq!(starts, days);
        // A day later the same request means the same departures.
        pier.bench.clock.advance(Duration::from_secs(24 * 3_600));
        assert_eq!(pier.schedule(request).await.unwrap().departures.len(), 3);
        let list = |from: &str, to: &str, hidden_too| {
            let request = tours::ListDeparturesRequest {
                product_id: pier.product.id.to_string(),
                from_day: from.to_owned(),
                to_day: to.to_owned(),
                hidden_too,
                shop_id: if hidden_too { pier.product.shop.to_string() } else { String::new() },
            };
            let grpc = pier.grpc();
            async move { grpc.list_departures(Request::new(request)).await.map(|found| found.into_inner().departures.len()) }
        };
        // Who buys sees what is still to come, the shop everything.
        assert_eq!(list("2027-01-16", "2027-01-18", false).await.unwrap(), 1);
        assert_eq!(list("2027-01-16", "2027-01-18", true).await.unwrap(), 2);
        assert_eq!(refused(list("2027-01-16", "2027-04-26", false).await), ["OUT_OF_RANGE toDay"]);
        assert_eq!(refused(list("2027-01-16", "2027-01-15", false).await), ["OUT_OF_RANGE toDay"]);
        assert_eq!(refused(list("16/1/2027", "2027-01-18", false).await), ["INVALID fromDay"]);
    }

    async fn a_tour_tells_its_start_times_and_a_shop_lists_the_departures_of_all_its_tours(database) {
        let pier = Pier::on(database).await;
        // The bench's clock stands at 15:00 in Vietnam.
        let starts = vec![pier.hours(6), pier.hours(14), pier.hours(30), pier.hours(38)];
        let scheduled = pier.schedule(pier.schedule_request(starts, "lich-thang-1")).await.unwrap();
        pier.update(&scheduled.departures[0], |change| change.open = Some(false)).await.unwrap();
        let times = |product_ids: Vec<String>| {
            let request = tours::GetToursRequest { product_ids, hidden_too: false };
            let grpc = pier.grpc();
            async move { grpc.get_tours(Request::new(request)).await.unwrap().into_inner().tours.pop().unwrap().start_times }
        };
        assert_eq!(times(vec![pier.product.id.to_string()]).await, ["05:00", "21:00"]);
        pier.update(&scheduled.departures[2], |change| change.open = Some(false)).await.unwrap();
        assert_eq!(times(vec![pier.product.id.to_string()]).await, ["05:00"]);
        let list = |shop: ShopId, hidden_too| {
            let request = tours::ListDeparturesRequest {
                from_day: "2027-01-15".to_owned(),
                to_day: "2027-01-16".to_owned(),
                hidden_too,
                shop_id: shop.to_string(),
                ..tours::ListDeparturesRequest::default()
            };
            let grpc = pier.grpc();
            async move { grpc.list_departures(Request::new(request)).await.map(|found| found.into_inner().departures.len()) }
        };
        assert_eq!(list(pier.product.shop, true).await.unwrap(), 3);
        assert_eq!(list(ids::new(), true).await.unwrap(), 0);
        assert_eq!(refused(list(pier.product.shop, false).await), ["NOT_FOUND productId"]);
    }

    async fn what_cannot_be_scheduled_is_refused_and_nothing_is(database) {
        let pier = Pier::on(database).await;
        let good = pier.schedule_request(vec![pier.hours(6)], "lich-thang-1");
        let rule = |start: &str, rrule: &str, except: &str| tours::ScheduleDeparturesRequest {
            rule: Some(tours::DepartureRule {
                start: start.to_owned(),
                rrule: rrule.to_owned(),
                except: vec![except.to_owned()],
            }),
            ..good.clone()
        };
        let with = |change: fn(&mut tours::ScheduleDeparturesRequest)| {
            let mut request = good.clone();
            change(&mut request);
            request
        };
        let cases = [
            (with(|request| request.starts_at = Vec::new()), "REQUIRED startsAt"),
            (with(|request| request.starts_at[0] += 1), "INVALID startsAt.0"),
            (with(|request| request.starts_at[0] = 60_000_000), "INVALID startsAt.0"),
            (with(|request| request.capacity = 10_001), "OUT_OF_RANGE capacity"),
            (with(|request| request.idempotency_key = "ngan".to_owned()), "OUT_OF_RANGE idempotencyKey"),
            (with(|request| request.product_id = ids::new::<kernel::ProductId>().to_string()), "NOT_FOUND productId"),
            (with(|request| request.shop_id = ids::new::<ShopId>().to_string()), "NOT_FOUND productId"),
            (rule("mai", "FREQ=DAILY;COUNT=2", "2027-01-17"), "INVALID rule.start"),
            (rule("2027-01-16T05:30", "FREQ=SECONDLY;COUNT=2", "2027-01-17"), "INVALID rule.rrule"),
            (rule("2027-01-16T05:30", "FREQ=DAILY;COUNT=2", "Tết"), "INVALID rule.except.0"),
            (rule("2027-01-16T05:30", "FREQ=DAILY", "2027-01-17"), "RULE_TOO_LARGE rule.rrule"),
            (rule("2031-01-16T05:30", "FREQ=DAILY;COUNT=2", "2027-01-17"), "RULE_TOO_LARGE rule.rrule"),
        ];
        for (request, said) in cases {
            assert_eq!(refused(pier.schedule(request).await), [said]);
        }
        let goods = pier.bench.sell("Xoài", 1_000, 1).await;
        let no_tour = with(|_| {});
        let no_tour = tours::ScheduleDeparturesRequest { product_id: goods.id.to_string(), ..no_tour };
        assert_eq!(refused(pier.schedule(no_tour).await), ["NOT_FOUND productId"]);
        assert_eq!(pier.schedule(good).await.unwrap().created, 1);
    }

    async fn many_departures_cost_as_many_statements_as_one(database) {
        let pier = Pier::on(database).await;
        let starts: Vec<i64> = (10..60).map(|hours| pier.hours(hours)).collect();
        let scheduled = pier.schedule(pier.schedule_request(starts, "lich-thang-1")).await.unwrap();
        let mut costs = Vec::new();
        // SQLite writes rows in parts whose sizes are powers of two: of 32 in one.
        for count in [1, 32] {
            let some = &scheduled.departures[..count];
            let before = pier.bench.database.statements();
            let ids = some.iter().map(|departure| departure.id.clone()).collect();
            let request = Request::new(tours::GetDeparturesRequest { ids });
            let read = pier.grpc().get_departures(request).await.unwrap().into_inner().departures;
            let all = read.iter().zip(some).all(|(one, other)| one.id == other.id);
            assert!(all && read.len() == count);
            let listed = pier.bench.database.statements();
            let adults: Vec<VariantId> = some.iter().map(|departure| variant(departure, "adult")).collect();
            assert_eq!(pier.offers(&adults).await.len(), count);
            let offered = pier.bench.database.statements();
            let lines: Vec<(VariantId, i64)> = adults.iter().map(|adult| (*adult, 2)).collect();
            pier.hold(&format!("chk_{count}"), &lines).await.unwrap();
            let held = pier.bench.database.statements();
            costs.push((listed - before, offered - listed, held - offered));
        }
        assert_eq!(costs[0], costs[1]);
        pier.bench.assert_sound().await;
    }
}
