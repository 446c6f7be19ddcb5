//! Nodes that are gone, die or hang.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A node that reads a request and closes without an answer.
async fn breaking() -> SocketAddr {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
        }
    });
    address
}

async fn refusing() -> SocketAddr {
    TcpListener::bind(any()).await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_request_that_hits_a_killed_replica_is_answered_by_another() {
    let (one, two) = (Echo::start().await, Echo::start().await);
    let site = Site::start([node(1, one.address), node(2, two.address)]);
    for _ in 0..20 {
        assert_eq!(status(&site.get("/").await), 200);
    }
    assert!(one.count() > 0 && two.count() > 0);
    one.kill();
    for _ in 0..50 {
        assert_eq!(status(&site.get("/").await), 200);
    }
}

#[tokio::test]
async fn a_request_that_was_never_sent_goes_to_another_node_whatever_its_method() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, refusing().await), node(2, echo.address)]);
    let body = "5\r\nhello\r\n0\r\n\r\n";
    let post = format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    for _ in 0..20 {
        let answer = site.raw(post.as_bytes()).await;
        assert!(status(&answer) == 200 && answer.ends_with("hello"), "{answer}");
    }
}

#[tokio::test]
async fn a_repetition_goes_to_none_of_the_nodes_that_failed_before() {
    let echo = Echo::start().await;
    for _ in 0..20 {
        // None of them is known to be ill yet.
        let site = Site::start([node(1, refusing().await), node(2, refusing().await), node(3, echo.address)]);
        assert_eq!(status(&site.get("/").await), 200);
    }
}

#[tokio::test]
async fn an_idempotent_request_is_sent_again_and_any_other_is_not() {
    let echo = Echo::start().await;
    let request = |method: &str, headers: &str| {
        format!("{method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n{headers}\r\nhello")
    };
    for (method, headers, safe) in [
        ("PUT", "", true),
        ("DELETE", "", true),
        ("POST", "Idempotency-Key: k\r\n", true),
        ("POST", "", false),
        ("PATCH", "", false),
    ] {
        let mut statuses = Vec::new();
        for _ in 0..12 {
            // A gateway that has not yet learnt which node breaks.
            let site = Site::start([node(1, breaking().await), node(2, echo.address)]);
            statuses.push(status(&site.raw(request(method, headers).as_bytes()).await));
        }
        let failed = statuses.contains(&502);
        assert_eq!(!failed, safe, "{method} {headers}: {statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 502)), "{statuses:?}");
    }
}

#[tokio::test]
async fn without_any_node_the_answer_says_so_at_once() {
    let site = Site::start([node(1, refusing().await)]);
    let answer = site.get("/").await;
    assert!(status(&answer) == 503 && answer.contains("GTW-016") && answer.contains("retry-after: "), "{answer}");
}

#[tokio::test]
async fn a_node_that_hangs_is_given_up() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = Site::with([node(1, listener.local_addr().unwrap())], |settings| settings.timeouts.response_ms = 500);
    let answer = site.get("/").await;
    assert!(status(&answer) == 504 && answer.contains("GTW-018"), "{answer}");
}

#[tokio::test]
async fn a_client_that_stops_sending_its_body_is_given_up() {
    let echo = Echo::start().await;
    let site = Site::with([node(1, echo.address)], |settings| settings.timeouts.response_ms = 500);
    let answer = site.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhello").await;
    assert!(status(&answer) == 408 && answer.contains("GTW-011"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_whole() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
        }
    });
    let site = Site::start([node(1, address)]);
    let answer = site.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.contains("hello") && !answer.contains("0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_node_that_joins_is_used_and_one_that_leaves_is_not() {
    let (one, two) = (Echo::start().await, Echo::start().await);
    let site = Site::start([node(1, one.address)]);
    assert_eq!(status(&site.get("/").await), 200);
    site.discovery.set([node(2, two.address)]);
    for _ in 0..1_000 {
        if two.count() > 0 {
            break;
        }
        site.get("/").await;
    }
    let before = one.count();
    for _ in 0..10 {
        assert_eq!(status(&site.get("/").await), 200);
    }
    assert_eq!(one.count(), before);
}

