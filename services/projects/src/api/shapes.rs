//! Answers that several endpoints share.

use base::{PersonId, Timestamp};
use contracts::file_kind::FileKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    actions::{case::Moved, submit_milestone::Receipt},
    model::{
        ids::{CycleId, MilestoneId, ProgrammeId, ProjectId, SubmissionId, TemplateId, TopicId},
        proposal::ChangeRequest,
    },
    store::{
        cycles::Cycle, milestones::Milestone, programmes::Programme, projects::ProjectRow, submissions::Submission,
        topics::Topic,
    },
};

/// What was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// Its id.
    pub(super) id: uuid::Uuid,
}

/// The version of what was changed.
#[derive(Serialize, ToSchema)]
pub(super) struct Version {
    pub(super) version: i64,
}

/// A person, by name.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonBody {
    #[schema(value_type = uuid::Uuid)]
    pub(super) id: PersonId,
    pub(super) name: String,
}

/// A step of a project, taken.
#[derive(Serialize, ToSchema)]
pub(super) struct MovedBody {
    #[schema(value_type = uuid::Uuid)]
    project: ProjectId,
    /// State before.
    from: &'static str,
    /// State now.
    to: &'static str,
    /// The project's version now.
    version: i64,
}

impl From<Moved> for MovedBody {
    fn from(moved: Moved) -> Self {
        Self { project: moved.project, from: moved.from.word(), to: moved.to.word(), version: moved.version }
    }
}

/// A cycle.
#[derive(Serialize, ToSchema)]
pub(super) struct CycleBody {
    #[schema(value_type = uuid::Uuid)]
    id: CycleId,
    name: String,
    state: &'static str,
    #[schema(value_type = String)]
    starts_at: Timestamp,
    #[schema(value_type = String)]
    proposals_until_at: Timestamp,
    #[schema(value_type = String)]
    final_due_at: Timestamp,
    #[schema(value_type = String)]
    ends_at: Timestamp,
    /// Milestones that its projects are planned by; without, they have none.
    #[schema(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
    /// The cycle's rules.
    #[schema(value_type = Object)]
    policy: serde_json::Value,
    pub(super) version: i64,
}

impl From<Cycle> for CycleBody {
    fn from(cycle: Cycle) -> Self {
        Self {
            id: cycle.id,
            name: cycle.name,
            state: cycle.state.word(),
            starts_at: cycle.dates.starts_at,
            proposals_until_at: cycle.dates.proposals_until_at,
            final_due_at: cycle.dates.final_due_at,
            ends_at: cycle.dates.ends_at,
            template_id: cycle.template_id,
            policy: serde_json::to_value(&cycle.policy).unwrap_or_default(),
            version: cycle.version,
        }
    }
}

/// A programme.
#[derive(Serialize, ToSchema)]
pub(super) struct ProgrammeBody {
    #[schema(value_type = uuid::Uuid)]
    id: ProgrammeId,
    code: String,
    title_en: String,
    title_local: String,
}

impl From<Programme> for ProgrammeBody {
    fn from(programme: Programme) -> Self {
        let Programme { id, code, title_en, title_local } = programme;
        Self { id, code, title_en, title_local }
    }
}

/// A topic.
#[derive(Serialize, ToSchema)]
pub(super) struct TopicBody {
    #[schema(value_type = uuid::Uuid)]
    id: TopicId,
    #[schema(value_type = uuid::Uuid)]
    cycle: CycleId,
    number: String,
    title_en: String,
    title_local: String,
    summary: String,
    area: String,
    supervisor: PersonBody,
    capacity: u32,
    taken: u32,
    state: &'static str,
    pub(super) version: i64,
}

impl From<Topic> for TopicBody {
    fn from(topic: Topic) -> Self {
        Self {
            id: topic.id,
            cycle: topic.cycle_id,
            number: topic.number,
            title_en: topic.title_en,
            title_local: topic.title_local,
            summary: topic.summary,
            area: topic.area,
            supervisor: PersonBody { id: topic.supervisor_id, name: topic.supervisor_name },
            capacity: topic.capacity,
            taken: topic.taken,
            state: topic.state.word(),
            version: topic.version,
        }
    }
}

