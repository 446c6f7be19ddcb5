//! TLS to places outside, by real handshakes: who they must be, who we are to them, and changes of both.

use std::{path::Path, sync::atomic::Ordering::SeqCst};

use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use rcgen::KeyPair;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

use super::{tls::Authority, *};
use crate::{
    metrics, route_file,
    tls::{Pair, provider},
};

/// A place that speaks TLS only, and what it has seen.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    asked_for: Mutex<Option<String>>,
    shown: Mutex<Option<Vec<u8>>>,
}

impl Place {
    /// Starts a place with this certificate that agrees on these protocols and asks for certificates by `clients`.
    pub(super) async fn start(pair: &Pair, protocols: &[&str], clients: Option<&Authority>) -> Self {
        let (acceptor, listener) = (acceptor(pair, protocols, clients), TcpListener::bind(any()).await.unwrap());
        let place = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&place.seen);
        runtime::spawn(SERVER, async move {
            while let Ok((stream, _)) = listener.accept().await {
                runtime::spawn(SERVER, serve(acceptor.clone(), stream, Arc::clone(&seen)));
            }
        });
        place
    }

    pub(super) fn counts(&self) -> (usize, usize) {
        (self.seen.connections.load(SeqCst), self.seen.requests.load(SeqCst))
    }
}

/// Returns what shows this certificate, agrees on these protocols and asks for certificates by `clients`.
pub(super) fn acceptor(pair: &Pair, protocols: &[&str], clients: Option<&Authority>) -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_file(&pair.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&pair.key).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::clone(provider())).with_safe_default_protocol_versions();
    let builder = match clients {
        None => builder.unwrap().with_no_client_auth(),
        Some(clients) => builder.unwrap().with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(clients.roots(), Arc::clone(provider())).build().unwrap(),
        ),
    };
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, seen: Arc<Seen>) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let session = stream.get_ref().1;
    seen.connections.fetch_add(1, SeqCst);
    *seen.asked_for.lock() = session.server_name().map(str::to_owned);
    *seen.shown.lock() = session.peer_certificates().map(|chain| chain[0].to_vec());
    let http2 = session.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| {
        seen.requests.fetch_add(1, SeqCst);
        async move { Ok::<_, Infallible>(echo(request).await) }
    });
    let stream = TokioIo::new(stream);
    if http2 {
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        drop(builder.serve_connection(stream, service).await);
    } else {
        drop(http1::Builder::new().serve_connection(stream, service).await);
    }
}

/// Writes a route file in `folder` that leads everything to `address`, which `rest` says more of.
pub(super) fn write(folder: &Path, address: SocketAddr, rest: &str) -> std::path::PathBuf {
    let path = folder.join("routes.toml");
    let upstream = format!("[[upstream]]\nname = 'outside'\naddresses = ['{address}']\n{rest}\n");
    std::fs::write(&path, upstream + "[[route]]\nname = 'r'\nbackend = [{ upstream = 'outside' }]\n").unwrap();
    path
}

fn before(authority: &Authority, address: SocketAddr, rest: &str) -> Site {
    let path = write(authority.folder.path(), address, rest);
    Site::with([], |settings| settings.routes = Some(path))
}

pub(super) const TRUSTED: &str = "tls = { server_name = 'place.example', authorities = 'ca.pem' }";
const WITH_CERTIFICATE: &str = "tls = { server_name = 'place.example', authorities = 'ca.pem', \
                                certificate = { file = 'us', key = 'us.key' } }";

#[tokio::test]
async fn requests_go_by_tls_to_the_place_that_proves_its_name() {
    let authority = Authority::new();
    let place = Place::start(&authority.issue("place", &["place.example"]), &["h2", "http/1.1"], None).await;
    let site = before(&authority, place.address, TRUSTED);
    for number in 1..=3 {
        let answer = site.raw(b"PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi").await;
        assert!(status(&answer) == 200 && answer.ends_with("\n\nhi"), "{answer}");
        assert!(answer.contains("PUT /a HTTP/1.1\n") && answer.contains("host: a\n"), "{answer}");
        // The connection is kept.
        assert_eq!(place.counts(), (1, number));
    }
    assert_eq!(place.seen.asked_for.lock().as_deref(), Some("place.example"));
    assert_eq!(*place.seen.shown.lock(), None);
}

#[tokio::test]
async fn a_place_is_known_by_an_address_as_well() {
    let authority = Authority::new();
    let place = Place::start(&authority.issue("place", &["127.0.0.1"]), &[], None).await;
    let site = before(&authority, place.address, "tls = { server_name = '127.0.0.1', authorities = 'ca.pem' }");
    assert_eq!(status(&site.get("/").await), 200);
    assert_eq!(*place.seen.asked_for.lock(), None);
}

#[tokio::test]
async fn nothing_is_sent_to_a_place_that_cannot_show_who_it_is() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let plain = Echo::start().await;
    let failed = metrics::UPSTREAM_HANDSHAKES.with(&["failed"]);
    let count = failed.value();
    for (address, place) in [
        Place::start(&authority.issue("other", &["other.example"]), &[], None).await,
        Place::start(&stranger.issue("place", &["place.example"]), &[], None).await,
        Place::start(&authority.issue_until("old", &["place.example"], 2020), &[], None).await,
        Place::start(&authority.issue("place", &["place.example"]), &["h2"], None).await,
    ]
    .map(|place| (place.address, Some(place)))
    .into_iter()
    .chain([(plain.address, None)])
    {
        let site = before(&authority, address, TRUSTED);
        let answer = site.get("/").await;
        assert!(status(&answer) == 502 && answer.contains("GTW-022"), "{answer}");
        assert!(answer.contains("fpms-reason: not-secured\r\n"), "{answer}");
        assert!(place.is_none_or(|place| place.counts().1 == 0));
    }
    assert_eq!(plain.count(), 0);
    assert!(failed.value() - count >= 5);
}

