//! Sends a request to a node that speaks HTTP/1.1, as our own services do.

use std::{future::poll_fn, sync::Arc};

use http::Response;
use mesh::discovery::Endpoint;

use super::{Answered, Failure, Sending, within_ticks};
use crate::{
    body::Upload,
    upstream::{Broken, Encoded, Outgoing},
    worker::Link,
};

impl Sending {
    /// Sends the request on an idle connection or a new one, and waits for the head of the answer.
    pub(super) async fn exchange(
        &self,
        link: &Link,
        endpoint: &Arc<Endpoint>,
        head: &Encoded,
        mut body: Upload,
    ) -> Result<Response<Answered>, Failure> {
        let pool = &link.worker.pool;
        loop {
            let mut connection = match pool.idle(endpoint) {
                Some(connection) => connection,
                // Rare and large, it would make the future of every request so.
                None => match Box::pin(pool.connect(endpoint)).await {
                    Ok(connection) => connection,
                    Err(error) => return Err(Failure::unconnected(&error, body)),
                },
            };
            connection.begin(Outgoing::new(head.clone(), body));
            let exchange = poll_fn(|cx| connection.poll_exchange(cx));
            match within_ticks(link, self.response_ticks, self.progress.as_ref(), exchange).await {
                None => return Err(self.stalled()),
                Some(Ok(response)) => return Ok(response.map(|body| Answered::Http1(body, connection))),
                Some(Err(broken)) => {
                    let reused = connection.reused();
                    let unsent = connection.into_unsent();
                    // The idle connection had been closed meanwhile: the next one may stand, a new one will.
                    let again = match broken {
                        Broken::Early if reused => unsent.or_else(|| self.replay.clone().map(Upload::whole)),
                        Broken::Early => return Err(self.broken(unsent)),
                        Broken::Upload | Broken::Malformed => None,
                    };
                    body = again.ok_or_else(|| self.broken(None))?;
                }
            }
        }
    }
}
