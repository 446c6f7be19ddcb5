//! What reaches a service, and what comes back.

use super::*;

#[tokio::test]
async fn a_service_gets_the_request_with_what_the_gateway_says_of_it() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let answer = site
        .raw(
            b"GET /a/b?c=%2f HTTP/1.1\r\nHost: Site\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nfpms-caller: forged\r\n\
              fpms-admin: yes\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-Ip: 1.2.3.4\r\n\
              Cookie: fpms=good\r\nX-Kept: 1\r\n\r\n",
        )
        .await;
    assert_eq!(status(&answer), 200, "{answer}");
    for expected in [
        "GET /a/b?c=%2f HTTP/1.1\n",
        "host: Site\n",
        "fpms-caller: signed-cookie\n",
        "fpms-request-id: ",
        "traceparent: 00-",
        "x-forwarded-for: 127.0.0.1\n",
        "x-forwarded-proto: http\n",
        "x-forwarded-host: Site\n",
        "x-kept: 1\n",
    ] {
        assert!(answer.contains(expected), "{expected:?} in {answer}");
    }
    let (head, seen) = answer.split_once("\r\n\r\n").unwrap();
    for unexpected in ["forged", "fpms-admin", "1.2.3.4", "x-hop", "connection:"] {
        assert!(!seen.contains(unexpected), "{unexpected:?} in {seen}");
    }
    for header in ["x-content-type-options: nosniff", "referrer-policy: ", "fpms-request-id: "] {
        assert!(head.contains(header), "{header:?} in {head}");
    }
    assert!(!answer.contains("strict-transport-security"));
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_about_the_client_only() {
    let echo = Echo::start().await;
    let site = Site::with([node(1, echo.address)], |settings| {
        settings.trusted_proxies = ["127.0.0.1", "10.0.0.1"].map(|proxy| proxy.to_owned().try_into().unwrap()).to_vec();
        settings.https = true;
    });
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 9.9.9.9, 10.0.0.1\r\nConnection: close\r\n\
                    Cookie: fpms=good; __Host-fpms=bad\r\n\r\n";
    let answer = site.raw(request).await;
    assert!(answer.contains("x-forwarded-for: 9.9.9.9\n"), "{answer}");
    assert!(answer.contains("x-forwarded-proto: https\n"), "{answer}");
    assert!(answer.contains("fpms-caller: signed-nobody\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: "), "{answer}");
}

#[tokio::test]
async fn a_trace_is_continued_under_a_new_span() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\ntraceparent: {parent}\r\nConnection: close\r\n\r\n");
    let answer = site.raw(request.as_bytes()).await;
    assert!(answer.contains("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{answer}");
    assert!(!answer.contains("00f067aa0ba902b7"), "{answer}");
}

#[tokio::test]
async fn several_requests_share_a_connection_also_when_sent_at_once() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let post = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let chunked = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let last = "GET /l HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = site.raw(format!("{post}{chunked}{post}{last}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 4, "{answer}");
    assert_eq!(answer.matches("\n\nhello").count(), 3, "{answer}");
    assert_eq!(echo.count(), 4);
}

#[tokio::test]
async fn a_request_may_arrive_byte_by_byte() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let mut stream = site.connect().await;
    stream.set_nodelay(true).unwrap();
    for byte in
        b"POST /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_body_streams_both_ways_without_being_gathered() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = Site::start([node(1, listener.local_addr().unwrap())]);
    let mut client = site.connect().await;
    client.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n").await.unwrap();
    let (mut service, _) = listener.accept().await.unwrap();
    read_until(&mut service, "first").await;
    service.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n").await.unwrap();
    read_until(&mut client, "part").await;
    client.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.unwrap();
    read_until(&mut service, "second").await;
    service.write_all(b"4\r\nrest\r\n0\r\n\r\n").await.unwrap();
    read_until(&mut client, "rest").await;
}

async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains(end) {
        let mut buffer = [0; 4_096];
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "closed before {end:?}: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let echo = Echo::serve(|request| async move {
        use http_body_util::BodyExt;
        let bytes = request.into_body().collect().await.map_or(0, |body| body.to_bytes().len());
        Response::new(Full::new(Bytes::from(vec![b'x'; bytes])))
    })
    .await;
    let site = Site::start([node(1, echo.address)]);
    let body = vec![b'y'; 3 << 20];
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = site.connect().await;
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let (sent, received) = tokio::join!(
        async {
            write.write_all(head.as_bytes()).await?;
            write.write_all(&body).await
        },
        read.read_to_end(&mut answer)
    );
    sent.unwrap();
    received.unwrap();
    assert!(answer.ends_with(&vec![b'x'; body.len()]));
}

