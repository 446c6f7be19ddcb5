//! Two nodes with one service behind a gateway, of which one ends, one stands still and one cannot be reached: whoever reads, or
//! writes with an Idempotency-Key, is answered, and what was acknowledged is there.
//!
//! `cargo xtask bench failover` is the same at 2,000 requests a second, with more faults, and with times.

use fpms::parts::Parts;
use mesh::{Node as Entry, NodeId};
use testkit::both_engines;

use crate::role_split::{
    codes,
    nodes::{Node, Place},
    signed_in,
    stream::{Stream, Writes},
};

/// The service that has two nodes.
const SERVICE: &str = "projects";
/// Reads that must have been answered during a fault and after it: many times what is under way at once.
const ANSWERS: usize = 80;

both_engines! {
    async fn nobody_notices_a_node_that_ends_or_stands_still_or_cannot_be_reached(installation: Installation) {
        let place = Place::of(installation);
        let demo = place.furnish().await;
        let mut front = Node::start(&place, "registry,gateway,identity,files,notifications,console");
        let [first, second] = [SERVICE; 2].map(|role| Node::start(&place, role));
        for node in [&front, &first, &second] {
            node.serves().await;
        }
        let coordinator = signed_in(&front.gateway().await, &demo, "coordinator").await;

        let outcome = Stream::during(&coordinator, ("F", Writes::Keyed), async |stream| {
            stream.answers(ANSWERS).await;
            first.kill().await;
            stream.answers(ANSWERS).await;
            let third = Node::start(&place, SERVICE);
            third.serves().await;
            stream.answers(ANSWERS).await;
            second.freeze();
            stream.answers(ANSWERS).await;
            second.thaw();
            stream.answers(ANSWERS).await;
            unreachable(&place, stream).await;
            [second, third]
        });
        let (nodes, outcome) = outcome.await;
        let failed = [outcome.failed_reads, outcome.failed_writes].concat();
        assert_eq!(failed, [""; 0], "requests failed");
        let codes = codes(&coordinator).await;
        let lost: Vec<&String> = outcome.written.iter().filter(|code| !codes.contains(code)).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged writes are gone: {lost:?}", lost.len(), outcome.written.len());
        for node in nodes.into_iter().chain([front]) {
            node.stop().await;
        }
    }
}

/// Lets a node stand in the registry at a port where nobody listens, for as long as it takes to be asked.
async fn unreachable(place: &Place, stream: &Stream<'_>) {
    let parts = place.parts();
    let (authority, discovery) = (parts.authority().await, parts.discovery().await);
    discovery.wait_for(SERVICE).await;
    let like = std::sync::Arc::clone(&discovery.view().service(SERVICE).unwrap().endpoints[0].node);
    let address = ([127, 0, 0, 1], testkit::free_port()).into();
    let entry = Entry { id: NodeId::from_u128(1), address, ..(*like).clone() };
    authority.register(&entry).await.unwrap();
    seen(&parts, &entry, true).await;
    stream.answers(ANSWERS).await;
    authority.deregister(&entry.key()).await.unwrap();
    seen(&parts, &entry, false).await;
    stream.answers(ANSWERS).await;
    parts.shutdown.begin();
}

/// Waits until whoever follows the registry sees the node, or no longer.
async fn seen(parts: &Parts, entry: &Entry, there: bool) {
    let discovery = parts.discovery().await;
    let mut updates = discovery.updates();
    let sees = || {
        let view = discovery.view();
        view.service(SERVICE).is_some_and(|service| service.endpoints.iter().any(|other| other.node.id == entry.id))
    };
    while sees() != there {
        updates.changed().await.unwrap();
    }
}
