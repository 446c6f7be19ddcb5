//! Show a project whole: proposal, changes, milestones, files, history, who acts next and what is missing.

use access::Subjects;
use storage::Tx;

use super::{
    Case,
    list_history::{Happening, happenings},
};
use crate::{
    error::Result,
    model::{
        ids::ProjectId,
        life::{self, Action},
        machine::Choice,
        proposal::ChangeRequest,
        task,
    },
    policy,
    store::{
        milestones::{self, Milestone},
        people, projects,
        proposals::{self, Proposal},
        submissions::{self, Submission},
        topics::{self, Topic},
    },
};

/// A project as those concerned see it.
#[derive(Debug, Clone)]
pub struct ProjectView {
    pub case: Case,
    pub supervisor_name: String,
    pub topic: Option<Topic>,
    /// The newest first.
    pub proposals: Vec<Proposal>,
    /// What was ever asked to change, the first first.
    pub changes: Vec<ChangeRequest>,
    pub milestones: Vec<Milestone>,
    pub submissions: Vec<Submission>,
    pub history: Vec<Happening>,
    /// What the caller can do now, with what is missing for it.
    pub options: Vec<Choice<Action>>,
    /// What the caller can do now.
    pub legal: Vec<Action>,
    /// Who acts next.
    pub next: Subjects,
    /// The attempt made after this one.
    pub next_attempt: Option<ProjectId>,
}

impl ProjectView {
    /// Returns what was asked to change in this version of the proposal.
    pub fn changes_in(&self, version: u32) -> impl Iterator<Item = &ChangeRequest> {
        self.changes.iter().filter(move |change| change.version == version)
    }

    /// Returns the version of the proposal in which changes were last asked for.
    pub fn last_asked(&self) -> Option<u32> {
        self.changes.last().map(|change| change.version)
    }
}

/// Returns a project, if the caller has a part in it.
pub async fn show_project(tx: &mut Tx, id: ProjectId) -> Result<ProjectView> {
    let case = Case::load(tx, id, &policy::READ_PROJECT).await?;
    let milestones = milestones::of_project(tx, id).await?;
    let facts = case.facts_with(tx, &milestones).await?;
    let topic = match case.project.topic_id {
        Some(topic) => topics::find(tx, topic).await?,
        None => None,
    };
    let changes = proposals::every_change(tx, id).await?;
    let supervisor = people::find(tx, case.project.supervisor_id).await?;
    Ok(ProjectView {
        supervisor_name: supervisor.map(|person| person.name).unwrap_or_default(),
        topic,
        proposals: proposals::list(tx, id).await?,
        milestones,
        submissions: submissions::of_project(tx, id).await?,
        history: happenings(tx, id, &changes).await?,
        changes,
        options: life::options(case.standing, &facts),
        legal: life::legal_actions(case.standing, &facts),
        next: task::acts_next(case.project.state),
        next_attempt: projects::next_attempt(tx, id).await?,
        case,
    })
}
