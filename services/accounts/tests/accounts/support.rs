//! Accounts of a test, and what tests ask of it again and again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use accounts::{Accounts, AccountsParts, Hashing};
use async_trait::async_trait;
use kernel::{ManualClock, Timestamp};
use platform::database::Database;
use platform::limits::RateLimiter;
use platform::mail::{Letter, MailError, Mailer, Mailing};
use platform::rpc::{self, AccountsClient};
use prost::Message;
use proto::accounts::{
    AddOperatorRequest, AuthenticateRequest, BankAccount, OpenShopRequest, Shop, ShopDecision,
    ShopKind, SignInRequest, SignUpRequest, SignedIn,
};
use proto::common::RefusalCode;
use proto::events::Event;
use proto::events::event::Body;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use tonic::{Response, Status};

/// A good password.
pub const PASSWORD: &str = "ghe bầu neo bến";
/// The version of the text that people agree to.
pub const TERMS: &str = "2026-12-01";
/// How long sessions of tests last.
pub const LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// How long another account waits until it is paid to.
pub const COOLING_OFF: Duration = Duration::from_secs(86_400);
/// A moment in November 2026.
pub const START: Timestamp = Timestamp::from_micros(1_795_500_000_000_000);

/// The address of the market's pages.
pub const PAGES: &str = "https://cho.vn";

/// How a letter fails.
type Failing = fn() -> MailError;

/// Keeps letters, and fails as it is told to.
#[derive(Clone, Default)]
pub struct Post {
    letters: Arc<Mutex<Vec<Letter>>>,
    refuses: Arc<Mutex<Option<Failing>>>,
}

impl Post {
    /// The letters so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }

    /// From now on letters fail like this, or not at all.
    pub fn refuse(&self, why: Option<Failing>) {
        *self.refuses.lock().unwrap() = why;
    }
}

#[async_trait]
impl Mailer for Post {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let refuses = *self.refuses.lock().unwrap();
        if let Some(why) = refuses {
            return Err(why());
        }
        self.letters.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

/// A service of a test.
pub struct TestAccounts {
    pub service: Accounts,
    pub client: AccountsClient,
    pub database: Database,
    pub clock: ManualClock,
    pub post: Post,
}

/// Starts accounts on a database, at [`START`].
pub fn start(database: Database) -> TestAccounts {
    let (clock, post) = (ManualClock::at(START), Post::default());
    let service = Accounts::new(AccountsParts {
        database: database.clone(),
        clock: Arc::new(clock.clone()),
        limiter: Arc::new(RateLimiter::in_process()),
        session_lifetime: LIFETIME,
        hashing: Hashing::cheap_for_tests_and_seeding(),
        mailing: Some(Mailing { mailer: Arc::new(post.clone()), pages: PAGES.to_owned() }),
        payout_cooling_off: COOLING_OFF,
    });
    let client = AccountsClient::new(rpc::local(service.server()));
    TestAccounts { service, client, database, clock, post }
}

/// A sign-up that is fine.
pub fn sign_up_request(email: &str) -> SignUpRequest {
    SignUpRequest {
        name: "Nguyễn Thị Bông".into(),
        phone: String::new(),
        email: email.into(),
        password: PASSWORD.into(),
        locale: "vi".into(),
        client_address: "192.0.2.1".into(),
        accepted_terms: Some(TERMS.into()),
    }
}

/// An application for a shop that is fine.
pub fn open_shop_request(actor_id: &str) -> OpenShopRequest {
    OpenShopRequest {
        actor_id: actor_id.into(),
        name: "Vựa trái cây Bông Sen".into(),
        kind: ShopKind::Household.into(),
        tax_code: String::new(),
        ward_code: "31186".into(),
        address: "12/5 đường Võ Tánh".into(),
        phone: "0292 3812 345".into(),
        bank_account: Some(BankAccount {
            bin: "970436".into(),
            number: "0011 0090 9090".into(),
            holder: "Nguyễn Thị Bông".into(),
        }),
        about: None,
    }
}

impl TestAccounts {
    /// Somebody signs up; gives their session.
    pub async fn sign_up(&self, email: &str) -> SignedIn {
        self.client.clone().sign_up(sign_up_request(email)).await.unwrap().into_inner()
    }

    /// Somebody signs up; gives their id.
    pub async fn person(&self, email: &str) -> String {
        self.sign_up(email).await.user.unwrap().id
    }

    /// An operator; gives their id.
    pub async fn operator(&self) -> String {
        let request = AddOperatorRequest {
            email: "dieuhanh@chonoi.example".into(),
            password: PASSWORD.into(),
        };
        self.client.clone().add_operator(request).await.unwrap().into_inner().id
    }

