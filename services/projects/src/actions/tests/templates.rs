//! Milestone templates after they are made: renamed, deleted, and what keeps them.

use http::{Method, StatusCode};
use serde_json::json;

use super::over_http::Site;

impl Site {
    /// Adds a template that no cycle names, and returns its id.
    pub(super) async fn spare(&self, name: &str) -> String {
        let item = json!({"title_en": "Outline", "opens_days": 0, "due_days": 14, "mandatory": true});
        let new = json!({"name": name, "items": [item]});
        let made = self.post(&self.house.coordinator, "/api/v1/templates", new, &[]).await;
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn names(&self) -> Vec<String> {
        let list = self.get(&self.house.coordinator, "/api/v1/templates", "en").await.json();
        list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_template_is_renamed_by_page_and_api() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let id = site.spare("Shrot").await;
    let page = format!("/milestone-templates/{id}/rename");
    assert!(site.get(coordinator, "/milestone-templates", "en").await.body.contains(&page));
    assert!(site.get(coordinator, &page, "lo").await.body.contains("value=\"Shrot\""));
    for (name, wrong) in [("+", "Fill this in"), ("Usual", "already")] {
        let refused = site.post_form(coordinator, &page, &format!("version=1&name={name}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert!(refused.body.contains("f-name-wrong") && refused.body.contains(wrong), "{}", refused.body);
    }
    let renamed = site.post_form(coordinator, &page, "version=1&name=Short").await;
    assert_eq!(renamed.location, "/milestone-templates", "{}", renamed.body);
    assert_eq!(site.names().await, ["Short", "Usual"]);

    let api = format!("/api/v1/templates/{id}");
    let put = async |version: &str, name: &str| {
        site.change(coordinator, Method::PUT, &api, Some(json!({ "name": name })), version).await
    };
    assert_eq!(put("", "Brief").await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(put("\"v1\"", "Brief").await.json()["code"], "PRJ-004");
    assert_eq!(put("\"v2\"", "Brief").await.json(), json!({ "version": 3 }));
    assert_eq!(site.names().await, ["Brief", "Usual"]);
    for stranger in [&site.house.supervisor, &site.house.student(1).await] {
        assert_eq!(site.get(stranger, &page, "en").await.status, StatusCode::FORBIDDEN);
        let refused = site.change(stranger, Method::PUT, &api, Some(json!({ "name": "Mine" })), "\"v3\"").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_template_is_deleted_unless_a_cycle_is_planned_by_it() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let list = site.get(coordinator, "/api/v1/templates", "en").await.json();
    let used = list["items"][0]["id"].as_str().unwrap();
    let kept = site.post_form(coordinator, &format!("/milestone-templates/{used}/delete"), "version=1").await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", kept.body);
    assert!(kept.body.contains("Usual: A cycle is planned by this template"), "{}", kept.body);
    let kept = site.change(coordinator, Method::DELETE, &format!("/api/v1/templates/{used}"), None, "").await;
    assert_eq!(kept.json()["errors"][0]["reason"], "template_in_use");
    let copy = site.get(coordinator, &format!("/milestone-templates/new?from={used}"), "en").await.body;
    assert!(copy.contains("value=\"Plan\""), "its milestones are still there: {copy}");

    let (first, second) = (site.spare("First").await, site.spare("Second").await);
    let page = format!("/milestone-templates/{first}/delete");
    assert!(site.get(coordinator, &page, "en").await.body.contains("“First” and its milestones"));
    let deleted = site.post_form(coordinator, &page, "version=1").await;
    assert_eq!(deleted.location, "/milestone-templates", "{}", deleted.body);
    assert_eq!(site.get(coordinator, &page, "en").await.status, StatusCode::NOT_FOUND);
    let api = format!("/api/v1/templates/{second}");
    let stranger = &site.house.supervisor;
    assert_eq!(site.change(stranger, Method::DELETE, &api, None, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.change(coordinator, Method::DELETE, &api, None, "\"v9\"").await.json()["code"], "PRJ-004");
    assert_eq!(site.change(coordinator, Method::DELETE, &api, None, "\"v1\"").await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.names().await, ["Usual"]);
}

#[tokio::test]
async fn two_milestones_of_one_title_are_refused_at_the_second() {
    let site = Site::new().await;
    let milestone = |at: usize, title: &str| {
        format!("&items.{at}.title_en={title}&items.{at}.opens_days=0&items.{at}.due_days=9&items.{at}.accepts=pdf")
    };
    let form = format!("name=Twice{}{}", milestone(0, "Report"), milestone(1, "report+"));
    let refused = site.post_form(&site.house.coordinator, "/milestone-templates/new", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("f-items.1.title_en-wrong"), "{}", refused.body);
    assert!(refused.body.contains("Another milestone has this title"), "{}", refused.body);
}
