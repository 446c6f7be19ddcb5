//! A project's first walk: proposed, changed, approved, started, its milestones handed in and approved, its final work handed in.

use base::Caller;
use futures_util::FutureExt;

use super::house::{DAY, House, file};
use crate::{
    actions::{
        approve::{Approve, approve},
        confirm_membership::confirm_membership,
        keep_time::keep_time,
        propose::{Propose, Proposed, propose},
        request_changes::{RequestChanges, request_changes},
        resubmit::{Resubmit, resubmit},
        review_milestone::{ReviewMilestone, review_milestone},
        submit_final::{SubmitFinal, submit_final},
        submit_milestone::{Receipt, SubmitMilestone, submit_milestone},
        take_step::{TakeStep, take_step},
    },
    error::Result,
    model::{
        cycle::Policy,
        ids::{MilestoneId, ProjectId, TopicId},
        life::{Action, State},
        milestone,
        proposal::Answer,
    },
    store::{history, milestones, projects, proposals, submissions},
};

storage::statements! {
    CLAIMS: system [outbox] = "SELECT COUNT(*) FROM outbox WHERE event_type = 'files.file.claimed'";
}

const SUMMARY: &str =
    "Cameras at three bridges read the water level every five minutes, and a model learns what is normal.";

impl House {
    pub(super) async fn propose(&self, student: &Caller, topic: Option<TopicId>, members: &[&str]) -> Result<Proposed> {
        let command = Propose {
            cycle: self.cycle,
            topic,
            supervisor: self.supervisor.person_id(),
            title_en: "River levels by camera".into(),
            title_local: "ລະດັບນ້ຳ".into(),
            summary: SUMMARY.into(),
            methods: String::new(),
            members: members.iter().map(|&number| number.to_owned()).collect(),
        };
        self.run(student, move |tx| propose(tx, command).boxed()).await
    }

    pub(super) async fn approve(&self, by: &Caller, project: ProjectId) -> Result<()> {
        self.run(by, move |tx| approve(tx, Approve { project, version: None }).boxed()).await.map(drop)
    }

    pub(super) async fn step(&self, by: &Caller, project: ProjectId, action: Action, reason: &str) -> Result<()> {
        let command = TakeStep { project, version: None, action, reason: reason.to_owned() };
        self.run(by, move |tx| take_step(tx, command).boxed()).await.map(drop)
    }

    pub(super) async fn hand_in(&self, by: &Caller, milestone: MilestoneId, number: u8) -> Result<Receipt> {
        let command = SubmitMilestone { milestone, version: None, ticket: file(number) };
        self.run(by, move |tx| submit_milestone(tx, command).boxed()).await
    }

    pub(super) async fn review(&self, milestone: MilestoneId, action: milestone::Action, words: &str) -> Result<()> {
        let command = ReviewMilestone { milestone, version: None, action, feedback: words.to_owned() };
        self.run(&self.supervisor, move |tx| review_milestone(tx, command).boxed()).await.map(drop)
    }

    pub(super) async fn finish(&self, by: &Caller, project: ProjectId, declarations: &[&str]) -> Result<Receipt> {
        let declarations = declarations.iter().map(|&name| name.to_owned()).collect();
        let command = SubmitFinal { project, version: None, ticket: file(99), declarations };
        self.run(by, move |tx| submit_final(tx, command).boxed()).await
    }

    pub(super) async fn milestones(&self, project: ProjectId) -> Vec<milestones::Milestone> {
        let read = self.db.read(&self.supervisor, |tx| milestones::of_project(tx, project).boxed());
        read.await.map_err(|error: storage::Error| error).unwrap()
    }

    pub(super) async fn state(&self, project: ProjectId) -> State {
        let read = self.db.read(&self.supervisor, |tx| projects::find(tx, project).boxed());
        read.await.map_err(|error: storage::Error| error).unwrap().unwrap().state
    }

    pub(super) async fn keep_time(&self) {
        let caller = Caller::system(self.tenant, "time", base::RequestId::from_u128(2));
        self.run(&caller, |tx| keep_time(tx).boxed()).await.unwrap();
    }

    /// Brings a proposed project to where its milestones are due.
    pub(super) async fn begin(&self, project: ProjectId) {
        self.approve(&self.supervisor, project).await.unwrap();
        self.step(&self.supervisor, project, Action::Start, "").await.unwrap();
        self.keep_time().await;
    }
}

