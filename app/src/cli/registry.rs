//! `fpms registry`: the nodes there are, how each stands, and what the operator wants of them.

use std::{io::Write, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use mesh::registry::{
    Authority, Member, Order,
    standing::{Admission, Mode},
};

use super::{block_on, place::Place};
use crate::parts::Parts;

/// Longest wait for the registry's answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What `fpms registry` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with nodes. NODE is `SERVICE/ID`, of whose id the first characters are enough.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the nodes, and how each stands
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Send a node no request while it is worked on, or end that
    Maintenance {
        /// `SERVICE/ID`
        node: String,
        /// Whether it is worked on
        state: State,
        /// Why, for whoever looks
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// Send a node no new request, because it is about to go, or end that
    Drain {
        /// `SERVICE/ID`
        node: String,
        /// Whether it is about to go
        state: State,
        /// Why, for whoever looks
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// Give a node another share of the requests, or another zone, than it says of itself
    Set {
        /// `SERVICE/ID`
        node: String,
        /// Its weight beside the other nodes, 1 to 65535; 0 leaves it to the node
        #[arg(long)]
        weight: Option<u32>,
        /// Its zone; empty leaves it to the node
        #[arg(long)]
        zone: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum State {
    /// It is
    On,
    /// It is no more
    Off,
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    match &arguments.command {
        Command::List { place } => block_on(place, async |parts| print(&members(parts).await?.1, out)),
        Command::Maintenance { node, state, reason, place } => block_on(place, async |parts| {
            order(parts, node, out, |order| mode(order, *state, Mode::Maintenance, reason)).await
        }),
        Command::Drain { node, state, reason, place } => block_on(place, async |parts| {
            order(parts, node, out, |order| mode(order, *state, Mode::Draining, reason)).await
        }),
        Command::Set { node, weight, zone, place } => {
            let set = |order: Order| Order {
                weight: weight.map_or(order.weight, |weight| Some(weight).filter(|weight| *weight > 0)),
                zone: zone.clone().map_or(order.zone, |zone| Some(zone).filter(|zone| !zone.is_empty())),
                ..order
            };
            block_on(place, async |parts| order(parts, node, out, set).await)
        }
    }
}

fn mode(order: Order, state: State, wanted: Mode, reason: &str) -> Order {
    match state {
        State::On => Order { mode: wanted, reason: reason.to_owned(), ..order },
        State::Off => Order { mode: Mode::Serving, reason: String::new(), ..order },
    }
}

async fn order(parts: &Parts, node: &str, out: &mut impl Write, change: impl FnOnce(Order) -> Order) -> Result<()> {
    let (authority, members) = members(parts).await?;
    let member = find(&members, node)?;
    let order = change(member.standing.order.clone());
    authority.order(&member.node.key(), &order).await?;
    let standing = mesh::registry::Standing { order, ..member.standing.clone() };
    print(&[Arc::new(Member { node: Arc::clone(&member.node), standing })], out)
}

async fn members(parts: &Parts) -> Result<(Arc<dyn Authority>, Vec<Arc<Member>>)> {
    if parts.settings.mesh.registry.port() == 0 {
        bail!(
            "`mesh.registry` has port 0: the registry is inside the one process that serves, and has the nodes of it alone"
        );
    }
    let ask = async {
        let authority = parts.authority().await;
        let changes = authority.watch(None).await?;
        anyhow::Ok((authority, changes.nodes))
    };
    tokio::time::timeout(ANSWER_MAX, ask)
        .await
        .with_context(|| format!("the registry at {} does not answer", parts.settings.mesh.registry))?
        .context("asking the registry")
}

/// Returns the one node that `text` means.
fn find<'a>(members: &'a [Arc<Member>], text: &str) -> Result<&'a Arc<Member>> {
    let (service, id) =
        text.split_once('/').context("a node is named SERVICE/ID, as `fpms registry list` prints it")?;
    let is_meant = |member: &&Arc<Member>| member.node.service == service && member.node.id.to_string().starts_with(id);
    let mut meant = members.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => bail!("no node `{text}` is in the registry"),
        (Some(_), Some(_)) => bail!("`{text}` is more than one node: give more of its id"),
    }
}

fn print(members: &[Arc<Member>], out: &mut impl Write) -> Result<()> {
    for member in members {
        let (node, standing) = (&member.node, &member.standing);
        let mut words = vec![standing.order.mode.name().to_owned(), standing.health.name().to_owned()];
        words.extend(standing.convicted.then(|| "failing for its callers".to_owned()));
        words.extend(standing.damped.then(|| "came and went too often".to_owned()));
        words.extend((standing.admission() != Admission::Taken).then(|| "passed over".to_owned()));
        words.push(format!("weight {}", member.weight()));
        words.extend(member.zone().map(|zone| format!("zone {zone}")));
        words.extend(Some(&standing.order.reason).filter(|reason| !reason.is_empty()).cloned());
        writeln!(out, "{}/{} {} {}", node.service, node.id, node.address, words.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mesh::{Node, NodeId};

    use super::*;

    fn member(id: u128, service: &str) -> Arc<Member> {
        let id = NodeId::from_u128(id << 96);
        Arc::new(Node::new(id, service, ([127, 0, 0, 1], 80).into()).into())
    }

    #[test]
    fn a_node_is_meant_by_the_beginning_of_its_id() {
        let members = [member(0x1200_0000, "shop"), member(0x1300_0000, "shop"), member(0x1200_0000, "bank")];
        assert_eq!(find(&members, "shop/13").unwrap(), &members[1]);
        assert_eq!(find(&members, "bank/").unwrap(), &members[2]);
        for (text, reason) in [("shop", "SERVICE/ID"), ("shop/1", "more than one"), ("shop/2", "no node")] {
            assert!(find(&members, text).unwrap_err().to_string().contains(reason), "{text}");
        }
    }

    #[test]
    fn what_is_ended_leaves_weight_and_zone() {
        let before = Order { mode: Mode::Maintenance, reason: "disk".to_owned(), weight: Some(3), zone: None };
        let after = mode(before, State::Off, Mode::Maintenance, "");
        assert_eq!(after, Order { weight: Some(3), ..Order::default() });
    }
}
