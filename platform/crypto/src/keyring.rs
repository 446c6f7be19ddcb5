//! The root secrets and the keys derived from them, one for each purpose.
//!
//! A root is a word of text: made once in a file that only its owner may read, or given as a secret setting, so that many
//! nodes share it. Purpose keys are HKDF-SHA256 (RFC 5869) of it: a signature made for one purpose is worth nothing for
//! another, and no purpose's key tells the root.
//!
//! A keyring may hold several roots, the oldest first. One of them, the *primary*, makes everything new; what any of them made
//! is still read. So roots are exchanged while many nodes work: give all nodes the new root, then make it primary node by
//! node, then take the old one away. What is made names its root by [`KeyId`], so that no other is tried.

use std::{fmt, io, path::PathBuf, sync::Arc};

use aws_lc_rs::hmac;
use base::{Code, Fault};
use zeroize::Zeroizing;

use crate::{Secret, base64url};

mod file;
mod root;

use self::root::{Root, Roots};
pub use self::{
    file::{ROOT_FILE, add, promote, retire},
    root::{KEY_ID_BYTES, KeyId, ROOT_CHARS_MIN, ROOTS_MAX},
};

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 32;

base::error_codes! {
    /// The root secrets cannot be read or written.
    UNREADABLE = "KEY-001", Internal;
    /// The root secrets are not what they must be, or cannot be changed as asked.
    REFUSED = "KEY-002", Invalid;
}

/// Why there is no keyring, or why it cannot be changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read, made or written.
    #[error("the key file `{}` cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Others than the owner may read the file.
    #[error("others may read the key file `{}`; run chmod 600 on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The secret is too short to be one.
    #[error("a root secret has at least {ROOT_CHARS_MIN} characters")]
    TooShort,
    /// More roots than a keyring holds.
    #[error("a keyring holds at most {ROOTS_MAX} root secrets; retire one that nothing needs any more")]
    TooMany,
    /// The same root twice, or two primaries.
    #[error("each root secret stands once, and at most one is marked with `*` as the primary")]
    Ambiguous,
    /// No root has this id.
    #[error("no root secret has the id `{0}`")]
    Unknown(KeyId),
    /// The primary cannot be retired.
    #[error("`{0}` is the primary; promote another before retiring it")]
    Primary(KeyId),
}

/// All keys of an installation. Cloning is cheap.
#[derive(Clone)]
pub struct Keyring(Arc<Roots>);

/// A root as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: KeyId,
    /// Whether it makes what is new.
    pub primary: bool,
}

/// A key for one purpose. Cloning is cheap; hold on to it rather than asking the keyring each time.
#[derive(Clone)]
pub struct Key(Arc<PerRoot<hmac::Key>>);

/// A key for digests that are stored and looked up again; they stay the same until the oldest root is retired.
#[derive(Clone)]
pub struct DigestKey(Arc<hmac::Key>);

/// Something derived from each root.
pub(crate) struct PerRoot<T> {
    primary: (KeyId, T),
    others: Vec<(KeyId, T)>,
}

impl Keyring {
    /// Returns the keyring of root secrets given as a setting: words between blanks or commas, the oldest first, the primary
    /// with a `*` before it; without a `*` the first is the primary.
    pub fn from_secret(roots: &Secret) -> Result<Self, Error> {
        Ok(Self(Arc::new(Roots::parse(roots.expose())?)))
    }

    /// Returns the roots, the oldest first.
    pub fn held(&self) -> impl Iterator<Item = Held> + '_ {
        let primary = self.0.primary().id;
        self.0.all().map(move |root| Held { id: root.id, primary: root.id == primary })
    }

    /// Returns the key for `purpose`, for example `upload-ticket`.
    pub fn key(&self, purpose: &str) -> Key {
        let key = |root: &Root| hmac::Key::new(hmac::HMAC_SHA256, root.derive(&purpose_info(purpose)).as_slice());
        Key(Arc::new(self.per_root(key)))
    }

    /// Returns the key for stored digests of `purpose`.
    pub fn digest_key(&self, purpose: &str) -> DigestKey {
        let bytes = self.0.oldest().derive(&purpose_info(purpose));
        DigestKey(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice())))
    }

    /// Returns the secret text for `purpose` that a process of the installation shows to another.
    pub fn shared_secret(&self, purpose: &str) -> Secret {
        shared(self.0.primary(), purpose)
    }

    /// Returns the secret texts for `purpose` that a process accepts from others: they may have another primary.
    pub fn shared_secrets(&self, purpose: &str) -> Vec<Secret> {
        self.0.all().map(|root| shared(root, purpose)).collect()
    }

    /// Derives 32 secret bytes for `purpose` from each root, those of the primary first.
    pub(crate) fn seeds(&self, purpose: &str) -> impl Iterator<Item = Zeroizing<[u8; 32]>> {
        let PerRoot { primary, others } = self.per_root(|root| root.derive(&purpose_info(purpose)));
        std::iter::once(primary).chain(others).map(|(_, seed)| seed)
    }

    /// Derives something from each root.
    pub(crate) fn per_root<T>(&self, make: impl Fn(&Root) -> T) -> PerRoot<T> {
        let primary = self.0.primary();
        let others = self.0.all().filter(|root| root.id != primary.id);
        let others = others.map(|root| (root.id, make(root))).collect();
        PerRoot { primary: (primary.id, make(primary)), others }
    }
}

impl Key {
    /// Signs `bytes` with the primary, and says which that is.
    pub fn sign(&self, bytes: &[u8]) -> (KeyId, [u8; SIGNATURE_BYTES]) {
        let (id, key) = self.0.primary();
        (id, mac(key, bytes))
    }

    /// Returns true when `signature` was made of `bytes` with this key and the root `id`; a wrong one takes as long as a right one.
    pub fn verify(&self, id: KeyId, bytes: &[u8], signature: &[u8]) -> bool {
        self.0.find(id).is_some_and(|key| hmac::verify(key, bytes, signature).is_ok())
    }
}

impl DigestKey {
    /// Returns the keyed digest of `bytes`.
    pub fn digest(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        mac(&self.0, bytes)
    }
}

impl<T> PerRoot<T> {
    pub(crate) const fn primary(&self) -> (KeyId, &T) {
        (self.primary.0, &self.primary.1)
    }

    /// Returns what was derived from the root `id`. Ids are public: how long this takes tells nothing.
    pub(crate) fn find(&self, id: KeyId) -> Option<&T> {
        let all = std::iter::once(&self.primary).chain(&self.others);
        all.into_iter().find_map(|(held, value)| (*held == id).then_some(value))
    }
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::File { .. } | Self::Exposed { .. } => &UNREADABLE,
            Self::TooShort | Self::TooMany | Self::Ambiguous | Self::Unknown(_) | Self::Primary(_) => &REFUSED,
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(..)")
    }
}

fn purpose_info(purpose: &str) -> [&[u8]; 2] {
    [b"purpose ", purpose.as_bytes()]
}

fn shared(root: &Root, purpose: &str) -> Secret {
    let bytes: Zeroizing<[u8; 32]> = root.derive(&purpose_info(purpose));
    Secret::new(base64url::encode(bytes.as_slice()))
}

fn mac(key: &hmac::Key, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
    let mut signature = [0; SIGNATURE_BYTES];
    signature.copy_from_slice(hmac::sign(key, bytes).as_ref());
    signature
}

#[cfg(test)]
mod tests;
