//! The way to places outside that speak HTTP/2: many requests on one connection, with trailers both ways.
//!
//! Owns those connections, each driven by a task of the worker. Never chooses a place and never retries.
//! Start reading at [`Lines::line`], then [`Call`]; `download` is the answer on its way back.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{
    Reason, RecvStream, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, Method, Request, Response, Uri, header, uri::Scheme};
use http_body::Body;

use crate::body::Upload;

mod download;
mod lines;

pub(crate) use self::{
    download::Download,
    lines::{Line, Lines},
};

/// The head of a request as it goes to a place, whichever.
pub(crate) struct Head {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

/// A request on a connection, and its answer.
pub(crate) struct Call {
    response: ResponseFuture,
    request: Sending,
    line: Line,
}

/// What is left of a request.
struct Sending {
    stream: SendStream<Bytes>,
    body: Option<Upload>,
    data: Bytes,
    /// A body that is at hand, for another try.
    whole: Option<Upload>,
    untouched: bool,
}

/// Why there is no answer.
pub(crate) enum Broken {
    /// The other side did nothing with the request, and said so.
    Refused(Option<Upload>),
    /// The connection or the request broke.
    Failed,
    /// The client's body is wrong.
    Upload,
}

impl Head {
    /// Returns the head of a request; `None` when its host is no authority.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let mut headers = headers.clone();
        let host = headers.remove(header::HOST)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = Uri::builder().scheme(Scheme::HTTP).authority(host.as_bytes()).path_and_query(path).build().ok()?;
        Some(Self { method: method.clone(), uri, headers })
    }

    fn request(&self, secured: bool, timeout: Option<http::HeaderValue>) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        if secured {
            let mut parts = self.uri.clone().into_parts();
            parts.scheme = Some(Scheme::HTTPS);
            *request.uri_mut() = Uri::from_parts(parts).unwrap_or_else(|_| self.uri.clone());
        }
        *request.headers_mut() = self.headers.clone();
        *request.version_mut() = http::Version::HTTP_2;
        if let Some(timeout) = timeout {
            request.headers_mut().insert(crate::grpc::TIMEOUT, timeout);
        }
        request
    }
}

impl Call {
    /// Begins a request on a line; gives the body back when the line takes no more.
    pub(crate) fn begin(
        mut line: Line,
        head: &Head,
        timeout: Option<http::HeaderValue>,
        body: Upload,
    ) -> Result<Self, Upload> {
        let ends = body.is_end_stream();
        let request = head.request(line.is_secured(), timeout);
        let send: &mut SendRequest<Bytes> = line.send();
        let Ok((response, stream)) = send.send_request(request, ends) else {
            line.close();
            return Err(body);
        };
        let whole = if let Upload::Whole(bytes) = &body { Some(Upload::Whole(bytes.clone())) } else { None };
        let body = Some(body).filter(|_| !ends);
        let request = Sending { stream, body, data: Bytes::new(), whole, untouched: true };
        Ok(Self { response, request, line })
    }

    /// Sends as much of the request as the other side takes, and waits for the head of its answer.
    pub(crate) fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<RecvStream>, Broken>> {
        if let Poll::Ready(Err(())) = self.request.poll(cx) {
            return Poll::Ready(Err(Broken::Upload));
        }
        ready!(Pin::new(&mut self.response).poll(cx)).map_err(|error| self.broken(&error)).into()
    }

    fn broken(&mut self, error: &h2::Error) -> Broken {
        if error.is_io() || error.is_go_away() {
            self.line.close();
        }
        let refused = error.is_remote() && (error.is_go_away() || error.reason() == Some(Reason::REFUSED_STREAM));
        if refused { Broken::Refused(self.request.unsent()) } else { Broken::Failed }
    }
}

impl Sending {
    /// Sends what has come of the body; an error is the client's. That the other side takes nothing more shows in the
    /// answer, which counts.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        loop {
            if !self.data.is_empty() {
                self.stream.reserve_capacity(self.data.len());
                let Some(Ok(room)) = ready!(self.stream.poll_capacity(cx)) else { return self.done() };
                let piece = self.data.split_to(room.min(self.data.len()));
                if self.stream.send_data(piece, false).is_err() {
                    return self.done();
                }
                continue;
            }
            let Some(body) = &mut self.body else { return Poll::Ready(Ok(())) };
            match ready!(Pin::new(body).poll_frame(cx)) {
                None => {
                    let _ = self.stream.send_data(Bytes::new(), true);
                    return self.done();
                }
                Some(Err(_)) => {
                    self.stream.send_reset(Reason::CANCEL);
                    self.body = None;
                    return Poll::Ready(Err(()));
                }
                Some(Ok(frame)) => {
                    self.untouched = false;
                    match frame.into_data() {
                        Ok(data) => self.data = data,
                        Err(frame) => {
                            let _ = self.stream.send_trailers(frame.into_trailers().unwrap_or_default());
                            return self.done();
                        }
                    }
                }
            }
        }
    }

    fn done(&mut self) -> Poll<Result<(), ()>> {
        (self.body, self.data) = (None, Bytes::new());
        Poll::Ready(Ok(()))
    }

    /// Returns the body again, where all of it is at hand or nothing of it was taken.
    fn unsent(&mut self) -> Option<Upload> {
        self.whole.take().or_else(|| self.body.take().filter(|_| self.untouched))
    }
}
