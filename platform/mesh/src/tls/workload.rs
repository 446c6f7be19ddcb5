//! One service of this process as others know it: its certificate of the moment, replaced before it ends.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use crypto::{CertificateKey, base64url};
use runtime::{OnError, Shutdown, TaskKind};
use rustls::{
    SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{sync::watch, time::sleep};
use tracing::{info, warn};

use super::{CertificateRequest, Trust};
use crate::{Error, registry::Authority};

const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(10);

/// A service of this process, and the certificate by which others know it.
pub struct Workload {
    service: String,
    pub(super) trust: Arc<Trust>,
    current: ArcSwapOption<CertifiedKey>,
    issued: watch::Sender<u64>,
}

impl Workload {
    /// Returns the workload of `service`, which has no certificate yet: [`Workload::join`] gets one.
    pub fn new(service: impl Into<String>, trust: Arc<Trust>) -> Arc<Self> {
        let (current, issued) = (ArcSwapOption::empty(), watch::Sender::new(0));
        Arc::new(Self { service: service.into(), trust, current, issued })
    }

    /// Gets a certificate of `authority` now, trying until there is one, and another at half the life of each.
    pub async fn join(self: &Arc<Self>, authority: Arc<dyn Authority>, shutdown: &Shutdown) -> Result<(), Error> {
        const ROTATE: TaskKind = TaskKind::new("certificate-rotation", OnError::Stop).aborted();
        let mut issued = self.issued.subscribe();
        let workload = Arc::clone(self);
        shutdown.spawn(ROTATE, async move { workload.rotate(&*authority).await });
        tokio::select! {
            first = issued.wait_for(|issued| *issued > 0) => first.map(drop).map_err(|_| Error::Timeout),
            () = shutdown.cancelled() => Err(Error::Timeout),
        }
    }

    /// Returns how many certificates it has been given so far, and changes with each.
    pub fn issued(&self) -> watch::Receiver<u64> {
        self.issued.subscribe()
    }

    async fn rotate(&self, authority: &dyn Authority) -> Result<(), Error> {
        let mut retry = RETRY_MIN;
        loop {
            match self.renew(authority).await {
                Ok(lifetime) => {
                    retry = RETRY_MIN;
                    info!(service.name = self.service, lifetime_ms = lifetime.as_millis() as u64, "certificate is new");
                    sleep(lifetime / 2).await;
                }
                Err(
                    error @ (Error::Certificate(_) | Error::NoAuthority | Error::Refused { status: 401 | 422, .. }),
                ) => {
                    return Err(error);
                }
                Err(error) => {
                    if retry == RETRY_MIN {
                        warn!(service.name = self.service, error = %runtime::chain(&error), "no certificate, trying again");
                    }
                    sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MAX);
                }
            }
        }
    }

    /// Puts a new certificate with a new key in place of the one there is; returns how long it is good.
    pub(super) async fn renew(&self, authority: &dyn Authority) -> Result<Duration, Error> {
        let key = CertificateKey::generate()?;
        let public_key = base64url::encode(key.public_key());
        let request = CertificateRequest { service: self.service.clone(), public_key };
        let given = authority.certify(&request).await?;
        let certificate = base64url::decode(&given.certificate).ok_or(Error::BadCertificate)?;
        let pkcs8 = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
        let signing = any_ecdsa_type(&PrivateKeyDer::Pkcs8(pkcs8)).map_err(|_| Error::BadCertificate)?;
        let certified = CertifiedKey::new(vec![CertificateDer::from(certificate)], signing);
        certified.keys_match().map_err(|_| Error::BadCertificate)?;
        self.current.store(Some(Arc::new(certified)));
        self.issued.send_modify(|issued| *issued += 1);
        Ok(Duration::from_millis(given.lifetime_ms))
    }
}

impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workload({})", self.service)
    }
}

impl ResolvesServerCert for Workload {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }
}

impl ResolvesClientCert for Workload {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.current.load_full()
    }

    fn has_certs(&self) -> bool {
        self.current.load().is_some()
    }
}
