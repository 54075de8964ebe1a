//! Letters leave: by SMTP, with a server of our own at the other end, and into a folder.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails")]

use std::sync::{Arc, Mutex};

use kernel::Timestamp;
use platform::mail::{
    FolderMailer, Letter, MailError, Mailer, Sender, SmtpMailer, SmtpSettings, SmtpTls,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// What the server was told, line by line, and what it answers to `DATA` and to recipients.
#[derive(Clone, Default)]
struct Server {
    heard: Arc<Mutex<Vec<String>>>,
    answer_to_login: Option<&'static str>,
    answer_to_recipient: Option<&'static str>,
    answer_to_data: Option<&'static str>,
    breaks_off: bool,
    ends_after_each_letter: bool,
}

impl Server {
    /// Listens on a free port; serves connections until the test ends.
    async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.talk(stream).await.ok();
            }
        });
        port
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 mail.test\r\n").await?;
        let mut in_data = false;
        while let Some(line) = lines.next_line().await? {
            self.heard.lock().unwrap().push(line.clone());
            let answer = match line.split_whitespace().next().unwrap_or_default() {
                "." if in_data => {
                    in_data = false;
                    let answer = self.answer_to_data.unwrap_or("250 queued");
                    if self.ends_after_each_letter {
                        return writer.write_all(format!("{answer}\r\n").as_bytes()).await;
                    }
                    answer
                }
                _ if in_data => continue,
                "EHLO" => "250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME",
                "AUTH" => self.answer_to_login.unwrap_or("235 welcome"),
                "RCPT" => self.answer_to_recipient.unwrap_or("250 known"),
                "DATA" if self.breaks_off => return Ok(()),
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 good",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    async fn mailer(&self, credentials: Option<(String, String)>) -> SmtpMailer {
        let port = self.listen().await;
        let settings =
            SmtpSettings { host: "127.0.0.1".to_owned(), port, tls: SmtpTls::None, credentials };
        SmtpMailer::new(settings, sender()).unwrap()
    }

    /// How often the server heard a word at the beginning of a line.
    fn count(&self, word: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|line| line.starts_with(word)).count()
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

fn sender() -> Sender {
    Sender::parse("Chợ Nổi <no-reply@example.vn>").unwrap()
}

fn letter() -> Letter {
    Letter {
        id: Uuid::from_u128(42),
        name: "Sáu\r\nX-Evil: 1".to_owned(),
        address: "sau@example.vn".to_owned(),
        subject: "Ticket\r\nBcc: all@example.vn".to_owned(),
        text: "Hello,\n.\nsee you at the pier.".to_owned(),
        written_at: Timestamp::from_micros(1_800_000_000_000_000),
    }
}

#[tokio::test]
async fn a_letter_arrives_whole_and_from_us() {
    let server = Server::default();
    let credentials = Some(("market".to_owned(), "password".to_owned()));
    server.mailer(credentials).await.send(&letter()).await.unwrap();
    let heard = server.heard();
    for line in [
        "EHLO example.vn",
        "AUTH PLAIN",
        "MAIL FROM:<no-reply@example.vn>",
        "RCPT TO:<sau@example.vn>",
        "Message-ID: <00000000-0000-0000-0000-00000000002a@example.vn>",
        "see you at the pier.",
        // A line of the text that is a dot does not end it.
        "\n..\n",
    ] {
        assert!(heard.contains(line), "{line}: {heard}");
    }
    for line in heard.lines() {
        assert!(!line.starts_with("Bcc") && !line.starts_with("X-Evil"), "{heard}");
    }
}

#[tokio::test]
async fn letters_of_a_batch_share_a_connection_and_the_next_batch_has_its_own() {
    let server = Server::default();
    let credentials = Some(("market".to_owned(), "password".to_owned()));
    let mailer = server.mailer(credentials).await;
    for _ in 0..3 {
        mailer.send(&letter()).await.unwrap();
    }
    assert_eq!((server.count("EHLO"), server.count("AUTH"), server.count("MAIL FROM")), (1, 1, 3));
    mailer.rest().await;
    assert_eq!(server.count("QUIT"), 1);
    // Nothing is open any more.
    mailer.rest().await;
    mailer.send(&letter()).await.unwrap();
    assert_eq!((server.count("EHLO"), server.count("QUIT")), (2, 1));
}

#[tokio::test]
async fn no_connection_carries_letters_without_end() {
    let server = Server::default();
    let mailer = server.mailer(None).await;
    for _ in 0..51 {
        mailer.send(&letter()).await.unwrap();
    }
    assert_eq!((server.count("EHLO"), server.count("MAIL FROM")), (2, 51));
}

#[tokio::test]
async fn a_server_that_ends_the_connection_gets_the_next_letter_on_another() {
    let server = Server { ends_after_each_letter: true, ..Server::default() };
    let mailer = server.mailer(None).await;
    for _ in 0..3 {
        mailer.send(&letter()).await.unwrap();
    }
    assert_eq!((server.count("EHLO"), server.count("MAIL FROM")), (3, 3));
}

#[tokio::test]
async fn what_was_refused_ends_its_connection_and_no_letter_after_it_pays_for_it() {
    let server = Server { answer_to_recipient: Some("550 unknown"), ..Server::default() };
    let mailer = server.mailer(None).await;
    for _ in 0..2 {
        let error = mailer.send(&letter()).await.unwrap_err();
        assert!(matches!(error, MailError::Refused(_)), "{error}");
    }
    assert_eq!((server.count("EHLO"), server.count("RCPT")), (2, 2));
}

#[tokio::test]
async fn what_the_server_says_decides_whether_it_is_tried_again() {
    for (server, last) in [
        (
            Server {
                answer_to_recipient: Some("550 no such user sau@example.vn"),
                ..Server::default()
            },
            true,
        ),
        (Server { answer_to_recipient: Some("451 later"), ..Server::default() }, false),
        (Server { answer_to_data: Some("552 too large"), ..Server::default() }, true),
        // A sender that is blocked today, and a password that was changed, can be mended.
        (Server { answer_to_data: Some("554 blocked"), ..Server::default() }, false),
        (Server { answer_to_login: Some("535 wrong password"), ..Server::default() }, false),
        (Server { breaks_off: true, ..Server::default() }, false),
    ] {
        let credentials = Some(("market".to_owned(), "password".to_owned()));
        let error = server.mailer(credentials).await.send(&letter()).await.unwrap_err();
        assert_eq!(error.is_final(), last, "{error}");
        // Errors are logged: they name nobody.
        assert!(!format!("{error} {error:?}").contains("sau@"), "{error:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let settings =
        SmtpSettings { host: "127.0.0.1".to_owned(), port, tls: SmtpTls::None, credentials: None };
    let error = SmtpMailer::new(settings, sender()).unwrap().send(&letter()).await.unwrap_err();
    assert!(matches!(error, MailError::Unreached(_)), "{error}");
}

#[tokio::test]
async fn without_tls_nothing_is_sent_where_tls_is_asked_for() {
    let server = Server::default();
    let port = server.listen().await;
    let settings = SmtpSettings {
        host: "localhost".to_owned(),
        port,
        tls: SmtpTls::StartTls,
        credentials: Some(("market".to_owned(), "password".to_owned())),
    };
    let error = SmtpMailer::new(settings, sender()).unwrap().send(&letter()).await.unwrap_err();
    assert!(!error.is_final(), "{error}");
    let heard = server.heard();
    assert!(!heard.contains("AUTH") && !heard.contains("RCPT"), "{heard}");
}

#[tokio::test]
async fn a_folder_keeps_each_letter_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("mails");
    let mailer = FolderMailer::new(folder.clone(), sender());
    mailer.send(&letter()).await.unwrap();
    mailer.send(&letter()).await.unwrap();
    let files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(file.extension().unwrap(), "eml");
    let message = std::fs::read_to_string(file).unwrap();
    assert!(message.contains("To: ") && message.contains("<sau@example.vn>"), "{message}");
    assert!(message.lines().all(|line| !line.starts_with("Bcc")), "{message}");
}
