//! What was asked, answered and said stays for good, for whoever looks, by page and API.

use base::Caller;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    house::{DAY, House},
    over_http::Site,
};
use crate::{
    actions::{
        request_changes::{RequestChanges, request_changes},
        resubmit::{Resubmit, resubmit},
        show_milestone::show_milestone,
    },
    model::{ids::ProjectId, life::Action, milestone, proposal::Answer},
};

const SUMMARY: &str =
    "Cameras at three bridges read the water level every five minutes, and a model learns what is normal.";

/// A reviewer who asks, and a student who ticks the first and answers the second.
async fn round(house: &House, student: &Caller, project: ProjectId, first: u32, requests: [&str; 2]) {
    house.time.pass(DAY);
    let requests = requests.map(ToOwned::to_owned).to_vec();
    let ask = RequestChanges { project, version: None, requests };
    house.run(&house.supervisor, move |tx| request_changes(tx, ask).boxed()).await.unwrap();
    house.time.pass(DAY);
    let answers = vec![
        Answer { position: first, done: true, answer: String::new() },
        Answer { position: first + 1, done: false, answer: "It is the shortest that says it all".into() },
    ];
    let again = Resubmit {
        project,
        version: None,
        answers,
        title_en: "River levels by cameras at bridges".into(),
        title_local: "ລະດັບນ້ຳ".into(),
        summary: SUMMARY.into(),
        methods: String::new(),
    };
    house.run(student, move |tx| resubmit(tx, again).boxed()).await.unwrap();
}

