//! Certificates for an engine of tests: an authority, a server of `localhost` that it signed, and an authority of strangers.

use std::{fs, path::Path};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

/// The authority that signed the server's certificate.
pub(super) const AUTHORITY: &str = "authority.pem";
/// An authority that signed nothing of ours.
pub(super) const STRANGER: &str = "stranger.pem";

/// Writes the authorities into `folder`, the server's certificate and key to the paths given.
pub(super) fn write(folder: &Path, certificate: &Path, key: &Path) -> Result<()> {
    let authority = authority("fpms tests")?;
    fs::write(folder.join(AUTHORITY), authority.as_ref().pem())?;
    fs::write(folder.join(STRANGER), self::authority("strangers")?.as_ref().pem())?;
    let server = KeyPair::generate()?;
    // The name alone: tests reach it by its number to be at the wrong host.
    let params = CertificateParams::new(["localhost".to_owned()])?;
    fs::write(certificate, params.signed_by(&server, &authority)?.pem())?;
    fs::write(key, server.serialize_pem())?;
    Ok(())
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages.push(KeyUsagePurpose::KeyCertSign);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}
