//! Unguessable tokens that mean nothing in themselves: sessions, invitations, API tokens.
//!
//! The bearer holds the text, the database its digest: who reads the database can use none of them. A digest without salt
//! is enough, because 256 random bits cannot be searched.

use std::fmt;

use base::Ambient;
use zeroize::Zeroizing;

use crate::{
    base64url,
    digest::{self, SHA256_BYTES},
};

/// Random bytes of a token.
pub const OPAQUE_BYTES: usize = 32;
/// Characters of its text.
pub const OPAQUE_CHARS: usize = 43;

/// A token of 256 random bits. It does not print.
#[derive(Clone)]
pub struct OpaqueToken(Zeroizing<String>);

impl OpaqueToken {
    /// Makes a new one.
    pub fn generate(ambient: &Ambient) -> Self {
        let bytes = Zeroizing::new(ambient.bytes::<OPAQUE_BYTES>());
        Self(Zeroizing::new(base64url::encode(bytes.as_slice())))
    }

    /// Reads one that somebody sent; `None` when the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(if text.len() == OPAQUE_CHARS { base64url::decode(text)? } else { return None });
        (bytes.len() == OPAQUE_BYTES).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// Returns the text for its bearer. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is stored in its place.
    pub fn digest(&self) -> [u8; SHA256_BYTES] {
        digest::sha256(self.0.as_bytes())
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base::{Clock, Timestamp};

    use super::*;
    use crate::SystemRandom;

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::EPOCH
        }
    }

    #[test]
    fn a_token_is_known_by_its_digest() {
        let ambient = Ambient::new(Arc::new(Stopped), Arc::new(SystemRandom));
        let token = OpaqueToken::generate(&ambient);
        let sent = OpaqueToken::parse(token.expose()).unwrap();
        assert_eq!(sent.digest(), token.digest());
        assert_ne!(OpaqueToken::generate(&ambient).digest(), token.digest());
        assert_eq!(format!("{token:?}"), "OpaqueToken(..)");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        let sixty_four = "A".repeat(64);
        for text in ["", "short", &sixty_four, &"=".repeat(43), &"B".repeat(43)] {
            assert!(OpaqueToken::parse(text).is_none(), "{text}");
        }
    }
}
