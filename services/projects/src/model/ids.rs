//! Ids: those that others know too, and those that only this service hands out.

pub use contracts::ids::{CycleId, FileId, MilestoneId, ProgrammeId, ProjectId, SubmissionId, TopicId};

base::id!(
    /// One set of milestones that a cycle can be planned by.
    TemplateId
);

base::id!(
    /// A room for defences.
    RoomId
);
