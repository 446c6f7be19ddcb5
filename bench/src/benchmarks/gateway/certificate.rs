//! One certificate for all contenders: what a handshake proves differs for none of them.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{CertificateAuthority, CertificateKey, Keyring, SystemRandom};

use crate::installation;

/// The certificate's file.
pub(super) const CERTIFICATE: &str = "site.pem";
/// The key's file.
pub(super) const KEY: &str = "site.key";
/// The file with both, as HAProxy wants them.
pub(super) const BOTH: &str = "site-both.pem";

/// Writes a certificate with its key to `folder`, unless it is there; ECDSA on P-256, which no driver verifies.
pub(super) fn write(folder: &Path) -> Result<()> {
    if folder.join(BOTH).exists() {
        return Ok(());
    }
    let keyring = Keyring::open(&folder.join("keys"), &SystemRandom)?;
    let authorities = CertificateAuthority::derive(&keyring, "bench")?;
    let key = CertificateKey::generate()?;
    let authority = authorities.first().context("a keyring has a root")?;
    let now = installation::ambient().now();
    let issued = authority.issue(key.public_key(), "spiffe://bench/proxy", now, Duration::from_hours(24))?;
    let certificate = pem("CERTIFICATE", &issued);
    let key = pem("PRIVATE KEY", &key.pkcs8());
    fs::write(folder.join(CERTIFICATE), &certificate)?;
    fs::write(folder.join(KEY), &key)?;
    Ok(fs::write(folder.join(BOTH), certificate + &key)?)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
