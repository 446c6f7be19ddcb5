//! People and how they prove who they are: accounts, memberships, passwords, sessions, tokens.
//!
//! Owns the people of each university and their credentials. Never knows a project, never sends a mail itself.
//! Start reading at [`model`].

pub mod model;
