//! The way from a client and back: HTTP/1.1 read and written by the one task of the connection.
//!
//! Owns the life of a connection from outside: a head, its answer, the next head. Never decides what is answered.
//! Start reading at [`serve`]; `socket` is the connection, `incoming` a request's body, `outgoing` an answer on its way.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use http::{Request, Response, request::Parts};
use parking_lot::Mutex;
use tracing::debug;

use crate::{
    body::{Answer, Inbound},
    phases,
    wire::Wire,
    worker::Link,
};

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod incoming;
mod outgoing;
mod socket;
#[cfg(test)]
mod tests;

pub(crate) use self::incoming::Incoming;
use self::{
    outgoing::{Asked, Outgoing},
    socket::Socket,
};

/// A connection that is shared by whoever reads the body of its request and whoever writes the answer: the same task.
type Shared = Arc<Mutex<Socket>>;

/// Answers the requests of a connection until it ends, one after the other.
pub(crate) async fn serve(wire: Wire, link: Arc<Link>) {
    let socket = Arc::new(Mutex::new(Socket::new(Box::new(wire), &link)));
    loop {
        let next = poll_fn(|cx| {
            let mut socket = socket.lock();
            if link.activity.is_stopping() && socket.is_idle() { Poll::Ready(None) } else { socket.poll_head(cx) }
        });
        let (asked, response) = match next.await {
            None => return,
            Some(Err(refusal)) => (Asked::refused(), phases::refuse(&link, unknown(), refusal)),
            Some(Ok(head)) => {
                let asked = Asked::of(&head);
                let body = Incoming::of(&socket, head.framing).map(Inbound::Http1);
                // Pinned where it is made: it is large, and moving it would copy it.
                let answer = pin!(phases::answer(Arc::clone(&link), head.parts, body));
                match until_gone(&socket, answer).await {
                    Some(response) => (asked, response),
                    None => return,
                }
            }
        };
        let outgoing = Outgoing::begin(&socket, asked, response, &link);
        link.worker.fall_in().await;
        match outgoing.finish(&socket, &link).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                debug!(%error, "connection from outside broke");
                return;
            }
        }
    }
    poll_fn(|cx| socket.lock().poll_linger(cx)).await;
}

/// Returns the head of a request of which nothing is known.
fn unknown() -> Parts {
    Request::new(()).into_parts().0
}

/// Waits for an answer; `None` when the client goes away meanwhile.
async fn until_gone(
    socket: &Shared,
    mut answer: Pin<&mut impl Future<Output = Response<Answer>>>,
) -> Option<Response<Answer>> {
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(response) => Poll::Ready(Some(response)),
        Poll::Pending => socket.lock().poll_gone(cx).map(|()| None),
    })
    .await
}
