//! Counts and times calls between services, where they are made: in memory and over the network
//! alike.
//!
//! The code of a call that succeeds comes in the trailers, after the answer's body; so a call ends
//! with its body. One whose caller stopped listening counts as cancelled.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Response, Uri};
use http_body::{Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};

/// A call that is not ended. Dropped, it is counted as cancelled.
pub(crate) struct Call {
    path: String,
    begun: Instant,
    counted: bool,
}

impl Call {
    /// Begins to time the call of a method, `/chonoi.orders.Orders/GetOrder`.
    pub(crate) fn begin(uri: &Uri) -> Self {
        Self { path: uri.path().to_owned(), begun: Instant::now(), counted: false }
    }

    /// Notes a failure now, and the code of an answer when its body ends.
    pub(crate) fn answered(
        mut self,
        answer: Result<Response<Body>, Status>,
    ) -> Result<Response<Body>, Status> {
        match answer {
            Ok(response) => {
                if let Some(status) = Status::from_header_map(response.headers()) {
                    self.end(status.code());
                    return Ok(response);
                }
                Ok(response.map(|body| Body::new(Counted { body, call: self })))
            }
            Err(status) => {
                self.end(status.code());
                Err(status)
            }
        }
    }

    fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.counted, true) {
            return;
        }
        let (service, method) = names(&self.path);
        let labels = [("service", service.to_owned()), ("method", method.to_owned())];
        metrics::histogram!("grpc_request_seconds", &labels).record(self.begun.elapsed());
        metrics::counter!(
            "grpc_requests_total",
            "service" => service.to_owned(),
            "method" => method.to_owned(),
            "code" => name_of(code)
        )
        .increment(1);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

/// Service and method of a path: `orders` and `GetOrder` of `/chonoi.orders.Orders/GetOrder`.
fn names(path: &str) -> (&str, &str) {
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or(("", path));
    let package = service.rsplit_once('.').map_or(service, |(package, _)| package);
    (package.rsplit_once('.').map_or(package, |(_, last)| last), method)
}

/// The codes by their names in the gRPC specification.
const fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The body of an answer, which ends its call.
struct Counted {
    body: Body,
    call: Call,
}

impl Counted {
    fn trailers(&mut self, trailers: &HeaderMap) {
        let code = Status::from_header_map(trailers).map_or(Code::Unknown, |status| status.code());
        self.call.end(code);
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.trailers(trailers);
                }
            }
            Some(Err(status)) => this.call.end(status.code()),
            None => this.call.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_service_and_method() {
        assert_eq!(names("/chonoi.orders.Orders/GetOrder"), ("orders", "GetOrder"));
        assert_eq!(names("/Health/Check"), ("Health", "Check"));
        assert_eq!(names("nothing"), ("", "nothing"));
    }
}
