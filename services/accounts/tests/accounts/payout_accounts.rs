//! Naming the account that a shop is paid out to.

use std::time::Duration;

use proto::accounts::{
    BankAccount, ChangePasswordRequest, GetShopsRequest, ListAuditEntriesRequest,
    SetPayoutAccountRequest, Shop,
};
use proto::common::RefusalCode;
use proto::events::event::Body;
use tonic::{Code, Response, Status};

use super::support::{COOLING_OFF, PASSWORD, START, Step, TestAccounts, refused, start};

async fn set(
    accounts: &TestAccounts,
    (actor, shop): (&str, &str),
    number: &str,
    password: &str,
) -> Result<Shop, Status> {
    let account = account(number);
    let request = SetPayoutAccountRequest {
        actor_id: actor.into(),
        shop_id: shop.into(),
        account: Some(account),
        password: password.into(),
        client_address: "192.0.2.1".into(),
    };
    accounts.client.clone().set_payout_account(request).await.map(Response::into_inner)
}

fn account(number: &str) -> BankAccount {
    BankAccount { bin: "970422".into(), number: number.into(), holder: "NGUYEN THI BONG".into() }
}

async fn stored(accounts: &TestAccounts, shop: &str) -> Shop {
    let request = GetShopsRequest { ids: vec![shop.to_owned()] };
    accounts.client.clone().get_shops(request).await.unwrap().into_inner().shops.remove(0)
}

/// From when on accounts counted that were named, as the outbox tells.
async fn told(accounts: &TestAccounts) -> Vec<i64> {
    let of = |event: proto::events::Event| match event.body {
        Some(Body::PayoutAccountChanged(said)) => Some(said.effective_at),
        _ => None,
    };
    accounts.events().await.into_iter().filter_map(of).collect()
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn who_changes_the_password_takes_back_what_somebody_else_may_have_named(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let before = accounts.draft(&owner).await;
        set(&accounts, (&owner, &before.id), "0987654321", PASSWORD).await.unwrap();
        let changed = "ghe lồng chở mắm";
        let change = ChangePasswordRequest {
            user_id: owner.clone(),
            old_password: PASSWORD.into(),
            new_password: changed.into(),
            client_address: "192.0.2.1".into(),
        };
        accounts.client.clone().change_password(change).await.unwrap();
        assert_eq!(stored(&accounts, &before.id).await, before);
        accounts.clock.advance(2 * COOLING_OFF);
        assert_eq!(stored(&accounts, &before.id).await.bank_account, before.bank_account);
        // One that counts already stays.
        set(&accounts, (&owner, &before.id), "0987654321", changed).await.unwrap();
        accounts.clock.advance(2 * COOLING_OFF);
        let counting = stored(&accounts, &before.id).await.bank_account;
        assert_eq!(counting, Some(account("0987654321")));
        let back = ChangePasswordRequest {
            user_id: owner.clone(),
            old_password: changed.into(),
            new_password: PASSWORD.into(),
            client_address: "192.0.2.1".into(),
        };
        accounts.client.clone().change_password(back).await.unwrap();
        assert_eq!(stored(&accounts, &before.id).await.bank_account, counting);
    }

    async fn another_account_is_paid_to_after_the_pause_and_not_before(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let before = accounts.draft(&owner).await;
        let changed = set(&accounts, (&owner, &before.id), "0987654321", PASSWORD).await.unwrap();
        let from = START.after(COOLING_OFF).micros();
        assert_eq!(changed.bank_account, before.bank_account);
        let next = changed.next_bank_account.clone().unwrap();
        assert_eq!((next.account, next.counts_from), (Some(account("0987654321")), from));
        assert_eq!(stored(&accounts, &before.id).await, changed);
        accounts.clock.advance(COOLING_OFF.saturating_sub(Duration::from_secs(1)));
        assert_eq!(stored(&accounts, &before.id).await.bank_account, before.bank_account);
        accounts.clock.advance(Duration::from_secs(1));
        let counting = stored(&accounts, &before.id).await;
        assert_eq!((counting.bank_account, counting.next_bank_account), (Some(account("0987654321")), None));
        assert_eq!(told(&accounts).await, [from]);
        let log = accounts.client.clone().list_audit_entries(ListAuditEntriesRequest::default()).await;
        let last = log.unwrap().into_inner().entries.remove(0);
        assert_eq!((last.action.as_str(), last.actor_id.as_str()), ("shop.payout_account_set", owner.as_str()));
        assert_eq!(last.detail, format!(r#"{{"countsFrom":{from}}}"#));
        // Who hears of shops hears nothing of accounts.
        assert!(accounts.shops_told().await.iter().all(|shop| shop.next_bank_account.is_none()));
    }

    async fn the_owner_takes_back_what_waits_by_naming_the_account_that_counts(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap();
        accounts.clock.advance(COOLING_OFF);
        set(&accounts, (&owner, &shop), "222222", PASSWORD).await.unwrap();
        let back = set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap();
        assert_eq!((back.bank_account, back.next_bank_account), (Some(account("111111")), None));
        accounts.clock.advance(COOLING_OFF);
        assert_eq!(stored(&accounts, &shop).await.bank_account, Some(account("111111")));
        assert_eq!(told(&accounts).await.len(), 3);
    }

    async fn the_same_again_waits_no_longer_and_tells_nothing(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        let first = set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap();
        accounts.clock.advance(Duration::from_secs(60));
        let before = accounts.everything().await;
        assert_eq!(set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap(), first);
        accounts.clock.advance(COOLING_OFF);
        set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap();
        assert_eq!(accounts.everything().await, before);
    }

    async fn a_wrong_password_changes_nothing_and_cannot_be_guessed(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await;
        let before = accounts.everything().await;
        for _ in 0..10 {
            let status = set(&accounts, (&owner, &shop.id), "111111", "sai mật khẩu").await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, "password".into())]);
        }
        let status = set(&accounts, (&owner, &shop.id), "111111", PASSWORD).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        assert_eq!(accounts.everything().await, before);
        assert_eq!(stored(&accounts, &shop.id).await, shop);
    }

    async fn only_the_owner_names_the_account_and_only_one_that_can_be_paid_to(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await;
        let (stranger, operator) = (accounts.person("xuan@example.com").await, accounts.operator().await);
        for actor in [&stranger, &operator] {
            let status = set(&accounts, (actor, &shop.id), "111111", PASSWORD).await.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied);
        }
        let status = set(&accounts, (&owner, &shop.id), "12", PASSWORD).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::TooShort, "bankAccount.number".into())]);
        assert_eq!(stored(&accounts, &shop.id).await, shop);
    }

    async fn a_closed_shop_is_still_paid_what_it_is_owed(database) {
        let accounts = start(database);
        let owner = accounts.person("bong@example.com").await;
        let shop = accounts.draft(&owner).await.id;
        accounts.decide(Step::Close, &owner, &shop, "").await.unwrap();
        set(&accounts, (&owner, &shop), "111111", PASSWORD).await.unwrap();
        accounts.clock.advance(COOLING_OFF);
        assert_eq!(stored(&accounts, &shop).await.bank_account, Some(account("111111")));
    }
}
