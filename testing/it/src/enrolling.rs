//! One person enrolled by hand, by whoever coordinates one programme: from the search to the invitation and the sign-in.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
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

        // Who is enrolled by several at once is one person.
        let students = format!("/api/v1/cycles/{cycle}/students");
        let person = json!({ "family_name": "Sii", "given_name": "Noy", "email": "noy@uni.example" });
        let twice = json!({ "person": person, "student": { "programme": mine } });
        let enrol = || coordinator.send(coordinator.request(Method::POST, &students).json(&twice));
        let answers = join_all((0..6).map(|_| enrol())).await;
        let mut answers: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [201, 422, 422, 422, 422, 422]);

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
