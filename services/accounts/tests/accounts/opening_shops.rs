//! Opening shops.

use proto::accounts::{BankAccount, OpenShopRequest, ShopKind, ShopStatus};
use proto::common::RefusalCode;
use tonic::Code;

use super::support::{START, fact, open_shop_request, refused, start};

platform::on_each_database! { migrations::accounts::Migrator,
    async fn a_new_shop_is_a_draft_of_its_owner(database) {
        let accounts = start(database);
        let signed_in = accounts.sign_up("bong@example.com").await;
        let owner = signed_in.user.unwrap().id;
        let shop = accounts.draft(&owner).await;
        assert_eq!((shop.slug.as_str(), shop.status()), ("vua-trai-cay-bong-sen", ShopStatus::Draft));
        assert_eq!((shop.created_at, shop.approved_at, &shop.owner_id), (START.micros(), 0, &owner));
        assert_eq!(shop.phone, "+842923812345");
        assert_eq!(shop.bank_account, Some(BankAccount {
            bin: "970436".into(), number: "001100909090".into(), holder: "NGUYEN THI BONG".into(),
        }));
        let actor = accounts.authenticate(&signed_in.token).await.unwrap();
        assert_eq!(actor.memberships[0].shop_id, shop.id);
    }

    async fn the_event_of_a_shop_says_nothing_private(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let request = OpenShopRequest { tax_code: "1800123456".into(), ..open_shop_request(&owner) };
        let shop = accounts.client.clone().open_shop(request).await.unwrap().into_inner();
        assert_eq!(shop.tax_code, "1800123456");
        let [event] = accounts.events().await.try_into().unwrap();
        assert_eq!((event.aggregate_id.as_str(), event.occurred_at), (shop.id.as_str(), START.micros()));
        let [told] = accounts.shops_told().await.try_into().unwrap();
        assert_eq!(told, proto::accounts::Shop { bank_account: None, tax_code: String::new(), ..shop });
    }

    async fn shops_of_one_name_get_different_slugs(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let mut openings = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (mut client, request) = (accounts.client.clone(), open_shop_request(&owner));
            openings.spawn(async move { client.open_shop(request).await.unwrap().into_inner().slug });
        }
        let mut slugs = openings.join_all().await;
        slugs.sort();
        slugs.dedup();
        assert_eq!((slugs.len(), slugs[0].as_str()), (8, "vua-trai-cay-bong-sen"));
        assert!(slugs.iter().all(|slug| slug.starts_with("vua-trai-cay-bong-sen")));
    }

    async fn a_refused_application_tells_every_problem_and_changes_nothing(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let before = accounts.everything().await;
        let fine = || open_shop_request(&owner);
        let account = |bin: &str, number: &str, holder: &str| {
            Some(BankAccount { bin: bin.into(), number: number.into(), holder: holder.into() })
        };
        for (request, expected) in [
            (
                OpenShopRequest { actor_id: owner.clone(), ..OpenShopRequest::default() },
                ["name", "kind", "taxCode", "wardCode", "address", "phone", "bankAccount"]
                    .map(|path| (RefusalCode::Required, path)).to_vec(),
            ),
            (OpenShopRequest { ward_code: "00004".into(), ..fine() }, vec![(RefusalCode::UnknownWard, "wardCode")]),
            (
                OpenShopRequest { bank_account: account("458761", "123", "🌸"), ..fine() },
                vec![
                    (RefusalCode::UnknownBank, "bankAccount.bin"),
                    (RefusalCode::TooShort, "bankAccount.number"),
                    (RefusalCode::Invalid, "bankAccount.holder"),
                ],
            ),
            (
                OpenShopRequest { kind: ShopKind::Company.into(), ..fine() },
                vec![(RefusalCode::Required, "taxCode")],
            ),
            (OpenShopRequest { tax_code: "18".into(), ..fine() }, vec![(RefusalCode::Invalid, "taxCode")]),
            (OpenShopRequest { kind: 77, tax_code: "1800123456".into(), ..fine() }, vec![(RefusalCode::Required, "kind")]),
            (OpenShopRequest { name: "a".repeat(101), ..fine() }, vec![(RefusalCode::TooLong, "name")]),
            (OpenShopRequest { name: "Quà ở evil.vn".into(), ..fine() }, vec![(RefusalCode::AddressInName, "name")]),
            (OpenShopRequest { name: "Vietcom\u{202e}bank".into(), ..fine() }, vec![(RefusalCode::Invalid, "name")]),
        ] {
            let status = accounts.client.clone().open_shop(request).await.unwrap_err();
            let found = refused(&status);
            let found: Vec<_> = found.iter().map(|(code, path)| (*code, path.as_str())).collect();
            assert_eq!(found, expected);
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn only_people_with_an_account_open_shops(database) {
        let accounts = start(database);
        let nobody = platform::ids::new::<kernel::UserId>().to_string();
        let before = accounts.everything().await;
        let status = accounts.client.clone().open_shop(open_shop_request(&nobody)).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        let status = accounts.client.clone().open_shop(open_shop_request("ai đó")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(accounts.everything().await, before);
    }

    async fn one_person_opens_only_so_many_shops(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        for _ in 0..50 {
            accounts.draft(&owner).await;
        }
        let before = accounts.everything().await;
        let status = accounts.client.clone().open_shop(open_shop_request(&owner)).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::OutOfRange, String::new())]);
        assert_eq!(fact(&status, "maximum"), "50");
        assert_eq!(accounts.everything().await, before);
    }

    async fn the_database_itself_refuses_shops_that_break_the_rules(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        accounts.draft(&owner).await;
        for change in [
            "UPDATE shops SET status = 'OPEN'",
            "UPDATE shops SET kind = 'SHOP'",
            "UPDATE shops SET kind = 'COMPANY'",
            "UPDATE shops SET status = 'SUSPENDED'",
            "UPDATE shops SET status = 'APPROVED'",
            "UPDATE memberships SET role = 'BOSS'",
            "UPDATE users SET email = NULL",
            "UPDATE users SET locale = 'fr'",
            "DELETE FROM users",
            "DELETE FROM shops",
        ] {
            assert!(accounts.meddle(change).await.is_err(), "{change}");
        }
    }
}
