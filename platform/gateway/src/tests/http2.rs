//! HTTP/2 from clients: the same requests, the same answers, and the floods that only it has.

use h2::client::SendRequest;
use http::{HeaderMap, Method};

use super::{tls::Authority, *};
use crate::metrics;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn clear(nodes: impl IntoIterator<Item = Node>, change: impl FnOnce(&mut Settings)) -> Site {
    Site::with(nodes, |settings| {
        settings.h2c = true;
        change(settings);
    })
}

async fn client(site: &Site) -> SendRequest<Bytes> {
    let (send, connection) = h2::client::handshake(site.connect().await).await.unwrap();
    runtime::spawn(SERVER, async move { drop(connection.await) });
    send
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    text: String,
}

async fn send(client: &mut SendRequest<Bytes>, request: http::request::Builder, body: &'static str) -> Answered {
    let mut ready = client.clone().ready().await.unwrap();
    let (response, mut stream) = ready.send_request(request.body(()).unwrap(), body.is_empty()).unwrap();
    if !body.is_empty() {
        stream.send_data(Bytes::from(body), true).unwrap();
    }
    let (head, mut body) = response.await.unwrap().into_parts();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        bytes.extend_from_slice(&data);
    }
    let text = String::from_utf8(bytes).unwrap();
    Answered { status: head.status.as_u16(), headers: head.headers, text }
}

fn get(path: &str) -> http::request::Builder {
    Request::builder().uri(format!("http://site{path}"))
}

#[tokio::test]
async fn a_service_sees_a_request_of_http_2_as_any_other() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let mut client = client(&site).await;
    let request =
        get("/a?b").method(Method::PUT).header("cookie", "x=y").header("cookie", "fpms=good").header("te", "trailers");
    let answer = send(&mut client, request.header("fpms-admin", "1"), "hello").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for expected in
        ["PUT /a?b HTTP/1.1\n", "host: site\n", "cookie: x=y; fpms=good\n", "fpms-caller: signed-cookie\n", "\n\nhello"]
    {
        assert!(answer.text.contains(expected), "{expected:?} in {}", answer.text);
    }
    assert!(!answer.text.contains("fpms-admin") && !answer.text.contains("te: "), "{}", answer.text);
    assert!(answer.headers.contains_key("date") && answer.headers.contains_key("fpms-request-id"));
}

#[tokio::test]
async fn many_requests_share_a_connection_at_the_same_time() {
    static GATE: Gate = Gate::shut();
    let slow = Echo::serve(|request| async {
        GATE.pass().await;
        echo(request).await
    })
    .await;
    let site = clear([node(1, slow.address)], |_| {});
    let client = client(&site).await;
    let requests = (0..50).map(|number| {
        let mut client = client.clone();
        async move { send(&mut client, get(&format!("/{number}")), "").await.text.contains(&format!("GET /{number} ")) }
    });
    let (sound, ()) = tokio::join!(futures_util::future::join_all(requests), async {
        // None is answered before the service has all of them.
        while slow.count() < 50 {
            tokio::task::yield_now().await;
        }
        GATE.let_go(50);
    });
    assert!(sound.into_iter().all(|sound| sound));
}

#[tokio::test]
async fn what_is_refused_in_http_1_is_refused_in_http_2() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let mut client = client(&site).await;
    for (request, status, code) in [
        (get("/").header("host", "other"), 400, "GTW-004"),
        (get("/").method("TRACE"), 501, "GTW-005"),
        (get("/a/%2e%2e/b"), 400, "GTW-008"),
        (get("/").header("authorization", "Bearer bad"), 401, "GTW-013"),
        ((0..101).fold(get("/"), |request, number| request.header(format!("x-{number}"), "y")), 431, "GTW-007"),
    ] {
        let answer = send(&mut client, request, "").await;
        assert!(answer.status == status && answer.text.contains(code), "{code}: {} {}", answer.status, answer.text);
        assert!(!answer.headers.contains_key("connection"));
    }
    let large = site_with_small_bodies(&echo);
    let mut client = self::client(&large).await;
    let answer = send(&mut client, get("/").method(Method::POST), "123456789").await;
    assert!(answer.status == 413 && answer.text.contains("GTW-009"), "{}", answer.text);
    assert_eq!(send(&mut client, get("/").method(Method::POST), "1234").await.status, 200);
}

