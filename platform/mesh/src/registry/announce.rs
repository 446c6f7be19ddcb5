//! Keeps the leases of a process: joins, renews, joins again when the registry has forgotten, and leaves at the end.

use std::{sync::Arc, time::Duration};

use runtime::{OnError, Shutdown, TaskKind};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{debug, warn};

use super::Authority;
use crate::{Error, Node, NodeKey};

const ANNOUNCE: TaskKind = TaskKind::new("registry-announce", OnError::Stop);
const RETRY_MIN: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);
const LEAVE_MAX: Duration = Duration::from_secs(1);

/// Announces `nodes` until `shutdown` begins, and takes them out of the catalogue then. The channel returned turns
/// true when all have joined.
pub fn announce(authority: Arc<dyn Authority>, nodes: Vec<Node>, shutdown: &Shutdown) -> watch::Receiver<bool> {
    let (sender, joined) = watch::channel(false);
    let end = shutdown.clone();
    shutdown.spawn(ANNOUNCE, async move {
        let outcome = tokio::select! {
            outcome = keep(&*authority, &nodes, &sender) => outcome,
            () = end.cancelled() => Ok(()),
        };
        let leaving = nodes.iter().map(|node| async { authority.deregister(&node.key()).await });
        for leave in leaving {
            // The lease runs out by itself if this fails.
            let _ = timeout(LEAVE_MAX, leave).await;
        }
        outcome
    });
    joined
}

async fn keep(authority: &dyn Authority, nodes: &[Node], joined: &watch::Sender<bool>) -> Result<(), Error> {
    let keys: Vec<_> = nodes.iter().map(Node::key).collect();
    loop {
        let lease = join(authority, nodes).await?;
        joined.send_replace(true);
        renew(authority, &keys, lease / 3).await;
        debug!("registry has forgotten this node, joining again");
    }
}

/// Registers every node, trying until it succeeds; returns the shortest lease. A node that may not join is an error.
async fn join(authority: &dyn Authority, nodes: &[Node]) -> Result<Duration, Error> {
    let mut shortest = Duration::from_mins(1);
    let mut retry = RETRY_MIN;
    for node in nodes {
        loop {
            match authority.register(node).await {
                Ok(lease) => {
                    shortest = shortest.min(Duration::from_millis(lease.lease_ms));
                    break;
                }
                Err(error @ (Error::Invalid(_) | Error::Refused { status: 401 | 422, .. })) => return Err(error),
                Err(error) => {
                    if retry == RETRY_MIN {
                        warn!(node.service = %node.service, error = %runtime::chain(&error), "registry is away, joining later");
                    }
                    sleep(retry).await;
                    retry = (retry * 2).min(RETRY_MAX);
                }
            }
        }
    }
    Ok(shortest)
}

/// Renews until the registry does not know one of the nodes.
async fn renew(authority: &dyn Authority, keys: &[NodeKey], period: Duration) {
    let mut wait = period;
    loop {
        sleep(wait).await;
        match authority.renew(keys).await {
            Ok(unknown) if unknown.is_empty() => wait = period,
            Ok(_) => return,
            // The lease is still held for a while; ask again sooner than usual.
            Err(_) => wait = RETRY_MIN.max(period / 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        NodeId,
        registry::{Registry, Settings},
    };

    fn node() -> Node {
        Node::new(NodeId::from_u128(1), "shop", ([127, 0, 0, 1], 80).into())
    }

    #[tokio::test(start_paused = true)]
    async fn a_forgotten_node_joins_again_by_itself_and_leaves_at_the_end() {
        let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
        registry.start(&shutdown);
        let mut joined = announce(registry.clone(), vec![node()], &shutdown);
        joined.wait_for(|joined| *joined).await.unwrap();
        sleep(Duration::from_mins(1)).await;
        assert_eq!(registry.nodes().len(), 1);
        registry.deregister(&node().key()).await.unwrap();
        sleep(Duration::from_secs(3)).await;
        assert_eq!(registry.nodes().len(), 1);
        shutdown.drain(Duration::from_secs(1)).await.unwrap();
        assert!(registry.nodes().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_may_not_join_stops_its_process() {
        let (registry, shutdown) = (Registry::new(Settings::default()), Shutdown::new());
        announce(registry, vec![Node { service: "Bad".to_owned(), ..node() }], &shutdown);
        timeout(Duration::from_secs(1), shutdown.cancelled()).await.unwrap();
    }
}
