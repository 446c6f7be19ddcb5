//! A project's first walk: a faculty comes in from its spreadsheets, and one of its students gets from an idea to a receipt.

use base::TenantId;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use testkit::{App, Client, Engine, Installation, PASSWORD, both_engines};

const COORDINATOR: &str = "coordinator@uni.example";
const ADMINISTRATOR: &str = "administrator@uni.example";
const SUMMARY: &str =
    "We count the motorbikes that cross three bridges each morning, and tell the city which lights to lengthen.";
const MORE: &str = "Say more about the nights.";

both_engines! {
    async fn from_spreadsheets_to_a_receipt(installation: Installation) {
        walk(installation).await;
    }
}

/// The same walk with PostgreSQL and NATS, as a large installation has them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_spreadsheets_to_a_receipt_by_nats() {
    if let Some(installation) = Installation::with_nats(Engine::Postgres).await {
        walk(installation).await;
    }
}

async fn walk(installation: Installation) {
    let app = App::start(installation).await;
    let tenant = app.tenant("uni").await;
    app.person(tenant.id, COORDINATOR, "coordinator").await;
    app.person(tenant.id, ADMINISTRATOR, "administrator").await;
    let coordinator = signed_in(&app, COORDINATOR).await;
    let administrator = signed_in(&app, ADMINISTRATOR).await;

    let cycle = prepare_cycle(&coordinator).await;
    import(&coordinator).await;
    open_cycle(&coordinator, &cycle).await;
    app.settle().await;

    let topic = free_topic(&coordinator, &cycle).await;
    let student = first_student(&app, &administrator, &topic).await;
    let supervisor = person_of(&app, &administrator, topic["supervisor"]["id"].as_str().unwrap()).await;

    let project = propose(&student, &cycle, &topic).await;
    ask_for_a_change(&supervisor, &project).await;
    answer_it(&student, &project).await;
    step(&supervisor, &format!("/api/v1/projects/{project}/approval"), &json!({})).await;
    step(&supervisor, &format!("/api/v1/projects/{project}/steps"), &json!({"action": "start"})).await;

    hand_in_every_milestone(&student, &supervisor, &project).await;
    let receipt = hand_in_the_final_work(&student, &project).await;
    assert_eq!(receipt["sha256"].as_str().unwrap().len(), 64);
    reads_back(&student, &project).await;
    app.stop().await;
}

/// Signs in as `coordinator` and makes a cycle, for the walk in a browser.
pub(crate) async fn prepared_cycle(app: &App, coordinator: &str) -> String {
    prepare_cycle(&signed_in(app, coordinator).await).await
}

/// Who walks in a browser, each with [`PASSWORD`], and on which topic.
pub(crate) struct Cast {
    pub(crate) student: String,
    pub(crate) supervisor: String,
    pub(crate) topic: String,
}

/// Opens the imported cycle and gives a student and the supervisor of a topic for them a password.
pub(crate) async fn cast(app: &App, tenant: TenantId, coordinator: &str, cycle: &str) -> Cast {
    app.person(tenant, ADMINISTRATOR, "administrator").await;
    let (coordinator, administrator) = (signed_in(app, coordinator).await, signed_in(app, ADMINISTRATOR).await);
    open_cycle(&coordinator, cycle).await;
    let topic = free_topic(&coordinator, cycle).await;
    let student = student_for(&administrator, &topic).await;
    invited(app, &administrator, &student).await;
    let supervisor =
        administrator.get(&format!("/api/v1/people/{}", topic["supervisor"]["id"].as_str().unwrap())).await;
    let supervisor = supervisor.expect(200).json()["email"].as_str().unwrap().to_owned();
    invited(app, &administrator, &supervisor).await;
    Cast { student, supervisor, topic: topic["id"].as_str().unwrap().to_owned() }
}

async fn signed_in(app: &App, email: &str) -> Client {
    let client = app.visitor();
    client.sign_in(email, PASSWORD).await.expect(303);
    client
}

