//! `chonoi operator` as who sits at the machine gives it.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::path::Path;
use std::process::{Command, Output};

use platform::database::{Database, Location};
use sea_orm::{ConnectionTrait, Statement};

fn chonoi(folder: &Path, words: &[&str], password: &str) -> Output {
    let file = folder.join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_chonoi"))
        .args(words)
        .arg("--password-file")
        .arg(&file)
        .arg("--data-dir")
        .arg(folder)
        .output()
        .unwrap()
}

async fn texts(database: &Database, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(database.backend(), sql);
    let rows = database.reader().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gets_another_password_and_nobody_else_does() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let add = ["operator", "add", "--email", "sen@example.com"];
    assert!(chonoi(folder, &add, "ghe bầu neo bến").status.success());
    let database = Database::open(Location::File(&folder.join("accounts.db"))).await.unwrap();
    let hashes = "SELECT password_hash FROM users";
    let before = texts(&database, hashes).await;

    let unknown = ["operator", "set-password", "--email", "bong@example.com"];
    let refused = chonoi(folder, &unknown, "xuồng ba lá chở khóm");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("email: NOT_FOUND"), "{told}");
    let set = ["operator", "set-password", "--email", "sen@example.com"];
    let refused = chonoi(folder, &set, "ngắn");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("password: TOO_SHORT"), "{told}");
    assert_eq!(texts(&database, hashes).await, before);

    let done = chonoi(folder, &set, "xuồng ba lá chở khóm");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_ne!(texts(&database, hashes).await, before);
    let log = texts(&database, "SELECT action FROM audit_entries ORDER BY seq").await;
    assert_eq!(log, ["operator.added", "operator.password_set"]);
    database.close().await.unwrap();
}
