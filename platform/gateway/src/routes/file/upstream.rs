//! A place outside of the installation, as the route file says it.

use std::{net::SocketAddr, path::PathBuf};

use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};

use crate::tls::Pair;

/// A place outside of the installation, with the same pool and balance as a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) addresses: Vec<SocketAddr>,
    #[serde(default)]
    pub(crate) protocol: Protocol,
    /// Who it must be; requests go to it unprotected when not said.
    pub(crate) tls: Option<Security>,
}

/// What an upstream speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// HTTP/1.1, as our own services do.
    #[default]
    Http1,
    /// HTTP/2 from its first byte on; gRPC needs it.
    Http2,
}

/// Who a place must be, and who we are to it. It cannot be said that it may be anybody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Security {
    /// The name or address that its certificate must hold, and by which it is asked for.
    pub(crate) server_name: String,
    /// The file of the authorities that may vouch for it; those of this machine when not said.
    pub(crate) authorities: Option<PathBuf>,
    /// What is shown to it when it asks who we are.
    pub(crate) certificate: Option<Pair>,
}

impl Upstream {
    pub(super) fn check(&self, twice: bool) -> Result<(), &'static str> {
        let unreachable = |address: &SocketAddr| address.port() == 0 || address.ip().is_unspecified();
        if twice {
            return Err("is there twice");
        }
        if self.addresses.is_empty() {
            return Err("has no address");
        }
        if self.addresses.iter().any(unreachable) {
            return Err("has an address that cannot be connected to");
        }
        if self.tls.as_ref().is_some_and(|tls| tls.server_name().is_none()) {
            return Err("has a `server_name` that is neither the name of a host nor an address");
        }
        Ok(())
    }
}

impl Security {
    /// Returns the name that the place must prove.
    pub(crate) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.server_name.clone()).ok()
    }
}
