//! Why a request goes where it goes, told by the admin listener.

use super::*;
use crate::rates::{By, Rule};

async fn call(site: &Site, method: &str, path: &str, key: &str) -> (u16, serde_json::Value) {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nfpms-admin-key: {key}\r\n\r\n");
    let answer = raw(site.running.admin.unwrap(), head.as_bytes()).await;
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status(&answer), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn a_request_is_explained_without_being_sent() {
    let echo = Echo::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "[[route]]\nname = 'canary'\nhosts = ['*.uni.example']\n\
                match = [{ path = { prefix = '/a' }, method = 'PUT' }, { path = { exact = '/a' }, headers = { x-canary = 'yes' } }]\n\
                backend = [{ service = 'shop' }]\n[[route]]\nname = 'moved'\nmatch = [{ path = { prefix = '/a/b' } }]\n\
                redirect = { path = '/c' }\n";
    std::fs::write(file.path(), text).unwrap();
    let rule = Rule {
        name: "address".to_owned(),
        by: By::Address,
        requests: 6,
        seconds: 60,
        burst: None,
        method: None,
        paths: Vec::new(),
    };
    let site = Site::with([node(1, echo.address)], |settings| {
        settings.routes = Some(file.path().to_path_buf());
        settings.rates.rules = vec![rule];
    });
    let (status, told) =
        call(&site, "GET", "/explain?method=GET&host=x.uni.example&path=/a&header=X-Canary:%20no", "key").await;
    assert_eq!((status, &told["route"]["name"]), (200, &serde_json::json!("shop /")), "{told}");
    let because = |route: &str, number: usize| {
        let passed = told["passed_over"].as_array().unwrap().iter().filter(|passed| passed["route"] == route);
        passed.map(|passed| passed["because"].as_str().unwrap().to_owned()).nth(number).unwrap()
    };
    assert_eq!(because("canary", 0), "the method is not PUT");
    assert_eq!(because("canary", 1), "the header `x-canary` does not fit");
    assert_eq!(because("moved", 0), "the path is not below `/a/b`");
    let backend = &told["backends"][0];
    assert_eq!((&backend["name"], &backend["percent"]), (&serde_json::json!("shop"), &serde_json::json!(100.0)));
    assert_eq!(
        (&backend["protocol"], &told["route"]["cached"]),
        (&serde_json::json!("http1"), &serde_json::json!(true))
    );
    assert_eq!(backend["nodes"][0]["address"], echo.address.to_string());
    assert_eq!(
        (&backend["nodes"][0]["breaker"], &backend["repetitions_left"]),
        (&serde_json::json!("Closed"), &serde_json::json!(10))
    );
    assert_eq!(
        (&told["limits"][0]["name"], &told["limits"][0]["remaining"]),
        (&serde_json::json!("address"), &serde_json::json!(6))
    );
    let (_, told) = call(&site, "GET", "/explain?method=GET&host=site&path=/a/b/c", "key").await;
    assert_eq!(
        (&told["route"]["name"], &told["route"]["redirect"]),
        (&serde_json::json!("moved"), &serde_json::json!(302))
    );
    assert_eq!(echo.count(), 0);
}

#[tokio::test]
async fn only_who_shows_the_key_may_ask_and_only_what_there_is() {
    let site = Site::start([]);
    assert_eq!(call(&site, "GET", "/explain?method=GET&host=a&path=/", "wrong").await.0, 404);
    assert_eq!(call(&site, "GET", "/explain?method=GET&host=a&path=b", "key").await.0, 400);
    assert_eq!(call(&site, "POST", "/cache/forget?tag=", "key").await.0, 400);
    let (status, told) = call(&site, "POST", "/cache/forget?path=/a", "key").await;
    assert_eq!((status, &told["forgotten"]), (200, &serde_json::json!(0)));
    let (_, told) = call(&site, "GET", "/explain?method=GET&host=a&path=/", "key").await;
    assert!(told["route"].is_null() && told["backends"].as_array().unwrap().is_empty(), "{told}");
}

#[tokio::test]
async fn it_is_told_after_how_long_a_second_node_is_asked() {
    let (one, two) = (Echo::start().await, Echo::start().await);
    let site = Site::start([node(1, one.address), node(2, two.address)]);
    let path = |method: &str| format!("/explain?method={method}&host=a&path=/");
    let (_, told) = call(&site, "GET", &path("GET"), "key").await;
    assert_eq!(told["backends"][0]["hedge_after_ms"], 500.0, "nothing is known yet: {told}");
    for _ in 0..40 {
        site.get("/").await;
    }
    let (_, told) = call(&site, "GET", &path("GET"), "key").await;
    assert!(told["backends"][0]["hedge_after_ms"].as_f64().is_some_and(|ms| ms >= 100.0), "{told}");
    let (_, told) = call(&site, "GET", &path("POST"), "key").await;
    assert!(told["backends"][0]["hedge_after_ms"].is_null(), "{told}");
}
