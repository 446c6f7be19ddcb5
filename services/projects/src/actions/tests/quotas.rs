//! Bounds that hold however many act at once.

use base::Fault;
use futures_util::future::join_all;

use super::house::House;
use crate::{
    model::{
        cycle::Policy,
        life::{Action, State},
    },
    store::{participants, topics},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_quota_is_passed_when_twelve_proposals_are_approved_at_once() {
    let house = House::new(Policy::default()).await;
    let topic = house.topic(9).await;
    let mut proposed = Vec::new();
    for number in 1..=12 {
        let student = house.student(number).await;
        proposed.push(house.propose(&student, Some(topic), &[]).await.unwrap().project);
    }
    let outcomes = join_all(proposed.iter().map(|project| house.approve(&house.supervisor, *project))).await;
    let approved = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(approved, 2, "the supervisor takes two");
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(refused.code().kind, base::ErrorKind::Conflict);
    }
    let person = house.supervisor.person_id().unwrap();
    let read = house.db.read(&house.supervisor, |tx| {
        futures_util::FutureExt::boxed(async move {
            let supervisor = participants::supervisor(tx, house.cycle, person).await?.unwrap();
            let topic = topics::find(tx, topic).await?.unwrap();
            Ok::<_, storage::Error>((supervisor.supervising, topic.taken))
        })
    });
    assert_eq!(read.await.unwrap(), (2, 2));
}

#[tokio::test]
async fn a_full_topic_opens_when_a_project_leaves_and_a_revert_takes_the_place_again() {
    let house = House::new(Policy::default()).await;
    let topic = house.topic(1).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, Some(topic), &[]).await.unwrap().project;
    let state = async || {
        let read = house.db.read(&house.supervisor, |tx| futures_util::FutureExt::boxed(topics::find(tx, topic)));
        read.await.map_err(|error: storage::Error| error).unwrap().unwrap().state.word()
    };
    house.approve(&house.supervisor, project).await.unwrap();
    assert_eq!(state().await, "full");
    house.step(&house.coordinator, project, Action::Withdraw, "Moved abroad").await.unwrap();
    assert_eq!(state().await, "open");
    house.step(&house.coordinator, project, Action::Revert, "A mistake").await.unwrap();
    assert_eq!((state().await, house.state(project).await), ("full", State::Approved));
}

#[tokio::test]
async fn nobody_is_in_two_projects_of_a_cycle() {
    let house = House::new(Policy::default()).await;
    let (ana, ben) = (house.student(1).await, house.student(2).await);
    house.propose(&ana, None, &["2"]).await.unwrap();
    let refused = house.propose(&ben, None, &[]).await.unwrap_err();
    assert_eq!(refused.code().id, "PRJ-007");
    assert_eq!(house.propose(&ana, None, &[]).await.unwrap_err().code().id, "PRJ-007");
}

#[tokio::test]
async fn a_further_attempt_is_linked_and_made_once() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    house.step(&ana, project, Action::Withdraw, "Too large").await.unwrap();
    house.step(&ana, project, Action::NewAttempt, "").await.unwrap();
    assert_eq!(house.state(project).await, State::Withdrawn);
    let again = house.step(&ana, project, Action::NewAttempt, "").await.unwrap_err();
    assert_eq!(again.members()[2], ("reason", vec!["no_further_attempt".to_owned()]));
}

#[tokio::test]
async fn a_suspension_moves_every_open_deadline() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    house.begin(project).await;
    let before = house.milestones(project).await;
    house.step(&house.coordinator, project, Action::Suspend, "Illness").await.unwrap();
    house.time.pass(super::house::DAY * 10);
    house.step(&house.coordinator, project, Action::Resume, "").await.unwrap();
    for (earlier, later) in before.iter().zip(house.milestones(project).await) {
        assert_eq!(later.due_at, earlier.due_at + super::house::DAY * 10);
    }
}
