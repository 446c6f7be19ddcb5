//! WebSocket over HTTP/2 (RFC 8441): streams that become tunnels, and answers that must not look like one.

use h2::{RecvStream, SendStream, client::SendRequest, ext::Protocol};
use http::{HeaderMap, StatusCode};

use super::{
    outside_tls::{Place, TRUSTED, write},
    tls::Authority,
    tunnel::accept,
    *,
};

/// A WebSocket that is open, as a client of HTTP/2 has it.
struct Open {
    headers: HeaderMap,
    to: SendStream<Bytes>,
    from: RecvStream,
}

impl Open {
    async fn send(&mut self, bytes: impl Into<Bytes>) {
        let mut bytes = bytes.into();
        while !bytes.is_empty() {
            self.to.reserve_capacity(bytes.len());
            let room = std::future::poll_fn(|cx| self.to.poll_capacity(cx)).await.unwrap().unwrap();
            self.to.send_data(bytes.split_to(room.min(bytes.len())), false).unwrap();
        }
    }

    /// Returns what comes next; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, h2::Error>> {
        loop {
            match tokio::time::timeout(Duration::from_secs(10), self.from.data()).await.unwrap()? {
                // The end has a frame of its own.
                Ok(data) if data.is_empty() => {}
                Ok(data) => {
                    self.from.flow_control().release_capacity(data.len()).unwrap();
                    return Some(Ok(data));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = Vec::new();
        while read.len() < bytes {
            read.extend(self.next().await.unwrap().unwrap());
        }
        read
    }
}

async fn client(site: &Site) -> SendRequest<Bytes> {
    let (mut send, connection) = h2::client::handshake(site.connect().await).await.unwrap();
    runtime::spawn(SERVER, async move { drop(connection.await) });
    while !send.is_extended_connect_protocol_enabled() {
        // The gateway's settings come with its first bytes.
        send = send.ready().await.unwrap();
        tokio::task::yield_now().await;
    }
    send
}

fn asking(path: &str, protocol: &'static str) -> http::request::Builder {
    let request = Request::connect(format!("http://site{path}")).extension(Protocol::from_static(protocol));
    request.header("sec-websocket-version", "13")
}

/// Sends a request and returns what is answered, open if it is.
async fn ask(client: &SendRequest<Bytes>, request: http::request::Builder) -> (StatusCode, Open) {
    let mut ready = client.clone().ready().await.unwrap();
    let (response, to) = ready.send_request(request.body(()).unwrap(), false).unwrap();
    let (head, from) = response.await.unwrap().into_parts();
    (head.status, Open { headers: head.headers, to, from })
}

fn clear(nodes: impl IntoIterator<Item = Node>, change: impl FnOnce(&mut Settings)) -> Site {
    Site::with(nodes, |settings| {
        settings.h2c = true;
        change(settings);
    })
}

/// Agrees as a node does that has read this head.
async fn agree(stream: &mut TcpStream, head: &str) {
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    let added = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let proof = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crypto::digest::sha1(added));
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {proof}\r\nSec-WebSocket-Protocol: chat\r\n\r\nhello "
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_stream_becomes_a_tunnel_beside_other_requests_once_the_node_agrees() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |_| {});
    let client = client(&site).await;
    let request =
        asking("/live?a=b", "websocket").header("sec-websocket-protocol", "chat").header("origin", "http://site");
    let request = request.header("cookie", "fpms=good").header("sec-websocket-key", "mine");
    let ((status, mut open), (mut server, head)) = tokio::join!(ask(&client, request), async {
        let (mut server, head) = accept(&listener).await;
        agree(&mut server, &head).await;
        (server, head)
    });
    assert!(head.starts_with("GET /live?a=b HTTP/1.1\r\n"), "{head}");
    for expected in [
        "connection: upgrade\r\n",
        "upgrade: websocket\r\n",
        "host: site\r\n",
        "sec-websocket-version: 13\r\n",
        "sec-websocket-protocol: chat\r\n",
        "origin: http://site\r\n",
        "fpms-caller: signed-cookie\r\n",
    ] {
        assert!(head.contains(expected), "{expected:?} in {head}");
    }
    assert!(
        !head.contains("mine") && !head.contains("content-length") && !head.contains("transfer-encoding"),
        "{head}"
    );
    assert_eq!(status, StatusCode::OK);
    assert_eq!(open.headers["sec-websocket-protocol"], "chat");
    for name in ["sec-websocket-accept", "connection", "upgrade", "content-length"] {
        assert!(!open.headers.contains_key(name), "{name}");
    }
    assert_eq!(open.read(6).await, b"hello ");

