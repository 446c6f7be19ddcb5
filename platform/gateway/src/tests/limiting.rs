//! Limits: who is counted, what an answer says of it, and what a refusal does.

use super::*;
use crate::{
    metrics,
    rates::{By, Rule},
};

fn rule(name: &str, by: By, requests: u64) -> Rule {
    Rule { name: name.to_owned(), by, requests, seconds: 60, burst: None, method: None, paths: Vec::new() }
}

#[tokio::test]
async fn an_answer_says_how_much_may_still_come_and_a_refusal_when() {
    let echo = Echo::start().await;
    let site =
        Site::with([node(1, echo.address)], |settings| settings.rates.rules = vec![rule("address", By::Address, 2)]);
    let answer = site.get("/").await;
    assert!(answer.contains("ratelimit-policy: \"address\";q=2;w=60\r\n"), "{answer}");
    assert!(status(&answer) == 200 && answer.contains("ratelimit: \"address\";r=1;t=30\r\n"), "{answer}");
    site.get("/").await;
    let refused = site.get("/").await;
    assert!(status(&refused) == 429 && refused.contains("ratelimit: \"address\";r=0;t=60\r\n"), "{refused}");
    for expected in
        ["retry-after: 30\r\n", "fpms-reason: too-many\r\n", "GTW-012", "\"violated-policies\":[\"address\"]"]
    {
        assert!(refused.contains(expected), "{expected} in {refused}");
    }
    assert_eq!(echo.count(), 2);
}

#[tokio::test]
async fn a_person_is_counted_wherever_they_are_and_nobody_else_is() {
    let echo = Echo::start().await;
    let site =
        Site::with([node(1, echo.address)], |settings| settings.rates.rules = vec![rule("person", By::Person, 1)]);
    let signed = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: fpms=good\r\n\r\n";
    assert_eq!((status(&site.raw(signed).await), status(&site.raw(signed).await)), (200, 429));
    let answer = site.get("/").await;
    assert!(status(&answer) == 200 && !answer.contains("ratelimit"), "{answer}");
}

#[tokio::test]
async fn a_route_has_limits_of_its_own_and_may_go_without_the_others() {
    let echo = Echo::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "[[route]]\nname = 'r'\nmatch = [{ path = { prefix = '/r' } }]\nbackend = [{ service = 'shop' }]\n\
                limits_exempt = true\nlimit = [{ name = 'own', by = 'route', requests = 60, seconds = 60, burst = 2 }]\n";
    std::fs::write(file.path(), text).unwrap();
    let site = Site::with([node(1, echo.address)], |settings| {
        settings.routes = Some(file.path().to_path_buf());
        settings.rates.rules = vec![rule("all", By::Route, 1)];
    });
    let statuses = [site.get("/r").await, site.get("/r").await, site.get("/r").await].map(|answer| status(&answer));
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!((status(&site.get("/").await), status(&site.get("/").await)), (200, 429));
}

/// Two gateways that count by one limit in the engine at `url`, and how many of 40 requests each lets through.
async fn let_through(name: &str, url: &str, wait: bool) -> [usize; 2] {
    let echo = Echo::start().await;
    let shutdown = Shutdown::new();
    let shared = cache::Shared::follow(url, Duration::from_secs(2), &shutdown).unwrap();
    while wait && !shared.is_here() {
        tokio::task::yield_now().await;
    }
    let start = || {
        let change = |settings: &mut Settings| {
            settings.rates.rules = vec![Rule { seconds: 3_600, ..rule(name, By::Route, 10) }];
        };
        Site::counting([node(1, echo.address)], change, Some(shared.clone()))
    };
    let sites = [start(), start()];
    let mut counts = [0; 2];
    for round in 0..40 {
        let answer = sites[round % 2].get("/").await;
        match status(&answer) {
            200 => counts[round % 2] += 1,
            429 => assert!(answer.contains(";r=0;"), "{answer}"),
            other => panic!("{other}"),
        }
    }
    shutdown.begin();
    counts
}

#[expect(clippy::disallowed_methods, reason = "what tests run against is named by the environment")]
fn redis() -> Option<String> {
    let url = std::env::var("FPMS_TEST_REDIS").ok();
    assert!(url.is_some() || std::env::var("FPMS_TEST_REQUIRE").is_err(), "run the tests with `cargo xtask test`");
    url
}

#[tokio::test]
async fn two_gateways_let_through_together_what_one_may() {
    let Some(url) = redis() else { return };
    let name = format!("t{}", uuid::Uuid::from_u128(u128::from(std::process::id())).simple());
    assert_eq!(let_through(&name, &url, true).await.iter().sum::<usize>(), 10);
}

#[tokio::test]
async fn without_the_engine_each_gateway_counts_for_itself() {
    let nobody = TcpListener::bind(any()).await.unwrap().local_addr().unwrap();
    let alone = metrics::RATES_COUNTED_ALONE.with(&[]);
    let before = alone.value();
    assert_eq!(let_through("away", &format!("redis://{nobody}"), false).await, [10, 10]);
    assert!(alone.value() >= before + 40);
}
