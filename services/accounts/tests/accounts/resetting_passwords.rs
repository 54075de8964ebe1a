//! Forgotten passwords: a letter to who has an address, and a link in it that works once.

use std::time::Duration;

use platform::mail::MailError;
use platform::secrets::digest;
use proto::accounts::{
    ChangePasswordRequest, RequestPasswordResetRequest, ResetPasswordRequest, SignUpRequest,
};
use proto::common::RefusalCode;
use tonic::{Code, Status};

use super::support::{PAGES, PASSWORD, Post, START, TestAccounts, refused, sign_up_request, start};

/// Another good password.
const OTHER: &str = "xuồng ba lá chở khóm";
const EMAIL: &str = "bong@example.com";

/// Somebody forgot their password.
async fn ask(accounts: &TestAccounts, login: &str) -> Result<(), Status> {
    let request =
        RequestPasswordResetRequest { login: login.into(), client_address: "192.0.2.1".into() };
    accounts.client.clone().request_password_reset(request).await.map(drop)
}

/// The same, and the letters that are due leave.
async fn ask_and_send(accounts: &TestAccounts, login: &str) {
    ask(accounts, login).await.unwrap();
    accounts.sweep("accounts.reset_letters").await;
}

async fn reset(accounts: &TestAccounts, token: &str, password: &str) -> Result<(), Status> {
    let request = ResetPasswordRequest {
        token: token.into(),
        new_password: password.into(),
        client_address: "192.0.2.1".into(),
    };
    accounts.client.clone().reset_password(request).await.map(drop)
}

/// The token in the latest letter.
fn token_of(post: &Post) -> String {
    let text = post.letters().pop().unwrap().text;
    let (_, behind) = text.split_once(&format!("{PAGES}/password/reset/")).unwrap();
    behind.split_once(char::is_whitespace).unwrap().0.to_owned()
}

