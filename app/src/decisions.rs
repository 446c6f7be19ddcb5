//! What the mesh and the registry of this process decide, as events of the installation on the bus.
//!
//! Owns what waits to be published. Never holds up a decision, a request, or the start of a node: while the bus is away the
//! newest wait, and what there is no room for is counted. They tell of no state, so no outbox keeps them: what a killed
//! process had not yet published is in its log only. Start reading at [`publish`].

use std::{collections::VecDeque, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use base::{Event, Id, RequestId, TenantId, Timestamp};
use contracts::events::installation::{NodeChanged, TrafficDecided};
use mesh::{
    decisions::{Decision, What},
    registry,
};
use messaging::{Envelope, EventId};
use runtime::{
    OnError, TaskKind,
    metrics::{Counter, Family},
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{interval, timeout},
};
use uuid::Uuid;

use crate::parts::Parts;

/// Decisions that no event tells of, because too many waited or the bus was away for too long.
static DROPPED: Family<Counter> =
    Family::new("fpms_decision_events_dropped_total", "Decisions of the mesh that no event tells of.", &[]);

const TASK: TaskKind = TaskKind::new("decision-events", OnError::Log);
/// What is decided within this time is published together.
const GATHER: Duration = Duration::from_millis(500);
/// Longest that the bus may take.
const PUBLISH_MAX: Duration = Duration::from_secs(5);
/// Longest that the bus may take when the node stops.
const LAST_MAX: Duration = Duration::from_secs(1);
/// Most facts that wait.
const WAITING_MAX: usize = 1_000;
/// The shard that carries what is of no tenant.
const SHARD: usize = 0;
const SOURCE: &str = "mesh";

/// Publishes what is decided from now on, and what has been told to `decisions` before.
pub(crate) fn publish(parts: &Arc<Parts>, decisions: Receiver<Decision>) {
    parts.shutdown.spawn(TASK, run(Arc::clone(parts), decisions));
}

async fn run(parts: Arc<Parts>, mut decisions: Receiver<Decision>) {
    let mut nodes = parts.take_registry_events();
    let mut waiting = Waiting::new(parts.node.uuid());
    let mut due = interval(GATHER);
    loop {
        let stamp = || Stamp { id: parts.ambient.id(), request: parts.request(), at: parts.ambient.now() };
        tokio::select! {
            () = parts.shutdown.cancelled() => break,
            decision = decisions.recv() => match decision {
                Ok(decision) => waiting.decided(&decision, stamp()),
                Err(RecvError::Lagged(missed)) => DROPPED.with(&[]).add(missed),
                Err(RecvError::Closed) => break,
            },
            event = heard(&mut nodes) => match event {
                Ok(event) => waiting.changed(&event, stamp()),
                Err(RecvError::Lagged(missed)) => DROPPED.with(&[]).add(missed),
                Err(RecvError::Closed) => nodes = None,
            },
            _ = due.tick() => waiting.send(&parts, PUBLISH_MAX).await,
        }
    }
    waiting.send(&parts, LAST_MAX).await;
}

/// Waits for the next event of this process's registry; for ever when it has none.
async fn heard(nodes: &mut Option<Receiver<registry::Event>>) -> Result<registry::Event, RecvError> {
    match nodes {
        Some(nodes) => nodes.recv().await,
        None => std::future::pending().await,
    }
}

/// What is still to be published, oldest first.
struct Waiting {
    process: Uuid,
    facts: VecDeque<(Stamp, Fact)>,
    /// Whether the log says already that the bus is away.
    away: bool,
}

/// What an event has of its own. It stays the same when the event is published again, so that the bus has it once.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    id: EventId,
    request: RequestId,
    at: Timestamp,
}

enum Fact {
    Node(NodeChanged),
    Traffic(TrafficDecided),
}

impl Waiting {
    fn new(process: Uuid) -> Self {
        Self { process, facts: VecDeque::new(), away: false }
    }

    fn decided(&mut self, decision: &Decision, stamp: Stamp) {
        let open_ms = match decision.what {
            What::Opened { open_for } => u64::try_from(open_for.as_millis()).ok(),
            _ => None,
        };
        let traffic = TrafficDecided {
            decision: decision.what.name().to_owned(),
            service: decision.service.to_string(),
            node: decision.node.map(Id::uuid),
            count: 1,
            open_ms,
            decided_by: self.process,
            decided_at: stamp.at,
        };
        if decision.what == What::FailedOver && self.counted(&traffic) {
            return;
        }
        self.push(stamp, Fact::Traffic(traffic));
    }

