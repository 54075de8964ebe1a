//! What is kept of a person, for themselves.

use std::time::Duration;

use proto::accounts::{GetPersonalRecordsRequest, PersonalRecords, ShopRole, SignOutRequest};

use super::support::{LIFETIME, PASSWORD, START, Step, TestAccounts, start};

impl TestAccounts {
    async fn records(&self, person: &str) -> PersonalRecords {
        let request = GetPersonalRecordsRequest { user_id: person.into() };
        self.client.clone().get_personal_records(request).await.unwrap().into_inner()
    }
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn people_see_their_sessions_shops_and_what_is_logged_of_them_and_nothing_of_others(database) {
        let accounts = start(database);
        let first = accounts.sign_up("bong@example.com").await;
        let (person, other) = (first.user.unwrap().id, accounts.person("sen@example.com").await);
        let shop = accounts.draft(&person).await.id;
        accounts.draft(&other).await;
        accounts.decide(Step::Submit, &person, &shop, "").await.unwrap();
        accounts.clock.advance(Duration::from_secs(60));
        accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        accounts.client.clone().sign_out(SignOutRequest { token: first.token }).await.unwrap();

        let kept = accounts.records(&person).await;
        assert!(kept.whole);
        let [second, first] = kept.sessions.as_slice() else { panic!("{:?}", kept.sessions) };
        assert_eq!((first.created_at, first.expires_at), (START.micros(), START.after(LIFETIME).micros()));
        assert!(first.revoked_at > START.micros() && second.revoked_at == 0);
        let [membership] = kept.memberships.as_slice() else { panic!("{:?}", kept.memberships) };
        assert_eq!((&membership.shop_id, membership.role(), membership.since), (&shop, ShopRole::Owner, START.micros()));
        let logged: Vec<_> = kept.audit_entries.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(logged, ["shop.submitted", "shop.opened"]);
        assert_eq!(accounts.records(&other).await.audit_entries.len(), 1);
    }

    async fn what_was_done_to_somebody_is_told_them_too_and_once(database) {
        let accounts = start(database);
        // Nobody did it: who sits at the machine.
        let operator = accounts.operator().await;
        let kept = accounts.records(&operator).await;
        let logged: Vec<_> = kept.audit_entries.iter().map(|entry| (entry.action.as_str(), &entry.subject_id)).collect();
        assert_eq!(logged, [("operator.added", &operator)]);
    }
}
