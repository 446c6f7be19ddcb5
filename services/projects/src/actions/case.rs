//! A project with all that a decision about its next step needs, and the taking of that step.
//!
//! Every verb on a project begins with [`Case::load`], adds what its request brings to [`Case::facts`], and ends with
//! [`Case::take`]. History row, audit record and event are written there and nowhere else, so none can be forgotten.

use access::Subjects;
use base::{PersonId, Timestamp};
use contracts::events::projects::ProjectCard;
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Tx;

use super::{record, relations};
use crate::{
    error::{Error, Result},
    model::{
        cycle::{self, Approvals},
        event::ProjectMoved,
        facts::{Facts, Guard},
        ids::ProjectId,
        life::{self, Action, Past, Standing, State, Step},
        machine::Effect,
        milestone, proposal,
    },
    policy::{self, CONCERNED},
    store::{
        counters, cycles, cycles::Cycle, history, members, members::Member, milestones, milestones::Milestone,
        participants, projects, projects::Project, proposals, templates, topics,
    },
};

/// A project, its surroundings, and what the caller is to it.
#[derive(Debug, Clone)]
pub struct Case {
    pub project: Project,
    pub cycle: Cycle,
    pub members: Vec<Member>,
    pub subjects: Subjects,
    pub standing: Standing,
}

/// A step taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub project: ProjectId,
    pub from: State,
    pub to: State,
    pub version: i64,
}

impl Case {
    /// Loads a project that the caller may do `action` with. To those without a part in it, it does not exist.
    pub async fn load(tx: &mut Tx, id: ProjectId, action: &access::Action) -> Result<Self> {
        let project = projects::find(tx, id).await?.ok_or(Error::NotFound("project"))?;
        let members = members::list(tx, id).await?;
        let subjects = relations::to_project(tx, &project, &members).await?;
        if !subjects.meets(CONCERNED) {
            return Err(Error::NotFound("project"));
        }
        access::require(action, subjects, tx.caller())?;
        let cycle = cycles::find(tx, project.cycle_id).await?.ok_or(Error::NotFound("cycle"))?;
        let last = history::last(tx, id).await?;
        let standing = Standing { state: project.state, attempt: project.attempt, last };
        Ok(Self { project, cycle, members, subjects, standing })
    }

    /// Returns an error when the caller saw another version than the current one. Without a version, the caller does not mind.
    pub fn expect_version(&self, version: Option<i64>) -> Result<()> {
        match version {
            Some(seen) if seen != self.project.version => Err(Error::Stale { current: self.project.version }),
            _ => Ok(()),
        }
    }

    /// Returns what the rows tell; what a request brings is added by the verb.
    pub async fn facts(&self, tx: &mut Tx) -> Result<Facts> {
        let milestones = match self.project.state {
            State::Active => milestones::of_project(tx, self.project.id).await?,
            _ => Vec::new(),
        };
        self.facts_with(tx, &milestones).await
    }

    /// Returns the same for whoever has the project's milestones at hand.
    pub async fn facts_with(&self, tx: &mut Tx, milestones: &[Milestone]) -> Result<Facts> {
        let now = tx.now();
        let policy = &self.cycle.policy;
        let open = self.cycle.state == cycle::State::Open;
        let until = self.project.due_at.map(|due_at| milestone::taken_until(due_at, policy.late_days));
        let facts = Facts::of(self.subjects)
            .with(Guard::CycleOpen, open)
            .with(Guard::ProposalsOpen, open && now <= self.cycle.dates.proposals_until_at)
            .with(Guard::MembersConfirmed, self.members.iter().all(|member| member.confirmed_at.is_some()))
            .with(
                Guard::WordGiven,
                self.subjects.meets(contracts::roles::COORDINATES) || !self.is_unconfirmed(tx.caller().person_id()),
            )
            .with(Guard::DefenceWanted, policy.defence)
            .with(Guard::DefenceSkipped, !policy.defence)
            .with(Guard::LapseByPolicy, policy.lapse)
            .with(Guard::InTime, until.is_none_or(|until| now <= until))
            .with(Guard::DeadlinePassed, until.is_some_and(|until| until < now));
        match self.project.state {
            State::Draft | State::Proposed => self.approval_facts(tx, facts).await,
            State::ChangesRequested => {
                let asked = proposals::changes(tx, self.project.id, self.project.proposal_version).await?;
                Ok(facts.with(Guard::ChangesAnswered, proposal::open(&asked).is_empty()))
            }
            State::Active => {
                let settled = milestones.iter().all(|one| !one.mandatory || one.state.is_settled());
                Ok(facts.with(Guard::DeliverablesComplete, settled))
            }
            State::Withdrawn | State::Failed => {
                let next = projects::next_attempt(tx, self.project.id).await?;
                Ok(facts.with(Guard::NoFurtherAttempt, next.is_none()))
            }
            _ => Ok(facts),
        }
    }

