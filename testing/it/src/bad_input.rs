//! Bad input gets a clear error with its own code, and leaves nothing half-written.

use reqwest::{Method, multipart};
use serde_json::{Value, json};
use testkit::{Answer, App, Client, PASSWORD, both_engines};

const COORDINATOR: &str = "coordinator@uni.example";

both_engines! {
    async fn every_kind_of_bad_input_has_its_error(installation: Installation) {
        let app = App::start(installation).await;
        let (one, two) = (app.tenant("one").await, app.tenant("two").await);
        app.person(one.id, COORDINATOR, "coordinator").await;
        app.person(two.id, "other@uni.example", "coordinator").await;
        app.person(two.id, "third@uni.example", "supervisor").await;
        let client = signed_in(&app, "one", COORDINATOR).await;
        let other = signed_in(&app, "two", "other@uni.example").await;

        bodies(&client).await;
        files(&client).await;
        queries(&client).await;
        credentials(&app).await;
        cursors(&client, &other).await;
        let programmes = client.get("/api/v1/programmes").await.expect(200).json();
        assert_eq!(programmes["items"].as_array().map(Vec::len), Some(3), "something was half-written: {programmes}");
        app.stop().await;
    }
}

/// Two universities share the address, so the page asks which.
async fn signed_in(app: &App, university: &str, email: &str) -> Client {
    let client = app.visitor();
    let fields = [("university", university), ("email", email), ("password", PASSWORD)];
    client.submit("/sign-in", &fields).await.expect(303);
    client
}

async fn bodies(client: &Client) {
    let cases: [(&[u8], u16, &str); 5] = [
        (br#"{"code":"A","code":"B","title_en":"x"}"#, 400, "WEB-004"),
        (b"{\"code\":\"\xff\xfe\",\"title_en\":\"x\"}", 400, "WEB-004"),
        (br#"{"code":"A","title_en":"#, 400, "WEB-004"),
        (br#"{"code":"A","titel_en":"x"}"#, 422, "WEB-006"),
        (br#"{"code":7,"title_en":"x"}"#, 422, "WEB-006"),
    ];
    for (body, status, code) in cases {
        let request = client.request(Method::POST, "/api/v1/programmes").header("content-type", "application/json");
        check(&client.send(request.body(body)).await, status, code);
    }
    let plain = client.request(Method::POST, "/api/v1/programmes").header("content-type", "text/plain").body("A");
    assert_eq!(client.send(plain).await.status.as_u16(), 415);
    let foreign = client.request(Method::POST, "/api/v1/programmes").header("sec-fetch-site", "cross-site");
    // The client says `same-origin` first; a second, different word must not help.
    assert!(client.send(foreign.json(&json!({}))).await.status.is_client_error());
}

async fn files(client: &Client) {
    let import = async |name: &'static str, bytes: &'static [u8]| -> Answer {
        let form = multipart::Form::new().part("files", multipart::Part::bytes(bytes).file_name(name));
        client.send(client.request(Method::POST, "/api/v1/imports?dry_run=true").multipart(form)).await
    };
    check(&import("cohort.xlsx", b"PK\x03\x04broken").await, 422, "IMP-001");
    let noise = import("students.xlsx", b"\x8f\x1c\x00\xe2\n\xff,\x07").await;
    check(&noise, 422, "IMP-001");
    assert!(noise.json()["detail"].as_str().unwrap().contains("XLSX"), "{}", noise.body);
    check(&import("students.csv", b"student_no,colour\n1,red\n").await, 422, "IMP-003");

    let truncated: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF-1.7 and no more";
    for path in ["/api/v1/files", "/api/v1/imports"] {
        let upload = client.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=x");
        check(&client.send(upload.body(truncated)).await, 400, "WEB-004");
    }
    for (media, status, code) in [("application/json", 415, "WEB-005"), ("multipart/form-data", 400, "WEB-004")] {
        let upload = client.request(Method::POST, "/api/v1/files").header("content-type", media).body("{}");
        check(&client.send(upload).await, status, code);
    }
}

/// Programs are told of a name that nobody reads; links to pages carry others', which are passed over.
async fn queries(client: &Client) {
    let unknown = client.get("/api/v1/topics?cursor=x").await;
    check(&unknown, 400, "WEB-007");
    assert_eq!(unknown.json()["errors"][0]["field"], "cursor");
    check(&client.get("/api/v1/topics?aftr=x").await, 400, "WEB-007");
    client.get("/topics?utm_source=mail").await.expect(200);
    for path in ["/topics?state=bogus", "/topics?sort=colour", "/projects?state=bogus", "/projects?limit=0"] {
        assert!(client.get(path).await.expect(400).body.contains("WEB-007"), "{path}");
    }
    for path in ["/api/v1/topics?state=%FF", "/api/v1/topics?limit=1&limit=2"] {
        let wrong = client.get(path).await;
        check(&wrong, 400, "WEB-007");
        let named = wrong.json()["errors"][0]["field"].as_str().unwrap().to_owned();
        assert!(path.contains(&named) && wrong.json()["detail"].as_str().unwrap().contains(&named), "{}", wrong.body);
    }
}

async fn credentials(app: &App) {
    let visitor = app.visitor();
    let wrong_cookie = visitor.request(Method::GET, "/api/v1/topics").header("cookie", "fpms=garbage");
    assert_eq!(visitor.send(wrong_cookie).await.status.as_u16(), 401);
    let wrong_token = visitor.request(Method::GET, "/api/v1/topics").bearer_auth("garbage");
    check(&visitor.send(wrong_token.try_clone().unwrap()).await, 401, "GTW-013");
    let in_lao = visitor.send(wrong_token.header("accept-language", "lo, en;q=0.5")).await;
    assert_eq!(
        (in_lao.header("content-language"), in_lao.json()["title"].as_str()),
        ("lo", Some("ບໍ່ຮັບຫຼັກຖານການເຂົ້າສູ່ລະບົບນີ້"))
    );
    let wrong_password =
        visitor.submit("/sign-in", &[("university", "one"), ("email", COORDINATOR), ("password", "no")]).await;
    assert!(wrong_password.body.contains(COORDINATOR), "the form keeps what was typed: {}", wrong_password.body);
}

/// A cursor is good for the list and the university that it was made for.
async fn cursors(client: &Client, other: &Client) {
    for (n, by) in [(1, client), (2, client), (3, client), (1, other), (2, other)] {
        by.post("/api/v1/programmes", &json!({"code": format!("P{n}"), "title_en": "x"})).await.expect(201);
    }
    check(&client.get("/api/v1/topics?after=garbage").await, 400, "WEB-008");
    let people = other.get("/api/v1/people?limit=1").await.expect(200).json();
    let cursor = people["next"].as_str().expect("two people make two pages of one");
    check(&client.get(&format!("/api/v1/people?limit=1&after={cursor}")).await, 400, "WEB-008");
}

fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let problem: Value = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["type"], format!("/errors/{code}"));
    assert!(problem["instance"].is_string() && problem["title"].is_string(), "{problem}");
}
