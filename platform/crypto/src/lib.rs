//! Keys, signatures, digests, passwords and secrets: the only place that calls a cryptographic primitive.
//!
//! Owns the root secret and all keys derived from it, the certificates of nodes, signed tokens, password hashes, unguessable tokens and randomness.
//! Never prints a secret, never sends one anywhere, never decides who may do what.
//! Start reading at [`Keyring`], then [`token`], then [`password`].

#![warn(missing_docs)]

pub mod base64url;
pub mod caller_token;
pub mod certificate;
pub mod digest;
pub mod keyring;
pub mod opaque;
pub mod password;
mod random;
mod secret;
pub mod token;

pub use self::{
    caller_token::{CallerClaims, CallerTokens},
    certificate::{CertificateAuthority, CertificateKey},
    keyring::{Key, Keyring},
    opaque::OpaqueToken,
    password::Passwords,
    random::SystemRandom,
    secret::Secret,
};
