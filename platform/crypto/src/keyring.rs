//! The root secret and the keys derived from it, one for each purpose.
//!
//! The root is a line of text: made once in a file that only its owner may read, or given as a secret setting, so that many
//! nodes share it. Copying the file's line into the setting gives the same keys. Purpose keys are HKDF-SHA256 (RFC 5869) of
//! it: a signature made for one purpose is worth nothing for another, and no purpose's key tells the root.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::{hkdf, hmac};
use base::Random;
use zeroize::Zeroizing;

use crate::{Secret, base64url};

/// Name of the file with the root secret.
pub const ROOT_FILE: &str = "root.key";
/// Fewest characters that a root secret may have; 32 random bytes make 43.
pub const ROOT_CHARS_MIN: usize = 43;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 32;

const EXTRACT_SALT: &[u8] = b"keyring root v1";

/// Why there is no keyring.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read or made.
    #[error("the key file `{}` cannot be read or made", path.display())]
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
}

/// All keys of an installation. Cloning is cheap.
#[derive(Clone)]
pub struct Keyring(Arc<hkdf::Prk>);

/// A key for one purpose. Cloning is cheap; hold on to it rather than asking the keyring each time.
#[derive(Clone)]
pub struct Key(Arc<hmac::Key>);

impl Keyring {
    /// Opens the keyring whose root secret is in `directory`, and makes the secret when there is none.
    ///
    /// Processes that start at the same moment agree on one secret.
    pub fn open(directory: &Path, random: &dyn Random) -> Result<Self, Error> {
        let path = directory.join(ROOT_FILE);
        let failed = |source| Error::File { path: path.clone(), source };
        if !path.try_exists().map_err(failed)? {
            create_root(directory, &path, random).map_err(failed)?;
        }
        refuse_exposed(&path)?;
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed)?);
        Self::from_secret(&Secret::new(text.trim()))
    }

    /// Returns the keyring of a root secret given as a setting.
    pub fn from_secret(root: &Secret) -> Result<Self, Error> {
        let root = root.expose().trim();
        if root.chars().count() < ROOT_CHARS_MIN {
            return Err(Error::TooShort);
        }
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, EXTRACT_SALT);
        Ok(Self(Arc::new(salt.extract(root.as_bytes()))))
    }

    /// Returns the key for `purpose`, for example `upload-ticket`.
    pub fn key(&self, purpose: &str) -> Key {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.derive(purpose).as_slice());
        Key(Arc::new(key))
    }

    /// Returns a secret text for `purpose` that processes of one installation show each other.
    pub fn shared_secret(&self, purpose: &str) -> Secret {
        Secret::new(base64url::encode(self.derive(purpose).as_slice()))
    }

    /// Signs `bytes` for `purpose`.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.key(purpose).sign(bytes)
    }

    /// Returns true when `signature` was made of `bytes` for `purpose`.
    pub fn verify(&self, purpose: &str, bytes: &[u8], signature: &[u8]) -> bool {
        self.key(purpose).verify(bytes, signature)
    }

    #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes; 32 are asked for")]
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        let info = [b"purpose ".as_slice(), purpose.as_bytes()];
        let expanded = self.0.expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(bytes.as_mut_slice()));
        expanded.expect("32 bytes are within HKDF's bound");
        bytes
    }
}

impl Key {
    /// Signs `bytes`.
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(hmac::sign(&self.0, bytes).as_ref());
        signature
    }

    /// Returns true when `signature` was made of `bytes` with this key; takes the same time either way.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, bytes, signature).is_ok()
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

/// Makes the root secret: whole under another name first, then linked to its own, so that no process ever reads half of it
/// and the first of several wins.
fn create_root(directory: &Path, path: &Path, random: &dyn Random) -> io::Result<()> {
    create_private_directory(directory)?;
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut_slice());
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let draft = directory.join(format!("{ROOT_FILE}.{}", base64url::encode(suffix)));
    let line = Zeroizing::new(base64url::encode(bytes.as_slice()) + "\n");
    let outcome = write_private(&draft, line.as_bytes()).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    let removed = fs::remove_file(&draft);
    outcome.and(removed)?;
    sync_directory(directory)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A new name survives a power cut only when its directory was written, too.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(directory)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = fs::metadata(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::Exposed { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::SystemRandom;

    fn keyring(fill: &str) -> Keyring {
        Keyring::from_secret(&Secret::new(fill.repeat(43))).unwrap()
    }

    #[test]
    fn a_keyring_is_made_once_and_read_ever_after() {
        let data = tempfile::tempdir().unwrap();
        let keys = data.path().join("keys");
        let first = Keyring::open(&keys, &SystemRandom).unwrap();
        let second = Keyring::open(&keys, &SystemRandom).unwrap();
        assert_eq!(first.sign("a", b"x"), second.sign("a", b"x"));
        let line = fs::read_to_string(keys.join(ROOT_FILE)).unwrap();
        assert_eq!(first.sign("a", b"x"), Keyring::from_secret(&line.into()).unwrap().sign("a", b"x"));
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
    }

    #[test]
    fn processes_that_start_together_agree() {
        let data = tempfile::tempdir().unwrap();
        let open = || Keyring::open(data.path(), &SystemRandom).unwrap().sign("a", b"x");
        let signatures = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let data = tempfile::tempdir().unwrap();
        Keyring::open(data.path(), &SystemRandom).unwrap();
        let file = data.path().join(ROOT_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keyring::open(data.path(), &SystemRandom), Err(Error::Exposed { .. })));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(matches!(Keyring::from_secret(&"short".into()), Err(Error::TooShort)));
    }

    #[test]
    fn a_signature_is_for_its_purpose_its_bytes_and_its_root() {
        let signature = keyring("a").sign("ticket", b"bytes");
        assert!(keyring("a").verify("ticket", b"bytes", &signature));
        assert!(!keyring("a").verify("cursor", b"bytes", &signature));
        assert!(!keyring("a").verify("ticket", b"other", &signature));
        assert!(!keyring("b").verify("ticket", b"bytes", &signature));
        assert!(!keyring("a").verify("ticket", b"bytes", &signature[..31]));
    }

    #[test]
    fn nothing_of_a_keyring_prints() {
        assert_eq!(format!("{:?} {:?}", keyring("a"), keyring("a").key("p")), "Keyring(..) Key(..)");
    }
}
