//! The tables of the projects service, a file per noun. The only place with SQL.
//!
//! Owns statements and rows. Never decides anything: what a conditional `UPDATE` refuses, it reports.
//! Start reading at [`projects`], then [`counters`].

pub mod counters;
pub mod cycles;
pub(crate) mod demo;
pub mod export;
pub mod history;
pub mod import;
mod keyset;
pub mod members;
pub mod milestone_history;
pub mod milestones;
pub mod overview;
pub mod participants;
pub mod people;
pub mod programmes;
pub mod projects;
pub mod proposals;
mod record;
pub mod sight;
pub mod submissions;
pub mod tasks;
pub mod templates;
pub mod topic_history;
pub mod topics;

use storage::Statement;

/// Every statement of the service, a list per file.
pub const STATEMENTS: &[&[&Statement]] = &[
    counters::STATEMENTS,
    cycles::STATEMENTS,
    demo::STATEMENTS,
    export::STATEMENTS,
    history::STATEMENTS,
    import::read::STATEMENTS,
    import::runs::STATEMENTS,
    import::write::STATEMENTS,
    members::STATEMENTS,
    milestone_history::STATEMENTS,
    milestones::STATEMENTS,
    overview::STATEMENTS,
    participants::STATEMENTS,
    people::STATEMENTS,
    programmes::STATEMENTS,
    projects::STATEMENTS,
    proposals::STATEMENTS,
    submissions::STATEMENTS,
    tasks::STATEMENTS,
    templates::STATEMENTS,
    topic_history::STATEMENTS,
    topics::STATEMENTS,
];
