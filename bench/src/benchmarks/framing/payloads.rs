//! The payloads: requests that two readers could take in two ways, each followed by one that must not be smuggled.

/// A request by its bytes.
pub(super) struct Payload {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// What follows each payload on its connection.
const NEXT: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

/// Returns every payload.
pub(super) fn all() -> Vec<Payload> {
    let mut payloads = lengths();
    payloads.extend(lines());
    payloads.extend(hosts());
    payloads.extend(chunks());
    payloads
}

fn post(name: &'static str, lines: &str, body: &str) -> Payload {
    raw(name, &format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n{body}"))
}

fn raw(name: &'static str, request: &str) -> Payload {
    Payload { name, bytes: format!("{request}{NEXT}").into_bytes() }
}

fn lengths() -> Vec<Payload> {
    const EMPTY: &str = "0\r\n\r\n";
    vec![
        post("CL and TE", "Content-Length: 5\r\nTransfer-Encoding: chunked", EMPTY),
        post("TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 5", EMPTY),
        post("CL twice, equal", "Content-Length: 5\r\nContent-Length: 5", "hello"),
        post("CL twice, differing", "Content-Length: 5\r\nContent-Length: 6", "hello"),
        post("CL `5, 5`", "Content-Length: 5, 5", "hello"),
        post("CL `+5`", "Content-Length: +5", "hello"),
        post("CL `-5`", "Content-Length: -5", "hello"),
        post("CL `0x5`", "Content-Length: 0x5", "hello"),
        post("CL of 20 digits", "Content-Length: 18446744073709551621", "hello"),
        post("CL empty", "Content-Length: ", ""),
        post("TE `xchunked`", "Transfer-Encoding: xchunked", EMPTY),
        post("TE `chunked, identity`", "Transfer-Encoding: chunked, identity", EMPTY),
        post("TE `gzip, chunked`", "Transfer-Encoding: gzip, chunked", EMPTY),
        post("TE `identity`", "Transfer-Encoding: identity", ""),
        post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", EMPTY),
        post("TE quoted", "Transfer-Encoding: \"chunked\"", EMPTY),
        post("TE with vertical tab", "Transfer-Encoding: \u{b}chunked", EMPTY),
        raw("TE in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        post("CL nominated in Connection", "Connection: Content-Length\r\nContent-Length: 5", "hello"),
        post("header nominated in Connection", "Connection: X-Auth\r\nX-Auth: 1\r\nContent-Length: 0", ""),
    ]
}

fn lines() -> Vec<Payload> {
    let long = format!("X: {}", "y".repeat(65 << 10));
    let many = vec!["X: y"; 200].join("\r\n");
    vec![
        raw("bare LF line ends", "GET / HTTP/1.1\nHost: a\n\n"),
        raw("bare LF after one header", "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n"),
        raw("bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n"),
        raw("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n"),
        raw("folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"),
        post("space before the colon", "Transfer-Encoding : chunked", "0\r\n\r\n"),
        raw("header without a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
        raw("tab in the request line", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("HTTP/0.9", "GET /\r\n"),
        raw("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
        raw("fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("header of 65 KiB", &long, ""),
        post("200 headers", &many, ""),
        raw("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    ]
}

fn hosts() -> Vec<Payload> {
    vec![
        raw("no Host", "GET / HTTP/1.1\r\n\r\n"),
        raw("Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        raw("Host twice, differing", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        raw("Host other than the target's", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        raw("Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    ]
}

fn chunks() -> Vec<Payload> {
    let chunked = |name, body: &str| post(name, "Transfer-Encoding: chunked", body);
    vec![
        chunked("chunk extension with LF", "1;a\nb\r\na\r\n0\r\n\r\n"),
        chunked("chunk size `0x1`", "0x1\r\na\r\n0\r\n\r\n"),
        chunked("chunk size that overflows", "10000000000000001\r\na\r\n0\r\n\r\n"),
        chunked("chunk size with a sign", "+1\r\na\r\n0\r\n\r\n"),
        chunked("chunk size before LF", "1\na\r\n0\r\n\r\n"),
        chunked("chunk longer than its size", "1\r\nab\r\n0\r\n\r\n"),
        chunked("chunk that ends with LF", "1\r\na\n0\r\n\r\n"),
        chunked("trailer that forges a header", "1\r\na\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"),
    ]
}