fn no_link(status: &Status) {
    assert_eq!(refused(status), [(RefusalCode::ResetLinkInvalid, String::new())]);
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn the_link_of_the_letter_sets_the_password_anew_once_and_ends_all_sessions(database) {
        let accounts = start(database);
        let session = accounts.sign_up(EMAIL).await.token;
        ask_and_send(&accounts, " Bong@Example.com ").await;
        let token = token_of(&accounts.post);
        reset(&accounts, &token, OTHER).await.unwrap();
        assert_eq!(accounts.authenticate(&session).await.unwrap_err().code(), Code::Unauthenticated);
        assert!(accounts.sign_in(EMAIL, PASSWORD).await.is_err());
        assert!(accounts.sign_in(EMAIL, OTHER).await.is_ok());
        let row = accounts.rows("SELECT action, detail FROM audit_entries").await.remove(0);
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        assert_eq!((text("action").as_str(), text("detail").as_str()), ("password.reset", r#"{"sessionsEnded":1}"#));
        let before = accounts.everything().await;
        no_link(&reset(&accounts, &token, "ghe lồng chở mắm").await.unwrap_err());
        assert_eq!(accounts.everything().await, before);
        assert!(accounts.sign_in(EMAIL, OTHER).await.is_ok());
    }

    async fn of_two_who_use_a_link_at_once_one_does(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        ask_and_send(&accounts, EMAIL).await;
        let token = token_of(&accounts.post);
        let (one, two) =
            tokio::join!(reset(&accounts, &token, OTHER), reset(&accounts, &token, "ghe lồng chở mắm"));
        assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|done| *done).count(), 1);
        let counts = if one.is_ok() { OTHER } else { "ghe lồng chở mắm" };
        assert!(accounts.sign_in(EMAIL, counts).await.is_ok());
        assert_eq!(accounts.rows("SELECT seq FROM audit_entries").await.len(), 1);
    }

    async fn the_letter_is_in_its_readers_language_and_the_database_has_the_digest_only(database) {
        let accounts = start(database);
        let request = SignUpRequest { phone: "0912345678".into(), locale: "en".into(), ..sign_up_request(EMAIL) };
        accounts.client.clone().sign_up(request).await.unwrap();
        // By telephone number, too: the letter goes to the address that is known.
        ask_and_send(&accounts, "0912 345 678").await;
        let letters = accounts.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!((letter.address.as_str(), letter.name.as_str()), (EMAIL, "Nguyễn Thị Bông"));
        assert_eq!(letter.subject, "Set your password at Chợ Nổi anew");
        assert!(letter.text.starts_with("Hello Nguyễn Thị Bông,"), "{}", letter.text);
        let row = accounts.rows("SELECT login, token_hash, expires_at FROM password_resets").await.remove(0);
        let token = token_of(&accounts.post);
        assert_eq!(token.len(), 64, "256 bits");
        assert_eq!(row.try_get::<Vec<u8>>("", "token_hash").unwrap(), digest(&token));
        assert_eq!(row.try_get::<String>("", "login").unwrap(), "");
        let expires_at: i64 = row.try_get("", "expires_at").unwrap();
        assert_eq!(expires_at, START.after(Duration::from_secs(1_800)).micros());
    }

    async fn a_link_counts_for_half_an_hour(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        ask_and_send(&accounts, EMAIL).await;
        let token = token_of(&accounts.post);
        let before = accounts.everything().await;
        accounts.clock.advance(Duration::from_secs(1_800));
        let late = reset(&accounts, &token, OTHER).await.unwrap_err();
        let unknown = reset(&accounts, &"0".repeat(64), OTHER).await.unwrap_err();
        no_link(&late);
        assert_eq!((late.message(), late.details()), (unknown.message(), unknown.details()));
        assert_eq!(accounts.everything().await, before);
        ask_and_send(&accounts, EMAIL).await;
        accounts.clock.advance(Duration::from_secs(1_799));
        reset(&accounts, &token_of(&accounts.post), OTHER).await.unwrap();
    }

    async fn a_password_that_may_not_be_leaves_the_link_as_it_is(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        ask_and_send(&accounts, EMAIL).await;
        let token = token_of(&accounts.post);
        let before = accounts.everything().await;
        for (password, code) in [
            ("", RefusalCode::Required),
            ("ngắn", RefusalCode::TooShort),
            ("bong@example.com", RefusalCode::PasswordTooCommon),
        ] {
            let status = reset(&accounts, &token, password).await.unwrap_err();
            assert_eq!(refused(&status), [(code, "newPassword".to_owned())]);
        }
        assert_eq!(accounts.everything().await, before);
        reset(&accounts, &token, OTHER).await.unwrap();
    }

    async fn known_and_unknown_logins_are_answered_alike_and_cost_the_same(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        let phone_only = SignUpRequest { phone: "0912345678".into(), ..sign_up_request("") };
        accounts.client.clone().sign_up(phone_only).await.unwrap();
        let mut costs = Vec::new();
        for login in [EMAIL, "sen@example.com", "0912345678", "0987654321"] {
            let statements = accounts.database.statements();
            ask(&accounts, login).await.unwrap();
            costs.push(accounts.database.statements() - statements);
        }
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
        ask(&accounts, "nobody at all").await.unwrap();
        accounts.sweep("accounts.reset_letters").await;
        // One has an address; what the others typed is not kept.
        let addresses: Vec<_> = accounts.post.letters().into_iter().map(|letter| letter.address).collect();
        assert_eq!(addresses, [EMAIL]);
        let waiting = "SELECT id FROM password_resets WHERE login <> '' OR next_try_at IS NOT NULL";
        assert!(accounts.rows(waiting).await.is_empty());
    }

    async fn one_person_gets_three_letters_in_half_an_hour_whatever_is_typed(database) {
        let accounts = start(database);
        let request = SignUpRequest { phone: "0912345678".into(), ..sign_up_request(EMAIL) };
        accounts.client.clone().sign_up(request).await.unwrap();
        for login in [EMAIL, "0912345678", EMAIL, "0912345678", EMAIL] {
            ask_and_send(&accounts, login).await;
        }
        assert_eq!(accounts.post.letters().len(), 3);
        accounts.clock.advance(Duration::from_secs(1_799));
        ask_and_send(&accounts, EMAIL).await;
        assert_eq!(accounts.post.letters().len(), 3);
        accounts.clock.advance(Duration::from_secs(1));
        ask_and_send(&accounts, EMAIL).await;
        assert_eq!(accounts.post.letters().len(), 4);
    }

    async fn who_gets_no_other_letter_has_a_link_that_counts(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        // Somebody asks in their name, again and again.
        for _ in 0..3 {
            ask_and_send(&accounts, EMAIL).await;
        }
        accounts.clock.advance(Duration::from_secs(1_799));
        ask_and_send(&accounts, EMAIL).await;
        assert_eq!(accounts.post.letters().len(), 3);
        reset(&accounts, &token_of(&accounts.post), OTHER).await.unwrap();
        assert!(accounts.sign_in(EMAIL, OTHER).await.is_ok());
    }

    async fn one_address_asks_for_only_so_many_letters(database) {
        let accounts = start(database);
        for number in 0..30 {
            ask(&accounts, &format!("ai{number}@example.com")).await.unwrap();
        }
        let status = ask(&accounts, EMAIL).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        assert_eq!(accounts.rows("SELECT id FROM password_resets").await.len(), 30);
        let elsewhere = RequestPasswordResetRequest { login: EMAIL.into(), client_address: "198.51.100.7".into() };
        assert!(accounts.client.clone().request_password_reset(elsewhere).await.is_ok());
    }

    async fn a_changed_or_reset_password_ends_the_other_links(database) {
        let accounts = start(database);
        let user = accounts.sign_up(EMAIL).await.user.unwrap();
        ask_and_send(&accounts, EMAIL).await;
        let first = token_of(&accounts.post);
        ask_and_send(&accounts, EMAIL).await;
        reset(&accounts, &token_of(&accounts.post), OTHER).await.unwrap();
        no_link(&reset(&accounts, &first, PASSWORD).await.unwrap_err());
        ask_and_send(&accounts, EMAIL).await;
        let third = token_of(&accounts.post);
        let change = ChangePasswordRequest {
            user_id: user.id,
            old_password: OTHER.into(),
            new_password: "ghe lồng chở mắm".into(),
            client_address: "192.0.2.1".into(),
        };
        accounts.client.clone().change_password(change).await.unwrap();
        no_link(&reset(&accounts, &third, PASSWORD).await.unwrap_err());
        assert!(accounts.sign_in(EMAIL, "ghe lồng chở mắm").await.is_ok());
    }

    async fn a_letter_that_does_not_leave_is_tried_again_and_given_up(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        accounts.post.refuse(Some(|| MailError::Unreached("no connection")));
        ask_and_send(&accounts, EMAIL).await;
        // Not at once: another process may be at it.
        accounts.post.refuse(None);
        accounts.sweep("accounts.reset_letters").await;
        assert!(accounts.post.letters().is_empty());
        accounts.clock.advance(Duration::from_secs(30));
        accounts.sweep("accounts.reset_letters").await;
        accounts.sweep("accounts.reset_letters").await;
        assert_eq!(accounts.post.letters().len(), 1);
        reset(&accounts, &token_of(&accounts.post), OTHER).await.unwrap();

        accounts.post.refuse(Some(|| MailError::Unreached("no connection")));
        ask(&accounts, EMAIL).await.unwrap();
        for _ in 0..6 {
            accounts.sweep("accounts.reset_letters").await;
            accounts.clock.advance(Duration::from_secs(9 * 60));
        }
        assert!(accounts.rows("SELECT id FROM password_resets WHERE next_try_at IS NOT NULL").await.is_empty());
        accounts.post.refuse(Some(|| MailError::Refused("550".to_owned())));
        ask_and_send(&accounts, EMAIL).await;
        assert!(accounts.rows("SELECT id FROM password_resets WHERE next_try_at IS NOT NULL").await.is_empty());
        assert_eq!(accounts.post.letters().len(), 1);
    }

    async fn what_nobody_sent_for_an_hour_is_no_letter_any_more_and_all_is_forgotten_after_a_day(database) {
        let accounts = start(database);
        accounts.sign_up(EMAIL).await;
        ask(&accounts, EMAIL).await.unwrap();
        accounts.clock.advance(Duration::from_secs(3_601));
        accounts.sweep("accounts.reset_letters").await;
        assert!(accounts.post.letters().is_empty());
        accounts.clock.advance(Duration::from_secs(23 * 3_600 - 1));
        accounts.sweep("accounts.old_resets").await;
        assert_eq!(accounts.rows("SELECT id FROM password_resets").await.len(), 1);
        accounts.clock.advance(Duration::from_secs(1));
        accounts.sweep("accounts.old_resets").await;
        assert!(accounts.rows("SELECT id FROM password_resets").await.is_empty());
    }
}
