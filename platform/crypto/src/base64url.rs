//! Bytes as text that needs no escaping in addresses, cookies and headers: base64url without padding (RFC 4648, 5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Returns the bytes as text.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the bytes of the text, or `None` when it is not exactly what [`encode`] writes.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_one_reading() {
        assert_eq!(decode(&encode([0xfb, 0xff])), Some(vec![0xfb, 0xff]));
        assert_eq!(encode([0xfb, 0xff]), "-_8");
        for other in ["-_9", "-_8=", "+/8", "-_8\n", "-", "é"] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
