//! One request of a connection that speaks HTTP/2, and its answer.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body::Body;
use tokio::sync::Notify;

use super::{
    head,
    inbound::Http2Body,
    tunnel::{self, Client},
};
use crate::{
    body::{Answer, Inbound},
    phases,
    tunnel::handshake,
    worker::{Link, Worker},
};

/// Fields that speak of a connection of HTTP/1.1 (RFC 9113, 8.2.2).
const OF_CONNECTIONS: [HeaderName; 5] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Answers a request. Each `ticked` it looks again whether something takes too long.
pub(super) async fn serve(
    link: Arc<Link>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    ticked: Arc<Notify>,
) {
    link.activity.request_begins();
    let to_head = *request.method() == Method::HEAD;
    let (head, stream) = request.into_parts();
    let mut answer = pin!(answer(Arc::clone(&link), head, stream));
    let response = ticking(&ticked, |cx| {
        if respond.poll_reset(cx).is_ready() {
            // Nobody waits for it any more.
            return Poll::Ready(None);
        }
        answer.as_mut().poll(cx).map(Some)
    });
    let Some((response, from)) = response.await else { return };
    let (mut head, mut body) = response.into_parts();
    if let Some(from) = from.filter(|_| body.tunnel().is_some()) {
        complete(&mut head.headers, &body, true, &link.worker);
        let Ok(to) = respond.send_response(Response::from_parts(head, ()), false) else { return };
        return tunnel::pass(Client { from, to }, body, &link, &ticked).await;
    }
    let whole = to_head || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    complete(&mut head.headers, &body, whole, &link.worker);
    let ends = whole || body.is_end_stream();
    let Ok(stream) = respond.send_response(Response::from_parts(head, ()), ends) else { return };
    if !ends {
        let mut sending = Sending { stream, body, data: Bytes::new(), stalled_since: None, link };
        ticking(&ticked, |cx| sending.poll(cx)).await;
    }
}

/// Returns the answer to a request, and what the client sends should it be a tunnel.
async fn answer(link: Arc<Link>, mut head: Parts, stream: RecvStream) -> (Response<Answer>, Option<RecvStream>) {
    if let Err(refusal) = head::check(&mut head, &link.worker.shared.limits) {
        return (phases::refuse(&link, head, refusal), None);
    }
    let (body, from) = if handshake::is_extended(&head) {
        (None, Some(stream))
    } else {
        (Some(Inbound::Http2(Http2Body::new(stream, &head.headers))), None)
    };
    (phases::answer(link, head, body).await, from)
}

/// Waits for what `poll` waits for, and polls it at each tick too.
pub(super) async fn ticking<T>(ticked: &Notify, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    loop {
        tokio::select! {
            biased;
            done = poll_fn(&mut poll) => return done,
            () = ticked.notified() => {}
        }
    }
}

/// Adds what HTTP/2 does not say by itself, and removes what it may not say.
fn complete(headers: &mut HeaderMap, body: &Answer, whole: bool, worker: &Worker) {
    for name in OF_CONNECTIONS {
        headers.remove(name);
    }
    if let (false, Some(length)) = (whole, body.size_hint().exact()) {
        headers.entry(header::CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
    }
    if !headers.contains_key(header::DATE)
        && let Ok(date) = HeaderValue::from_bytes(&worker.date())
    {
        headers.insert(header::DATE, date);
    }
}

/// An answer's body on its way to the client.
struct Sending {
    stream: SendStream<Bytes>,
    body: Answer,
    /// What is to be sent next.
    data: Bytes,
    /// Since when the client has left no room for it, in ticks.
    stalled_since: Option<u32>,
    link: Arc<Link>,
}

impl Sending {
    /// Sends as much as comes and the client takes; ready at the end, whichever it is.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.stream.poll_reset(cx).is_ready() {
                return Poll::Ready(());
            }
            if !self.data.is_empty() {
                let Some(ended) = ready!(self.poll_data(cx)) else { return Poll::Ready(()) };
                if ended {
                    return Poll::Ready(());
                }
                continue;
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => {
                    let _ = self.stream.send_data(Bytes::new(), true);
                    return Poll::Ready(());
                }
                // So that nobody takes it for whole.
                Some(Err(_)) => {
                    self.stream.send_reset(Reason::INTERNAL_ERROR);
                    return Poll::Ready(());
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.data = data,
                    Err(frame) => {
                        let _ = self.stream.send_trailers(frame.into_trailers().unwrap_or_default());
                        return Poll::Ready(());
                    }
                },
            }
        }
    }

    /// Sends a piece of the data; says whether it was the last, or `None` when the client takes nothing more.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<bool>> {
        self.stream.reserve_capacity(self.data.len());
        let room = match self.stream.poll_capacity(cx) {
            Poll::Ready(Some(Ok(room))) => room,
            Poll::Ready(_) => return Poll::Ready(None),
            Poll::Pending => {
                // A client that takes nothing would hold the service's connection for ever.
                let now = self.link.activity.now();
                let since = *self.stalled_since.get_or_insert(now);
                if !self.link.worker.shared.ticks.is_idle(now.saturating_sub(since)) {
                    return Poll::Pending;
                }
                self.body.breaks_off();
                self.stream.send_reset(Reason::CANCEL);
                return Poll::Ready(None);
            }
        };
        self.stalled_since = None;
        let piece = self.data.split_to(room.min(self.data.len()));
        let last = self.data.is_empty() && self.body.is_end_stream();
        Poll::Ready(self.stream.send_data(piece, last).ok().map(|()| last))
    }
}
