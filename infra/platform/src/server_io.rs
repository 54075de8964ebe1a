//! A connection that must begin to speak. Until it is known whether a client speaks HTTP/1 or
//! HTTP/2, no timeout of hyper runs: a client that says nothing would hold its place for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// What a client of HTTP/2 says first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose reads fail when the first bytes do not come in time.
pub(crate) struct FirstBytes {
    stream: TcpStream,
    /// Bytes of the preface that came, and until when the rest of it must; `None` when the version
    /// is known.
    open: Option<(usize, Pin<Box<Sleep>>)>,
}

impl FirstBytes {
    pub(crate) fn new(stream: TcpStream, at_most: Duration) -> Self {
        Self { stream, open: Some((0, Box::pin(sleep(at_most)))) }
    }

    fn heard(&mut self, bytes: &[u8]) {
        if let Some((came, _)) = &mut self.open {
            let expected = PREFACE.get(*came..).unwrap_or_default();
            let compared = bytes.len().min(expected.len());
            *came += compared;
            let known = bytes.is_empty()
                || bytes.get(..compared) != expected.get(..compared)
                || *came == PREFACE.len();
            if known {
                self.open = None;
            }
        }
    }
}

impl AsyncRead for FirstBytes {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                this.heard(buffer.filled().get(before..).unwrap_or_default());
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                let Some((_, until)) = &mut this.open else { return Poll::Pending };
                until.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }
}

impl AsyncWrite for FirstBytes {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
