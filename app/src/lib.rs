//! The one binary `fpms`, as a library that tests can call too: the only place that knows every part.
//!
//! Owns the command line, the settings, and how parts are put together into node roles. Never holds a rule of the product.
//! Start reading at [`cli`], then [`node_roles`], then [`parts`].

pub mod cli;
mod decisions;
pub mod demo;
pub mod membership;
pub mod node_roles;
pub mod parts;
mod probes;
pub mod services;
mod serving;
pub mod settings;
mod tenants;