fn requests(changes: &Value) -> Vec<&str> {
    changes.as_array().unwrap().iter().map(|one| one["request"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whoever_reviews_a_new_version_sees_what_was_asked_in_the_former_and_what_was_answered() {
    let site = Site::new().await;
    let house = &site.house;
    let student = house.student(1).await;
    let topic = house.topic(2).await;
    let project = house.propose(&student, Some(topic), &[]).await.unwrap().project;
    let (api, page) = (format!("/api/v1/projects/{project}"), format!("/projects/{project}"));

    round(house, &student, project, 1, ["Name the cameras", "Shorten the summary"]).await;
    let seen = site.get(&house.supervisor, &api, "en").await.json();
    assert_eq!((&seen["state"], &seen["proposals"][0]["version"]), (&json!("proposed"), &json!(2)));
    let kept = |position: usize| {
        let change = &seen["changes"][position];
        (change["version"].clone(), change["done"].clone(), change["answer"].as_str().unwrap().to_owned())
    };
    assert_eq!(kept(0), (json!(1), json!(true), String::new()));
    assert_eq!(kept(1), (json!(1), json!(false), "It is the shortest that says it all".to_owned()));
    let shown = site.get(&house.supervisor, &page, "en").await.body;
    for text in ["Changes asked for in version 1", "Name the cameras", "Answer: It is the shortest that says it all"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }

    round(house, &student, project, 3, ["Name the bridges", "Say how you count at night"]).await;
    house.approve(&house.supervisor, project).await.unwrap();
    let seen = site.get(&student, &api, "en").await.json();
    assert_eq!(requests(&seen["changes"]), ["Name the bridges", "Say how you count at night"]);
    let by_version = [0, 1, 2].map(|place| requests(&seen["proposals"][place]["changes"]));
    let (first, second) =
        (vec!["Name the cameras", "Shorten the summary"], vec!["Name the bridges", "Say how you count at night"]);
    assert_eq!(by_version, [Vec::new(), second.clone(), first.clone()]);
    let shown = site.get(&student, &page, "en").await.body;
    assert!(shown.contains("Changes asked for in version 2"), "{shown}");
    assert!(shown.contains("Name the cameras – Done<br/>"), "{shown}");

    let history = site.get(&student, &format!("{api}/history"), "en").await.json();
    let steps = history["items"].as_array().unwrap();
    let asked: Vec<_> = steps.iter().filter(|step| step["action"] == "request_changes").collect();
    assert_eq!(asked.iter().map(|step| requests(&step["changes"])).collect::<Vec<_>>(), [first, second]);
    assert_eq!(asked[0]["changes"][1]["answer"], "It is the shortest that says it all");
    let others = steps.iter().filter(|step| step["action"] != "request_changes");
    assert!(others.into_iter().all(|step| step["changes"] == json!([])));
}

/// Returns the steps in a list of them as `action who why`.
fn told(steps: &Value) -> Vec<String> {
    let word = |step: &Value, name: &str| step[name].as_str().unwrap().to_owned();
    let told = |step: &Value| format!("{} {} {}", word(step, "action"), word(step, "by"), word(step, "reason"));
    steps.as_array().unwrap().iter().map(|step| told(step).trim_end().to_owned()).collect()
}

#[tokio::test]
async fn every_step_of_a_milestone_stays_with_who_when_and_why() {
    let site = Site::new().await;
    let house = &site.house;
    let student = house.student(1).await;
    let topic = house.topic(2).await;
    let project = house.propose(&student, Some(topic), &[]).await.unwrap().project;
    house.begin(project).await;
    let [plan, interim] = [0, 1].map(|place| async move { house.milestones(project).await[place].id });
    let (plan, interim) = (plan.await, interim.await);

    house.time.pass(DAY);
    house.hand_in(&student, plan, 1).await.unwrap();
    house.review(plan, milestone::Action::Return, "Say more").await.unwrap();
    house.hand_in(&student, plan, 2).await.unwrap();
    house.review(plan, milestone::Action::Approve, "").await.unwrap();
    house.time.pass(DAY);
    house.review(interim, milestone::Action::Waive, "Ill").await.unwrap();
    house.step(&house.coordinator, project, Action::Suspend, "Leave").await.unwrap();

    let seen = site.get(&student, &format!("/api/v1/milestones/{plan}"), "en").await.json();
    assert_eq!((&seen["feedback"], &seen["state"]), (&json!("Say more"), &json!("approved")), "{seen}");
    let (ana, supervisor) = ("Person 1 ວົງສະຫວັນ", "Person 1000800 ວົງສະຫວັນ");
    let expected = [
        "fall_due".to_owned(),
        format!("submit {ana}"),
        format!("return {supervisor} Say more"),
        format!("submit {ana}"),
        format!("approve {supervisor}"),
    ];
    assert_eq!(told(&seen["history"]), expected);
    let page = site.get(&student, &format!("/milestones/{plan}"), "en").await.body;
    for text in ["Return for more work → Returned", "Approve → Approved", "<blockquote>Say more</blockquote>"] {
        assert!(page.contains(text), "{text}: {page}");
    }

    let history = site.get(&student, &format!("/api/v1/projects/{project}/history"), "en").await.json();
    let of_whom: Vec<_> = history["items"].as_array().unwrap().iter().map(|step| step["milestone"].clone()).collect();
    let titles: Vec<_> = of_whom.iter().map(|milestone| milestone["title_en"].as_str().unwrap_or_default()).collect();
    assert_eq!(titles, ["", "", "", "Plan", "Plan", "Plan", "Plan", "Plan", "Interim report", ""]);
    assert_eq!(of_whom[3]["id"], json!(plan));
    assert_eq!(told(&history["items"])[8..], [format!("waive {supervisor} Ill"), "suspend  Leave".to_owned()]);
    let page = site.get(&student, &format!("/projects/{project}"), "lo").await.body;
    assert!(page.contains("Interim report: ຍົກເວັ້ນ → "), "{page}");
}

#[tokio::test]
async fn what_the_clock_did_to_a_milestone_and_a_refused_step_are_told_apart() {
    let house = House::new(crate::model::cycle::Policy::default()).await;
    let student = house.student(1).await;
    let topic = house.topic(2).await;
    let project = house.propose(&student, Some(topic), &[]).await.unwrap().project;
    house.begin(project).await;
    let plan = house.milestones(project).await[0].id;
    house.time.pass(DAY * 60);
    house.keep_time().await;
    house.hand_in(&student, plan, 1).await.unwrap_err();
    let read = house.db.read(&student, move |tx| show_milestone(tx, plan).boxed());
    let view = read.await.unwrap();
    let steps: Vec<_> = view.history.iter().map(|step| (step.action, step.actor_id)).collect();
    assert_eq!(steps, [(milestone::Action::FallDue, None), (milestone::Action::Miss, None)]);
    assert!(view.said().is_none());
    let positions: Vec<_> = view.history.iter().map(|step| step.position).collect();
    assert_eq!(positions, [2, view.milestone.version]);
}
