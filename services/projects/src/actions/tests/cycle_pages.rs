//! The pages by which a coordinator makes a cycle and what it is planned by.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::over_http::Site;
use crate::model::life::{Action, State};

#[tokio::test]
async fn a_refused_cycle_names_everything_that_is_wrong_at_once() {
    let site = Site::new().await;
    let form = "name=+&starts_at=&proposals_until_at=2027-01-01T00:00&final_due_at=2027-06-01T00:00\
                &ends_at=2027-07-01T00:00&approvals=supervisor&members_max=2&late_days=0";
    let refused = site.post_form(&site.house.coordinator, "/cycles/new", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for wrong in ["f-name-wrong", "f-starts_at-wrong", ">Name: Fill this in</a>", ">Starts: Enter a date</a>"] {
        assert!(refused.body.contains(wrong), "{wrong}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_template_is_made_by_its_page_and_copied() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let path = "/milestone-templates/new";
    // The milestone between the two is left empty, and the second is wrong.
    let first =
        "items.0.title_en=Outline&items.0.opens_days=0&items.0.due_days=14&items.0.mandatory=on&items.0.accepts=pdf";
    let second = "items.2.title_en=Report&items.2.title_local=&items.2.opens_days=40&items.2.accepts=pdf&items.2.accepts=archive";
    let refused =
        site.post_form(coordinator, path, &format!("name=Short&{first}&{second}&items.2.due_days=soon")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    for kept in
        ["f-items.1.due_days-wrong", "2. Due after days: ", "value=\"soon\"", "value=\"Short\"", "value=\"Outline\""]
    {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let early = site.post_form(coordinator, path, &format!("name=+&{first}&{second}&items.2.due_days=30")).await;
    assert!(early.body.contains("f-items.1.due_days-wrong") && early.body.contains("f-name-wrong"), "{}", early.body);
    let empty = site.post_form(coordinator, path, "name=Nothing").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.body);
    assert!(empty.body.contains(">Milestones: Fill this in</a>"), "{}", empty.body);
    let nobody = format!("{path}?from={}", uuid::Uuid::from_u128(7));
    assert_eq!(site.get(coordinator, &nobody, "en").await.status, StatusCode::NOT_FOUND);

    let made = site.post_form(coordinator, path, &format!("name=Short&{first}&{second}&items.2.due_days=60")).await;
    assert_eq!(made.location, "/milestone-templates", "{}", made.body);
    let list = site.get(coordinator, "/milestone-templates", "en").await.body;
    assert!(list.contains("<h2>Short</h2>") && list.contains("PDF, archives"), "{list}");
    let (_, id) = list.split_once("<h2>Short</h2>").unwrap().1.split_once("?from=").unwrap();
    let copy = site.get(coordinator, &format!("{path}?from={}", &id[..36]), "en").await.body;
    assert!(
        copy.contains("value=\"Report\"") && copy.contains("name=\"items.1.due_days\" type=\"number\" value=\"60\""),
        "{copy}"
    );
    let again = site.post_form(coordinator, path, &format!("name=Short&{first}")).await;
    assert!(again.body.contains("f-name-wrong"), "{}", again.body);
}

#[tokio::test]
async fn a_cycle_is_closed_by_the_button_of_its_overview() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let page = site.get(coordinator, "/overview", "en").await.body;
    let form = page.split("<form").find(|form| form.contains("Close the cycle")).unwrap();
    let value = |name: &str| form.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned();
    let action = form.split_once("name=\"action\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let closed = site.post_form(coordinator, &value("action"), &format!("action={action}")).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    assert!(site.get(coordinator, &closed.location, "en").await.body.contains("Closed"));
}

#[tokio::test]
async fn a_draft_is_changed_until_it_is_opened() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let dates = "starts_at=2027-01-01T00:00&proposals_until_at=2027-02-01T00:00&final_due_at=2027-06-01T00:00&ends_at=2027-07-01T00:00";
    let form = |name: &str| format!("name={name}&{dates}&approvals=supervisor&members_max=2&late_days=0");
    let overview = site.post_form(coordinator, "/cycles/new", &form("Draft")).await.location;
    let id = overview.split_once('=').unwrap().1.split('&').next().unwrap();
    let change = format!("/cycles/{id}/change");
    assert!(site.get(coordinator, &overview, "en").await.body.contains(&change), "the overview leads there");
    let page = site.get(coordinator, &change, "en").await.body;
    for kept in ["value=\"Draft\"", "value=\"2027-02-01T00:00\"", "name=\"version\" value=\"1\""] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    let refused = site.post_form(coordinator, &change, &format!("version=1&{}", form("+"))).await;
    assert!(refused.body.contains("f-name-wrong") && refused.body.contains("2027-02-01T00:00"), "{}", refused.body);
    let changed = site.post_form(coordinator, &change, &format!("version=1&{}", form("Changed"))).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert!(site.get(coordinator, &overview, "en").await.body.contains("Changed"));
    let stale = site.post_form(coordinator, &change, &format!("version=1&{}", form("Again"))).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.body);
    let student = site.house.student(1).await;
    assert_eq!(site.get(&student, &change, "en").await.status, StatusCode::FORBIDDEN);
    site.post_form(coordinator, &format!("/cycles/{id}/steps"), "action=open&without_milestones=on").await;
    let late = site.post_form(coordinator, &change, &format!("version=3&{}", form("Late"))).await;
    assert!(late.body.contains("The cycle was opened already"), "{}", late.body);
}

const DATES: &str = "starts_at=2027-01-01T00:00&proposals_until_at=2027-02-01T00:00&final_due_at=2027-06-01T00:00&ends_at=2027-07-01T00:00";

impl Site {
    /// Makes a draft without a template and returns its id, as an import leaves one.
    async fn unplanned(&self) -> String {
        let form = format!("name=Imported&{DATES}&approvals=supervisor&members_max=2&late_days=3");
        let made = self.post_form(&self.house.coordinator, "/cycles/new", &form).await.location;
        made.split_once("cycle=").unwrap().1.to_owned()
    }

    async fn cycle(&self, id: &str) -> Value {
        self.get(&self.house.coordinator, &format!("/api/v1/cycles/{id}"), "en").await.json()
    }
}

/// A cycle as a client sends it back that read it.
fn sent_back(mut cycle: Value) -> Value {
    let fields = cycle.as_object_mut().unwrap();
    fields.retain(|name, _| !["id", "state", "version"].contains(&name.as_str()));
    cycle
}

#[tokio::test]
async fn opening_a_cycle_without_milestones_asks_first() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let id = site.unplanned().await;
    let (overview, ask) = (format!("/overview?cycle={id}"), format!("/cycles/{id}/open"));
    let page = site.get(coordinator, &overview, "en").await.body;
    for told in ["No milestones are planned", &format!("/cycles/{id}/change"), &ask] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(site.get(coordinator, &overview, "lo").await.body.contains("ຍັງບໍ່ມີຂັ້ນຕອນທີ່ວາງແຜນໄວ້"));
    let figures = site.get(coordinator, &format!("/api/v1/cycles/{id}/overview"), "en").await.json();
    assert_eq!(figures["template_id"], Value::Null);

    // The step by itself opens nothing: it leads to the question.
    let steps = format!("/cycles/{id}/steps");
    assert_eq!(site.post_form(coordinator, &steps, "action=open").await.location, ask);
    assert_eq!(site.cycle(&id).await["state"], "draft");
    let question = site.get(coordinator, &ask, "en").await.body;
    assert!(question.contains("can hand in its final work at once"), "{question}");
    assert_eq!(site.get(&site.house.supervisor, &ask, "en").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post_form(coordinator, &steps, "action=open&without_milestones=on").await.location, overview);
    assert_eq!(site.cycle(&id).await["state"], "open");

    // One with a template opens as before, and is not asked about.
    let planned = &site.house.cycle;
    assert_eq!(site.get(coordinator, &format!("/cycles/{planned}/open"), "en").await.status, StatusCode::NOT_FOUND);
    let page = site.get(coordinator, &format!("/overview?cycle={planned}"), "en").await.body;
    assert!(!page.contains("No milestones are planned"), "{page}");
    let steps = format!("/cycles/{planned}/steps");
    for (step, state) in [("close", "closed"), ("open", "open")] {
        site.post_form(coordinator, &steps, &format!("action={step}")).await;
        assert_eq!(site.cycle(&planned.to_string()).await["state"], state);
    }
}

#[tokio::test]
async fn a_cycle_that_was_opened_without_milestones_gets_them_once() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let (id, template) = (site.unplanned().await, site.spare("Late").await);
    site.post_form(coordinator, &format!("/cycles/{id}/steps"), "action=open&without_milestones=on").await;
    let page = format!("/cycles/{id}/milestones");
    assert!(site.get(coordinator, &format!("/overview?cycle={id}"), "en").await.body.contains(&page));
    assert!(site.get(coordinator, &page, "lo").await.body.contains(&template));
    assert_eq!(site.get(&site.house.supervisor, &page, "en").await.status, StatusCode::FORBIDDEN);
    let empty = site.post_form(coordinator, &page, "version=2&template_id=").await;
    assert!(empty.body.contains("f-template_id-wrong"), "{}", empty.body);
    let stale = site.post_form(coordinator, &page, &format!("version=1&template_id={template}")).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.body);
    let chosen = site.post_form(coordinator, &page, &format!("version=2&template_id={template}")).await;
    assert_eq!(chosen.location, format!("/overview?cycle={id}"), "{}", chosen.body);
    let cycle = site.cycle(&id).await;
    assert_eq!((&cycle["template_id"], &cycle["version"]), (&json!(template), &json!(3)));
    assert_eq!(cycle["policy"]["late_days"], 3, "the rest stays");
    assert_eq!(site.get(coordinator, &page, "en").await.status, StatusCode::NOT_FOUND, "it has its milestones");
    let again = site.post_form(coordinator, &page, &format!("version=3&template_id={template}")).await;
    assert!(again.body.contains("The cycle was opened already"), "{}", again.body);
}

