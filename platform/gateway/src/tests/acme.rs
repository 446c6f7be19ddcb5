//! A certificate from an ACME directory: obtained, shown, renewed, and doubted.

use std::{os::unix::fs::PermissionsExt, path::Path, sync::atomic::Ordering::SeqCst};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::process::{Child, Command};

use super::{
    acme_directory::Directory,
    tls::{self, Authority, ask, shake, shown},
    *,
};
use crate::{
    acme, metrics,
    settings::{Acme, Redirect},
};

const HOST: &str = "site.example";

fn settings(directory: &Directory, folder: &Path) -> Acme {
    Acme {
        directory: directory.url(),
        contact: "admin@site.example".to_owned(),
        hosts: vec![HOST.to_owned()],
        folder: folder.to_path_buf(),
        authorities: Some(directory.authority().path("ca.pem")),
        retry_ms: 50,
        retry_ms_max: 200,
    }
}

/// Returns a gateway that has a certificate of this directory obtained, which looks for the host at its plain listener.
fn site(directory: &Directory, folder: &Path, nodes: impl IntoIterator<Item = Node>) -> Site {
    let site = Site::with(nodes, |set| {
        set.acme = Some(settings(directory, folder));
        set.redirect = Some(Redirect { listen: any(), port: 443 });
        set.https = true;
    });
    directory.state.hosts_at.send_replace(Some(site.running.listeners[1].1));
    site
}

#[tokio::test]
async fn a_certificate_is_obtained_shown_and_renewed_and_no_connection_is_dropped() {
    let (directory, echo) = (Directory::start(Authority::new(), Duration::from_secs(6)).await, Echo::start().await);
    let folder = tempfile::tempdir().unwrap();
    let site = site(&directory, folder.path(), [node(1, echo.address)]);
    let client = directory.authority().client(&[]);
    let mut first = loop {
        // Until then a certificate is shown that nobody believes.
        if let Ok(stream) = shake(&client, site.running.address, HOST).await {
            break stream;
        }
    };
    let before = shown(&first);
    loop {
        // A session that is resumed would show the certificate that it began with.
        let client = directory.authority().client(&[]);
        let mut stream = shake(&client, site.running.address, HOST).await.unwrap();
        assert_eq!(status(&ask(&mut stream, HOST).await), 200);
        assert_eq!(status(&ask(&mut first, HOST).await), 200);
        if shown(&stream) != before {
            break;
        }
    }
    assert_eq!(status(&ask(&mut first, HOST).await), 200);
    let orders = {
        let inner = directory.state.inner.lock();
        assert_eq!(inner.accounts.len(), 1);
        inner.orders.len()
    };
    // Another start shows what was issued, with the account that is there.
    drop(site);
    let site = self::site(&directory, folder.path(), []);
    assert!(shake(&client, site.running.address, HOST).await.is_ok());
    let inner = directory.state.inner.lock();
    assert!(inner.accounts.len() == 1 && inner.orders.len() <= orders + 1);
    for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert!(metrics::ACME_EXPIRES.with(&[]).value() > 1_700_000_000);
}

