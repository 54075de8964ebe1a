//! The body of a request, which must keep coming: a client that sends one byte now and then would
//! hold its connection, and what waits for the body, for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};

/// How long a body may take before its speed is looked at.
const PATIENCE: Duration = Duration::from_secs(15);
/// How fast it must be afterwards, on the average from its beginning: 8 KiB a second.
const TIME_OF_KIBIBYTE: Duration = Duration::from_millis(125);

/// A body that fails when it comes too slowly.
pub(crate) struct SteadyBody {
    body: Incoming,
    begun: Instant,
    received: usize,
    /// Set when somebody first waits for the body: until then its slowness is not the client's.
    until: Option<Pin<Box<Sleep>>>,
}

impl SteadyBody {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, begun: Instant::now(), received: 0, until: None }
    }

    fn deadline(&self) -> Instant {
        let kibibytes = u32::try_from(self.received / 1_024).unwrap_or(u32::MAX);
        self.begun + PATIENCE + TIME_OF_KIBIBYTE.saturating_mul(kibibytes)
    }
}

impl Body for SteadyBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some(Ok(frame)) = &frame {
                    this.received += frame.data_ref().map_or(0, Bytes::len);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                if this.until.is_none() {
                    this.begun = Instant::now();
                    this.until = Some(Box::pin(sleep(PATIENCE)));
                }
                let deadline = this.deadline();
                let Some(until) = &mut this.until else { return Poll::Pending };
                if until.deadline() != deadline {
                    until.as_mut().reset(deadline);
                }
                let slow = || io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly");
                until.as_mut().poll(context).map(|()| Some(Err(slow().into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
