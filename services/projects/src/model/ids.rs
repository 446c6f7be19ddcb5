//! Ids that only this service hands out. Those that others know too are in `contracts`.

base::id!(
    /// One milestone of one project.
    MilestoneId
);
base::id!(
    /// One set of milestones that a cycle can be planned by.
    TemplateId
);
base::id!(
    /// One file handed in.
    SubmissionId
);