/// A milestone template and a cycle that follows it, as a draft.
async fn prepare_cycle(coordinator: &Client) -> String {
    let items = json!([
        {"title_en": "Literature", "opens_days": 0, "due_days": 30, "mandatory": true},
        {"title_en": "Interim report", "opens_days": 0, "due_days": 60, "mandatory": true},
    ]);
    let template =
        coordinator.post("/api/v1/templates", &json!({"name": "Two steps", "items": items})).await.expect(201);
    let cycle = json!({
        "name": "2027", "template_id": template.json()["id"],
        "starts_at": "2027-02-01T00:00:00Z", "proposals_until_at": "2027-04-01T00:00:00Z",
        "final_due_at": "2027-07-01T00:00:00Z", "ends_at": "2027-09-01T00:00:00Z",
    });
    coordinator.post("/api/v1/cycles", &cycle).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

/// The small cohort: dry run first, which must find exactly the rows that are known to be bad, then the good rows.
async fn import(coordinator: &Client) {
    let expected: Value = serde_json::from_str(include_str!("../../cohort/small/expected_errors.json")).unwrap();
    let dry = send_files(coordinator, "/api/v1/imports?dry_run=true").await.expect(200).json();
    assert_eq!(sorted(&dry["refusals"]), sorted(&expected));
    let kept = send_files(coordinator, "/api/v1/imports?mode=good_rows").await.expect(201).json();
    assert_eq!(kept["outcome"], "imported");
}

async fn send_files(coordinator: &Client, path: &str) -> testkit::Answer {
    let files = [
        ("students.csv", include_str!("../../cohort/small/students.csv")),
        ("supervisors.csv", include_str!("../../cohort/small/supervisors.csv")),
        ("topics.csv", include_str!("../../cohort/small/topics.csv")),
        ("preferences.csv", include_str!("../../cohort/small/preferences.csv")),
        ("rankings.csv", include_str!("../../cohort/small/rankings.csv")),
        ("rooms.csv", include_str!("../../cohort/small/rooms.csv")),
        ("availability.csv", include_str!("../../cohort/small/availability.csv")),
    ];
    let form = files.into_iter().fold(multipart::Form::new(), |form, (name, text)| {
        form.part("files", multipart::Part::text(text).file_name(name))
    });
    coordinator.send(coordinator.request(Method::POST, path).multipart(form)).await
}

fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(ToString::to_string).collect();
    rows.sort();
    rows
}

async fn open_cycle(coordinator: &Client, cycle: &str) {
    let opened =
        coordinator.post(&format!("/api/v1/cycles/{cycle}/steps"), &json!({"action": "open"})).await.expect(200);
    assert_eq!(opened.json()["state"], "open");
}

/// A topic that is open and has a place.
async fn free_topic(coordinator: &Client, cycle: &str) -> Value {
    let list = coordinator.get(&format!("/api/v1/topics?cycle={cycle}&state=open&limit=200")).await.expect(200).json();
    let topics = list["items"].as_array().unwrap();
    topics.first().unwrap_or_else(|| panic!("no open topic in {list}")).clone()
}

/// A student of a programme that the topic is for, who takes up the invitation.
async fn first_student(app: &App, administrator: &Client, topic: &Value) -> Client {
    let email = student_for(administrator, topic).await;
    invited(app, administrator, &email).await
}

/// Returns the address of a student of a programme that the topic is for.
async fn student_for(administrator: &Client, topic: &Value) -> String {
    let details =
        administrator.get(&format!("/api/v1/topics/{}", topic["id"].as_str().unwrap())).await.expect(200).json();
    let programme = details["programmes"][0]["code"].as_str().unwrap_or_else(|| panic!("{details}")).to_owned();
    let students = include_str!("../../cohort/small/students.csv");
    let email_of = |line: &str| {
        let columns: Vec<&str> = line.split(',').collect();
        // A row with a quoted comma has more columns, and the row without an address is one of the bad ones.
        let good = columns.len() == 7 && columns[4] == programme && columns[3].contains('@');
        good.then(|| columns[3].to_owned())
    };
    students.lines().skip(1).find_map(email_of).expect("a student of the programme")
}

