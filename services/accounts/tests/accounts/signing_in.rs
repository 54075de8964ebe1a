//! Signing in and out, and who a token belongs to.

use std::time::Duration;

use proto::accounts::{SignInRequest, SignOutRequest, SignUpRequest};
use proto::common::RefusalCode;
use tonic::Code;

use super::support::{LIFETIME, PASSWORD, fact, refused, sign_up_request, start};

platform::on_each_database! { migrations::accounts::Migrator,
    async fn people_sign_in_with_their_phone_number_or_email_address(database) {
        let accounts = start(database);
        let request = SignUpRequest { phone: "0912345678".into(), ..sign_up_request("bong@example.com") };
        let first = accounts.client.clone().sign_up(request).await.unwrap().into_inner();
        for login in ["0912 345 678", "+84912345678", "bong@example.com", " Bong@Example.COM "] {
            let signed_in = accounts.sign_in(login, PASSWORD).await.unwrap();
            assert_eq!(signed_in.user, first.user);
            assert_ne!(signed_in.token, first.token);
            assert!(accounts.authenticate(&signed_in.token).await.is_ok());
        }
        assert!(accounts.authenticate(&first.token).await.is_ok(), "a person has several sessions");
    }

    async fn a_session_is_of_lately_for_a_quarter_of_an_hour_and_signing_in_again_begins_anew(database) {
        let accounts = start(database);
        let first = accounts.sign_up("bong@example.com").await;
        let lately = async |token: &str| accounts.authenticate(token).await.unwrap().signed_in_lately;
        accounts.clock.advance(Duration::from_secs(15 * 60));
        assert!(lately(&first.token).await);
        accounts.clock.advance(Duration::from_secs(1));
        assert!(!lately(&first.token).await);
        let again = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        assert!(lately(&again.token).await);
        assert!(!lately(&first.token).await, "the old session stays old");
    }

    async fn unknown_logins_and_wrong_passwords_look_and_cost_the_same(database) {
        let accounts = start(database);
        accounts.sign_up("bong@example.com").await;
        let before = accounts.everything().await;
        let mut seen = Vec::new();
        for (login, password) in [
            ("bong@example.com", "ghe bầu neo bên"),
            ("sen@example.com", PASSWORD),
            ("0912345678", PASSWORD),
        ] {
            let statements = accounts.database.statements();
            let status = accounts.sign_in(login, password).await.unwrap_err();
            let cost = accounts.database.statements() - statements;
            seen.push((status.code(), status.message().to_owned(), status.details().to_vec(), cost));
        }
        assert_eq!(seen[0].3, 1, "the search for the person, and nothing else");
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
        let status = accounts.sign_in("nobody at all", "ngắn").await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, String::new())]);
        assert_eq!(accounts.everything().await, before);
    }

    async fn after_ten_attempts_even_the_right_password_waits(database) {
        let accounts = start(database);
        accounts.sign_up("bong@example.com").await;
        accounts.sign_up("sen@example.com").await;
        // However the login is written, it is one login.
        for login in ["bong@example.com", "Bong@example.com"].iter().cycle().take(10) {
            let status = accounts.sign_in(login, "không phải thế").await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, String::new())]);
        }
        let before = accounts.everything().await;
        let statements = accounts.database.statements();
        let status = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap_err();
        assert_eq!(accounts.database.statements(), statements, "a throttled attempt costs nothing");
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        assert!((1..=60).contains(&fact(&status, "retryAfterSeconds").parse::<u64>().unwrap()));
        assert_eq!(accounts.everything().await, before);
        assert!(accounts.sign_in("sen@example.com", PASSWORD).await.is_ok(), "others are not held up");
    }

    async fn one_address_tries_only_so_many_logins(database) {
        let accounts = start(database);
        accounts.sign_up("bong@example.com").await;
        for number in 0..100 {
            let status = accounts.sign_in(&format!("ai{number}@example.com"), PASSWORD).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, String::new())]);
        }
        let status = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        let elsewhere = SignInRequest {
            login: "bong@example.com".into(),
            password: PASSWORD.into(),
            client_address: "198.51.100.7".into(),
        };
        assert!(accounts.client.clone().sign_in(elsewhere).await.is_ok());
    }

    async fn who_signs_out_ends_that_session_only(database) {
        let accounts = start(database);
        let first = accounts.sign_up("bong@example.com").await;
        let second = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        let sign_out = SignOutRequest { token: first.token.clone() };
        accounts.client.clone().sign_out(sign_out.clone()).await.unwrap();
        assert_eq!(accounts.authenticate(&first.token).await.unwrap_err().code(), Code::Unauthenticated);
        assert!(accounts.authenticate(&second.token).await.is_ok());
        let before = accounts.everything().await;
        accounts.clock.advance(Duration::from_secs(1));
        accounts.client.clone().sign_out(sign_out).await.unwrap();
        accounts.client.clone().sign_out(SignOutRequest { token: "không có".into() }).await.unwrap();
        assert_eq!(accounts.everything().await, before, "signing out again changes nothing");
    }

    async fn unknown_expired_and_revoked_tokens_are_refused_alike(database) {
        let accounts = start(database);
        let expiring = accounts.sign_up("bong@example.com").await;
        accounts.clock.advance(Duration::from_secs(60));
        let revoked = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        accounts.client.clone().sign_out(SignOutRequest { token: revoked.token.clone() }).await.unwrap();
        let rest = LIFETIME.saturating_sub(Duration::from_secs(60));
        accounts.clock.advance(rest.saturating_sub(Duration::from_micros(1)));
        assert!(accounts.authenticate(&expiring.token).await.is_ok(), "to its last microsecond");
        accounts.clock.advance(Duration::from_micros(1));
        let mut seen = Vec::new();
        for token in ["", "0123", &"0".repeat(64), &revoked.token, &expiring.token] {
            let status = accounts.authenticate(token).await.unwrap_err();
            seen.push((status.code(), status.message().to_owned(), status.details().to_vec()));
        }
        assert_eq!(seen[0].0, Code::Unauthenticated);
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    }

    async fn authenticating_is_one_statement_and_writes_nothing(database) {
        let accounts = start(database);
        let signed_in = accounts.sign_up("bong@example.com").await;
        let id = signed_in.user.clone().unwrap().id;
        let shops = [accounts.draft(&id).await.id, accounts.draft(&id).await.id, accounts.draft(&id).await.id];
        let before = accounts.everything().await;
        let statements = accounts.database.statements();
        let actor = accounts.authenticate(&signed_in.token).await.unwrap();
        assert_eq!(accounts.database.statements() - statements, 1);
        assert_eq!(accounts.everything().await, before);
        assert_eq!(actor.user, signed_in.user);
        let memberships: Vec<_> = actor.memberships.iter().map(|one| (one.shop_id.clone(), one.role())).collect();
        assert_eq!(memberships, shops.map(|shop| (shop, proto::accounts::ShopRole::Owner)));
    }

    async fn a_session_that_ended_a_week_ago_is_removed(database) {
        let accounts = start(database);
        accounts.sign_up("bong@example.com").await;
        accounts.clock.advance(Duration::from_secs(86_400));
        accounts.sign_up("sen@example.com").await;
        accounts.clock.advance(LIFETIME + Duration::from_secs(6 * 86_400));
        accounts.sweep("accounts.old_sessions").await;
        assert_eq!(accounts.rows("SELECT id FROM sessions").await.len(), 2);
        accounts.clock.advance(Duration::from_secs(1));
        accounts.sweep("accounts.old_sessions").await;
        assert_eq!(accounts.rows("SELECT id FROM sessions").await.len(), 1);
        accounts.clock.advance(Duration::from_secs(86_400));
        accounts.sweep("accounts.old_sessions").await;
        assert_eq!(accounts.rows("SELECT id FROM sessions").await.len(), 0);
    }
}