    let long = vec![b'x'; 1 << 20];
    let (mut server_read, mut server_write) = server.split();
    let ((), echoed) = tokio::join!(open.send(long.clone()), async {
        let mut buffer = vec![0; long.len()];
        server_read.read_exact(&mut buffer).await.unwrap();
        buffer
    });
    assert_eq!(echoed, long);
    let (read, written) = tokio::join!(open.read(long.len()), server_write.write_all(&long));
    written.unwrap();
    assert_eq!(read, long);
    // The end of one side reaches the other, which may still finish what it has to say.
    open.to.send_data(Bytes::new(), true).unwrap();
    assert_eq!(server_read.read(&mut [0; 8]).await.unwrap(), 0);
    server_write.write_all(b"bye").await.unwrap();
    server_write.shutdown().await.unwrap();
    assert_eq!(open.read(3).await, b"bye");
    assert!(open.next().await.is_none());
}

#[tokio::test]
async fn a_client_that_breaks_off_ends_the_connection_to_the_node_and_the_other_way_round() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |_| {});
    let client = client(&site).await;
    for client_breaks in [true, false] {
        let ((_, mut open), mut server) = tokio::join!(ask(&client, asking("/", "websocket")), async {
            let (mut server, head) = accept(&listener).await;
            agree(&mut server, &head).await;
            server
        });
        open.read(6).await;
        if client_breaks {
            open.to.send_reset(h2::Reason::CANCEL);
            let mut rest = Vec::new();
            let ended = tokio::time::timeout(Duration::from_secs(10), server.read_to_end(&mut rest)).await.unwrap();
            assert!(ended.is_err() || rest.is_empty(), "{rest:?}");
        } else {
            socket2::SockRef::from(&server).set_linger(Some(Duration::ZERO)).unwrap();
            drop(server);
            assert_eq!(open.next().await.unwrap().unwrap_err().reason(), Some(h2::Reason::CANCEL));
        }
    }
}

#[tokio::test]
async fn what_is_refused_of_others_is_refused_of_a_websocket_and_no_answer_looks_like_one() {
    let echo = Echo::start().await;
    let site = clear([node(1, echo.address)], |_| {});
    let client = client(&site).await;
    for (request, status, code) in [
        // The service answers 200 to the request for an upgrade, as to any.
        (asking("/", "websocket"), 501, "GTW-023"),
        (asking("/", "connect-udp"), 501, "GTW-005"),
        (asking("/a/../b", "websocket"), 400, "GTW-008"),
        (asking("/", "websocket").header("host", "other"), 400, "GTW-004"),
        (asking("/", "websocket").header("content-length", "3"), 400, "GTW-002"),
        (asking("/", "websocket").header("authorization", "Bearer bad"), 401, "GTW-013"),
        (asking("/health", "websocket"), 501, "GTW-023"),
    ] {
        let (answered, mut open) = ask(&client, request).await;
        let text = String::from_utf8(open.next().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(answered == status && text.contains(code), "{code}: {answered} {text}");
    }
    assert_eq!(echo.count(), 2);
}

#[tokio::test]
async fn a_node_that_does_not_prove_that_it_read_the_key_has_failed() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |_| {});
    let client = client(&site).await;
    let ((status, _), ()) = tokio::join!(ask(&client, asking("/", "websocket")), async {
        let (mut server, _) = accept(&listener).await;
        agree(&mut server, "sec-websocket-key: another").await;
    });
    assert_eq!(status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_tunnel_in_which_nothing_moves_is_cut() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = clear([node(1, listener.local_addr().unwrap())], |settings| settings.timeouts.stream_idle_ms = 500);
    let client = client(&site).await;
    let ((_, mut open), mut server) = tokio::join!(ask(&client, asking("/", "websocket")), async {
        let (mut server, head) = accept(&listener).await;
        agree(&mut server, &head).await;
        server
    });
    open.read(6).await;
    assert_eq!(open.next().await.unwrap().unwrap_err().reason(), Some(h2::Reason::CANCEL));
    assert!(matches!(server.read(&mut [0; 8]).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_place_that_speaks_http_2_is_not_asked_for_a_websocket() {
    let authority = Authority::new();
    let place = Place::start(&authority.issue("place", &["place.example"]), &["h2"], None).await;
    let path = write(authority.folder.path(), place.address, &format!("protocol = 'http2'\n{TRUSTED}"));
    let site = clear([], |settings| settings.routes = Some(path));
    let client = client(&site).await;
    assert_eq!(ask(&client, asking("/", "websocket")).await.0, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(place.counts().1, 0);
}
