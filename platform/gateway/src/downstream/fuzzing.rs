//! The reader of clients as a function of bytes, and a reader of another make to hold it against; for fuzz targets and
//! tests.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri, header, request::Parts};
use http_body_util::{BodyExt, Empty};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::socket::Socket;
use crate::{body::Upload, phases, refusal::Refusal, upstream::Encoded};

/// A request as somebody understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub target: String,
    /// Its headers, but for the length of the body.
    pub headers: HeaderMap,
    /// What of its body came.
    pub body: Vec<u8>,
}

/// What came of a connection's bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// The requests that were passed on, in order.
    pub requests: Vec<Request>,
    /// The bytes by which each goes to a node.
    pub sent: Vec<Vec<u8>>,
    /// Why the next one was not.
    pub refused: Option<Refusal>,
    /// Whether the last one's body broke off or broke its framing.
    pub broken: bool,
}

/// Returns what is passed on when `bytes` arrive in pieces of these sizes, over and over.
pub fn passed(bytes: &[u8], sizes: &[usize]) -> Passed {
    let mut socket = Socket::of(Box::new(Pieces::of(bytes, sizes)), Arc::default(), Arc::default());
    let mut cx = Context::from_waker(Waker::noop());
    let mut passed = Passed::default();
    while passed.refused.is_none() && !passed.broken {
        match socket.poll_head(&mut cx) {
            Poll::Ready(Some(Ok(head))) => {
                let (body, broken) = read_body(&mut socket, &mut cx);
                passed.broken = broken;
                passed.take(head.parts, body);
            }
            Poll::Ready(Some(Err(refusal))) => passed.refused = Some(refusal),
            Poll::Ready(None) | Poll::Pending => break,
        }
    }
    passed
}

fn read_body(socket: &mut Socket, cx: &mut Context<'_>) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        match socket.poll_body(cx) {
            Poll::Ready(Some(Ok(data))) => body.extend_from_slice(&data),
            Poll::Ready(None) => return (body, false),
            Poll::Ready(Some(Err(_))) | Poll::Pending => return (body, true),
        }
    }
}

impl Passed {
    /// Takes a request through what the phases refuse and remove.
    fn take(&mut self, mut head: Parts, body: Vec<u8>) {
        if let Err(refusal) = phases::normalised(&mut head) {
            self.refused = Some(refusal);
            return;
        }
        let upload = Upload::whole(Bytes::from(body.clone()));
        let encoded = Encoded::of(&head.method, &head.uri, &head.headers, &upload);
        self.sent.push([encoded.bytes(), &body].concat());
        self.requests.push(Request::new(head.method, &head.uri, head.headers, body));
    }
}

impl Request {
    fn new(method: Method, uri: &Uri, mut headers: HeaderMap, body: Vec<u8>) -> Self {
        headers.remove(header::CONTENT_LENGTH);
        let target = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Self { method, target, headers, body }
    }
}

/// Returns what another server, hyper's, makes of the bytes of a connection.
pub fn understood(bytes: &[u8]) -> Vec<Request> {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&requests);
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let taken = Arc::clone(&taken);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
            taken.lock().push(Request::new(head.method, &head.uri, head.headers, body));
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let io = TokioIo::new(Pieces::of(bytes, &[usize::MAX]));
    let mut connection = pin!(http1::Builder::new().half_close(true).serve_connection(io, service));
    // Everything is in memory, so that each turn gets on.
    let mut turns = 0..bytes.len() + 16;
    while turns.next().is_some() && connection.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
    let requests = requests.lock();
    requests.clone()
}

/// A socket whose bytes arrive in pieces, and which takes whatever is written.
struct Pieces(VecDeque<Vec<u8>>);

impl Pieces {
    fn of(bytes: &[u8], sizes: &[usize]) -> Self {
        let (mut rest, mut pieces) = (bytes, VecDeque::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
            pieces.push_back(piece.to_vec());
            rest = after;
        }
        Self(pieces)
    }
}

impl AsyncRead for Pieces {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let pieces = &mut self.get_mut().0;
        let Some(mut piece) = pieces.pop_front() else {
            return Poll::Ready(Ok(()));
        };
        let rest = piece.split_off(piece.len().min(buffer.remaining()));
        if !rest.is_empty() {
            pieces.push_front(rest);
        }
        buffer.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
