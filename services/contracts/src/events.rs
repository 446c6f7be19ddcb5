//! Facts that one service publishes and others act upon. Fields may be added, with a default; none is removed or given
//! another meaning.

pub mod files;
pub mod identity;
pub mod installation;
pub mod people;
pub mod projects;

#[cfg(test)]
mod tests;
