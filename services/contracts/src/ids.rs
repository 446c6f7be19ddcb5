//! Ids that appear in events and addresses of more than one service.

use base::id;

id!(
    /// A course of study; also the unit in which a role may hold.
    ProgrammeId
);
id!(
    /// An academic year's run of projects.
    CycleId
);
id!(
    /// A topic offered or proposed.
    TopicId
);
id!(
    /// A project from its proposal to its archive.
    ProjectId
);
id!(
    /// One version of a project's proposal.
    ProposalId
);
id!(
    /// A step of a project with a due date.
    MilestoneId
);
id!(
    /// One version handed in for a milestone, or as the final work.
    SubmissionId
);
id!(
    /// A file in the file store.
    FileId
);
id!(
    /// A role that a person holds, where, and from when to when.
    MembershipId
);
id!(
    /// A signed-in browser.
    SessionId
);
id!(
    /// An API token.
    ApiTokenId
);
id!(
    /// A link sent by mail: an invitation or a password reset.
    LinkId
);
id!(
    /// One mail to one person.
    MailId
);
id!(
    /// One run of an import.
    ImportId
);

base::text_schemas!(Uuid: ProgrammeId, CycleId, TopicId, ProjectId, ProposalId, MilestoneId, SubmissionId, FileId, MembershipId, SessionId, ApiTokenId, LinkId, MailId, ImportId);
