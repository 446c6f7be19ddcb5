//! Projects in the middle of their lives, each walked there through the state table.

use base::Timestamp;
use contracts::roles::OWNER;
use storage::Tx;

use super::{
    HandedIn, PROJECTS, SUPERVISORS,
    chance::Chance,
    faculty::{DAY, Faculty, NewPerson, NewTopic},
    past::Past,
    sheet::sheet,
    words::{CHANGES, FEEDBACK},
};
use crate::{
    Result,
    model::{
        facts::Facts,
        ids::ProjectId,
        life::{self, Action as A, Standing, State, TABLE},
        machine::Effect,
        milestone::{self, Planned},
        proposal::Text,
        submission,
    },
    store::{
        demo::{self, KeptMilestone, KeptProject, KeptStep, Places},
        members, programmes,
        submissions::{self, Submission},
    },
};

/// The ways that projects have gone so far, and how many of a hundred went each.
const WAYS: &[(usize, &[A])] = &[
    (17, &[A::Submit]),
    (7, &[A::Submit, A::RequestChanges]),
    (5, &[A::Submit, A::RequestChanges, A::Resubmit]),
    (6, &[A::Submit, A::Approve]),
    (3, &[A::Submit, A::Reject]),
    (38, &[A::Submit, A::Approve, A::Start]),
    (13, &[A::Submit, A::RequestChanges, A::Resubmit, A::Approve, A::Start]),
    (2, &[A::Submit, A::Approve, A::Start, A::Suspend]),
    (6, &[A::Submit, A::Approve, A::Start, A::SubmitFinal]),
    (3, &[A::Submit, A::Approve, A::Start, A::Withdraw]),
];

/// The way of the project that the demo's student sees.
const FIRST_WAY: &[A] = &[A::Submit, A::RequestChanges, A::Resubmit, A::Approve, A::Start];

/// A project being made.
struct Life<'a> {
    id: ProjectId,
    topic: &'a NewTopic,
    supervisor: &'a NewPerson,
    members: Vec<&'a NewPerson>,
    standing: Standing,
    steps: Vec<KeptStep>,
    /// Versions of the proposal, with when each was submitted.
    versions: Vec<Timestamp>,
    started_at: Option<Timestamp>,
    takes_place: bool,
    keeps_members: bool,
}

/// Another project of the first supervisor's.
const PROPOSED: usize = 2 * SUPERVISORS;

/// Saves the topics, and the projects on them; returns the files that were handed in.
pub(super) async fn save(tx: &mut Tx, faculty: &Faculty) -> Result<Vec<HandedIn>> {
    demo::insert_topics(tx, faculty.cycle.id, &topics(faculty), faculty.cycle.dates.starts_at).await?;
    for topic in &faculty.topics {
        programmes::set_of_topic(tx, topic.id, &topic.programmes).await?;
    }
    let mut chance = Chance::of(42);
    let mut places = Places::default();
    let (mut next_student, mut handed_in) = (0, Vec::new());
    for index in 0..PROJECTS {
        let Some(topic) = topic_of(faculty, index) else { continue };
        let group = if index % 4 == 0 { 2 } else { 1 };
        let members: Vec<_> = (next_student..next_student + group).map(|place| faculty.student(place)).collect();
        next_student += group;
        // The first project is the one that the demo's student sees: it runs, after changes were asked for.
        let way = match index {
            0 => FIRST_WAY,
            // The demo's supervisor has two proposals to look at.
            SUPERVISORS | PROPOSED => &[A::Submit],
            _ => way(&mut chance),
        };
        let life = walk(tx, faculty, topic, members, (way, &mut chance));
        keep(tx, faculty, (&life, index), &mut chance, &mut handed_in).await?;
        count(&mut places, &life);
    }
    demo::set_places(tx, faculty.cycle.id, &places, PROJECTS as i64).await?;
    Ok(handed_in)
}

/// Each supervisor's topics take turns, so that none gets more projects than it has places.
fn topic_of(faculty: &Faculty, index: usize) -> Option<&NewTopic> {
    let (supervisor, round) = (index % SUPERVISORS, index / SUPERVISORS);
    faculty.topics.get(supervisor + SUPERVISORS * (round % 3))
}

fn way(chance: &mut Chance) -> &'static [A] {
    let mut left = chance.below(100);
    for (share, way) in WAYS {
        if left < *share {
            return way;
        }
        left -= share;
    }
    FIRST_WAY
}