fn site_with_small_bodies(echo: &Echo) -> Site {
    clear([node(1, echo.address)], |settings| settings.limits.body_bytes_max = 8)
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let mut client = client(&site).await;
    for path in ["/", "/a//b"] {
        let answer = send(&mut client, get(path).method(Method::HEAD), "").await;
        assert_eq!(answer.text, "", "{path}");
    }
}

#[tokio::test]
async fn events_arrive_one_by_one_and_an_answer_that_breaks_off_is_not_taken_for_whole() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |_| {});
    let mut client = client(&site).await.ready().await.unwrap();
    let (response, _) = client.send_request(get("/events").body(()).unwrap(), true).unwrap();
    let (mut service, _) = listener.accept().await.unwrap();
    assert!(service.read(&mut [0; 4_096]).await.unwrap() > 0);
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    service.write_all(head).await.unwrap();
    let mut body = response.await.unwrap().into_body();
    for _ in 0..3 {
        service.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
        assert_eq!(body.data().await.unwrap().unwrap(), "data: 1\n\n");
    }
    drop(service);
    assert!(body.data().await.unwrap().is_err());
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let large = Echo::serve(|_| async { Response::new(Full::new(Bytes::from(vec![0; 4 << 20]))) }).await;
    let site = clear([node(1, large.address)], |settings| settings.timeouts.idle_ms = 500);
    let mut client = client(&site).await;
    let (response, _) = client.send_request(get("/").body(()).unwrap(), true).unwrap();
    let mut body = response.await.unwrap().into_body();
    // Nothing is released, so that the window stays shut; the connection itself is kept busy.
    let broken = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            match body.data().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return error,
                None => panic!("the answer came whole"),
            }
        }
    });
    let error = broken.await.unwrap();
    assert!(error.is_reset() || error.is_go_away() || error.is_io(), "{error}");
}

#[tokio::test]
async fn a_request_that_the_client_takes_back_is_taken_back_from_the_service() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |_| {});
    let mut client = client(&site).await;
    let (response, mut stream) = client.send_request(get("/").body(()).unwrap(), false).unwrap();
    let (mut service, _) = listener.accept().await.unwrap();
    assert!(service.read(&mut [0; 4_096]).await.unwrap() > 0);
    stream.send_reset(h2::Reason::CANCEL);
    drop(response);
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), service.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_end_waits_for_requests_under_way_and_says_goodbye() {
    static GATE: Gate = Gate::shut();
    let slow = Echo::serve(|_| async {
        GATE.pass().await;
        Response::new(Full::new(Bytes::from("done")))
    })
    .await;
    let site = clear([node(1, slow.address)], |_| {});
    let mut client = client(&site).await;
    let mut busy = client.clone();
    let answer = async {
        let answer = send(&mut busy, get("/"), "").await;
        assert_eq!(answer.text, "done");
    };
    let stop = async {
        while slow.count() == 0 {
            tokio::task::yield_now().await;
        }
        let let_go = async {
            wait_closed(site.running.address).await;
            GATE.let_go(1);
        };
        tokio::join!(site.shutdown.drain(Duration::from_secs(10)), let_go).0
    };
    let ((), drained) = tokio::join!(answer, stop);
    assert_eq!(drained, Ok(()));
    let refused = async {
        let mut client = std::future::poll_fn(|cx| client.poll_ready(cx)).await.map(|()| client.clone())?;
        client.send_request(get("/").body(()).unwrap(), true)?.0.await
    };
    assert!(refused.await.is_err());
}

#[tokio::test]
async fn a_connection_that_only_waits_is_closed() {
    let site = clear([], |settings| settings.timeouts.idle_ms = 500);
    let (_send, connection) = h2::client::handshake(site.connect().await).await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(10), connection).await.unwrap();
    assert!(closed.is_ok(), "{closed:?}");
    // A client that begins and never goes on.
    let site = clear([], |settings| settings.timeouts.head_ms = 500);
    let mut stream = site.connect().await;
    stream.write_all(&PREFACE[..10]).await.unwrap();
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap_or(0), 0);
}

/// Sends frames as they are, and returns what comes back until the connection ends.
async fn frames(site: &Site, frames: &[u8]) -> Vec<u8> {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let mut stream = site.connect().await;
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let exchange = async {
        let send = async {
            let _ = write.write_all(&[PREFACE, &settings, frames].concat()).await;
            let _ = write.shutdown().await;
        };
        let _ = tokio::join!(send, read.read_to_end(&mut answer));
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), exchange).await;
    answer
}