    /// A shop of somebody, as a draft.
    pub async fn draft(&self, owner: &str) -> Shop {
        self.client.clone().open_shop(open_shop_request(owner)).await.unwrap().into_inner()
    }

    /// Somebody tries to sign in.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn, Status> {
        let request = SignInRequest {
            login: login.into(),
            password: password.into(),
            client_address: "192.0.2.1".into(),
        };
        self.client.clone().sign_in(request).await.map(Response::into_inner)
    }

    /// Work in the background is done once, now.
    pub async fn sweep(&self, name: &str) {
        let work = self.service.periodics().into_iter().find(|work| work.name() == name);
        work.unwrap().run_once().await.unwrap();
    }

    /// Who a token belongs to.
    pub async fn authenticate(&self, token: &str) -> Result<proto::accounts::Actor, Status> {
        let request = AuthenticateRequest { token: token.into() };
        self.client.clone().authenticate(request).await.map(Response::into_inner)
    }

    /// Somebody decides of a shop.
    pub async fn decide(
        &self,
        step: Step,
        actor: &str,
        shop: &str,
        reason: &str,
    ) -> Result<Shop, Status> {
        let decision =
            ShopDecision { actor_id: actor.into(), shop_id: shop.into(), reason: reason.into() };
        let mut client = self.client.clone();
        match step {
            Step::Submit => client.submit_shop(decision).await,
            Step::Approve => client.approve_shop(decision).await,
            Step::Suspend => client.suspend_shop(decision).await,
            Step::Close => client.close_shop(decision).await,
        }
        .map(Response::into_inner)
    }

    /// All that the database holds, to show that nothing changed.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (table, columns) in [
            ("users", "CAST(operator AS TEXT) || ' ' || name || ' ' || COALESCE(phone, '-') || ' ' || COALESCE(email, '-')
                    || ' ' || locale || ' ' || password_hash"),
            ("consents", "version || ' ' || locale || ' ' || CAST(given_at AS TEXT)"),
            ("sessions", "COALESCE(CAST(revoked_at AS TEXT), '-')"),
            ("contact_letters", "news || ' ' || address || ' ' || CAST(tries AS TEXT)"),
            (
                "password_resets",
                "CAST(tries AS TEXT) || ' ' || COALESCE(CAST(used_at AS TEXT), '-')",
            ),
            ("shops", "slug || ' ' || status || ' ' || status_reason || ' ' || bank_number"),
            ("memberships", "role"),
            ("shop_invitations", "role || ' ' || contact || ' ' || CAST(tries AS TEXT)"),
            ("audit_entries", "action || ' ' || detail"),
            ("outbox", "aggregate"),
        ] {
            let sql = format!("SELECT '{table} ' || {columns} AS line FROM {table} ORDER BY 1");
            let rows = self.rows(&sql).await;
            all.extend(rows.iter().map(|row| row.try_get::<String>("", "line").unwrap()));
        }
        all
    }

    /// The events in the outbox, in their order.
    pub async fn events(&self) -> Vec<Event> {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq").await;
        let payloads = rows.iter().map(|row| row.try_get::<Vec<u8>>("", "payload").unwrap());
        payloads.map(|payload| Event::decode(payload.as_slice()).unwrap()).collect()
    }

    /// The shops that the events in the outbox tell of.
    pub async fn shops_told(&self) -> Vec<Shop> {
        let told = |event: Event| match event.body {
            Some(Body::ShopChanged(changed)) => changed.shop,
            _ => None,
        };
        self.events().await.into_iter().filter_map(told).collect()
    }

    /// Rows of a query.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.database.backend(), sql);
        self.database.reader().query_all_raw(statement).await.unwrap()
    }

    /// Does something to the database that the service never would.
    pub async fn meddle(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        self.database.writer().execute_unprepared(sql).await.map(drop)
    }
}

/// A step in the life of a shop.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Submit,
    Approve,
    Suspend,
    Close,
}

/// What was refused: codes and fields.
pub fn refused(status: &Status) -> Vec<(RefusalCode, String)> {
    let refusals = proto::refusals_of(status).unwrap_or_else(|| panic!("no refusal: {status:?}"));
    refusals.into_iter().map(|refusal| (refusal.code(), refusal.path.join("."))).collect()
}

/// A fact of the first refusal.
pub fn fact(status: &Status, name: &str) -> String {
    proto::refusals_of(status).unwrap()[0].facts[name].clone()
}
