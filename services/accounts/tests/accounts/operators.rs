//! Operators.

use proto::accounts::{
    AddOperatorRequest, RequestPasswordResetRequest, SetOperatorPasswordRequest, User,
};
use proto::common::RefusalCode;
use tonic::{Code, Response, Status};

use super::support::{PASSWORD, TestAccounts, refused, start};

/// Another good password.
const OTHER: &str = "xuồng ba lá chở khóm";

fn request(email: &str, password: &str) -> AddOperatorRequest {
    AddOperatorRequest { email: email.into(), password: password.into() }
}

async fn set_password(
    accounts: &TestAccounts,
    email: &str,
    password: &str,
) -> Result<User, Status> {
    let request = SetOperatorPasswordRequest { email: email.into(), password: password.into() };
    accounts.client.clone().set_operator_password(request).await.map(Response::into_inner)
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn an_operator_is_added_once(database) {
        let accounts = start(database);
        let added = accounts.client.clone().add_operator(request("Bong@example.com", PASSWORD)).await.unwrap();
        let user = added.into_inner();
        assert_eq!((user.operator, user.email.as_str(), user.name.as_str()), (true, "bong@example.com", "bong"));
        let before = accounts.everything().await;
        let again = accounts.client.clone().add_operator(request("bong@example.com", "một mật khẩu khác")).await;
        assert_eq!(again.unwrap().into_inner(), user);
        assert_eq!(accounts.everything().await, before, "the password stays, too");
        let signed_in = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        assert!(accounts.authenticate(&signed_in.token).await.unwrap().user.unwrap().operator);
    }

    async fn a_person_who_becomes_an_operator_keeps_password_and_sessions(database) {
        let accounts = start(database);
        let person = accounts.sign_up("bong@example.com").await;
        let added = accounts.client.clone().add_operator(request("bong@example.com", "một mật khẩu khác")).await;
        assert_eq!(added.unwrap().into_inner().id, person.user.unwrap().id);
        assert!(accounts.authenticate(&person.token).await.unwrap().user.unwrap().operator);
        assert!(accounts.sign_in("bong@example.com", PASSWORD).await.is_ok());
        let status = accounts.sign_in("bong@example.com", "một mật khẩu khác").await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, String::new())]);
        let log = accounts.rows("SELECT action, detail FROM audit_entries").await;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].try_get::<String>("", "detail").unwrap(), r#"{"newAccount":false}"#);
    }

    async fn another_password_ends_an_operators_sessions_and_letters_and_is_in_the_log(database) {
        let accounts = start(database);
        let id = accounts.operator().await;
        let email = "dieuhanh@chonoi.example";
        let session = accounts.sign_in(email, PASSWORD).await.unwrap().token;
        let ask = RequestPasswordResetRequest { login: email.into(), client_address: "192.0.2.1".into() };
        accounts.client.clone().request_password_reset(ask).await.unwrap();
        accounts.sweep("accounts.reset_letters").await;
        assert_eq!(set_password(&accounts, " DieuHanh@chonoi.example ", OTHER).await.unwrap().id, id);
        assert_eq!(accounts.authenticate(&session).await.unwrap_err().code(), Code::Unauthenticated);
        assert!(accounts.sign_in(email, PASSWORD).await.is_err());
        assert!(accounts.sign_in(email, OTHER).await.is_ok());
        let links = "SELECT id FROM password_resets WHERE used_at IS NULL OR next_try_at IS NOT NULL";
        assert!(accounts.rows(links).await.is_empty());
        let row = accounts.rows("SELECT action, detail FROM audit_entries WHERE actor_id IS NULL ORDER BY seq DESC").await.remove(0);
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        assert_eq!(
            (text("action").as_str(), text("detail").as_str()),
            ("operator.password_set", r#"{"sessionsEnded":1}"#)
        );
    }

    async fn only_an_operators_password_is_set_and_only_to_a_good_one(database) {
        let accounts = start(database);
        accounts.operator().await;
        accounts.sign_up("bong@example.com").await;
        let before = accounts.everything().await;
        for (email, password, code, path) in [
            ("bong@example.com", OTHER, RefusalCode::NotFound, "email"),
            ("xuan@example.com", OTHER, RefusalCode::NotFound, "email"),
            ("", OTHER, RefusalCode::Required, "email"),
            ("dieuhanh@chonoi.example", "matkhau123", RefusalCode::PasswordTooCommon, "password"),
            ("dieuhanh@chonoi.example", "", RefusalCode::Required, "password"),
        ] {
            let status = set_password(&accounts, email, password).await.unwrap_err();
            assert_eq!(refused(&status), [(code, path.to_owned())]);
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn an_operator_needs_an_address_and_a_good_password(database) {
        let accounts = start(database);
        let before = accounts.everything().await;
        for (email, password, code, path) in [
            ("", PASSWORD, RefusalCode::Required, "email"),
            ("bong", PASSWORD, RefusalCode::Invalid, "email"),
            ("bong@example.com", "matkhau123", RefusalCode::PasswordTooCommon, "password"),
            ("dieuhanhcholon@example.com", "dieuhanhcholon", RefusalCode::PasswordTooCommon, "password"),
            ("bong@example.com", "", RefusalCode::Required, "password"),
        ] {
            let status = accounts.client.clone().add_operator(request(email, password)).await.unwrap_err();
            assert_eq!(refused(&status), [(code, path.to_owned())]);
        }
        assert_eq!(accounts.everything().await, before);
    }
}
