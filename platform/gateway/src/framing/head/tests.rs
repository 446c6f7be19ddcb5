//! The smuggling table of platform.md 1.4, and what must still pass.

use super::*;

fn check(head: &str) -> Result<Option<Head>, Refusal> {
    take(&mut BytesMut::from(head), &mut Vec::new(), &Limits::default())
}

fn refused(head: &str) -> Refusal {
    match check(head) {
        Err(refusal) => refusal,
        Ok(other) => panic!("{head:?}: {other:?}"),
    }
}

fn sound(head: &str) -> Head {
    let mut input = BytesMut::from(format!("{head}rest").as_str());
    let taken = take(&mut input, &mut Vec::new(), &Limits::default()).unwrap().unwrap();
    assert_eq!(input, "rest", "{head:?}");
    taken
}

fn framing(head: &str) -> Framing {
    sound(head).framing
}

/// A POST with these header lines besides Host.
fn post(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

#[test]
fn ordinary_requests_pass() {
    assert_eq!(framing("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Framing::Length(0));
    assert_eq!(framing("GET /p?q=a%2fb HTTP/1.0\r\nhost: a:8080\r\nX: \t y \r\n\r\n"), Framing::Length(0));
    assert_eq!(framing(&post("Content-Length: 12")), Framing::Length(12));
    assert_eq!(framing(&post("transfer-encoding: Chunked")), Framing::Chunked);
    assert_eq!(framing("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Framing::Length(0));
    assert_eq!(framing("GET http://a:80/x HTTP/1.1\r\nHost: A:80\r\n\r\n"), Framing::Length(0));
    assert_eq!(framing("GET / HTTP/1.1\r\nHost: [::1]:80\r\nX: \u{e9}\r\n\r\n"), Framing::Length(0));
}

#[test]
fn a_head_is_read_only_when_its_end_has_arrived() {
    let head = post("Content-Length: 5");
    for end in 0..head.len() {
        assert!(check(&head[..end]).unwrap().is_none(), "{end}");
    }
    assert_eq!(framing(&head), Framing::Length(5));
}

#[test]
fn a_length_stated_twice_or_oddly_is_refused() {
    for lines in [
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1",
        "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1, 1",
        "Content-Length: +1",
        "Content-Length: -1",
        "Content-Length: 0x1",
        "Content-Length: 1 1",
        "Content-Length:",
        "Content-Length: 9999999999999999999",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    ] {
        assert_eq!(refused(&post(lines)), Refusal::AmbiguousFraming, "{lines:?}");
    }
    let old = "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refused(old), Refusal::AmbiguousFraming);
}

#[test]
fn a_transfer_coding_other_than_chunked_is_refused() {
    for coding in ["gzip, chunked", "chunked, identity", "xchunked", "identity", "", "chunked;q=1", "\"chunked\""] {
        assert_eq!(refused(&post(&format!("Transfer-Encoding: {coding}"))), Refusal::TransferCoding, "{coding:?}");
    }
}

#[test]
fn lines_that_another_reader_would_split_elsewhere_are_refused() {
    for head in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\u{b}Transfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /\r\nHost: a\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\n",
    ] {
        assert_eq!(refused(head), Refusal::MalformedHead, "{head:?}");
    }
}

#[test]
fn exactly_one_host_is_needed() {
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(refused(head), Refusal::AmbiguousHost, "{head:?}");
    }
}

#[test]
fn methods_and_versions_that_are_not_spoken_are_refused() {
    assert_eq!(refused("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), Refusal::Method);
    assert_eq!(refused("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), Refusal::Method);
    assert_eq!(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Refusal::Version);
    assert_eq!(refused("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), Refusal::Version);
}

#[test]
fn heads_have_bounds() {
    let many = "X: y\r\n".repeat(200);
    assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), Refusal::HeadTooLarge);
    let long = "y".repeat(65 << 10);
    assert_eq!(refused(&format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n")), Refusal::HeadTooLarge);
    assert_eq!(refused(&format!("GET /{long}")), Refusal::HeadTooLarge);
}

#[test]
fn what_a_head_says_is_kept_as_it_was_sent() {
    let head = sound("PUT /a?b=%20 HTTP/1.1\r\nHOST: a\r\nX-Y: \t one two \t\r\nx-y: \u{e9}\r\nEmpty:\r\n\r\n");
    assert_eq!((head.parts.method, head.parts.uri), (Method::PUT, Uri::from_static("/a?b=%20")));
    let pairs: Vec<_> = head.parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let expected: [(&str, &[u8]); 4] =
        [("host", b"a"), ("x-y", b"one two"), ("x-y", "\u{e9}".as_bytes()), ("empty", b"")];
    assert_eq!(pairs, expected);
}

#[test]
fn whether_another_request_follows_is_as_the_rfc_says() {
    for (version, connection, expected) in [
        ("1.1", "", true),
        ("1.1", "Connection: Close\r\n", false),
        ("1.1", "Connection: x, close\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let head = sound(&format!("GET / HTTP/{version}\r\nHost: a\r\n{connection}\r\n"));
        assert_eq!(head.kept, expected, "{version} {connection:?}");
    }
    assert!(sound(&post("Content-Length: 1\r\nExpect: 100-Continue")).waits);
    assert!(!sound(&post("Expect: 100-continue")).waits);
}
