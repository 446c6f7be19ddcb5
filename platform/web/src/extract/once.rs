//! The key that makes a repeated request have one effect.

use axum::extract::FromRequestParts;
use base::Once;
use crypto::digest::Sha256;
use http::request::Parts;

use super::{body, content_type, form};
use crate::{Failure, Refusal, Result, gate::Taken};

/// Most characters of a key.
pub const ONCE_KEY_CHARS_MAX: usize = 255;

/// The idempotency key, from the header `Idempotency-Key` or a form's hidden field `once`.
#[derive(Debug, Clone)]
pub struct OnceKey(pub Option<Once>);

impl<S: Sync> FromRequestParts<S> for OnceKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(key) = key(parts).await? else { return Ok(Self(None)) };
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > ONCE_KEY_CHARS_MAX || !visible {
            return Err(Refusal::WrongOnceKey.into());
        }
        Ok(Self(Some(Once { key, fingerprint: fingerprint(parts) })))
    }
}

async fn key(parts: &Parts) -> Result<Option<String>> {
    if let Some(value) = parts.headers.get("idempotency-key") {
        let text = value.to_str().map_err(|_| Failure::from(Refusal::WrongOnceKey))?;
        return Ok(Some(text.to_owned()));
    }
    if parts.extensions.get::<Taken>().is_none() || !form::is_form(&content_type(parts)) {
        return Ok(None);
    }
    let fields = form::fields(parts, body(parts)?).await?;
    Ok(fields.first(super::fields::ONCE).map(ToOwned::to_owned))
}

/// A streamed body is not part of the fingerprint: it is gone when the key is compared.
fn fingerprint(parts: &Parts) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(parts.method.as_str());
    digest.update(" ");
    digest.update(parts.uri.path());
    digest.update("\n");
    if let Some(Taken(bytes)) = parts.extensions.get() {
        digest.update(bytes);
    }
    digest.finish()
}
