//! Answers to public questions, kept for a moment.
//!
//! Most requests of a market are the same few reads by people who are not signed in: the front
//! page's lists, a product that was shared. Their answers are kept as bytes for a second at most,
//! and forgotten at once when this gateway changes something or hears that something changed. What
//! depends on who asks is never kept: only queries whose every root field is public are, only for
//! callers without a session, and only answers without errors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection};
use async_graphql::{Request, Variables};
use bytes::Bytes;
use kernel::Locale;
use proto::events::Event;
use proto::events::event::Body;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::caller::Caller;

/// How old an answer may be that another process made stale.
const KEPT_FOR: Duration = Duration::from_secs(1);
/// Bytes of all answers together.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Longer answers are not kept.
const MAX_ANSWER: usize = 256 * 1024;

/// Root fields whose answers are the same for everybody.
const PUBLIC: [&str; 9] = [
    "products",
    "product",
    "search",
    "categories",
    "wards",
    "banks",
    "shop",
    "departures",
    "departure",
];
/// Mutations that change nothing that those fields show.
const QUIET: [&str; 17] = [
    "createCart",
    "addCartLine",
    "setCartLine",
    "removeCartLine",
    "signIn",
    "signOut",
    "signUp",
    "acceptTerms",
    "updateMe",
    "confirmEmail",
    "changePassword",
    "requestPasswordReset",
    "resetPassword",
    "joinWaitingList",
    "redeemTicket",
    "redeemTickets",
    "undoRedemption",
];

/// What makes two questions the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    query: String,
    operation: Option<String>,
    variables: String,
    locale: Locale,
}

/// The kept answers.
pub struct Recent {
    answers: moka::future::Cache<Question, (u64, Bytes)>,
    /// Counts what may have made answers stale.
    generation: AtomicU64,
    changes: Mutex<Receiver<Event>>,
}

impl Recent {
    /// Nothing kept yet; `changes` tells of what other services changed.
    pub fn new(changes: Receiver<Event>) -> Self {
        let answers = moka::future::Cache::builder()
            .max_capacity(MAX_BYTES)
            .weigher(|question: &Question, (_, answer): &(u64, Bytes)| {
                let bytes = question.query.len() + question.variables.len() + answer.len();
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .time_to_live(KEPT_FOR)
            .build();
        Self { answers, generation: AtomicU64::new(0), changes: Mutex::new(changes) }
    }

    /// The question, if its answer may be kept.
    pub fn question(
        caller: &Caller,
        request: &Request,
        document: &ExecutableDocument,
    ) -> Option<Question> {
        let public = caller.token.is_none()
            && !request.query.is_empty()
            && document.operations.iter().all(|(_, operation)| {
                operation.node.ty == OperationType::Query
                    && all_root_fields(operation.node.selection_set.node.items.iter(), |name| {
                        PUBLIC.contains(&name)
                    })
            });
        public.then(|| Question {
            query: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: text_of(&request.variables),
            locale: caller.locale,
        })
    }

    /// The kept answer, if it is fresh; and the generation to keep another under.
    pub async fn find(&self, question: &Question) -> (Option<Bytes>, u64) {
        self.hear();
        let generation = self.generation.load(Ordering::Acquire);
        let kept = self.answers.get(question).await;
        (kept.filter(|(own, _)| *own == generation).map(|(_, answer)| answer), generation)
    }

    /// Keeps an answer that was begun in a generation; one that is older by now does no harm.
    pub async fn keep(&self, question: Question, generation: u64, answer: Bytes) {
        if answer.len() <= MAX_ANSWER {
            self.answers.insert(question, (generation, answer)).await;
        }
    }

    /// A document was run: answers may be stale if it changed something.
    pub fn ran(&self, document: &ExecutableDocument) {
        let quiet = document.operations.iter().all(|(_, operation)| {
            operation.node.ty != OperationType::Mutation
                || all_root_fields(operation.node.selection_set.node.items.iter(), |name| {
                    QUIET.contains(&name)
                })
        });
        if !quiet {
            self.forget();
        }
    }

    fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Hears what changed since the last time.
    fn hear(&self) {
        // Who finds it locked leaves the hearing to who holds it.
        let Ok(mut changes) = self.changes.try_lock() else { return };
        loop {
            match changes.try_recv() {
                Ok(event) if changes_what_is_shown(&event) => self.forget(),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => self.forget(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }
}

const fn changes_what_is_shown(event: &Event) -> bool {
    !matches!(
        &event.body,
        None | Some(
            Body::PaymentSucceeded(_)
                | Body::PaymentClosed(_)
                | Body::CounterPaymentChanged(_)
                | Body::PaymentCameInPart(_)
        )
    )
}

fn all_root_fields<'a>(
    mut selections: impl Iterator<Item = &'a async_graphql::Positioned<Selection>>,
    allowed: impl Fn(&str) -> bool,
) -> bool {
    selections.all(|selection| match &selection.node {
        Selection::Field(field) => allowed(field.node.name.node.as_str()),
        // A fragment at the root is rare; it is not worth following.
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    })
}

fn text_of(variables: &Variables) -> String {
    // Variables of the library have string keys only: they can always be written.
    serde_json::to_string(variables).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proto::events::{PaymentSucceeded, ProductChanged};
    use tokio::sync::broadcast;

    use super::*;

    fn caller(token: Option<&str>) -> Caller {
        Caller {
            locale: Locale::Vi,
            token: token.map(ToOwned::to_owned),
            address: String::new(),
            in_process: false,
        }
    }

    fn question(text: &str, token: Option<&str>) -> Option<Question> {
        Recent::question(&caller(token), &Request::new(text), &parse_query(text).unwrap())
    }

    #[test]
    fn only_public_reads_of_nobody_are_kept() {
        assert!(
            question("{ products(first: 2) { nodes { id } } a: categories { slug } }", None)
                .is_some()
        );
        for (text, token) in [
            ("{ products(first: 2) { nodes { id } } }", Some("abc")),
            ("{ products(first: 2) { nodes { id } } me { id } }", None),
            ("{ ...F } fragment F on Query { me { id } }", None),
            ("mutation { products { id } }", None),
            ("query A { products { id } } query B { me { id } }", None),
        ] {
            assert!(question(text, token).is_none(), "{text}");
        }
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_something_changes() {
        let (sender, receiver) = broadcast::channel(8);
        let recent = Recent::new(receiver);
        let question = question("{ categories { slug } }", None).unwrap();
        let kept = async |generation| {
            recent.keep(question.clone(), generation, Bytes::from_static(b"x")).await;
        };
        let (found, generation) = recent.find(&question).await;
        assert_eq!(found, None);
        kept(generation).await;
        assert!(recent.find(&question).await.0.is_some());

        recent.ran(&parse_query("mutation { addCartLine { id } }").unwrap());
        assert!(recent.find(&question).await.0.is_some());
        recent.ran(&parse_query("mutation { setPrice { id } }").unwrap());
        assert_eq!(recent.find(&question).await.0, None);
        // What was read before the change and is kept after it is not shown.
        kept(generation).await;
        assert_eq!(recent.find(&question).await.0, None);

        let (_, generation) = recent.find(&question).await;
        kept(generation).await;
        let changed = Body::PaymentSucceeded(PaymentSucceeded::default());
        sender.send(Event { body: Some(changed), ..Event::default() }).unwrap();
        assert!(recent.find(&question).await.0.is_some());
        let changed = Body::ProductChanged(ProductChanged::default());
        sender.send(Event { body: Some(changed), ..Event::default() }).unwrap();
        assert_eq!(recent.find(&question).await.0, None);
    }
}