/// Walks a project along `way`; a step that the table does not have ends the walk.
fn walk<'a>(
    tx: &Tx,
    faculty: &'a Faculty,
    topic: &'a NewTopic,
    members: Vec<&'a NewPerson>,
    (way, chance): (&[A], &mut Chance),
) -> Life<'a> {
    let supervisor = faculty.supervisor(topic.supervisor);
    let mut life = Life {
        id: tx.id(),
        topic,
        supervisor,
        members,
        standing: Standing::new(),
        steps: Vec::new(),
        versions: Vec::new(),
        started_at: None,
        takes_place: false,
        keeps_members: true,
    };
    // Projects that run began early; those that are being agreed on were proposed of late.
    let runs = way.contains(&A::Start);
    let first_day = if runs { 3 + chance.below(12) } else { 45 + chance.below(20) };
    let mut at = faculty.cycle.dates.starts_at + DAY * first_day as u32;
    for (place, action) in way.iter().enumerate() {
        let last = place + 1 == way.len();
        life.take(*action, at);
        let days = 1 + chance.below(3) as u32;
        // The last step of a running project was taken of late.
        let late =
            last || way.get(place + 1).is_some_and(|next| matches!(next, A::SubmitFinal | A::Withdraw | A::Suspend));
        at = if runs && late && life.started_at.is_some() { tx.now().minus(DAY * days) } else { at + DAY * days };
    }
    life
}

impl Life<'_> {
    fn take(&mut self, action: A, at: Timestamp) {
        let row = TABLE.iter().find(|row| row.from == self.standing.state && row.action == action);
        let Some(row) = row else { return };
        let Ok(step) = life::apply(self.standing, action, &Facts::all_holding(row.who)) else { return };
        let actor = if row.who.meets(OWNER) { self.members.first() } else { None };
        let actor = actor.map_or(self.supervisor.id, |member| member.id);
        let reason = match action {
            A::Reject => "The question is too wide for one year.",
            A::Suspend => "Leave of absence.",
            A::Withdraw => "Moves to another university.",
            _ => "",
        };
        self.steps.push(KeptStep { action, from: step.from, to: step.to, actor, reason, at });
        for effect in &step.effects {
            match effect {
                Effect::KeepProposal => self.versions.push(at),
                Effect::TakeCapacity => self.takes_place = true,
                Effect::GiveCapacityBack => self.takes_place = false,
                Effect::FreeMembers => self.keeps_members = false,
                Effect::PlanMilestones => self.started_at = Some(at),
                _ => {}
            }
        }
        self.standing = self.standing.after(&step);
    }

    fn changed_at(&self) -> Timestamp {
        self.steps.last().map_or(Timestamp::EPOCH, |step| step.at)
    }

    fn version(&self) -> i64 {
        1 + self.steps.len() as i64
    }
}

