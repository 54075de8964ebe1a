//! A small TCP proxy between a part of the market and what it needs: it passes all on, slowly, not at all, or
//! breaks off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What is done with what comes.
#[derive(Clone, Copy, Debug, Default)]
struct Orders {
    /// Everything waits for so long.
    pause: Duration,
    /// Nothing is passed on; it waits.
    stalled: bool,
    /// Nothing of earlier connections is ever passed on, and they stay open: as if the other machine were gone.
    hung_before: u64,
    /// Earlier connections are closed.
    closed_before: u64,
}

/// The proxy; it ends with its test.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    orders: watch::Sender<Orders>,
    connections: watch::Receiver<u64>,
}

impl Proxy {
    /// Listens on a port of its own.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let target = Arc::new(AtomicU16::new(0));
        let (orders, obeyed) = watch::channel(Orders::default());
        let (counter, connections) = watch::channel(0);
        tokio::spawn(serve(listener, Arc::clone(&target), obeyed, counter));
        Ok(Self { port, target, orders, connections })
    }

    /// Passes on to a port of this machine; gives the proxy's own.
    pub fn before(&self, port: u16) -> u16 {
        self.target.store(port, Ordering::SeqCst);
        self.port
    }

    /// Passes on what comes, so much later.
    pub fn pass(&self, pause: Duration) {
        self.orders.send_modify(|orders| {
            orders.pause = pause;
            orders.stalled = false;
        });
    }

    /// Passes nothing on until it is told to.
    pub fn stall(&self) {
        self.orders.send_modify(|orders| orders.stalled = true);
    }

    /// Never passes anything on of the connections that there are; new ones are as good as ever.
    pub fn hang(&self) {
        let connections = *self.connections.borrow();
        self.orders.send_modify(|orders| orders.hung_before = connections);
    }

    /// Closes the connections that there are; new ones are as good as ever.
    pub fn break_off(&self) {
        let connections = *self.connections.borrow();
        self.orders.send_modify(|orders| orders.closed_before = connections);
    }
}

async fn serve(
    listener: TcpListener,
    target: Arc<AtomicU16>,
    orders: watch::Receiver<Orders>,
    counter: watch::Sender<u64>,
) {
    while let Ok((near, _)) = listener.accept().await {
        let number = *counter.borrow();
        counter.send_replace(number + 1);
        let (port, orders) = (target.load(Ordering::SeqCst), orders.clone());
        tokio::spawn(async move {
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            if near.set_nodelay(true).is_err() || far.set_nodelay(true).is_err() {
                return;
            }
            let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
            let mut told = orders.clone();
            let closed = async move {
                let _ = told.wait_for(|orders| number < orders.closed_before).await.is_ok();
            };
            // Where one direction ends, or it is told to close, both sockets are closed.
            tokio::select! {
                _ = carry(number, from_near, to_far, orders.clone()) => {}
                _ = carry(number, from_far, to_near, orders) => {}
                () = closed => {}
            }
        });
    }
}

/// Passes on in one direction, as it is told.
async fn carry(
    number: u64,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut orders: watch::Receiver<Orders>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1_024];
    loop {
        let count = from.read(&mut buffer).await?;
        let passes = |orders: &Orders| !orders.stalled && number >= orders.hung_before;
        let Ok(pause) = orders.wait_for(passes).await.map(|orders| orders.pause) else {
            return Ok(());
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}
