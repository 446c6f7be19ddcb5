//! Verbs: each file is one use case. Load, authorize, decide, save, emit, all in one transaction of the caller's.
//!
//! Owns the order of things. Never holds a rule (see `model/`), never holds SQL (see `store/`).
//! Start reading at [`propose`], then [`case`], which most verbs begin with.

mod advance_milestone;
pub mod approve;
pub mod case;
pub mod change_cycle;
pub mod change_topic;
pub mod confirm_membership;
pub mod create_cycle;
pub mod create_programme;
pub mod create_template;
pub mod create_topic;
pub mod decline_membership;
pub mod delete_template;
pub mod enrol;
pub mod export_roster;
pub mod import_cohort;
pub mod import_dir;
pub mod keep_time;
pub mod list_cycles;
pub mod list_history;
pub mod list_projects;
pub mod list_tasks;
pub mod list_topics;
pub mod move_cycle;
pub mod move_topic;
pub mod propose;
mod record;
mod relations;
pub mod rename_template;
pub mod request_changes;
pub mod resubmit;
pub mod review_milestone;
pub mod seed_demo;
pub mod show_milestone;
pub mod show_overview;
pub mod show_project;
pub mod show_queue;
pub mod show_submission;
pub mod show_topic;
pub mod stage_import;
pub mod submit_final;
pub mod submit_milestone;
pub mod submit_proposal;
pub mod take_step;
pub mod tell_programmes;
#[cfg(test)]
mod tests;

pub use self::case::Case;
