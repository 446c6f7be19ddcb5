//! An installation split by roles: a process for each service, two for projects, on one data folder or one PostgreSQL. People
//! notice neither a node that is killed nor one that is taken away, and nothing acknowledged is lost.

use fpms::demo::Demo;
use reqwest::{Method, multipart};
use serde_json::json;
use testkit::{Client, Engine, Installation, both_engines};

pub(crate) mod nodes;
pub(crate) mod stream;

use self::{
    nodes::{Node, Place},
    stream::{Stream, Writes},
};

/// Answers that must have come after a change among the nodes, before it counts as survived.
const ANSWERS_AFTER: usize = 200;

both_engines! {
    async fn people_notice_nothing_of_nodes_that_come_and_go(installation: Installation) {
        let place = Place::of(installation);
        let demo = place.furnish().await;
        let mut front = Node::start(&place, "registry,gateway,console");
        let others: Vec<Node> =
            ["identity", "files", "notifications"].into_iter().map(|role| Node::start(&place, role)).collect();
        let [first, second] = ["projects"; 2].map(|role| Node::start(&place, role));
        for node in others.iter().chain([&first, &second]) {
            node.serves().await;
        }
        let url = front.gateway().await;

        journey(&url, &demo).await;
        let coordinator = signed_in(&url, &demo, "coordinator").await;
        let mut kept = killed(&coordinator, first).await;
        let third = Node::start(&place, "projects");
        kept.extend(replaced(&coordinator, &third, second).await);
        place
            .hears(&[
                ("installation.node.changed", "\"change\":\"joined\",\"service\":\"projects\""),
                ("installation.node.changed", "\"change\":\"left\",\"service\":\"projects\""),
                ("installation.traffic.decided", "\"decision\":\"failed_over\",\"service\":\"projects\""),
            ])
            .await;
        let codes = codes(&coordinator).await;
        let lost: Vec<&String> = kept.iter().filter(|code| !codes.contains(code)).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged writes are gone: {lost:?}", lost.len(), kept.len());
        for node in others.into_iter().chain([third, front]) {
            node.stop().await;
        }
    }
}

/// A node without the gateway says how it is at an address of its own, until it stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_any_role_answers_probes() {
    let probes = testkit::free_port();
    let installation = Installation::on(Engine::Sqlite).await.unwrap();
    let place = Place::with(installation, &format!("probes = \"127.0.0.1:{probes}\"\n"));
    let node = Node::start(&place, "registry,notifications");
    node.serves().await;
    let client = Client::new(&format!("http://127.0.0.1:{probes}"));
    // The last role has started; that the node as a whole has is a moment later.
    let ready = client.get_until("/ready", 200).await.json();
    assert_eq!(ready["checks"].as_array().unwrap().iter().filter(|check| check["name"] == "roles").count(), 1);
    assert_eq!(client.get("/health").await.expect(200).json()["ok"], true);
    assert!(client.get("/metrics").await.expect(200).body.contains("# TYPE "));
    node.stop().await;
}

/// A short walk over every service: a file goes up, is handed in, its supervisor is told and approves, and it comes back.
async fn journey(url: &str, demo: &Demo) {
    let student = signed_in(url, demo, "student").await;
    let supervisor = signed_in(url, demo, "supervisor").await;
    let tasks = student.get("/api/v1/tasks").await.expect(200).json();
    let milestone = tasks["items"].as_array().unwrap().iter().find_map(|task| task["milestone"].as_str());
    let milestone = milestone.unwrap_or_else(|| panic!("no milestone is due: {tasks}"));
    let bytes = b"%PDF-1.7\n% over every node\n%%EOF\n";
    let part = multipart::Part::bytes(bytes).file_name("split.pdf");
    let form = multipart::Form::new().part("file", part);
    let uploaded =
        student.send(student.request(Method::POST, "/api/v1/files").multipart(form)).await.expect(201).json();
    let ticket = json!({ "ticket": uploaded["ticket"] });
    let receipt =
        student.post(&format!("/api/v1/milestones/{milestone}/submissions"), &ticket).await.expect(201).json();
    told(&supervisor).await;
    let review = json!({ "action": "approve" });
    supervisor.post(&format!("/api/v1/milestones/{milestone}/reviews"), &review).await.expect(200);
    let link = student.get(&format!("/submissions/{}/file", receipt["submission"].as_str().unwrap())).await.expect(303);
    let file = student.get(link.location()).await.expect(200);
    assert_eq!(file.body.as_bytes(), bytes);
}

/// Waits until a notification has come.
async fn told(supervisor: &Client) {
    for _ in 0..600 {
        let list = supervisor.get("/api/v1/notifications").await.expect(200).json();
        if list["items"].as_array().is_some_and(|items| !items.is_empty()) {
            return;
        }
        // An event travels when its relay finds it: asking is the condition that is waited for.
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the supervisor was told nothing");
}

/// Kills one of two nodes under load. No read fails; a write may, but what was acknowledged counts.
async fn killed(coordinator: &Client, node: Node) -> Vec<String> {
    let outcome = Stream::during(coordinator, ("K", Writes::Once), async |stream| {
        stream.answers(ANSWERS_AFTER).await;
        node.kill().await;
        stream.answers(ANSWERS_AFTER).await;
    });
    let ((), outcome) = outcome.await;
    assert_eq!(outcome.failed_reads, [""; 0], "reads failed when a node was killed");
    outcome.written
}

/// Lets a new node join and takes the old one away under load. No request fails, of whatever kind.
async fn replaced(coordinator: &Client, new: &Node, old: Node) -> Vec<String> {
    let outcome = Stream::during(coordinator, ("R", Writes::Once), async |stream| {
        new.serves().await;
        stream.answers(ANSWERS_AFTER).await;
        old.stop().await;
        stream.answers(ANSWERS_AFTER).await;
    });
    let ((), outcome) = outcome.await;
    let failed = [outcome.failed_reads, outcome.failed_writes].concat();
    assert_eq!(failed, [""; 0], "requests failed when a node was taken away");
    outcome.written
}

/// Signs in as somebody of the demo.
pub(crate) async fn signed_in(url: &str, demo: &Demo, role: &str) -> Client {
    let person = demo.people.iter().find(|person| person.role == role).unwrap();
    let client = Client::new(url);
    client.sign_in(&person.email, person.password).await.expect(303);
    client
}

/// Returns the codes of all programmes.
pub(crate) async fn codes(coordinator: &Client) -> Vec<String> {
    let list = coordinator.get("/api/v1/programmes").await.expect(200).json();
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
    items.iter().map(|programme| programme["code"].as_str().unwrap().to_owned()).collect()
}
