//! Sealed texts: secrets that rest in a database or travel in an event, readable by this installation alone.
//!
//! A sealed text is one word of base64url: version, id of the root, nonce, then the ciphertext and its tag, by AES-256-GCM-SIV
//! (RFC 8452) with the purpose's key. Its *context* says what the secret belongs to, for example a record's id; it is
//! authenticated and not carried, so a sealed text that was moved to another place does not open there. A nonce that came
//! twice would tell no more than that the same was sealed twice.

use std::{fmt, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base::Ambient;
use zeroize::Zeroizing;

use crate::{
    Keyring, Secret, base64url,
    keyring::{KEY_ID_BYTES, KeyId, PerRoot},
};

/// Most bytes of a secret to be sealed.
pub const SEALED_BYTES_MAX: usize = 64 * 1024;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES;
const TAG_BYTES: usize = 16;
/// Most characters of a sealed text.
const CHARS_MAX: usize = (HEADER_BYTES + NONCE_LEN + SEALED_BYTES_MAX + TAG_BYTES).div_ceil(3) * 4;

/// Why a secret could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The secret is larger than [`SEALED_BYTES_MAX`].
    #[error("the secret is too large to be sealed")]
    TooLarge,
    /// It is no sealed text, or of a later version.
    #[error("the text is not a sealed one")]
    Malformed,
    /// The root that it was sealed with is not held: it was retired, or belongs to another installation.
    #[error("the text was sealed with the root `{0}`, which is not held")]
    UnknownRoot(KeyId),
    /// It was changed, or sealed for another purpose or context.
    #[error("the sealed text does not belong here")]
    Foreign,
}

/// Seals and opens secrets of one purpose. Cloning is cheap.
#[derive(Clone)]
pub struct SealKey(Arc<PerRoot<LessSafeKey>>);

impl Keyring {
    /// Returns the key that seals secrets of `purpose`.
    pub fn seal_key(&self, purpose: &str) -> SealKey {
        let info = [b"seal ".as_slice(), purpose.as_bytes()];
        SealKey(Arc::new(self.per_root(|root| cipher(&root.derive(&info)))))
    }
}

impl SealKey {
    /// Seals `secret`, so that it opens in this context alone.
    pub fn seal(&self, ambient: &Ambient, context: &[u8], secret: &Secret) -> Result<String, Error> {
        let plain = secret.expose().as_bytes();
        if plain.len() > SEALED_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let (id, key) = self.0.primary();
        let nonce: [u8; NONCE_LEN] = ambient.bytes();
        let mut body = Zeroizing::new(plain.to_vec());
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                associated(id, context),
                body.as_mut_slice(),
            )
            .map_err(|_| Error::TooLarge)?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + NONCE_LEN + body.len() + TAG_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&id.bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(tag.as_ref());
        Ok(base64url::encode(bytes))
    }

    /// Opens what was sealed in this context.
    pub fn open(&self, context: &[u8], text: &str) -> Result<Secret, Error> {
        if text.len() > CHARS_MAX {
            return Err(Error::Malformed);
        }
        let bytes = base64url::decode(text).ok_or(Error::Malformed)?;
        let (version, rest) = bytes.split_first().ok_or(Error::Malformed)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>().ok_or(Error::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Error::Malformed)?;
        if *version != VERSION || body.len() < TAG_BYTES {
            return Err(Error::Malformed);
        }
        let id = KeyId::from_bytes(*id);
        let key = self.0.find(id).ok_or(Error::UnknownRoot(id))?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain =
            key.open_in_place(nonce, associated(id, context), body.as_mut_slice()).map_err(|_| Error::Foreign)?;
        std::str::from_utf8(plain).map(Secret::from).map_err(|_| Error::Malformed)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// What is authenticated beside the secret: the header, then the context.
fn associated(id: KeyId, context: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION], id.bytes().as_slice(), context].concat())
}

#[expect(clippy::expect_used, reason = "the only error is a key of another length")]
fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).expect("a key of 256 bits has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base::{Clock, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::SystemRandom;

    const OLD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::EPOCH
        }
    }

    fn key(roots: &str) -> SealKey {
        Keyring::from_secret(&roots.into()).unwrap().seal_key("letters")
    }

    fn sealed(key: &SealKey) -> String {
        let ambient = Ambient::new(Arc::new(Noon), Arc::new(SystemRandom));
        key.seal(&ambient, b"letter 7", &"ລັບ open sesame".into()).unwrap()
    }

    #[test]
    fn a_secret_opens_where_it_belongs_and_nowhere_else() {
        let text = sealed(&key(OLD));
        assert_eq!(key(OLD).open(b"letter 7", &text).unwrap().expose(), "ລັບ open sesame");
        assert_eq!(key(OLD).open(b"letter 8", &text).unwrap_err(), Error::Foreign);
        let other = Keyring::from_secret(&OLD.into()).unwrap().seal_key("parcels");
        assert_eq!(other.open(b"letter 7", &text).unwrap_err(), Error::Foreign);
        assert!(matches!(key(NEW).open(b"letter 7", &text).unwrap_err(), Error::UnknownRoot(_)));
    }

    #[test]
    fn the_same_secret_never_has_the_same_text() {
        assert_ne!(sealed(&key(OLD)), sealed(&key(OLD)));
    }

    #[test]
    fn what_an_older_root_sealed_opens_until_it_is_retired() {
        let text = sealed(&key(OLD));
        let both = key(&format!("{OLD} *{NEW}"));
        assert!(both.open(b"letter 7", &text).is_ok());
        assert!(key(NEW).open(b"letter 7", &sealed(&both)).is_ok());
        assert!(key(NEW).open(b"letter 7", &text).is_err());
    }

    #[test]
    fn a_secret_too_large_is_refused() {
        let ambient = Ambient::new(Arc::new(Noon), Arc::new(SystemRandom));
        let seal = |length| key(OLD).seal(&ambient, b"", &Secret::new("x".repeat(length)));
        assert_eq!(key(OLD).open(b"", &seal(SEALED_BYTES_MAX).unwrap()).unwrap().expose().len(), SEALED_BYTES_MAX);
        assert_eq!(seal(SEALED_BYTES_MAX + 1), Err(Error::TooLarge));
    }

    #[test]
    fn nothing_of_a_seal_key_prints() {
        assert_eq!(format!("{:?}", key(OLD)), "SealKey(..)");
    }

    proptest! {
        #[test]
        fn no_changed_text_opens(position: prop::sample::Index, flip in 1_u8..) {
            let mut bytes = base64url::decode(&sealed(&key(OLD))).unwrap();
            let index = position.index(bytes.len());
            bytes[index] ^= flip;
            prop_assert!(key(OLD).open(b"letter 7", &base64url::encode(&bytes)).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(key(OLD).open(b"", &text).is_err());
        }
    }
}
