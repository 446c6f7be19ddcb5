//! TLS by real handshakes: names, changes of certificates, resumption, and what goes with https.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, pki_types::ServerName};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::{
    metrics,
    tls::{Pair, provider},
};

/// An authority that clients trust, and a folder of certificates by it.
pub(super) struct Authority {
    pub(super) folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
    roots: RootCertStore,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the authority of tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key), roots }
    }

    /// Writes a certificate for these names, and its key.
    pub(super) fn issue(&self, file: &str, names: &[&str]) -> Pair {
        self.issue_until(file, names, 4_000)
    }

    /// Writes a certificate that ends with the beginning of `year`, and its key.
    pub(super) fn issue_until(&self, file: &str, names: &[&str], year: i32) -> Pair {
        let pair = Pair { certificate: self.path(file), key: self.path(&format!("{file}.key")) };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(&pair.certificate, certificate.pem()).unwrap();
        std::fs::write(&pair.key, key.serialize_pem()).unwrap();
        pair
    }

    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    pub(super) fn roots(&self) -> Arc<RootCertStore> {
        Arc::new(self.roots.clone())
    }

    pub(super) fn path(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    /// Returns a client that trusts it and speaks these protocols.
    pub(super) fn client(&self, protocols: &[&str]) -> TlsConnector {
        client(self.roots(), protocols)
    }
}

/// Returns a client that trusts these authorities and speaks these protocols.
pub(super) fn client(roots: Arc<RootCertStore>, protocols: &[&str]) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::clone(provider())).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

pub(super) async fn shake(
    client: &TlsConnector,
    address: SocketAddr,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    client.connect(name, TcpStream::connect(address).await?).await
}

pub(super) async fn ask(stream: &mut TlsStream<TcpStream>, host: &str) -> String {
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = vec![0; 16 << 10];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

pub(super) fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

fn held(pair: &Pair) -> Vec<u8> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    CertificateDer::from_pem_file(&pair.certificate).unwrap().to_vec()
}

fn secure(nodes: impl IntoIterator<Item = Node>, certificates: Vec<Pair>) -> Site {
    Site::with(nodes, |settings| {
        settings.certificates = certificates;
        settings.https = true;
    })
}