    async fn approval_facts(&self, tx: &mut Tx, facts: Facts) -> Result<Facts> {
        let supervisor = participants::supervisor(tx, self.cycle.id, self.project.supervisor_id).await?;
        let topic = match self.project.topic_id {
            Some(id) => topics::find(tx, id).await?,
            None => None,
        };
        let endorsed = proposals::is_endorsed(tx, self.project.id, self.project.proposal_version).await?;
        let both = self.cycle.policy.approvals == Approvals::SupervisorAndCoordinator;
        let approvers = !both || endorsed && self.subjects.meets(contracts::roles::COORDINATES);
        Ok(facts
            .with(Guard::SupervisorHasPlace, supervisor.is_some_and(|one| one.supervising < one.supervise_max))
            .with(Guard::TopicHasPlace, topic.is_none_or(|topic| topic.taken < topic.capacity))
            .with(Guard::EndorsementWanted, both && !endorsed)
            .with(Guard::ApproversComplete, approvers))
    }

    /// Returns whether this person was named as a member and has not confirmed.
    pub fn is_unconfirmed(&self, person: Option<PersonId>) -> bool {
        self.members.iter().any(|member| Some(member.person_id) == person && member.confirmed_at.is_none())
    }

    /// Returns whether the caller could take this step, given what a request for it brings.
    pub fn could(&self, action: Action, facts: &Facts) -> bool {
        life::legal_actions(self.standing, facts).contains(&action)
    }

    /// Takes a step: decides by the state table, saves, carries out the effects that are the same for all verbs, and leaves
    /// history row, audit record and event. What the table does not allow now, it refuses.
    pub async fn take(&self, tx: &mut Tx, action: Action, facts: &Facts, reason: &str) -> Result<Moved> {
        let step = life::apply(self.standing, action, facts)?;
        let moved = self.trace(tx, &step, reason).await?;
        for effect in &step.effects {
            self.carry_out(tx, *effect).await?;
        }
        Ok(moved)
    }

    /// Saves the new state, and leaves history row, audit record and event.
    pub(super) async fn trace(&self, tx: &mut Tx, step: &Step, reason: &str) -> Result<Moved> {
        let Project { id, version, .. } = self.project;
        let stale = Error::Stale { current: version + 1 };
        let position = projects::advance(tx, id, version, step.to).await?.ok_or(stale)?;
        history::append(tx, id, position, Past { from: step.from, action: step.action, to: step.to }, reason).await?;
        self.publish(tx, step, position).await?;
        Ok(Moved { project: id, from: step.from, to: step.to, version: version + 1 })
    }

    async fn carry_out(&self, tx: &mut Tx, effect: Effect) -> Result<()> {
        match effect {
            Effect::TakeCapacity => self.take_capacity(tx).await,
            Effect::GiveCapacityBack => self.give_capacity_back(tx).await,
            Effect::FreeMembers => self.free_members(tx).await,
            Effect::ClaimMembers => self.claim_members(tx, self.project.id).await,
            Effect::PlanMilestones => self.plan_milestones(tx).await,
            Effect::StopClock => Ok(projects::set_suspended(tx, self.project.id, Some(tx.now())).await?),
            Effect::ShiftClock => self.shift_clock(tx).await,
            // These are what a verb of its own is for; it has the text, the file or the new project.
            Effect::KeepProposal
            | Effect::KeepEndorsement
            | Effect::KeepSubmission
            | Effect::LinkAttempt
            | Effect::NewGradeVersion
            | Effect::RemovePersonalData => Ok(()),
        }
    }

