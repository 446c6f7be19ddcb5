//! A certificate of our own from an ACME directory (RFC 8555): obtained, written below a folder, renewed in time.
//!
//! Owns the account, the orders and the file that listeners then read like any other. Never stops the gateway: until a
//! new certificate is there the one before is shown, at first one that we signed ourselves. Start reading at
//! `Acme::keep`; `order` is one order, `challenges` what its authority asks us for, `schedule` when, `folder` what stays.

use std::{path::PathBuf, sync::Arc, time::Duration};

use base::{Ambient, Code, Fault, Timestamp, error_codes};
use runtime::{OnError, Shutdown, TaskKind};
use tokio::time::sleep;
use tracing::{error, info};

use self::{challenges::Challenges, folder::Folder, schedule::Retry};
use crate::{metrics, settings, tls};

pub(crate) mod challenges;
mod folder;
mod order;
mod schedule;
mod transport;

error_codes! {
    /// What is to be obtained, or from whom, cannot be.
    SETTINGS = "ACM-001", Invalid;
    /// The folder of account and certificate cannot be used.
    FOLDER = "ACM-002", Unavailable;
}

/// Longest wait before it is looked again whether the certificate is due: clocks are set now and then.
const LOOK_MAX: Duration = Duration::from_hours(1);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is asked for cannot be obtained in this way.
    #[error("`{value}` {reason}")]
    Settings {
        /// What was set.
        value: String,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// The authorities of the directory cannot be read.
    #[error("the directory's authorities cannot be used")]
    Authorities(#[source] tls::Error),
    /// The folder cannot be used.
    #[error("`{}` cannot be used", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A key, a request or a certificate of our own could not be made.
    #[error("no key or request could be made")]
    Make(#[from] crypto::certificate::Error),
    /// The directory refused, or could not be asked.
    #[error("the directory did not do what was asked")]
    Directory(#[from] instant_acme::Error),
    /// The directory offers no challenge that we can meet.
    #[error("the directory does not offer http-01 for `{0}`")]
    NoChallenge(String),
    /// The directory did not find that the hosts are ours.
    #[error("the directory was not convinced: {0}")]
    Unconvinced(String),
    /// What was issued is not what was asked for.
    #[error("what was issued cannot be used: {0}")]
    Issued(String),
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Folder { .. } => &FOLDER,
            Self::Authorities(error) => error.code(),
            _ => &SETTINGS,
        }
    }
}

/// What keeps one certificate.
pub(crate) struct Acme {
    settings: settings::Acme,
    folder: Folder,
    ambient: Ambient,
    challenges: Challenges,
}

impl Acme {
    /// Makes ready what is needed, with a certificate that serves until there is one that others believe.
    pub(crate) fn open(settings: settings::Acme, ambient: Ambient) -> Result<Self, Error> {
        check(&settings)?;
        let folder = Folder::open(settings.folder.clone(), &settings.hosts, ambient.now())?;
        Ok(Self { settings, folder, ambient, challenges: Challenges::default() })
    }

    /// Returns the files of the certificate.
    pub(crate) fn pair(&self) -> tls::Pair {
        self.folder.pair()
    }

    /// Returns what is answered to the directory's authority.
    pub(crate) fn challenges(&self) -> Challenges {
        self.challenges.clone()
    }

    /// Keeps the certificate until the node stops.
    pub(crate) fn start(self, shutdown: &Shutdown) {
        const KEEP: TaskKind = TaskKind::new("gateway-acme", OnError::Log).aborted();
        let acme = Arc::new(self);
        shutdown.spawn(KEEP, async move { acme.keep().await });
    }

    async fn keep(&self) {
        let mut retry = Retry::new(&self.settings);
        let mut spread = self.chance();
        loop {
            let due = self.folder.due(&self.settings.hosts, spread);
            let wait = due.map_or(Duration::ZERO, |due| due.since(self.ambient.now()));
            if !wait.is_zero() {
                sleep(wait.min(LOOK_MAX)).await;
                continue;
            }
            match self.renew().await {
                Ok(until) => {
                    info!(certificate.hosts = ?self.settings.hosts, certificate.until = %until, "certificate was issued");
                    metrics::ACME_ORDERS.with(&["issued"]).increment();
                    (retry, spread) = (Retry::new(&self.settings), self.chance());
                    // By a clock that is wrong it may be due again at once, and would be for ever.
                    sleep(Duration::from_millis(self.settings.retry_ms)).await;
                }
                Err(error) => {
                    let again = retry.next(self.chance());
                    let (reason, again_ms) = (runtime::chain(&error), again.as_millis() as u64);
                    error!(error = reason, again_ms, "no certificate was issued, the one before stays in force");
                    metrics::ACME_ORDERS.with(&["failed"]).increment();
                    sleep(again).await;
                }
            }
        }
    }

    /// Obtains a certificate and puts it in place of the one before; returns until when it is good.
    async fn renew(&self) -> Result<Timestamp, Error> {
        let (chain, key) = order::obtain(&self.settings, &self.folder, &self.challenges).await?;
        self.folder.replace(&chain, &key, &self.settings.hosts)
    }

    /// Returns a number from 0 to 1.
    fn chance(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.ambient.bytes())) / f64::from(u32::MAX)
    }
}

/// Refuses what could never be obtained.
pub fn check(settings: &settings::Acme) -> Result<(), Error> {
    let wrong = |value: &str, reason| Error::Settings { value: value.to_owned(), reason };
    let directory = &settings.directory;
    transport::origin(directory).ok_or_else(|| wrong(directory, "is not the address of a directory, by https"))?;
    if settings.hosts.is_empty() || settings.hosts.len() > settings::ACME_HOSTS_MAX {
        return Err(wrong(directory, "is to be asked for a certificate of no host, or of more than 100"));
    }
    for host in &settings.hosts {
        if host.starts_with("*.") {
            return Err(wrong(host, "is a wildcard, whose certificate takes changes of DNS"));
        }
        let named = matches!(
            rustls::pki_types::ServerName::try_from(host.as_str()),
            Ok(rustls::pki_types::ServerName::DnsName(_))
        );
        if !named || *host != host.to_ascii_lowercase() {
            return Err(wrong(host, "is not the name of a host, in lower case"));
        }
    }
    if settings.contact.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(wrong(&settings.contact, "is not an address of mail"));
    }
    transport::trust(settings).map(drop).map_err(Error::Authorities)
}
