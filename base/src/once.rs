//! A request that must have one effect however often it arrives.

/// The `Idempotency-Key` of a request, and a digest of the rest of it. The same key with another digest is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The key as the client sent it: 1 to 255 visible characters.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub fingerprint: [u8; 32],
}
