//! Channel binding `tls-server-end-point` (RFC 5929, 4): a digest of the server's certificate, by the hash of its signature.

use crypto::digest;

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Returns the binding of a certificate; `None` when its signature has no hash that the RFC names.
pub(super) fn server_end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    match signature_algorithm(certificate)? {
        // sha1WithRSAEncryption and ecdsa-with-SHA1 are bound by SHA-256, as are both with SHA-256.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05 | 0x0b] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01] => {
            Some(digest::sha256(certificate).to_vec())
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Some(digest::sha256(certificate).to_vec()),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => {
            Some(digest::sha384(certificate).to_vec())
        }
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => {
            Some(digest::sha512(certificate).to_vec())
        }
        _ => None,
    }
}

/// Returns the object identifier in `Certificate.signatureAlgorithm` (RFC 5280, 4.1).
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_to_be_signed, rest) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, rest)?;
    element(OBJECT_IDENTIFIER, algorithm).map(|(identifier, _)| identifier)
}

/// Reads an element of DER with this tag: its content, and what follows it.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    let (length, bytes) = match first {
        0..=0x7f => (usize::from(first), bytes),
        0x81..=0x84 => {
            let (digits, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), bytes)
        }
        _ => return None,
    };
    (found == tag).then(|| bytes.split_at_checked(length)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate in outline: something to be signed, the algorithm, no signature.
    fn certificate(algorithm: &[u8], padding: usize) -> Vec<u8> {
        let sequence = |content: &[u8]| {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[SEQUENCE, 0x82], length.as_slice(), content].concat()
        };
        let identifier = [&[OBJECT_IDENTIFIER, u8::try_from(algorithm.len()).unwrap()], algorithm].concat();
        sequence(&[sequence(&vec![0; padding]), sequence(&identifier)].concat())
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let ecdsa = |last| certificate(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last], 300);
        let bound = |certificate: &[u8]| server_end_point(certificate).map(|binding| binding.len());
        assert_eq!([2, 3, 4, 5].map(|last| bound(&ecdsa(last))), [Some(32), Some(48), Some(64), None]);
        // Ed25519 names no hash.
        assert_eq!(bound(&certificate(&[0x2b, 0x65, 0x70], 1)), None);
    }

    #[test]
    fn what_is_no_certificate_binds_nothing() {
        let whole = certificate(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], 9);
        for end in 0..whole.len() {
            assert_eq!(server_end_point(&whole[..end]), None);
        }
        assert_eq!(server_end_point(&[SEQUENCE, 0x85, 1, 1, 1, 1, 1]), None);
    }
}
