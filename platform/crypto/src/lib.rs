//! Keys, signatures, seals, digests, passwords and secrets: the only place that calls a cryptographic primitive.
//!
//! Owns the root secrets and all keys derived from them, the certificates of nodes, signed tokens, sealed texts, password
//! hashes, unguessable tokens and randomness.
//! Never prints a secret, never sends one anywhere, never decides who may do what.
//! Start reading at [`Keyring`], then [`token`] and [`seal`], then [`password`].

#![warn(missing_docs)]

pub mod base64url;
pub mod caller_token;
pub mod certificate;
pub mod digest;
pub mod keyring;
pub mod opaque;
pub mod password;
mod random;
pub mod seal;
mod secret;
pub mod token;

pub use self::{
    caller_token::{CallerClaims, CallerTokens},
    certificate::{CertificateAuthority, CertificateKey},
    keyring::{DigestKey, Key, KeyId, Keyring},
    opaque::OpaqueToken,
    password::Passwords,
    random::SystemRandom,
    seal::SealKey,
    secret::Secret,
};
