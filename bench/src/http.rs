//! A load driver over HTTP/1.1: a number of connections, each with one request under way, for a given time.
//!
//! Owns the connections and the clock. Never follows a redirect, never retries, and talks to this machine alone.
//! Start reading at [`load::drive`].

pub(crate) mod load;

use std::{net::SocketAddr, time::Duration};

use ::http::{HeaderMap, Method, Request, StatusCode, header};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use runtime::{OnError, TaskKind};
use serde_json::Value;
use tokio::{net::TcpStream, time};

const CONNECTION: TaskKind = TaskKind::new("load-connection", OnError::Log);
/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Longest body that is read.
const BODY_BYTES_MAX: usize = 16 << 20;

/// A request to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A connection that is kept alive.
pub(crate) struct Connection {
    host: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Ask {
    /// Returns a request for reading.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// Returns a request that sends JSON.
    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method: Method::POST, path: path.into(), headers, body: body.to_string().into() }
    }

    /// Returns the request with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the request on behalf of the holder of an API token.
    pub(crate) fn by(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }
}

impl Answer {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("the answer is no JSON: {}", self.text()))
    }

    /// Returns the body if the status is the one expected.
    pub(crate) fn expect(self, status: StatusCode) -> Result<Self> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.text());
        Ok(self)
    }

    /// Returns the beginning of the body.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(500).collect()
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        ensure!(address.ip().is_loopback(), "{address} is not this machine");
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        runtime::spawn(CONNECTION, async move {
            // Its end shows in the request that is under way, or in none.
            let _ = connection.await;
        });
        Ok(Self { host: address.to_string(), sender })
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(&mut self, ask: &Ask) -> Result<Answer> {
        let mut request = Request::builder().method(&ask.method).uri(&ask.path).header(header::HOST, &self.host);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(ask.body.clone()))?;
        time::timeout(ANSWER_MAX, self.exchange(request)).await.context("no answer in time")?
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        let body = http_body_util::Limited::new(body, BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}
