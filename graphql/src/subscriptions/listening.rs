//! Who listens to what. An event wakes those who listen to what it is about, and nobody else: with many who
//! wait for their payments, each event would else wake all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::time::Duration;

use proto::events::Event;
use proto::events::event::Body;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

/// What can be listened to, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A checkout.
    Checkout(String),
    /// A payment at a counter.
    CounterPayment(String),
}

impl Subject {
    /// What an event is about, if that can be listened to.
    fn of(event: Event) -> Option<Self> {
        match event.body {
            Some(Body::CheckoutChanged(changed)) => Some(Self::Checkout(changed.checkout_id)),
            Some(Body::PaymentCameInPart(came)) => Some(Self::Checkout(came.checkout_id)),
            Some(Body::CounterPaymentChanged(changed)) => {
                Some(Self::CounterPayment(changed.payment_id))
            }
            _ => None,
        }
    }
}

/// What the services tell, sorted by what it is about.
pub struct News {
    events: broadcast::Sender<Event>,
    listened: Arc<Listened>,
    following: Once,
}

impl News {
    /// Of these events. Nothing is followed until somebody listens.
    pub fn new(events: broadcast::Sender<Event>) -> Self {
        Self { events, listened: Arc::default(), following: Once::new() }
    }

    /// Listens to what is about something, from now on.
    pub fn listen(&self, subject: Subject) -> Listener {
        self.following.call_once(|| {
            let events = self.events.subscribe();
            tokio::spawn(follow(events, Arc::downgrade(&self.listened)));
        });
        let heard = {
            let mut listened = self.listened.lock();
            let told = listened.entry(subject.clone()).or_insert_with(|| watch::Sender::new(0));
            told.subscribe()
        };
        Listener { heard: Some(heard), subject, listened: Arc::clone(&self.listened) }
    }
}

/// Tells listeners of events until nobody tells any more, or can be told.
async fn follow(mut events: broadcast::Receiver<Event>, listened: Weak<Listened>) {
    loop {
        let (subject, part) = match events.recv().await {
            Ok(event) => {
                let part = matches!(event.body, Some(Body::PaymentCameInPart(_)));
                let Some(subject) = Subject::of(event) else { continue };
                (Some(subject), part)
            }
            // What was missed may have been about anything.
            Err(RecvError::Lagged(_)) => (None, true),
            Err(RecvError::Closed) => return,
        };
        let Some(listened) = listened.upgrade() else { return };
        let listened = listened.lock();
        match subject {
            Some(subject) => listened.get(&subject).into_iter().for_each(|told| tell(told, part)),
            None => listened.values().for_each(|told| tell(told, part)),
        }
    }
}

fn tell(listeners: &watch::Sender<u64>, part: bool) {
    listeners.send_modify(|parts| *parts += u64::from(part));
}

#[derive(Default)]
struct Listened(Mutex<HashMap<Subject, watch::Sender<u64>>>);

impl Listened {
    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who listens to something.
pub struct Listener {
    /// How often money came that is not all. It is there until the listener goes.
    heard: Option<watch::Receiver<u64>>,
    subject: Subject,
    listened: Arc<Listened>,
}

impl Listener {
    /// Another number than before: meanwhile money may have come that is not all.
    pub fn parts(&self) -> u64 {
        self.heard.as_ref().map_or(0, |heard| *heard.borrow())
    }

    /// Waits until something may have changed: an event said so since it was waited last, events were
    /// missed, or it was quiet for long.
    pub async fn something_happened(&mut self, at_most: Duration) {
        let heard = async {
            let changed = match &mut self.heard {
                Some(heard) => heard.changed().await.is_ok(),
                None => false,
            };
            if !changed {
                // Nobody tells any more: only looking is left.
                std::future::pending::<()>().await;
            }
        };
        // Running out of time is a reason to look, too.
        let _ = tokio::time::timeout(at_most, heard).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listened = self.listened.lock();
        // It goes under the lock: of two that go at the same time, the second sees that it is the last.
        drop(self.heard.take());
        if listened.get(&self.subject).is_some_and(|told| told.receiver_count() == 0) {
            listened.remove(&self.subject);
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::events::CheckoutChanged;

    use super::*;

    /// Long enough to never pass in a test.
    const LONG: Duration = Duration::from_secs(3_600);
    /// Long enough to hear of what was told.
    const A_WHILE: Duration = Duration::from_millis(50);

    fn about(id: &str) -> Event {
        let changed = CheckoutChanged { checkout_id: id.to_owned(), status: 0 };
        Event { body: Some(Body::CheckoutChanged(changed)), ..Event::default() }
    }

    fn news() -> (broadcast::Sender<Event>, News) {
        let (sender, _) = broadcast::channel(2);
        (sender.clone(), News::new(sender))
    }

    fn checkout(id: &str) -> Subject {
        Subject::Checkout(id.to_owned())
    }

    #[tokio::test]
    async fn an_event_wakes_all_who_listen_to_what_it_is_about_and_nobody_else() {
        let (sender, news) = news();
        let (mut one, mut too) = (news.listen(checkout("1")), news.listen(checkout("1")));
        let mut other = news.listen(checkout("2"));
        let mut payment = news.listen(Subject::CounterPayment("1".to_owned()));
        sender.send(about("1")).unwrap();
        one.something_happened(LONG).await;
        too.something_happened(LONG).await;
        for listener in [&mut one, &mut other, &mut payment] {
            let woken = tokio::time::timeout(A_WHILE, listener.something_happened(LONG)).await;
            assert!(woken.is_err(), "{:?}", listener.subject);
        }
        // What is told while nobody waits is heard afterwards.
        sender.send(about("2")).unwrap();
        tokio::time::sleep(A_WHILE).await;
        other.something_happened(LONG).await;
    }

    #[tokio::test]
    async fn missed_events_are_a_reason_to_look() {
        let (sender, news) = news();
        let mut one = news.listen(checkout("1"));
        for _ in 0..3 {
            sender.send(about("2")).unwrap();
        }
        one.something_happened(LONG).await;
    }

    #[tokio::test]
    async fn it_is_looked_in_the_end_although_nobody_tells() {
        let (sender, news) = news();
        let mut one = news.listen(checkout("1"));
        sender.send(about("2")).unwrap();
        one.something_happened(Duration::ZERO).await;
    }

    #[tokio::test]
    async fn nothing_is_kept_of_who_left() {
        let (_, news) = news();
        let (one, too) = (news.listen(checkout("1")), news.listen(checkout("1")));
        drop(one);
        assert_eq!(news.listened.lock().len(), 1);
        drop(too);
        assert!(news.listened.lock().is_empty());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_those_who_left_at_the_same_time() {
        let (_, news) = news();
        for _ in 0..2_000 {
            let both = [news.listen(checkout("1")), news.listen(checkout("1"))];
            let together = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                for one in both {
                    let together = &together;
                    scope.spawn(move || {
                        together.wait();
                        drop(one);
                    });
                }
            });
            assert!(news.listened.lock().is_empty());
        }
    }
}
