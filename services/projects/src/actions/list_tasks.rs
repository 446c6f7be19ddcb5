//! List what waits for the caller.

use access::Subjects;
use base::{Id, Timestamp};
use contracts::roles::{COORDINATES, OWNER, SUPERVISES, SUPERVISOR};
use storage::Tx;
use uuid::Uuid;

use super::relations;
use crate::{
    error::Result,
    model::{
        life,
        task::{self, Kind},
    },
    policy,
    store::{
        milestones::{self, MilestoneRow},
        projects::{self, ProjectRow},
        tasks,
    },
};

/// What a task is about, in both languages; the local one may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    pub en: String,
    pub local: String,
}

/// Something that waits for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub kind: Kind,
    /// What it is about: a project, or for `review_topic` and `correct_topic` a topic.
    pub object: Uuid,
    /// The milestone, for tasks about one.
    pub milestone: Option<Uuid>,
    pub number: String,
    pub title: Title,
    pub since: Timestamp,
    pub due_at: Option<Timestamp>,
}

impl Title {
    fn of(en: String, local: String) -> Self {
        Self { en, local }
    }

    /// Returns the title of a part of something.
    fn within(whole: &Self, part: &Self) -> Self {
        Self::of(format!("{}: {}", whole.en, part.en), format!("{}: {}", whole.in_local(), part.in_local()))
    }

    /// Returns the local title, or the English one where there is none.
    fn in_local(&self) -> &str {
        if self.local.is_empty() { &self.en } else { &self.local }
    }
}

/// Returns what waits for the caller: first what is due, the soonest first, then the rest, the longest waiting first.
pub async fn list_tasks(tx: &mut Tx) -> Result<Vec<Task>> {
    let subjects = relations::anywhere(tx);
    access::require(&policy::LIST_TASKS, subjects, tx.caller())?;
    let Some(person) = tx.caller().person_id() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for one in tasks::unconfirmed(tx, person).await? {
        found.push(waiting(
            Kind::ConfirmMembership,
            one.project_id,
            one.number,
            Title::of(one.title_en, one.title_local),
            one.since,
        ));
    }
    for project in projects::of_member(tx, person).await? {
        found.extend(of_project(&project, OWNER));
        if project.state == life::State::Active && final_is_next(tx, &project).await? {
            let title = Title::of(project.title_en, project.title_local);
            let task = waiting(Kind::SubmitFinal, project.id, project.number, title, project.changed_at);
            found.push(Task { due_at: project.due_at, ..task });
        }
    }
    found.extend(milestones::for_member(tx, person).await?.iter().filter_map(|one| of_milestone(one, OWNER)));
    if subjects.meets(SUPERVISOR) {
        for one in tasks::returned(tx, person).await? {
            found.push(waiting(
                Kind::CorrectTopic,
                one.topic_id,
                one.number,
                Title::of(one.title_en, one.title_local),
                one.since,
            ));
        }
        found.extend(projects::of_supervisor(tx, person).await?.iter().filter_map(|one| of_project(one, SUPERVISES)));
        found.extend(
            milestones::for_supervisor(tx, person).await?.iter().filter_map(|one| of_milestone(one, SUPERVISES)),
        );
    }
    let coordinated = relations::role_sight(tx, &policy::COORDINATE);
    if !coordinated.is_own_alone() {
        for one in tasks::in_review(tx, &coordinated).await? {
            found.push(waiting(
                Kind::ReviewTopic,
                one.topic_id,
                one.number,
                Title::of(one.title_en, one.title_local),
                one.since,
            ));
        }
        if let Some(kind) = task::of_project(life::State::Submitted, COORDINATES) {
            for one in tasks::for_coordinator(tx, &coordinated).await? {
                let title = Title::of(one.title_en, one.title_local);
                found.push(waiting(kind, one.project_id, one.number, title, one.since));
            }
        }
    }
    found.sort_by_key(|task| (task.due_at.unwrap_or(Timestamp::MAX), task.since));
    Ok(found)
}

fn waiting(kind: Kind, object: impl Id, number: String, title: Title, since: Timestamp) -> Task {
    Task { kind, object: object.uuid(), milestone: None, number, title, since, due_at: None }
}

fn of_project(project: &ProjectRow, subjects: Subjects) -> Option<Task> {
    let kind = task::of_project(project.state, subjects)?;
    let title = Title::of(project.title_en.clone(), project.title_local.clone());
    Some(waiting(kind, project.id, project.number.clone(), title, project.changed_at))
}

fn of_milestone(row: &MilestoneRow, subjects: Subjects) -> Option<Task> {
    let kind = task::of_milestone(row.state, subjects)?;
    let title = Title::within(
        &Title::of(row.project_title.clone(), row.project_title_local.clone()),
        &Title::of(row.title_en.clone(), row.title_local.clone()),
    );
    let task = waiting(kind, row.project_id, row.project_number.clone(), title, row.changed_at);
    let due_at = (kind == Kind::SubmitMilestone).then_some(row.due_at);
    Some(Task { milestone: Some(row.id.uuid()), due_at, ..task })
}

async fn final_is_next(tx: &mut Tx, project: &ProjectRow) -> Result<bool> {
    let milestones = milestones::of_project(tx, project.id).await?;
    Ok(milestones.iter().all(|one| !one.mandatory || one.state.is_settled()))
}
