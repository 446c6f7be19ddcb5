//! Requests to a directory: each on a connection of its own, by TLS, with a bounded answer in bounded time.

use std::{pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use runtime::{OnError, TaskKind};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use super::Error;
use crate::{
    outside,
    routes::file::Protocol,
    settings::{self},
    tls,
};

/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Largest answer: a chain of certificates.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const HTTPS_PORT: u16 = 443;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Answer = Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>>;

/// The way to a directory.
pub(super) struct Transport(Arc<ClientConfig>);

/// Returns whom an address is of; `None` unless it is one by https.
pub(super) fn origin(address: &str) -> Option<(String, u16)> {
    let uri: Uri = address.parse().ok()?;
    let authority = uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTPS))?;
    Some((authority.host().to_owned(), authority.port_u16().unwrap_or(HTTPS_PORT)))
}

/// Reads who may vouch for the directory.
pub(super) fn trust(settings: &settings::Acme) -> Result<Arc<ClientConfig>, tls::Error> {
    outside::config((settings.authorities.as_deref(), None), Protocol::Http1, &mut None)
}

impl Transport {
    pub(super) fn new(settings: &settings::Acme) -> Result<Self, Error> {
        trust(settings).map(Self).map_err(Error::Authorities)
    }
}

impl HttpClient for Transport {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Answer {
        let config = Arc::clone(&self.0);
        Box::pin(async move {
            let answered = timeout(ANSWER_MAX, exchange(config, request)).await;
            let answered = answered.unwrap_or_else(|_| Err("no answer in time".into()));
            answered.map(BytesResponse::from).map_err(instant_acme::Error::Other)
        })
    }
}

async fn exchange(
    config: Arc<ClientConfig>,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<Response<Full<Bytes>>, Failure> {
    const CONNECTION: TaskKind = TaskKind::new("acme-connection", OnError::Log);
    let (host, port) = origin(&request.uri().to_string()).ok_or("a link of the directory is not by https")?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let stream = TlsConnector::from(config).connect(name, stream).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    runtime::spawn(CONNECTION, async move {
        // Ends with the answer, or with whoever waits for it.
        let _ = connection.await;
    });
    let host = request.uri().authority().map(|authority| HeaderValue::try_from(authority.as_str())).transpose()?;
    if let Some(host) = host {
        request.headers_mut().insert(header::HOST, host);
    }
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).parse()?;
    *request.uri_mut() = path;
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?.to_bytes();
    Ok(Response::from_parts(head, Full::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_reached_by_https_alone() {
        assert_eq!(origin("https://acme.example/directory"), Some(("acme.example".to_owned(), 443)));
        assert_eq!(origin("https://127.0.0.1:14000/dir"), Some(("127.0.0.1".to_owned(), 14_000)));
        for wrong in ["http://acme.example/directory", "acme.example", "/directory", "https://", ""] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }
}
