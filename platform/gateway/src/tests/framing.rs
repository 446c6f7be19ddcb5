//! The smuggling table of platform.md 1.4, by raw bytes: what is refused never reaches a service.

use super::*;

/// What follows each refused request; it must not be taken for a request of its own.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

async fn refused(request: &str, expected: u16, code: &str) {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let answer = site.raw(format!("{request}{SMUGGLED}").as_bytes()).await;
    assert_eq!(status(&answer), expected, "{request:?}: {answer}");
    assert!(answer.contains(code), "{request:?}: {answer}");
    assert_eq!(answer.matches("fpms-request-id: ").count(), 1, "{request:?}: {answer}");
    assert!(!answer.contains("smuggled"), "{request:?}: {answer}");
    assert_eq!(echo.count(), 0, "{request:?}");
}

fn post(lines: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n{body}")
}

#[tokio::test]
async fn ambiguous_lengths_are_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Content-Length: -5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Connection: Content-Length\r\nContent-Length: 5",
    ] {
        refused(&post(lines, "0\r\n\r\n"), 400, "GTW-002").await;
    }
    let old = "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    refused(old, 400, "GTW-002").await;
}

#[tokio::test]
async fn other_transfer_codings_are_refused() {
    for coding in ["xchunked", "chunked, identity", "gzip, chunked", "identity"] {
        refused(&post(&format!("Transfer-Encoding: {coding}"), "0\r\n\r\n"), 501, "GTW-003").await;
    }
}

#[tokio::test]
async fn malformed_heads_are_refused() {
    for request in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\n\u{b}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        refused(request, 400, "GTW-001").await;
    }
}

#[tokio::test]
async fn hosts_that_disagree_are_refused() {
    for request in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        refused(request, 400, "GTW-004").await;
    }
}

#[tokio::test]
async fn tunnels_other_versions_and_large_heads_are_refused() {
    refused("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "GTW-005").await;
    refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "GTW-006").await;
    refused(&post(&format!("X: {}", "y".repeat(65 << 10)), ""), 431, "GTW-007").await;
    refused(&post(&"X: y\r\n".repeat(200), ""), 431, "GTW-007").await;
}

#[tokio::test]
async fn malformed_chunks_are_the_clients_fault_and_end_the_connection() {
    for body in ["0x1\r\na\r\n0\r\n\r\n", "1;a\nb\r\na\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "1\r\nab\r\n0\r\n\r\n"] {
        let echo = Echo::start().await;
        let site = Site::start([node(1, echo.address)]);
        let request = post("Transfer-Encoding: chunked", &format!("{body}{SMUGGLED}"));
        let answer = site.raw(request.as_bytes()).await;
        assert!(status(&answer) == 400 && answer.contains("GTW-010"), "{body:?}: {answer}");
        assert!(!answer.contains("smuggled"), "{body:?}: {answer}");
    }
}

#[tokio::test]
async fn a_refusal_comes_after_the_answers_to_sound_requests_before_it() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let sound = "GET /sound HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer =
        site.raw(format!("{sound}{}{SMUGGLED}", post("Content-Length: 1\r\nContent-Length: 1", "x")).as_bytes()).await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("GET /sound") && answer.contains("GTW-002") && !answer.contains("smuggled"), "{answer}");
    assert_eq!(echo.count(), 1);
}

#[tokio::test]
async fn an_absolute_target_is_sent_on_as_a_path() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let answer = site.raw(b"GET http://a/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.contains("GET /x?y HTTP/1.1\n"), "{answer}");
}
