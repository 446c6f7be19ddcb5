//! Every step of the states, the window against a list, and the bounds of an upstream.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    machine::PROBE_NS,
    window::{Counts, Window},
    *,
};

const SECOND: u64 = 1_000_000_000;

fn quick() -> Settings {
    Settings {
        failures_max: 2,
        requests_min: 4,
        open_ms: 3_000,
        open_ms_max: 6_000,
        jitter_percent: 0,
        ..Settings::default()
    }
}

/// Walks every sequence of eight steps, each at its own second, and checks what must hold after each.
#[test]
fn every_sequence_of_steps_keeps_the_rules() {
    #[derive(Clone, Copy, Debug)]
    enum Deed {
        Good,
        Bad,
        LateBad,
        Claim,
        Wait,
    }
    const DEEDS: [Deed; 5] = [Deed::Good, Deed::Bad, Deed::LateBad, Deed::Claim, Deed::Wait];
    fn walk(machine: &Machine, now: u64, probing: bool, left: u32, seen: &mut BTreeSet<&'static str>) {
        if left == 0 {
            return;
        }
        let settings = quick();
        for deed in DEEDS {
            let mut machine = machine.clone();
            let (gate, mut probing) = (machine.gate(), probing);
            let step = match deed {
                Deed::Good => machine.record(now, now, Outcome::Answered, &settings),
                Deed::Bad => machine.record(now, now, Outcome::Failed, &settings),
                Deed::LateBad => machine.record(0, now, Outcome::Failed, &settings),
                Deed::Claim => {
                    let claimed = machine.claim(now);
                    assert_eq!(claimed, gate != 0 && now >= gate, "a probe goes out exactly when one is due");
                    assert!(!claimed || !machine.claim(now), "one request probes");
                    probing |= claimed;
                    Step::Stay
                }
                Deed::Wait => Step::Stay,
            };
            match step {
                Step::Trip => {
                    assert_eq!(gate, 0, "only a closed breaker trips");
                    assert!((3 * SECOND..=6 * SECOND).contains(&machine.open(now, 0, &settings)));
                    seen.insert("tripped");
                }
                Step::Reopen => {
                    assert!(probing && !matches!(deed, Deed::Good), "only a failed probe opens again");
                    assert_eq!(machine.open(now, 0, &settings), 6 * SECOND);
                    (probing, _) = (false, seen.insert("reopened"));
                }
                Step::Close => {
                    assert!(probing && matches!(deed, Deed::Good), "only a probe that came back well closes");
                    machine.close(now);
                    assert_eq!(machine.gate(), 0);
                    (probing, _) = (false, seen.insert("closed"));
                }
                Step::Stay => {}
            }
            let pause = if matches!(deed, Deed::Wait) { 4 * SECOND } else { SECOND };
            walk(&machine, now + pause, probing, left - 1, seen);
        }
    }
    let mut seen = BTreeSet::new();
    walk(&Machine::default(), SECOND, false, 8, &mut seen);
    assert_eq!(seen, BTreeSet::from(["tripped", "reopened", "closed"]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_window_counts_exactly_the_last_ten_seconds(mut events in prop::collection::vec((0_u64..40_000, any::<bool>()), 1..200)) {
        events.sort_unstable();
        let mut window = Window::default();
        for (index, (at_ms, good)) in events.iter().enumerate() {
            window.add(at_ms * 1_000_000, *good);
            let second = at_ms / 1_000;
            let recent = || events[..=index].iter().filter(|(at_ms, _)| at_ms / 1_000 + 10 > second);
            let expected = Counts {
                good: recent().filter(|(_, good)| *good).count() as u32,
                bad: recent().filter(|(_, good)| !*good).count() as u32,
            };
            prop_assert_eq!(window.counts(at_ms * 1_000_000), expected);
        }
    }

    #[test]
    fn openings_grow_to_their_cap_with_at_most_a_tenth_of_jitter(times in 1_u64..30, chance: u64) {
        let settings = Settings::default();
        let mut machine = Machine::default();
        let mut last = 0;
        for _ in 0..times {
            last = machine.open(SECOND, chance, &settings);
        }
        let plain = (30 * times).min(300) * SECOND;
        prop_assert!((plain..=plain + plain / 10).contains(&last), "{last} for {plain}");
    }

    #[test]
    fn one_may_always_be_left_alone_a_tenth_at_most_and_the_last_never(count in 0_u32..60) {
        let upstream = Upstream::new("shop", crate::upstream::Settings::default());
        (0..count).for_each(|_| upstream.join());
        let ejected = (0..count).filter(|_| upstream.eject()).count() as u32;
        prop_assert_eq!(ejected, (count / 10).max(1).min(count.saturating_sub(1)));
    }
}

#[test]
fn too_few_successes_open_it_without_a_row_of_failures_but_never_on_few_requests() {
    let settings = Settings::default();
    let step = |counted: u64| {
        let mut machine = Machine::default();
        // Every third fails, so there are never five in a row.
        let outcome = |index: u64| if index % 3 == 2 { Outcome::Failed } else { Outcome::Answered };
        (0..counted).map(|index| machine.record(1, SECOND, outcome(index), &settings)).find(|step| *step != Step::Stay)
    };
    assert_eq!((step(19), step(21)), (None, Some(Step::Trip)));
}

#[test]
fn a_probe_that_never_ends_makes_room_for_another() {
    let mut machine = Machine::default();
    let open_for = machine.open(SECOND, 0, &quick());
    let due = SECOND + open_for;
    assert!(machine.claim(due) && !machine.claim(due + PROBE_NS - 1) && machine.claim(due + PROBE_NS));
}

#[tokio::test(start_paused = true)]
async fn decisions_are_told_in_order_and_a_node_that_leaves_gives_its_place_back() {
    let mut told = decisions::subscribe();
    let upstream = Upstream::new("told-in-order", crate::upstream::Settings::default());
    let born = Instant::now();
    let nodes: Vec<_> = (0..3).map(|id| Breaker::new(NodeId::from_u128(id), Arc::clone(&upstream), born)).collect();
    let fail = |node: &Breaker| {
        (0..5).for_each(|_| assert!(!node.record(Instant::now(), Instant::now(), Outcome::Failed)));
    };
    fail(&nodes[0]);
    fail(&nodes[1]);
    assert_eq!(nodes[1].standing(Instant::now()), Standing::Closed, "one of three is the most");
    tokio::time::advance(Duration::from_secs(34)).await;
    assert_eq!(nodes[0].standing(Instant::now()), Standing::ProbeDue);
    assert!(nodes[0].claim_probe(Instant::now()) && !nodes[0].claim_probe(Instant::now()));
    assert!(nodes[0].record(Instant::now(), Instant::now(), Outcome::Answered));
    fail(&nodes[2]);
    assert_eq!((upstream.nodes(), upstream.ejected()), (3, 1));
    drop(nodes);
    assert_eq!((upstream.nodes(), upstream.ejected()), (0, 0));
    let mut names = Vec::new();
    while let Ok(decision) = told.try_recv() {
        if &*decision.service == "told-in-order" {
            names.push(decision.what.name());
        }
    }
    assert_eq!(names, ["opened", "half_opened", "closed", "opened"]);
}

#[test]
fn an_early_probe_that_fails_is_no_further_opening_in_a_row() {
    let mut machine = Machine::default();
    assert!(!machine.claim_early(SECOND), "a closed one is not probed");
    let first = machine.open(SECOND, 0, &quick());
    assert!(machine.claim_early(2 * SECOND) && !machine.claim_early(2 * SECOND), "one request probes");
    assert_eq!(machine.record(2 * SECOND, 2 * SECOND, Outcome::Failed, &quick()), Step::Reopen);
    assert_eq!(machine.open(2 * SECOND, 0, &quick()), first);
}

#[tokio::test(start_paused = true)]
async fn who_is_left_alone_is_probed_at_once_when_another_fails_that_cannot_be() {
    let upstream = Upstream::new("hurried", crate::upstream::Settings::default());
    let born = Instant::now();
    let [one, two] = [1, 2].map(|id| Breaker::new(NodeId::from_u128(id), Arc::clone(&upstream), born));
    let now = Instant::now;
    let fail = |node: &Breaker| (0..5).for_each(|_| assert!(!node.record(now(), now(), Outcome::Failed)));
    fail(&one);
    assert_eq!(one.standing(now()), Standing::Open);
    fail(&two);
    assert_eq!((one.standing(now()), two.standing(now())), (Standing::ProbeDue, Standing::Closed));
    assert!(one.claim_probe(now()) && !one.claim_probe(now()));
    fail(&two);
    assert_eq!(one.standing(now()), Standing::Open, "a probe is under way, and another only after a second");
    assert!(one.record(now(), now(), Outcome::Answered), "it is well again");
    fail(&two);
    assert_eq!(
        (one.standing(now()), two.standing(now())),
        (Standing::Closed, Standing::Open),
        "and takes the other's place"
    );
}