fn headers_frame(stream: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        // A literal that is not indexed, with a new name (RFC 7541, 6.2.2).
        block.push(0);
        for text in [name, value] {
            block.push(text.len() as u8);
            block.extend_from_slice(text.as_bytes());
        }
    }
    let mut frame = vec![0, 0, block.len() as u8, 1, 5, 0, 0, 0, stream];
    frame.extend(block);
    frame
}

/// Sends frames and returns the type of the first that answers them: HEADERS, RST_STREAM or GOAWAY.
async fn answered_by(site: &Site, frames: &[u8]) -> u8 {
    let mut stream = site.connect().await;
    stream.write_all(&[PREFACE, &[0, 0, 0, 4, 0, 0, 0, 0, 0], frames].concat()).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut rest = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut rest).await.unwrap();
        if matches!(head[3], 1 | 3 | 7) {
            return head[3];
        }
    }
}

#[tokio::test]
async fn malformed_requests_reach_no_service() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let sound = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")];
    assert_eq!(answered_by(&site, &headers_frame(1, &sound)).await, 1);
    assert_eq!(echo.count(), 1);
    let with = [
        ("connection", "x"),
        ("transfer-encoding", "chunked"),
        ("keep-alive", "1"),
        ("upgrade", "x"),
        ("te", "gzip"),
        ("X-Upper", "1"),
        (":path", "/two"),
        (":unknown", "1"),
        ("a", "b\r\nc: d"),
        ("content-length", "5"),
    ];
    let with = with.iter().map(|bad| [&sound[..], &[*bad]].concat());
    let without = (0..3).map(|at| [&sound[..at], &sound[at + 1..]].concat());
    for fields in with.chain(without) {
        let kind = answered_by(&site, &headers_frame(1, &fields)).await;
        assert!(matches!(kind, 3 | 7) && echo.count() == 1, "{fields:?}: {kind}");
    }
}

#[tokio::test]
async fn floods_of_frames_break_the_connection() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let sound = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")];
    let pings = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8].repeat(20_000);
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0].repeat(20_000);
    let mut open = headers_frame(1, &sound);
    // The request goes on after its head.
    open[4] = 4;
    let empty = [open, [0, 0, 0, 0, 0, 0, 0, 0, 1].repeat(20_000)].concat();
    let resets: Vec<u8> = (0..100_u8)
        .cycle()
        .take(2_000)
        .enumerate()
        .flat_map(|(at, _)| {
            let number = (at as u32 * 2 + 1).to_be_bytes();
            let mut frames = headers_frame(1, &sound);
            frames[5..9].copy_from_slice(&number);
            frames.extend([0, 0, 4, 3, 0]);
            frames.extend(number);
            frames.extend([0, 0, 0, 8]);
            frames
        })
        .collect();
    let floods = metrics::FLOODS.with(&[]);
    for (kind, flood) in [("pings", pings), ("settings", settings), ("empty", empty)] {
        let before = floods.value();
        let answer = frames(&site, &flood).await;
        // GOAWAY with ENHANCE_YOUR_CALM, where the library has seen it first.
        let told = answer.windows(17).any(|frame| frame[3] == 7 && frame[16] == 11);
        assert!(floods.value() > before || told, "{kind}: {answer:?}");
    }
    frames(&site, &resets).await;
    assert!(echo.count() < 1_000, "{}", echo.count());
    assert_eq!(status(&site.get("/").await), 200);
}

#[tokio::test]
async fn curl_gets_a_page_by_http_2_over_tls() {
    let (authority, echo) = (Authority::new(), Echo::start().await);
    let site = Site::with([node(1, echo.address)], |settings| {
        settings.certificates = vec![authority.issue("a", &["a.example"])];
    });
    let port = site.running.address.port();
    let (url, resolve) = (format!("https://a.example:{port}/x"), format!("a.example:{port}:127.0.0.1"));
    for (version, expected) in [("--http2", "2 200"), ("--http1.1", "1.1 200")] {
        let arguments = [
            "-sS",
            "--cacert",
            "ca.pem",
            "--resolve",
            &resolve,
            version,
            "-d",
            "hello",
            "-w",
            "\n%{http_version} %{http_code}",
            &url,
        ];
        let Some(text) = super::tls::run("curl", &arguments, authority.folder.path()).await else { return };
        assert!(text.ends_with(expected) && text.contains("\n\nhello"), "{text}");
        assert!(text.contains("POST /x HTTP/1.1\n") && text.contains("x-forwarded-proto: https\n"), "{text}");
    }
}
