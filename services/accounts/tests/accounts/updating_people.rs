//! People correct what is kept of them; how they are reached changes with their password only, and another e-mail
//! address once its reader confirms it.

use std::time::Duration;

use platform::mail::Letter;
use proto::accounts::{
    ChangePasswordRequest, ConfirmEmailRequest, RequestPasswordResetRequest, SignUpRequest,
    UpdateUserRequest, UpdatedUser, User,
};
use proto::common::RefusalCode;
use tonic::{Code, Status};

use super::support::{
    COOLING_OFF, PAGES, PASSWORD, START, TestAccounts, fact, refused, sign_up_request, start,
};

const OLD: &str = "bong@example.com";
const NEW: &str = "sen@example.com";

/// What somebody wants, with the right password.
fn wants(person: &str) -> UpdateUserRequest {
    UpdateUserRequest {
        user_id: person.into(),
        password: PASSWORD.into(),
        client_address: "192.0.2.1".into(),
        ..UpdateUserRequest::default()
    }
}

/// Somebody wants another e-mail address.
fn wants_email(person: &str, email: &str) -> UpdateUserRequest {
    UpdateUserRequest { email: Some(email.into()), ..wants(person) }
}

impl TestAccounts {
    async fn update(&self, request: UpdateUserRequest) -> Result<UpdatedUser, Status> {
        Ok(self.client.clone().update_user(request).await?.into_inner())
    }

    async fn confirm(&self, token: &str) -> Result<User, Status> {
        let request =
            ConfirmEmailRequest { token: token.into(), client_address: "192.0.2.1".into() };
        Ok(self.client.clone().confirm_email(request).await?.into_inner())
    }

    /// The letters that leave now.
    async fn letters_now(&self) -> Vec<Letter> {
        let before = self.post.letters().len();
        for _ in 0..2 {
            self.sweep("accounts.contact_letters").await;
        }
        self.post.letters().split_off(before)
    }

    /// Asks for another e-mail address; gives the token of the letter that confirms it.
    async fn token_for(&self, person: &str, email: &str) -> String {
        self.update(wants_email(person, email)).await.unwrap();
        token_in(&self.letters_now().await)
    }
}

/// The token in the one letter that confirms.
fn token_in(letters: &[Letter]) -> String {
    let link = format!("{PAGES}/my-data/email/");
    let mut tokens = letters.iter().filter_map(|letter| letter.text.split_once(&link));
    let (_, behind) = tokens.next().unwrap();
    assert!(tokens.next().is_none(), "two letters confirm");
    behind.split_once(char::is_whitespace).unwrap().0.to_owned()
}