#[tokio::test]
async fn a_place_that_speaks_http_2_is_spoken_to_by_it_over_tls() {
    let authority = Authority::new();
    let pair = authority.issue("place", &["place.example"]);
    let place = Place::start(&pair, &["h2", "http/1.1"], None).await;
    let site = before(&authority, place.address, &format!("protocol = 'http2'\n{TRUSTED}"));
    for number in 1..=2 {
        let answer = site.get("/a").await;
        assert!(status(&answer) == 200 && answer.contains("GET https://site/a HTTP/2.0"), "{answer}");
        assert_eq!(place.counts(), (1, number));
    }
    for protocols in [&["http/1.1"][..], &[]] {
        let old = Place::start(&pair, protocols, None).await;
        let site = before(&authority, old.address, &format!("protocol = 'http2'\n{TRUSTED}"));
        let answer = site.get("/a").await;
        assert!(status(&answer) == 502 && answer.contains("GTW-022"), "{answer}");
        assert_eq!(old.counts().1, 0);
    }
}

#[tokio::test]
async fn a_place_that_asks_is_shown_who_we_are_and_renewed_files_come_into_force() {
    let authority = Authority::new();
    let pair = authority.issue("place", &["place.example"]);
    let place = Place::start(&pair, &[], Some(&authority)).await;
    let nobody = before(&authority, place.address, TRUSTED);
    assert_eq!(status(&nobody.get("/").await), 502);
    assert_eq!(place.counts().1, 0);
    drop(nobody);

    let us = authority.issue("us", &["us.example"]);
    let site = before(&authority, place.address, WITH_CERTIFICATE);
    assert_eq!(status(&site.get("/").await), 200);
    let first = place.seen.shown.lock().clone().unwrap();
    let (taken, refused) = (metrics::CERTIFICATES.with(&["taken"]), metrics::CERTIFICATES.with(&["refused"]));
    let counts = (taken.value(), refused.value());
    // A key that is not of the certificate is kept out.
    std::fs::write(&us.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    while refused.value() == counts.1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&site.get("/").await), 200);
    let renewed = authority.issue("us", &["us.example"]);
    while taken.value() == counts.0 {
        tokio::task::yield_now().await;
    }
    // Connections that stand go on, and a new place sees the new certificate.
    assert_eq!(status(&site.get("/").await), 200);
    assert_eq!(place.seen.shown.lock().as_ref(), Some(&first));
    let other = Place::start(&pair, &[], Some(&authority)).await;
    write(authority.folder.path(), other.address, WITH_CERTIFICATE);
    while other.counts().1 == 0 {
        assert_eq!(status(&site.get("/").await), 200);
    }
    let held = CertificateDer::from_pem_file(&renewed.certificate).unwrap();
    assert_eq!(other.seen.shown.lock().as_deref(), Some(&held[..]));
}

#[tokio::test]
async fn no_connection_made_under_other_demands_is_used_and_a_wrong_file_changes_nothing() {
    let authority = Authority::new();
    let place = Place::start(&authority.issue("place", &["place.example"]), &[], None).await;
    let site = before(&authority, place.address, TRUSTED);
    assert_eq!(status(&site.get("/").await), 200);
    let refused = metrics::RELOADS.with(&["refused"]);
    let count = refused.value();
    write(authority.folder.path(), place.address, &TRUSTED.replace("ca.pem", "missing.pem"));
    while refused.value() == count {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&site.get("/").await), 200);
    write(authority.folder.path(), place.address, &TRUSTED.replace("place.example", "other.example"));
    let answer = loop {
        let answer = site.get("/").await;
        if status(&answer) != 200 {
            break answer;
        }
    };
    assert!(status(&answer) == 502 && answer.contains("GTW-022"), "{answer}");
    assert_eq!(place.counts().0, 1);
}

#[test]
fn a_check_names_the_file_that_is_wrong() {
    let authority = Authority::new();
    let (one, two) = (authority.issue("one", &["a.example"]), authority.issue("two", &["a.example"]));
    std::fs::copy(&one.certificate, authority.path("us")).unwrap();
    std::fs::copy(&two.key, authority.path("us.key")).unwrap();
    std::fs::write(authority.path("text"), "no authority").unwrap();
    let check = |rest: &str| route_file::check(&write(authority.folder.path(), ([127, 0, 0, 1], 443).into(), rest));
    assert!(check(TRUSTED).is_ok());
    for (rest, code, expected) in [
        (TRUSTED.replace("ca.pem", "missing"), "LSN-001", "`{}/missing` cannot be read"),
        (TRUSTED.replace("ca.pem", "text"), "LSN-002", "`{}/text` holds no authority's certificate"),
        (WITH_CERTIFICATE.to_owned(), "LSN-003", "the key `{}/us.key` does not belong to the certificate `{}/us`"),
    ] {
        let error = check(&rest).unwrap_err();
        let route_file::Error::Upstream { source, .. } = &error else { panic!("{error}") };
        assert_eq!(base::Fault::code(source).id, code);
        let (text, folder) = (runtime::chain(&error), authority.folder.path().display().to_string());
        assert!(text.contains(&expected.replace("{}", &folder)) && text.contains("upstream `outside`"), "{text}");
    }
    let error = check(&TRUSTED.replace("place.example", "a b")).unwrap_err();
    assert!(error.to_string().contains("has a `server_name` that is neither"), "{error}");
    assert!(check("tls = { authorities = 'ca.pem' }").unwrap_err().to_string().contains("server_name"));
    assert!(check("tls = { server_name = 'a', insecure = true }").unwrap_err().to_string().contains("no `insecure`"));
}
