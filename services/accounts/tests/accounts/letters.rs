//! Who of a shop is written to, and what its owner is told of operators' decisions.

use proto::accounts::{
    GetShopLettersRequest, GetShopReadersRequest, SetShopLettersRequest, SignUpRequest,
};
use proto::events::event::Body;
use tonic::{Code, Status};

use super::support::{Step, TestAccounts, sign_up_request, start};

async fn set(
    accounts: &TestAccounts,
    actor: &str,
    shop: &str,
    wanted: bool,
) -> Result<bool, Status> {
    let request = SetShopLettersRequest { actor_id: actor.into(), shop_id: shop.into(), wanted };
    Ok(accounts.client.clone().set_shop_letters(request).await?.into_inner().wanted)
}

async fn wanted(accounts: &TestAccounts, actor: &str, shop: &str) -> bool {
    let request = GetShopLettersRequest { actor_id: actor.into(), shop_id: shop.into() };
    accounts.client.clone().get_shop_letters(request).await.unwrap().into_inner().wanted
}

/// Addresses of who is written to, in their order.
async fn readers(accounts: &TestAccounts, shop: &str) -> Vec<String> {
    let request = GetShopReadersRequest { shop_id: shop.into() };
    let found = accounts.client.clone().get_shop_readers(request).await.unwrap().into_inner();
    let mut addresses: Vec<String> = found.users.into_iter().map(|user| user.email).collect();
    addresses.sort();
    addresses
}

async fn employ(accounts: &TestAccounts, person: &str) {
    let sql = format!(
        "INSERT INTO memberships (user_id, shop_id, role, created_at)
         SELECT users.id, shops.id, 'STAFF', 0 FROM users, shops
         WHERE users.name = '{person}' AND shops.slug = 'vua-trai-cay-bong-sen'"
    );
    accounts.meddle(&sql).await.unwrap();
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn who_belongs_to_a_shop_and_has_an_address_is_written_to_until_they_want_it_no_more(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        let staff = SignUpRequest { name: "Sen".into(), ..sign_up_request("sen@example.com") };
        let staff = accounts.client.clone().sign_up(staff).await.unwrap().into_inner().user.unwrap().id;
        let by_phone = SignUpRequest { name: "Xuân".into(), phone: "0912345678".into(), ..sign_up_request("") };
        accounts.client.clone().sign_up(by_phone).await.unwrap();
        employ(&accounts, "Sen").await;
        employ(&accounts, "Xuân").await;
        assert_eq!(readers(&accounts, &shop).await, ["bong@example.com", "sen@example.com"]);
        for _ in 0..2 {
            assert!(!set(&accounts, &staff, &shop, false).await.unwrap());
            assert_eq!(readers(&accounts, &shop).await, ["bong@example.com"]);
        }
        assert_eq!((wanted(&accounts, &owner, &shop).await, wanted(&accounts, &staff, &shop).await), (true, false));
        // Of another shop of theirs they are told all the same.
        let other = accounts.draft(&staff).await.id;
        assert_eq!(readers(&accounts, &other).await, ["sen@example.com"]);
        for _ in 0..2 {
            assert!(set(&accounts, &staff, &shop, true).await.unwrap());
            assert_eq!(readers(&accounts, &shop).await, ["bong@example.com", "sen@example.com"]);
        }
    }

    async fn only_members_say_whether_they_want_letters_and_nobody_else_gets_them(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        let stranger = accounts.person("xuan@example.com").await;
        for actor in [&stranger, &operator] {
            for choice in [true, false] {
                let status = set(&accounts, actor, &shop, choice).await.unwrap_err();
                assert_eq!(status.code(), Code::PermissionDenied);
            }
            assert!(!wanted(&accounts, actor, &shop).await);
        }
        assert!(accounts.rows("SELECT declined_at FROM declined_letters").await.is_empty());
        assert_eq!(readers(&accounts, &shop).await, ["bong@example.com"]);
        let unknown = platform::ids::new::<kernel::ShopId>().to_string();
        assert!(readers(&accounts, &unknown).await.is_empty());
    }

    async fn what_operators_decide_is_told_and_what_the_shop_does_itself_is_not(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        for (step, actor, reason) in [
            (Step::Submit, &owner, ""),
            (Step::Suspend, &operator, "Ảnh mờ"),
            (Step::Submit, &owner, ""),
            (Step::Approve, &operator, ""),
            (Step::Suspend, &operator, "Thiếu giấy phép"),
            (Step::Approve, &operator, ""),
            (Step::Close, &owner, "Nghỉ bán"),
        ] {
            accounts.decide(step, actor, &shop, reason).await.unwrap();
        }
        let decided = |event: proto::events::Event| match event.body {
            Some(Body::ShopDecided(said)) => Some((said.shop_id, said.decision)),
            _ => None,
        };
        let told: Vec<_> = accounts.events().await.into_iter().filter_map(decided).collect();
        let expected = ["refused", "approved", "suspended", "approved"].map(|decision| (shop.clone(), decision.to_owned()));
        assert_eq!(told, expected);
    }
}
