//! The catalogue against a plain model of it, whatever happens in whatever order.

use proptest::prelude::*;

use super::{
    super::{checks::Check, standing::Admission},
    *,
};
use crate::node::Tenure;

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
    Order(u8, bool),
    Hear(u8, u8, bool),
    Found(Health),
    Pass(u64),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6_u8, 0..3_u8).prop_map(|(id, version)| Step::Enter(id, version)),
        (0..6_u8).prop_map(Step::Keep),
        (0..6_u8).prop_map(Step::Leave),
        (0..6_u8, any::<bool>()).prop_map(|(id, works)| Step::Order(id, works)),
        (0..6_u8, 0..3_u8, any::<bool>()).prop_map(|(id, reporter, failing)| Step::Hear(id, reporter, failing)),
        any::<bool>().prop_map(|well| Step::Found(if well { Health::Passing } else { Health::Critical })),
        (0..3_000_u64).prop_map(Step::Pass),
        Just(Step::Look),
    ]
}

/// A watcher that knows the catalogue only by what it is told.
#[derive(Default)]
struct Watcher {
    seen: Option<Version>,
    nodes: BTreeMap<NodeKey, Arc<Member>>,
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
        self.nodes.extend(changes.nodes.into_iter().map(|member| (member.node.key(), member)));
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
                    node.checks = vec![Check::new("tcp", Probe::Tcp { target: None })];
                    catalogue.enter(&node, now).unwrap();
                }
                Step::Order(id, works) => {
                    let mode = if works { Mode::Maintenance } else { Mode::Serving };
                    drop(catalogue.order(&node(id).key(), Order { mode, ..Order::default() }, now));
                }
                Step::Hear(id, reporter, failing) => {
                    let reporter = NodeId::from_u128(u128::from(reporter));
                    catalogue.hear(&Verdict { reporter, node: node(id).key(), failing }, now);
                }
                Step::Found(health) => {
                    if let Ok((task, ..)) = catalogue.due(now) {
                        catalogue.found(task, health, "", now);
                    }
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
    catalogue.restore(vec![node(1), node(2)], Vec::new(), now);
    catalogue.enter(&Node { address: node(1).address, ..node(3) }, now).unwrap();
    let ids: Vec<_> = catalogue.members().map(|member| member.node.id).collect();
    assert_eq!(ids, [node(2).id, node(3).id]);
}

fn checked(id: u8) -> Node {
    let tcp = Check { interval_ms: 1_000, ..Check::new("tcp", Probe::Tcp { target: None }) };
    Node { tenure: Tenure::Standing { critical_ms_max: None }, ..node(id) }.checks([tcp])
}

/// Lets every probe that is due within `seconds` find `health`; returns what happened and how often was asked.
fn found(catalogue: &mut Catalogue, health: Health, now: &mut Instant, seconds: u64) -> (Vec<EventKind>, u32) {
    let (mut kinds, mut asked) = (Vec::new(), 0);
    for _ in 0..seconds * 20 {
        *now += Duration::from_millis(50);
        while let Ok((task, ..)) = catalogue.due(*now) {
            asked += 1;
            kinds.extend(catalogue.found(task, health, "said", *now).into_iter().map(|event| event.kind));
        }
        kinds.extend(catalogue.sweep(*now, Duration::from_secs(1)).into_iter().map(|event| event.kind));
    }
    (kinds, asked)
}

#[test]
fn a_node_falls_with_its_third_failure_stays_visible_and_rises_with_its_second_success() {
    let (mut catalogue, mut now) = (Catalogue::new(LEASE, 7), Instant::now());
    catalogue.enter(&checked(1), now).unwrap();
    let (kinds, asked) = found(&mut catalogue, Health::Passing, &mut now, 10);
    assert!(kinds.is_empty() && (9..=12).contains(&asked), "{kinds:?} {asked}");
    assert_eq!(found(&mut catalogue, Health::Critical, &mut now, 1).0, []);
    assert_eq!(found(&mut catalogue, Health::Critical, &mut now, 4).0, [EventKind::Fell]);
    let (member, care) = catalogue.cared(Some("shop")).next().unwrap();
    assert_eq!(member.standing.admission(), Admission::LastResort);
    assert_eq!(care.tallies().map(|(_, tally)| tally.output()).collect::<Vec<_>>(), ["said"]);
    assert_eq!(found(&mut catalogue, Health::Passing, &mut now, 4).0, [EventKind::Rose]);
}

#[test]
fn a_node_that_keeps_falling_is_damped_and_one_that_is_worked_on_is_not() {
    let (mut catalogue, mut now) = (Catalogue::new(LEASE, 7), Instant::now());
    catalogue.enter(&checked(1), now).unwrap();
    let turn = |catalogue: &mut Catalogue, now: &mut Instant| {
        found(catalogue, Health::Critical, now, 4);
        found(catalogue, Health::Passing, now, 4);
    };
    let damped = |catalogue: &Catalogue| catalogue.members().next().unwrap().standing.damped;
    let order = |mode| Order { mode, ..Order::default() };
    found(&mut catalogue, Health::Passing, &mut now, 2);
    catalogue.order(&node(1).key(), order(Mode::Maintenance), now).unwrap();
    for _ in 0..5 {
        turn(&mut catalogue, &mut now);
    }
    catalogue.order(&node(1).key(), order(Mode::Serving), now).unwrap();
    assert!(!damped(&catalogue));
    for _ in 0..3 {
        turn(&mut catalogue, &mut now);
    }
    assert!(damped(&catalogue));
    let kinds = found(&mut catalogue, Health::Passing, &mut now, 120).0;
    assert_eq!(kinds, [EventKind::Undamped]);
}

#[test]
fn a_word_holds_for_its_time_and_what_is_given_up_goes() {
    let (mut catalogue, mut now) = (Catalogue::new(LEASE, 7), Instant::now());
    let ttl = Check { interval_ms: 10_000, initial: Health::Critical, ..Check::new("word", Probe::Ttl) };
    let tenure = Tenure::Standing { critical_ms_max: Some(60_000) };
    let node = Node { tenure, ..node(1) }.checks([ttl]);
    catalogue.enter(&node, now).unwrap();
    assert_eq!(catalogue.members().next().unwrap().standing.health, Health::Critical);
    catalogue.say(&node.key(), ("word", Health::Passing, "fine"), now).unwrap();
    assert!(catalogue.say(&node.key(), ("other", Health::Passing, ""), now).is_none());
    assert_eq!(found(&mut catalogue, Health::Passing, &mut now, 9).0, []);
    assert_eq!(found(&mut catalogue, Health::Passing, &mut now, 2).0, [EventKind::Fell]);
    assert_eq!(found(&mut catalogue, Health::Passing, &mut now, 58).0, []);
    assert_eq!(found(&mut catalogue, Health::Passing, &mut now, 4).0, [EventKind::Left]);
}