#[tokio::test]
async fn a_directory_that_doubts_stops_nothing_and_is_asked_again() {
    let directory = Directory::start(Authority::new(), Duration::from_hours(1)).await;
    let (folder, echo) = (tempfile::tempdir().unwrap(), Echo::start().await);
    directory.state.doubts.store(true, SeqCst);
    let failed = metrics::ACME_ORDERS.with(&["failed"]);
    let count = failed.value();
    let site = site(&directory, folder.path(), [node(1, echo.address)]);
    while failed.value() < count + 2 {
        tokio::task::yield_now().await;
    }
    let plain = site.running.listeners[1].1;
    let unknown =
        raw(plain, b"GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&unknown), 308, "{unknown}");
    // TLS is spoken all the same, with a certificate that nobody believes.
    let client = directory.authority().client(&[]);
    let error = shake(&client, site.running.address, HOST).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    directory.state.doubts.store(false, SeqCst);
    let mut stream = loop {
        if let Ok(stream) = shake(&client, site.running.address, HOST).await {
            break stream;
        }
    };
    assert_eq!(status(&ask(&mut stream, HOST).await), 200);
}

#[tokio::test]
async fn a_directory_that_forgot_the_account_is_given_another() {
    let directory = Directory::start(Authority::new(), Duration::from_hours(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let (first, client) = (site(&directory, folder.path(), []), directory.authority().client(&[]));
    while shake(&client, first.running.address, HOST).await.is_err() {}
    drop(first);
    directory.state.inner.lock().accounts.clear();
    std::fs::remove_file(folder.path().join("certificate.pem")).unwrap();
    let second = site(&directory, folder.path(), []);
    while shake(&client, second.running.address, HOST).await.is_err() {}
    assert_eq!(directory.state.inner.lock().accounts.len(), 1);
}

#[tokio::test]
async fn what_could_never_be_obtained_is_refused_at_the_start() {
    let directory = Directory::start(Authority::new(), Duration::from_hours(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let sound = settings(&directory, folder.path());
    let hosts = |hosts: &[&str]| Acme { hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..sound.clone() };
    for (set, code, expected) in [
        (Acme { directory: "http://a/directory".to_owned(), ..sound.clone() }, "ACM-001", "by https"),
        (hosts(&[]), "ACM-001", "no host"),
        (hosts(&["*.site.example"]), "ACM-001", "`*.site.example` is a wildcard"),
        (hosts(&["Site.example"]), "ACM-001", "`Site.example` is not the name of a host"),
        (hosts(&["127.0.0.1"]), "ACM-001", "`127.0.0.1` is not the name of a host"),
        (Acme { contact: "a b".to_owned(), ..sound.clone() }, "ACM-001", "`a b` is not an address of mail"),
        (Acme { authorities: Some(folder.path().join("none")), ..sound.clone() }, "LSN-001", "none` cannot be read"),
        (Acme { folder: "/dev/null/acme".into(), ..sound.clone() }, "ACM-002", "`/dev/null/acme` cannot be used"),
    ] {
        let settings = Settings { listen: any(), acme: Some(set), ..Settings::default() };
        let Err(crate::Error::Acme(error)) = start(settings, &Shutdown::new()) else { panic!("{expected}: started") };
        assert_eq!(base::Fault::code(&error).id, code);
        assert!(runtime::chain(&error).contains(expected), "{}", runtime::chain(&error));
    }
    assert_eq!(acme::check(&sound).map_err(|error| error.to_string()), Ok(()));
    assert_eq!(directory.state.inner.lock().orders.len(), 0);
}

/// Starts a program until it is dropped; `None` where it is not installed.
fn program(name: &str, arguments: &[&str]) -> Option<Child> {
    let mut command = Command::new(name);
    command.args(arguments).env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "30").kill_on_drop(true);
    let quiet = command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    match quiet.stderr(std::process::Stdio::null()).spawn() {
        Ok(child) => Some(child),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

async fn free() -> SocketAddr {
    TcpListener::bind(any()).await.unwrap().local_addr().unwrap()
}

/// Returns the settings of Pebble, by whom hosts are looked for at `plain`.
fn pebble(authority: &Authority, [directory, management, plain]: [SocketAddr; 3]) -> String {
    let pair = authority.issue("pebble", &["localhost"]);
    let pebble = serde_json::json!({
        "listenAddress": directory.to_string(),
        "managementListenAddress": management.to_string(),
        "certificate": pair.certificate,
        "privateKey": pair.key,
        "httpPort": plain.port(),
        "tlsPort": plain.port(),
    });
    serde_json::json!({ "pebble": pebble }).to_string()
}

#[tokio::test]
async fn the_directory_that_lets_encrypt_tests_clients_with_issues_as_well() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let addresses = [free().await, free().await, free().await];
    let (names, orders, [directory, _, plain]) = (free().await.to_string(), free().await.to_string(), addresses);
    std::fs::write(authority.path("pebble.json"), pebble(&authority, addresses)).unwrap();
    let config = authority.path("pebble.json").display().to_string();
    let nothing = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
    let answers = [&["-dns01", &names, "-management", &orders, "-defaultIPv4", "127.0.0.1"], &nothing[..]].concat();
    let Some(_names) = program("pebble-challtestsrv", &answers) else { return };
    let Some(_pebble) = program("pebble", &["-config", &config, "-dnsserver", &names]) else { return };
    while TcpStream::connect(directory).await.is_err() {
        tokio::task::yield_now().await;
    }
    let site = Site::with([], |set| {
        set.acme = Some(Acme {
            directory: format!("https://localhost:{}/dir", directory.port()),
            contact: "admin@site.example".to_owned(),
            hosts: vec![HOST.to_owned(), "www.site.example".to_owned()],
            folder: folder.path().to_path_buf(),
            authorities: Some(authority.path("ca.pem")),
            retry_ms: 500,
            retry_ms_max: 1_000,
        });
        set.redirect = Some(Redirect { listen: plain, port: 443 });
        set.https = true;
    });
    let file = folder.path().join("certificate.pem");
    let issuer = loop {
        // Our own has nobody above it.
        let chain = CertificateDer::pem_file_iter(&file).unwrap().map(Result::unwrap).skip(1).last();
        match chain {
            Some(issuer) => break issuer,
            None => tokio::task::yield_now().await,
        }
    };
    let mut roots = RootCertStore::empty();
    roots.add(issuer).unwrap();
    let client = tls::client(Arc::new(roots), &[]);
    while shake(&client, site.running.address, "www.site.example").await.is_err() {}
}
