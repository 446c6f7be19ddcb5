//! `/health`, `/ready` and `/metrics` of a node, whatever its roles: for an orchestrator's probes and for Prometheus.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use runtime::{
    Health, OnError, Shutdown, TaskKind,
    health::Report,
    metrics::{EXPOSITION_TYPE, exposition},
};
use tokio::net::TcpListener;

const PROBES: TaskKind = TaskKind::new("probes", OnError::Log).aborted();

/// Serves the probes at `address` until the node stops; returns the address taken.
pub(crate) async fn serve(address: SocketAddr, health: &Health, shutdown: &Shutdown) -> Result<SocketAddr> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address} for `probes`"))?;
    let taken = listener.local_addr()?;
    let (alive, ready) = (health.clone(), health.clone());
    let routes = Router::new()
        .route("/health", get(async move || say(&alive.alive())))
        .route("/ready", get(async move || say(&ready.ready())))
        .route("/metrics", get(async || ([(header::CONTENT_TYPE, EXPOSITION_TYPE)], exposition())));
    shutdown.spawn(PROBES, async move { axum::serve(listener, routes).await });
    tracing::info!(probes.address = %taken, "node answers probes");
    Ok(taken)
}

fn say(report: &Report) -> Response {
    let status = StatusCode::from_u16(report.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = serde_json::to_string(report).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
