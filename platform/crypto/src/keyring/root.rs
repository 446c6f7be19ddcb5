//! Root secrets: how they are written, which of them is the primary, and their public names.

use std::{fmt, str::FromStr};

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::Error;
use crate::digest;

/// Fewest characters that a root secret may have; 32 random bytes make 43.
pub const ROOT_CHARS_MIN: usize = 43;
/// Most roots of a keyring.
pub const ROOTS_MAX: usize = 8;
/// Bytes of a key id.
pub const KEY_ID_BYTES: usize = 8;
/// Stands before the primary.
pub(super) const PRIMARY_MARK: char = '*';

const EXTRACT_SALT: &[u8] = b"keyring root v1";
const ID_INFO: [&[u8]; 1] = [b"key id v1"];

/// The public name of a root: says which it is and nothing of what it is. Sixteen hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; KEY_ID_BYTES]);

/// A root secret, as the key from which others are derived.
pub(crate) struct Root {
    pub(super) id: KeyId,
    secret: hkdf::Prk,
}

/// The roots of a keyring, the oldest first; there is at least one.
pub(super) struct Roots {
    oldest: Root,
    newer: Vec<Root>,
    /// Place of the primary among all.
    primary: usize,
}

impl KeyId {
    /// Returns the id with these bytes, as it stands in what a root made.
    pub const fn from_bytes(bytes: [u8; KEY_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns its bytes.
    pub const fn bytes(self) -> [u8; KEY_ID_BYTES] {
        self.0
    }
}

impl Root {
    /// Reads one word.
    pub(super) fn parse(word: &str) -> Result<Self, Error> {
        if word.chars().count() < ROOT_CHARS_MIN {
            return Err(Error::TooShort);
        }
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, EXTRACT_SALT).extract(word.as_bytes());
        let whole = expand(&secret, &ID_INFO);
        let id = whole.first_chunk().copied().unwrap_or_default();
        Ok(Self { id: KeyId(id), secret })
    }

    /// Derives the bytes that `info` names.
    pub(crate) fn derive(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        expand(&self.secret, info)
    }
}

impl Roots {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut primary = None;
        let mut roots: Vec<Root> = Vec::new();
        for (place, word) in words(text).enumerate() {
            if place >= ROOTS_MAX {
                return Err(Error::TooMany);
            }
            let (word, marked) = unmarked(word);
            let root = Root::parse(word)?;
            if roots.iter().any(|other| other.id == root.id) || (marked && primary.is_some()) {
                return Err(Error::Ambiguous);
            }
            primary = primary.or_else(|| marked.then_some(place));
            roots.push(root);
        }
        let mut roots = roots.into_iter();
        let oldest = roots.next().ok_or(Error::TooShort)?;
        Ok(Self { oldest, newer: roots.collect(), primary: primary.unwrap_or(0) })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Root> {
        std::iter::once(&self.oldest).chain(&self.newer)
    }

    pub(super) const fn oldest(&self) -> &Root {
        &self.oldest
    }

    pub(super) fn primary(&self) -> &Root {
        self.all().nth(self.primary).unwrap_or(&self.oldest)
    }
}

/// Returns the words of a text with roots.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty())
}

/// Returns a word without its mark, and whether it had one.
pub(super) fn unmarked(word: &str) -> (&str, bool) {
    word.strip_prefix(PRIMARY_MARK).map_or((word, false), |word| (word, true))
}

#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes; 32 are asked for")]
fn expand(secret: &hkdf::Prk, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    let expanded = secret.expand(info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(bytes.as_mut_slice()));
    expanded.expect("32 bytes are within HKDF's bound");
    bytes
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digest::hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The text is no key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is sixteen hexadecimal digits")]
pub struct NoKeyId;

impl FromStr for KeyId {
    type Err = NoKeyId;

    fn from_str(text: &str) -> Result<Self, NoKeyId> {
        if text.len() != 2 * KEY_ID_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoKeyId);
        }
        u64::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| NoKeyId)
    }
}