#[tokio::test]
async fn by_api_an_open_cycle_gets_its_first_template_and_nothing_else() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let (id, template) = (site.unplanned().await, site.spare("Late").await);
    let path = format!("/api/v1/cycles/{id}");
    site.post(coordinator, &format!("{path}/steps"), json!({"action": "open"}), &[]).await;
    let read = sent_back(site.cycle(&id).await);
    let put = async |changes: Value| {
        let mut body = read.clone();
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        site.change(coordinator, Method::PUT, &path, Some(body), "\"v2\"").await
    };
    for more in
        [json!({}), json!({"template_id": template, "name": "Renamed"}), json!({"template_id": template, "policy": {}})]
    {
        assert_eq!(put(more).await.json()["errors"][0]["reason"], "cycle_opened");
    }
    let unknown = put(json!({"template_id": uuid::Uuid::from_u128(7)})).await;
    assert_eq!(unknown.json()["errors"][0]["field"], "template_id");
    assert_eq!(put(json!({"template_id": template})).await.json(), json!({"version": 3}));
    let list = site.get(coordinator, "/api/v1/cycles?state=open", "en").await.json();
    let listed = list["items"].as_array().unwrap().iter().find(|one| one["id"] == json!(id)).unwrap();
    assert_eq!(listed["template_id"], json!(template));
}

