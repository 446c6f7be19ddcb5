//! Who was named as a member without being asked: confirms, or declines and is free.

use base::Fault;
use contracts::events::projects::MembershipDeclined;
use futures_util::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

use super::over_http::Site;
use crate::{
    actions::confirm_membership::confirm_membership,
    model::life::{Action, State},
};

storage::statements! {
    RECORDS: read [audit_record] = "SELECT COUNT(*) FROM audit_record WHERE tenant_id = $1 AND action = 'projects.membership.decline'";
}

impl Site {
    async fn declines_recorded(&self) -> i64 {
        let read = self.house.db.read(&self.house.coordinator, |tx| tx.fetch_one::<(i64,)>(&RECORDS, &[]).boxed());
        read.await.map_err(|error: storage::Error| error).unwrap().0
    }
}

#[tokio::test]
async fn who_was_named_declines_is_free_and_the_others_are_told() {
    let site = Site::new().await;
    let house = &site.house;
    let (ana, ben) = (house.student(1).await, house.student(2).await);
    let project = house.propose(&ana, None, &["2"]).await.unwrap().project;
    assert_eq!(house.propose(&ben, None, &[]).await.unwrap_err().code().id, "PRJ-007");
    let page = format!("/projects/{project}");
    let shown = site.get(&ben, &page, "en").await.body;
    assert!(shown.contains(&format!("{page}/decline")), "{shown}");
    assert!(!site.get(&ana, &page, "en").await.body.contains("/decline"), "who proposed has nothing to decline");
    let theirs = site.post_form(&ana, &format!("{page}/decline"), "").await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", theirs.body);

    let declined = site.post_form(&ben, &format!("{page}/decline"), "").await;
    assert_eq!(declined.location, "/", "{}", declined.body);
    assert_eq!(site.get(&ben, &page, "en").await.status, StatusCode::NOT_FOUND, "it is no longer theirs to see");
    assert!(!site.get(&ben, "/", "en").await.body.contains(&page), "and no task of theirs");
    let told = site.told(<MembershipDeclined as base::Event>::TYPE).await;
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(told["card"]["members"], json!([ana.person_id().unwrap()]));
    assert!(told["member_name"].as_str().unwrap().starts_with("Person 2"), "{told}");
    assert_eq!(site.declines_recorded().await, 1);

    // Ben is free, and Ana's project goes on without him.
    house.propose(&ben, None, &[]).await.unwrap();
    house.approve(&house.supervisor, project).await.unwrap();
    house.step(&house.supervisor, project, Action::Start, "").await.unwrap();
}

#[tokio::test]
async fn by_api_only_a_member_who_has_not_confirmed_declines() {
    let site = Site::new().await;
    let house = &site.house;
    let (ana, ben, cem) = (house.student(1).await, house.student(2).await, house.student(3).await);
    let project = house.propose(&ana, None, &["2", "3"]).await.unwrap().project;
    let path = format!("/api/v1/projects/{project}/membership");
    let decline = async |who| site.change(who, Method::DELETE, &path, None, "").await;
    assert_eq!(decline(&house.supervisor).await.status, StatusCode::FORBIDDEN);
    house.run(&ben, move |tx| confirm_membership(tx, project).boxed()).await.unwrap();
    assert_eq!(decline(&ben).await.json()["errors"][0]["reason"], "membership_confirmed");
    assert_eq!(decline(&cem).await.status, StatusCode::NO_CONTENT);
    assert_eq!(decline(&cem).await.status, StatusCode::NOT_FOUND);
    let whole = site.get(&ana, &format!("/api/v1/projects/{project}"), "en").await.json();
    assert_eq!(whole["members"].as_array().unwrap().len(), 2, "{whole}");
}

#[tokio::test]
async fn who_has_not_confirmed_ends_nothing_of_the_others() {
    let site = Site::new().await;
    let house = &site.house;
    let (ana, ben) = (house.student(1).await, house.student(2).await);
    let project = house.propose(&ana, None, &["2"]).await.unwrap().project;
    let refused = house.step(&ben, project, Action::Withdraw, "Not mine").await.unwrap_err();
    assert_eq!(refused.members()[2], ("reason", vec!["word_given".to_owned()]));
    assert!(!site.get(&ben, &format!("/projects/{project}"), "en").await.body.contains("steps/withdraw"));
    assert!(site.get(&ana, &format!("/projects/{project}"), "en").await.body.contains("steps/withdraw"));
    assert_eq!(house.state(project).await, State::Proposed);

    // Ana may. A further attempt is hers as well, and asks Ben anew.
    house.step(&ana, project, Action::Withdraw, "Another idea").await.unwrap();
    let late = site.post_form(&ben, &format!("/projects/{project}/decline"), "").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "the project is over, and Ben is free: {}", late.body);
    assert!(house.step(&ben, project, Action::NewAttempt, "").await.is_err());
    house.step(&ana, project, Action::NewAttempt, "").await.unwrap();
    let tasks = site.get(&ben, "/api/v1/tasks", "en").await.json();
    let asked = tasks["items"].as_array().unwrap().iter().find(|task| task["kind"] == "confirm_membership");
    let again = asked.unwrap_or_else(|| panic!("{tasks}"))["object"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/projects/{again}/membership");
    assert_eq!(site.change(&ben, Method::DELETE, &path, None, "").await.status, StatusCode::NO_CONTENT);
}
