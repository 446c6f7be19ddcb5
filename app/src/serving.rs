//! A service of this node on a port of its own: the kit around it, the registry told of it, drained at the end.

use std::{fmt::Debug, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use mesh::{Node, node::Route, registry::announce::announce};
use messaging::{Consumer, Messaging};
use runtime::{OnError, TaskKind};
use storage::Database;
use tokio::net::TcpListener;
use web::Service;

use crate::parts::Parts;

const SERVER: TaskKind = TaskKind::new("service-server", OnError::Stop);
const FORGETTER: TaskKind = TaskKind::new("idempotency-sweep", OnError::Log).aborted();
/// How long a node still takes requests on the connections it has after it began to leave the registry: gateways hear of it
/// within a tenth of a second, on a busy machine later, and a request that may not be repeated must not meet a connection
/// that closes.
const STILL_ASKED: Duration = Duration::from_secs(3);
/// How long a repeated request still gets the answer of the first.
const ANSWERS_KEPT: Duration = Duration::from_hours(24);
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// Serves `service` and returns once the registry knows of it.
pub(crate) async fn serve(parts: &Parts, service: Service) -> Result<()> {
    let routes = service.prefixes.iter().map(Route::new).collect();
    serve_beside(parts, service, routes, Router::new()).await
}

/// Serves `service` with these routes, and beside it what other nodes call and the gateway does not route.
pub(crate) async fn serve_beside(parts: &Parts, service: Service, routes: Vec<Route>, internal: Router) -> Result<()> {
    let name = service.name;
    let served = internal.merge(parts.kit().await?.mount(service));
    let listener = TcpListener::bind(parts.settings.mesh.address)
        .await
        .with_context(|| format!("listening on {} for `{name}`", parts.settings.mesh.address))?;
    let address = listener.local_addr()?;
    let authority = parts.authority().await;
    let acceptor = parts.membership().acceptor(name, Arc::clone(&authority), &parts.shutdown).await?;
    let secured = acceptor.is_some();
    if let Some(acceptor) = acceptor {
        let listener = Secured(mesh::tls::Listener::start(listener, acceptor, &parts.shutdown)?);
        run(parts, listener, served);
    } else {
        // Without it an answer in several pieces waits for the acknowledgement of the first.
        let plain = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        run(parts, plain, served);
    }
    let node = Node::new(parts.node, name, address).routes(routes).secured(secured).probed_at(parts.probes());
    let mut joined = announce(authority, vec![node], &parts.shutdown);
    joined.wait_for(|joined| *joined).await.with_context(|| format!("telling the registry of `{name}`"))?;
    Ok(())
}

fn run<L: Listener<Addr: Debug>>(parts: &Parts, listener: L, served: Router) {
    let end = parts.shutdown.clone();
    // Whoever is an installation by itself has no gateway elsewhere to wait for.
    let still_asked = if parts.settings.mesh.registry.port() == 0 { Duration::ZERO } else { STILL_ASKED };
    let ended = async move {
        end.cancelled().await;
        tokio::time::sleep(still_asked).await;
    };
    parts.shutdown.spawn(SERVER, async move { axum::serve(listener, served).with_graceful_shutdown(ended).await });
}

/// Connections whose other end may call.
struct Secured(mesh::tls::Listener);

impl Listener for Secured {
    type Io = mesh::tls::Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.0.accept().await {
            Some(connection) => connection,
            // The end has begun, and axum stops asking.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.0.address())
    }
}

/// Starts the relay of a service's events, its consumers, and the forgetting of old answers to idempotency keys.
pub(crate) async fn message(parts: &Parts, database: Database, consumers: Vec<Consumer>) -> Result<()> {
    parts.shutdown.spawn(FORGETTER, forget_answers(database.clone()));
    let messaging = Messaging::new(parts.bus().await?).with(database, consumers);
    messaging.start(&parts.shutdown);
    Ok(())
}

async fn forget_answers(database: Database) {
    loop {
        tokio::time::sleep(FORGET_EVERY).await;
        if let Err(error) = database.forget_answers(ANSWERS_KEPT).await {
            tracing::warn!(error = %runtime::chain(&error), service.name = database.service(), "old answers stay");
        }
    }
}
