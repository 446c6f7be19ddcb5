//! Answers kept for everybody, and who is not given them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::SystemTime,
};

use base::Clock;
use http::{StatusCode, header};

use super::*;
use crate::metrics;

static GATE: Gate = Gate::shut();
static FAILING: AtomicBool = AtomicBool::new(false);

/// Answers by its path: `/public`, `/short`, `/ending`, `/private`, `/slow`, `/until`, `/old`; with a tag, and 304 to whoever holds it.
async fn service(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let control = match request.uri().path() {
        "/public" => "public, max-age=60",
        // What holds may be kept no longer.
        "/ending" if request.headers().contains_key(header::IF_NONE_MATCH) => "no-store",
        "/short" | "/ending" => "max-age=0, stale-if-error=60",
        "/again" => "max-age=0, stale-while-revalidate=60",
        "/slow" => {
            GATE.pass().await;
            "max-age=60"
        }
        _ => "private, max-age=60",
    };
    let until = request.uri().path() == "/until";
    let old = request.uri().path() == "/old";
    let held = request.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"v1\"");
    let mut response = Response::new(Full::new(Bytes::from(if held { "" } else { "kept" })));
    if held {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    if FAILING.load(Ordering::SeqCst) && request.uri().path() == "/short" {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    for (name, value) in [(header::CACHE_CONTROL, control), (header::ETAG, "\"v1\"")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let date = |seconds: i64| {
        let time = SystemClock.now().as_seconds() + seconds;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(time).unwrap());
        HeaderValue::try_from(httpdate::fmt_http_date(time)).unwrap()
    };
    if until {
        response.headers_mut().remove(header::CACHE_CONTROL);
        response.headers_mut().insert(header::DATE, date(-5));
        response.headers_mut().insert(header::EXPIRES, date(55));
    }
    if old {
        // Somebody before us kept it, and does not say so.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        response.headers_mut().insert(header::DATE, date(-40));
    }
    response
}

async fn site() -> (Echo, Site) {
    let service = Echo::serve(service).await;
    let site = Site::start([node(1, service.address)]);
    (service, site)
}

async fn ask(site: &Site, path: &str, more: &str) -> String {
    site.raw(format!("GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n{more}\r\n").as_bytes()).await
}

#[tokio::test]
async fn a_public_answer_is_asked_for_once_and_given_to_everybody() {
    let (service, site) = site().await;
    let first = ask(&site, "/public", "").await;
    assert!(first.contains("cache-status: fpms; fwd=uri-miss; stored\r\n") && first.ends_with("kept"), "{first}");
    for more in ["", "Cookie: fpms=good\r\n", "Authorization: Bearer good\r\n"] {
        let hit = ask(&site, "/public", more).await;
        assert!(hit.contains("cache-status: fpms; hit; ttl=") && hit.ends_with("kept"), "{hit}");
        assert!(hit.contains("age: ") && hit.contains("content-length: 4\r\n"), "{hit}");
    }
    let held = ask(&site, "/public", "If-None-Match: \"v1\"\r\n").await;
    assert!(status(&held) == 304 && held.ends_with("\r\n\r\n"), "{held}");
    let bare = site.raw(b"HEAD /public HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n").await;
    assert!(bare.contains("content-length: 4\r\n") && bare.ends_with("\r\n\r\n"), "{bare}");
    assert_eq!(service.count(), 1);
    assert!(ask(&site, "/public?other", "").await.contains("stored"));
    // A body could choose the answer and is no part of the address.
    let body = b"GET /public HTTP/1.1\r\nHost: site\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    assert!(!site.raw(body).await.contains("cache-status"));
}

#[tokio::test]
async fn an_answer_that_expires_on_a_date_is_kept_until_then_and_keeps_its_own_date() {
    let (service, site) = site().await;
    let first = ask(&site, "/until", "").await;
    let hit = ask(&site, "/until", "").await;
    assert!(first.contains("; stored\r\n") && hit.contains("fpms; hit; ttl=") && hit.ends_with("kept"), "{hit}");
    let date = |answer: &str| answer.lines().find(|line| line.starts_with("date: ")).unwrap().to_owned();
    assert_eq!(date(&first), date(&hit));
    assert_ne!(date(&ask(&site, "/nothing", "").await), date(&hit));
    // What came for somebody with a credential has to say that it is public.
    assert!(!ask(&site, "/until?own", "Cookie: a=b\r\n").await.contains("stored"));
    assert_eq!(service.count(), 3);
}

#[tokio::test]
async fn what_is_for_one_person_is_asked_for_each_time() {
    let (service, site) = site().await;
    let first = ask(&site, "/private", "").await;
    assert!(first.contains("cache-status: fpms; fwd=uri-miss\r\n"), "{first}");
    for _ in 0..2 {
        // For a while nobody even looks.
        assert!(!ask(&site, "/private", "").await.contains("cache-status"));
    }
    // Without `public` an answer for somebody with a credential is theirs alone.
    ask(&site, "/short", "Cookie: a=b\r\n").await;
    assert!(ask(&site, "/short", "").await.contains("fwd=uri-miss"));
    assert_eq!(service.count(), 5);
}

#[tokio::test]
async fn many_who_ask_the_same_are_one_to_the_service() {
    let (service, site) = site().await;
    let under_way = metrics::IN_FLIGHT.with(&[]);
    let all = futures_util::future::join_all((0..20).map(|_| ask(&site, "/slow", "")));
    let (answers, ()) = tokio::join!(all, async {
        while under_way.value() < 20 {
            tokio::task::yield_now().await;
        }
        // As many as could be wrongly asked for.
        GATE.let_go(20);
    });
    assert!(answers.iter().all(|answer| status(answer) == 200 && answer.ends_with("kept")));
    assert_eq!(answers.iter().filter(|answer| answer.contains("; collapsed")).count(), 19);
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn what_is_stale_is_asked_about_and_serves_when_the_service_fails() {
    let (service, site) = site().await;
    ask(&site, "/short", "").await;
    let again = ask(&site, "/short", "").await;
    assert!(again.contains("fwd=stale; fwd-status=304") && again.ends_with("kept"), "{again}");
    FAILING.store(true, Ordering::SeqCst);
    let failing = ask(&site, "/short", "").await;
    assert!(status(&failing) == 200 && failing.contains("stale-if-error") && failing.ends_with("kept"), "{failing}");
    assert_eq!(service.count(), 3);
}

#[tokio::test]
async fn what_may_be_stale_for_a_while_is_asked_for_behind_the_back_of_who_gets_it() {
    let (service, site) = site().await;
    ask(&site, "/again", "").await;
    let stale = ask(&site, "/again", "").await;
    assert!(stale.contains("fpms; hit; ttl=") && stale.ends_with("kept"), "{stale}");
    while service.count() < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_304_says_may_not_be_kept_is_given_once_more_and_forgotten() {
    let (service, site) = site().await;
    ask(&site, "/ending", "").await;
    let last = ask(&site, "/ending", "").await;
    assert!(last.contains("fwd=stale; fwd-status=304") && last.ends_with("kept"), "{last}");
    assert!(last.contains("cache-control: no-store\r\n"), "{last}");
    let after = ask(&site, "/ending", "").await;
    assert!(!after.contains("fwd=stale") && after.ends_with("kept"), "{after}");
    assert_eq!(service.count(), 3);
}

#[tokio::test]
async fn an_answer_is_as_old_as_its_date_says() {
    let (service, site) = site().await;
    ask(&site, "/old", "").await;
    let again = ask(&site, "/old", "").await;
    let age = again.lines().find_map(|line| line.strip_prefix("age: ")).unwrap().parse::<u64>().unwrap();
    assert!((39..=50).contains(&age) && again.contains("fpms; hit; ttl="), "{again}");
    assert_eq!(service.count(), 1);
}
