//! What people agree to, and that it is kept.

use std::time::Duration;

use kernel::Clock;
use proto::accounts::{AcceptTermsRequest, Consent, ListConsentsRequest, SignUpRequest};
use proto::common::{Empty, RefusalCode};
use tonic::Status;

use super::support::{START, TERMS, TestAccounts, fact, refused, sign_up_request, start};

impl TestAccounts {
    async fn consents(&self, person: &str) -> Vec<Consent> {
        let request = ListConsentsRequest { user_id: person.into() };
        self.client.clone().list_consents(request).await.unwrap().into_inner().consents
    }

    async fn accept(
        &self,
        person: &str,
        version: &str,
        locale: &str,
    ) -> Result<Vec<Consent>, Status> {
        let request = AcceptTermsRequest {
            user_id: person.into(),
            version: version.into(),
            locale: locale.into(),
        };
        Ok(self.client.clone().accept_terms(request).await?.into_inner().consents)
    }
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn who_signs_up_agreed_and_it_is_kept_to_what_when_and_in_which_language(database) {
        let accounts = start(database);
        let request = SignUpRequest { locale: "en".into(), ..sign_up_request("bong@example.com") };
        let user = accounts.client.clone().sign_up(request).await.unwrap().into_inner().user.unwrap();
        let kept = Consent { version: TERMS.into(), locale: "en".into(), given_at: START.micros() };
        assert_eq!(accounts.consents(&user.id).await, [kept]);
        let terms = accounts.client.clone().get_terms(Empty {}).await.unwrap().into_inner();
        assert_eq!(terms.version, TERMS);
        assert!(terms.sections.iter().all(|section| section.text.is_some()), "{terms:?}");
    }

    async fn whoever_is_asked_agrees_to_the_text_of_now_or_gets_no_account(database) {
        let accounts = start(database);
        let before = accounts.everything().await;
        for (accepted, code) in [("", RefusalCode::Required), ("2020-01-01", RefusalCode::TermsOutdated)] {
            let request = SignUpRequest { accepted_terms: Some(accepted.into()), ..sign_up_request("bong@example.com") };
            let status = accounts.client.clone().sign_up(request).await.unwrap_err();
            assert_eq!(refused(&status), [(code, "acceptedTerms".to_owned())]);
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn a_client_that_asks_nobody_yet_still_signs_people_up_and_nothing_is_kept_that_they_did_not_say(database) {
        let accounts = start(database);
        let request = SignUpRequest { accepted_terms: None, ..sign_up_request("bong@example.com") };
        let user = accounts.client.clone().sign_up(request).await.unwrap().into_inner().user.unwrap();
        assert!(accounts.consents(&user.id).await.is_empty());
    }

    async fn who_had_an_account_before_agrees_later_and_the_first_time_counts(database) {
        let accounts = start(database);
        let person = accounts.person("bong@example.com").await;
        accounts.meddle("DELETE FROM consents").await.unwrap();
        assert!(accounts.consents(&person).await.is_empty());
        accounts.clock.advance(Duration::from_secs(60));
        let at = accounts.clock.now().micros();
        let kept = Consent { version: TERMS.into(), locale: "vi".into(), given_at: at };
        assert_eq!(accounts.accept(&person, TERMS, "vi").await.unwrap(), std::slice::from_ref(&kept));
        accounts.clock.advance(Duration::from_secs(60));
        assert_eq!(accounts.accept(&person, TERMS, "en").await.unwrap(), [kept]);
    }

    async fn what_is_not_the_text_of_now_cannot_be_agreed_to(database) {
        let accounts = start(database);
        let person = accounts.person("bong@example.com").await;
        let before = accounts.everything().await;
        let status = accounts.accept(&person, "2020-01-01", "fr").await.unwrap_err();
        assert_eq!(refused(&status), [
            (RefusalCode::TermsOutdated, "version".into()), (RefusalCode::Invalid, "locale".into()),
        ]);
        assert_eq!(fact(&status, "version"), TERMS);
        assert_eq!(accounts.everything().await, before);
    }
}
