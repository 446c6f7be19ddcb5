//! TLS to PostgreSQL by rustls, with the modes that libpq documents under `sslmode`.
//!
//! | mode | the connection | the certificate |
//! |---|---|---|
//! | `disable` | plain | - |
//! | `prefer`, the default | encrypted where the server can | any; with root certificates set, signed by one of them |
//! | `require` | encrypted | any; with root certificates set, signed by one of them |
//! | `verify-ca` | encrypted | signed by a root certificate |
//! | `verify-full` | encrypted | signed by a root certificate, and for the host that was asked for |
//!
//! Root certificates are those of a file, or the system's. Only `verify-full` keeps out somebody who stands between.

use std::{fmt, path::Path, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};
use tokio_postgres::{
    Socket,
    config::SslMode,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect},
};
use tokio_rustls::{
    TlsConnector, client,
    rustls::{
        self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};

use crate::{Error, Result};

mod binding;
mod stream;

use self::stream::Stream;

/// How much of the server is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Anybody who answers.
    Anybody,
    /// Whoever has a certificate of a root.
    Signed,
    /// Whoever has a certificate of a root for this host.
    Host,
}

/// What `sslmode` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) ssl: SslMode,
    trust: Trust,
}

impl Mode {
    /// Takes `sslmode` out of an address, whose other parameters the driver reads.
    pub(super) fn take(url: &str) -> Result<(String, Self)> {
        let Some((address, query)) = url.split_once('?') else { return Ok((url.to_owned(), Self::parse("prefer")?)) };
        let (modes, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| pair.starts_with("sslmode="));
        let mode = modes.last().map_or("prefer", |pair| pair.trim_start_matches("sslmode="));
        let rest = if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) };
        Ok((rest, Self::parse(mode)?))
    }

    fn parse(text: &str) -> Result<Self> {
        let (ssl, trust) = match text {
            "disable" => (SslMode::Disable, Trust::Anybody),
            "prefer" => (SslMode::Prefer, Trust::Anybody),
            "require" => (SslMode::Require, Trust::Anybody),
            "verify-ca" => (SslMode::Require, Trust::Signed),
            "verify-full" => (SslMode::Require, Trust::Host),
            _ => {
                let modes = "`disable`, `prefer`, `require`, `verify-ca` or `verify-full`";
                return Err(Error::Settings(format!("`sslmode` must be {modes}")));
            }
        };
        Ok(Self { ssl, trust })
    }
}

/// Makes connections encrypted. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// Prepares what `mode` needs; `roots` is a file of root certificates in PEM, or empty for the system's.
    pub(super) fn new(mode: Mode, roots: &Path) -> Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        // As libpq: a root certificate that is there is used, also where none was asked for.
        let named = !roots.as_os_str().is_empty();
        let trust = if named && mode.trust == Trust::Anybody { Trust::Signed } else { mode.trust };
        let verifier = match trust {
            Trust::Anybody => None,
            _ => Some(verifier(roots, &provider)?),
        };
        let verifier = Arc::new(Verifier { trust, verifier, provider: Arc::clone(&provider) });
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(settings)?.dangerous().with_custom_certificate_verifier(verifier);
        Ok(Self(TlsConnector::from(Arc::new(config.with_no_client_auth()))))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Handshake;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> std::result::Result<Handshake, Self::Error> {
        Ok(Handshake { connector: self.0.clone(), host: ServerName::try_from(host.to_owned())? })
    }
}

/// A handshake about to be made.
pub(super) struct Handshake {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, std::io::Result<Stream>>;

    fn connect(self, socket: Socket) -> Self::Future {
        async move { self.connector.connect(self.host, socket).await.map(|stream| Stream(Box::new(stream))) }.boxed()
    }
}

/// Returns what the server's certificate binds a SCRAM sign-in to.
fn channel_binding(stream: &client::TlsStream<Socket>) -> ChannelBinding {
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let bound = certificates.first().and_then(|certificate| binding::server_end_point(certificate));
    bound.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
}

/// Verifies as much as the mode asks for.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let Some(verifier) = &self.verifier else { return Ok(ServerCertVerified::assertion()) };
        match verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is looked at last, when everything else is right.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.trust == Trust::Signed => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn verifier(roots: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    if roots.as_os_str().is_empty() {
        // Some of the system's may be unreadable; the others serve.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        let unreadable = |error| Error::Settings(format!("root certificates `{}`: {error}", roots.display()));
        for certificate in CertificateDer::pem_file_iter(roots).map_err(unreadable)? {
            store.add(certificate.map_err(unreadable)?).map_err(settings)?;
        }
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build().map_err(settings)
}

fn settings(error: impl fmt::Display) -> Error {
    Error::Settings(format!("TLS to PostgreSQL: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_taken_out_of_the_address() {
        let take = |url| Mode::take(url).unwrap();
        let prefer = Mode { ssl: SslMode::Prefer, trust: Trust::Anybody };
        assert_eq!(take("postgres://db/fpms"), ("postgres://db/fpms".to_owned(), prefer));
        let full = Mode { ssl: SslMode::Require, trust: Trust::Host };
        assert_eq!(take("postgres://db/fpms?sslmode=verify-full"), ("postgres://db/fpms".to_owned(), full));
        let (rest, mode) = take("postgres://db/fpms?user=a&sslmode=disable&connect_timeout=3");
        assert_eq!((rest.as_str(), mode.ssl), ("postgres://db/fpms?user=a&connect_timeout=3", SslMode::Disable));
        assert!(Mode::take("postgres://db/fpms?sslmode=allow").is_err());
    }

    #[test]
    fn root_certificates_that_are_none_are_refused() {
        let full = Mode::parse("verify-full").unwrap();
        let refused = |path: &Path| Tls::new(full, path).unwrap_err().to_string();
        assert!(refused(Path::new("/nowhere/roots.pem")).contains("/nowhere/roots.pem"));
    }
}
