//! The one integration test binary: everything with I/O, on real engines.
//!
//! Owns the proof that the product works. Never mocks a database.
//! Start reading at the file of what you changed.

#![cfg(test)]

mod at_once;
mod authorization;
mod bad_input;
mod browser;
mod catalogues;
mod commands;
mod crash;
mod enrolling;
mod events;
mod failover;
mod keys_exchange;
mod membership;
mod monitoring;
mod policy;
mod role_split;
mod secrets;
mod sight;
mod storage;
mod walk;