async fn person_of(app: &App, administrator: &Client, id: &str) -> Client {
    let person = administrator.get(&format!("/api/v1/people/{id}")).await.expect(200).json();
    invited(app, administrator, person["email"].as_str().unwrap()).await
}

/// Invites somebody, opens the mail, follows its link, chooses a password and signs in.
async fn invited(app: &App, administrator: &Client, email: &str) -> Client {
    let found = administrator.get(&format!("/api/v1/people?q={email}")).await.expect(200).json();
    let id = found["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{email} has no account: {found}")).to_owned();
    administrator.post(&format!("/api/v1/people/{id}/invitations"), &json!({})).await.expect(204);
    app.settle().await;
    let link = app.link_mailed_to(email).await;
    let visitor = app.visitor();
    visitor.get(&link).await.expect(200);
    let (page, token) = link.split_once("?token=").unwrap();
    visitor.submit(page, &[("token", token), ("password", PASSWORD), ("repeat", PASSWORD)]).await.expect(303);
    visitor.sign_in(email, PASSWORD).await.expect(303);
    visitor
}

async fn propose(student: &Client, cycle: &str, topic: &Value) -> String {
    let proposal = json!({
        "cycle": cycle, "topic": topic["id"], "title_en": topic["title_en"], "title_local": topic["title_local"],
        "summary": SUMMARY, "methods": "Cameras, and patience.",
    });
    let made = student.post("/api/v1/projects", &proposal).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

async fn ask_for_a_change(supervisor: &Client, project: &str) {
    let wishes = json!({"requests": ["Name the three bridges.", "Say how you count at night."]});
    let moved = step(supervisor, &format!("/api/v1/projects/{project}/change-requests"), &wishes).await;
    assert_eq!(moved["to"], "changes_requested");
    // What is not possible now is refused with what is.
    let again = supervisor.post(&format!("/api/v1/projects/{project}/approval"), &json!({})).await.expect(409).json();
    assert_eq!((&again["code"], &again["state"]), (&json!("PRJ-003"), &json!(["changes_requested"])), "{again}");
    assert!(again["legal"].is_array(), "{again}");
}

async fn answer_it(student: &Client, project: &str) {
    let path = format!("/api/v1/projects/{project}/proposals");
    let version = |answers: Value| json!({"title_en": "Bridges", "title_local": "ຂົວ", "summary": SUMMARY, "methods": "Cameras.", "answers": answers});
    let half = student.post(&path, &version(json!([{"position": 1, "done": true}]))).await;
    assert!(half.status.is_client_error(), "an open wish must keep it back: {}", half.body);
    let whole = json!([{"position": 1, "done": true}, {"position": 2, "answer": "Infrared, from the second bridge."}]);
    assert_eq!(step(student, &path, &version(whole)).await["to"], "proposed");
}

async fn hand_in_every_milestone(student: &Client, supervisor: &Client, project: &str) {
    let details = student.get(&format!("/api/v1/projects/{project}")).await.expect(200).json();
    let milestones = details["milestones"].as_array().unwrap_or_else(|| panic!("{details}")).clone();
    assert_eq!(milestones.len(), 2);
    for milestone in milestones {
        let path = format!("/api/v1/milestones/{}", milestone["id"].as_str().unwrap());
        hand_in(student, &path, b"%PDF-1.7\n% a report of one line\n%%EOF\n").await;
        let more = json!({"action": "return", "feedback": MORE});
        supervisor.post(&format!("{path}/reviews"), &more).await.expect(200);
        hand_in(student, &path, b"%PDF-1.7\n% a report of two\n% lines\n%%EOF\n").await;
        supervisor.post(&format!("{path}/reviews"), &json!({"action": "approve"})).await.expect(200);
        let kept = student.get(&path).await.expect(200).json();
        assert_eq!(kept["feedback"], MORE, "an approval without words leaves those said before: {kept}");
        let taken: Vec<_> = actions(&kept["history"]).into_iter().filter(|action| *action != "fall_due").collect();
        assert_eq!(taken, ["submit", "return", "submit", "approve"], "{kept}");
    }
}

async fn hand_in(student: &Client, path: &str, bytes: &'static [u8]) {
    let ticket = upload(student, "report.pdf", bytes).await;
    student.post(&format!("{path}/submissions"), &json!({"ticket": ticket})).await.expect(201);
}

async fn hand_in_the_final_work(student: &Client, project: &str) -> Value {
    let ticket = upload(student, "thesis.pdf", b"%PDF-1.7\n% the whole of it\n%%EOF\n").await;
    let path = format!("/api/v1/projects/{project}/final");
    let bare = student.post(&path, &json!({"ticket": ticket, "declarations": []})).await;
    assert!(bare.status.is_client_error(), "declarations are wanted: {}", bare.body);
    let declarations = json!(["own_work", "sources_named"]);
    student.post(&path, &json!({"ticket": ticket, "declarations": declarations})).await.expect(201).json()
}

/// The whole of it, for good: who, when and why, what was asked and what was answered.
async fn reads_back(student: &Client, project: &str) {
    let history = student.get(&format!("/api/v1/projects/{project}/history")).await.expect(200).json();
    let steps = history["items"].as_array().unwrap();
    let (of_milestones, own): (Vec<Value>, Vec<Value>) =
        steps.iter().cloned().partition(|step| step["milestone"].is_object());
    let own = Value::Array(own);
    assert_eq!(actions(&own), ["submit", "request_changes", "resubmit", "approve", "start", "submit_final"]);
    assert_eq!(steps.last().unwrap()["action"], "submit_final", "steps stand in the order of time: {history}");
    let said = |change: &Value| (change["version"].clone(), change["done"].clone(), change["answer"].clone());
    let changes = own[1]["changes"].as_array().unwrap();
    let expected =
        [(json!(1), json!(true), json!("")), (json!(1), json!(false), json!("Infrared, from the second bridge."))];
    assert_eq!(changes.iter().map(said).collect::<Vec<_>>(), expected);

    let of_milestones: Vec<Value> = of_milestones.into_iter().filter(|step| step["action"] != "fall_due").collect();
    assert_eq!(actions(&json!(of_milestones)), ["submit", "return", "submit", "approve"].repeat(2));
    for (step, title) in of_milestones.iter().zip([["Literature"; 4], ["Interim report"; 4]].concat()) {
        assert_eq!(step["milestone"]["title_en"], title);
        assert!(!step["by"].as_str().unwrap().is_empty() && step["at"].is_string(), "{step}");
        assert_eq!(step["reason"], if step["action"] == "return" { MORE } else { "" });
    }
    let page = student.get(&format!("/projects/{project}")).await.expect(200);
    for text in ["Bridges", "Changes asked for in version 1", "Infrared, from the second bridge.", MORE] {
        assert!(page.body.contains(text), "{text} is not on the page");
    }
}

fn actions(steps: &Value) -> Vec<&str> {
    steps.as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect()
}

async fn upload(client: &Client, name: &'static str, bytes: &'static [u8]) -> String {
    let part = multipart::Part::bytes(bytes).file_name(name).mime_str("application/pdf").unwrap();
    let form = multipart::Form::new().part("file", part);
    let answer = client.send(client.request(Method::POST, "/api/v1/files").multipart(form)).await.expect(201);
    answer.json()["ticket"].as_str().unwrap().to_owned()
}

async fn step(client: &Client, path: &str, body: &Value) -> Value {
    client.post(path, body).await.expect(200).json()
}
