//! Several people do the same in one cycle at the same moment: each does it as if after the others.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use testkit::{Answer, App, Client, both_engines};

const AT_ONCE: usize = 6;

both_engines! {
    async fn one_is_enrolled_once_and_every_topic_gets_a_number_of_its_own(installation: Installation) {
        let (app, demo) = App::start_demo(installation).await;
        let coordinator = app.visitor();
        let person = demo.people.iter().find(|person| person.role == "coordinator").unwrap();
        coordinator.sign_in(&person.email, person.password).await.expect(303);
        let first = async |path: &str| coordinator.get(path).await.expect(200).json()["items"][0].clone();
        let (cycle, programme) = (first("/api/v1/cycles").await, first("/api/v1/programmes").await);
        let supervisor = first("/api/v1/topics").await["supervisor"]["id"].clone();

        let person = json!({ "family_name": "Sii", "given_name": "Noy", "email": "noy@uni.example" });
        let newcomer = json!({ "person": person, "student": { "programme": programme["id"] } });
        let students = format!("/api/v1/cycles/{}/students", cycle["id"].as_str().unwrap());
        let mut enrolled = at_once(&coordinator, &students, &newcomer).await;
        enrolled.sort_unstable();
        assert_eq!(enrolled, [201, 422, 422, 422, 422, 422]);

        let kaew = |email: &str| json!({ "family_name": "Kaew", "given_name": "Dao", "email": email });
        for round in 0..3 {
            let email = format!("kaew{round}@uni.example");
            let student = json!({ "person": kaew(&email), "student": { "programme": programme["id"] } });
            let row = format!("S-9{round},Kaew,Dao,{email},{}", programme["code"].as_str().unwrap());
            let enrolled = coordinator.send(coordinator.request(Method::POST, &students).json(&student));
            let (enrolled, imported) = tokio::join!(enrolled, import(&coordinator, &row));
            assert!([201, 422].contains(&enrolled.status.as_u16()), "{}", enrolled.body);
            imported.expect(201);
            let exported = coordinator.get("/export/students.csv").await.expect(200).body;
            assert_eq!(exported.matches(&email).count(), 1, "{exported}");
        }

        let topic = json!({
            "cycle": cycle["id"], "supervisor": supervisor, "title_en": "Rice by drone", "title_local": "", "summary": "",
            "area": "", "capacity": 1, "programmes": [programme["id"]],
        });
        assert_eq!(at_once(&coordinator, "/api/v1/topics", &topic).await, [201; AT_ONCE]);
        let made = coordinator.get("/api/v1/topics?q=Rice+by+drone&state=draft").await.expect(200).json();
        let numbers: BTreeSet<_> = made["items"].as_array().unwrap().iter().map(|one| one["number"].to_string()).collect();
        assert_eq!(numbers.len(), AT_ONCE, "{made}");
        app.stop().await;
    }
}

async fn import(client: &Client, row: &str) -> Answer {
    let text = format!("student_no,family_name,given_name,email,programme\n{row}\n");
    let part = multipart::Part::text(text).file_name("students.csv");
    let form = multipart::Form::new().part("file", part);
    client.send(client.request(Method::POST, "/api/v1/imports").multipart(form)).await
}

async fn at_once(client: &Client, path: &str, body: &Value) -> Vec<u16> {
    let answers = join_all((0..AT_ONCE).map(|_| client.send(client.request(Method::POST, path).json(body)))).await;
    answers.iter().map(|answer| answer.status.as_u16()).collect()
}
