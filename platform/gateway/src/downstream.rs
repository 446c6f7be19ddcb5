//! The way from a client and back: HTTP/1.1 read and written by the one task of the connection.
//!
//! Owns the life of a connection from outside: a head, its answer, the next head. Never decides what is answered.
//! Start reading at [`serve`]; `wire` is the socket, `incoming` a request's body, `outgoing` an answer on its way.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use http::Response;
use parking_lot::Mutex;
use tracing::debug;

use crate::{body::Answer, phases, worker::Link};

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use self::incoming::Incoming;
use self::{
    outgoing::{Asked, Outgoing},
    wire::Wire,
};

/// A connection that is shared by whoever reads the body of its request and whoever writes the answer: the same task.
type Shared = Arc<Mutex<Wire>>;

/// Answers the requests of a connection until it ends, one after the other.
pub(crate) async fn serve(io: impl wire::Io + 'static, link: Arc<Link>) {
    let wire = Arc::new(Mutex::new(Wire::new(Box::new(io), &link)));
    loop {
        let next = poll_fn(|cx| {
            let mut wire = wire.lock();
            if link.worker.is_stopping() && wire.is_idle() { Poll::Ready(None) } else { wire.poll_head(cx) }
        });
        let (asked, response) = match next.await {
            None => return,
            Some(Err(refusal)) => (Asked::refused(), phases::refuse(&link, refusal)),
            Some(Ok(head)) => {
                let asked = Asked::of(&head);
                let body = Incoming::of(&wire, head.framing);
                match until_gone(&wire, phases::answer(Arc::clone(&link), head.parts, body)).await {
                    Some(response) => (asked, response),
                    None => return,
                }
            }
        };
        let outgoing = Outgoing::begin(&wire, asked, response, &link);
        match outgoing.finish(&wire, &link).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                debug!(%error, "connection from outside broke");
                return;
            }
        }
    }
    poll_fn(|cx| wire.lock().poll_linger(cx)).await;
}

/// Waits for an answer; `None` when the client goes away meanwhile.
async fn until_gone(wire: &Shared, answer: impl Future<Output = Response<Answer>>) -> Option<Response<Answer>> {
    let mut answer = pin!(answer);
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(response) => Poll::Ready(Some(response)),
        Poll::Pending => wire.lock().poll_gone(cx).map(|()| None),
    })
    .await
}