    async fn take_capacity(&self, tx: &mut Tx) -> Result<()> {
        // INVARIANT: the guards looked at the counters before; these updates hold when many look at once.
        if !counters::take_supervisor(tx, self.cycle.id, self.project.supervisor_id).await? {
            return Err(Error::QuotaReached);
        }
        match self.project.topic_id {
            Some(topic) if !counters::take_topic(tx, topic).await? => Err(Error::TopicFull),
            _ => Ok(()),
        }
    }

    async fn give_capacity_back(&self, tx: &mut Tx) -> Result<()> {
        counters::give_supervisor(tx, self.cycle.id, self.project.supervisor_id).await?;
        if let Some(topic) = self.project.topic_id {
            counters::give_topic(tx, topic).await?;
        }
        Ok(())
    }

    async fn free_members(&self, tx: &mut Tx) -> Result<()> {
        for member in &self.members {
            counters::free_student(tx, self.cycle.id, member.person_id, self.project.id).await?;
        }
        Ok(())
    }

    /// Makes `project` the one project of every member in the cycle.
    pub(super) async fn claim_members(&self, tx: &mut Tx, project: ProjectId) -> Result<()> {
        for member in &self.members {
            if !counters::claim_student(tx, self.cycle.id, member.person_id, project).await? {
                return Err(Error::MemberTaken { number: member.number.clone().unwrap_or_default() });
            }
        }
        Ok(())
    }

    async fn plan_milestones(&self, tx: &mut Tx) -> Result<()> {
        let final_due_at = self.cycle.dates.final_due_at;
        projects::set_due(tx, self.project.id, final_due_at).await?;
        let Some(template) = self.cycle.template_id else { return Ok(()) };
        let items = templates::items(tx, template).await?;
        let planned = milestone::plan(&items, tx.now(), final_due_at);
        Ok(milestones::insert(tx, self.project.id, &planned).await?)
    }

    async fn shift_clock(&self, tx: &mut Tx) -> Result<()> {
        let now = tx.now();
        let stood = self.project.suspended_at.map_or_else(Default::default, |since| now.since(since));
        if let Some(due_at) = self.project.due_at {
            projects::set_due(tx, self.project.id, due_at + stood).await?;
        }
        let micros = i64::try_from(stood.as_micros()).unwrap_or(i64::MAX);
        milestones::shift(tx, self.project.id, micros).await?;
        Ok(projects::set_suspended(tx, self.project.id, None).await?)
    }

    async fn publish(&self, tx: &mut Tx, step: &Step, position: i64) -> Result<()> {
        let detail = json!({ "action": step.action, "from": step.from, "to": step.to, "position": position });
        record::write(tx, &policy::TAKE_STEP, ("project", self.project.id), &detail).await?;
        let moved = ProjectMoved {
            card: self.card(),
            action: step.action,
            from: step.from,
            to: step.to,
            position,
            by: tx.caller().person_id(),
            happened_at: tx.now(),
        };
        messaging::emit(tx, &moved).await?;
        Ok(())
    }

    /// Returns the project as events show it.
    pub fn card(&self) -> ProjectCard {
        ProjectCard {
            project: self.project.id,
            cycle: self.cycle.id,
            title: self.project.title_en.clone(),
            members: self.members.iter().map(|member| member.person_id).collect(),
            supervisors: vec![self.project.supervisor_id],
        }
    }
}

/// Returns the signed-in person; the installation itself is no person.
pub(super) fn person(tx: &Tx) -> Result<PersonId> {
    tx.caller().person_id().ok_or(Error::NotInCycle)
}

/// Returns who did it and when, as events say it.
pub(super) fn by_and_when(tx: &Tx) -> (Option<PersonId>, Timestamp) {
    (tx.caller().person_id(), tx.now())
}
