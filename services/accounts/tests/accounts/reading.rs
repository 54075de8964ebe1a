//! Reading people, shops, wards and banks.

use proto::accounts::{
    GetShopBySlugRequest, GetShopsRequest, GetUsersRequest, ListShopsRequest, ShopStatus,
};
use proto::common::{Empty, PageRequest, RefusalCode};
use tonic::Code;

use super::support::{Step, TestAccounts, refused, start};

async fn page(
    accounts: &TestAccounts,
    status: ShopStatus,
    first: u32,
    after: &str,
) -> proto::accounts::ShopPage {
    let page = Some(PageRequest { first, after: after.into() });
    let request = ListShopsRequest { status: status.into(), page };
    accounts.client.clone().list_shops(request).await.unwrap().into_inner()
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn people_come_in_the_order_of_the_ids_in_one_statement(database) {
        let accounts = start(database);
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(accounts.person(&format!("bong{number}@example.com")).await);
        }
        ids.swap(0, 3);
        let unknown = platform::ids::new::<kernel::UserId>().to_string();
        let asked = [ids.as_slice(), &[unknown, ids[1].clone()]].concat();
        let statements = accounts.database.statements();
        let users = accounts.client.clone().get_users(GetUsersRequest { ids: asked }).await.unwrap();
        assert_eq!(accounts.database.statements() - statements, 1);
        ids.push(ids[1].clone());
        assert_eq!(users.into_inner().users.into_iter().map(|user| user.id).collect::<Vec<_>>(), ids);
    }

    async fn shops_come_in_the_order_of_the_ids_in_one_statement(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(accounts.draft(&owner).await.id);
        }
        ids.reverse();
        let statements = accounts.database.statements();
        let shops = accounts.client.clone().get_shops(GetShopsRequest { ids: ids.clone() }).await.unwrap();
        assert_eq!(accounts.database.statements() - statements, 1);
        assert_eq!(shops.into_inner().shops.into_iter().map(|shop| shop.id).collect::<Vec<_>>(), ids);
        let none = accounts.client.clone().get_shops(GetShopsRequest { ids: Vec::new() }).await.unwrap();
        assert!(none.into_inner().shops.is_empty());
    }

    async fn more_ids_than_may_be_asked_for_are_a_fault_of_the_caller(database) {
        let accounts = start(database);
        let ids = |count: usize| (0..count).map(|_| platform::ids::new::<kernel::UserId>().to_string()).collect();
        assert!(accounts.client.clone().get_users(GetUsersRequest { ids: ids(500) }).await.is_ok());
        let status = accounts.client.clone().get_users(GetUsersRequest { ids: ids(501) }).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let wrong = GetShopsRequest { ids: ids(1) };
        let status = accounts.client.clone().get_shops(wrong).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "ids of people are no ids of shops");
    }

    async fn a_shop_is_found_by_its_slug(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await;
        let request = GetShopBySlugRequest { slug: shop.slug.clone() };
        assert_eq!(accounts.client.clone().get_shop_by_slug(request).await.unwrap().into_inner(), shop);
        let request = GetShopBySlugRequest { slug: "không-có".into() };
        let status = accounts.client.clone().get_shop_by_slug(request).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
    }

    async fn pages_of_shops_are_whole_even_while_shops_are_opened(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let mut newest_first = Vec::new();
        for _ in 0..5 {
            newest_first.insert(0, accounts.draft(&owner).await.id);
        }
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = page(&accounts, ShopStatus::Unspecified, 2, &after).await;
            let info = page.page.unwrap();
            assert_eq!(info.cursors.len(), page.shops.len());
            seen.extend(page.shops.into_iter().map(|shop| shop.id));
            if !info.has_next {
                assert_eq!(info.total, 7, "those opened meanwhile are counted, and come before");
                break;
            }
            after = info.cursors.last().unwrap().clone();
            accounts.draft(&owner).await;
        }
        assert_eq!(seen, newest_first);
    }

    async fn shops_are_listed_by_status(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let (first, second) = (accounts.draft(&owner).await.id, accounts.draft(&owner).await.id);
        accounts.decide(Step::Submit, &owner, &first, "").await.unwrap();
        for (status, expected) in [
            (ShopStatus::Submitted, vec![first.clone()]),
            (ShopStatus::Draft, vec![second.clone()]),
            (ShopStatus::Approved, vec![]),
            (ShopStatus::Unspecified, vec![second, first]),
        ] {
            let page = page(&accounts, status, 0, "").await;
            assert_eq!(page.page.unwrap().total, expected.len() as i64);
            assert_eq!(page.shops.into_iter().map(|shop| shop.id).collect::<Vec<_>>(), expected);
        }
        let page = Some(PageRequest { first: 2, after: "đâu đó".into() });
        let request = ListShopsRequest { status: 0, page };
        let status = accounts.client.clone().list_shops(request).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::Invalid, "after".into())]);
    }

    async fn wards_and_banks_need_no_database(database) {
        let accounts = start(database);
        let statements = accounts.database.statements();
        let wards = accounts.client.clone().list_wards(Empty {}).await.unwrap().into_inner().wards;
        let banks = accounts.client.clone().list_banks(Empty {}).await.unwrap().into_inner().banks;
        assert_eq!(accounts.database.statements(), statements);
        assert_eq!((wards.len(), banks.len()), (103, 41));
        assert!(wards.iter().any(|ward| ward.code == "31135" && ward.name == "Phường Ninh Kiều"));
        assert!(banks.iter().any(|bank| bank.bin == "970436" && bank.short_name == "Vietcombank"));
        assert_eq!(accounts::bank_short_name("970436"), Some("Vietcombank"));
        assert_eq!(accounts::bank_short_name("000000"), None);
    }
}
