//! The root secret of an installation is exchanged while two nodes work, each step a rolling restart: who is signed in stays so,
//! tokens stay good, nodes go on calling each other by mutual TLS, and no request fails.

use fpms::{
    cli::keys::{self, Choose, Command, List},
    demo::Demo,
};
use serde_json::json;
use testkit::{Client, Engine, Installation};

use crate::role_split::nodes::Place;

mod fleet;
mod traffic;

use self::{
    fleet::Fleet,
    traffic::{Traffic, Visitors},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_root_secret_is_exchanged() {
    let place = Place::of(Installation::on(Engine::Sqlite).await.unwrap());
    let demo = place.furnish().await;
    let fleet = Fleet::start(&place).await;
    let visitors = visitors(&fleet.url().await, &demo).await;
    let cursor = visitors.session.get("/api/v1/topics?limit=1").await.expect(200).json()["next"].clone();
    let next = format!("/api/v1/topics?limit=1&after={}", cursor.as_str().unwrap());
    let old = only_root(&place);

    let failed = Traffic::during(&fleet, &visitors, async |traffic| {
        keys(&place, |place| Command::Add(List { place }));
        traffic.over_a_rolling_restart().await;
        let new = newest_root(&place);
        keys(&place, |place| Command::Promote(Choose { id: new.parse().unwrap(), place }));
        traffic.over_a_rolling_restart().await;
        // What the old root made is still read by nodes that make everything with the new one.
        visitors.session.at(&fleet.url().await).get(&next).await.expect(200);
        keys(&place, |place| Command::Retire(Choose { id: old.parse().unwrap(), place }));
        traffic.over_a_rolling_restart().await;
        assert_eq!(only_root(&place), new);
    });
    assert_eq!(failed.await, [""; 0], "requests failed while the root secret was exchanged");

    // The old root is worth nothing any more: only then was it an exchange.
    let refused = visitors.session.at(&fleet.url().await).get(&next).await.expect(400).json();
    assert_eq!(refused["code"], "WEB-008");
    fleet.stop().await;
}

/// Signs somebody in, and gives them an API token.
async fn visitors(url: &str, demo: &Demo) -> Visitors {
    let coordinator = demo.people.iter().find(|person| person.role == "coordinator").unwrap();
    let session = Client::new(url);
    session.sign_in(&coordinator.email, coordinator.password).await.expect(303);
    let token = json!({ "name": "exchange", "scopes": ["*"], "days": 1 });
    let made = session.post("/api/v1/tokens", &token).await.expect(201).json();
    Visitors { session, program: Client::new(url), token: made["token"].as_str().unwrap().to_owned() }
}

/// Runs `fpms keys`, and returns what it says.
fn keys(place: &Place, command: impl FnOnce(fpms::cli::place::Place) -> Command) -> String {
    let mut out = Vec::new();
    keys::run(&keys::Arguments { command: command(place.flags()) }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn roots(place: &Place) -> Vec<String> {
    let listed = keys(place, |place| Command::List(List { place }));
    listed.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

fn only_root(place: &Place) -> String {
    let [root] = roots(place).try_into().unwrap();
    root
}

fn newest_root(place: &Place) -> String {
    roots(place).pop().unwrap()
}
