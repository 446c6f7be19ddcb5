//! The text with which a browser or a program shows who it is: the tenant, a dot, and 256 random bits.
//!
//! The tenant is a hint where to look and no secret; the rest is looked up by its digest.

use std::fmt;

use base::TenantId;
use crypto::OpaqueToken;

/// A credential as its bearer has it. It does not print.
#[derive(Clone)]
pub struct Credential {
    pub tenant: TenantId,
    pub secret: OpaqueToken,
}

impl Credential {
    /// Reads one that somebody sent; `None` when the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.split_once('.')?;
        Some(Self { tenant: tenant.parse().ok()?, secret: OpaqueToken::parse(secret)? })
    }

    /// Returns the text for its bearer. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> String {
        format!("{}.{}", self.tenant, self.secret.expose())
    }

    /// Returns what is stored in its place.
    pub fn digest(&self) -> [u8; 32] {
        self.secret.digest()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_has_one_spelling() {
        let text = format!("00000000-0000-0000-0000-000000000007.{}", "A".repeat(43));
        let credential = Credential::parse(&text).unwrap();
        assert_eq!((credential.tenant, credential.expose()), (TenantId::from_u128(7), text.clone()));
        assert_eq!(format!("{credential:?}"), "Credential(..)");
        for other in ["", ".", &text[1..], &text[..79], &text.replace('.', ":"), &format!("{text}A")] {
            assert!(Credential::parse(other).is_none(), "{other}");
        }
    }
}
