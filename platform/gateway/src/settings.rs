//! What can be set about the gateway.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::{listeners::Listener, tls::Pair};

/// Two years, the least that the preload lists take.
const HSTS_SECONDS: u64 = 63_072_000;
use crate::rates::{Network, Rule};

/// The gateway's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where requests from outside are accepted. Since v0.1.
    pub listen: SocketAddr,
    /// The certificates of TLS where requests from outside are accepted; none for plain HTTP. Since v0.1.
    pub certificates: Vec<Pair>,
    /// Whether HTTP/2 is taken there without TLS too. Since v0.1.
    pub h2c: bool,
    /// A certificate that is obtained for it, besides; none when absent. Since v0.1.
    pub acme: Option<Acme>,
    /// Where plain requests are led to https; nowhere when absent. Since v0.1.
    pub redirect: Option<Redirect>,
    /// Seconds for which browsers are told to use https only; not told when zero. Since v0.1.
    pub hsts_seconds: u64,
    /// TLS of every listener. Since v0.1.
    pub tls: Tls,
    /// HTTP/2 of every listener. Since v0.1.
    pub http2: Http2,
    /// Where `/health`, `/ready` and `/metrics` are answered; none when absent. Since v0.1.
    pub admin: Option<SocketAddr>,
    /// The route file; none when absent. Since v0.1.
    pub routes: Option<PathBuf>,
    /// Folder in which the route files that were in force are kept; none when absent. Since v0.1.
    pub routes_history: Option<PathBuf>,
    /// Threads, each with its own listener, connections and pool; one for each core when absent. Since v0.1.
    pub workers: Option<usize>,
    /// Whether people reach the gateway by https, here or through something in front of it that ends TLS. Decides the
    /// cookie's name and, for plain connections of a gateway without certificates, `x-forwarded-proto` and
    /// Strict-Transport-Security. Since v0.1.
    pub https: bool,
    /// Proxies in front of the gateway, whose `x-forwarded-for` is believed. Since v0.1.
    pub trusted_proxies: Vec<Network>,
    /// How often a request is tried on another node after it failed on one. Since v0.1.
    pub retries_max: u32,
    /// Bounds. Since v0.1.
    pub limits: Limits,
    /// Times. Since v0.1.
    pub timeouts: Timeouts,
    /// Connections to the services, for each worker. Since v0.1.
    pub pool: mesh::pool::Settings,
    /// Callers remembered. Since v0.1.
    pub callers: Callers,
    /// How many requests may come. Since v0.1.
    pub rates: Rates,
    /// Most bytes of answers kept for everybody; 0 keeps none. Since v0.1.
    pub cache_bytes_max: u64,
    /// Whether answers are compressed for clients that like it. Since v0.1.
    pub compression: bool,
    /// The access log. Since v0.1.
    pub access_log: AccessLog,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            certificates: Vec::new(),
            acme: None,
            h2c: false,
            redirect: None,
            hsts_seconds: HSTS_SECONDS,
            tls: Tls::default(),
            http2: Http2::default(),
            admin: None,
            routes: None,
            routes_history: None,
            workers: None,
            https: false,
            trusted_proxies: Vec::new(),
            retries_max: 2,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            pool: mesh::pool::Settings::default(),
            callers: Callers::default(),
            rates: Rates::default(),
            cache_bytes_max: 64 << 20,
            compression: true,
            access_log: AccessLog::default(),
        }
    }
}

impl Settings {
    /// Returns how many threads serve.
    pub fn worker_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.workers.unwrap_or_else(cores).max(1)
    }

    /// Returns whether plain connections come from something in front of the gateway that ends TLS.
    pub(crate) fn tls_ends_before(&self) -> bool {
        self.https && self.certificates.is_empty()
    }

    /// Returns the listeners that are there whatever the route file says.
    pub(crate) fn listeners(&self) -> Vec<Listener> {
        let (certificates, h2c) = (self.certificates.clone(), self.h2c);
        let main = Listener { certificates, h2c, ..Listener::plain("main", self.listen) };
        let redirect = self.redirect.map(|redirect| Listener {
            redirect_to_https: Some(redirect.port),
            ..Listener::plain("redirect", redirect.listen)
        });
        [main].into_iter().chain(redirect).collect()
    }
}

/// A listener that leads everybody to https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// Where it listens. Since v0.1.
    pub listen: SocketAddr,
    /// The port of https as browsers know it. Since v0.1.
    pub port: u16,
}

/// Most hosts of one certificate, as directories allow.
pub(crate) const ACME_HOSTS_MAX: usize = 100;

