//! Limits: who is counted, what an answer says of it, and what a refusal does.

use super::*;
use crate::rates::{By, Rule};

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