#[tokio::test]
async fn bodies_have_a_bound_stated_or_not() {
    let echo = Echo::start().await;
    let small = Node::new(NodeId::from_u128(1), "shop", echo.address)
        .routes([Route::new("/").body_bytes_max(10), Route::new("/large")]);
    let site = Site::start([small]);
    let stated = site.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n").await;
    assert_eq!(status(&stated), 413, "{stated}");
    assert!(stated.contains("GTW-009") && stated.contains("connection: close"), "{stated}");
    let chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nb\r\nhello world\r\n0\r\n\r\n";
    let unstated = site.raw(format!("POST / HTTP/1.1\r\nHost: a\r\n{chunked}").as_bytes()).await;
    assert_eq!(status(&unstated), 413, "{unstated}");
    let elsewhere = site.raw(format!("POST /large HTTP/1.1\r\nHost: a\r\n{chunked}").as_bytes()).await;
    assert_eq!(status(&elsewhere), 200, "{elsewhere}");
}

#[tokio::test]
async fn a_service_that_refuses_a_body_and_closes_is_heard() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let address = listener.local_addr().unwrap();
    runtime::spawn(SERVER, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1_024]).await;
            let _ = stream.write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge").await;
            // The rest of the body is taken and thrown away for a while, as servers do that close with care.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
    });
    let site = Site::start([node(1, address)]);
    let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "y".repeat(1 << 20));
    let answer = site.raw(format!("{head}{chunk}0\r\n\r\n").as_bytes()).await;
    assert!(status(&answer) == 413 && answer.ends_with("large"), "{answer}");
}

#[tokio::test]
async fn a_long_body_without_a_stated_length_is_refused_at_its_bound() {
    let echo = Echo::start().await;
    let node = Node::new(NodeId::from_u128(1), "shop", echo.address).routes([Route::new("/").body_bytes_max(1 << 16)]);
    let site = Site::start([node]);
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", "y".repeat(1 << 12));
    let answer = site.raw(format!("{head}{}0\r\n\r\n", chunk.repeat(200)).as_bytes()).await;
    assert!(status(&answer) == 413 && answer.contains("GTW-009"), "{answer}");
}

#[tokio::test]
async fn what_the_gateway_refuses_says_why_to_programs_and_to_people() {
    let echo = Echo::start().await;
    let site = Site::start([Node::new(NodeId::from_u128(1), "shop", echo.address).routes([Route::new("/shop")])]);
    let program = site.get("/elsewhere").await;
    assert_eq!(status(&program), 404);
    assert!(program.contains("application/problem+json") && program.contains("\"code\":\"GTW-015\""), "{program}");
    assert!(program.contains("\"type\":\"/errors/GTW-015\""), "{program}");
    let browser = b"GET /elsewhere HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n";
    let page = site.raw(browser).await;
    assert!(page.contains("content-type: text/html") && page.contains("<h1>There is nothing"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");
    for (path, expected) in [("/shop/%2e%2e/x", "GTW-008"), ("/shop//x", "GTW-008"), ("/shopping", "GTW-015")] {
        let answer = site.get(path).await;
        assert!(answer.contains(expected), "{path}: {answer}");
    }
    assert_eq!(echo.count(), 0);
}

#[tokio::test]
async fn credentials_and_hosts_that_are_not_accepted_go_no_further() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let with = |header: &str| format!("GET / HTTP/1.1\r\nConnection: close\r\n{header}\r\n\r\n").into_bytes();
    let bad = site.raw(&with("Host: a\r\nAuthorization: Bearer bad")).await;
    assert!(status(&bad) == 401 && bad.contains("www-authenticate: Bearer") && bad.contains("GTW-013"), "{bad}");
    let unknown = site.raw(&with("Host: UNKNOWN:80")).await;
    assert!(status(&unknown) == 404 && unknown.contains("GTW-014"), "{unknown}");
    assert_eq!(echo.count(), 0);
    let good = site.raw(&with("Host: a\r\nAuthorization: Bearer good")).await;
    assert!(good.contains("fpms-caller: signed-bearer"), "{good}");
}

#[tokio::test]
async fn probes_do_not_collide_with_services() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    assert_eq!(status(&site.get("/-/health").await), 200);
    assert_eq!(status(&site.get("/-/ready").await), 200);
    assert_eq!(status(&Site::start([]).get("/-/ready").await), 503);
    assert!(site.get("/health").await.contains("GET /health"));
    assert_eq!(echo.count(), 1);
    let admin = site.running.admin.unwrap();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").into_bytes();
    let metrics = raw(admin, &get("/metrics")).await;
    assert!(metrics.contains("fpms_gateway_requests_total{service=\"shop\",status=\"2xx\"}"), "{metrics}");
    assert!(raw(admin, &get("/ready")).await.contains("\"ok\":true"));
}

#[tokio::test]
async fn an_expectation_is_met_only_when_the_body_is_wanted() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let mut stream = site.connect().await;
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.unwrap();
    read_until(&mut stream, "HTTP/1.1 100 Continue").await;
    stream.write_all(b"hello").await.unwrap();
    read_until(&mut stream, "hello").await;
}

#[tokio::test]
async fn trailers_are_not_passed_on() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let body = "5\r\nhello\r\n0\r\nfpms-caller: forged\r\n\r\n";
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTrailer: fpms-caller\r\nTransfer-Encoding: chunked\r\nConnection: close";
    let answer = site.raw(format!("{head}\r\n\r\n{body}").as_bytes()).await;
    assert!(answer.ends_with("\n\nhello") && !answer.contains("forged"), "{answer}");
}
