//! One person enrolled by hand, by whoever coordinates one programme: from the search to the invitation and the sign-in.

use reqwest::Method;
use serde_json::Value;
use testkit::{App, Client, both_engines};

const PASSWORD: &str = "three-rivers-and-a-bridge";
const NEWCOMER: &str = "newcomer@uni.example";
/// A supervisor of the demo, who is given a programme to coordinate.
const LECTURER: &str = "supervisor002@uni.example";

both_engines! {
    async fn a_programmes_coordinator_enrols_a_newcomer_who_is_invited_and_takes_part(installation: Installation) {
        let (app, demo) = App::start_demo(installation).await;
        let signed_in = |role: &'static str| {
            let person = demo.people.iter().find(|person| person.role == role).unwrap();
            let client = app.visitor();
            async move {
                client.sign_in(&person.email, person.password).await.expect(303);
                client
            }
        };
        let (operator, coordinator) = (signed_in("operator").await, signed_in("coordinator").await);
        let programmes = coordinator.get("/api/v1/programmes").await.expect(200).json();
        let [mine, other] = [0, 1].map(|at| programmes["items"][at]["id"].as_str().unwrap().to_owned());
        let cycles = coordinator.get("/api/v1/cycles").await.expect(200).json();
        let cycle = cycles["items"][0]["id"].as_str().unwrap().to_owned();

        // The role is given on the page of the person, in the programme by its name.
        let lecturer = person(&operator, LECTURER).await;
        let page = operator.get(&format!("/people/{lecturer}")).await.expect(200).body;
        assert!(page.contains(&format!("<option value=\"{mine}\"")), "identity knows the programmes: {page}");
        operator.submit(&format!("/people/{lecturer}/roles"), &[("role", "coordinator"), ("unit", &mine)]).await.expect(303);
        let lecturer = invited(&app, &operator, LECTURER).await;

        let students = format!("/cycles/{cycle}/students/new");
        let newcomer = |programme| {
            [("family_name", "Vong"), ("given_name", "Mali"), ("email", NEWCOMER), ("programme", programme)]
        };
        lecturer.submit(&students, &newcomer(&other)).await.expect(403);
        lecturer.submit(&students, &newcomer(&mine)).await.expect(303);
        for refused in [format!("/cycles/{cycle}/supervisors/new"), "/cycles/new".to_owned(), "/import".to_owned()] {
            lecturer.get(&refused).await.expect(403);
        }
        let found = lecturer.get(&format!("{students}?q=newcomer@")).await.expect(200).body;
        assert!(found.contains(NEWCOMER), "{found}");

        app.settle().await;
        let mali = chooses_a_password(&app, NEWCOMER).await;
        let session = mali.get("/propose").await.expect(200).body;
        assert!(!session.contains("You are not enrolled"), "{session}");
        app.stop().await;
    }
}

async fn person(operator: &Client, email: &str) -> String {
    let found: Value = operator.get(&format!("/api/v1/people?q={email}")).await.expect(200).json();
    found["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{email} has no account: {found}")).to_owned()
}

async fn invited(app: &App, operator: &Client, email: &str) -> Client {
    let id = person(operator, email).await;
    operator.send(operator.request(Method::POST, &format!("/api/v1/people/{id}/invitations"))).await.expect(204);
    app.settle().await;
    chooses_a_password(app, email).await
}

async fn chooses_a_password(app: &App, email: &str) -> Client {
    let link = app.link_mailed_to(email).await;
    let visitor = app.visitor();
    let (page, token) = link.split_once("?token=").unwrap();
    visitor.submit(page, &[("token", token), ("password", PASSWORD), ("repeat", PASSWORD)]).await.expect(303);
    visitor.sign_in(email, PASSWORD).await.expect(303);
    visitor
}
