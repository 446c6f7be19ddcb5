//! The role `gateway`: the way in. It asks identity who a credential belongs to, through the mesh.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use base::Id;
use bytes::Bytes;
use crypto::Secret;
use futures_util::{FutureExt, future::BoxFuture};
use gateway::{Authenticate, Authenticated, Credential, Denied, Gateway, Question, settings::Acme, tls::Pair};
use http::{HeaderValue, Method, Request, StatusCode, header};
use identity::{
    actions::identify::{Answer, Asked},
    internal::{CALLER_PATH, KEY_HEADER, shared_key},
};
use mesh::{Channel, Discovery, Node, channel::Reads, registry::announce::announce};

use crate::{
    cli::gateway::{self as cli, whereabouts},
    parts::Parts,
    settings::Settings,
};

/// Services whose routes must be known before the gateway takes requests in.
const AWAITED: &str = "identity";
/// Longest wait for them.
const AWAIT_MAX: Duration = Duration::from_secs(30);
/// Longest wait of a gateway that can do without: the services of its own process are there at once.
const AWAIT_ALONE_MAX: Duration = Duration::from_secs(1);
/// Longest wait for identity's answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Longest wait of a request for the shared counting of limits.
const SHARED_ANSWER_MAX: Duration = Duration::from_millis(20);

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let discovery = parts.discovery().await;
        let alone = stands_alone(parts, &discovery).await?;
        let identity = AskIdentity { channel: parts.channel().await, key: shared_key(&parts.keyring) };
        let running = Gateway::start(
            settings(parts),
            gateway::Parts {
                discovery,
                authenticate: Arc::new(identity),
                ambient: parts.ambient.clone(),
                health: parts.health.clone(),
                admin_key: Some(parts.keyring.shared_secret(cli::KEY_PURPOSE).expose().into()),
                shared: shared(parts)?,
            },
            &parts.shutdown,
        )?;
        parts.set_gateway(running.address);
        if !alone {
            enter(parts, running.address).await;
        }
        if let Some(admin) = running.admin {
            whereabouts::add(&parts.folder(cli::ADDRESS), admin)?;
        }
        // A port that the system chose is nothing that a link in a mail could keep.
        if parts.settings.listen.port() != 0 {
            whereabouts::write(&parts.folder(cli::PUBLIC), &parts.settings.public_address)?;
        }
        Ok(())
    }
    .boxed()
}

fn settings(parts: &Parts) -> gateway::Settings {
    let set = &parts.settings.gateway;
    let mut settings =
        gateway::Settings { listen: parts.settings.listen, https: parts.is_https(), ..gateway::Settings::default() };
    settings.certificates = certificates(&parts.settings);
    settings.acme = acme(&parts.settings);
    settings.h2c = set.h2c;
    settings.http2.streams_max = set.http2_streams_max.get() as u32;
    let redirect = |listen| gateway::settings::Redirect { listen, port: https_port(&parts.settings.public_address) };
    settings.redirect = set.redirect_listen.0.map(redirect);
    settings.hsts_seconds = set.hsts_seconds.get();
    settings.tls.handshake_ms = set.tls_handshake_seconds.get() * 1_000;
    settings.tls.handshakes_max = set.tls_handshakes_max.get() as usize;
    settings.routes = Some(set.routes.clone()).filter(|path| !path.as_os_str().is_empty());
    settings.routes_history = Some(parts.folder(cli::HISTORY));
    settings.admin = Some(set.admin);
    settings.compression = set.compression;
    settings.cache_bytes_max = set.cache_bytes_max.get();
    settings.trusted_proxies.clone_from(&set.trusted_proxies);
    settings.rates.rules.clone_from(&set.limits);
    settings.rates.exempt.clone_from(&set.limits_exempt);
    settings.limits.head_bytes_max = set.header_bytes_max.get() as usize;
    settings.limits.headers_max = set.headers_max.get() as usize;
    settings.limits.body_bytes_max = set.body_bytes_max.get();
    settings.timeouts.response_ms = set.request_timeout_seconds.get() * 1_000;
    // A little less than the node's own grace: what hangs is cut by the gateway, and not reported by the node as overdue.
    settings.timeouts.drain_ms = (set.grace_seconds.get() * 1_000).saturating_sub(1_000);
    settings
}

/// Returns the certificates of the settings, with their files looked for below the data folder.
pub(crate) fn certificates(settings: &Settings) -> Vec<Pair> {
    let below = |path: &Path| settings.data.join(path);
    let certificates = settings.gateway.certificates.iter();
    certificates.map(|pair| Pair { certificate: below(&pair.file), key: below(&pair.key) }).collect()
}

