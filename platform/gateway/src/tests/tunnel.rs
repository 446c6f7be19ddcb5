//! Connections that leave HTTP for WebSocket.

use super::*;

const ASKING: &str = "GET /live HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A node that takes one connection, whose head it returns, and then does as it is told.
pub(super) async fn accept(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    (stream, head)
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut byte)).await;
        read.unwrap_or_else(|_| panic!("only {text:?}")).unwrap_or_else(|error| panic!("{error} after {text:?}"));
        text.push(char::from(byte[0]));
    }
    text
}

#[tokio::test]
async fn bytes_go_both_ways_once_the_node_agrees() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = Site::start([node(1, listener.local_addr().unwrap())]);
    let mut client = site.connect().await;
    // The first bytes of the other protocol may come with the head, in both directions.
    client.write_all(format!("{ASKING}first").as_bytes()).await.unwrap();
    let (mut server, head) = accept(&listener).await;
    assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
    assert!(head.contains("sec-websocket-key: dGhl") && head.contains("fpms-caller: signed-nobody"), "{head}");
    server.write_all(format!("{AGREED}hello ").as_bytes()).await.unwrap();
    let answer = read_until(&mut client, "hello ").await;
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("sec-websocket-accept: s3pPL"), "{answer}");
    assert!(answer.contains("connection: upgrade\r\nupgrade: websocket\r\n"), "{answer}");
    assert!(!answer.contains("content-length") && !answer.contains("transfer-encoding"), "{answer}");
    assert_eq!(read_until(&mut server, "first").await, "first");

    let long = "x".repeat(1 << 20) + ".";
    let (mut server_read, mut server_write) = server.split();
    let (sent, echoed) = tokio::join!(client.write_all(long.as_bytes()), async {
        let mut buffer = vec![0; long.len()];
        server_read.read_exact(&mut buffer).await.unwrap();
        buffer
    });
    sent.unwrap();
    assert_eq!(echoed, long.as_bytes());
    // The end of one side reaches the other, which may still finish what it has to say.
    client.shutdown().await.unwrap();
    assert_eq!(server_read.read(&mut [0; 8]).await.unwrap(), 0);
    server_write.write_all(b"bye").await.unwrap();
    server_write.shutdown().await.unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye");
}

#[tokio::test]
async fn a_node_that_does_not_agree_answers_as_ever() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    let mut client = site.connect().await;
    client.write_all(ASKING.as_bytes()).await.unwrap();
    let answer = read_until(&mut client, "\r\n\r\n").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(!answer.contains("upgrade"), "{answer}");
}

#[tokio::test]
async fn other_protocols_are_not_asked_for() {
    let echo = Echo::start().await;
    let site = Site::start([node(1, echo.address)]);
    for upgrade in ["h2c", "TLS/1.0", "websocket-like"] {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: {upgrade}\r\n\r\n");
        let answer = site.raw(head.as_bytes()).await;
        assert!(status(&answer) == 200 && !answer.contains("upgrade:"), "{answer}");
    }
}

#[tokio::test]
async fn a_node_that_changes_protocol_unasked_has_failed() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = Site::start([node(1, listener.local_addr().unwrap())]);
    let (answer, ()) = tokio::join!(
        site.raw(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n"),
        async {
            let (mut server, head) = accept(&listener).await;
            assert!(!head.contains("upgrade"), "{head}");
            server.write_all(AGREED.as_bytes()).await.unwrap();
        }
    );
    assert!(status(&answer) == 502 && answer.contains("GTW-017"), "{answer}");
}

#[tokio::test]
async fn a_tunnel_in_which_nothing_moves_is_cut() {
    let listener = TcpListener::bind(any()).await.unwrap();
    let site = Site::with([node(1, listener.local_addr().unwrap())], |settings| settings.timeouts.stream_idle_ms = 500);
    let mut client = site.connect().await;
    client.write_all(ASKING.as_bytes()).await.unwrap();
    let (mut server, _) = accept(&listener).await;
    server.write_all(AGREED.as_bytes()).await.unwrap();
    let mut rest = String::new();
    tokio::time::timeout(Duration::from_secs(10), client.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(rest.starts_with("HTTP/1.1 101 "), "{rest}");
}
