//! What is refused, and how.

use base::{ErrorKind, Fault, FieldError};
use futures_util::FutureExt;

use super::house::{DAY, House, caller};
use crate::{
    actions::{
        Case,
        approve::{Approve, approve},
        request_changes::{RequestChanges, request_changes},
    },
    model::{
        cycle::{Approvals, Policy},
        life::Action,
        milestone,
    },
    policy,
};

#[tokio::test]
async fn another_tenant_and_a_stranger_find_nothing() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    let outsider = caller(house.other_tenant, 1, "coordinator");
    let stranger = house.student(2).await;
    for who in [&outsider, &stranger] {
        let read = house.db.read(who, |tx| Case::load(tx, project, &policy::READ_PROJECT).boxed()).await;
        assert_eq!(read.unwrap_err().code().id, "PRJ-001");
        assert_eq!(house.approve(who, project).await.unwrap_err().code().id, "PRJ-001");
    }
}

#[tokio::test]
async fn an_illegal_step_names_its_reason_and_what_is_legal() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    let refused = house.step(&house.supervisor, project, Action::Start, "").await.unwrap_err();
    assert_eq!((refused.code().id, refused.code().kind), ("PRJ-003", ErrorKind::Conflict));
    let members = refused.members();
    assert_eq!(members[0], ("state", vec!["proposed".to_owned()]));
    assert_eq!(members[2], ("reason", vec!["state".to_owned()]));
    let legal = ["request_changes", "approve", "reject"].map(str::to_owned).to_vec();
    assert_eq!(members[3], ("legal", legal));
}

#[tokio::test]
async fn a_member_cannot_approve_and_a_wish_without_a_reason_is_refused() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    assert_eq!(house.approve(&ana, project).await.unwrap_err().code().kind, ErrorKind::Forbidden);
    let silent = house.step(&house.supervisor, project, Action::Reject, "  ").await.unwrap_err();
    assert_eq!((silent.code().kind, silent.fields()), (ErrorKind::Invalid, vec![required("reason")]));
}

#[tokio::test]
async fn what_a_request_should_have_brought_is_its_fields_fault_and_not_the_states() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    let command = RequestChanges { project, version: None, requests: vec!["  ".into()] };
    let nothing_asked = house.run(&house.supervisor, move |tx| request_changes(tx, command).boxed()).await.unwrap_err();
    assert_eq!(nothing_asked.fields(), [required("requests")]);

    house.begin(project).await;
    let plan = house.milestones(project).await[0].id;
    house.hand_in(&ana, plan, 1).await.unwrap();
    let silent = house.review(plan, milestone::Action::Return, " ").await.unwrap_err();
    assert_eq!(silent.fields(), [required("feedback")]);
    house.review(plan, milestone::Action::Approve, "").await.unwrap();
    let too_late = house.review(plan, milestone::Action::Return, "").await.unwrap_err();
    assert_eq!(too_late.code().kind, ErrorKind::Conflict, "the state is at fault as well");
}

fn required(field: &str) -> FieldError {
    FieldError::new(field, "required")
}

#[tokio::test]
async fn what_somebody_else_changed_is_not_overwritten() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    let command = Approve { project, version: Some(1) };
    let stale = house.run(&house.supervisor, move |tx| approve(tx, command).boxed()).await.unwrap_err();
    assert_eq!(stale.code().id, "PRJ-004");
    assert_eq!(stale.members(), [("version", vec!["2".to_owned()])]);
}

#[tokio::test]
async fn where_two_must_agree_the_supervisor_endorses_first() {
    let policy = Policy { approvals: Approvals::SupervisorAndCoordinator, ..Policy::default() };
    let house = House::new(policy).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    for by in [&house.supervisor, &house.coordinator] {
        let early = house.approve(by, project).await.unwrap_err();
        assert_eq!(early.members()[2], ("reason", vec!["approvers_complete".to_owned()]));
    }
    house.step(&house.supervisor, project, Action::Endorse, "").await.unwrap();
    assert!(house.approve(&house.supervisor, project).await.is_err());
    house.approve(&house.coordinator, project).await.unwrap();
}

#[tokio::test]
async fn late_work_is_taken_within_the_grace_and_marked() {
    let house = House::new(Policy { late_days: 2, ..Policy::default() }).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    house.begin(project).await;
    let plan = house.milestones(project).await[0].id;
    house.time.pass(DAY * 15);
    assert!(house.hand_in(&ana, plan, 1).await.unwrap().late);
    house.review(plan, milestone::Action::Approve, "").await.unwrap();
    let interim = house.milestones(project).await[1].id;
    house.time.pass(DAY * 50);
    let refused = house.hand_in(&ana, interim, 2).await.unwrap_err();
    assert_eq!(refused.members()[2], ("reason", vec!["in_time".to_owned()]));
}

#[tokio::test]
async fn a_missing_declaration_is_a_field_at_fault() {
    let house = House::new(Policy::default()).await;
    let ana = house.student(1).await;
    let project = house.propose(&ana, None, &[]).await.unwrap().project;
    house.begin(project).await;
    for (milestone, number) in house.milestones(project).await.iter().zip(1..) {
        house.hand_in(&ana, milestone.id, number).await.unwrap();
        house.review(milestone.id, milestone::Action::Approve, "").await.unwrap();
    }
    let refused = house.finish(&ana, project, &["own_work"]).await.unwrap_err();
    assert_eq!(refused.fields()[0].field, "declarations.sources_named");
    house.finish(&ana, project, &["own_work", "sources_named"]).await.unwrap();
}
