use super::*;

fn rule(name: &str, by: By, requests: u64) -> Rule {
    Rule { name: name.to_owned(), by, requests, seconds: 60, burst: None, method: None, paths: Vec::new() }
}

fn asking<'a>(address: &str, person: Option<u128>, method: &'a Method, path: &'a str) -> Asking<'a> {
    let address = address.parse().unwrap();
    Asking { address, person: person.map(Uuid::from_u128), tenant: None, method, path }
}

#[tokio::test(start_paused = true)]
async fn each_subject_has_a_bucket_of_its_own_that_fills_again() {
    let rates = Rates::new(&[rule("person", By::Person, 3)], Vec::new(), 1_000, None);
    let ask = async |person| rates.check_rest(&asking("192.0.2.1", person, &Method::GET, "/"), &[], false).await;
    for left in [2, 1, 0] {
        assert_eq!(ask(Some(1)).await.unwrap().unwrap().verdict.remaining, left);
    }
    let refused = ask(Some(1)).await.unwrap_err();
    assert_eq!((&*refused.limit.rule.name, refused.verdict.wait_us), ("person", Some(20_000_000)));
    assert!(ask(Some(2)).await.is_ok() && ask(None).await.unwrap().is_none());
    tokio::time::advance(std::time::Duration::from_secs(20)).await;
    assert!(ask(Some(1)).await.is_ok() && ask(Some(1)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_a_path_is_for_that_path_and_the_tightest_is_told() {
    let sign_in =
        Rule { method: Some("POST".to_owned()), paths: vec!["/sign-in".to_owned()], ..rule("sign-in", By::Address, 2) };
    let rates = Rates::new(&[rule("address", By::Address, 100), sign_in], Vec::new(), 1_000, None);
    let (post, get) = (Method::POST, Method::GET);
    let first = rates.check_first(&asking("192.0.2.1", None, &post, "/sign-in")).await.unwrap().unwrap();
    let rest = rates.check_rest(&asking("192.0.2.1", None, &post, "/sign-in"), &[], false).await.unwrap();
    assert_eq!(first.tighter(rest).limit.rule.name, "sign-in");
    for asking in [asking("192.0.2.1", None, &get, "/sign-in"), asking("192.0.2.1", None, &post, "/other")] {
        assert!(rates.check_rest(&asking, &[], false).await.unwrap().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_exempt_address_and_an_exempt_route_are_not_counted_but_a_route_counts_its_own() {
    let exempt = vec![Network::try_from("10.0.0.0/8".to_owned()).unwrap()];
    let rates = Rates::new(&[rule("address", By::Address, 1), rule("person", By::Person, 1)], exempt, 1_000, None);
    let inner = asking("10.1.2.3", Some(1), &Method::GET, "/");
    for _ in 0..5 {
        assert!(rates.check_first(&inner).await.unwrap().is_none());
        assert!(rates.check_rest(&inner, &[], true).await.unwrap().is_none());
    }
    let own = [Limit::of(&rule("own", By::Route, 1), "route").unwrap()];
    assert!(rates.check_rest(&inner, &own, true).await.is_ok());
    assert_eq!(rates.check_rest(&inner, &own, true).await.unwrap_err().limit.rule.name, "own");
    assert_eq!(rates.look(&inner, &own, true).iter().map(|seen| seen.verdict.remaining).collect::<Vec<_>>(), [0]);
}

#[test]
fn a_limit_that_cannot_be_counted_is_refused_in_words() {
    assert_eq!(rule("a-1", By::Route, 1).check(), Ok(()));
    for (wrong, words) in [
        (rule("", By::Route, 1), "name"),
        (rule("Upper", By::Route, 1), "name"),
        (rule("none", By::Route, 0), "at least one request"),
        (rule("flood", By::Route, 600_001), "10000"),
        (Rule { method: Some("G T".to_owned()), ..rule("method", By::Route, 1) }, "method"),
    ] {
        assert!(wrong.check().unwrap_err().contains(words), "{wrong:?}");
    }
}