#[tokio::test]
async fn the_paths_of_a_service_that_is_gone_say_so_and_lead_to_no_other() {
    let (front, kiosk) = (Echo::start().await, Echo::start().await);
    let below = |address| Node::new(NodeId::from_u128(2), "kiosk", address).routes([Route::new("/kiosk")]);
    let site = Site::start([node(1, front.address), below(kiosk.address)]);
    assert_eq!(status(&site.get("/kiosk/a").await), 200);
    site.discovery.set([node(1, front.address)]);
    for _ in 0..1_000 {
        if status(&site.get("/kiosk/a").await) != 200 {
            break;
        }
        tokio::task::yield_now().await;
    }
    let before = front.count();
    assert_eq!(
        (status(&site.get("/kiosk/a").await), front.count()),
        (503, before),
        "it is away, and nobody else is asked"
    );
    site.discovery.set([node(1, front.address), below(kiosk.address)]);
    for _ in 0..1_000 {
        if status(&site.get("/kiosk/a").await) == 200 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it is back and not found");
}

/// Answers as its path says: `/ill` with 503, `/final` with a 503 that must not be repeated.
async fn as_asked(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let mut response = echo(request).await;
    if path != "/" {
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    }
    if path == "/final" {
        response.headers_mut().insert(mesh::headers::FINAL, HeaderValue::from_static("1"));
    }
    response
}

#[tokio::test]
async fn a_service_is_told_how_long_its_answer_is_waited_for() {
    let echo = Echo::start().await;
    let site = Site::with([node(1, echo.address)], |settings| settings.timeouts.response_ms = 7_000);
    let answer = site.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nfpms-deadline-ms: 1\r\n\r\n").await;
    assert!(answer.contains("fpms-deadline-ms: 7000\n") && answer.contains("fpms-retries-left: 1\n"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_reports_a_failure_is_repeated_once_on_another_node_unless_it_is_final() {
    let (one, two) = (Echo::serve(as_asked).await, Echo::serve(as_asked).await);
    let site = Site::with([node(1, one.address), node(2, two.address)], |settings| settings.retries_max = 1);
    let answer = site.get("/ill").await;
    assert_eq!((status(&answer), one.count(), two.count()), (503, 1, 1), "{answer}");
    assert!(answer.contains("fpms-retries-left: 0\n") && answer.contains("fpms-deadline-ms: "), "{answer}");
    let answer = site.get("/final").await;
    assert_eq!((status(&answer), one.count() + two.count()), (503, 3), "{answer}");
    assert!(!answer.contains("fpms-final"), "{answer}");
    let post = site.raw(b"POST /ill HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    assert_eq!((status(&post), one.count() + two.count()), (503, 4), "{post}");
}

/// A node that answers until it is frozen, and then takes requests and never answers.
struct Freezing {
    echo: Echo,
    frozen: &'static AtomicBool,
}

impl Freezing {
    /// Starts a node that answers by `answer`, which heeds `frozen`, beside another in a gateway that knows how long
    /// answers take.
    async fn beside<F>(
        other: &Echo,
        frozen: &'static AtomicBool,
        answer: fn(Request<Incoming>) -> F,
        change: impl FnOnce(&mut Settings),
    ) -> (Self, Site)
    where
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let echo = Echo::serve(answer).await;
        let site = Site::with([node(1, echo.address), node(2, other.address)], change);
        for _ in 0..40 {
            assert_eq!(status(&site.get("/").await), 200);
        }
        assert!(echo.count() > 0 && other.count() > 0);
        (Self { echo, frozen }, site)
    }

    fn freeze(&self) {
        self.frozen.store(true, Ordering::SeqCst);
    }
}

async fn unless(frozen: &AtomicBool, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if frozen.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    echo(request).await
}

#[tokio::test]
async fn a_request_at_a_node_that_stands_still_is_answered_by_another_which_is_preferred_from_then_on() {
    static FROZEN: AtomicBool = AtomicBool::new(false);
    let two = Echo::start().await;
    let (one, site) = Freezing::beside(&two, &FROZEN, |request| unless(&FROZEN, request), |_| {}).await;
    one.freeze();
    let (before, mut hedged) = (one.echo.count(), 0);
    for _ in 0..100 {
        let answer = site.get("/whole").await;
        assert!(status(&answer) == 200 && answer.contains("\r\n\r\nGET /whole HTTP/1.1\n"), "{answer}");
        hedged += usize::from(answer.contains("fpms-retries-left: 0\n"));
    }
    let asked = one.echo.count() - before;
    assert_eq!(asked, hedged, "what the frozen node was asked, the other was too, as a repetition");
    assert!((1..10).contains(&asked), "{asked}");
}

#[tokio::test]
async fn what_is_not_harmless_or_waits_for_events_or_is_on_a_route_that_says_so_is_never_asked_twice() {
    static FROZEN: AtomicBool = AtomicBool::new(false);
    let file = tempfile::NamedTempFile::new().unwrap();
    let route = "[[route]]\nname = 'once'\nmatch = [{ path = { exact = '/once' } }]\nhedge = false\n\
                 backend = [{ service = 'shop' }]\n";
    std::fs::write(file.path(), route).unwrap();
    for head in [
        "GET /once HTTP/1.1",
        "GET / HTTP/1.1\r\nAccept: text/event-stream",
        "POST / HTTP/1.1\r\nContent-Length: 0",
        "GET / HTTP/1.1\r\nContent-Length: 1",
    ] {
        FROZEN.store(false, Ordering::SeqCst);
        let two = Echo::start().await;
        let change = |settings: &mut Settings| {
            settings.routes = Some(file.path().to_path_buf());
            settings.timeouts.response_ms = 500;
        };
        let (one, site) = Freezing::beside(&two, &FROZEN, |request| unless(&FROZEN, request), change).await;
        one.freeze();
        let before = one.echo.count();
        let body = if head.ends_with('1') && head.contains("Length") { "x" } else { "" };
        while one.echo.count() == before {
            let answer = site.raw(format!("{head}\r\nHost: a\r\nConnection: close\r\n\r\n{body}").as_bytes()).await;
            let expected = if one.echo.count() == before { 200 } else { 504 };
            assert_eq!(status(&answer), expected, "{head}: {answer}");
        }
    }
}

#[tokio::test]
async fn requests_of_one_connection_of_http_2_are_each_answered_by_another_node() {
    static FROZEN: AtomicBool = AtomicBool::new(false);
    let two = Echo::start().await;
    let h2c = |settings: &mut Settings| settings.h2c = true;
    let (one, site) = Freezing::beside(&two, &FROZEN, |request| unless(&FROZEN, request), h2c).await;
    one.freeze();
    let (send, connection) = h2::client::handshake(site.connect().await).await.unwrap();
    runtime::spawn(SERVER, async move { drop(connection.await) });
    let request = |number: usize| {
        let mut send = send.clone();
        async move {
            let request = Request::get(format!("http://site/{number}")).body(()).unwrap();
            send.send_request(request, true).unwrap().0.await.unwrap().status()
        }
    };
    let before = one.echo.count();
    let statuses = futures_util::future::join_all((0..20).map(request)).await;
    assert!(statuses.iter().all(http::StatusCode::is_success), "{statuses:?}");
    assert!(one.echo.count() > before);
}