#[tokio::test]
async fn a_client_is_shown_the_certificate_of_the_name_it_asks_for() {
    let authority = Authority::new();
    let first = authority.issue("first", &["uni.example", "127.0.0.1"]);
    let wild = authority.issue("wild", &["*.uni.example"]);
    let exact = authority.issue("exact", &["shop.uni.example"]);
    let site = secure([], vec![first.clone(), wild.clone(), exact.clone()]);
    let client = authority.client(&[]);
    for (name, pair) in
        [("uni.example", &first), ("a.uni.example", &wild), ("shop.uni.example", &exact), ("127.0.0.1", &first)]
    {
        let stream = shake(&client, site.running.address, name).await.unwrap();
        assert_eq!(shown(&stream), held(pair), "{name}");
    }
    for name in ["a.b.uni.example", "elsewhere.example"] {
        assert!(shake(&client, site.running.address, name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_service_learns_that_the_client_uses_https_and_the_client_is_told_to_stay() {
    let (authority, echo) = (Authority::new(), Echo::start().await);
    let site = secure([node(1, echo.address)], vec![authority.issue("a", &["a.example"])]);
    let mut stream = shake(&authority.client(&["http/1.1"]), site.running.address, "a.example").await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: a.example\r\nCookie: __Host-fpms=good\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    for expected in
        ["x-forwarded-proto: https\n", "fpms-caller: signed-cookie\n", "strict-transport-security: max-age=63072000;"]
    {
        assert!(answer.contains(expected), "{expected:?} in {answer}");
    }
}

#[tokio::test]
async fn a_session_is_resumed_on_another_connection() {
    let authority = Authority::new();
    let site = secure([], vec![authority.issue("a", &["a.example"])]);
    let client = authority.client(&[]);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let mut stream = shake(&client, site.running.address, "a.example").await.unwrap();
        // The tickets come with the first answer.
        ask(&mut stream, "a.example").await;
        kinds.push(stream.get_ref().1.handshake_kind());
    }
    assert!(matches!(kinds[..], [Some(HandshakeKind::Full), Some(HandshakeKind::Resumed)]), "{kinds:?}");
}

#[tokio::test]
async fn renewed_certificates_come_into_force_and_broken_ones_do_not_and_no_connection_is_dropped() {
    let (authority, echo) = (Authority::new(), Echo::start().await);
    let pair = authority.issue("a", &["a.example"]);
    let site = secure([node(1, echo.address)], vec![pair.clone()]);
    let client = authority.client(&[]);
    let mut before = shake(&client, site.running.address, "a.example").await.unwrap();
    let old = held(&pair);
    let refused = metrics::CERTIFICATES.with(&["refused"]);
    let count = refused.value();
    std::fs::write(&pair.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    while refused.value() == count {
        tokio::task::yield_now().await;
    }
    assert_eq!(shown(&shake(&client, site.running.address, "a.example").await.unwrap()), old);
    authority.issue("a", &["a.example"]);
    loop {
        // Without sessions to resume, which would bring the old certificate back.
        let client = authority.client(&[]);
        if shown(&shake(&client, site.running.address, "a.example").await.unwrap()) == held(&pair) {
            break;
        }
    }
    assert!(ask(&mut before, "a.example").await.contains("200 OK"));
}

#[tokio::test]
async fn a_gateway_does_not_start_on_certificates_that_could_not_work() {
    let authority = Authority::new();
    let (one, two) = (authority.issue("one", &["a.example"]), authority.issue("two", &["a.example"]));
    let missing = Pair { certificate: authority.path("missing"), key: one.key.clone() };
    std::fs::write(authority.path("text"), "no certificate").unwrap();
    let text = Pair { certificate: authority.path("text"), key: one.key.clone() };
    let swapped = Pair { certificate: one.certificate.clone(), key: one.certificate.clone() };
    let mixed = Pair { certificate: one.certificate, key: two.key };
    for (pair, code, expected) in [
        (missing, "LSN-001", "`{}/missing` cannot be read"),
        (text, "LSN-002", "`{}/text` holds no certificate that can be used"),
        (swapped, "LSN-002", "`{}/one` holds no private key that can be used"),
        (mixed, "LSN-003", "the key `{}/two.key` does not belong to the certificate `{}/one`"),
    ] {
        let settings = Settings { listen: any(), certificates: vec![pair], ..Settings::default() };
        let Err(crate::Error::Listeners(error)) = start(settings, &Shutdown::new()) else { panic!("{code}: started") };
        assert_eq!(base::Fault::code(&error).id, code);
        let expected = expected.replace("{}", &authority.folder.path().display().to_string());
        assert!(runtime::chain(&error).contains(&expected), "{}", runtime::chain(&error));
    }
}

#[tokio::test]
async fn a_plain_listener_leads_to_https() {
    let authority = Authority::new();
    let site = Site::with([], |settings| {
        settings.certificates = vec![authority.issue("a", &["a.example"])];
        settings.redirect = Some(crate::settings::Redirect { listen: any(), port: 8443 });
        settings.https = true;
    });
    let (name, address) = &site.running.listeners[1];
    assert_eq!(name, "redirect");
    let answer = raw(*address, b"POST /x?y=z HTTP/1.1\r\nHost: A.example:80\r\nConnection: close\r\n\r\n").await;
    assert!(status(&answer) == 308 && answer.contains("location: https://a.example:8443/x?y=z\r\n"), "{answer}");
    // What is said without TLS about TLS counts for nothing (RFC 6797, 7.2).
    assert!(!answer.contains("strict-transport"), "{answer}");
    let smuggled = raw(*address, b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(smuggled.contains("GTW-004") && !smuggled.contains("strict-transport"), "{smuggled}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up_and_counted() {
    let authority = Authority::new();
    let site = Site::with([], |settings| {
        settings.certificates = vec![authority.issue("a", &["a.example"])];
        settings.tls.handshake_ms = 200;
    });
    let (late, failed) = (metrics::HANDSHAKES.with(&["timeout"]), metrics::HANDSHAKES.with(&["failed"]));
    let counts = (late.value(), failed.value());
    assert_eq!(site.raw(b"").await, "");
    // It is counted when the connection has been closed, by another thread.
    while late.value() == counts.0 {
        tokio::task::yield_now().await;
    }
    site.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    while failed.value() == counts.1 {
        tokio::task::yield_now().await;
    }
    assert!(shake(&authority.client(&["spdy/1"]), site.running.address, "a.example").await.is_err());
}

/// Runs a program that is there, and returns what it printed; `None` where it is not installed.
pub(super) async fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(folder).stdin(std::process::Stdio::null());
    match command.output().await {
        Ok(output) => Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{program}: {error}"),
    }
}

#[tokio::test]
async fn openssl_agrees_on_both_versions_and_on_nothing_older() {
    let authority = Authority::new();
    let site = secure([], vec![authority.issue("a", &["a.example"])]);
    let address = site.running.address.to_string();
    for (version, expected) in
        [("-tls1_3", "Protocol  : TLSv1.3"), ("-tls1_2", "Protocol  : TLSv1.2"), ("-tls1_1", "alert")]
    {
        let arguments =
            ["s_client", "-connect", &address, "-servername", "a.example", "-CAfile", "ca.pem", version, "-alpn", "h2"];
        let Some(text) = run("openssl", &arguments, authority.folder.path()).await else { return };
        let agreed = text.contains(expected.split(" : ").last().unwrap()) || text.contains("no protocols available");
        assert!(agreed, "{version}: {text}");
        assert_eq!(text.contains("ALPN protocol: h2"), version != "-tls1_1", "{text}");
    }
}
