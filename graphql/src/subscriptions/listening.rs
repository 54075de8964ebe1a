//! Waiting for an event, or for the time to look anyway.

use std::time::Duration;

use proto::events::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Waits until something may have changed: an event says so, events were missed, or it was quiet for
/// long.
pub async fn something_happened(
    events: &mut Receiver<Event>,
    is_about: impl Fn(&Event) -> bool,
    at_most: Duration,
) {
    let heard = async {
        loop {
            match events.recv().await {
                Ok(event) if is_about(&event) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                // Nobody tells any more: only looking is left.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Running out of time is a reason to look, too.
    let _ = tokio::time::timeout(at_most, heard).await;
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast;

    use super::*;

    /// Long enough to never pass in a test.
    const LONG: Duration = Duration::from_secs(3_600);

    fn about(id: &str) -> Event {
        Event { aggregate_id: id.to_owned(), ..Event::default() }
    }

    fn is_first(event: &Event) -> bool {
        event.aggregate_id == "1"
    }

    #[tokio::test]
    async fn an_event_of_it_and_missed_events_are_reasons_to_look() {
        let (sender, mut events) = broadcast::channel(2);
        sender.send(about("2")).unwrap();
        sender.send(about("1")).unwrap();
        something_happened(&mut events, is_first, LONG).await;
        for _ in 0..3 {
            sender.send(about("2")).unwrap();
        }
        something_happened(&mut events, is_first, LONG).await;
    }

    #[tokio::test]
    async fn it_is_looked_in_the_end_although_nobody_tells() {
        let (sender, mut events) = broadcast::channel(2);
        sender.send(about("2")).unwrap();
        something_happened(&mut events, is_first, Duration::ZERO).await;
        drop(sender);
        something_happened(&mut events, is_first, Duration::ZERO).await;
    }
}
