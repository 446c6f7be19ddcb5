//! The one event that every step of a project emits; those that others act upon by name are in `contracts::events`.

use base::{Event, Id, PersonId, Timestamp};
use contracts::events::projects::ProjectCard;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::life::{Action, State};

/// A project went from one state to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectMoved {
    pub card: ProjectCard,
    pub action: Action,
    pub from: State,
    pub to: State,
    /// Place of the step in the project's history, from 1.
    pub position: i64,
    #[serde(default)]
    pub by: Option<PersonId>,
    pub happened_at: Timestamp,
}

impl Event for ProjectMoved {
    const TYPE: &'static str = "projects.project.moved";

    fn key(&self) -> Uuid {
        self.card.project.uuid()
    }
}
