//! How far each consumer has read: the last message of the subject `PREFIX.cursors.SHARD.CONSUMER`, in a stream of its own.

use async_nats::{
    HeaderMap,
    header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
    jetstream::stream::{Config, LastRawMessageErrorKind, StorageType, Stream},
};
use tokio::sync::OnceCell;

use super::{Link, away};
use crate::{Error, Result, bus::Position};

/// Attempts to write a cursor that somebody else writes at the same time.
const ATTEMPTS_MAX: u32 = 8;

#[derive(Default)]
pub(super) struct Cursors {
    stream: OnceCell<Stream>,
}

impl Cursors {
    /// Returns how far a consumer has read; a new one has read nothing.
    pub(super) async fn get(&self, link: &Link, shard: usize, consumer: &str) -> Result<Position> {
        Ok(self.last(link, &subject(link, shard, consumer)).await?.0)
    }

    /// Writes what `next` makes of the cursor, unless it is `None`; again when somebody else wrote meanwhile.
    pub(super) async fn set(
        &self,
        link: &Link,
        (shard, consumer): (usize, &str),
        next: impl Fn(Position) -> Option<Position> + Send,
    ) -> Result<()> {
        let subject = subject(link, shard, consumer);
        let mut last = None;
        for _ in 0..ATTEMPTS_MAX {
            let (found, revision) = self.last(link, &subject).await?;
            let Some(next) = next(found) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, revision.to_string());
            let value = format!("{} {}", next.sequence, next.generation);
            let sent = link.context.publish_with_headers(subject.clone(), headers, value.into()).await;
            match sent.map_err(away)?.await {
                Ok(_) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or_else(|| away("a cursor changes too often"), away))
    }

    /// Returns the cursor and the sequence of the message that holds it, 0 when there is none.
    async fn last(&self, link: &Link, subject: &str) -> Result<(Position, u64)> {
        match self.stream(link).await?.get_last_raw_message_by_subject(subject).await {
            Ok(message) => {
                let position = parse(&message.payload);
                Ok((position.ok_or_else(|| Error::Bus("a cursor on the bus is unreadable".into()))?, message.sequence))
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                Ok((Position { sequence: 0, generation: 0 }, 0))
            }
            Err(error) => Err(away(error)),
        }
    }

    async fn stream(&self, link: &Link) -> Result<&Stream> {
        let open = async || {
            let prefix = &link.settings.prefix;
            let wanted = Config {
                name: format!("{prefix}-cursors"),
                subjects: vec![format!("{prefix}.cursors.>")],
                storage: StorageType::File,
                max_messages_per_subject: 1,
                num_replicas: link.settings.replicas,
                ..Config::default()
            };
            link.context.get_or_create_stream(wanted).await.map_err(away)
        };
        self.stream.get_or_try_init(open).await
    }
}

fn subject(link: &Link, shard: usize, consumer: &str) -> String {
    format!("{}.cursors.{shard}.{consumer}", link.settings.prefix)
}

fn parse(value: &[u8]) -> Option<Position> {
    let (sequence, generation) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    Some(Position { sequence: sequence.parse().ok()?, generation: generation.parse().ok()? })
}
