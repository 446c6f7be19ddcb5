//! A service of this node on a port of its own: the kit around it, the registry told of it, drained at the end.

use anyhow::{Context, Result};
use axum::Router;
use mesh::{Node, node::Route, registry::announce::announce};
use messaging::{Consumer, Messaging};
use runtime::{OnError, TaskKind};
use storage::Database;
use tokio::net::TcpListener;
use web::Service;

use crate::parts::Parts;

const SERVER: TaskKind = TaskKind::new("service-server", OnError::Stop);

/// Serves `service` and returns once the registry knows of it.
pub(crate) async fn serve(parts: &Parts, service: Service) -> Result<()> {
    let routes = service.prefixes.iter().map(Route::new).collect();
    serve_beside(parts, service, routes, Router::new()).await
}

/// Serves `service` with these routes, and beside it what other nodes call and the gateway does not route.
pub(crate) async fn serve_beside(parts: &Parts, service: Service, routes: Vec<Route>, internal: Router) -> Result<()> {
    let name = service.name;
    let router = internal.merge(parts.kit().await?.mount(service));
    let listener = TcpListener::bind(parts.settings.mesh.address)
        .await
        .with_context(|| format!("listening on {} for `{name}`", parts.settings.mesh.address))?;
    let address = listener.local_addr()?;
    let end = parts.shutdown.clone();
    parts.shutdown.spawn(SERVER, async move {
        axum::serve(listener, router).with_graceful_shutdown(async move { end.cancelled().await }).await
    });
    let node = Node::new(parts.node, name, address).routes(routes);
    let mut joined = announce(parts.authority().await, vec![node], &parts.shutdown);
    joined.wait_for(|joined| *joined).await.with_context(|| format!("telling the registry of `{name}`"))?;
    Ok(())
}

/// Starts the relay of a service's events and its consumers.
pub(crate) async fn message(parts: &Parts, database: Database, consumers: Vec<Consumer>) -> Result<()> {
    let messaging = Messaging::new(std::sync::Arc::new(parts.journal().await?)).with(database, consumers);
    messaging.start(&parts.shutdown);
    Ok(())
}
