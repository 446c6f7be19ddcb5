//! The nouns of identity and their rules.
//!
//! Owns names, e-mail addresses, memberships, credentials, password rules and throttling. Never awaits, never reads a clock.
//! Start reading at [`person`], then [`credential`].

pub mod api_token;
pub mod credential;
pub mod device;
pub mod email;
pub mod link;
pub mod membership;
pub mod password_rules;
pub mod person;
pub mod session;
pub mod throttle;
