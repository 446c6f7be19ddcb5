//! Fairness and its exceptions, on a clock that the test moves.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Default)]
struct Server(Load);

impl AsRef<Load> for Server {
    fn as_ref(&self) -> &Load {
        &self.0
    }
}

/// Sends `requests`, one each 100 microseconds, each answered after its node's time; returns how many each node got.
fn share(answer_after: &[Duration], requests: usize, seed: u64) -> Vec<usize> {
    let nodes: Vec<Arc<Server>> = answer_after.iter().map(|_| Arc::default()).collect();
    let dice = Dice::new(seed);
    let mut under_way: Vec<(Instant, usize, InFlight<Server>)> = Vec::new();
    let mut counts = vec![0; nodes.len()];
    let mut now = Instant::now();
    for _ in 0..requests {
        now += Duration::from_micros(100);
        let (done, rest) = under_way.into_iter().partition(|(end, ..)| *end <= now);
        under_way = rest;
        let done: Vec<(Instant, usize, InFlight<Server>)> = done;
        for (end, _, request) in &done {
            request.answered(*end);
        }
        let node = pick(&nodes, &dice, now, |_| false).unwrap();
        let index = nodes.iter().position(|other| Arc::ptr_eq(other, node)).unwrap();
        counts[index] += 1;
        under_way.push((now + answer_after[index], index, InFlight::begin(Arc::clone(node), now)));
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_nodes_get_equal_shares(count in 2_usize..16, micros in 200_u64..5_000, seed: u64) {
        let requests = 1_000 * count;
        for got in share(&vec![Duration::from_micros(micros); count], requests, seed) {
            prop_assert!((600..=1_400).contains(&got), "{got} of {requests} with {count} nodes");
        }
    }

    #[test]
    fn a_slow_node_gets_less_than_its_share(count in 2_usize..8, seed: u64) {
        let mut times = vec![Duration::from_millis(1); count];
        times[0] = Duration::from_millis(50);
        let got = share(&times, 1_000 * count, seed);
        prop_assert!(got[0] < 500, "{got:?}");
    }

    #[test]
    fn two_different_nodes_are_drawn(count in 2_usize..1_000, seed: u64) {
        let nodes: Vec<Arc<Server>> = (0..count).map(|_| Arc::default()).collect();
        let (dice, now) = (Dice::new(seed), Instant::now());
        let Drawn::Node(_, first) = draw(&nodes, &dice, now, None, &|_| false) else { panic!("none was drawn") };
        let Drawn::Node(_, second) = draw(&nodes, &dice, now, Some(first), &|_| false) else { panic!("none was drawn") };
        prop_assert!(first < count && second < count && first != second);
    }

    #[test]
    fn shares_follow_weights(weights in prop::collection::vec(1_u32..=10, 2..8), seed: u64) {
        for policy in [Policy::PeakEwma, Policy::LeastRequest, Policy::Weighted] {
            let total: u32 = weights.iter().sum();
            for (got, weight) in picks_of(&weights, policy, seed).into_iter().zip(&weights) {
                let due = 20_000.0 * f64::from(*weight) / f64::from(total);
                let allowed = 6.0 * f64::sqrt(due) + due * 0.02;
                prop_assert!((got - due).abs() < allowed, "{policy:?}: {got} for {due} with {weights:?}");
            }
        }
    }

    #[test]
    fn every_node_has_its_share_of_a_table(weights in prop::collection::vec(1_u32..=5, 1..20), seed: u64) {
        let table = table(&weights, seed, None);
        let total: u32 = weights.iter().sum();
        for (index, weight) in weights.iter().enumerate() {
            let places = table.iter().filter(|node| **node == index).count() as f64;
            let due = maglev::PLACES as f64 * f64::from(*weight) / f64::from(total);
            prop_assert!((due * 0.98 - 2.0..due * 1.02 + 2.0).contains(&places), "{places} for {due}");
        }
    }

    #[test]
    fn a_node_that_leaves_disturbs_few_others(count in 2_usize..40, seed: u64) {
        let weights = vec![1; count];
        let (before, after) = (table(&weights, seed, None), table(&weights, seed, Some(0)));
        let moved = before.iter().zip(&after).filter(|(one, two)| **one != 0 && one != two).count();
        prop_assert!(!after.contains(&0));
        // Maglev's paper finds a few percent; its worst cases are small tables.
        prop_assert!(moved * 100 < maglev::PLACES * 10, "{moved} of {} moved", maglev::PLACES);
    }
}

/// Returns how many of 20,000 picks each node of an upstream gets, all idle and equally quick.
fn picks_of(weights: &[u32], policy: Policy, seed: u64) -> Vec<f64> {
    let nodes: Vec<Arc<Server>> = weights.iter().map(|_| Arc::default()).collect();
    let settings = Settings { policy, ..Settings::default() };
    let index_of = |node: &Server| nodes.iter().position(|other| std::ptr::eq(&raw const **other, node)).unwrap();
    let balancer =
        Balancer::new(nodes.clone(), &settings, |node| Traits { id: 0, zone: None, weight: weights[index_of(node)] });
    let (dice, now) = (Dice::new(seed), Instant::now() + SLOW_START);
    let mut counts = vec![0.0; weights.len()];
    for _ in 0..20_000 {
        let choice = Draw { dice: &dice, now, key: None };
        counts[index_of(balancer.pick(choice, |_| false).unwrap())] += 1.0;
    }
    counts
}

/// Returns whose each place of a table is, without the node at `left`.
fn table(weights: &[u32], seed: u64, left: Option<usize>) -> Vec<usize> {
    let stays: Vec<usize> = (0..weights.len()).filter(|index| Some(*index) != left).collect();
    let nodes = stays.iter().map(|index| (seed.wrapping_add(*index as u64), weights[*index]));
    let table = Maglev::new(nodes).unwrap();
    (0..maglev::PLACES as u64).map(|hash| stays[table.nodes_of(hash).next().unwrap()]).collect()
}

/// Nodes of one upstream that may all be left alone but one.
fn fleet(count: u128) -> Vec<Arc<Server>> {
    let breaker = crate::breaker::Settings { ejected_percent_max: 100, ..Default::default() };
    let upstream = crate::upstream::Upstream::new("shop", crate::upstream::Settings { breaker, ..Default::default() });
    let node = |id| Arc::new(Server(Load::new(crate::NodeId::from_u128(id), Arc::clone(&upstream))));
    (0..count).map(node).collect()
}

fn fail(node: &Arc<Server>, now: Instant) {
    for _ in 0..5 {
        InFlight::begin(Arc::clone(node), now).failed(now);
    }
}

#[test]
fn a_node_left_alone_gets_nothing_until_one_probe_and_then_starts_slowly() {
    let nodes = fleet(3);
    let (dice, start) = (Dice::new(1), Instant::now());
    fail(&nodes[0], start);
    let is_first = |node: &Arc<Server>| Arc::ptr_eq(node, &nodes[0]);
    assert!((0..1_000).all(|_| !is_first(pick(&nodes, &dice, start, |_| false).unwrap())));
    let later = start + Duration::from_secs(34);
    let probes: Vec<_> = (0..1_000).filter(|_| is_first(pick(&nodes, &dice, later, |_| false).unwrap())).collect();
    assert_eq!(probes.len(), 1);
    InFlight::begin(Arc::clone(&nodes[0]), later).answered(later + Duration::from_millis(1));
    let snapshot = nodes[0].0.snapshot(later + Duration::from_millis(1));
    assert_eq!((snapshot.standing, snapshot.share), (Standing::Closed, SLOW_START_SHARE_MIN));
    assert!(snapshot.ewma <= Duration::from_millis(1));
}

#[test]
fn when_most_nodes_are_left_alone_the_breakers_are_not_heeded() {
    let nodes = fleet(5);
    let (dice, now) = (Dice::new(1), Instant::now());
    nodes[..2].iter().for_each(|node| fail(node, now));
    let by_chance = Balancer::new(nodes.clone(), &Settings { policy: Policy::Weighted, ..Settings::default() }, |_| {
        Traits { id: 0, zone: None, weight: 1 }
    });
    let ill = |node: &Arc<Server>| nodes[..2].iter().any(|other| Arc::ptr_eq(node, other));
    let choice = Draw { dice: &dice, now, key: None };
    assert!((0..1_000).all(|_| !ill(by_chance.pick(choice, |_| false).unwrap())));
    fail(&nodes[2], now);
    let got = (0..1_000).filter(|_| ill(by_chance.pick(choice, |_| false).unwrap())).count();
    assert!((300..500).contains(&got), "{got}");
}

#[test]
fn traffic_stays_in_its_zone_as_far_as_the_zone_has_its_part_of_the_nodes() {
    let count_near = |near: usize, count: usize, settings: &Settings| {
        let nodes: Vec<Arc<Server>> = (0..count).map(|_| Arc::default()).collect();
        let near_nodes = nodes[..near].to_vec();
        let is_near = |node: &Server| near_nodes.iter().any(|other| std::ptr::eq(&raw const **other, node));
        let zone = |node: &Server| if is_near(node) { "east" } else { "west" };
        let balancer = Balancer::new(nodes, settings, |node| Traits { id: 0, zone: Some(zone(node)), weight: 1 });
        let (dice, now) = (Dice::new(1), Instant::now());
        let choice = Draw { dice: &dice, now, key: None };
        (0..10_000).filter(|_| is_near(balancer.pick(choice, |_| false).unwrap())).count()
    };
    let settings = Settings { zone: Some("east".to_owned()), ..Settings::default() };
    assert_eq!(count_near(3, 6, &settings), 10_000);
    assert!((4_700..5_300).contains(&count_near(2, 8, &settings)));
    // Too few nodes for zones to count.
    assert!((4_600..5_400).contains(&count_near(2, 4, &settings)));
}

#[test]
fn a_key_stays_with_its_node_and_moves_only_while_that_is_left_alone() {
    let nodes = fleet(5);
    let id_of = |node: &Server| nodes.iter().position(|other| std::ptr::eq(&raw const **other, node)).unwrap() as u64;
    let settings = Settings { policy: Policy::RingHash, ..Settings::default() };
    let balancer = Balancer::new(nodes.clone(), &settings, |node| Traits { id: id_of(node), zone: None, weight: 1 });
    let (dice, now) = (Dice::new(1), Instant::now());
    let of = |key: u64, now| balancer.pick(Draw { dice: &dice, now, key: Some(key) }, |_| false).unwrap();
    let before: Vec<_> = (0..1_000).map(|key| of(key, now)).collect();
    fail(&nodes[0], now);
    for (key, node) in before.iter().enumerate() {
        let after = of(key as u64, now);
        assert!(!Arc::ptr_eq(after, &nodes[0]));
        assert!(Arc::ptr_eq(node, &nodes[0]) || Arc::ptr_eq(node, after));
    }
}

#[test]
fn a_node_that_has_enough_is_left_alone_as_long_as_it_asked() {
    let nodes = fleet(2);
    let (dice, now) = (Dice::new(1), Instant::now());
    InFlight::begin(Arc::clone(&nodes[0]), now).refused(Some(Duration::from_secs(7)), now + Duration::from_micros(9));
    let first = |now| (0..100).filter(|_| Arc::ptr_eq(pick(&nodes, &dice, now, |_| false).unwrap(), &nodes[0])).count();
    assert_eq!(first(now + Duration::from_secs(6)), 0);
    assert!(first(now + Duration::from_secs(8)) > 0);
    assert_eq!(nodes[0].0.snapshot(now).standing, Standing::Closed);
}

#[test]
fn a_node_that_fails_at_once_does_not_draw_the_traffic() {
    let nodes: Vec<Arc<Server>> = (0..2).map(|_| Arc::default()).collect();
    let now = Instant::now();
    InFlight::begin(Arc::clone(&nodes[0]), now).failed(now + Duration::from_micros(50));
    InFlight::begin(Arc::clone(&nodes[1]), now).answered(now + Duration::from_millis(20));
    let dice = Dice::new(1);
    let later = now + Duration::from_secs(1);
    assert!((0..100).all(|_| Arc::ptr_eq(pick(&nodes, &dice, later, |_| false).unwrap(), &nodes[1])));
}

#[test]
fn a_failure_is_forgiven_with_time() {
    let load = Load::default();
    let now = Instant::now();
    load.observe(PENALTY, now);
    assert!(load.ewma(now + DECAY * 8) < Duration::from_millis(2));
}

#[test]
fn an_excluded_node_is_never_picked() {
    let nodes: Vec<Arc<Server>> = (0..3).map(|_| Arc::default()).collect();
    let dice = Dice::new(1);
    let now = Instant::now();
    let excluded = |node: &Server| !std::ptr::eq(node, &raw const *nodes[2]);
    assert!((0..100).all(|_| Arc::ptr_eq(pick(&nodes, &dice, now, excluded).unwrap(), &nodes[2])));
    assert!(pick(&nodes[..1], &dice, now, |_| true).is_none());
    assert!(pick(&nodes, &dice, now, |_| true).is_none());
}

#[test]
fn a_request_dropped_without_an_answer_says_nothing_about_its_node() {
    let node: Arc<Server> = Arc::default();
    let now = Instant::now();
    let before = node.0.ewma(now);
    let request = InFlight::begin(Arc::clone(&node), now);
    assert_eq!(node.0.in_flight(), 1);
    drop(request);
    assert_eq!((node.0.in_flight(), node.0.ewma(now)), (0, before));
}

#[tokio::test]
async fn a_node_that_keeps_waiting_is_slow_and_one_that_is_silent_fails_once_for_each_silence() {
    let upstream = crate::upstream::Upstream::new("shop", crate::upstream::Settings::default());
    let load = |number| Load::new(crate::NodeId::from_u128(number), Arc::clone(&upstream));
    let (frozen, _other) = (load(1), load(2));
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    // Many requests wait in the same silence: one failure.
    (0..20).for_each(|number| frozen.kept_waiting(at(number), at(100 + number)));
    assert!(frozen.ewma(at(120)) > Duration::from_millis(4_900));
    assert_eq!(frozen.breaker().standing(at(120)), Standing::Closed);
    // A node that answers others meanwhile is as slow as that, and has not failed.
    let slow = load(3);
    slow.observe(Duration::from_millis(1), at(60));
    slow.kept_waiting(at(0), at(100));
    assert!((90..=100).contains(&slow.ewma(at(100)).as_millis()));
    for number in 2..20 {
        let begun = at(number * 1_000);
        frozen.observe(Duration::from_millis(1), begun + Duration::from_millis(50));
        frozen.kept_waiting(begun, begun + Duration::from_millis(100));
    }
    assert_eq!(frozen.breaker().standing(at(20_000)), Standing::Closed);
    // It lets nothing be heard, again and again.
    (30..34).for_each(|number| frozen.kept_waiting(at(number * 1_000), at(number * 1_000 + 100)));
    assert_ne!(frozen.breaker().standing(at(34_000)), Standing::Closed);
}

#[tokio::test]
async fn a_node_that_was_left_alone_is_asked_soon_when_the_only_other_one_fails() {
    let upstream = crate::upstream::Upstream::new("shop", crate::upstream::Settings::default());
    let node = |id| Arc::new(Server(Load::new(crate::NodeId::from_u128(id), Arc::clone(&upstream))));
    let nodes = [node(1), node(2)];
    let (dice, now) = (Dice::new(1), Instant::now());
    // It was ill, and is well again.
    (0..5).for_each(|_| InFlight::begin(Arc::clone(&nodes[0]), now).failed(now));
    let asked = (0..100).take_while(|_| {
        let chosen = pick(&nodes, &dice, now, |_| false).unwrap();
        let request = InFlight::begin(Arc::clone(chosen), now);
        let well = Arc::ptr_eq(chosen, &nodes[0]);
        if well {
            request.answered(now);
        } else {
            request.failed(now);
        }
        !well
    });
    assert!(asked.count() < 10);
    assert!((0..100).all(|_| Arc::ptr_eq(pick(&nodes, &dice, now, |_| false).unwrap(), &nodes[0])));
}
