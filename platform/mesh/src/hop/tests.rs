//! What goes along, and four tiers of which the last fails.

use super::*;
use crate::budget;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// One tier and its budget for the next.
struct Tier {
    budget: Budget,
    asked: u64,
}

/// Asks the tier at the front; everything the last one gets fails. Returns the headers of the failure.
fn ask(tiers: &mut [Tier], inbound: &HeaderMap, now: Instant) -> HeaderMap {
    let mut answer = HeaderMap::new();
    let Some((tier, below)) = tiers.split_first_mut() else {
        return answer;
    };
    tier.asked += 1;
    if below.is_empty() {
        return answer;
    }
    let hop = Hop::of(inbound, Duration::from_secs(10), now);
    tier.budget.deposit(now);
    let mut request = HeaderMap::new();
    hop.send_along(&mut request, false, 1, now);
    let failed = ask(below, &request, now);
    if hop.may_repeat(Some(&failed), &tier.budget, now) {
        hop.send_along(&mut request, true, 2, now);
        ask(below, &request, now);
        hop.exhaust();
    }
    hop.mark(&mut answer);
    answer
}

#[test]
fn four_tiers_of_which_all_fail_do_not_multiply_the_load() {
    let start = Instant::now();
    let tier = || Tier { budget: Budget::new(budget::Settings::default(), start), asked: 0 };
    let mut tiers: Vec<Tier> = (0..4).map(|_| tier()).collect();
    for request in 0..60_000_u64 {
        ask(&mut tiers, &HeaderMap::new(), start + Duration::from_millis(request));
    }
    let asked: Vec<u64> = tiers.iter().map(|tier| tier.asked).collect();
    assert!(asked[3] > asked[0], "nothing was repeated: {asked:?}");
    assert!(asked.iter().all(|asked| *asked * 10 < 60_000 * 13), "{asked:?}");
}

#[test]
fn what_is_left_of_the_time_goes_along_and_never_more() {
    let now = Instant::now();
    let inbound = HeaderMap::from_iter([(headers::DEADLINE, HeaderValue::from(500))]);
    let hop = Hop::of(&inbound, Duration::from_secs(30), now);
    let mut request = HeaderMap::new();
    hop.send_along(&mut request, false, 1, now + Duration::from_millis(120));
    assert_eq!(request[headers::DEADLINE], "380");
    let malformed = HeaderMap::from_iter([(headers::DEADLINE, HeaderValue::from_static("soon"))]);
    assert_eq!(Hop::of(&malformed, Duration::from_secs(30), now).until(), now + Duration::from_secs(30));
    let budget = Budget::new(budget::Settings::default(), now);
    assert!(!hop.may_repeat(None, &budget, now + Duration::from_millis(500)), "nobody waits any more");
}

#[test]
fn trace_and_caller_go_along_and_a_malformed_trace_does_not() {
    let now = Instant::now();
    let sent = |parent: &'static str| {
        let inbound = HeaderMap::from_iter([
            (headers::TRACEPARENT, HeaderValue::from_static(parent)),
            (headers::TRACESTATE, HeaderValue::from_static("vendor=1")),
            (headers::CALLER, HeaderValue::from_static("token")),
        ]);
        let mut request = HeaderMap::new();
        Hop::of(&inbound, Duration::from_secs(1), now).send_along(&mut request, false, 0xabc, now);
        request
    };
    let request = sent(TRACE);
    assert_eq!(request[headers::TRACEPARENT], "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01");
    assert_eq!(
        (&request[headers::TRACESTATE], &request[headers::CALLER]),
        (&"vendor=1".parse().unwrap(), &"token".parse().unwrap())
    );
    for bad in [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf9-00f067aa0ba902b7-01",
        "",
    ] {
        let request = sent(bad);
        assert!(!request.contains_key(headers::TRACEPARENT) && !request.contains_key(headers::TRACESTATE), "{bad}");
    }
}
