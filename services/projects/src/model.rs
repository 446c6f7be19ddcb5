//! Nouns and rules of the projects service: the state tables and everything decided without asking anybody.
//!
//! Owns what may happen, to whom, and why not. Never awaits, never reads a clock, never touches SQL or HTTP (INV-1).
//! Start reading at [`life::table`], then [`machine`].

pub mod accepted;
pub mod cycle;
pub mod event;
pub mod export;
pub mod facts;
pub mod ids;
pub mod import;
pub mod life;
pub mod machine;
pub mod milestone;
pub mod participant;
pub mod proposal;
pub mod submission;
pub mod supervision;
pub mod task;
pub mod ticket;
pub mod topic;
pub mod words;
