//! The one binary `fpms`, as a library that tests can call too: the only place that knows every part.
//!
//! Owns the command line, the settings, and how parts are put together into node roles. Never holds a rule of the product.
//! Start reading at [`cli`], then [`settings`].

pub mod cli;
pub mod settings;
