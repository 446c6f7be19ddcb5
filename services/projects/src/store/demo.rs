//! Rows of a demo, which have a past: everything here says itself when it happened.

use std::collections::BTreeMap;

use base::{PersonId, Timestamp};
use storage::{Result, Tx, params, statements};

use crate::{
    actions::seed_demo::NewTopic,
    model::{
        ids::{CycleId, MilestoneId, ProjectId, TopicId},
        life,
        milestone::{self, Planned},
        proposal::Text,
    },
};

statements! {
    /// Adds an open topic.
    TOPIC: write [topic] = "INSERT INTO topic (tenant_id, id, cycle_id, number, title_en, title_local, summary, area, supervisor_id,
        capacity, taken, state, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 'open', 1, $11, $11)";
    /// Adds a project.
    PROJECT: write [project] = "INSERT INTO project (tenant_id, id, cycle_id, number, topic_id, supervisor_id, title_en, title_local, state,
        attempt, previous_id, proposal_version, history_count, due_at, suspended_at, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, NULL, $10, $11, $12, $13, $14, $15, $16)";
    /// Adds a step.
    STEP: write [project_history] = "INSERT INTO project_history (tenant_id, project_id, position, action, from_state, to_state, actor_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Adds a version of a proposal.
    PROPOSAL: write [proposal] = "INSERT INTO proposal (tenant_id, project_id, version, title_en, title_local, summary, methods, submitted_by, submitted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Adds a change asked for in the first version.
    CHANGE: write [change_request] = "INSERT INTO change_request (tenant_id, project_id, position, proposal_version, request, done, answer, asked_by, asked_at, answered_at)
        VALUES ($1, $2, $3, 1, $4, $5, '', $6, $7, NULL)";
    /// Adds a milestone.
    MILESTONE: write [milestone] = "INSERT INTO milestone (tenant_id, id, project_id, position, title_en, title_local, state, opens_at, due_at,
        mandatory, feedback, version, changed_at, accepts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// Adds a step of a milestone.
    MILESTONE_STEP: write [milestone_history] = "INSERT INTO milestone_history (tenant_id, milestone_id, position, project_id, action, from_state, to_state, actor_id, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Sets how many places of a topic are taken.
    TAKEN: write [topic] = "UPDATE topic SET taken = $3, state = CASE WHEN $3 >= capacity THEN 'full' ELSE state END,
        capacity = CASE WHEN $3 > capacity THEN $3 ELSE capacity END WHERE tenant_id = $1 AND id = $2";
    /// Sets how many places of a supervisor are taken.
    SUPERVISING: write [supervisor] = "UPDATE supervisor SET supervising = $4 WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3";
    /// Says whose project it is.
    PLACED: write [student] = "UPDATE student SET project_id = $4 WHERE tenant_id = $1 AND cycle_id = $2 AND person_id = $3";
    /// Sets how many projects a cycle has had.
    PROJECT_COUNT: write [cycle] = "UPDATE cycle SET project_count = $3 WHERE tenant_id = $1 AND id = $2";
}

/// A topic with its supervisor.
pub(crate) struct KeptTopic<'a> {
    pub(crate) topic: &'a NewTopic,
    pub(crate) supervisor: PersonId,
}

/// A project with its past.
pub(crate) struct KeptProject {
    pub(crate) id: ProjectId,
    pub(crate) cycle: CycleId,
    pub(crate) number: String,
    pub(crate) topic: TopicId,
    pub(crate) supervisor: PersonId,
    pub(crate) title_en: String,
    pub(crate) title_local: String,
    pub(crate) state: life::State,
    pub(crate) proposal_version: i64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) suspended_at: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
}

/// A step with when it was taken.
pub(crate) struct KeptStep {
    pub(crate) action: life::Action,
    pub(crate) from: life::State,
    pub(crate) to: life::State,
    pub(crate) actor: PersonId,
    pub(crate) reason: &'static str,
    pub(crate) at: Timestamp,
}

/// A step of a milestone with when it was taken; nobody took what the clock did.
pub(crate) struct KeptMilestoneStep {
    pub(crate) action: milestone::Action,
    pub(crate) from: milestone::State,
    pub(crate) to: milestone::State,
    pub(crate) actor: Option<PersonId>,
    pub(crate) reason: &'static str,
    pub(crate) at: Timestamp,
}

/// A milestone in some state.
pub(crate) struct KeptMilestone<'a> {
    pub(crate) id: MilestoneId,
    pub(crate) project: ProjectId,
    pub(crate) planned: &'a Planned,
    pub(crate) state: milestone::State,
    pub(crate) feedback: &'static str,
    pub(crate) changed_at: Timestamp,
}

