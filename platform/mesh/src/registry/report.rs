//! Tells the registry what this process's breakers decided, so that those who have not called the node yet are spared it.
//!
//! Owns nothing. Never waits for the registry on the way of a request: decisions come as a stream, and when the registry
//! is away they are forgotten, since a verdict that comes late is no news.

use std::sync::Arc;

use runtime::{OnError, Shutdown, TaskKind};
use tokio::sync::broadcast::error::RecvError;
use tracing::debug;

use super::{Authority, Verdict};
use crate::{
    NodeId, NodeKey,
    decisions::{self, Decision, What},
};

/// Reports to `authority` in the name of the process `reporter` until the node stops.
pub fn report(authority: Arc<dyn Authority>, reporter: NodeId, shutdown: &Shutdown) {
    const REPORT: TaskKind = TaskKind::new("registry-report", OnError::Log).aborted();
    let mut decisions = decisions::subscribe();
    shutdown.spawn(REPORT, async move {
        loop {
            let decision = match decisions.recv().await {
                Ok(decision) => decision,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            let Some(verdict) = verdict(&decision, reporter) else {
                continue;
            };
            if let Err(error) = authority.report(&verdict).await {
                debug!(error = %runtime::chain(&error), "registry does not hear a verdict");
            }
        }
    });
}

fn verdict(decision: &Decision, reporter: NodeId) -> Option<Verdict> {
    let failing = match decision.what {
        What::Opened { .. } => true,
        What::Closed => false,
        What::HalfOpened | What::FailedOver | What::PanicBegan | What::PanicEnded => return None,
    };
    let node = NodeKey { service: decision.service.to_string(), id: decision.node? };
    Some(Verdict { reporter, node, failing })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        Node,
        registry::{Registry, Settings, standing::Admission},
    };

    #[tokio::test(start_paused = true)]
    async fn a_node_whose_breaker_opened_in_two_processes_is_passed_over_until_it_is_forgotten() {
        let (registry, shutdown) =
            (Registry::new(Settings { lease_ms: 3_600_000, ..Settings::default() }), Shutdown::new());
        registry.start(&shutdown);
        let node = Node::new(NodeId::from_u128(0x7e57), "reported", ([127, 0, 0, 1], 80).into());
        registry.register(&node).await.unwrap();
        for reporter in [1, 2] {
            report(registry.clone(), NodeId::from_u128(reporter), &shutdown);
        }
        let mut events = registry.events();
        let open_for = Duration::from_secs(30);
        let what = What::Opened { open_for };
        decisions::tell(Decision { service: "reported".into(), node: Some(node.id), what });
        let convicted = events.recv().await.unwrap();
        assert_eq!(convicted.kind, crate::registry::EventKind::Convicted);
        assert_eq!(registry.members()[0].standing.admission(), Admission::LastResort);
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(registry.members()[0].standing.admission(), Admission::Taken);
    }
}