fn addresses(letters: &[Letter]) -> Vec<&str> {
    let mut addresses: Vec<_> = letters.iter().map(|letter| letter.address.as_str()).collect();
    addresses.sort_unstable();
    addresses
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn name_and_language_are_corrected_at_once_and_without_the_password(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let request = UpdateUserRequest {
            name: Some(" Nguyễn  Thị Sen ".into()),
            locale: Some("en".into()),
            email: Some(OLD.into()),
            password: String::new(),
            ..wants(&person)
        };
        let updated = accounts.update(request.clone()).await.unwrap();
        let user = updated.user.unwrap();
        assert_eq!((user.name.as_str(), user.locale.as_str(), user.email.as_str()), ("Nguyễn Thị Sen", "en", OLD));
        assert_eq!(updated.awaited_email, "");
        let row = accounts.rows("SELECT action, detail FROM audit_entries").await.remove(0);
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        assert_eq!((text("action").as_str(), text("detail").as_str()), ("person.updated", r#"{"fields":["name","locale"]}"#));
        // The same again changes nothing, and nobody is written to.
        let before = accounts.everything().await;
        accounts.update(request).await.unwrap();
        assert_eq!(accounts.everything().await, before);
        assert!(accounts.letters_now().await.is_empty());
    }

    async fn another_email_address_counts_once_its_reader_confirms_it_and_the_old_one_is_told(database) {
        let accounts = start(database);
        let first = accounts.sign_up(OLD).await;
        let person = first.user.unwrap().id;
        let updated = accounts.update(wants_email(&person, " Sen@Example.com ")).await.unwrap();
        assert_eq!((updated.user.unwrap().email.as_str(), updated.awaited_email.as_str()), (OLD, NEW));
        assert!(accounts.sign_in(OLD, PASSWORD).await.is_ok() && accounts.sign_in(NEW, PASSWORD).await.is_err());
        let letters = accounts.letters_now().await;
        assert_eq!(addresses(&letters), [OLD, NEW]);
        // Nobody is told at an address that nobody confirmed whose account it is.
        let of = |address: &str| letters.iter().find(|letter| letter.address == address).unwrap();
        assert!(!of(NEW).text.contains("Bông") && of(OLD).text.contains("Bông"));
        assert!(of(OLD).text.contains("/password/forgotten"), "{}", of(OLD).text);

        let token = token_in(&letters);
        assert_eq!(accounts.confirm(&token).await.unwrap().email, NEW);
        assert!(accounts.sign_in(NEW, PASSWORD).await.is_ok() && accounts.sign_in(OLD, PASSWORD).await.is_err());
        assert!(accounts.authenticate(&first.token).await.is_ok());
        assert_eq!(addresses(&accounts.letters_now().await), [OLD]);
        // Where a letter went is not kept when it is over.
        assert!(accounts.rows("SELECT id FROM contact_letters WHERE address <> ''").await.is_empty());
        // The link works once.
        let before = accounts.everything().await;
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::EmailLinkInvalid, String::new())]);
        assert_eq!(accounts.everything().await, before);
    }

    async fn how_somebody_is_reached_changes_with_their_password_only(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let before = accounts.everything().await;
        for (password, code) in [("", RefusalCode::Required), ("ghe lồng chở mắm", RefusalCode::WrongCredentials)] {
            for request in [
                wants_email(&person, NEW),
                UpdateUserRequest { phone: Some("0912345678".into()), ..wants(&person) },
            ] {
                let status = accounts.update(UpdateUserRequest { password: password.into(), ..request }).await.unwrap_err();
                assert_eq!(refused(&status), [(code, "password".into())]);
            }
        }
        assert_eq!(accounts.everything().await, before);
    }

    async fn another_telephone_number_counts_at_once_and_the_mailbox_is_told(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let request = UpdateUserRequest { phone: Some("0912 345 678".into()), ..wants(&person) };
        assert_eq!(accounts.update(request).await.unwrap().user.unwrap().phone, "+84912345678");
        assert!(accounts.sign_in("0912345678", PASSWORD).await.is_ok());
        assert_eq!(addresses(&accounts.letters_now().await), [OLD]);
        // Now the address can go; nothing but the number is left, and that cannot.
        let gone = UpdateUserRequest { email: Some(String::new()), ..wants(&person) };
        assert_eq!(accounts.update(gone).await.unwrap().user.unwrap().email, "");
        assert_eq!(addresses(&accounts.letters_now().await), [OLD]);
        let status = accounts.update(UpdateUserRequest { phone: Some(" ".into()), ..wants(&person) }).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::PhoneOrEmailRequired, "phone".into())]);
    }

    async fn nobody_gets_what_somebody_else_has_neither_when_asking_nor_when_confirming(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let other = SignUpRequest { phone: "0912345678".into(), ..sign_up_request("lan@example.com") };
        accounts.client.clone().sign_up(other).await.unwrap();
        let status = accounts.update(wants_email(&person, "lan@example.com")).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::AlreadyTaken, "email".into())]);
        let status = accounts.update(UpdateUserRequest { phone: Some("0912345678".into()), ..wants(&person) }).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::AlreadyTaken, "phone".into())]);
        let token = accounts.token_for(&person, NEW).await;
        accounts.sign_up(NEW).await;
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::AlreadyTaken, "email".into())]);
        assert!(accounts.sign_in(OLD, PASSWORD).await.is_ok());
    }

    async fn whoever_owns_a_shop_has_a_pause_in_which_the_old_mailbox_can_stop_it(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        accounts.draft(&person).await;
        let token = accounts.token_for(&person, NEW).await;
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::EmailLinkNotYet, String::new())]);
        assert_eq!(fact(&status, "from"), START.after(COOLING_OFF).micros().to_string());
        // Another password takes it back.
        let changed = ChangePasswordRequest {
            user_id: person.clone(),
            old_password: PASSWORD.into(),
            new_password: "ghe lồng chở mắm".into(),
            client_address: "192.0.2.1".into(),
        };
        accounts.client.clone().change_password(changed).await.unwrap();
        accounts.clock.advance(COOLING_OFF);
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::EmailLinkInvalid, String::new())]);
        let again = UpdateUserRequest { password: "ghe lồng chở mắm".into(), ..wants_email(&person, NEW) };
        accounts.update(again).await.unwrap();
        let token = token_in(&accounts.letters_now().await);
        accounts.clock.advance(COOLING_OFF);
        assert_eq!(accounts.confirm(&token).await.unwrap().email, NEW);
    }

    async fn whoever_runs_the_market_has_the_pause_too(database) {
        let accounts = start(database);
        let operator = accounts.operator().await;
        let token = accounts.token_for(&operator, NEW).await;
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::EmailLinkNotYet, String::new())]);
        accounts.clock.advance(COOLING_OFF);
        assert_eq!(accounts.confirm(&token).await.unwrap().email, NEW);
    }

    async fn whoever_owns_a_shop_or_runs_the_market_does_not_do_without_a_mailbox(database) {
        let accounts = start(database);
        let (owner, operator) = (accounts.person(OLD).await, accounts.operator().await);
        accounts.draft(&owner).await;
        for (person, phone) in [(&owner, "0912345678"), (&operator, "0912345679")] {
            accounts.update(UpdateUserRequest { phone: Some(phone.into()), ..wants(person) }).await.unwrap();
            let before = accounts.everything().await;
            let status = accounts.update(wants_email(person, " ")).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::Required, "email".into())]);
            assert_eq!(accounts.everything().await, before);
        }
    }

    async fn the_latest_address_that_is_asked_for_counts_for_a_day(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let first = accounts.token_for(&person, "lan@example.com").await;
        let second = accounts.token_for(&person, NEW).await;
        accounts.clock.advance(Duration::from_secs(86_400 - 1));
        for token in [&first, &"0".repeat(64)] {
            let status = accounts.confirm(token).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::EmailLinkInvalid, String::new())]);
        }
        accounts.clock.advance(Duration::from_secs(1));
        assert_eq!(accounts.confirm(&second).await.unwrap_err().code(), Code::FailedPrecondition);
        accounts.clock.advance(Duration::from_secs(1));
        accounts.sweep("accounts.old_contact_letters").await;
        assert!(accounts.rows("SELECT id FROM contact_letters").await.is_empty());
    }

    async fn who_takes_the_address_away_waits_for_no_other_one(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let token = accounts.token_for(&person, NEW).await;
        let phone = UpdateUserRequest { phone: Some("0912345678".into()), ..wants(&person) };
        accounts.update(UpdateUserRequest { email: Some(String::new()), ..phone }).await.unwrap();
        let status = accounts.confirm(&token).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::EmailLinkInvalid, String::new())]);
    }

    async fn links_to_reset_the_password_that_wait_in_the_old_mailbox_count_no_more(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let token = accounts.token_for(&person, NEW).await;
        let asked = RequestPasswordResetRequest { login: OLD.into(), client_address: "192.0.2.1".into() };
        accounts.client.clone().request_password_reset(asked).await.unwrap();
        accounts.sweep("accounts.reset_letters").await;
        accounts.confirm(&token).await.unwrap();
        let open = accounts.rows("SELECT id FROM password_resets WHERE used_at IS NULL").await;
        assert!(open.is_empty());
    }

    async fn of_two_who_use_a_link_at_once_one_does(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let token = accounts.token_for(&person, NEW).await;
        let (one, two) = tokio::join!(accounts.confirm(&token), accounts.confirm(&token));
        assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|done| *done).count(), 1);
        let logged = accounts.rows("SELECT seq FROM audit_entries WHERE action = 'person.email_confirmed'").await;
        assert_eq!(logged.len(), 1);
    }

    async fn strangers_mailboxes_are_not_filled(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        for number in 0..5 {
            accounts.update(wants_email(&person, &format!("la{number}@example.com"))).await.unwrap();
        }
        let status = accounts.update(wants_email(&person, NEW)).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
    }

    async fn the_log_is_not_filled_by_other_names_and_languages(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let named = |name: String| UpdateUserRequest { name: Some(name), ..wants(&person) };
        for number in 0..20 {
            accounts.update(named(format!("Sen {number}"))).await.unwrap();
        }
        let english = UpdateUserRequest { locale: Some("en".into()), ..wants(&person) };
        for request in [named("Lan".into()), english] {
            let status = accounts.update(request).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        }
        // What is as it was is not counted, and the rest goes on.
        assert!(accounts.update(named("Sen 19".into())).await.is_ok());
        assert!(accounts.update(UpdateUserRequest { phone: Some("0912345678".into()), ..wants(&person) }).await.is_ok());
    }

    async fn a_mailbox_is_not_filled_by_other_telephone_numbers(database) {
        let accounts = start(database);
        let person = accounts.person(OLD).await;
        let phone = |number: u32| UpdateUserRequest { phone: Some(format!("091234567{number}")), ..wants(&person) };
        for number in 0..5 {
            accounts.update(phone(number)).await.unwrap();
        }
        let status = accounts.update(phone(5)).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        // The number that they have is no other one.
        assert!(accounts.update(phone(4)).await.is_ok());
        assert_eq!(accounts.letters_now().await.len(), 5);
    }
}
