//! Digests, and comparison that takes the same time wherever the first difference is.

use std::fmt;

use aws_lc_rs::{constant_time, digest};

/// Bytes of a SHA-256 digest.
pub const SHA256_BYTES: usize = 32;

/// Returns the SHA-256 digest of `bytes`.
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; SHA256_BYTES] {
    into_array(&digest::digest(&digest::SHA256, bytes.as_ref()))
}

/// Returns the SHA-1 digest of `bytes`, for protocols that ask for it; it protects nothing.
pub fn sha1(bytes: impl AsRef<[u8]>) -> [u8; 20] {
    into_array(&digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes.as_ref()))
}

/// Returns the SHA-384 digest of `bytes`.
pub fn sha384(bytes: impl AsRef<[u8]>) -> [u8; 48] {
    into_array(&digest::digest(&digest::SHA384, bytes.as_ref()))
}

/// Returns the SHA-512 digest of `bytes`.
pub fn sha512(bytes: impl AsRef<[u8]>) -> [u8; 64] {
    into_array(&digest::digest(&digest::SHA512, bytes.as_ref()))
}

/// A SHA-256 digest of what comes piece by piece.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Returns the digest of nothing, so far.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes.as_ref());
    }

    /// Returns the digest of all pieces.
    pub fn finish(self) -> [u8; SHA256_BYTES] {
        into_array(&self.0.finish())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256")
    }
}

/// Returns true when both are the same, in a time that depends on their lengths alone.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Returns the bytes as lower-case hexadecimal text: how digests are shown on receipts.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;

    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn into_array<const BYTES: usize>(digest: &digest::Digest) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digests_are_those_of_fips_180() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256("abc")), abc);
        assert_eq!(hex(&Sha256::new().finish()), hex(&sha256("")));
        assert_eq!(hex(&sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(hex(&sha384("abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(hex(&sha512("abc")).starts_with("ddaf35a193617abacc417349ae204131"));
    }

    #[test]
    fn equality_is_equality() {
        assert!(equal(b"abc", b"abc") && equal(b"", b""));
        assert!(!equal(b"abc", b"abd") && !equal(b"abc", b"ab"));
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_digest_as_the_whole(bytes: Vec<u8>, cut: prop::sample::Index) {
            let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
            let mut digest = Sha256::new();
            digest.update(head);
            digest.update(tail);
            prop_assert_eq!(digest.finish(), sha256(&bytes));
        }
    }
}