    fn changed(&mut self, event: &registry::Event, stamp: Stamp) {
        let node = event.node.as_ref();
        let changed = NodeChanged {
            change: event.kind.name().to_owned(),
            service: node.map(|node| node.service.clone()),
            node: node.map(|node| node.id.uuid()),
            seen_by: self.process,
            changed_at: stamp.at,
        };
        self.push(stamp, Fact::Node(changed));
    }

    /// Counts one more of what waits already: a node that fails has every request sent elsewhere.
    fn counted(&mut self, traffic: &TrafficDecided) -> bool {
        let same = |(_, fact): &&mut (Stamp, Fact)| {
            matches!(fact, Fact::Traffic(other)
                if (&other.decision, &other.service, other.node) == (&traffic.decision, &traffic.service, traffic.node))
        };
        match self.facts.iter_mut().find(same) {
            Some((_, Fact::Traffic(other))) => {
                other.count = other.count.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    fn push(&mut self, stamp: Stamp, fact: Fact) {
        if self.facts.len() >= WAITING_MAX {
            self.facts.pop_front();
            DROPPED.with(&[]).increment();
        }
        self.facts.push_back((stamp, fact));
    }

    /// Publishes what waits; when the bus does not take it, it goes on waiting.
    async fn send(&mut self, parts: &Parts, limit: Duration) {
        if self.facts.is_empty() {
            return;
        }
        let published = timeout(limit, self.publish(parts)).await.context("the bus took too long");
        match published.and_then(|published| published) {
            Ok(()) => {
                self.facts.clear();
                self.away = false;
            }
            Err(error) if !self.away => {
                tracing::warn!(error = format!("{error:#}"), "decisions of the mesh wait for the bus");
                self.away = true;
            }
            Err(_) => {}
        }
    }

    async fn publish(&self, parts: &Parts) -> Result<()> {
        let envelopes = self.facts.iter().map(|(stamp, fact)| fact.envelope(*stamp)).collect::<Result<_, _>>()?;
        Ok(parts.bus().await?.publish(SHARD, envelopes).await?)
    }
}

impl Fact {
    fn envelope(&self, stamp: Stamp) -> serde_json::Result<Envelope> {
        match self {
            Self::Node(event) => stamp.on(event),
            Self::Traffic(event) => stamp.on(event),
        }
    }
}

impl Stamp {
    fn on<E: Event>(self, event: &E) -> serde_json::Result<Envelope> {
        Ok(Envelope {
            id: self.id,
            source: SOURCE.to_owned(),
            event_type: E::TYPE.to_owned(),
            key: event.key(),
            time: self.at,
            tenant: TenantId::from_u128(0),
            request: self.request,
            data: serde_json::to_string(event)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use mesh::NodeId;

    use super::*;

    const STAMP: Stamp = Stamp { id: EventId::from_u128(1), request: RequestId::from_u128(2), at: Timestamp::EPOCH };

    fn decision(node: u128, what: What) -> Decision {
        Decision { service: "shop".into(), node: Some(NodeId::from_u128(node)), what }
    }

    #[test]
    fn requests_that_were_sent_elsewhere_are_counted_and_nothing_else_is() {
        let mut waiting = Waiting::new(Uuid::from_u128(7));
        for _ in 0..3 {
            waiting.decided(&decision(1, What::FailedOver), STAMP);
            waiting.decided(&decision(2, What::FailedOver), STAMP);
            waiting.decided(&decision(1, What::Opened { open_for: Duration::from_secs(5) }), STAMP);
        }
        let told = waiting.facts.iter().map(|(_, fact)| match fact {
            Fact::Traffic(traffic) => {
                (traffic.decision.as_str(), traffic.node.as_ref().map(Uuid::as_u128), traffic.count)
            }
            Fact::Node(_) => panic!("nobody changed"),
        });
        let opened = ("opened", Some(1), 1);
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("failed_over", Some(1), 3), ("failed_over", Some(2), 3), opened, opened, opened]
        );
    }

    #[test]
    fn what_waits_is_bounded_and_the_newest_stay() {
        let mut waiting = Waiting::new(Uuid::from_u128(7));
        let extra = 5;
        for node in 0..(WAITING_MAX + extra) as u128 {
            waiting.decided(&decision(node, What::Closed), STAMP);
        }
        assert_eq!(waiting.facts.len(), WAITING_MAX);
        let Some((_, Fact::Traffic(first))) = waiting.facts.front() else { panic!("nothing waits") };
        assert_eq!(first.node, Some(Uuid::from_u128(extra as u128)));
    }
}
