//! What becomes of answers: compressed, and readable by pages of other origins.

use http::header;

use super::*;
use crate::{
    compression::{Coding, decoded},
    metrics,
};

const LINE: &str = "a line that is there again and again\n";

/// Answers with a long text under a strong tag; 304 to whoever holds it.
async fn text(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let held = request.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag == "\"v1\"");
    let mut response = Response::new(Full::new(Bytes::from(if held { String::new() } else { LINE.repeat(2_000) })));
    if held {
        *response.status_mut() = http::StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"v1\""));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// Answers with the same, for everybody to keep.
async fn asset(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let mut response = text(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

/// Sends a request and returns the head of the answer and its body, without the framing of chunks.
async fn exchange(site: &Site, head: &str) -> (String, Vec<u8>) {
    let mut stream = site.connect().await;
    stream.write_all(format!("{head}Host: site\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut rest = &bytes[end..];
    if !head.contains("transfer-encoding: chunked") {
        return (head, rest.to_vec());
    }
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return (head, body);
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest = &rest[line + 4 + length..];
    }
}

#[tokio::test]
async fn an_answer_is_coded_as_the_client_likes_best_under_a_tag_of_its_own() {
    let service = Echo::serve(text).await;
    let site = Site::start([node(1, service.address)]);
    for coding in Coding::ALL {
        let name = coding.name();
        let (head, body) = exchange(&site, &format!("GET / HTTP/1.1\r\nAccept-Encoding: {name}\r\n")).await;
        for expected in [format!("content-encoding: {name}\r\n"), format!("etag: \"v1--{name}\"\r\n")] {
            assert!(head.contains(&expected) && head.contains("vary: accept-encoding\r\n"), "{head}");
        }
        assert!(body.len() < 2_000 && !head.contains("content-length"), "{head}");
        assert_eq!(decoded(coding, &body), LINE.repeat(2_000).as_bytes());
        let again = format!("GET / HTTP/1.1\r\nAccept-Encoding: {name}\r\nIf-None-Match: \"v1--{name}\"\r\n");
        let (head, _) = exchange(&site, &again).await;
        assert!(status(&head) == 304 && head.contains(&format!("etag: \"v1--{name}\"\r\n")), "{head}");
    }
    for plain in ["", "Accept-Encoding: gzip\r\nCookie: a=b\r\nSec-Fetch-Site: cross-site\r\n"] {
        let (head, body) = exchange(&site, &format!("GET / HTTP/1.1\r\n{plain}")).await;
        assert!(head.contains("etag: \"v1\"\r\n") && head.contains("vary: accept-encoding"), "{head}");
        assert_eq!(body.len(), LINE.len() * 2_000);
    }
}

#[tokio::test]
async fn what_is_kept_is_coded_once_for_everybody() {
    let service = Echo::serve(asset).await;
    let site = Site::start([node(1, service.address)]);
    for coding in Coding::ALL {
        let (name, coded) = (coding.name(), metrics::CODED.with(&[coding.name()]));
        let before = coded.value();
        // The first of all is asked for; from then on nothing is.
        for more in ["", "", "Cookie: a=b\r\nSec-Fetch-Site: same-origin\r\n"] {
            let ask = format!("GET / HTTP/1.1\r\nAccept-Encoding: {name}\r\n{more}");
            let (head, body) = exchange(&site, &ask).await;
            for expected in [
                format!("content-encoding: {name}\r\n"),
                format!("etag: \"v1--{name}\"\r\n"),
                format!("content-length: {}\r\n", body.len()),
                "vary: accept-encoding\r\n".to_owned(),
            ] {
                assert!(head.contains(&expected), "{expected} in {head}");
            }
            assert_eq!(decoded(coding, &body), LINE.repeat(2_000).as_bytes());
        }
        assert_eq!(coded.value() - before, 1);
        let again = format!("GET / HTTP/1.1\r\nAccept-Encoding: {name}\r\nIf-None-Match: \"v1--{name}\"\r\n");
        assert_eq!(status(&exchange(&site, &again).await.0), 304);
        // Who has a credential that another site may have sent still gets it plain.
        let exposed = format!("GET / HTTP/1.1\r\nAccept-Encoding: {name}\r\nCookie: a=b\r\n");
        let (head, body) = exchange(&site, &exposed).await;
        assert!(head.contains("etag: \"v1\"\r\n") && !head.contains("content-encoding"), "{head}");
        assert_eq!(body, LINE.repeat(2_000).as_bytes());
    }
    assert_eq!(service.count(), 1);
}

#[tokio::test]
async fn what_a_service_has_sent_arrives_before_it_sends_more() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    runtime::spawn(SERVER, async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(format!("{head}9\r\ndata: 1\n\n\r\n").as_bytes()).await.unwrap();
        let _ = wait.await;
        stream.write_all(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n").await.unwrap();
    });
    let site = Site::start([node(1, address)]);
    let mut stream = site.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n").await.unwrap();
    let mut seen = Vec::new();
    let mut piece = [0; 4_096];
    // The gzip header alone is 10 bytes in a chunk; the event follows it although the service says nothing more.
    while seen.windows(4).position(|window| window == b"\r\n\r\n").is_none_or(|end| seen.len() < end + 30) {
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&piece[..count]);
    }
    go.send(()).unwrap();
    stream.read_to_end(&mut seen).await.unwrap();
    assert!(seen.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&seen));
}

#[tokio::test]
async fn a_page_of_another_origin_is_answered_by_the_gateway_as_its_route_says() {
    let echo = Echo::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "[[route]]\nname = 'open'\nmatch = [{ path = { prefix = '/open' }, method = 'PUT' }]\n\
                backend = [{ service = 'shop' }]\ncors = { origins = ['https://a.example'], methods = ['PUT'] }\n";
    std::fs::write(file.path(), text).unwrap();
    let site = Site::with([node(1, echo.address)], |settings| settings.routes = Some(file.path().to_path_buf()));
    let ask = async |path: &str, origin: &str| {
        let head = format!("OPTIONS {path} HTTP/1.1\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: PUT\r\n");
        exchange(&site, &head).await.0
    };
    let allowed = ask("/open", "https://a.example").await;
    assert!(status(&allowed) == 204 && allowed.contains("access-control-allow-methods: PUT\r\n"), "{allowed}");
    let refused = ask("/open", "https://b.example").await;
    assert!(status(&refused) == 403 && refused.contains("fpms-reason: other-origin\r\n"), "{refused}");
    assert_eq!(echo.count(), 0);
    assert_eq!(status(&ask("/else", "https://a.example").await), 200);
    let (answer, _) = exchange(&site, "PUT /open HTTP/1.1\r\nOrigin: https://a.example\r\nContent-Length: 0\r\n").await;
    assert!(answer.contains("access-control-allow-origin: https://a.example\r\n"), "{answer}");
    assert!(answer.contains("vary: origin\r\n"), "{answer}");
}
