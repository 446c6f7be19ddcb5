//! The catalogue against a plain model of it, whatever happens in whatever order.

use proptest::prelude::*;

use super::*;

const LEASE: Duration = Duration::from_secs(6);
const PERIOD: Duration = Duration::from_millis(750);

fn node(id: u8) -> Node {
    Node::new(NodeId::from_u128(u128::from(id)), "shop", ([127, 0, 0, 1], 1_000 + u16::from(id)).into())
}

#[derive(Debug, Clone)]
enum Step {
    Enter(u8, u8),
    Keep(u8),
    Leave(u8),
    Pass(u64),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6_u8, 0..3_u8).prop_map(|(id, version)| Step::Enter(id, version)),
        (0..6_u8).prop_map(Step::Keep),
        (0..6_u8).prop_map(Step::Leave),
        (0..3_000_u64).prop_map(Step::Pass),
        Just(Step::Look),
    ]
}

/// A watcher that knows the catalogue only by what it is told.
#[derive(Default)]
struct Watcher {
    seen: Option<Version>,
    nodes: BTreeMap<NodeKey, Arc<Node>>,
}

impl Watcher {
    fn look(&mut self, catalogue: &Catalogue) {
        let changes = catalogue.changes(self.seen);
        if changes.complete {
            self.nodes.clear();
        }
        for key in &changes.gone {
            self.nodes.remove(key);
        }
        self.nodes.extend(changes.nodes.into_iter().map(|node| (node.key(), node)));
        self.seen = Some(changes.version);
    }
}

proptest! {
    #[test]
    fn a_watcher_that_is_told_changes_only_knows_the_same_as_one_that_asks_anew(steps in prop::collection::vec(step(), 0..120)) {
        let mut catalogue = Catalogue::new(LEASE, 7);
        let (mut watcher, mut now) = (Watcher::default(), Instant::now());
        for step in steps {
            match step {
                Step::Enter(id, version) => {
                    let mut node = node(id);
                    node.metadata.insert("version".to_owned(), version.to_string());
                    catalogue.enter(&node, now).unwrap();
                }
                Step::Keep(id) => drop(catalogue.keep(&[node(id).key()], now)),
                Step::Leave(id) => drop(catalogue.leave(&node(id).key())),
                Step::Pass(millis) => {
                    now += Duration::from_millis(millis);
                    catalogue.sweep(now, PERIOD);
                }
                Step::Look => watcher.look(&catalogue),
            }
        }
        watcher.look(&catalogue);
        let mut fresh = Watcher::default();
        fresh.look(&catalogue);
        prop_assert_eq!(watcher.nodes, fresh.nodes);
    }

    #[test]
    fn a_node_that_renews_in_time_never_goes_however_long_the_registry_itself_was_stopped(
        pauses in prop::collection::vec(0..100_000_u64, 1..40),
    ) {
        let mut catalogue = Catalogue::new(LEASE, 7);
        let mut now = Instant::now();
        catalogue.enter(&node(1), now).unwrap();
        catalogue.sweep(now, PERIOD);
        for pause in pauses {
            now += Duration::from_millis(pause);
            catalogue.sweep(now, PERIOD);
            prop_assert!(catalogue.keep(&[node(1).key()], now).is_empty());
        }
    }
}

#[test]
fn what_a_snapshot_remembers_gives_way_to_who_listens_there_now() {
    let (mut catalogue, now) = (Catalogue::new(LEASE, 7), Instant::now());
    catalogue.restore(vec![node(1), node(2)], now);
    catalogue.enter(&Node { address: node(1).address, ..node(3) }, now).unwrap();
    let ids: Vec<_> = catalogue.nodes().map(|node| node.id).collect();
    assert_eq!(ids, [node(2).id, node(3).id]);
}
