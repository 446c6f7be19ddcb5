//! What stays of ACME on disk: one file with certificate and key, and one with the account of each directory.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use base::Timestamp;
use base64::{Engine, engine::general_purpose::STANDARD};
use crypto::{CertificateKey, certificate, digest};
use instant_acme::AccountCredentials;

use super::{Error, schedule};
use crate::{metrics, tls::Pair};

/// The certificate, those that lead to the root, and the key.
const CERTIFICATE: &str = "certificate.pem";
/// The same before it is looked at.
const NEW: &str = "certificate.new";
/// Bytes of the file of an account.
const ACCOUNT_BYTES_MAX: u64 = 64 << 10;

/// The folder.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, and a certificate signed by ourselves when none is there that can be shown.
    pub(super) fn open(path: PathBuf, hosts: &[String], now: Timestamp) -> Result<Self, Error> {
        let unusable = |source| Error::Folder { path: path.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(unusable)?;
        let folder = Self(path);
        if folder.pair().check().is_err() {
            let key = CertificateKey::generate()?;
            // Over as soon as it is made, so that another is obtained at once.
            let own = key.certify_itself(hosts, now, Duration::ZERO)?;
            folder.write(CERTIFICATE, &(pem("CERTIFICATE", &own) + &pem("PRIVATE KEY", &key.pkcs8())))?;
        }
        Ok(folder)
    }

    /// Returns the file of certificate and key, which is one, so that they never differ.
    pub(super) fn pair(&self) -> Pair {
        let path = self.0.join(CERTIFICATE);
        Pair { certificate: path.clone(), key: path }
    }

    /// Returns when the certificate is to be renewed; `None` when it is of no use, or is not for these hosts.
    pub(super) fn due(&self, hosts: &[String], spread: f64) -> Option<Timestamp> {
        let loaded = self.pair().load().ok()?;
        let validity = certificate::validity(loaded.key.cert.first()?)?;
        metrics::ACME_EXPIRES.with(&[]).set(validity.1.as_seconds());
        let all = hosts.iter().all(|host| loaded.names.contains(host));
        all.then(|| schedule::due(validity, spread))
    }

    /// Puts a certificate that was issued in place of the one before, when it fits; returns until when it is good.
    pub(super) fn replace(&self, chain: &str, key: &CertificateKey, hosts: &[String]) -> Result<Timestamp, Error> {
        let path = self.write(NEW, &format!("{}\n{}", chain.trim_end(), pem("PRIVATE KEY", &key.pkcs8())))?;
        let wrong = |reason: &str| Error::Issued(reason.to_owned());
        let new = Pair { certificate: path.clone(), key: path.clone() };
        let loaded = new.load().map_err(|error| Error::Issued(runtime::chain(&error)))?;
        if let Some(host) = hosts.iter().find(|host| !loaded.names.contains(host)) {
            return Err(Error::Issued(format!("it is not for `{host}`")));
        }
        let validity = loaded.key.cert.first().and_then(|certificate| certificate::validity(certificate));
        let (_, until) = validity.ok_or_else(|| wrong("it does not say how long it is good"))?;
        fs::rename(&path, self.0.join(CERTIFICATE)).map_err(|source| Error::Folder { path, source })?;
        Ok(until)
    }

    /// Returns the account at a directory, if there is one.
    pub(super) fn account(&self, directory: &str) -> Result<Option<AccountCredentials>, Error> {
        let path = self.0.join(account_file(directory));
        let unusable = |source| Error::Folder { path: path.clone(), source };
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if metadata.len() <= ACCOUNT_BYTES_MAX => {}
            Ok(_) => return Err(unusable(io::ErrorKind::FileTooLarge.into())),
            Err(error) => return Err(unusable(error)),
        }
        let text = fs::read(&path).map_err(unusable)?;
        serde_json::from_slice(&text).map(Some).map_err(|error| unusable(error.into()))
    }

    /// Keeps the account at a directory, which holds its key.
    pub(super) fn keep_account(&self, directory: &str, account: &AccountCredentials) -> Result<(), Error> {
        let file = account_file(directory);
        let text = serde_json::to_string(account);
        let text = text.map_err(|error| Error::Folder { path: self.0.join(&file), source: error.into() })?;
        self.write(&file, &text).map(drop)
    }

    /// Forgets an account that its directory does not know any more.
    pub(super) fn forget_account(&self, directory: &str) -> Result<(), Error> {
        let path = self.0.join(account_file(directory));
        fs::remove_file(&path).map_err(|source| Error::Folder { path, source })
    }

    /// Writes a file that only we may read, whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<PathBuf, Error> {
        let (path, part) = (self.0.join(name), self.0.join(format!("{name}.part")));
        write_secret(&part, text)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|source| Error::Folder { path: path.clone(), source })?;
        Ok(path)
    }
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    // One that was left behind may have other rights.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn account_file(directory: &str) -> String {
    let name: String = digest::hex(&digest::sha256(directory)).chars().take(16).collect();
    format!("account-{name}.json")
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn at_first_there_is_a_certificate_of_our_own_that_is_due_at_once_and_nobody_else_may_read() {
        let place = tempfile::tempdir().unwrap();
        let hosts = ["a.example".to_owned()];
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let folder = Folder::open(place.path().join("acme"), &hosts, now).unwrap();
        assert!(folder.due(&hosts, 0.0).unwrap() <= now);
        assert_eq!(folder.due(&["b.example".to_owned()], 0.0), None);
        let file = fs::read(folder.pair().key).unwrap();
        assert_eq!(fs::metadata(folder.pair().key).unwrap().permissions().mode() & 0o777, 0o600);
        // It stays when the gateway starts again.
        Folder::open(place.path().join("acme"), &hosts, now).unwrap();
        assert_eq!(fs::read(folder.pair().key).unwrap(), file);
        // What was issued for another key or host is kept out.
        let (own, other) = (CertificateKey::generate().unwrap(), CertificateKey::generate().unwrap());
        let chain = pem("CERTIFICATE", &own.certify_itself(&hosts, now, Duration::from_hours(1)).unwrap());
        assert!(matches!(folder.replace(&chain, &other, &hosts), Err(Error::Issued(_))));
        assert!(matches!(folder.replace(&chain, &own, &["b.example".to_owned()]), Err(Error::Issued(_))));
        assert!(matches!(folder.replace("no certificate", &own, &hosts), Err(Error::Issued(_))));
        assert_eq!(fs::read(folder.pair().key).unwrap(), file);
        assert_eq!(folder.replace(&chain, &own, &hosts).unwrap(), now + Duration::from_hours(1));
    }
}
