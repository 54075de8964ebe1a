//! Correcting what is said of a shop.

use proto::accounts::{
    GetShopsRequest, ListAuditEntriesRequest, Shop, ShopKind, ShopStatus, UpdateShopRequest,
};
use proto::common::{LocalizedText, RefusalCode};
use tonic::{Code, Response, Status};

use super::support::{Step, TestAccounts, fact, refused, start};

async fn update(accounts: &TestAccounts, request: UpdateShopRequest) -> Result<Shop, Status> {
    accounts.client.clone().update_shop(request).await.map(Response::into_inner)
}

fn request(actor: &str, shop: &str) -> UpdateShopRequest {
    UpdateShopRequest {
        actor_id: actor.into(),
        shop_id: shop.into(),
        ..UpdateShopRequest::default()
    }
}

async fn stored(accounts: &TestAccounts, shop: &str) -> Shop {
    let request = GetShopsRequest { ids: vec![shop.to_owned()] };
    accounts.client.clone().get_shops(request).await.unwrap().into_inner().shops.remove(0)
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn what_is_given_of_a_shop_changes_and_the_rest_stays(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let before = accounts.draft(&owner).await;
        let changed = update(&accounts, UpdateShopRequest {
            name: Some(" Vựa  Sen Hồng ".into()),
            phone: Some("0912 345 678".into()),
            about: Some(LocalizedText { vi: "Trái cây miệt vườn".into(), en: String::new() }),
            ..request(&owner, &before.id)
        }).await.unwrap();
        assert_eq!(changed, Shop {
            name: "Vựa Sen Hồng".into(),
            phone: "+84912345678".into(),
            about: Some(LocalizedText { vi: "Trái cây miệt vườn".into(), en: String::new() }),
            ..before.clone()
        });
        assert_eq!(stored(&accounts, &before.id).await, changed);
        let told = accounts.shops_told().await;
        assert_eq!((told.len(), told[1].name.as_str(), &told[1].bank_account), (2, "Vựa Sen Hồng", &None));
        let log = accounts.client.clone().list_audit_entries(ListAuditEntriesRequest::default()).await;
        let last = log.unwrap().into_inner().entries.remove(0);
        assert_eq!((last.action.as_str(), last.subject_id.as_str()), ("shop.updated", before.id.as_str()));
        assert_eq!(last.detail, r#"{"fields":["name","phone","about"]}"#);
    }

    async fn the_same_again_changes_and_tells_nothing(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await;
        let before = accounts.everything().await;
        let same = UpdateShopRequest {
            name: Some(shop.name.clone()),
            phone: Some("0292 3812 345".into()),
            ..request(&owner, &shop.id)
        };
        assert_eq!(update(&accounts, same).await.unwrap(), shop);
        assert_eq!(accounts.everything().await, before);
    }

    async fn a_shop_is_renamed_only_so_often_and_everything_else_of_it_still_changes(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        let renamed = |name: String| UpdateShopRequest { name: Some(name), ..request(&owner, &shop) };
        // What changes no name, is refused or is a stranger's is not counted.
        let stranger = accounts.person("xuan@example.com").await;
        for _ in 0..6 {
            let same = UpdateShopRequest { phone: Some("0912 345 678".into()), ..renamed("Vựa trái cây Bông Sen".into()) };
            update(&accounts, same).await.unwrap();
            update(&accounts, renamed(" ".into())).await.unwrap_err();
            let theirs = UpdateShopRequest { name: Some("Của tôi".into()), ..request(&stranger, &shop) };
            assert_eq!(update(&accounts, theirs).await.unwrap_err().code(), Code::PermissionDenied);
        }
        for number in 1..=5 {
            update(&accounts, renamed(format!("Vựa Sen {number}"))).await.unwrap();
        }
        let before = accounts.everything().await;
        let status = update(&accounts, renamed("Vựa Sen 6".into())).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, "name".to_owned())]);
        assert!((1..=3_600).contains(&fact(&status, "retryAfterSeconds").parse::<u64>().unwrap()));
        assert_eq!(accounts.everything().await, before);
        let moved = UpdateShopRequest { address: Some("2 Bến Chợ".into()), ..renamed("Vựa Sen 5".into()) };
        assert_eq!(update(&accounts, moved).await.unwrap().address, "2 Bến Chợ");
        // Another shop has names of its own.
        let other = accounts.draft(&owner).await.id;
        update(&accounts, UpdateShopRequest { name: Some("Vựa khác".into()), ..request(&owner, &other) }).await.unwrap();
    }

    async fn what_is_wrong_is_told_by_field_and_changes_nothing(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await;
        let wrong = UpdateShopRequest {
            name: Some(" ".into()),
            kind: Some(ShopKind::Company.into()),
            ward_code: Some("00004".into()),
            ..request(&owner, &shop.id)
        };
        let status = update(&accounts, wrong).await.unwrap_err();
        assert_eq!(refused(&status), [
            (RefusalCode::Required, "name".into()),
            (RefusalCode::Required, "taxCode".into()),
            (RefusalCode::UnknownWard, "wardCode".into()),
        ]);
        assert_eq!(stored(&accounts, &shop.id).await, shop);
    }

    async fn a_shop_that_sells_takes_no_address_for_a_name_and_one_from_before_may_stay(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        let before = accounts.everything().await;
        for name in ["Nhận quà ở evil.vn", "https://evil", "qua@evil", "www.evil"] {
            let renamed = UpdateShopRequest { name: Some(name.into()), ..request(&owner, &shop) };
            let status = update(&accounts, renamed).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::AddressInName, "name".to_owned())], "{name}");
        }
        assert_eq!(accounts.everything().await, before);
        accounts.meddle("UPDATE shops SET name = 'Bông.Sen'").await.unwrap();
        let moved = UpdateShopRequest {
            name: Some("Bông.Sen".into()),
            address: Some("2 Bến Chợ".into()),
            ..request(&owner, &shop)
        };
        assert_eq!(update(&accounts, moved).await.unwrap().address, "2 Bến Chợ");
    }

    async fn only_the_owner_corrects_a_shop(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await;
        let stranger = accounts.person("xuan@example.com").await;
        accounts.draft(&stranger).await;
        let staff = accounts.person("sen@example.com").await;
        accounts
            .meddle(
                "INSERT INTO memberships (user_id, shop_id, role, created_at)
                 SELECT users.id, shops.id, 'STAFF', 0 FROM users, shops
                 WHERE users.email = 'sen@example.com' AND shops.slug = 'vua-trai-cay-bong-sen'",
            )
            .await
            .unwrap();
        for actor in [&stranger, &staff, &operator] {
            let renamed = UpdateShopRequest { name: Some("Của tôi".into()), ..request(actor, &shop.id) };
            assert_eq!(update(&accounts, renamed).await.unwrap_err().code(), Code::PermissionDenied);
        }
        assert_eq!(stored(&accounts, &shop.id).await, shop);
    }

    async fn who_sells_by_law_stays_once_it_was_submitted_until_it_is_refused(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        let company = UpdateShopRequest {
            kind: Some(ShopKind::Company.into()),
            tax_code: Some("1800123456".into()),
            ..request(&owner, &shop)
        };
        let status = update(&accounts, company.clone()).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::StatusConflict, "kind".into())]);
        accounts.decide(Step::Suspend, &operator, &shop, "Thiếu giấy phép").await.unwrap();
        let mended = update(&accounts, company).await.unwrap();
        assert_eq!((mended.kind(), mended.status()), (ShopKind::Company, ShopStatus::Suspended));
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        let other = UpdateShopRequest { tax_code: Some("1800123457".into()), ..request(&owner, &shop) };
        let status = update(&accounts, other).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::StatusConflict, "taxCode".into())]);
        let moved = UpdateShopRequest { address: Some("2 Bến Chợ".into()), ..request(&owner, &shop) };
        let moved = update(&accounts, moved).await.unwrap();
        assert_eq!((moved.address.as_str(), moved.tax_code.as_str()), ("2 Bến Chợ", "1800123456"));
    }
}
