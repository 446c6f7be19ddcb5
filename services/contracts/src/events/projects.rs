//! What became of cycles, programmes and projects, and the people who take part.

use base::{Event, Id, PersonId, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::{CycleId, ImportId, MilestoneId, ProgrammeId, ProjectId, SubmissionId, TopicId};

/// Most people in one [`RosterImported`].
pub const ROSTER_CHUNK_MAX: usize = 500;

/// An import brought people. Large imports come as several of these, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RosterImported {
    pub import: ImportId,
    /// Which piece of the import this is, from 0.
    pub chunk: u32,
    pub people: Vec<RosterPerson>,
    pub imported_at: Timestamp,
}

/// A person as a list of the university has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RosterPerson {
    /// The id that the import gave; identity uses it for a person it does not know yet.
    pub person: PersonId,
    /// Student number, staff number.
    pub numbers: Vec<String>,
    pub family_name: String,
    pub given_name: String,
    #[serde(default)]
    pub email: Option<String>,
    /// BCP 47 tag; absent when the list does not say.
    #[serde(default)]
    pub language: Option<String>,
    /// A name of [`roles::names`](crate::roles::names).
    pub role: String,
    pub scope: Scope,
}

impl Event for RosterImported {
    const TYPE: &'static str = "projects.roster.imported";

    fn key(&self) -> Uuid {
        self.import.uuid()
    }
}

/// Somebody was enrolled in a cycle by hand. Identity invites them when it did not know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParticipantEnrolled {
    pub cycle: CycleId,
    pub participant: RosterPerson,
    /// Who did it; absent when the installation did.
    #[serde(default)]
    pub enrolled_by: Option<PersonId>,
    pub enrolled_at: Timestamp,
}

impl Event for ParticipantEnrolled {
    const TYPE: &'static str = "projects.participant.enrolled";

    fn key(&self) -> Uuid {
        self.participant.person.uuid()
    }
}

/// A programme is new, or is called otherwise. Carries all of it: the latest replaces all earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeChanged {
    pub programme: ProgrammeId,
    pub code: String,
    pub title_en: String,
    /// Empty when it has none.
    pub title_local: String,
    pub changed_at: Timestamp,
}

impl Event for ProgrammeChanged {
    const TYPE: &'static str = "projects.programme.changed";

    fn key(&self) -> Uuid {
        self.programme.uuid()
    }
}

/// A cycle is open to its students.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CycleOpened {
    pub cycle: CycleId,
    pub title: String,
    pub opened_by: Option<PersonId>,
    pub opened_at: Timestamp,
}

impl Event for CycleOpened {
    const TYPE: &'static str = "projects.cycle.opened";

    fn key(&self) -> Uuid {
        self.cycle.uuid()
    }
}

/// A coordinator returned a topic to its supervisor for rework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopicReturned {
    pub topic: TopicId,
    pub cycle: CycleId,
    pub title: String,
    /// Whose topic it is.
    pub supervisor: PersonId,
    /// Who did it; absent when the installation did.
    #[serde(default)]
    pub by: Option<PersonId>,
    pub happened_at: Timestamp,
    pub reason: String,
}

impl Event for TopicReturned {
    const TYPE: &'static str = "projects.topic.returned";

    fn key(&self) -> Uuid {
        self.topic.uuid()
    }
}

/// A project as its events show it: enough to tell the people concerned, without asking back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectCard {
    pub project: ProjectId,
    pub cycle: CycleId,
    pub title: String,
    pub members: Vec<PersonId>,
    pub supervisors: Vec<PersonId>,
}

/// Declares events that are one step of one project: its card, who did it, when, and what else there is to say.
macro_rules! project_events {
    ($($(#[$meta:meta])* $name:ident = $type:literal { $($(#[$field_meta:meta])* $field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub struct $name {
            pub card: ProjectCard,
            /// Who did it; absent when the installation did.
            #[serde(default)]
            pub by: Option<PersonId>,
            pub happened_at: Timestamp,
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        impl Event for $name {
            const TYPE: &'static str = $type;

            fn key(&self) -> Uuid {
                self.card.project.uuid()
            }
        }
    )*};
}

project_events! {
    /// A proposal was submitted, for the first time or again.
    ProposalSubmitted = "projects.proposal.submitted" {
        /// From 1.
        version: u32,
    }
    /// A supervisor asked for changes.
    ChangesRequested = "projects.changes.requested" {
        version: u32,
        /// What is to change, item by item.
        items: Vec<String>,
    }
    /// A proposal was approved by all who had to.
    ProposalApproved = "projects.proposal.approved" {
        version: u32,
    }
    /// A proposal was rejected.
    ProposalRejected = "projects.proposal.rejected" {
        version: u32,
        reason: String,
    }
    /// Somebody who was named as a member, and had not confirmed, left the project; its card no longer names them.
    MembershipDeclined = "projects.membership.declined" {
        member_name: String,
    }
    /// A milestone was handed in.
    MilestoneSubmitted = "projects.milestone.submitted" {
        milestone: MilestoneId,
        milestone_title: String,
        submission: SubmissionId,
        /// From 1.
        version: u32,
    }
    /// A milestone was approved.
    MilestoneApproved = "projects.milestone.approved" {
        milestone: MilestoneId,
        milestone_title: String,
    }
    /// A milestone was returned for more work.
    MilestoneReturned = "projects.milestone.returned" {
        milestone: MilestoneId,
        milestone_title: String,
        reason: String,
    }
    /// The final work was handed in.
    FinalSubmitted = "projects.final.submitted" {
        submission: SubmissionId,
        /// Number on the receipt.
        receipt: String,
        /// SHA-256 of the main file, in lower-case hexadecimal.
        sha256: String,
    }
}