async fn keep(
    tx: &mut Tx,
    faculty: &Faculty,
    (life, index): (&Life<'_>, usize),
    chance: &mut Chance,
    handed_in: &mut Vec<HandedIn>,
) -> Result<()> {
    let created_at = life.steps.first().map_or(Timestamp::EPOCH, |step| step.at);
    let state = life.standing.state;
    let project = KeptProject {
        id: life.id,
        cycle: faculty.cycle.id,
        number: format!("P{:02}{:05}", year(faculty.cycle.dates.starts_at), index + 1),
        topic: life.topic.id,
        supervisor: life.supervisor.id,
        title_en: life.topic.title_en.clone(),
        title_local: life.topic.title_local.clone(),
        state,
        proposal_version: life.versions.len() as i64,
        due_at: life.started_at.map(|_| faculty.cycle.dates.final_due_at),
        suspended_at: (state == State::Suspended).then(|| life.changed_at()),
        version: life.version(),
        created_at,
        changed_at: life.changed_at(),
    };
    demo::insert_project(tx, &project, &life.steps).await?;
    let members: Vec<_> = life.members.iter().map(|member| (member.id, Some(created_at))).collect();
    members::insert(tx, life.id, &members).await?;
    keep_proposals(tx, life, chance).await?;
    match life.started_at {
        Some(started_at) => keep_milestones(tx, faculty, (life, started_at), chance, handed_in).await,
        None => Ok(()),
    }
}

async fn keep_proposals(tx: &mut Tx, life: &Life<'_>, chance: &mut Chance) -> Result<()> {
    let Some(author) = life.members.first() else { return Ok(()) };
    let text = Text {
        title_en: life.topic.title_en.clone(),
        title_local: life.topic.title_local.clone(),
        summary: life.topic.summary.clone(),
        methods: "A small prototype, measured against what is used today, with twelve people who would use it."
            .to_owned(),
    };
    for (version, at) in (1..).zip(&life.versions) {
        demo::insert_proposal(tx, life.id, version, &text, (author.id, *at)).await?;
    }
    let asked = life.steps.iter().find(|step| step.action == A::RequestChanges);
    let Some(asked) = asked else { return Ok(()) };
    let answered = life.versions.len() > 1;
    for position in 1..=2 {
        let request = chance.one_of(CHANGES);
        demo::insert_change(tx, life.id, (position, request), answered, (life.supervisor.id, asked.at)).await?;
    }
    Ok(())
}

async fn keep_milestones(
    tx: &mut Tx,
    faculty: &Faculty,
    (life, started_at): (&Life<'_>, Timestamp),
    chance: &mut Chance,
    files: &mut Vec<HandedIn>,
) -> Result<()> {
    let finished = life.standing.state == State::Submitted;
    // What has happened, happened before the project stood still.
    let latest = if life.standing.state == State::Active { tx.now() } else { life.changed_at() };
    for planned in milestone::plan(&faculty.items, started_at, faculty.cycle.dates.final_due_at) {
        let state = if finished { milestone::State::Approved } else { state_of(&planned, tx.now(), chance) };
        let feedback = if state == milestone::State::Returned { chance.one_of(FEEDBACK) } else { "" };
        let id = tx.id();
        // A milestone is handed in a few days before it is due, and never in the future.
        let handed_in_at = planned.due_at.minus(DAY * (1 + chance.below(4) as u32)).min(latest.minus(DAY));
        let past = Past {
            member: life.members.first().map(|member| member.id),
            supervisor: life.supervisor.id,
            opens_at: planned.opens_at,
            handed_in_at,
            closed_at: planned.due_at.min(latest),
        };
        let steps = past.steps(state, feedback);
        let changed_at = steps.last().map_or(started_at, |step| step.at);
        let kept = KeptMilestone { id, project: life.id, planned: &planned, state, feedback, changed_at };
        demo::insert_milestone(tx, &kept, &steps).await?;
        let handed_in =
            matches!(state, milestone::State::Submitted | milestone::State::Returned | milestone::State::Approved);
        if handed_in {
            files.extend(hand_in(tx, life, Some(id), (&planned.title_en, handed_in_at)).await?);
        }
    }
    if finished {
        files.extend(hand_in(tx, life, None, ("Thesis", life.changed_at())).await?);
    }
    Ok(())
}

fn state_of(planned: &Planned, now: Timestamp, chance: &mut Chance) -> milestone::State {
    use milestone::State as S;
    if now < planned.opens_at {
        return S::Planned;
    }
    if now < planned.due_at {
        return if chance.below(4) == 0 { S::Submitted } else { S::Due };
    }
    match chance.below(10) {
        0 => S::Submitted,
        1 => S::Returned,
        2 if now < planned.due_at + DAY * 7 => S::Due,
        2 => S::Missed,
        _ => S::Approved,
    }
}

async fn hand_in(
    tx: &mut Tx,
    life: &Life<'_>,
    milestone_id: Option<crate::model::ids::MilestoneId>,
    (title, at): (&str, Timestamp),
) -> Result<Option<HandedIn>> {
    let Some(author) = life.members.first() else { return Ok(None) };
    let bytes = sheet(title, &life.topic.title_en).into_bytes();
    let receipt = submission::receipt(tx.ambient().bytes());
    let declarations = if milestone_id.is_none() { r#"["own_work","sources_named"]"# } else { "[]" };
    let kept = Submission {
        id: tx.id(),
        project_id: life.id,
        milestone_id,
        version: 1,
        file_id: tx.id(),
        file_name: format!("{}.pdf", title.to_lowercase().replace(' ', "-")),
        size_bytes: bytes.len() as i64,
        sha256: crypto::digest::sha256(&bytes).to_vec(),
        receipt,
        declarations: declarations.to_owned(),
        late: false,
        submitted_by: author.id,
        submitted_by_name: String::new(),
        submitted_at: at,
    };
    submissions::insert(tx, &kept).await?;
    Ok(Some(HandedIn { file: kept.file_id, name: kept.file_name, bytes, by: author.id, at }))
}

fn count(places: &mut Places, life: &Life<'_>) {
    if life.takes_place {
        places.take(life.topic.id, life.supervisor.id);
    }
    if life.keeps_members {
        places.placed.extend(life.members.iter().map(|member| (member.id, life.id)));
    }
}

fn topics(faculty: &Faculty) -> Vec<demo::KeptTopic<'_>> {
    let kept = |topic| demo::KeptTopic { topic, supervisor: faculty.supervisor(topic.supervisor).id };
    faculty.topics.iter().map(kept).collect()
}

/// Returns the last two digits of the year.
fn year(at: Timestamp) -> u8 {
    at.to_string().get(2..4).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}
