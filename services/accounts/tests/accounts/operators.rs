//! Operators.

use proto::accounts::AddOperatorRequest;
use proto::common::RefusalCode;

use super::support::{PASSWORD, refused, start};

fn request(email: &str, password: &str) -> AddOperatorRequest {
    AddOperatorRequest { email: email.into(), password: password.into() }
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
