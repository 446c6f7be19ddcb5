//! Topics as the gateway reaches them: returned for rework, found, listed.

use base::{Caller, Id};
use futures_util::FutureExt;
use http::StatusCode;
use serde_json::{Value, json};

use super::{house::House, over_http::Site, people::card};
use crate::{jobs::person_changed, model::ids::ProgrammeId};

#[tokio::test]
async fn a_topic_is_returned_with_a_reason_corrected_and_offered_again() {
    let site = Site::new().await;
    let House { coordinator, supervisor, .. } = &site.house;
    let text = "title_en=Rivers&capacity=1";
    let made = site.post_form(supervisor, "/topics/new", &format!("cycle={}&{text}", site.house.cycle)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let topic = made.location;
    let back = format!("{topic}/return");
    assert_eq!(site.get(coordinator, &back, "en").await.status, StatusCode::NOT_FOUND, "it is not in review");
    site.post_form(supervisor, &format!("{topic}/steps"), "action=offer").await;

    assert_eq!(site.get(coordinator, &back, "lo").await.status, StatusCode::OK);
    assert_eq!(site.get(supervisor, &back, "en").await.status, StatusCode::NOT_FOUND, "it is not the supervisor's");
    let silent = site.post_form(coordinator, &back, "version=2&reason=+").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("f-reason-wrong"), "{}", silent.body);
    let stale = site.post_form(coordinator, &back, "version=1&reason=Name+the+river").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.body.contains("Name the river"), "what was typed is kept");
    let returned = site.post_form(coordinator, &back, "version=2&reason=Name+the+river").await;
    assert_eq!(returned.location, topic, "{}", returned.body);

    let page = site.get(supervisor, &topic, "en").await.body;
    assert!(page.contains("Returned for rework") && page.contains("Name the river"), "{page}");
    let tasks = site.get(supervisor, "/api/v1/tasks", "en").await.json();
    assert_eq!(tasks["items"][0]["kind"], "correct_topic");
    let changed = site.post_form(supervisor, &format!("{topic}/change"), &format!("version=3&{text}")).await;
    assert_eq!(changed.location, topic, "{}", changed.body);
    site.post_form(supervisor, &format!("{topic}/steps"), "action=offer").await;
    let tasks = site.get(supervisor, "/api/v1/tasks", "en").await.json();
    assert_eq!(tasks["items"], json!([]));

    let api = format!("/api/v1{topic}");
    let silent = site.post(coordinator, &format!("{api}/steps"), json!({"action": "return"}), &[]).await;
    let wrong = silent.json()["errors"][0].clone();
    assert_eq!((wrong["field"].as_str(), wrong["reason"].as_str()), (Some("reason"), Some("required")));
    let step = json!({"action": "return", "reason": "Which camera?"});
    assert_eq!(site.post(coordinator, &format!("{api}/steps"), step, &[]).await.json()["state"], "draft");
    let history = site.get(supervisor, &api, "en").await.json()["history"].clone();
    let told: Vec<_> = history.as_array().unwrap().iter().map(|step| (&step["action"], &step["reason"])).collect();
    let offer = (&json!("offer"), &json!(""));
    let first = (&json!("return"), &json!("Name the river"));
    assert_eq!(told, [offer, first, offer, (&json!("return"), &json!("Which camera?"))]);
    assert_eq!(site.get(&site.house.student(1).await, &topic, "en").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_topic_is_told_at_once() {
    let site = Site::new().await;
    let nobody = base::PersonId::from_u128(404);
    let wrong = json!({
        "cycle": site.house.cycle, "supervisor": nobody, "title_en": " ", "capacity": 0,
        "programmes": [ProgrammeId::from_u128(405)],
    });
    let refused = site.post(&site.house.coordinator, "/api/v1/topics", wrong, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert_eq!(
        wrong_fields(&refused.json()),
        ["supervisor not_in_cycle", "title_en blank", "capacity range", "programmes unknown"]
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_proposal_is_told_at_once() {
    let site = Site::new().await;
    let ana = site.house.student(1).await;
    let wrong = json!({"cycle": site.house.cycle, "title_en": " ", "summary": "short", "members": ["S404"]});
    let refused = site.post(&ana, "/api/v1/projects", wrong, &[]).await;
    assert_eq!(
        wrong_fields(&refused.json()),
        ["title_en blank", "summary too_short", "members unknown_student", "supervisor required"]
    );
}

fn wrong_fields(problem: &Value) -> Vec<String> {
    let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = problem["errors"].as_array().unwrap().iter();
    all.map(|one| format!("{} {}", word(one, "field"), word(one, "reason"))).collect()
}

#[tokio::test]
async fn a_topic_is_found_by_its_number_and_by_a_part_of_its_title() {
    let site = Site::new().await;
    let student = site.house.student(1).await;
    let topic = site.house.topic(2).await;
    let all = site.get(&student, "/api/v1/topics", "en").await.json();
    let number = all["items"][0]["number"].as_str().unwrap().to_lowercase();
    for wanted in [number.as_str(), "zzz"] {
        let found = site.get(&student, &format!("/api/v1/topics?q={wanted}"), "en").await.json();
        let ids: Vec<_> = found["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        assert_eq!(ids.contains(&json!(topic)), wanted == number, "{wanted}: {found}");
    }
}

#[tokio::test]
async fn a_list_that_was_kept_shows_every_change_at_once() {
    let site = Site::new().await;
    let (house, student) = (&site.house, site.house.student(1).await);
    let topic = house.topic(2).await;
    let mut before = json!(null);
    let mut changed = async |what: &str| {
        // Twice: the second is answered from memory.
        let [first, again] =
            [site.get(&student, "/api/v1/topics", "en").await, site.get(&student, "/api/v1/topics", "en").await]
                .map(|answer| answer.json());
        assert_eq!(first, again, "{what}");
        assert_ne!(std::mem::replace(&mut before, first), again, "{what}");
        let page = site.get(&student, "/topics", "en").await.body;
        again["items"][0].as_object().map(|item| (item["title_en"].clone(), page)).unwrap()
    };
    changed("a topic was made").await;
    let path = format!("/topics/{topic}/change");
    site.post_form(&house.supervisor, &path, "version=2&title_en=Floods&capacity=2").await;
    let (title, page) = changed("its text").await;
    assert!(title == "Floods" && page.contains("Floods"), "{page}");
    let project = house.propose(&student, Some(topic), &[]).await.unwrap().project;
    house.approve(&house.supervisor, project).await.unwrap();
    changed("a place was taken").await;
    let person = house.supervisor.person_id().unwrap();
    let card = card(person.uuid().as_u128(), "V1", "Vera Renamed", i64::MAX);
    house.run(&house.supervisor, |tx| async move { Ok(person_changed::apply(tx, card).await?) }.boxed()).await.unwrap();
    let (_, page) = changed("its supervisor's name").await;
    assert!(page.contains("Vera Renamed"), "{page}");
    site.post_form(&house.supervisor, &format!("/topics/{topic}/steps"), "action=close").await;
    changed("it was closed").await;
}

#[tokio::test]
async fn topics_are_listed_up_and_down_page_by_page() {
    let site = Site::new().await;
    for count in 1..=3 {
        site.house.topic(count).await;
    }
    let student = site.house.student(1).await;
    for (key, column) in [("number", "number"), ("title", "title_en")] {
        let [up, down] = ["", "-"].map(|way| format!("/api/v1/topics?limit=2&sort={way}{key}"));
        let (up, mut down) = (walked(&site, &student, &up, column).await, walked(&site, &student, &down, column).await);
        down.reverse();
        assert!(up.len() >= 3, "{up:?}");
        assert_eq!(up, down, "{key}");
    }
    let odd = site.get(&student, "/api/v1/topics?sort=colour", "en").await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST, "{}", odd.body);
}

/// Returns id and column of every row, page after page.
async fn walked(site: &Site, caller: &Caller, path: &str, column: &str) -> Vec<(String, String)> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = site.get(caller, &format!("{path}{after}"), "en").await.json();
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        found.extend(page["items"].as_array().unwrap().iter().map(|one| (text(one, "id"), text(one, column))));
        let Some(next) = page["next"].as_str() else { return found };
        after = format!("&after={next}");
    }
}
