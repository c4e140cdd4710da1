//! One router on HTTP/1.1, HTTP/2 and HTTP/3, TCP and UDP on one port number.
//!
//! Everything that a stranger can hold is bounded here: connections, streams, windows,
//! header sections, bodies, and the time for each. An error ends the connection or the
//! stream that made it and nothing else.

mod activity;
mod body;
mod counts;
mod exchange;
mod frame;
mod limits;
mod problem;
mod quic;
mod tcp;
mod transport;

pub use body::BodyFault;
pub use counts::{Count, Counts};
pub use limits::{Limits, RequestLimits, raise};
pub use problem::Named;
pub(crate) use problem::is_oauth;

use crate::shutdown::Shutdown;
use crate::tls::ListenerTls;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use exchange::Gate;
use http::HeaderValue;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Where a request came from: a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// Cancelled when the node begins to stop: a request extension. An answer that would go on
/// for ever, such as a stream of events, ends then.
#[derive(Clone, Debug)]
pub struct Draining(pub CancellationToken);

/// Code, locus, title and help of every problem that a listener tells by itself, for the
/// pages that their `type` resolves to.
#[must_use]
pub fn problems() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    problem::Problem::ALL.into_iter().map(problem::Problem::texts).collect()
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindFault {
    /// Another process has it.
    #[error(
        "{transport} {address} is in use by another process: stop that one, or set another port \
         in listeners.{listener}"
    )]
    InUse {
        /// Which listener.
        listener: &'static str,
        /// TCP or UDP.
        transport: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// The system does not give it, for instance a port below 1024.
    #[error("cannot listen on {transport} {address} (listeners.{listener}): {source}")]
    Refused {
        /// Which listener.
        listener: &'static str,
        /// TCP or UDP.
        transport: &'static str,
        /// The address.
        address: SocketAddr,
        /// The system's words.
        source: std::io::Error,
    },
    /// No address is configured.
    #[error("listeners.{0} has no address")]
    NoAddress(&'static str),
}

/// Sockets that are bound and not served yet.
#[derive(Debug)]
pub struct BoundListener {
    name: &'static str,
    port: u16,
    sockets: Vec<(std::net::TcpListener, std::net::UdpSocket)>,
}

// Port 0 asks the system for a free TCP port; its UDP twin may be taken, so try a few.
const PORT_TRIES: usize = 32;

/// Binds TCP and UDP on every address. `name` is the listener's: `web`, `partner` or
/// `operators`. Port 0 means one free port number for all of them.
///
/// # Errors
/// When an address is in use or not to be had, or there is none.
pub fn bind(name: &'static str, addresses: &[SocketAddr]) -> Result<BoundListener, BindFault> {
    let first = addresses.first().ok_or(BindFault::NoAddress(name))?;
    let mut tries = if first.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        match bind_all(name, addresses) {
            Err(BindFault::InUse { .. }) if tries > 0 => {}
            outcome => return outcome,
        }
    }
}

fn bind_all(listener: &'static str, addresses: &[SocketAddr]) -> Result<BoundListener, BindFault> {
    let mut sockets = Vec::new();
    let mut chosen = None;
    for address in addresses {
        let mut address = *address;
        if let (0, Some(port)) = (address.port(), chosen) {
            address.set_port(port);
        }
        let fault = |transport, address, source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AddrInUse => BindFault::InUse { listener, transport, address },
            _ => BindFault::Refused { listener, transport, address, source },
        };
        let tcp = std::net::TcpListener::bind(address).map_err(|e| fault("TCP", address, e))?;
        let address = tcp.local_addr().map_err(|e| fault("TCP", address, e))?;
        let udp = std::net::UdpSocket::bind(address).map_err(|e| fault("UDP", address, e))?;
        let nonblocking = tcp.set_nonblocking(true).and_then(|()| udp.set_nonblocking(true));
        nonblocking.map_err(|e| fault("TCP", address, e))?;
        chosen = chosen.or(Some(address.port()));
        sockets.push((tcp, udp));
    }
    let port = chosen.ok_or(BindFault::NoAddress(listener))?;
    Ok(BoundListener { name: listener, port, sockets })
}

impl BoundListener {
    /// The port number of all its sockets.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses as bound.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|(tcp, _)| tcp.local_addr().ok()).collect()
    }

    /// Serves the router until the shutdown drains; its tasks are the shutdown's, so that
    /// [`Shutdown::drain`] waits for them. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the runtime cannot take the sockets.
    pub fn serve(
        self,
        router: Router,
        tls: &ListenerTls,
        limits: Limits,
        shutdown: &Shutdown,
    ) -> std::io::Result<Arc<Counts>> {
        let counts = Arc::new(Counts::new(self.name));
        let place = Place::new(limits.connections, counts.clone());
        let alt_svc = format!("h3=\":{}\"; ma=86400", self.port);
        let gate = Arc::new(Gate {
            // Bodies are bounded before axum sees them, and by route.
            router: router.layer(DefaultBodyLimit::disable()),
            limits,
            counts: counts.clone(),
            alt_svc: HeaderValue::try_from(alt_svc).map_err(std::io::Error::other)?,
            draining: Draining(shutdown.draining().clone()),
        });
        let acceptor = tokio_rustls::TlsAcceptor::from(tls.tcp.clone());
        for (tcp, udp) in self.sockets {
            let tcp = tokio::net::TcpListener::from_std(tcp)?;
            let (gate, place) = (gate.clone(), place.clone());
            let endpoint = quinn::Endpoint::new(
                quinn::EndpointConfig::default(),
                Some(quic::server_config(tls, &gate)),
                udp,
                Arc::new(quinn::TokioRuntime),
            )?;
            shutdown.spawn(quic::accept(endpoint, gate.clone(), place.clone(), shutdown.clone()));
            shutdown.spawn(tcp::accept(tcp, acceptor.clone(), gate, place, shutdown.clone()));
        }
        Ok(counts)
    }
}

/// Room for connections.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    seats: Arc<Semaphore>,
    all: usize,
    counts: Arc<Counts>,
}

/// One connection's room, given back when dropped.
pub(crate) struct Seat {
    _permit: OwnedSemaphorePermit,
    counts: Arc<Counts>,
}

impl Place {
    fn new(seats: usize, counts: Arc<Counts>) -> Self {
        let all = seats.min(Semaphore::MAX_PERMITS);
        Self { seats: Arc::new(Semaphore::new(all)), all, counts }
    }

    pub(crate) fn take(&self) -> Option<Seat> {
        let permit = self.seats.clone().try_acquire_owned().ok()?;
        self.counts.connections_open.increment(1);
        Some(Seat { _permit: permit, counts: self.counts.clone() })
    }

    /// Whether more than half of the seats are taken.
    pub(crate) fn is_crowded(&self) -> bool {
        self.seats.available_permits() < self.all / 2
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.counts.connections_open.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_for_all() {
        let both: Vec<SocketAddr> =
            vec!["[::1]:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()];
        let bound = bind("web", &both).unwrap();
        let addresses = bound.addresses();
        assert_eq!(addresses.len(), 2);
        assert!(addresses.iter().all(|address| address.port() == bound.port()));
        let again = bind("partner", &addresses[..1]).unwrap_err();
        assert!(matches!(again, BindFault::InUse { address, .. } if address == addresses[0]));
        assert!(again.to_string().contains("listeners.partner"), "{again}");
        assert!(matches!(bind("web", &[]), Err(BindFault::NoAddress("web"))));
    }
}
