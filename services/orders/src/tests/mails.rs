//! Mails to guests: once of each thing that happened, to whom it concerns, tried until they leave.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use platform::mail::{Letter, MailError, Mailer};
use platform::on_each_database;
use platform::secrets::digest;
use proto::events::SeatsOffered;
use proto::tours::WaitingListEntry;

use super::events::commit_refused;
use super::*;
use crate::consumers::MailsNoted;
use crate::usecases::send_mails::{forget_mails, send_mails};

/// The address of the market's pages.
pub const PAGES: &str = "https://cho.vn";
const EMAIL: &str = "sau@cho.vn";

/// How a letter fails.
type Failing = fn() -> MailError;

/// Keeps letters, and fails as it is told to.
#[derive(Clone, Default)]
pub struct Post {
    letters: Arc<Mutex<Vec<Letter>>>,
    refuses: Arc<Mutex<Option<Failing>>>,
    /// Takes the letter and never answers: as when the process dies between sending and noting it.
    silent: Arc<AtomicBool>,
}

impl Post {
    pub(super) fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }

    pub(super) fn refuse(&self, why: Option<Failing>) {
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
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

impl Bench {
    /// Everything that orders told so far is told to who notes mails: again, too.
    pub(super) async fn note_mails(&self) {
        let rows = self.rows("SELECT payload FROM outbox ORDER BY seq".to_owned()).await;
        let events: Vec<Event> = rows
            .into_iter()
            .map(|row| {
                let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
                Event::decode(payload.as_slice()).unwrap()
            })
            .collect();
        self.note_mails_of(&events).await;
    }

    pub(super) async fn note_mails_of(&self, events: &[Event]) {
        let consumer = MailsNoted(self.orders.clone());
        deliver(&consumer, self.clock.now(), events).await.unwrap();
        assert!(self.rows("SELECT error FROM dead_letters".to_owned()).await.is_empty());
    }

    /// Something happened just now.
    pub(super) fn news(&self, body: Body) -> Event {
        Event { occurred_at: self.clock.now().micros(), ..event(body) }
    }

    pub(super) async fn send(&self) {
        send_mails(&self.orders).await.unwrap();
    }

    /// The guests of all checkouts gave this address, and this language.
    async fn reached_at(&self, email: &str, locale: &str) {
        let set = format!("UPDATE checkouts SET contact_email = '{email}', locale = '{locale}'");
        self.write(&set).await;
    }

    /// Mails that wait, left, are given up.
    pub(super) async fn mails(&self) -> (usize, usize, usize) {
        let count = |condition: &str| self.rows(format!("SELECT id FROM mails WHERE {condition}"));
        (
            count("next_try_at IS NOT NULL").await.len(),
            count("sent_at IS NOT NULL").await.len(),
            count("given_up_at IS NOT NULL").await.len(),
        )
    }

    /// A paid checkout whose guests can be written to.
    async fn paid_by_reader(&self) -> Checkout {
        let mango = self.offer(85_000, 10);
        let checkout = self.awaiting(&[(&mango, 2)]).await;
        self.reached_at(EMAIL, "vi").await;
        self.hear(&[self.outside.pay(&checkout.id)]).await;
        checkout
    }

    fn offered(&self) -> SeatsOffered {
        let starts_at = self.clock.now().after(Duration::from_secs(3 * 24 * 3_600));
        let departure = self.outside.departure(ids::new(), starts_at, 20).departure;
        let entry = WaitingListEntry {
            id: ids::new::<kernel::WaitingListEntryId>().to_string(),
            departure_id: departure.clone(),
            seats: 2,
            name: "Trần Thị Sáu".to_owned(),
            email: EMAIL.to_owned(),
            locale: "en".to_owned(),
            offer_expires_at: self.clock.now().after(Duration::from_secs(15 * 60)).micros(),
            ..WaitingListEntry::default()
        };
        SeatsOffered { departure_id: departure, entry: Some(entry) }
    }
}

on_each_database! { migrations::orders::Migrator,
    async fn who_paid_is_written_to_once_with_number_total_and_link(database) {
        let bench = Bench::on(database);
        let checkout = bench.paid_by_reader().await;
        // Told twice, and swept twice.
        bench.note_mails().await;
        bench.note_mails().await;
        bench.send().await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        let order = &bench.look(&checkout.id).await.orders[0];
        assert_eq!(letter.address, EMAIL);
        assert!(letter.subject.contains(&order.number), "{}", letter.subject);
        let link = format!("{PAGES}/o/{}/", checkout.id);
        for part in ["170.000", &order.number, &link] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        assert_eq!(bench.mails().await, (0, 1, 0));
    }

    async fn the_same_event_once_more_as_another_one_is_the_same_mail(database) {
        let bench = Bench::on(database);
        let checkout = bench.paid_by_reader().await;
        let paid = || proto::events::CheckoutChanged {
            checkout_id: checkout.id.clone(),
            status: CheckoutStatus::Paid.into(),
        };
        // As after a match that was taken back and made again.
        bench.note_mails_of(&[bench.news(Body::CheckoutChanged(paid()))]).await;
        bench.send().await;
        bench.note_mails_of(&[bench.news(Body::CheckoutChanged(paid()))]).await;
        bench.send().await;
        assert_eq!((bench.post.letters().len(), bench.mails().await), (1, (0, 1, 0)));
    }

    async fn who_gave_no_address_and_who_did_not_pay_are_not_written_to(database) {
        let bench = Bench::on(database);
        let mango = bench.offer(85_000, 10);
        let checkout = bench.awaiting(&[(&mango, 1)]).await;
        bench.reached_at("", "vi").await;
        bench.hear(&[bench.outside.pay(&checkout.id)]).await;
        bench.note_mails().await;
        bench.send().await;
        assert_eq!(bench.mails().await, (0, 0, 0));
    }

    async fn a_crash_between_sending_and_noting_sends_the_same_letter_again(database) {
        let bench = Bench::on(database);
        bench.paid_by_reader().await;
        bench.note_mails().await;
        bench.post.silent.store(true, Ordering::SeqCst);
        let dies = tokio::time::timeout(Duration::from_millis(300), bench.send()).await;
        assert!(dies.is_err());
        bench.post.silent.store(false, Ordering::SeqCst);
        // Not at once: another process may be at it.
        bench.send().await;
        assert_eq!(bench.post.letters().len(), 1);
        bench.clock.advance(Duration::from_secs(181));
        bench.send().await;
        let letters = bench.post.letters();
        assert_eq!((letters.len(), bench.mails().await), (2, (0, 1, 0)));
        assert_eq!(letters[0], letters[1]);
    }

    async fn a_mail_that_nobody_takes_is_tried_ever_more_seldom_and_given_up(database) {
        let bench = Bench::on(database);
        bench.paid_by_reader().await;
        bench.note_mails().await;
        bench.post.refuse(Some(|| MailError::Unreached("no connection")));
        for _ in 0..11 {
            bench.send().await;
            assert_eq!(bench.mails().await, (1, 0, 0));
            bench.clock.advance(Duration::from_secs(6 * 3_600 + 1));
        }
        bench.send().await;
        assert_eq!(bench.mails().await, (0, 0, 1));
        bench.post.refuse(None);
        bench.clock.advance(Duration::from_secs(24 * 3_600));
        bench.send().await;
        assert!(bench.post.letters().is_empty());
    }

    async fn what_is_refused_for_good_is_not_tried_again(database) {
        let bench = Bench::on(database);
        bench.paid_by_reader().await;
        bench.note_mails().await;
        bench.post.refuse(Some(|| MailError::Refused("550".to_owned())));
        bench.send().await;
        assert_eq!(bench.mails().await, (0, 0, 1));
    }

    async fn who_paid_for_what_is_sold_out_reads_of_the_money_and_nothing_else(database) {
        let bench = Bench::on(database);
        let checkout = bench.paid_by_reader().await;
        bench.hear(&[commit_refused(&checkout)]).await;
        bench.sweep_all().await;
        bench.note_mails().await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert!(letter.subject.contains("hết hàng") && letter.text.contains("170.000"), "{letter:?}");
        // The mail of the payment is pointless by now.
        assert_eq!(bench.mails().await, (0, 1, 1));
    }

    async fn who_waits_reads_of_the_seats_in_their_language_and_nothing_of_them_is_kept(database) {
        let bench = Bench::on(database);
        let offered = bench.offered();
        bench.note_mails_of(&[bench.news(Body::SeatsOffered(offered.clone()))]).await;
        bench.send().await;
        let letters = bench.post.letters();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!(letter.address, EMAIL);
        for part in ["Hello Trần Thị Sáu", "2 seats"] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        // What the link says, catalog knows to claim the seats.
        let (_, link) = letter.text.split_once("https://cho.vn/waiting/").unwrap();
        let (token, _) = link.split_once(char::is_whitespace).unwrap();
        let entry = offered.entry.unwrap().id;
        assert_eq!(bench.outside.claims(), [(entry, digest(token).to_vec())]);
        let kept = bench.rows("SELECT facts FROM mails WHERE facts <> ''".to_owned()).await;
        assert_eq!((kept.len(), bench.mails().await), (0, (0, 1, 0)));
    }

    async fn an_offer_that_is_over_is_not_written_of(database) {
        let bench = Bench::on(database);
        bench.note_mails_of(&[bench.news(Body::SeatsOffered(bench.offered()))]).await;
        bench.clock.advance(Duration::from_secs(16 * 60));
        bench.send().await;
        assert_eq!((bench.post.letters().len(), bench.mails().await), (0, (0, 0, 1)));
    }

    async fn what_happened_days_ago_is_not_written_of(database) {
        let bench = Bench::on(database);
        bench.paid_by_reader().await;
        bench.clock.advance(Duration::from_hours(25));
        bench.note_mails().await;
        assert_eq!(bench.mails().await, (0, 0, 0));
    }

    async fn offers_of_seats_go_before_what_waits_longer(database) {
        let bench = Bench::on(database);
        bench.paid_by_reader().await;
        bench.note_mails().await;
        bench.clock.advance(Duration::from_secs(60));
        bench.note_mails_of(&[bench.news(Body::SeatsOffered(bench.offered()))]).await;
        bench.send().await;
        let subjects: Vec<_> = bench.post.letters().into_iter().map(|one| one.subject).collect();
        assert_eq!(subjects.len(), 2);
        assert!(subjects[0].contains("seats"), "{subjects:?}");
    }

    async fn old_mails_are_forgotten_and_what_nobody_tried_for_days_is_given_up(database) {
        let bench = Bench::on(database);
        bench.note_mails_of(&[bench.news(Body::SeatsOffered(bench.offered()))]).await;
        bench.clock.advance(Duration::from_hours(71));
        forget_mails(&bench.orders).await.unwrap();
        assert_eq!(bench.mails().await, (1, 0, 0));
        bench.clock.advance(Duration::from_hours(2));
        forget_mails(&bench.orders).await.unwrap();
        assert_eq!(bench.mails().await, (0, 0, 1));
        // Who waited is known here no more.
        assert!(bench.rows("SELECT id FROM mails WHERE facts <> ''".to_owned()).await.is_empty());
        bench.send().await;
        assert!(bench.post.letters().is_empty());
        bench.clock.advance(Duration::from_hours(91 * 24));
        forget_mails(&bench.orders).await.unwrap();
        assert_eq!(bench.mails().await, (0, 0, 0));
    }
}