/// Returns the certificate that is to be obtained, if one is.
pub(crate) fn acme(settings: &Settings) -> Option<Acme> {
    let set = Some(&settings.gateway).filter(|set| !set.acme_directory.is_empty())?;
    Some(Acme {
        directory: set.acme_directory.clone(),
        contact: set.acme_contact.clone(),
        hosts: set.acme_hosts.clone(),
        folder: settings.data.join(cli::ACME),
        authorities: Some(&set.acme_authorities)
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| settings.data.join(path)),
        ..Acme::default()
    })
}

/// Waits for the services whose routes must be known; without them a gateway can stand alone, when nobody else can join and
/// a route file says where to go.
async fn stands_alone(parts: &Parts, discovery: &Discovery) -> Result<bool> {
    let settings = &parts.settings;
    let may = settings.mesh.registry.port() == 0 && !settings.gateway.routes.as_os_str().is_empty();
    let patience = if may { AWAIT_ALONE_MAX } else { AWAIT_MAX };
    match tokio::time::timeout(patience, discovery.wait_for(AWAITED)).await {
        Ok(()) => Ok(false),
        Err(_) if may => {
            tracing::info!("no service is here: the gateway serves the routes of its file alone");
            Ok(true)
        }
        Err(late) => Err(late).with_context(|| format!("no node of `{AWAITED}` is in the registry")),
    }
}

/// Enters the gateway in the catalogue, for operators and for Prometheus. No service calls it: where processes show who they
/// are, it is down as one that does, so that nobody speaks to it as to a service.
async fn enter(parts: &Parts, address: SocketAddr) {
    let node = Node::new(parts.node, "gateway", parts.reachable(address)).probed_at(parts.probes());
    let node = node.secured(parts.membership().is_shown());
    // The gateway serves, whether it is in the catalogue yet or not.
    drop(announce(parts.authority().await, vec![node], &parts.shutdown));
}

/// Returns the port at which browsers find https.
fn https_port(public_address: &str) -> u16 {
    let uri = public_address.parse::<http::Uri>().ok();
    uri.and_then(|uri| uri.port_u16()).unwrap_or(443)
}

/// Returns what gateways count together in, when the settings name it.
fn shared(parts: &Parts) -> Result<Option<cache::Shared>> {
    let url = parts.settings.gateway.limits_shared.expose();
    let follow = |url| cache::Shared::follow(url, SHARED_ANSWER_MAX, &parts.shutdown);
    url.map(follow).transpose().context("`gateway.limits_shared`")
}

struct AskIdentity {
    channel: Channel,
    key: Secret,
}

impl Authenticate for AskIdentity {
    fn authenticate<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Authenticated, Denied>> {
        async move {
            let bearer = matches!(question.credential, Credential::Bearer(_));
            let answer = self.ask(question).await.map_err(|error| {
                tracing::warn!(error = %format!("{error:#}"), "identity did not say who asks");
                Denied::Unavailable
            })?;
            if answer.refused && bearer {
                return Err(Denied::Credential);
            }
            Ok(Authenticated {
                token: HeaderValue::try_from(answer.token).map_err(|_| Denied::Unavailable)?,
                subject: answer.person.map(Id::uuid),
                // All zeros when nothing tells which.
                tenant: Some(answer.tenant.uuid()).filter(|tenant| !tenant.is_nil()),
                lifetime: Duration::from_secs(answer.lifetime_seconds),
            })
        }
        .boxed()
    }
}

impl AskIdentity {
    async fn ask(&self, question: Question<'_>) -> Result<Answer> {
        let (cookie, bearer) = match question.credential {
            Credential::None => (None, None),
            Credential::Cookie(value) => (Some(value.to_owned()), None),
            Credential::Bearer(value) => (None, Some(value.to_owned())),
        };
        let asked = Asked { cookie, bearer, host: Some(question.host.to_owned()) };
        // It is no GET only because a credential belongs into no address.
        let request = Request::builder()
            .method(Method::POST)
            .extension(Reads)
            .uri(CALLER_PATH)
            .header(header::CONTENT_TYPE, "application/json")
            .header(KEY_HEADER, self.key.expose())
            .body(Bytes::from(serde_json::to_vec(&asked)?))?;
        let response = self.channel.call("identity", request, ANSWER_MAX).await?;
        anyhow::ensure!(response.status() == StatusCode::OK, "identity answered {}", response.status());
        Ok(serde_json::from_slice(response.body())?)
    }
}
