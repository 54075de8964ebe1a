//! Choosing another password, and what that ends.

use proto::accounts::{ChangePasswordRequest, SignedIn, User};
use proto::common::RefusalCode;
use tonic::{Code, Response, Status};

use super::support::{LIFETIME, PASSWORD, START, TestAccounts, fact, refused, start};

/// Another good password.
const OTHER: &str = "xuồng ba lá chở khóm";

async fn change(
    accounts: &TestAccounts,
    user: &User,
    old: &str,
    new: &str,
) -> Result<SignedIn, Status> {
    let request = ChangePasswordRequest {
        user_id: user.id.clone(),
        old_password: old.into(),
        new_password: new.into(),
        client_address: "192.0.2.1".into(),
    };
    accounts.client.clone().change_password(request).await.map(Response::into_inner)
}

platform::on_each_database! { migrations::accounts::Migrator,
    async fn who_knows_the_old_password_has_the_new_one_and_all_sessions_but_a_new_one_end(database) {
        let accounts = start(database);
        let first = accounts.sign_up("bong@example.com").await;
        let second = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap();
        let neighbour = accounts.sign_up("sen@example.com").await;
        let user = first.user.clone().unwrap();
        let changed = change(&accounts, &user, PASSWORD, OTHER).await.unwrap();
        assert_eq!((changed.user.as_ref(), changed.expires_at), (Some(&user), START.after(LIFETIME).micros()));
        for ended in [&first.token, &second.token] {
            assert_eq!(accounts.authenticate(ended).await.unwrap_err().code(), Code::Unauthenticated);
        }
        assert!(accounts.authenticate(&changed.token).await.unwrap().signed_in_lately);
        assert!(accounts.authenticate(&neighbour.token).await.is_ok(), "others are not concerned");
        let status = accounts.sign_in("bong@example.com", PASSWORD).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, String::new())]);
        assert!(accounts.sign_in("bong@example.com", OTHER).await.is_ok());
        assert!(accounts.sign_in("sen@example.com", PASSWORD).await.is_ok());
    }

    async fn a_change_is_in_the_audit_log_without_either_password(database) {
        let accounts = start(database);
        let user = accounts.sign_up("bong@example.com").await.user.unwrap();
        change(&accounts, &user, PASSWORD, OTHER).await.unwrap();
        let row = accounts.rows("SELECT action, subject_id, detail FROM audit_entries").await.remove(0);
        let text = |column: &str| row.try_get::<String>("", column).unwrap();
        assert_eq!(text("action"), "password.changed");
        assert_eq!((text("subject_id"), text("detail")), (user.id, r#"{"sessionsEnded":1}"#.to_owned()));
        assert_eq!(accounts::doctor(&accounts.database).await.unwrap(), Vec::<String>::new());
    }

    async fn a_wrong_old_password_or_a_new_one_that_may_not_be_changes_nothing(database) {
        let accounts = start(database);
        let signed_in = accounts.sign_up("bong@example.com").await;
        let user = signed_in.user.clone().unwrap();
        let before = accounts.everything().await;
        for (old, new, code, field) in [
            ("không phải thế", OTHER, RefusalCode::WrongCredentials, "oldPassword"),
            ("", OTHER, RefusalCode::WrongCredentials, "oldPassword"),
            (PASSWORD, "", RefusalCode::Required, "newPassword"),
            (PASSWORD, "ngắn", RefusalCode::TooShort, "newPassword"),
            (PASSWORD, "matkhau123", RefusalCode::PasswordTooCommon, "newPassword"),
            (PASSWORD, "bong@example.com", RefusalCode::PasswordTooCommon, "newPassword"),
        ] {
            let status = change(&accounts, &user, old, new).await.unwrap_err();
            assert_eq!(refused(&status), [(code, field.to_owned())], "{old} {new}");
        }
        let nobody = User { id: "user_01h455vb4pex5vsknk084sn02q".into(), ..User::default() };
        let status = change(&accounts, &nobody, PASSWORD, OTHER).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(accounts.everything().await, before);
        assert!(accounts.authenticate(&signed_in.token).await.is_ok());
    }

    async fn after_ten_attempts_even_the_right_old_password_waits(database) {
        let accounts = start(database);
        let user = accounts.sign_up("bong@example.com").await.user.unwrap();
        let other = accounts.sign_up("sen@example.com").await.user.unwrap();
        for _ in 0..10 {
            let status = change(&accounts, &user, "không phải thế", OTHER).await.unwrap_err();
            assert_eq!(refused(&status), [(RefusalCode::WrongCredentials, "oldPassword".into())]);
        }
        let before = accounts.everything().await;
        let status = change(&accounts, &user, PASSWORD, OTHER).await.unwrap_err();
        assert_eq!(refused(&status), [(RefusalCode::RateLimited, String::new())]);
        assert!((1..=60).contains(&fact(&status, "retryAfterSeconds").parse::<u64>().unwrap()));
        assert_eq!(accounts.everything().await, before);
        assert!(change(&accounts, &other, PASSWORD, OTHER).await.is_ok(), "others are not held up");
    }

    async fn of_two_changes_at_once_one_counts(database) {
        let accounts = start(database);
        let user = accounts.sign_up("bong@example.com").await.user.unwrap();
        let third = "ghe lồng chở mắm";
        let (one, two) = tokio::join!(
            change(&accounts, &user, PASSWORD, OTHER),
            change(&accounts, &user, PASSWORD, third),
        );
        assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|done| *done).count(), 1);
        let counts = if one.is_ok() { OTHER } else { third };
        assert!(accounts.sign_in("bong@example.com", counts).await.is_ok());
        let lasting = accounts.rows("SELECT id FROM sessions WHERE revoked_at IS NULL").await;
        assert_eq!(lasting.len(), 2, "that of the change, and that of just now");
    }
}
