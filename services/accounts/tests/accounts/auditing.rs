//! The audit log, and what the doctor finds.

use proto::accounts::{AuditEntryPage, ListAuditEntriesRequest};
use proto::common::{PageRequest, RefusalCode};
use sea_orm::DbBackend;

use super::support::{START, Step, TestAccounts, open_shop_request, refused, start};

async fn page(accounts: &TestAccounts, first: u32, after: &str) -> AuditEntryPage {
    let page = Some(PageRequest { first, after: after.into() });
    accounts
        .client
        .clone()
        .list_audit_entries(ListAuditEntriesRequest { page })
        .await
        .unwrap()
        .into_inner()
}

/// What somebody with full rights on the database would do first.
async fn disarm(accounts: &TestAccounts) {
    let drops: &[&str] = match accounts.database.backend() {
        DbBackend::Postgres => &["DROP TRIGGER audit_entries_refuses_changes ON audit_entries"],
        _ => &[
            "DROP TRIGGER audit_entries_refuses_UPDATE",
            "DROP TRIGGER audit_entries_refuses_DELETE",
        ],
    };
    for drop in drops {
        accounts.meddle(drop).await.unwrap();
    }
}

/// A shop that was opened, submitted and approved.
async fn three_entries_more(accounts: &TestAccounts) -> (String, String, String) {
    let (owner, operator) = (accounts.person("bong@example.com").await, accounts.operator().await);
    let shop = accounts.draft(&owner).await.id;
    accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
    accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
    (owner, operator, shop)
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn every_decision_is_in_the_log_without_personal_data(database) {
        let accounts = start(database);
        let (owner, operator, shop) = three_entries_more(&accounts).await;
        accounts.decide(Step::Suspend, &operator, &shop, "Bà Bông bán hàng giả").await.unwrap();
        let log = page(&accounts, 100, "").await;
        let entries: Vec<_> = log.entries.iter()
            .map(|entry| (entry.action.as_str(), entry.actor_id.as_str(), entry.subject_id.as_str(), entry.detail.as_str()))
            .collect();
        assert_eq!(entries, [
            ("shop.suspended", operator.as_str(), shop.as_str(), r#"{"from":"APPROVED","to":"SUSPENDED"}"#),
            ("shop.approved", operator.as_str(), shop.as_str(), r#"{"from":"SUBMITTED","to":"APPROVED"}"#),
            ("shop.submitted", owner.as_str(), shop.as_str(), r#"{"from":"DRAFT","to":"SUBMITTED"}"#),
            ("shop.opened", owner.as_str(), shop.as_str(), r#"{"from":null,"to":"DRAFT"}"#),
            ("operator.added", "", operator.as_str(), r#"{"newAccount":true}"#),
        ]);
        assert!(log.entries.iter().all(|entry| entry.at == START.micros()));
    }

    async fn the_log_is_read_in_pages_newest_first(database) {
        let accounts = start(database);
        three_entries_more(&accounts).await;
        let first = page(&accounts, 3, "").await;
        let info = first.page.unwrap();
        assert_eq!((first.entries.len(), info.has_next, info.total), (3, true, 4));
        let last = page(&accounts, 3, &info.cursors[2]).await;
        assert_eq!((last.entries.len(), last.page.unwrap().has_next), (1, false));
        assert_eq!(last.entries[0].action, "operator.added");
        let page = Some(PageRequest { first: 3, after: "đâu đó".into() });
        let status = accounts.client.clone().list_audit_entries(ListAuditEntriesRequest { page }).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::Invalid, "after".into())]);
    }

    async fn the_database_refuses_to_change_or_remove_entries(database) {
        let accounts = start(database);
        three_entries_more(&accounts).await;
        let before = accounts.everything().await;
        let mut attempts = vec![
            "UPDATE audit_entries SET detail = '{}'",
            "UPDATE audit_entries SET actor_id = NULL WHERE seq = 2",
            "DELETE FROM audit_entries WHERE seq = 4",
        ];
        if accounts.database.backend() == DbBackend::Postgres {
            attempts.push("TRUNCATE audit_entries");
        }
        for attempt in attempts {
            assert!(accounts.meddle(attempt).await.is_err(), "{attempt}");
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn the_chain_has_no_forks_when_many_write_at_once(database) {
        let accounts = start(database);
        let mut openings = tokio::task::JoinSet::new();
        for number in 0..8 {
            let owner = accounts.person(&format!("bong{number}@example.com")).await;
            let mut client = accounts.client.clone();
            openings.spawn(async move { client.open_shop(open_shop_request(&owner)).await.unwrap() });
        }
        openings.join_all().await;
        assert_eq!(page(&accounts, 100, "").await.page.unwrap().total, 8);
        assert_eq!(accounts::doctor(&accounts.database).await.unwrap(), Vec::<String>::new());
    }

    async fn the_doctor_finds_a_changed_entry(database) {
        let accounts = start(database);
        three_entries_more(&accounts).await;
        assert_eq!(accounts::doctor(&accounts.database).await.unwrap(), Vec::<String>::new());
        disarm(&accounts).await;
        accounts.meddle("UPDATE audit_entries SET actor_id = NULL WHERE seq = 3").await.unwrap();
        let findings = accounts::doctor(&accounts.database).await.unwrap();
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("the audit log was changed at entry 3 (audit_"), "{findings:?}");
    }

    async fn the_doctor_finds_entries_cut_off_the_end(database) {
        let accounts = start(database);
        three_entries_more(&accounts).await;
        disarm(&accounts).await;
        accounts.meddle("DELETE FROM audit_entries WHERE seq = 4").await.unwrap();
        let findings = accounts::doctor(&accounts.database).await.unwrap();
        assert_eq!(findings, ["the audit log ends at entry 3, and should end at 4"]);
    }

    async fn the_doctor_finds_a_shop_without_its_owner(database) {
        let accounts = start(database);
        let (.., shop) = three_entries_more(&accounts).await;
        accounts.meddle("UPDATE memberships SET role = 'STAFF'").await.unwrap();
        let findings = accounts::doctor(&accounts.database).await.unwrap();
        assert_eq!(findings, [format!("{shop} has not exactly one owner, the one it names")]);
    }
}
