//! What is kept so that it need not be asked for again, and what all nodes of an installation count together.
//!
//! Owns the memory of readings, and the connection to the shared engine, Redis or Valkey. Never the only place of anything:
//! whoever uses it works on while it is away. Start reading at [`Readings`] and [`Shared::run`].

#![warn(missing_docs)]

pub mod metrics;
mod readings;
pub mod shared;

pub use self::{
    readings::Readings,
    shared::{Away, Script, Shared},
};
