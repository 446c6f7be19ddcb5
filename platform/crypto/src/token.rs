//! Compact signed tokens: typed claims that expire, good for one purpose.
//!
//! A token is one word of base64url: id of the root, signature (HMAC-SHA256 with the purpose's key), expiry, claims as JSON. The
//! purpose is in the key, so a token of one kind cannot be taken for another. It is signed, not encrypted: its bearer can read it.

use base::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Key, base64url,
    keyring::{KEY_ID_BYTES, KeyId, SIGNATURE_BYTES},
};

/// Most characters that a token may have; it has to fit a header.
pub const TOKEN_CHARS_MAX: usize = 16 * 1024;

const EXPIRY_BYTES: usize = 8;
const HEAD_BYTES: usize = KEY_ID_BYTES + SIGNATURE_BYTES;

/// Why a token was refused, or could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It was not signed for this purpose by this installation.
    #[error("the token's signature is wrong")]
    Forged,
    /// It is not a token, or its claims are of another form.
    #[error("the text is not a token")]
    Malformed,
    /// The claims do not fit a token.
    #[error("the claims do not fit a token")]
    Unencodable,
}

/// Returns a token with these claims, good until `until`.
pub fn seal<T: Serialize>(key: &Key, claims: &T, until: Timestamp) -> Result<String, Error> {
    let mut bytes = vec![0; HEAD_BYTES];
    bytes.extend_from_slice(&until.as_micros().to_be_bytes());
    serde_json::to_writer(&mut bytes, claims).map_err(|_| Error::Unencodable)?;
    let (head, signed) = bytes.split_at_mut(HEAD_BYTES);
    let (id, signature) = key.sign(signed);
    head.copy_from_slice(&[id.bytes().as_slice(), &signature].concat());
    let text = base64url::encode(&bytes);
    if text.len() > TOKEN_CHARS_MAX { Err(Error::Unencodable) } else { Ok(text) }
}

/// Returns the claims of a token, if it was sealed with this key and is good at `now`.
pub fn open<T: DeserializeOwned>(key: &Key, text: &str, now: Timestamp) -> Result<T, Error> {
    open_until(key, text, now).map(|(claims, _)| claims)
}

/// Returns the claims of a token and the instant at which it expires, like [`open`].
pub fn open_until<T: DeserializeOwned>(key: &Key, text: &str, now: Timestamp) -> Result<(T, Timestamp), Error> {
    if text.len() > TOKEN_CHARS_MAX {
        return Err(Error::Malformed);
    }
    let bytes = base64url::decode(text).ok_or(Error::Malformed)?;
    let (id, rest) = bytes.split_first_chunk::<KEY_ID_BYTES>().ok_or(Error::Malformed)?;
    let (signature, signed) = rest.split_at_checked(SIGNATURE_BYTES).ok_or(Error::Malformed)?;
    if !key.verify(KeyId::from_bytes(*id), signed, signature) {
        return Err(Error::Forged);
    }
    let (expiry, claims) = signed.split_first_chunk::<EXPIRY_BYTES>().ok_or(Error::Malformed)?;
    let until = Timestamp::from_micros(i64::from_be_bytes(*expiry));
    if now >= until {
        return Err(Error::Expired);
    }
    let claims = serde_json::from_slice(claims).map_err(|_| Error::Malformed)?;
    Ok((claims, until))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::Keyring;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Claims {
        file: String,
        size_bytes: u64,
    }

    fn key(purpose: &str) -> Key {
        Keyring::from_secret(&"k".repeat(43).into()).unwrap().key(purpose)
    }

    fn claims() -> Claims {
        Claims { file: "ບົດ.pdf".to_owned(), size_bytes: 7 }
    }

    const UNTIL: Timestamp = Timestamp::from_micros(100);
    const BEFORE: Timestamp = Timestamp::from_micros(99);

    #[test]
    fn a_token_gives_back_its_claims_until_it_expires() {
        let token = seal(&key("ticket"), &claims(), UNTIL).unwrap();
        assert_eq!(open(&key("ticket"), &token, BEFORE), Ok(claims()));
        assert_eq!(open::<Claims>(&key("ticket"), &token, UNTIL), Err(Error::Expired));
    }

    #[test]
    fn a_token_of_an_older_root_is_good_until_that_is_retired() {
        let [old, both, new] = ["a".repeat(43), format!("{} *{}", "a".repeat(43), "b".repeat(43)), "b".repeat(43)]
            .map(|roots| Keyring::from_secret(&roots.into()).unwrap().key("ticket"));
        let open = |key: &Key, token: &str| open::<Claims>(key, token, BEFORE);
        let (made_before, made_after) = (seal(&old, &claims(), UNTIL).unwrap(), seal(&both, &claims(), UNTIL).unwrap());
        assert_eq!(open(&both, &made_before), Ok(claims()));
        assert_eq!(open(&new, &made_after), Ok(claims()));
        assert_eq!(open(&new, &made_before), Err(Error::Forged));
        assert_eq!(open(&old, &made_after), Err(Error::Forged));
    }

    #[test]
    fn a_token_is_good_for_one_purpose() {
        let token = seal(&key("ticket"), &claims(), UNTIL).unwrap();
        assert_eq!(open::<Claims>(&key("grant"), &token, BEFORE), Err(Error::Forged));
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        for text in ["", "a", "not base64!", &"A".repeat(40), &"A".repeat(TOKEN_CHARS_MAX + 1)] {
            assert_eq!(open::<Claims>(&key("ticket"), text, BEFORE), Err(Error::Malformed), "{text}");
        }
        let other = seal(&key("ticket"), &"text", UNTIL).unwrap();
        assert_eq!(open::<Claims>(&key("ticket"), &other, BEFORE), Err(Error::Malformed));
    }

    #[test]
    fn claims_that_do_not_fit_are_refused_when_sealed() {
        assert_eq!(seal(&key("ticket"), &"x".repeat(TOKEN_CHARS_MAX), UNTIL), Err(Error::Unencodable));
    }

    proptest! {
        #[test]
        fn no_changed_token_opens(position: prop::sample::Index, flip in 1_u8..) {
            let token = seal(&key("ticket"), &claims(), UNTIL).unwrap();
            let mut bytes = base64url::decode(&token).unwrap();
            let index = position.index(bytes.len());
            bytes[index] ^= flip;
            let changed = base64url::encode(&bytes);
            prop_assert_eq!(open::<Claims>(&key("ticket"), &changed, BEFORE), Err(Error::Forged));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(open::<Claims>(&key("ticket"), &text, BEFORE).is_err());
        }
    }
}