#[tokio::test]
async fn a_project_walks_from_its_proposal_to_its_receipt_and_its_history_reads_back() {
    let house = House::new(Policy::default()).await;
    let (ana, ben) = (house.student(1).await, house.student(2).await);
    let topic = house.topic(1).await;
    let proposed = house.propose(&ana, Some(topic), &["2"]).await.unwrap();
    let project = proposed.project;
    assert_eq!(proposed.number, "P2600001");

    ask_and_answer(&house, &ana, project).await;
    house.approve(&house.supervisor, project).await.unwrap();

    // Ben has not confirmed yet: the project cannot start.
    let early = house.step(&house.supervisor, project, Action::Start, "").await.unwrap_err();
    assert_eq!(base::Fault::members(&early)[2], ("reason", vec!["members_confirmed".to_owned()]));
    house.run(&ben, move |tx| confirm_membership(tx, project).boxed()).await.unwrap();
    house.step(&house.supervisor, project, Action::Start, "").await.unwrap();

    hand_everything_in(&house, &ana, project).await;
    let receipt = house.finish(&ana, project, &["own_work", "sources_named"]).await.unwrap();
    assert_eq!(receipt.sha256, "63".repeat(32));
    assert_eq!(receipt.receipt.len(), 19);

    let (steps, submitted) = house
        .db
        .read(&ana, |tx| {
            async move {
                let steps = history::list(tx, project).await?;
                Ok::<_, storage::Error>((steps, submissions::of_project(tx, project).await?))
            }
            .boxed()
        })
        .await
        .unwrap();
    let words: Vec<_> = steps.iter().map(|step| format!("{} {} {}", step.position, step.action, step.to)).collect();
    let expected = [
        "1 submit proposed",
        "2 request_changes changes_requested",
        "3 resubmit proposed",
        "4 approve approved",
        "5 start active",
        "6 submit_final submitted",
    ];
    assert_eq!(words, expected);
    assert_eq!(submitted.len(), 4);
    assert_eq!(submitted.iter().filter(|one| one.milestone_id.is_none()).count(), 1);
    let claims = house.db.system_read(0, "projects", |tx| tx.fetch_one::<(i64,)>(&CLAIMS, &[]).boxed());
    let (claims,) = claims.await.map_err(|error: storage::Error| error).unwrap();
    assert_eq!(claims, 4, "each file handed in is claimed, or the files service removes it");
}

/// The supervisor asks for two changes; an answer to one alone does not do.
async fn ask_and_answer(house: &House, student: &Caller, project: ProjectId) {
    let requests = vec!["Name the cameras".to_owned(), "Shorten the summary".to_owned()];
    let command = RequestChanges { project, version: Some(2), requests };
    house.run(&house.supervisor, move |tx| request_changes(tx, command).boxed()).await.unwrap();
    let again = |answers: Vec<Answer>| Resubmit {
        project,
        version: None,
        answers,
        title_en: "River levels by cameras at bridges".into(),
        title_local: "ລະດັບນ້ຳ".into(),
        summary: SUMMARY.into(),
        methods: String::new(),
    };
    let ticked = Answer { position: 1, done: true, answer: String::new() };
    let half = again(vec![ticked.clone()]);
    let refused = house.run(student, move |tx| resubmit(tx, half).boxed()).await.unwrap_err();
    assert_eq!(base::Fault::fields(&refused), [base::FieldError::new("answers.2", "unanswered")]);
    let answered = Answer { position: 2, done: false, answer: "It is the shortest that says it all".into() };
    let whole = again(vec![ticked, answered]);
    house.run(student, move |tx| resubmit(tx, whole).boxed()).await.unwrap();
    let kept = house.db.read(student, |tx| proposals::list(tx, project).boxed());
    let versions: Vec<_> = kept.await.map_err(|error: storage::Error| error).unwrap();
    assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [2, 1]);
}

/// Two milestones: the first is returned once, and the same file again is no correction.
async fn hand_everything_in(house: &House, student: &Caller, project: ProjectId) {
    let milestones = house.milestones(project).await;
    assert_eq!(milestones.len(), 2);
    let too_early = house.finish(student, project, &["own_work", "sources_named"]).await.unwrap_err();
    assert_eq!(base::Fault::members(&too_early)[2], ("reason", vec!["deliverables_complete".to_owned()]));

    let [plan, interim] = [milestones[0].id, milestones[1].id];
    house.hand_in(student, plan, 1).await.unwrap();
    house.review(plan, milestone::Action::Return, "Add dates").await.unwrap();
    let same = house.hand_in(student, plan, 1).await.unwrap_err();
    assert_eq!(base::Fault::members(&same)[2], ("reason", vec!["file_new".to_owned()]));
    assert_eq!(house.hand_in(student, plan, 2).await.unwrap().version, 2);
    house.review(plan, milestone::Action::Approve, "").await.unwrap();

    house.time.pass(DAY * 20);
    house.keep_time().await;
    assert_eq!(house.milestones(project).await[1].state, milestone::State::Due);
    house.hand_in(student, interim, 3).await.unwrap();
    house.review(interim, milestone::Action::Approve, "Good").await.unwrap();
}
