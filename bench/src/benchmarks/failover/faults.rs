//! What fails.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time;

use super::stranger::Strangers;
use crate::cluster::Cluster;

/// How long a fault lasts.
pub(super) const LASTS: Duration = Duration::from_secs(2);

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A replica ends without a word and comes back.
    Kill,
    /// A replica stands still and goes on.
    Freeze,
    /// A node is in the registry at a port where nobody listens.
    RefusedPort,
    /// A node answers late.
    SlowNode,
    /// The registry ends without a word and comes back.
    RegistryOutage,
    /// The host of a replica is cut off from all others, and joined again.
    Partition,
}

impl Fault {
    const ALL: [Self; 6] =
        [Self::Kill, Self::Freeze, Self::RefusedPort, Self::SlowNode, Self::RegistryOutage, Self::Partition];

    /// Returns those that can happen to `cluster`.
    pub(super) fn of(cluster: &Cluster) -> impl Iterator<Item = Self> + Clone + use<> {
        let hosts = cluster.hosts.is_some();
        Self::ALL.into_iter().filter(move |fault| hosts || *fault != Self::Partition)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::RefusedPort => "refused_port",
            Self::SlowNode => "slow_node",
            Self::RegistryOutage => "registry_outage",
            Self::Partition => "partition",
        }
    }

    /// Lets it happen, to one replica or the other in turn, and ends it.
    pub(super) async fn happen(self, cluster: &mut Cluster, strangers: &Strangers, turn: usize) -> Result<()> {
        let replica = cluster.replicas.get_mut(turn % 2).context("no replica")?;
        match self {
            Self::Kill => {
                replica.kill().await?;
                time::sleep(LASTS).await;
                replica.restart()
            }
            Self::Freeze => {
                replica.freeze()?;
                time::sleep(LASTS).await;
                replica.thaw()
            }
            Self::RefusedPort => strangers.refusing(LASTS).await,
            Self::SlowNode => strangers.slow(LASTS).await,
            Self::RegistryOutage => {
                cluster.registry.kill().await?;
                time::sleep(LASTS).await;
                cluster.registry.restart()
            }
            Self::Partition => {
                let hosts = cluster.hosts.as_ref().context("no hosts")?;
                hosts.cut(turn)?;
                time::sleep(LASTS).await;
                hosts.join(turn)
            }
        }
    }
}
