//! The demo's faculty with something on every page, and somebody of every role who looks at it.

use std::collections::BTreeMap;

use reqwest::{Method, header, multipart};
use serde_json::{Value, json};
use testkit::{Answer, App, Client, Installation};

const ADMINISTRATOR: &str = "administrator@uni.example";
const INVITED: &str = "invited@uni.example";

/// The faculty and its visitors.
pub(super) struct Faculty {
    pub(super) app: App,
    pub(super) visitors: Vec<Visitor>,
    /// Addresses that the ids of things do not make, by the paths of their routes.
    pub(super) addresses: BTreeMap<&'static str, String>,
}

/// Somebody who looks.
pub(super) struct Visitor {
    pub(super) name: &'static str,
    pub(super) client: Client,
    /// What their browser carries.
    pub(super) cookies: Vec<(String, String)>,
    /// What a path's parameter names for them.
    pub(super) ids: BTreeMap<&'static str, String>,
}

impl Faculty {
    pub(super) async fn of(installation: Installation) -> Self {
        let (app, demo) = App::start_demo(installation).await;
        let nobody = Visitor { name: "nobody", client: app.visitor(), cookies: Vec::new(), ids: BTreeMap::new() };
        let mut visitors = vec![nobody];
        for person in &demo.people {
            visitors.push(Visitor::signed_in(&app, person.role, &person.email, person.password).await);
        }
        let mut faculty = Self { app, visitors, addresses: BTreeMap::new() };
        faculty.work().await;
        faculty
    }

