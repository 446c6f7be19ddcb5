//! One function for each parser of bytes from outside: it reads whatever it is given, and panics when a promise is broken.
//!
//! Owns what is promised of each parser beyond not panicking. Never part of the product.
//! `cargo xtask fuzz TARGET` runs one; start reading at [`framing`].

mod workbook;

use std::sync::Once;

use base::{RequestId, Timestamp};
use crypto::{CallerTokens, Key, Keyring, Secret, token};
use messaging::Envelope;
use projects::model::import;

/// The gateway understands the same of a connection however its bytes arrive, and a node understands each request as the
/// gateway did.
pub fn framing(bytes: &[u8]) {
    let Some(([first, second], bytes)) = bytes.split_first_chunk() else { return };
    let whole = gateway::fuzzing::passed(bytes, &[usize::MAX]);
    assert_eq!(whole, gateway::fuzzing::passed(bytes, &[usize::from(*first), usize::from(*second)]));
    for (sent, request) in whole.sent.iter().zip(&whole.requests) {
        assert_eq!(gateway::fuzzing::understood(sent), std::slice::from_ref(request));
    }
}

/// Credentials, cookies, hosts, languages and traces are read or refused.
pub fn credentials(bytes: &[u8]) {
    gateway::fuzzing::identify(bytes);
    web::fuzzing::headers(bytes);
}

/// The time that a call of gRPC may take is read or passed over, and passed on as no more.
pub fn grpc_timeout(bytes: &[u8]) {
    gateway::fuzzing::grpc_timeout(bytes);
}

/// The coding that a client likes best is one that it takes, and tags that are marked for one are had back.
pub fn accept_encoding(bytes: &[u8]) {
    gateway::fuzzing::accept_encoding(bytes);
}

/// An answer is kept for as long as it says, within the bound, and only when it does not forbid it.
pub fn cache_control(bytes: &[u8]) {
    gateway::fuzzing::cache_control(bytes);
}

/// How long a certificate is good is read from its first bytes alone, whatever follows it, or not at all.
pub fn certificate(bytes: &[u8]) {
    let read = crypto::certificate::validity(bytes);
    if read.is_some() {
        assert_eq!(crypto::certificate::validity(&[bytes, b"more"].concat()), read);
    }
}

/// A text that we have not sealed opens nothing; one that we have says what was sealed, and nothing when a bit is wrong.
pub fn token(bytes: &[u8]) {
    let Ok(keyring) = Keyring::from_secret(&Secret::new("f".repeat(43))) else { return };
    let (key, now) = (keyring.key("fuzz"), Timestamp::from_micros(1));
    let text = String::from_utf8_lossy(bytes);
    assert!(token::open::<serde_json::Value>(&key, &text, now).is_err());
    let callers = CallerTokens::new(&keyring);
    assert!(callers.read(&text, now).is_err());
    sealed(&key, &text, now);
    if let Ok(claims) = serde_json::from_slice::<serde_json::Value>(bytes) {
        // The same key as the callers' own, so that claims of any form pass the signature.
        let forged = token::seal(&keyring.key("caller-token"), &claims, Timestamp::MAX);
        let _ = forged.map(|text| callers.open(&text, RequestId::from_u128(1), now));
    }
}

