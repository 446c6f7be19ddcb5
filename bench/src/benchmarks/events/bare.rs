//! JetStream by its own client: each event acknowledged to the sender, and by the reader to the server. Nothing is
//! transactional, and an event that comes twice is handled twice.

use anyhow::Result;
use async_nats::jetstream::{self, AckKind, consumer::pull};
use base::Ambient;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use runtime::{OnError, TaskKind};

use super::{Carrier, Handled, NatsServer, Row, Sent, measure};
use crate::installation;

const READER: TaskKind = TaskKind::new("bench-reader", OnError::Log).aborted();
/// Events that may be with the reader unacknowledged.
const PENDING_MAX: i64 = 500;

struct Sender {
    context: jetstream::Context,
    subject: String,
    ambient: Ambient,
}

impl Carrier for Sender {
    fn send(&self, number: u64) -> BoxFuture<'_, Result<()>> {
        async move {
            let data = serde_json::to_vec(&Sent::new(number, self.ambient.now()))?;
            self.context.publish(self.subject.clone(), data.into()).await?.await?;
            Ok(())
        }
        .boxed()
    }
}

/// Takes a new stream through a round.
pub(super) async fn round(nats: &NatsServer, round: usize, row: &mut Row) -> Result<()> {
    let context = jetstream::new(async_nats::connect(nats.url()).await?);
    let name = format!("bare-{round}");
    let config = jetstream::stream::Config { name: name.clone(), subjects: vec![name.clone()], ..Default::default() };
    let stream = context.create_stream(config).await?;
    let config = pull::Config { durable_name: Some(name.clone()), max_ack_pending: PENDING_MAX, ..Default::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let (handled, ambient) = (Handled::default(), installation::ambient());
    let (taken, clock) = (handled.clone(), ambient.clone());
    let reader = runtime::spawn(READER, async move {
        while let Some(Ok(message)) = messages.next().await {
            if message.ack_with(AckKind::Ack).await.is_err() {
                break;
            }
            if let Ok(event) = serde_json::from_slice::<Sent>(&message.payload) {
                taken.add(event.sent_at, clock.now());
            }
        }
    });
    let outcome = measure(&Sender { context: context.clone(), subject: name.clone(), ambient }, &handled, row).await;
    reader.abort();
    context.delete_stream(name).await?;
    outcome
}
