//! Days on which a tour is found.

use super::*;
use crate::consumers::IndexKept;
use crate::usecases::pass_cut_offs::pass_cut_offs;

impl Pier {
    /// The index hears what was told.
    async fn index(&self) {
        for body in self.told().await {
            self.bench.hear(&IndexKept(self.bench.catalog.clone()), body).await;
        }
    }

    /// How many tours the list and the search find for a filter.
    async fn found(&self, filter: contract::ProductFilter) -> (usize, usize) {
        let request =
            contract::ListProductsRequest { filter: Some(filter.clone()), ..Default::default() };
        let listed = self.grpc().list_products(Request::new(request)).await.unwrap().into_inner();
        let request = contract::SearchRequest { filter: Some(filter), ..Default::default() };
        let found = self.grpc().search(Request::new(request)).await.unwrap().into_inner();
        (listed.products.len(), found.hits.len())
    }

    async fn found_on(&self, day: &str) -> (usize, usize) {
        self.found(contract::ProductFilter { travel_day: day.to_owned(), ..Default::default() })
            .await
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn a_tour_is_found_on_the_days_on_which_it_has_a_seat(database) {
        let pier = Pier::on(database).await;
        let (one, two) = (pier.departure(20).await, pier.departure(44).await);
        let day = |departure: &tours::Departure| departure.local_start[..10].to_owned();
        pier.index().await;
        assert_eq!((pier.found_on(&day(&one)).await, pier.found_on("2027-03-01").await), ((1, 1), (0, 0)));
        pier.sell("chk_1", &[(variant(&one, "boat"), 1)]).await;
        pier.index().await;
        assert_eq!((pier.found_on(&day(&one)).await, pier.found_on(&day(&two)).await), ((0, 0), (1, 1)));
        pier.give_back("tcan_1", "", &[(variant(&one, "boat"), 1)]).await.unwrap();
        pier.index().await;
        assert_eq!(pier.found_on(&day(&one)).await, (1, 1));
        pier.cancel(&two, "").await.unwrap();
        pier.index().await;
        assert_eq!(pier.found_on(&day(&two)).await, (0, 0));
        let wrong = contract::ProductFilter { travel_day: "mai".to_owned(), ..Default::default() };
        let request = contract::SearchRequest { filter: Some(wrong.clone()), ..Default::default() };
        assert_eq!(refused(pier.grpc().search(Request::new(request)).await), ["INVALID filter.travelDay"]);
        let request = contract::ListProductsRequest { filter: Some(wrong), ..Default::default() };
        assert_eq!(refused(pier.grpc().list_products(Request::new(request)).await), ["INVALID filter.travelDay"]);
    }

    async fn a_passed_cut_off_is_told_to_search_once(database) {
        let pier = Pier::on(database).await;
        let departure = pier.departure(20).await;
        let day = departure.local_start[..10].to_owned();
        pier.index().await;
        let in_stock = || contract::ProductFilter { in_stock: true, ..Default::default() };
        assert_eq!(pier.found(in_stock()).await, (1, 1));
        pier.bench.clock.advance(Duration::from_secs(19 * 3_600));
        pass_cut_offs(&pier.bench.catalog).await.unwrap();
        assert_eq!(pier.told().await.len(), 1);
        pass_cut_offs(&pier.bench.catalog).await.unwrap();
        assert!(pier.told().await.is_empty());
        // A cut-off that is moved back opens the sale again, and passes again.
        pier.update(&departure, |change| change.cutoff_minutes = Some(30)).await.unwrap();
        pier.index().await;
        assert_eq!(pier.found_on(&day).await, (1, 1));
        pier.bench.clock.advance(Duration::from_secs(1_800));
        pass_cut_offs(&pier.bench.catalog).await.unwrap();
        pier.index().await;
        assert_eq!((pier.found_on(&day).await, pier.found(in_stock()).await), ((0, 0), (0, 0)));
    }
}
