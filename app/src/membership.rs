//! What makes a process one of the installation's: the secret it shows, and who it is to the others.
//!
//! Owns the certificates of this process and what they are made from. Never decides who may call whom: that is the table
//! [`CALLS`](crate::node_roles::CALLS). Start reading at [`Membership::of`].

use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use base::Clock;
use crypto::{CertificateAuthority, Keyring};
use mesh::{
    registry::{
        Authority, Registry,
        client::Remote,
        server::{Access, Secret},
    },
    tls::{self, Acceptor, Admits, Dialer, Issuing, Trust, Workload},
};
use runtime::{Shutdown, clock::SystemClock};

use crate::{
    node_roles::callers,
    settings::{Mesh, Protection},
};

/// What the secret is derived for that nodes show each other.
const SECRET_PURPOSE: &str = "registry";
/// Who a process is that calls no service: enough to be heard by the registry.
const NODE: &str = "node";

/// What makes a process one of the installation's.
pub struct Membership {
    secret: Secret,
    consul: Option<Secret>,
    domain: String,
    keyring: Keyring,
    /// In whose certificates it believes; none where processes show each other nothing.
    trust: Option<Arc<Trust>>,
    caller: OnceLock<&'static str>,
}

impl Membership {
    /// Returns that of a process with these settings and this root secret.
    pub fn of(settings: &Mesh, keyring: &Keyring) -> Result<Self> {
        let protected = match settings.protection {
            Protection::Auto => settings.registry.port() != 0,
            Protection::Always => true,
            Protection::Never => false,
        };
        let domain = settings.trust_domain.as_str().to_owned();
        let trust = || {
            let authorities = CertificateAuthority::derive(keyring, tls::PURPOSE)?;
            anyhow::Ok(Trust::new(&authorities, domain.clone(), wall_clock())?)
        };
        let trust = protected.then(trust).transpose().context("preparing the certificates of the mesh")?;
        Ok(Self {
            secret: joining(keyring),
            consul: settings.consul_token.expose().map(Secret::new),
            domain,
            keyring: keyring.clone(),
            trust,
            caller: OnceLock::new(),
        })
    }

    /// Sets as whom this process calls services. A second call changes nothing.
    pub fn call_as(&self, role: &'static str) {
        let _ = self.caller.set(role);
    }

    /// Returns whether processes show each other who they are.
    pub fn is_shown(&self) -> bool {
        self.trust.is_some()
    }

    /// Returns the registry that the settings name, as one of the installation's processes sees it.
    pub async fn registry(&self, settings: &Mesh, shutdown: &Shutdown) -> Arc<dyn Authority> {
        let others = settings.registries.get().iter().copied().filter(|other| *other != settings.registry);
        let addresses: Vec<_> = std::iter::once(settings.registry).chain(others).collect();
        let Some(trust) = &self.trust else {
            return Remote::new(&addresses, Some(&self.secret));
        };
        let workload = Workload::new(NODE, Arc::clone(trust));
        let remote = Remote::over(&addresses, Some(&self.secret), Some(&Dialer::new(Arc::clone(&workload))));
        if let Err(error) = workload.join(Arc::clone(&remote) as _, shutdown).await {
            tracing::error!(error = %runtime::chain(&error), "this process has no certificate");
        }
        remote
    }

    /// Makes `registry` the one that names the installation's nodes, and returns who is let in.
    pub async fn host(&self, registry: &Arc<Registry>, shutdown: &Shutdown) -> Result<Access> {
        let mut access = Access { nodes: Some(self.secret.clone()), consul: self.consul.clone(), acceptor: None };
        if let Some(trust) = &self.trust {
            let authorities = CertificateAuthority::derive(&self.keyring, tls::PURPOSE)?;
            let authority = authorities.into_iter().next().context("a keyring without a root")?;
            let workload = Workload::new(tls::REGISTRY, Arc::clone(trust));
            registry.protect(Issuing::new(authority, self.domain.clone(), wall_clock()), Arc::clone(&workload));
            workload.join(Arc::clone(registry) as _, shutdown).await?;
            access.acceptor = Some(Acceptor::new(workload, Admits::AnyOrNobody)?);
        }
        Ok(access)
    }

    /// Returns what takes connections for `service` from those that may call it; none where anybody may.
    pub async fn acceptor(
        &self,
        service: &'static str,
        authority: Arc<dyn Authority>,
        shutdown: &Shutdown,
    ) -> Result<Option<Acceptor>> {
        let Some(workload) = self.workload(service, authority, shutdown).await? else {
            return Ok(None);
        };
        let admits = Admits::Only(callers(service).map(str::to_owned).collect());
        Ok(Some(Acceptor::new(workload, admits)?))
    }

    /// Returns what connects to services in the name of the role that calls them; none where nobody asks who calls.
    pub async fn dialer(&self, authority: Arc<dyn Authority>, shutdown: &Shutdown) -> Option<Arc<Dialer>> {
        let caller = self.caller.get().copied().unwrap_or(NODE);
        match self.workload(caller, authority, shutdown).await {
            Ok(workload) => workload.map(Dialer::new),
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "this process cannot show who calls");
                None
            }
        }
    }

    async fn workload(
        &self,
        service: &str,
        authority: Arc<dyn Authority>,
        shutdown: &Shutdown,
    ) -> Result<Option<Arc<Workload>>> {
        let Some(trust) = &self.trust else {
            return Ok(None);
        };
        let workload = Workload::new(service, Arc::clone(trust));
        let joined = workload.join(authority, shutdown).await;
        joined.with_context(|| format!("getting a certificate for `{service}`"))?;
        Ok(Some(workload))
    }
}

/// Returns what nodes of an installation show each other to be let in.
fn joining(keyring: &Keyring) -> Secret {
    let others = keyring.shared_secrets(SECRET_PURPOSE).into_iter().map(|other| other.expose().to_owned());
    Secret::new(keyring.shared_secret(SECRET_PURPOSE).expose()).or(others)
}

/// Certificates go by the time of day that other processes have, whatever clock this one's work is held to.
fn wall_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
