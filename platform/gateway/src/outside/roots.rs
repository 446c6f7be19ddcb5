//! The authorities that may vouch for a place.

use std::path::Path;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::tls::{self, read_file};

/// Reads the authorities of a file, each of which must be one.
pub(super) fn read(path: &Path) -> Result<RootCertStore, tls::Error> {
    let none = || tls::Error::Malformed { path: path.to_path_buf(), expected: "authority's certificate" };
    let text = read_file(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        roots.add(certificate.map_err(|_| none())?).map_err(|_| none())?;
    }
    if roots.is_empty() { Err(none()) } else { Ok(roots) }
}

/// Reads the authorities that this machine trusts.
pub(super) fn of_this_machine() -> Result<RootCertStore, tls::Error> {
    let mut roots = RootCertStore::empty();
    // Some of them may be unreadable; the others serve.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(tls::Error::NoAuthorities) } else { Ok(roots) }
}