#[tokio::test]
async fn what_was_read_of_a_cycle_is_sent_back_and_loses_nothing() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let (id, template) = (site.unplanned().await, site.spare("Usual one").await);
    let path = format!("/api/v1/cycles/{id}");
    let mut read = sent_back(site.cycle(&id).await);
    read["template_id"] = json!(template);
    assert_eq!(site.change(coordinator, Method::PUT, &path, Some(read), "\"v1\"").await.status, StatusCode::OK);
    let read = site.cycle(&id).await;
    assert_eq!(read["template_id"], json!(template));
    let mut renamed = sent_back(read.clone());
    renamed["name"] = json!("Renamed");
    assert_eq!(site.change(coordinator, Method::PUT, &path, Some(renamed), "\"v2\"").await.status, StatusCode::OK);
    let mut expected = read;
    expected["name"] = json!("Renamed");
    expected["version"] = json!(3);
    assert_eq!(site.cycle(&id).await, expected);
}

#[tokio::test]
async fn projects_that_start_after_a_template_was_chosen_have_its_milestones() {
    let site = Site::new().await;
    let house = &site.house;
    house.forget_template().await;
    let (ana, ben) = (house.student(1).await, house.student(2).await);
    let start = async |student| {
        let project = house.propose(student, None, &[]).await.unwrap().project;
        house.approve(&house.supervisor, project).await.unwrap();
        house.step(&house.supervisor, project, Action::Start, "").await.unwrap();
        assert_eq!(house.state(project).await, State::Active);
        project
    };
    let early = start(&ana).await;
    assert!(house.milestones(early).await.is_empty());
    let template = site.spare("Late").await;
    let page = format!("/cycles/{}/milestones", house.cycle);
    let chosen = site.post_form(&house.coordinator, &page, &format!("version=2&template_id={template}")).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.body);
    let later = start(&ben).await;
    assert_eq!(house.milestones(later).await[0].title_en, "Outline");
    assert!(house.milestones(early).await.is_empty(), "what runs stays as it is");
}
