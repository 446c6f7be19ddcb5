//! Fairness and its exceptions, on a clock that the test moves.

use proptest::prelude::*;

use super::*;

#[derive(Default)]
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
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

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
        let (first, second) = Dice::new(seed).two_of(count);
        prop_assert!(first < count && second < count && first != second);
    }
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
