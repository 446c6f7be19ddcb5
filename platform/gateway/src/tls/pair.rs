//! Reads a certificate and its key from their files, and refuses what could not work.

use std::{path::Path, sync::Arc};

use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use webpki::EndEntityCert;

use super::{Error, Pair, provider};
use crate::stamp::Stamp;

/// Largest file.
const BYTES_MAX: u64 = 1 << 20;

/// A certificate that can be shown, and the names that it holds.
pub(crate) struct Loaded {
    pub(crate) key: Arc<CertifiedKey>,
    pub(crate) names: Vec<String>,
}

impl Pair {
    /// Reads both files as a listener would.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.load().map(drop)
    }

    /// Returns the same with files looked for below `folder` unless their paths are absolute.
    #[must_use]
    pub(crate) fn below(self, folder: &Path) -> Self {
        Self { certificate: folder.join(self.certificate), key: folder.join(self.key) }
    }

    pub(super) fn stamps(&self) -> (Option<Stamp>, Option<Stamp>) {
        (Stamp::of(&self.certificate), Stamp::of(&self.key))
    }

    pub(crate) fn load(&self) -> Result<Loaded, Error> {
        let no_certificate = || Error::Malformed { path: self.certificate.clone(), expected: "certificate" };
        let no_key = || Error::Malformed { path: self.key.clone(), expected: "private key" };
        let chain = read_file(&self.certificate)?;
        let chain = CertificateDer::pem_slice_iter(&chain).collect::<Result<Vec<_>, _>>().ok().unwrap_or_default();
        let names = names(chain.first().ok_or_else(no_certificate)?).ok_or_else(no_certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&read_file(&self.key)?).map_err(|_| no_key())?;
        let key = CertifiedKey::from_der(chain, key, provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                Error::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            rustls::Error::InvalidCertificate(_) => no_certificate(),
            _ => no_key(),
        })?;
        Ok(Loaded { key: Arc::new(key), names })
    }
}

/// Reads a file of certificates or of a key.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > BYTES_MAX {
        return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Returns the names of hosts that a certificate is for, in lower case.
fn names(certificate: &CertificateDer<'_>) -> Option<Vec<String>> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    Some(certificate.valid_dns_names().map(str::to_ascii_lowercase).collect())
}
