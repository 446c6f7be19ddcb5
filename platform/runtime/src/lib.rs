//! What every process of the installation runs on: telemetry, metrics, named tasks and their end, clocks, health.
//!
//! Owns the process's tasks, its log and its numbers. Never knows what a task does, and serves no HTTP itself.
//! Start reading at [`Shutdown`], then [`metrics`].

#![warn(missing_docs)]

pub mod clock;
pub mod health;
pub mod metrics;
pub mod tasks;
pub mod telemetry;
pub mod testing;

pub use self::{
    clock::SystemClock,
    health::Health,
    tasks::{OnCancel, OnError, Outcome, Shutdown, TaskKind, chain, spawn},
};