/// A project in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectRowBody {
    #[schema(value_type = uuid::Uuid)]
    id: ProjectId,
    number: String,
    title_en: String,
    title_local: String,
    state: &'static str,
    supervisor: PersonBody,
    #[schema(value_type = Option<String>)]
    due_at: Option<Timestamp>,
    #[schema(value_type = String)]
    changed_at: Timestamp,
}

impl From<ProjectRow> for ProjectRowBody {
    fn from(row: ProjectRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            title_en: row.title_en,
            title_local: row.title_local,
            state: row.state.word(),
            supervisor: PersonBody { id: row.supervisor_id, name: row.supervisor_name },
            due_at: row.due_at,
            changed_at: row.changed_at,
        }
    }
}

/// A change asked for, with what was answered.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangeBody {
    position: u32,
    /// The version of the proposal that it is about.
    version: u32,
    request: String,
    /// Ticked as done.
    done: bool,
    answer: String,
    #[schema(value_type = String)]
    asked_at: Timestamp,
}

impl From<ChangeRequest> for ChangeBody {
    fn from(change: ChangeRequest) -> Self {
        let ChangeRequest { position, version, request, done, answer, asked_at } = change;
        Self { position, version, request, done, answer, asked_at }
    }
}

/// A milestone.
#[derive(Serialize, ToSchema)]
pub(super) struct MilestoneBody {
    #[schema(value_type = uuid::Uuid)]
    id: MilestoneId,
    position: u32,
    title_en: String,
    title_local: String,
    state: &'static str,
    #[schema(value_type = String)]
    opens_at: Timestamp,
    #[schema(value_type = String)]
    due_at: Timestamp,
    mandatory: bool,
    /// Kinds of files that are taken for it.
    accepts: Vec<FileKind>,
    /// What was last said about it.
    feedback: String,
    pub(super) version: i64,
}

impl From<Milestone> for MilestoneBody {
    fn from(milestone: Milestone) -> Self {
        Self {
            id: milestone.id,
            position: milestone.position,
            title_en: milestone.title_en,
            title_local: milestone.title_local,
            state: milestone.state.word(),
            opens_at: milestone.opens_at,
            due_at: milestone.due_at,
            mandatory: milestone.mandatory,
            accepts: milestone.accepts.kinds().collect(),
            feedback: milestone.feedback,
            version: milestone.version,
        }
    }
}

/// What was handed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SubmissionBody {
    #[schema(value_type = uuid::Uuid)]
    id: SubmissionId,
    /// The milestone; absent for the final work.
    #[schema(value_type = Option<uuid::Uuid>)]
    milestone: Option<MilestoneId>,
    version: u32,
    file_name: String,
    size_bytes: i64,
    /// Lower-case hexadecimal.
    sha256: String,
    receipt: String,
    late: bool,
    submitted_by_name: String,
    #[schema(value_type = String)]
    submitted_at: Timestamp,
}

impl From<Submission> for SubmissionBody {
    fn from(submission: Submission) -> Self {
        Self {
            id: submission.id,
            milestone: submission.milestone_id,
            version: submission.version,
            file_name: submission.file_name,
            size_bytes: submission.size_bytes,
            sha256: crypto::digest::hex(&submission.sha256),
            receipt: submission.receipt,
            late: submission.late,
            submitted_by_name: submission.submitted_by_name,
            submitted_at: submission.submitted_at,
        }
    }
}

/// What whoever handed in keeps.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    #[schema(value_type = uuid::Uuid)]
    pub(super) submission: SubmissionId,
    /// Number on the receipt.
    receipt: String,
    version: u32,
    file_name: String,
    /// Lower-case hexadecimal.
    sha256: String,
    late: bool,
    #[schema(value_type = String)]
    submitted_at: Timestamp,
}

impl From<Receipt> for ReceiptBody {
    fn from(receipt: Receipt) -> Self {
        let Receipt { submission, receipt, version, file_name, sha256, late, submitted_at } = receipt;
        Self { submission, receipt, version, file_name, sha256, late, submitted_at }
    }
}
