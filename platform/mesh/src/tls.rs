//! Mutual TLS between the processes of an installation: each end knows which service the other is.
//!
//! Owns the names of workloads, who may call whom, and the certificates of this process while they are good. Never lets
//! in whom the installation's own authority did not name, and never resumes a session: every connection shows who it is.
//! Start reading at [`Workload`], then [`Dialer`], who calls, and [`Acceptor`], who is called. A certificate is good for
//! [`LIFETIME`] and replaced at half of it; connections that stand go on, new ones use the new one.

mod acceptor;
pub(crate) mod dialer;
mod stream;
mod trust;
mod workload;

use std::{sync::Arc, time::Duration};

use base::{Clock, Timestamp};
use crypto::{CertificateAuthority, base64url, certificate};
use serde::{Deserialize, Serialize};

pub use self::{
    acceptor::{Acceptor, Admits, Listener},
    dialer::{Dialer, Secure},
    stream::Stream,
    trust::Trust,
    workload::Workload,
};

/// How long a certificate is good.
pub const LIFETIME: Duration = Duration::from_hours(1);
/// The purpose for which the authority's key is derived from the root secret.
pub const PURPOSE: &str = "mesh certificate authority";
/// The service that the registry itself is.
pub const REGISTRY: &str = "registry";
/// The namespace of all workloads.
const NAMESPACE: &str = "fpms";

/// What a process asks of the authority.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// The service that it is.
    pub service: String,
    /// Its public key, in base64url.
    pub public_key: String,
}

/// What it is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The certificate (DER), in base64url.
    pub certificate: String,
    /// How long it is good from now, in milliseconds.
    pub lifetime_ms: u64,
}

/// Names the workloads of one installation; in the processes that have the registry.
pub struct Issuing {
    authority: CertificateAuthority,
    domain: String,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
}

impl Issuing {
    /// Returns what issues certificates of `domain` by `authority`.
    pub fn new(authority: CertificateAuthority, domain: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { authority, domain: domain.into(), clock, lifetime: LIFETIME }
    }

    /// Returns the same with certificates that are good for `lifetime`.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Issues a certificate.
    pub fn issue(&self, request: &CertificateRequest) -> Result<Certificate, certificate::Error> {
        let key = base64url::decode(&request.public_key).ok_or(certificate::Error::PublicKey)?;
        if !crate::node::is_service_name(&request.service) {
            return Err(certificate::Error::Name);
        }
        let uri = uri(&self.domain, &request.service);
        let now: Timestamp = self.clock.now();
        let certificate = self.authority.issue(&key, &uri, now, self.lifetime)?;
        let lifetime_ms = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
        Ok(Certificate { certificate: base64url::encode(certificate), lifetime_ms })
    }
}

/// Returns the SPIFFE id of `service` in `domain`.
pub fn uri(domain: &str, service: &str) -> String {
    format!("spiffe://{domain}/ns/{NAMESPACE}/sa/{service}")
}

#[cfg(test)]
mod tests;
