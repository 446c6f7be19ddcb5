//! Listeners of the route file: opened, changed and closed while the gateway runs.

use std::path::Path;

use super::{
    tls::{Authority, shake},
    *,
};
use crate::metrics;

const LEAD: &str = "[[route]]\nname = 'lead'\nmatch = [{ path = { prefix = '/lead' } }]\nredirect = { path = '/x' }\n";

/// Returns an address that was free a moment ago.
fn free() -> SocketAddr {
    std::net::TcpListener::bind(any()).unwrap().local_addr().unwrap()
}

fn listener(name: &str, address: SocketAddr, more: &str) -> String {
    format!("[[listener]]\nname = '{name}'\naddress = '{address}'\n{more}\n")
}

fn site(nodes: impl IntoIterator<Item = Node>, routes: &Path, workers: usize) -> Site {
    Site::with(nodes, |settings| {
        settings.routes = Some(routes.to_path_buf());
        settings.workers = Some(workers);
        settings.timeouts.drain_ms = 2_000;
    })
}

/// Puts another file in the place of the one in force, and waits until it was read.
async fn change(routes: &Path, text: &str, outcome: &str) {
    let reloads = metrics::RELOADS.with(&[outcome]);
    let before = reloads.value();
    let new = routes.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, routes).unwrap();
    while reloads.value() == before {
        tokio::task::yield_now().await;
    }
}

async fn answers(address: SocketAddr) -> bool {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    TcpStream::connect(address).await.is_ok() && status(&raw(address, request).await) == 200
}

#[tokio::test]
async fn a_listener_comes_and_goes_without_the_loss_of_a_request() {
    static GATE: Gate = Gate::shut();
    for workers in [1, 2] {
        let slow = Echo::serve(|request| async move {
            if request.uri().path() == "/slow" {
                GATE.pass().await;
            }
            Response::new(Full::new(Bytes::from("done")))
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let routes = folder.path().join("routes.toml");
        let (first, second) = (free(), free());
        std::fs::write(&routes, listener("first", first, "")).unwrap();
        let site = site([node(1, slow.address)], &routes, workers);
        assert!(answers(first).await && answers(site.running.address).await);
        assert_eq!(site.running.listeners[1], ("first".to_owned(), first));
        let mut idle = TcpStream::connect(first).await.unwrap();
        let mut busy = TcpStream::connect(first).await.unwrap();
        let before = slow.count();
        busy.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        while slow.count() == before {
            tokio::task::yield_now().await;
        }
        change(&routes, &listener("second", second, ""), "taken").await;
        wait_closed(first).await;
        GATE.let_go(1);
        let mut answer = String::new();
        busy.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0);
        assert!(answers(second).await && answers(site.running.address).await);
    }
}

#[tokio::test]
async fn a_listener_that_cannot_be_opened_keeps_the_whole_file_out() {
    let (echo, authority) = (Echo::start().await, Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.toml");
    let (kept, other) = (free(), free());
    std::fs::write(&routes, listener("kept", kept, "")).unwrap();
    let site = site([node(1, echo.address)], &routes, 2);
    let taken = TcpListener::bind(any()).await.unwrap();
    authority.issue("a", &["a.example"]);
    let mixed = format!("certificate = [{{ file = '{0}/a', key = '{0}/ca.pem' }}]", authority.folder.path().display());
    for broken in [
        listener("taken", taken.local_addr().unwrap(), ""),
        listener("overlapping", site.running.address, ""),
        listener("mixed", free(), &mixed),
    ] {
        change(&routes, &(listener("other", other, "") + &broken + LEAD), "refused").await;
        assert!(answers(kept).await && TcpStream::connect(other).await.is_err(), "{broken}");
        assert_eq!(status(&site.get("/lead").await), 200, "{broken}");
    }
    drop(taken);
    change(&routes, &(listener("other", other, "") + LEAD), "taken").await;
    assert!(answers(other).await);
    assert_eq!(status(&site.get("/lead").await), 302);
}

#[tokio::test]
async fn a_listener_changes_what_new_connections_get_and_leaves_the_others() {
    let (echo, authority) = (Echo::start().await, Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.toml");
    let address = free();
    std::fs::write(&routes, listener("door", address, "")).unwrap();
    let _site = site([node(1, echo.address)], &routes, 1);
    let mut plain = TcpStream::connect(address).await.unwrap();
    let pair = authority.issue("a", &["a.example"]);
    std::fs::copy(&pair.certificate, folder.path().join("a")).unwrap();
    std::fs::copy(&pair.key, folder.path().join("a.key")).unwrap();
    // Paths are looked for beside the file.
    let secure = listener("door", address, "[[listener.certificate]]\nfile = 'a'\nkey = 'a.key'");
    change(&routes, &secure, "taken").await;
    shake(&authority.client(&["h2"]), address, "a.example").await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    plain.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    change(&routes, &listener("door", address, "redirect_to_https = 443"), "taken").await;
    let answer = raw(address, b"GET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.contains("location: https://a/y\r\n"), "{answer}");
}

#[tokio::test]
async fn what_does_not_end_on_a_closed_listener_is_cut_off() {
    let hanging = TcpListener::bind(any()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let routes = folder.path().join("routes.toml");
    let address = free();
    std::fs::write(&routes, listener("door", address, "h2c = true")).unwrap();
    let _site = site([node(1, hanging.local_addr().unwrap())], &routes, 1);
    let mut busy = TcpStream::connect(address).await.unwrap();
    // Two addresses: of those who ask for the same, one would wait for the other.
    busy.write_all(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let (mut client, connection) = h2::client::handshake(TcpStream::connect(address).await.unwrap()).await.unwrap();
    let connection = runtime::spawn(SERVER, async move { drop(connection.await) });
    let (response, _) = client.send_request(Request::get("http://a/2").body(()).unwrap(), true).unwrap();
    let _upstreams = (hanging.accept().await.unwrap(), hanging.accept().await.unwrap());
    change(&routes, "", "taken").await;
    let cut = async {
        assert_eq!(busy.read(&mut [0; 16]).await.unwrap_or(0), 0);
        assert!(response.await.is_err());
        connection.await
    };
    tokio::time::timeout(Duration::from_secs(10), cut).await.unwrap().unwrap();
    wait_closed(address).await;
}
