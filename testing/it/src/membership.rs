//! A cycle that was opened without milestones, and a student who was named as a member without being asked.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{App, Client, PASSWORD, both_engines};

const COORDINATOR: &str = "coordinator@uni.example";
const SUMMARY: &str =
    "We count the motorbikes that cross three bridges each morning, and tell the city which lights to lengthen.";

both_engines! {
    async fn who_declines_is_free_and_projects_that_start_later_have_the_milestones_chosen_late(installation: Installation) {
        let app = App::start(installation).await;
        let tenant = app.tenant("uni").await;
        app.person(tenant.id, COORDINATOR, "coordinator").await;
        let coordinator = app.visitor();
        coordinator.sign_in(COORDINATOR, PASSWORD).await.expect(303);
        let programme = made(&coordinator, "/api/v1/programmes", &json!({"code": "CS", "title_en": "Computing", "title_local": "CS"})).await;
        let cycle = unplanned_cycle(&coordinator).await;
        let quotas = json!({"supervise_max": 2, "chair_max": 1, "examine_max": 1, "title": "Dr.", "areas": ["roads"]});
        let lecturer = json!({"person": card("pham", "S1"), "supervisor": quotas});
        let lecturer_id = made(&coordinator, &format!("{cycle}/supervisors"), &lecturer).await;
        for (name, number) in [("ana", "1"), ("ben", "2")] {
            let student = json!({"person": card(name, number), "student": {"programme": programme}});
            made(&coordinator, &format!("{cycle}/students"), &student).await;
        }
        keeps_what_is_left_out(&coordinator, &cycle, &lecturer_id).await;
        app.settle().await;
        let (lecturer, ana, ben) = (chosen(&app, "pham").await, chosen(&app, "ana").await, chosen(&app, "ben").await);

        let idea = |members: Value| {
            let cycle = cycle.rsplit('/').next().unwrap();
            json!({"cycle": cycle, "supervisor": lecturer_id, "title_en": "Lights", "summary": SUMMARY, "members": members})
        };
        let project = made(&ana, "/api/v1/projects", &idea(json!(["2"]))).await;
        assert_eq!(ben.post("/api/v1/projects", &idea(json!([]))).await.expect(409).json()["code"], "PRJ-007");
        let path = format!("/api/v1/projects/{project}");
        let withdraw = json!({"action": "withdraw", "reason": "Not mine"});
        ben.post(&format!("{path}/steps"), &withdraw).await.expect(409);
        ben.send(ben.request(Method::DELETE, &format!("{path}/membership"))).await.expect(204);
        made(&ben, "/api/v1/projects", &idea(json!([]))).await;
        app.settle().await;
        let notices = ana.get("/notifications").await.expect(200).body;
        assert!(notices.contains("declined to take part"), "{notices}");

        lecturer.post(&format!("{path}/approval"), &json!({})).await.expect(200);
        plan_late(&coordinator, &cycle).await;
        lecturer.post(&format!("{path}/steps"), &json!({"action": "start"})).await.expect(200);
        let started = ana.get(&path).await.expect(200).json();
        assert_eq!(started["milestones"][0]["title_en"], "Outline", "{started}");
        app.stop().await;
    }
}

async fn made(client: &Client, path: &str, body: &Value) -> String {
    client.post(path, body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

fn card(name: &str, number: &str) -> Value {
    json!({"given_name": name, "email": format!("{name}@uni.example"), "number": number})
}

/// Returns the address of an open cycle that nothing is planned in, as an import leaves one.
async fn unplanned_cycle(coordinator: &Client) -> String {
    let cycle = json!({
        "name": "2026/27", "starts_at": "2027-02-01T00:00:00Z", "proposals_until_at": "2027-04-01T00:00:00Z",
        "final_due_at": "2027-07-01T00:00:00Z", "ends_at": "2027-09-01T00:00:00Z",
    });
    let path = format!("/api/v1/cycles/{}", made(coordinator, "/api/v1/cycles", &cycle).await);
    coordinator.post(&format!("{path}/steps"), &json!({"action": "open"})).await.expect(200);
    path
}

/// Sends a supervisor's quotas alone: title and areas stay.
async fn keeps_what_is_left_out(coordinator: &Client, cycle: &str, supervisor: &str) {
    let path = format!("{cycle}/supervisors");
    let quotas = json!({"supervise_max": 3, "chair_max": 0, "examine_max": 0});
    let put = coordinator.request(Method::PUT, &format!("{path}/{supervisor}")).json(&quotas);
    coordinator.send(put).await.expect(204);
    let kept = coordinator.get(&path).await.expect(200).json()["items"][0].clone();
    assert_eq!((&kept["title"], &kept["areas"], &kept["supervise_max"]), (&json!("Dr."), &json!(["roads"]), &json!(3)));
}

/// Gives the open cycle its template: what was read is sent back, with one.
async fn plan_late(coordinator: &Client, cycle: &str) {
    let items = json!([{"title_en": "Outline", "opens_days": 0, "due_days": 14, "mandatory": true}]);
    let template = made(coordinator, "/api/v1/templates", &json!({"name": "Late", "items": items})).await;
    let mut read = coordinator.get(cycle).await.expect(200).json();
    read["template_id"] = json!(template);
    read.as_object_mut().unwrap().retain(|name, _| !["id", "state", "version"].contains(&name.as_str()));
    let put = coordinator.request(Method::PUT, cycle).header("if-match", "\"v2\"").json(&read);
    assert_eq!(coordinator.send(put).await.expect(200).json()["version"], 3);
}

/// Takes up the invitation that went to somebody.
async fn chosen(app: &App, name: &str) -> Client {
    let email = format!("{name}@uni.example");
    let link = app.link_mailed_to(&email).await;
    let visitor = app.visitor();
    let (page, token) = link.split_once("?token=").unwrap();
    visitor.submit(page, &[("token", token), ("password", PASSWORD), ("repeat", PASSWORD)]).await.expect(303);
    visitor.sign_in(&email, PASSWORD).await.expect(303);
    visitor
}
