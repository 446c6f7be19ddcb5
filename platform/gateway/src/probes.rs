//! `/health`, `/ready` and `/metrics`: whole on the admin listener, the first two without detail for the public.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use runtime::{Health, OnError, Shutdown, TaskKind, health::Report, metrics};
use tokio::net::{TcpListener, TcpStream};
use tracing::{info, warn};

use crate::{Error, admin::Admin, listeners};

/// Under which the public listener answers `/-/health` and `/-/ready`; no service may have it.
pub(crate) const PUBLIC_PREFIX: &str = "/-/";
const HEAD_MAX: Duration = Duration::from_secs(10);

/// What the probes tell. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Probes(pub(crate) Health);

impl Probes {
    /// Returns the status of a public probe, if `path` is one.
    pub(crate) fn public(&self, path: &str) -> Option<StatusCode> {
        let report = match path.strip_prefix(PUBLIC_PREFIX)? {
            "health" => self.0.alive(),
            "ready" => self.0.ready(),
            _ => return None,
        };
        StatusCode::from_u16(report.status()).ok()
    }

    fn answer(&self, path: &str) -> Response<Full<Bytes>> {
        match path {
            "/health" => report(&self.0.alive()),
            "/ready" => report(&self.0.ready()),
            "/metrics" => text(StatusCode::OK, metrics::EXPOSITION_TYPE, metrics::exposition()),
            _ => text(StatusCode::NOT_FOUND, "text/plain", "there are /health, /ready and /metrics\n".to_owned()),
        }
    }
}

/// Serves the admin listener until the node stops; returns the address taken.
pub(crate) fn serve(
    address: SocketAddr,
    probes: Probes,
    admin: Admin,
    shutdown: &Shutdown,
) -> Result<SocketAddr, Error> {
    const ADMIN: TaskKind = TaskKind::new("gateway-admin", OnError::Log).aborted();
    let listen = |source| Error::from(listeners::Error::Listen { address, source });
    let listener = std::net::TcpListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let listener = TcpListener::from_std(listener).map_err(listen)?;
    let taken = listener.local_addr().map_err(listen)?;
    info!(gateway.admin = %taken, "gateway answers probes");
    let owner = shutdown.clone();
    shutdown.spawn(ADMIN, async move { accept(&listener, &(probes, admin), &owner).await });
    Ok(taken)
}

async fn accept(listener: &TcpListener, answers: &(Probes, Admin), shutdown: &Shutdown) {
    const CONNECTION: TaskKind = TaskKind::new("gateway-admin-connection", OnError::Log).aborted();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let answers = answers.clone();
                shutdown.spawn(CONNECTION, async move { connection(stream, answers).await });
            }
            Err(error) => {
                warn!(%error, "gateway could not accept an admin connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, (probes, admin): (Probes, Admin)) {
    let service = service_fn(move |request: Request<Incoming>| {
        let call = admin.answer(request.method(), request.uri(), request.headers());
        let answer = call.unwrap_or_else(|| probes.answer(request.uri().path()));
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_MAX);
    // A probe that goes away is nobody's loss.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

fn report(report: &Report) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(report.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, "application/json", serde_json::to_string(report).unwrap_or_default())
}

fn text(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