/// What is taken in the end.
#[derive(Debug, Default)]
pub(crate) struct Places {
    topics: BTreeMap<TopicId, i64>,
    supervisors: BTreeMap<PersonId, i64>,
    /// Students with their project.
    pub(crate) placed: Vec<(PersonId, ProjectId)>,
}

impl Places {
    pub(crate) fn take(&mut self, topic: TopicId, supervisor: PersonId) {
        *self.topics.entry(topic).or_default() += 1;
        *self.supervisors.entry(supervisor).or_default() += 1;
    }
}

/// Adds open topics.
pub(crate) async fn insert_topics(tx: &mut Tx, cycle: CycleId, topics: &[KeptTopic<'_>], at: Timestamp) -> Result<()> {
    let rows: Vec<_> = topics
        .iter()
        .map(|KeptTopic { topic: one, supervisor }| {
            let (english, local) = (&one.title_en, &one.title_local);
            let head = params![one.id, cycle, &one.number, english, local, &one.summary, one.area, *supervisor];
            [head, params![one.capacity, at]].concat()
        })
        .collect();
    tx.execute_many(&TOPIC, &rows).await.map(drop)
}

/// Adds a project with its steps.
pub(crate) async fn insert_project(tx: &mut Tx, project: &KeptProject, steps: &[KeptStep]) -> Result<()> {
    let KeptProject { id, cycle, number, topic, supervisor, title_en, title_local, .. } = project;
    let head = params![*id, *cycle, number, *topic, *supervisor, title_en, title_local, project.state];
    let tail = params![
        project.proposal_version,
        steps.len() as i64,
        project.due_at,
        project.suspended_at,
        project.version,
        project.created_at,
        project.changed_at,
    ];
    tx.execute(&PROJECT, &[head, tail].concat()).await?;
    let rows: Vec<_> = (1_i64..)
        .zip(steps)
        .map(|(position, step)| {
            let KeptStep { action, from, to, actor, reason, at } = step;
            params![*id, position, *action, *from, *to, *actor, *reason, *at].to_vec()
        })
        .collect();
    tx.execute_many(&STEP, &rows).await.map(drop)
}

/// Adds a version of a proposal.
pub(crate) async fn insert_proposal(
    tx: &mut Tx,
    project: ProjectId,
    version: i64,
    text: &Text,
    (by, at): (PersonId, Timestamp),
) -> Result<()> {
    let Text { title_en, title_local, summary, methods } = text;
    tx.execute(&PROPOSAL, params![project, version, title_en, title_local, summary, methods, by, at]).await.map(drop)
}

/// Adds a change asked for in the first version.
pub(crate) async fn insert_change(
    tx: &mut Tx,
    project: ProjectId,
    (position, request): (i64, &str),
    done: bool,
    (by, at): (PersonId, Timestamp),
) -> Result<()> {
    tx.execute(&CHANGE, params![project, position, request, done, by, at]).await.map(drop)
}

/// Adds a milestone with its steps.
pub(crate) async fn insert_milestone(tx: &mut Tx, kept: &KeptMilestone<'_>, steps: &[KeptMilestoneStep]) -> Result<()> {
    let Planned { position, title_en, title_local, opens_at, due_at, mandatory, accepts } = kept.planned;
    let accepts = accepts.words();
    let head = params![kept.id, kept.project, *position, title_en, title_local, kept.state, *opens_at, *due_at];
    let version = 1 + steps.len() as i64;
    let tail = params![*mandatory, kept.feedback, version, kept.changed_at, &accepts];
    tx.execute(&MILESTONE, &[head, tail].concat()).await?;
    let rows: Vec<_> = (2_i64..)
        .zip(steps)
        .map(|(position, step)| {
            let KeptMilestoneStep { action, from, to, actor, reason, at } = step;
            params![kept.id, position, kept.project, *action, *from, *to, *actor, *reason, *at].to_vec()
        })
        .collect();
    tx.execute_many(&MILESTONE_STEP, &rows).await.map(drop)
}

/// Sets every counter to what is taken.
pub(crate) async fn set_places(tx: &mut Tx, cycle: CycleId, places: &Places, projects: i64) -> Result<()> {
    let topics: Vec<_> = places.topics.iter().map(|(topic, taken)| params![*topic, *taken].to_vec()).collect();
    tx.execute_many(&TAKEN, &topics).await?;
    let supervisors = places.supervisors.iter().map(|(person, taken)| params![cycle, *person, *taken].to_vec());
    tx.execute_many(&SUPERVISING, &supervisors.collect::<Vec<_>>()).await?;
    let students = places.placed.iter().map(|(person, project)| params![cycle, *person, *project].to_vec());
    tx.execute_many(&PLACED, &students.collect::<Vec<_>>()).await?;
    tx.execute(&PROJECT_COUNT, params![cycle, projects]).await.map(drop)
}
