//! One person enrolled by hand: found or new, by whoever coordinates the programme.

use base::{Caller, Id, PersonId, Scope};
use contracts::events::projects::{ParticipantEnrolled, ProgrammeChanged};
use futures_util::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    house::{House, caller},
    over_http::Site,
};
use crate::{
    actions::create_programme::{CreateProgramme, create_programme},
    error::Error,
    model::ids::ProgrammeId,
    store::{
        participants::{self, Student},
        people::{self, Person},
    },
};

storage::statements! {
    EVENTS: read [outbox] = "SELECT data FROM outbox WHERE tenant_id = $1 AND event_type = $2";
}

impl Site {
    /// Returns somebody who coordinates one programme.
    fn coordinator_of(&self, programme: ProgrammeId) -> Caller {
        let whole = caller(self.house.tenant, 700, "coordinator");
        let mut person = whole.as_person().unwrap().clone();
        for grant in &mut person.grants {
            grant.scope = Scope::Unit(programme.uuid());
        }
        Caller::person(self.house.tenant, person, whole.request())
    }

    async fn another_programme(&self) -> ProgrammeId {
        let new =
            CreateProgramme { code: "CE".into(), title_en: "Civil engineering".into(), title_local: String::new() };
        self.house.run(&self.house.coordinator, |tx| create_programme(tx, new).boxed()).await.unwrap()
    }

    pub(super) async fn told(&self, kind: &'static str) -> Vec<Value> {
        let read = self.house.db.read(&self.house.coordinator, move |tx| {
            async move { tx.fetch::<(String,)>(&EVENTS, storage::params![kind]).await }.boxed()
        });
        let rows: Result<_, storage::Error> = read.await;
        rows.unwrap().into_iter().map(|(data,)| serde_json::from_str(&data).unwrap()).collect()
    }

    async fn student(&self, person: PersonId) -> Option<Student> {
        let cycle = self.house.cycle;
        let read = self.house.db.read(&self.house.coordinator, move |tx| {
            async move { Ok::<_, Error>(participants::student(tx, cycle, person).await?) }.boxed()
        });
        read.await.unwrap()
    }

    async fn known(&self, email: &'static str) -> Option<Person> {
        let read = self.house.db.read(&self.house.coordinator, move |tx| {
            async move { Ok::<_, Error>(people::find_by_email(tx, email).await?) }.boxed()
        });
        read.await.unwrap()
    }
}

#[tokio::test]
async fn somebody_new_is_enrolled_and_identity_is_told() {
    let site = Site::new().await;
    let House { coordinator, cycle, programme, .. } = &site.house;
    let path = format!("/cycles/{cycle}/students/new");
    let form =
        format!("family_name=Vong&given_name=Mali&email=Mali%40uni.example&number=77&programme={programme}&gpa=3.5");
    let wrong =
        site.post_form(coordinator, &path, &form.replace("Mali%40uni.example", "mali").replace("3.5", "9")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["f-email-wrong", "f-gpa-wrong", "value=\"Vong\"", ">Mail address: "] {
        assert!(wrong.body.contains(text), "{text}: {}", wrong.body);
    }
    let blank = site.post_form(coordinator, &path, "family_name=&given_name=+&email=&number=77&programme=").await;
    for text in ["f-family_name-wrong", "f-email-wrong", ">Programme: Fill this in<", "value=\"77\""] {
        assert!(blank.body.contains(text), "everything is told at once: {text}: {}", blank.body);
    }

    let made = site.post_form(coordinator, &path, &form).await;
    assert_eq!(made.location, format!("/overview?cycle={cycle}"), "{}", made.body);
    let person = site.known("mali@UNI.example").await.unwrap();
    let student = site.student(person.id).await.unwrap();
    assert_eq!((student.programme_id, student.gpa_points), (*programme, Some(350)));
    let told = site.told(<ParticipantEnrolled as base::Event>::TYPE).await;
    let told = told.iter().find(|event| event["participant"]["person"] == json!(person.id)).unwrap();
    let participant = &told["participant"];
    assert_eq!((&participant["role"], &participant["numbers"]), (&json!("student"), &json!(["77"])));
    // The same form again is of somebody known by now.
    let twice = site.post_form(coordinator, &path, &form).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("f-email-wrong") && twice.body.contains("f-number-wrong"), "{}", twice.body);

    let found = site.get(coordinator, &format!("{path}?q=mal"), "en").await.body;
    let href = format!("{path}?person={}", person.id);
    assert!(found.contains(&href), "{found}");
    let chosen = site.get(coordinator, &href, "en").await.body;
    assert!(chosen.contains("is enrolled in the cycle already") && chosen.contains("value=\"3.50\""), "{chosen}");
    let moved = format!("person={}&programme={programme}&classroom=CS-9&gpa=", person.id);
    assert_eq!(site.post_form(coordinator, &path, &moved).await.status, StatusCode::SEE_OTHER);
    let student = site.student(person.id).await.unwrap();
    assert_eq!((student.classroom.as_str(), student.gpa_points), ("CS-9", Some(350)), "what is known stays");
}

