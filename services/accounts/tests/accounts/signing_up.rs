//! Signing up.

use proto::accounts::SignUpRequest;
use proto::common::RefusalCode;

use super::support::{LIFETIME, PASSWORD, START, fact, refused, sign_up_request, start};

platform::on_each_database! { migrations::accounts::Migrator,
    async fn who_signs_up_is_signed_in(database) {
        let accounts = start(database);
        let request = SignUpRequest {
            phone: "0912 345 678".into(),
            locale: "en".into(),
            ..sign_up_request("Bong@Example.com")
        };
        let signed_in = accounts.client.clone().sign_up(request).await.unwrap().into_inner();
        let user = signed_in.user.unwrap();
        assert_eq!((user.phone.as_str(), user.email.as_str()), ("+84912345678", "bong@example.com"));
        assert_eq!((user.locale.as_str(), user.operator, user.created_at), ("en", false, START.micros()));
        assert_eq!(signed_in.expires_at, START.after(LIFETIME).micros());
        let actor = accounts.authenticate(&signed_in.token).await.unwrap();
        assert_eq!(actor.user.unwrap(), user);
        assert!(actor.memberships.is_empty());
    }

    async fn neither_password_nor_token_is_in_the_database(database) {
        let accounts = start(database);
        let signed_in = accounts.sign_up("bong@example.com").await;
        assert!(signed_in.token.len() >= 43, "256 bits");
        let row = accounts.rows("SELECT password_hash, token_hash FROM users, sessions").await.remove(0);
        let password_hash: String = row.try_get("", "password_hash").unwrap();
        let token_hash: Vec<u8> = row.try_get("", "token_hash").unwrap();
        assert!(password_hash.starts_with("$argon2id$") && !password_hash.contains(PASSWORD));
        assert_eq!(token_hash, platform::secrets::digest(&signed_in.token));
    }

    async fn a_refused_form_tells_every_problem_and_changes_nothing(database) {
        let accounts = start(database);
        let before = accounts.everything().await;
        let request = SignUpRequest { name: " ".into(), password: "matkhau123".into(), ..sign_up_request("bong@") };
        let status = accounts.client.clone().sign_up(request).await.unwrap_err();
        assert_eq!(refused(&status), [
            (RefusalCode::Required, "name".into()),
            (RefusalCode::Invalid, "email".into()),
            (RefusalCode::PasswordTooCommon, "password".into()),
        ]);
        for (request, code, path) in [
            (sign_up_request(""), RefusalCode::PhoneOrEmailRequired, "phone"),
            (SignUpRequest { password: "ngắn".into(), ..sign_up_request("a@b.vn") }, RefusalCode::TooShort, "password"),
            (SignUpRequest { password: "dài ".repeat(40), ..sign_up_request("a@b.vn") }, RefusalCode::TooLong, "password"),
            (SignUpRequest { name: "a".repeat(81), ..sign_up_request("a@b.vn") }, RefusalCode::TooLong, "name"),
            (SignUpRequest { phone: "0112345678".into(), ..sign_up_request("a@b.vn") }, RefusalCode::Invalid, "phone"),
            (SignUpRequest { locale: "fr".into(), ..sign_up_request("a@b.vn") }, RefusalCode::Invalid, "locale"),
        ] {
            let status = accounts.client.clone().sign_up(request).await.unwrap_err();
            assert_eq!(refused(&status), [(code, path.to_owned())]);
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn a_phone_number_and_an_email_address_belong_to_one_person(database) {
        let accounts = start(database);
        let first = SignUpRequest { phone: "0912345678".into(), ..sign_up_request("bong@example.com") };
        accounts.client.clone().sign_up(first).await.unwrap();
        let before = accounts.everything().await;
        let both = SignUpRequest { phone: "+84 912.345.678".into(), ..sign_up_request("BONG@example.com") };
        let status = accounts.client.clone().sign_up(both).await.unwrap_err();
        assert_eq!(refused(&status), [
            (RefusalCode::AlreadyTaken, "phone".into()), (RefusalCode::AlreadyTaken, "email".into()),
        ]);
        let phone = SignUpRequest { phone: "84912345678".into(), ..sign_up_request("") };
        let status = accounts.client.clone().sign_up(phone).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::AlreadyTaken, "phone".into())]);
        assert_eq!(accounts.everything().await, before);
    }

    async fn of_many_at_once_with_one_phone_number_one_gets_it(database) {
        let accounts = start(database);
        let mut attempts = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let mut client = accounts.client.clone();
            let request = SignUpRequest { phone: "0912345678".into(), ..sign_up_request("") };
            attempts.spawn(async move { client.sign_up(request).await });
        }
        let outcomes = attempts.join_all().await;
        let (done, not): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1);
        for status in not {
            assert_eq!(refused(&status.unwrap_err()), [(RefusalCode::AlreadyTaken, "phone".into())]);
        }
        assert_eq!(accounts.rows("SELECT id FROM users").await.len(), 1);
        assert_eq!(accounts.rows("SELECT id FROM sessions").await.len(), 1);
    }

    async fn one_address_makes_only_so_many_accounts(database) {
        let accounts = start(database);
        for number in 0..100 {
            accounts.sign_up(&format!("bong{number}@example.com")).await;
        }
        let request = sign_up_request("bong100@example.com");
        let status = accounts.client.clone().sign_up(request).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        assert!((1..=36).contains(&fact(&status, "retryAfterSeconds").parse::<u64>().unwrap()));
        assert_eq!(accounts.rows("SELECT id FROM users").await.len(), 100);
        let elsewhere = SignUpRequest { client_address: "192.0.2.2".into(), ..sign_up_request("c@example.com") };
        assert!(accounts.client.clone().sign_up(elsewhere).await.is_ok());
    }
}
