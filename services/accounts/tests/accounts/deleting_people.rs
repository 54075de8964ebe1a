//! Who deletes their account: nothing is left that tells who they were.

use proto::accounts::{
    AcceptTermsRequest, DeleteUserRequest, GetUsersRequest, RequestPasswordResetRequest,
    SignUpRequest, UpdateUserRequest,
};
use proto::common::RefusalCode;
use proto::events::event::Body;
use tonic::{Code, Status};

use super::support::{
    PASSWORD, Step, TERMS, TestAccounts, open_shop_request, refused, sign_up_request, start,
};

const EMAIL: &str = "bong@example.com";

impl TestAccounts {
    async fn delete(&self, person: &str, password: &str) -> Result<(), Status> {
        let request = DeleteUserRequest {
            user_id: person.into(),
            password: password.into(),
            client_address: "192.0.2.1".into(),
        };
        self.client.clone().delete_user(request).await.map(drop)
    }

    /// Sends the letters of how people are reached.
    async fn send_letters(&self) {
        for _ in 0..2 {
            self.sweep("accounts.contact_letters").await;
        }
    }

    /// Whose deletion was told.
    async fn forgotten(&self) -> Vec<String> {
        let told = self.events().await.into_iter().filter_map(|event| match event.body {
            Some(Body::UserForgotten(said)) => Some(said.user_id),
            _ => None,
        });
        told.collect()
    }
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn nothing_is_left_that_tells_who_they_were_and_others_are_told_once(database) {
        let accounts = start(database);
        let request = SignUpRequest { phone: "0912345678".into(), ..sign_up_request(EMAIL) };
        let signed_in = accounts.client.clone().sign_up(request).await.unwrap().into_inner();
        let (person, other) = (signed_in.user.unwrap().id, accounts.person("sen@example.com").await);
        // A letter that nobody looked up yet names only the login.
        let asked = RequestPasswordResetRequest { login: EMAIL.into(), client_address: "192.0.2.1".into() };
        accounts.client.clone().request_password_reset(asked).await.unwrap();
        accounts.delete(&person, PASSWORD).await.unwrap();
        assert_eq!(accounts.authenticate(&signed_in.token).await.unwrap_err().code(), Code::Unauthenticated);
        for login in [EMAIL, "0912345678"] {
            assert!(accounts.sign_in(login, PASSWORD).await.is_err(), "{login}");
        }
        let asked = GetUsersRequest { ids: vec![person.clone()] };
        let users = accounts.client.clone().get_users(asked).await.unwrap().into_inner().users;
        assert_eq!((users[0].name.as_str(), users[0].phone.as_str(), users[0].email.as_str()), ("—", "", ""));
        // The last letter tells them, in both languages; where it went is not kept.
        accounts.send_letters().await;
        let letters = accounts.post.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].address, EMAIL);
        assert!(letters[0].text.contains("đã bị xóa") && letters[0].text.contains("was deleted"), "{}", letters[0].text);
        assert!(accounts.rows("SELECT id FROM contact_letters WHERE address <> ''").await.is_empty());
        for table in ["sessions", "password_resets", "declined_letters"] {
            let rows = accounts.rows(&format!("SELECT user_id FROM {table}")).await;
            assert_eq!(rows.len(), usize::from(table == "sessions"), "{table}: the other's only");
        }
        let all = accounts.everything().await.join("\n");
        for gone in [EMAIL, "912345678"] {
            assert!(!all.contains(gone), "{gone} in {all}");
        }
        assert_eq!(accounts.forgotten().await, std::slice::from_ref(&person));
        // Again is nobody's to do: the password is nobody's.
        let before = accounts.everything().await;
        let status = accounts.delete(&person, PASSWORD).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, "password".into())]);
        assert_eq!(accounts.everything().await, before);
        // The address and the number are free again; the other is as they were.
        let again = SignUpRequest { phone: "0912345678".into(), ..sign_up_request(EMAIL) };
        assert!(accounts.client.clone().sign_up(again).await.is_ok());
        let asked = GetUsersRequest { ids: vec![other] };
        let users = accounts.client.clone().get_users(asked).await.unwrap().into_inner().users;
        assert_eq!(users[0].email, "sen@example.com");
    }

    async fn an_address_that_was_taken_away_just_before_is_still_told_of_it(database) {
        let accounts = start(database);
        let person = accounts.person(EMAIL).await;
        let request = UpdateUserRequest {
            user_id: person.clone(),
            phone: Some("0912345678".into()),
            email: Some(String::new()),
            password: PASSWORD.into(),
            client_address: "192.0.2.1".into(),
            ..UpdateUserRequest::default()
        };
        accounts.client.clone().update_user(request).await.unwrap();
        accounts.delete(&person, PASSWORD).await.unwrap();
        accounts.send_letters().await;
        let letters = accounts.post.letters();
        let told: Vec<_> = letters.iter().map(|letter| (letter.address.as_str(), letter.subject.as_str())).collect();
        assert_eq!(told, [(EMAIL, "Email của bạn ở Chợ Nổi đã đổi")]);
        assert!(accounts.rows("SELECT id FROM contact_letters WHERE address <> ''").await.is_empty());
    }

    async fn who_was_slower_does_nothing_in_the_name_of_a_deleted_account(database) {
        let accounts = start(database);
        let person = accounts.person(EMAIL).await;
        accounts.delete(&person, PASSWORD).await.unwrap();
        let before = accounts.everything().await;
        let agrees = AcceptTermsRequest { user_id: person.clone(), version: TERMS.into(), locale: "vi".into() };
        let status = accounts.client.clone().accept_terms(agrees).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        let status = accounts.client.clone().open_shop(open_shop_request(&person)).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(accounts.everything().await, before);
    }

    async fn it_takes_the_password(database) {
        let accounts = start(database);
        let person = accounts.person(EMAIL).await;
        let before = accounts.everything().await;
        for password in ["", "ghe lồng chở mắm"] {
            let status = accounts.delete(&person, password).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, "password".into())]);
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn an_operator_and_the_owner_of_a_shop_that_is_not_closed_stay(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person(EMAIL).await, accounts.operator().await);
        let shop = accounts.draft(&owner).await.id;
        let before = accounts.everything().await;
        for (person, code) in [(&operator, RefusalCode::OperatorStays), (&owner, RefusalCode::ShopNotClosed)] {
            let status = accounts.delete(person, PASSWORD).await.unwrap_err();
            assert_eq!(refused(&status), [(code, String::new())]);
        }
        assert_eq!(accounts.everything().await, before);
        accounts.decide(Step::Submit, &owner, &shop, "").await.unwrap();
        accounts.decide(Step::Approve, &operator, &shop, "").await.unwrap();
        accounts.decide(Step::Close, &owner, &shop, "Nghỉ bán").await.unwrap();
        accounts.delete(&owner, PASSWORD).await.unwrap();
        // What the law demands of the shop stays.
        assert_eq!(accounts.rows("SELECT id FROM shops WHERE bank_number <> ''").await.len(), 1);
    }

    async fn who_works_for_a_shop_leaves_it_and_the_owner_is_told(database) {
        let accounts = start(database);
        let owner = accounts.person(EMAIL).await;
        let shop = accounts.draft(&owner).await.id;
        let request = SignUpRequest { name: "Sen".into(), ..sign_up_request("sen@example.com") };
        let staff = accounts.client.clone().sign_up(request).await.unwrap().into_inner().user.unwrap().id;
        accounts.meddle(
            "INSERT INTO memberships (user_id, shop_id, role, created_at)
             SELECT users.id, shops.id, 'STAFF', 0 FROM users, shops WHERE users.name = 'Sen'",
        ).await.unwrap();
        accounts.delete(&staff, PASSWORD).await.unwrap();
        assert_eq!(accounts.rows("SELECT role FROM memberships").await.len(), 1);
        let left = accounts.events().await.into_iter().filter(|event| {
            matches!(&event.body, Some(Body::ShopMemberChanged(said)) if said.user_id == staff && said.what == "left")
        });
        assert_eq!(left.count(), 1);
        let noted = accounts.rows("SELECT subject_id, detail FROM audit_entries WHERE action = 'shop.member_left'").await;
        let text = |column: &str| noted[0].try_get::<String>("", column).unwrap();
        assert_eq!(noted.len(), 1);
        assert_eq!((text("subject_id"), text("detail")), (shop, format!(r#"{{"member":"{staff}"}}"#)));
    }
}
