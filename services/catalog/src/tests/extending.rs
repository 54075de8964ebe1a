//! Holds that are made to last longer, as who pays for them has more time.

use proto::catalog as contract;
use proto::catalog::catalog_server::Catalog as Service;
use proto::common::RefusalCode;
use proto::refusals_of;
use tonic::{Code, Request, Status};

use super::*;
use crate::grpc::Grpc;

impl Bench {
    /// Lets a hold stand until so many seconds from now; gives until when it stands.
    async fn extend_hold(&self, reference: &str, seconds: u64) -> Result<i64, Status> {
        let expires_at = self.clock.now().after(Duration::from_secs(seconds)).micros();
        let request = contract::ExtendHoldRequest { reference: reference.to_owned(), expires_at };
        let grpc = Grpc(self.catalog.clone());
        Ok(grpc.extend_hold(Request::new(request)).await?.into_inner().expires_at)
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn an_extended_hold_stands_beyond_its_first_end_and_not_beyond_its_new_one(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        bench.hold("chk_longer", &[(variant, 2)]).await.unwrap();
        bench.hold("chk_other", &[(variant, 3)]).await.unwrap();
        let until = bench.clock.now().after(Duration::from_secs(600)).micros();
        // Again, and at last by a call that comes late: it never becomes shorter.
        for seconds in [600, 600, 30] {
            assert_eq!(bench.extend_hold("chk_longer", seconds).await.unwrap(), until);
        }
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        assert_eq!(bench.stock(variant).await, (5, 2));
        bench.clock.advance(Duration::from_secs(540));
        expire_holds(&bench.catalog).await.unwrap();
        assert_eq!(bench.stock(variant).await, (5, 0));
        bench.assert_sound().await;
    }

    async fn what_is_no_longer_held_cannot_be_extended(database) {
        let bench = Bench::on(database).await;
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        for reference in ["chk_expired", "chk_sold", "chk_released"] {
            bench.hold(reference, &[(variant, 1)]).await.unwrap();
        }
        bench.checkout_is("chk_sold", CheckoutStatus::Paid).await;
        bench.checkout_is("chk_released", CheckoutStatus::Cancelled).await;
        bench.clock.advance(Duration::from_secs(61));
        expire_holds(&bench.catalog).await.unwrap();
        for reference in ["chk_expired", "chk_sold", "chk_released"] {
            let refused = bench.extend_hold(reference, 600).await.unwrap_err();
            let codes: Vec<RefusalCode> =
                refusals_of(&refused).unwrap().iter().map(|refusal| refusal.code()).collect();
            assert_eq!(codes, [RefusalCode::HoldGone], "{reference}");
        }
        assert_eq!(bench.extend_hold("chk_unknown", 600).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(bench.stock(variant).await, (4, 0));
        bench.assert_sound().await;
    }

    async fn extensions_and_a_sale_at_once_leave_what_was_sold(database) {
        let bench = Arc::new(Bench::on(database).await);
        let variant = bench.sell("Xoài", 1, 5).await.variants[0].id;
        bench.hold("chk_1", &[(variant, 2)]).await.unwrap();
        let extending = (0..8_u64).map(|place| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.extend_hold("chk_1", 100 + place).await.map(drop) })
        });
        let extending: Vec<_> = extending.collect();
        bench.checkout_is("chk_1", CheckoutStatus::Paid).await;
        for extended in futures_util::future::join_all(extending).await {
            // Before the sale it is extended, and after it refused.
            if let Err(status) = extended.unwrap() {
                assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
            }
        }
        bench.clock.advance(Duration::from_secs(600));
        expire_holds(&bench.catalog).await.unwrap();
        assert_eq!(bench.stock(variant).await, (3, 0));
        bench.assert_sound().await;
    }
}