/// A certificate that is obtained from an ACME directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acme {
    /// The address of the directory, by https. Since v0.1.
    pub directory: String,
    /// Whom the directory may write to, an address of mail; nobody when empty. Since v0.1.
    pub contact: String,
    /// The hosts that the certificate is for. Since v0.1.
    pub hosts: Vec<String>,
    /// Folder of the account's key and of the certificate. Since v0.1.
    pub folder: PathBuf,
    /// The file of the authorities that may vouch for the directory; those of the machine when absent. Since v0.1.
    pub authorities: Option<PathBuf>,
    /// Longest wait after the first try that failed, in milliseconds, which doubles with each; and least time between two
    /// certificates. Since v0.1.
    pub retry_ms: u64,
    /// Longest wait after any try that failed, in milliseconds. Since v0.1.
    pub retry_ms_max: u64,
}

impl Default for Acme {
    fn default() -> Self {
        Self {
            directory: String::new(),
            contact: String::new(),
            hosts: Vec::new(),
            folder: PathBuf::new(),
            authorities: None,
            // Directories allow few failures within an hour.
            retry_ms: 5 * 60_000,
            retry_ms_max: 12 * 60 * 60_000,
        }
    }
}

/// TLS of every listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// How long a handshake may take, in milliseconds; waiting for its turn is part of it. Since v0.1.
    pub handshake_ms: u64,
    /// Most handshakes at the same time, each of which takes a millisecond or so of a core. Since v0.1.
    pub handshakes_max: usize,
}

impl Default for Tls {
    fn default() -> Self {
        Self { handshake_ms: 10_000, handshakes_max: 1_024 }
    }
}

/// Bounds of a connection that speaks HTTP/2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http2 {
    /// Most requests under way at the same time. Since v0.1.
    pub streams_max: u32,
    /// Bytes of one request's body that may be on their way or wait, and of one answer's. Since v0.1.
    pub stream_window_bytes: u32,
    /// Bytes of all of its requests' bodies that may be on their way or wait. Since v0.1.
    pub connection_window_bytes: u32,
    /// Most frames within half a second that carry nothing, such as PING and SETTINGS. Since v0.1.
    pub control_frames_max: u32,
    /// Most requests within half a second that the client takes back. Since v0.1.
    pub resets_max: u32,
}

impl Default for Http2 {
    fn default() -> Self {
        Self {
            streams_max: 128,
            stream_window_bytes: 256 << 10,
            connection_window_bytes: 1 << 20,
            control_frames_max: 1_000,
            resets_max: 200,
        }
    }
}

/// Bounds of what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest request head, in bytes. Since v0.1.
    pub head_bytes_max: usize,
    /// Most header lines. Since v0.1.
    pub headers_max: usize,
    /// Largest request body, in bytes, where a route has no limit of its own. Since v0.1.
    pub body_bytes_max: u64,
    /// Largest request body kept in memory so that it can be sent again, in bytes. Since v0.1.
    pub replay_bytes_max: u64,
    /// Most connections from outside. Since v0.1.
    pub connections_max: usize,
    /// Most requests under way. Since v0.1.
    pub requests_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 100,
            body_bytes_max: 2 << 30,
            replay_bytes_max: 64 << 10,
            connections_max: 20_000,
            requests_max: 10_000,
        }
    }
}

/// How long things may take, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// A request head, from its first byte to its last. Since v0.1.
    pub head_ms: u64,
    /// A connection without a request, and a client that takes nothing of its answer. Since v0.1.
    pub idle_ms: u64,
    /// A service that has the whole request but sends no answer, and a client that sends nothing more of its body.
    /// Since v0.1.
    pub response_ms: u64,
    /// A service that sends nothing more of its answer. Since v0.1.
    pub stream_idle_ms: u64,
    /// The requests under way when the gateway stops. Since v0.1.
    pub drain_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { head_ms: 10_000, idle_ms: 75_000, response_ms: 60_000, stream_idle_ms: 300_000, drain_ms: 25_000 }
    }
}

/// How many requests may come, and who is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// The limits that hold whatever the route. Since v0.1.
    pub rules: Vec<Rule>,
    /// Addresses that are not counted by address. Since v0.1.
    pub exempt: Vec<Network>,
    /// Most buckets kept in memory. Since v0.1.
    pub buckets_max: usize,
}

impl Default for Rates {
    fn default() -> Self {
        Self { rules: Vec::new(), exempt: Vec::new(), buckets_max: 200_000 }
    }
}

/// How long it is remembered who a credential belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callers {
    /// How long, in milliseconds: how late a sign-out may take effect at other gateways. Since v0.1.
    pub kept_ms: u64,
    /// How many. Since v0.1.
    pub entries_max: usize,
}

impl Default for Callers {
    fn default() -> Self {
        Self { kept_ms: 5_000, entries_max: 50_000 }
    }
}

/// Which requests are written to the access log. Failures of ours (status 500 and up) always are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessLog {
    /// The share of the other requests, from 0 to 1. Since v0.1.
    pub sample: f64,
}

impl Default for AccessLog {
    fn default() -> Self {
        Self { sample: 0.1 }
    }
}
