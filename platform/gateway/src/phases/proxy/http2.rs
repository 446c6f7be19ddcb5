//! Sends a request to a place that speaks HTTP/2.

use std::{
    future::{Future, poll_fn},
    sync::Arc,
    time::Duration,
};

use http::Response;
use mesh::discovery::Endpoint;
use tokio::time::{Instant, timeout_at};

use super::{Answered, Failure, Sending, within_ticks};
use crate::{
    body::Upload,
    grpc,
    refusal::Refusal,
    upstream::http2::{Broken, Call, Head},
    worker::Link,
};

/// Connections tried that turn out to have gone away before the request was on them.
const TRIES_MAX: usize = 4;

impl Sending {
    /// Sends the request on a connection with room or on a new one, and waits for the head of the answer, but no longer
    /// than the client does.
    pub(super) async fn call(
        &self,
        link: &Link,
        endpoint: &Arc<Endpoint>,
        head: &Head,
        mut body: Upload,
    ) -> Result<Response<Answered>, Failure> {
        let mut tries = 0..TRIES_MAX;
        let mut call = loop {
            let place = match self.in_time(link.worker.lines.line(endpoint)).await {
                None => return Err(self.stalled()),
                Some(Ok(place)) => place,
                Some(Err(error)) => return Err(Failure::unconnected(&error, body)),
            };
            let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Err(self.stalled());
            }
            match Call::begin(place, head, left.map(grpc::timeout_value), body) {
                Ok(call) => break call,
                // It went away meanwhile, and is not given out again.
                Err(unsent) if tries.next().is_some() => body = unsent,
                Err(unsent) => return Err(self.broken(Some(unsent))),
            }
        };
        let exchange =
            within_ticks(link, self.response_ticks, self.progress.as_ref(), poll_fn(|cx| call.poll_exchange(cx)));
        match self.in_time(exchange).await.flatten() {
            None => Err(self.stalled()),
            Some(Ok(response)) => Ok(response.map(|stream| Answered::Http2(stream, call))),
            Some(Err(Broken::Refused(unsent))) => Err(self.broken(unsent)),
            Some(Err(Broken::Failed)) => Err(self.broken(None)),
            Some(Err(Broken::Upload)) => match self.broken(None) {
                failure @ Failure { passes: false, .. } => Err(failure),
                _ => Err(Failure { refusal: Refusal::MalformedBody, unsent: None, passes: false }),
            },
        }
    }

    /// Waits no longer than the client does; `None` when that was too long.
    async fn in_time<F: Future>(&self, future: F) -> Option<F::Output> {
        match self.deadline {
            None => Some(future.await),
            Some(deadline) => timeout_at(deadline, future).await.ok(),
        }
    }
}
