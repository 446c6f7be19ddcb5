//! A server that gets slower the more it has to do, on simulated time.

use proptest::prelude::*;

use super::*;

/// Fills the limit again and again before a server that has `places` and takes 10 ms; returns the limits.
fn limits(places: u32, rounds: usize) -> Vec<u32> {
    let limiter = Limiter::new(Settings::default());
    let mut seen = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let permits: Vec<_> = std::iter::from_fn(|| limiter.acquire(Priority::Live)).collect();
        for (before, permit) in permits.into_iter().enumerate() {
            let turns = (before as f64 + 1.0) / f64::from(places);
            permit.answered(Duration::from_millis(10).mul_f64(turns.max(1.0)));
        }
        seen.push(limiter.limit());
    }
    seen
}

#[test]
fn the_limit_finds_what_a_server_can_do_and_never_falls_to_measure_it() {
    let seen = limits(100, 400);
    let settled = &seen[100..];
    assert!(settled.iter().all(|limit| (80..=300).contains(limit)), "{:?}", settled.iter().min_by_key(|limit| **limit));
    let stalls = settled.windows(2).filter(|pair| pair[1] * 2 < pair[0]).count();
    assert_eq!(stalls, 0, "{settled:?}");
}

#[test]
fn work_that_nobody_waits_for_leaves_half_to_those_who_wait() {
    let limiter = Limiter::new(Settings::default());
    let batch: Vec<_> = std::iter::from_fn(|| limiter.acquire(Priority::Batch)).collect();
    let live: Vec<_> = std::iter::from_fn(|| limiter.acquire(Priority::Live)).collect();
    assert_eq!((batch.len(), live.len()), (10, 10));
    drop(live);
    assert!(limiter.acquire(Priority::Batch).is_none());
    drop(batch);
    assert_eq!(limiter.under_way(), 0);
}

#[test]
fn failures_bring_the_limit_down() {
    let limiter = Limiter::new(Settings::default());
    for _ in 0..2_000 {
        let permits: Vec<_> = std::iter::from_fn(|| limiter.acquire(Priority::Live)).take(200).collect();
        for permit in permits {
            permit.answered(Duration::from_millis(10));
        }
    }
    let before = limiter.limit();
    (0..20).for_each(|_| limiter.acquire(Priority::Live).unwrap().failed());
    assert!(limiter.limit() < before / 4, "{before} then {}", limiter.limit());
}

#[tokio::test(start_paused = true)]
async fn many_who_come_at_once_wait_for_a_place_each() {
    let limiter = Limiter::new(Settings::default());
    let ask = || async {
        let permit = limiter.admit(Priority::Live).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
        permit.answered(Duration::from_millis(10));
    };
    futures_util::future::join_all((0..300).map(|_| ask())).await;
    assert_eq!(limiter.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_and_work_that_nobody_waits_for_not_at_all() {
    let limiter = Limiter::new(Settings::default());
    let held: Vec<_> = std::iter::from_fn(|| limiter.acquire(Priority::Live)).collect();
    let began = tokio::time::Instant::now();
    assert!(limiter.admit(Priority::Batch).await.is_none());
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(limiter.admit(Priority::Live).await.is_none());
    assert_eq!(began.elapsed(), WAIT_MAX);
    drop(held);
    assert!(limiter.admit(Priority::Live).await.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_limit_stays_in_its_bounds(samples in prop::collection::vec((0_u64..10_000_000, any::<bool>()), 0..500)) {
        let limiter = Limiter::new(Settings::default());
        for (micros, failed) in samples {
            if let Some(permit) = limiter.acquire(Priority::Live) {
                if failed { permit.failed() } else { permit.answered(Duration::from_micros(micros)) }
            }
            prop_assert!((20..=1_000).contains(&limiter.limit()));
        }
        prop_assert_eq!(limiter.under_way(), 0);
    }
}