    /// What people do, so that no page is without content, and where the things of each visitor are.
    async fn work(&mut self) {
        let student = self.client("student").clone();
        let [project, milestone] = due(&student).await;
        let ticket = upload(&student).await;
        let path = format!("/api/v1/milestones/{milestone}/submissions");
        let receipt = student.post(&path, &json!({ "ticket": ticket })).await.expect(201).json();
        let submission = receipt["submission"].as_str().unwrap().to_owned();
        let uploaded = student.get(&format!("/submissions/{submission}/file")).await.expect(303);
        let file = uploaded.location().split(['/', '?']).nth(2).unwrap().to_owned();
        let import = stage_import(self.client("coordinator")).await;
        let invited = invite(self.client("operator")).await;
        self.client("nobody").submit("/password/forgot", &[("email", ADMINISTRATOR)]).await.expect(303);
        self.app.settle().await;
        self.addresses.insert("/invitation", self.app.link_mailed_to(INVITED).await);
        self.addresses.insert("/password/reset", self.app.link_mailed_to(ADMINISTRATOR).await);
        let mails = self.client("operator").get("/console/mails").await.expect(200).body;
        let mail = mails.split("href=\"/console/mails/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let topic = first_topic(&student, &project).await;
        let cycle = self.cycle().await;
        let offered = offer_topic(self.client("supervisor"), &cycle).await;
        let draft = draft(self.client("coordinator")).await;
        self.addresses.insert("/cycles/{cycle}/change", format!("/cycles/{draft}/change"));
        self.addresses.insert("/cycles/{cycle}/open", format!("/cycles/{draft}/open"));
        let unplanned = unplanned(self.client("coordinator")).await;
        self.addresses.insert("/cycles/{cycle}/milestones", format!("/cycles/{unplanned}/milestones"));
        let templates = self.client("coordinator").get("/api/v1/templates").await.expect(200).json();
        let things = [
            ("template", id(&templates["items"][0])),
            ("cycle", cycle),
            ("project", project),
            ("milestone", milestone),
            ("submission", submission),
            ("topic", topic),
            ("file", file),
            ("import", import),
            ("person", invited),
            ("mail", mail),
        ];
        for visitor in &mut self.visitors {
            visitor.ids.extend(things.iter().cloned());
            // A coordinator returns topics that wait for a review.
            if visitor.name == "coordinator" {
                visitor.ids.insert("topic", offered.clone());
            }
        }
    }

    async fn cycle(&self) -> String {
        let cycles = self.client("coordinator").get("/api/v1/cycles").await.expect(200).json();
        let open = cycles["items"].as_array().unwrap().iter().find(|cycle| cycle["state"] == "open");
        id(open.unwrap_or_else(|| panic!("no cycle is open: {cycles}")))
    }

    fn client(&self, name: &str) -> &Client {
        &self.visitors.iter().find(|visitor| visitor.name == name).unwrap().client
    }
}

impl Visitor {
    async fn signed_in(app: &App, name: &'static str, email: &str, password: &str) -> Self {
        let client = app.visitor();
        let cookies = cookies(&client.sign_in(email, password).await.expect(303));
        Self { name, client, cookies, ids: BTreeMap::new() }
    }
}

/// Returns the cookies that an answer sets.
fn cookies(answer: &Answer) -> Vec<(String, String)> {
    let lines = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns a project of the student's and a milestone of it that is due.
async fn due(student: &Client) -> [String; 2] {
    let tasks = student.get("/api/v1/tasks").await.expect(200).json();
    let due = tasks["items"].as_array().unwrap().iter().find(|task| task["milestone"].is_string());
    let due = due.unwrap_or_else(|| panic!("no milestone is due: {tasks}"));
    ["object", "milestone"].map(|name| due[name].as_str().unwrap().to_owned())
}

async fn first_topic(student: &Client, project: &str) -> String {
    let page = student.get(&format!("/projects/{project}")).await.expect(200).body;
    page.split("href=\"/topics/").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Makes a cycle that is not open yet.
async fn draft(coordinator: &Client) -> String {
    let cycle = json!({
        "name": "Next year", "starts_at": "2028-01-01T00:00:00Z", "proposals_until_at": "2028-03-01T00:00:00Z",
        "final_due_at": "2028-06-01T00:00:00Z", "ends_at": "2028-07-01T00:00:00Z",
    });
    id(&coordinator.post("/api/v1/cycles", &cycle).await.expect(201).json())
}

/// Makes a cycle that was opened without milestones, and is older than the one that everybody looks at.
async fn unplanned(coordinator: &Client) -> String {
    let cycle = json!({
        "name": "All years", "starts_at": "2020-01-01T00:00:00Z", "proposals_until_at": "2033-03-01T00:00:00Z",
        "final_due_at": "2034-06-01T00:00:00Z", "ends_at": "2035-07-01T00:00:00Z",
    });
    let cycle = id(&coordinator.post("/api/v1/cycles", &cycle).await.expect(201).json());
    coordinator.post(&format!("/api/v1/cycles/{cycle}/steps"), &json!({ "action": "open" })).await.expect(200);
    cycle
}

/// Makes a topic and offers it for review.
async fn offer_topic(supervisor: &Client, cycle: &str) -> String {
    let new =
        json!({ "cycle": cycle, "title_en": "River levels", "capacity": 1, "summary": "How high the river stands." });
    let topic = id(&supervisor.post("/api/v1/topics", &new).await.expect(201).json());
    let step = json!({ "action": "offer" });
    supervisor.post(&format!("/api/v1/topics/{topic}/steps"), &step).await.expect(200);
    topic
}

async fn upload(student: &Client) -> Value {
    let part = multipart::Part::bytes(b"%PDF-1.7\n% a report\n%%EOF\n").file_name("report.pdf");
    let form = multipart::Form::new().part("file", part);
    let uploaded = student.send(student.request(Method::POST, "/api/v1/files").multipart(form)).await;
    uploaded.expect(201).json()["ticket"].clone()
}

/// Sends students of whom some are refused, and leaves the import at the point where somebody decides.
async fn stage_import(coordinator: &Client) -> String {
    let students = include_str!("../../../../cohort/small/students.csv");
    let form = multipart::Form::new().part("files", multipart::Part::text(students).file_name("students.csv"));
    let staged = coordinator.send(coordinator.request(Method::POST, "/import").multipart(form)).await.expect(303);
    staged.location().rsplit('/').next().unwrap().to_owned()
}

async fn invite(administrator: &Client) -> String {
    let new = json!({ "family_name": "ແກ້ວມະນີ", "given_name": "ສົມພອນ", "email": INVITED, "language": "en",
        "roles": [{ "role": "student" }], "invite": true });
    id(&administrator.post("/api/v1/people", &new).await.expect(201).json())
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("{thing}")).to_owned()
}
