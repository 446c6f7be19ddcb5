//! Which certificates are believed, and whom they name.

use std::{fmt, sync::Arc};

use base::Clock;
use crypto::CertificateAuthority;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
    time_provider::TimeProvider,
};
use webpki::{EndEntityCert, KeyUsage};

use super::{Admits, uri};

/// The authorities that are believed, for one trust domain.
pub struct Trust {
    pub(super) provider: Arc<CryptoProvider>,
    anchors: Vec<TrustAnchor<'static>>,
    domain: String,
    clock: Arc<dyn Clock>,
}

impl Trust {
    /// Returns the trust in these authorities.
    pub fn new(
        authorities: &[CertificateAuthority],
        domain: impl Into<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, Error> {
        let anchor = |authority: &CertificateAuthority| {
            let certificate = CertificateDer::from(authority.certificate());
            webpki::anchor_from_trusted_cert(&certificate).map(|anchor| anchor.to_owned()).map_err(|_| wrong())
        };
        let anchors = authorities.iter().map(anchor).collect::<Result<_, _>>()?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        Ok(Arc::new(Self { provider, anchors, domain: domain.into(), clock }))
    }

    /// Returns the service that a certificate names, when it is good for `usage` now: it has exactly one URI, of this
    /// domain, and no other name.
    fn service(&self, certificate: &CertificateDer<'_>, usage: KeyUsage, now: UnixTime) -> Result<String, Error> {
        let parsed = EndEntityCert::try_from(certificate).map_err(|_| wrong())?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let path = parsed.verify_for_usage(algorithms, &self.anchors, &[], now, usage, None, None);
        path.map_err(|error| match error {
            webpki::Error::CertExpired { .. } => CertificateError::Expired.into(),
            webpki::Error::CertNotValidYet { .. } => CertificateError::NotValidYet.into(),
            _ => Error::from(CertificateError::UnknownIssuer),
        })?;
        let prefix = uri(&self.domain, "");
        let mut names = parsed.valid_uri_names();
        match (names.next(), names.next(), parsed.valid_dns_names().next()) {
            (Some(name), None, None) => name.strip_prefix(&prefix).map(str::to_owned).ok_or_else(stranger),
            _ => Err(stranger()),
        }
    }

    fn check_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({})", self.domain)
    }
}

impl TimeProvider for Trust {
    fn current_time(&self) -> Option<UnixTime> {
        let since_epoch = self.clock.now().since(base::Timestamp::EPOCH);
        Some(UnixTime::since_unix_epoch(since_epoch))
    }
}

/// Believes a server that is one service.
#[derive(Debug)]
pub(super) struct IsService {
    pub(super) trust: Arc<Trust>,
    pub(super) service: String,
}

impl ServerCertVerifier for IsService {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _address: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = self.trust.service(certificate, KeyUsage::server_auth(), now)?;
        if found == self.service { Ok(ServerCertVerified::assertion()) } else { Err(stranger()) }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(wrong())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Believes a client that may call.
#[derive(Debug)]
pub(super) struct MayCall {
    pub(super) trust: Arc<Trust>,
    pub(super) admits: Admits,
}

impl ClientCertVerifier for MayCall {
    fn client_auth_mandatory(&self) -> bool {
        self.admits != Admits::AnyOrNobody
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let found = self.trust.service(certificate, KeyUsage::client_auth(), now)?;
        if self.admits.admits(&found) { Ok(ClientCertVerified::assertion()) } else { Err(stranger()) }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(wrong())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn wrong() -> Error {
    CertificateError::BadEncoding.into()
}

fn stranger() -> Error {
    CertificateError::ApplicationVerificationFailure.into()
}
