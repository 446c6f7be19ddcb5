//! Every sequence of answers up to a length, against a plain reading of the rule.

use super::*;

fn tcp() -> Check {
    Check::new("tcp", Probe::Tcp { target: None })
}

/// How a node is after these answers, by the rule as a person would say it.
fn wanted(answers: &[Health], check: &Check) -> Health {
    let mut health = check.initial;
    let serves = |health: Health| health != Health::Critical;
    for (index, found) in answers.iter().enumerate() {
        let turns = if serves(health) { check.fall } else { check.rise } as usize;
        let said = answers.get((index + 1).saturating_sub(turns)..=index).unwrap_or_default();
        let unlike = said.len() == turns && said.iter().all(|answer| serves(*answer) != serves(health));
        if index == 0 || serves(*found) == serves(health) && serves(health) || unlike {
            health = *found;
        }
    }
    health
}

#[test]
fn three_failures_take_a_node_out_and_two_successes_bring_it_back_whatever_came_before() {
    let all = [Health::Passing, Health::Warning, Health::Critical];
    for initial in all {
        let check = Check { initial, ..tcp() };
        for number in 0..3_usize.pow(7) {
            let answers: Vec<_> = (0..7).map(|place| all[number / 3_usize.pow(place) % 3]).collect();
            let mut tally = Tally::new(&check);
            for length in 1..=answers.len() {
                tally.observe(answers[length - 1], "", &check);
                assert_eq!(tally.health(), wanted(&answers[..length], &check), "{initial:?} {:?}", &answers[..length]);
            }
        }
    }
}

#[test]
fn a_decision_counts_at_once_and_output_is_bounded() {
    let mut tally = Tally::new(&tcp());
    tally.set(Health::Critical, &"x".repeat(OUTPUT_CHARS_MAX * 2));
    assert_eq!((tally.health(), tally.output().len()), (Health::Critical, OUTPUT_CHARS_MAX));
}

#[test]
fn checks_have_rules() {
    let http = |path: &str, target: Option<&str>| {
        Check::new("web", Probe::Http { path: path.to_owned(), target: target.map(str::to_owned) }).check()
    };
    for target in [None, Some("10.0.0.1:80"), Some("db.example.org:5432"), Some("[::1]:80")] {
        assert_eq!(http("/health?deep=1", target), Ok(()), "{target:?}");
    }
    for (path, target) in [("health", None), ("/a b", None), ("/a\r\nX: y", None), ("/", Some("a")), ("/", Some("a:0"))]
    {
        assert!(http(path, target).is_err(), "{path:?} {target:?}");
    }
    for wrong in [
        Check { name: String::new(), ..tcp() },
        Check { interval_ms: 1, ..tcp() },
        Check { timeout_ms: 60_000, ..tcp() },
        Check { fall: 0, ..tcp() },
        Check { rise: 101, ..tcp() },
    ] {
        assert!(wrong.check().is_err(), "{wrong:?}");
    }
}