fn sealed(key: &Key, claims: &str, now: Timestamp) {
    let Ok(text) = token::seal(key, &claims, Timestamp::MAX) else { return };
    assert_eq!(token::open::<String>(key, &text, now).as_deref(), Ok(claims));
    let mut wrong = text.into_bytes();
    if let Some(letter) = wrong.first_mut() {
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    let wrong = String::from_utf8(wrong).unwrap_or_default();
    assert!(token::open::<String>(key, &wrong, now).is_err());
}

/// A CSV file is read or refused as a whole, within the bounds.
pub fn csv(bytes: &[u8]) {
    tables(import::csv::read("a.csv", bytes).map(|table| vec![table]));
}

/// A workbook is read or refused, whether its parts are wrong or the file around them.
pub fn xlsx(bytes: &[u8]) {
    // The reader of workbooks is not ours. A panic of it is caught and answered by `xlsx::read`; only one that is not
    // caught counts, so the hook that ends the process at the first panic must not run.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    tables(import::xlsx::read("a.xlsx", bytes));
    if let Some(book) = workbook::around(bytes) {
        tables(import::xlsx::read("a.xlsx", &book));
    }
}

fn tables(read: Result<Vec<import::Table>, import::Problem>) {
    for table in read.unwrap_or_default() {
        assert!(table.header.len() <= import::COLUMNS_MAX && table.rows.len() <= import::ROWS_MAX);
        assert!(table.rows.iter().all(|row| !row.is_blank()));
        let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
        assert!(table.sheet.is_some() || lines.is_sorted(), "lines of a text count up");
    }
}

/// A multipart form is read or refused, without waiting for more.
pub fn multipart(bytes: &[u8]) {
    web::fuzzing::multipart(bytes);
}

/// A query string or urlencoded form is read or refused.
pub fn query(bytes: &[u8]) {
    web::fuzzing::query(bytes);
}

/// What the strict check of JSON takes, the reader behind it can read.
pub fn json(bytes: &[u8]) {
    if web::fuzzing::json(bytes) {
        assert!(serde_json::from_slice::<serde_json::Value>(bytes).is_ok());
    }
}

/// An envelope that was read is written and read as the same.
pub fn envelope(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(envelope) = Envelope::from_json(text) {
        let written = envelope.to_json().map(|text| Envelope::from_json(&text).ok());
        assert_eq!(written.ok().flatten(), Some(envelope));
    }
}

/// A settings file, or a variable of the environment, is read or refused with its line.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut sources = fpms::settings::Sources::default();
    if let Some((name, value)) = text.split_once('=') {
        sources.environment.push((format!("FPMS_{name}"), value.to_owned()));
        refusal_is_said(&sources);
    }
    let Ok(file) = tempfile::NamedTempFile::new() else { return };
    if std::fs::write(file.path(), bytes).is_ok() {
        refusal_is_said(&fpms::settings::Sources { file: Some(file.path().to_owned()), ..Default::default() });
    }
}

fn refusal_is_said(sources: &fpms::settings::Sources) {
    match fpms::settings::load(sources) {
        Ok(loaded) => assert!(!loaded.effective().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What Consul's clients write is entered or refused, and never as a node of the installation.
pub fn consul(bytes: &[u8]) {
    mesh::registry::fuzzing::written(bytes);
}

/// A registration is read or refused, and one that passes the rules is written and read as the same.
pub fn registry(bytes: &[u8]) {
    let _ = serde_json::from_slice::<mesh::NodeKey>(bytes);
    let Ok(node) = serde_json::from_slice::<mesh::Node>(bytes) else { return };
    if node.check().is_ok() {
        let written = serde_json::to_vec(&node).ok();
        let read = written.and_then(|bytes| serde_json::from_slice::<mesh::Node>(&bytes).ok());
        assert_eq!(read.as_ref(), Some(&node));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");

    /// Its name, and what it feeds.
    type Target = (&'static str, fn(&[u8]));

    #[test]
    fn every_seed_keeps_what_is_promised() {
        let targets: [Target; 16] = [
            ("accept_encoding", accept_encoding),
            ("cache_control", cache_control),
            ("certificate", certificate),
            ("consul", consul),
            ("credentials", credentials),
            ("csv", csv),
            ("envelope", envelope),
            ("framing", framing),
            ("grpc_timeout", grpc_timeout),
            ("json", json),
            ("multipart", multipart),
            ("query", query),
            ("registry", registry),
            ("settings", settings),
            ("token", token),
            ("xlsx", xlsx),
        ];
        let mut found: Vec<_> = fs::read_dir(SEEDS).unwrap().map(|folder| folder.unwrap().file_name()).collect();
        found.sort();
        assert_eq!(found, targets.map(|(target, _)| target));
        for (target, keeps) in targets {
            for seed in fs::read_dir(format!("{SEEDS}/{target}")).unwrap() {
                keeps(&fs::read(seed.unwrap().path()).unwrap());
            }
        }
    }
}