#[tokio::test]
async fn somebody_with_one_name_is_enrolled_by_page_and_api() {
    let site = Site::new().await;
    let House { coordinator, cycle, programme, .. } = &site.house;
    let form = format!("family_name=&given_name=Sukarno&email=sukarno%40uni.example&programme={programme}");
    let made = site.post_form(coordinator, &format!("/cycles/{cycle}/students/new"), &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert_eq!(site.known("sukarno@uni.example").await.unwrap().name, "Sukarno");
    let thida = json!({"family_name": "Thida", "email": "thida@uni.example"});
    let body = json!({"person": thida, "student": {"programme": programme}});
    let made = site.post(coordinator, &format!("/api/v1/cycles/{cycle}/students"), body, &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(site.known("thida@uni.example").await.unwrap().name, "Thida");
}

#[tokio::test]
async fn a_coordinator_of_one_programme_enrols_its_students_and_nobody_else() {
    let site = Site::new().await;
    let (mine, other) = (site.house.programme, site.another_programme().await);
    let (me, cycle) = (site.coordinator_of(mine), site.house.cycle);
    let path = format!("/cycles/{cycle}/students/new");
    let page = site.get(&me, &path, "en").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Computer science") && !page.body.contains("Civil engineering"), "{}", page.body);
    let form = |programme| format!("family_name=Vong&given_name=Mali&email=mali%40uni.example&programme={programme}");
    assert_eq!(site.post_form(&me, &path, &form(other)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post_form(&me, &path, &form(mine)).await.status, StatusCode::SEE_OTHER);

    // Somebody of another programme is not theirs to take.
    let noy = json!({"family_name": "Sisouk", "given_name": "Noy", "email": "noy@uni.example"});
    let body = json!({"person": noy, "student": {"programme": other}});
    let api = format!("/api/v1/cycles/{cycle}/students");
    assert_eq!(site.post(&me, &api, body.clone(), &[]).await.status, StatusCode::FORBIDDEN);
    let made = site.post(&site.house.coordinator, &api, body, &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let noy = made.json()["id"].as_str().unwrap().to_owned();
    let taken = site.post_form(&me, &path, &format!("person={noy}&programme={mine}")).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("is enrolled in another programme"), "{}", taken.body);

    // What is the university's is refused by address too, and the overview says so.
    for page in [format!("/cycles/{cycle}/supervisors/new"), "/cycles/new".to_owned(), "/import".to_owned()] {
        assert_eq!(site.get(&me, &page, "en").await.status, StatusCode::FORBIDDEN, "{page}");
    }
    let overview = site.get(&me, &format!("/overview?cycle={cycle}"), "en").await.body;
    assert!(overview.contains("You coordinate Computer science, and can enrol students there"), "{overview}");
    assert!(overview.contains(&path) && !overview.contains("supervisors/new"), "{overview}");
    assert_eq!(site.get(&site.house.supervisor, &path, "en").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_supervisor_is_enrolled_with_quotas_by_the_university() {
    let site = Site::new().await;
    let House { coordinator, cycle, .. } = &site.house;
    let path = format!("/cycles/{cycle}/supervisors/new");
    let form = "family_name=Pham&given_name=An&email=an%40uni.example&title=Dr.&chair_max=1&examine_max=2&areas=rivers%2C+bridges";
    let wrong = site.post_form(coordinator, &path, &format!("{form}&supervise_max=9999")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("f-supervise_max-wrong") && wrong.body.contains("rivers, bridges"), "{}", wrong.body);
    assert_eq!(
        site.post_form(coordinator, &path, &format!("{form}&supervise_max=4")).await.status,
        StatusCode::SEE_OTHER
    );
    let person = site.known("an@uni.example").await.unwrap();
    let page = site.get(coordinator, &format!("{path}?person={}", person.id), "lo").await.body;
    for kept in ["value=\"Dr.\"", "value=\"4\"", "value=\"1\"", "value=\"rivers, bridges\""] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
}

#[tokio::test]
async fn nobody_is_enrolled_in_a_cycle_that_is_over() {
    let site = Site::new().await;
    let House { coordinator, cycle, programme, .. } = &site.house;
    site.post_form(coordinator, &format!("/cycles/{cycle}/steps"), "action=close").await;
    let path = format!("/cycles/{cycle}/students/new");
    let form = format!("family_name=Vong&given_name=Mali&email=mali%40uni.example&programme={programme}");
    assert_eq!(site.post_form(coordinator, &path, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(site.known("mali@uni.example").await.is_none());
    let overview = site.get(coordinator, &format!("/overview?cycle={cycle}"), "en").await.body;
    assert!(!overview.contains(&path), "{overview}");
}

#[tokio::test]
async fn each_programme_is_told_of_once() {
    let site = Site::new().await;
    let other = site.another_programme().await;
    let told = site.told(<ProgrammeChanged as base::Event>::TYPE).await;
    let mut told: Vec<_> = told.iter().map(|event| (event["code"].as_str(), &event["programme"])).collect();
    told.sort_unstable_by_key(|(code, _)| *code);
    assert_eq!(told, [(Some("CE"), &json!(other)), (Some("CS"), &json!(site.house.programme))]);
}

#[tokio::test]
async fn what_a_client_leaves_out_stays_as_it_was() {
    let site = Site::new().await;
    let House { coordinator, cycle, programme, supervisor, .. } = &site.house;
    let person = supervisor.person_id().unwrap();
    let path = format!("/api/v1/cycles/{cycle}/supervisors");
    let put = async |path: &str, body: Value| {
        let answer = site.change(coordinator, Method::PUT, path, Some(body), "").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    };
    let whole = json!({"title": "Prof.", "areas": ["rivers"], "supervise_max": 4, "chair_max": 2, "examine_max": 3});
    put(&format!("{path}/{person}"), whole.clone()).await;
    put(&format!("{path}/{person}"), json!({"supervise_max": 1, "chair_max": 1, "examine_max": 1})).await;
    let read = async || site.get(coordinator, &path, "en").await.json()["items"][0].clone();
    let after = read().await;
    assert_eq!((&after["title"], &after["areas"]), (&json!("Prof."), &json!(["rivers"])));
    let quotas = ["supervise_max", "chair_max", "examine_max", "supervising"].map(|name| after[name].as_u64().unwrap());
    assert_eq!(quotas, [1, 1, 1, 0]);
    put(
        &format!("{path}/{person}"),
        json!({"title": "", "areas": [], "supervise_max": 1, "chair_max": 1, "examine_max": 1}),
    )
    .await;
    assert_eq!((&read().await["title"], &read().await["areas"]), (&json!(""), &json!([])), "what is empty is emptied");

    let student = site.house.student(1).await.person_id().unwrap();
    let path = format!("/api/v1/cycles/{cycle}/students/{student}");
    put(&path, json!({"programme": programme, "classroom": "CS-7", "gpa": "3.45"})).await;
    put(&path, json!({"programme": programme})).await;
    let kept = site.student(student).await.unwrap();
    assert_eq!((kept.classroom.as_str(), kept.gpa_points), ("CS-7", Some(345)));
}

#[tokio::test]
async fn a_quota_below_what_is_supervised_is_taken_and_told() {
    let site = Site::new().await;
    let House { coordinator, cycle, supervisor, .. } = &site.house;
    let ana = site.house.student(1).await;
    let project = site.house.propose(&ana, None, &[]).await.unwrap().project;
    site.house.approve(supervisor, project).await.unwrap();
    let person = supervisor.person_id().unwrap();
    let path = format!("/cycles/{cycle}/supervisors/new");
    let page = format!("{path}?person={person}");
    let before = site.get(coordinator, &page, "en").await.body;
    assert!(before.contains("Supervised now: 1.") && !before.contains("more than the quota allows"), "{before}");
    let form = format!("person={person}&title=Dr.&supervise_max=0&chair_max=0&examine_max=0&areas=");
    let saved = site.post_form(coordinator, &path, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let after = site.get(coordinator, &page, "en").await.body;
    assert!(after.contains("Projects supervised now: 1, more than the quota allows"), "{after}");
}
