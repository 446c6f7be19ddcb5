//! The installation's own certificate authority: X.509 certificates of workloads, each with one URI and nothing else.
//! And keys for certificates of others; `validity` reads how long one is good.
//!
//! Owns the authority's key, which follows from the root secret: every process that has the root has the same authority, and
//! there is nothing to store, to back up or to rotate apart from it. Never issues one that could sign others.
//! Start reading at [`CertificateAuthority::issue`].

use std::time::Duration;

use base::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    date_time_ymd,
};
use zeroize::Zeroizing;

use crate::{Keyring, digest::sha256};

mod validity;

pub use self::validity::validity;

/// What PKCS #8 writes before the 32 bytes of an Ed25519 key (RFC 8410, 7).
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// Bytes of a point on P-256, uncompressed.
const POINT_BYTES: usize = 65;
/// By how much the clocks of nodes may differ.
const SKEW: Duration = Duration::from_mins(5);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The public key is no point on P-256.
    #[error("the public key is no uncompressed point on P-256")]
    PublicKey,
    /// The URI cannot stand in a certificate.
    #[error("the name of the workload cannot stand in a certificate")]
    Name,
    /// The library failed.
    #[error("the certificate cannot be made")]
    Make(#[from] rcgen::Error),
}

/// Issues certificates.
pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

/// The key pair of a workload: ECDSA on P-256. It never leaves its process.
pub struct CertificateKey(KeyPair);

/// The public half of somebody else's key.
struct Point<'a>(&'a [u8]);

impl CertificateAuthority {
    /// Returns the authorities that follow from `keyring` for `purpose`, one of each root, that of the primary first; always
    /// the same, to the last byte. The first issues; all are believed, since other processes may have another primary.
    pub fn derive(keyring: &Keyring, purpose: &str) -> Result<Vec<Self>, Error> {
        keyring.seeds(purpose).map(|seed| Self::of(&seed, purpose)).collect()
    }

    fn of(seed: &[u8; 32], purpose: &str) -> Result<Self, Error> {
        let mut der = Zeroizing::new(ED25519_PREFIX.to_vec());
        der.extend_from_slice(seed.as_slice());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&der.as_slice().into(), &PKCS_ED25519)?;
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2999, 12, 31);
        params.serial_number = Some(SerialNumber::from_slice(&[1]));
        params.distinguished_name = named(purpose);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key)?.der().to_vec();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// Returns its own certificate (DER), by which others know it.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Returns a certificate (DER) for the workload that has `uri` and `public_key`, good from a little before `now` until
    /// `lifetime` after it.
    pub fn issue(&self, public_key: &[u8], uri: &str, now: Timestamp, lifetime: Duration) -> Result<Vec<u8>, Error> {
        if public_key.len() != POINT_BYTES || public_key.first() != Some(&4) {
            return Err(Error::PublicKey);
        }
        let since_epoch = now.since(Timestamp::EPOCH);
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(1970, 1, 1) + since_epoch.saturating_sub(SKEW);
        params.not_after = date_time_ymd(1970, 1, 1) + since_epoch + lifetime;
        let serial = sha256([public_key, &now.as_micros().to_be_bytes()].concat());
        params.serial_number = serial.first_chunk::<16>().map(|serial| SerialNumber::from_slice(serial));
        params.distinguished_name = named(uri.rsplit('/').next().unwrap_or_default());
        params.subject_alt_names = vec![SanType::URI(uri.try_into().map_err(|_| Error::Name)?)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        Ok(params.signed_by(&Point(public_key), &self.issuer)?.der().to_vec())
    }
}

impl CertificateKey {
    /// Returns a new key pair.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?))
    }

    /// Returns its public half, as [`CertificateAuthority::issue`] takes it.
    pub fn public_key(&self) -> &[u8] {
        self.0.der_bytes()
    }

    /// Returns the whole in PKCS #8, for the TLS library of this process alone.
    pub fn pkcs8(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.serialize_der())
    }
}

impl CertificateKey {
    /// Returns a request (PKCS #10, DER) for a certificate of these hosts.
    pub fn request(&self, hosts: &[String]) -> Result<Vec<u8>, Error> {
        Ok(of_hosts(hosts)?.serialize_request(&self.0)?.der().to_vec())
    }

    /// Returns a certificate (DER) of these hosts that it signs itself, which nobody has reason to believe.
    pub fn certify_itself(&self, hosts: &[String], now: Timestamp, lifetime: Duration) -> Result<Vec<u8>, Error> {
        let mut params = of_hosts(hosts)?;
        let since_epoch = now.since(Timestamp::EPOCH);
        params.not_before = date_time_ymd(1970, 1, 1) + since_epoch.saturating_sub(SKEW);
        params.not_after = date_time_ymd(1970, 1, 1) + since_epoch + lifetime;
        Ok(params.self_signed(&self.0)?.der().to_vec())
    }
}

fn of_hosts(hosts: &[String]) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(hosts)?;
    // The hosts say it; authorities ignore what else is in there.
    params.distinguished_name = DistinguishedName::new();
    Ok(params)
}

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    distinguished
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn authority(fill: &str) -> CertificateAuthority {
        let keyring = Keyring::from_secret(&Secret::new(fill.repeat(43))).unwrap();
        CertificateAuthority::derive(&keyring, "mesh").unwrap().remove(0)
    }

    #[test]
    fn the_same_root_makes_the_same_authority_and_another_another() {
        assert_eq!(authority("a").certificate(), authority("a").certificate());
        assert_ne!(authority("a").certificate(), authority("b").certificate());
    }

    #[test]
    fn what_is_no_public_key_gets_no_certificate() {
        let key = CertificateKey::generate().unwrap();
        let issue = |key: &[u8]| authority("a").issue(key, "spiffe://a/b", Timestamp::EPOCH, Duration::from_secs(1));
        assert!(issue(key.public_key()).is_ok());
        for wrong in [&[][..], &[4; 64], &[2; 65], &[4; 66]] {
            assert!(matches!(issue(wrong), Err(Error::PublicKey)));
        }
        let name = authority("a").issue(key.public_key(), "spiffe://é", Timestamp::EPOCH, Duration::from_secs(1));
        assert!(matches!(name, Err(Error::Name)));
    }
}
