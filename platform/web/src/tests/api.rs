//! What programs see.

use http::{Request, StatusCode, header};

use super::{Client, NOON, TENANT, ask, kit, person, service};

const JSON: &str = "application/json";

async fn refused(client: &Client, body: impl Into<axum::body::Body>) -> (u16, String, String) {
    let answer = client.post("/api/v1/notes", JSON, body).await;
    let problem = answer.json();
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(problem["status"], answer.status.as_u16());
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text("code"), format!("{} {}", text("detail"), problem["errors"]))
}

#[tokio::test]
async fn a_problem_has_its_page_code_and_request() {
    let answer = Client::signed().get("/api/v1/nothing").await;
    let problem = answer.json();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(problem["type"], "/errors/WEB-001");
    assert_eq!(problem["instance"], answer.header("x-request-id"));
    assert_eq!(Client::signed().get("/api/v1/notes/7").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_method_is_refused_with_the_methods_allowed() {
    let answer = Client::signed().send(Request::delete("/api/v1/notes"), "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("POST"), "{}", answer.header("allow"));
    assert_eq!(answer.json()["code"], "WEB-002");
}

#[tokio::test]
async fn a_body_is_read_strictly() {
    let client = Client::signed();
    assert_eq!(client.post("/api/v1/notes", JSON, r#"{"title":"a","weeks":1}"#).await.status, StatusCode::CREATED);
    let check = |body: &'static [u8]| refused(&client, body);
    let duplicate = check(br#"{"title":"a","title":"b","weeks":1}"#).await;
    assert_eq!((duplicate.0, duplicate.1.as_str()), (400, "WEB-004"));
    assert!(duplicate.2.contains("`title` appears twice"), "{}", duplicate.2);
    let utf8 = check(b"{\"title\":\"\xff\",\"weeks\":1}").await;
    assert!(utf8.0 == 400 && utf8.2.contains("not UTF-8"), "{}", utf8.2);
    assert_eq!(check(b"{\"title\":").await.0, 400);
    let missing = check(br#"{"title":"a"}"#).await;
    assert!(missing.0 == 422 && missing.2.contains(r#"field":"weeks","reason":"required""#), "{}", missing.2);
    let unknown = check(br#"{"title":"a","weeks":1,"colour":2}"#).await;
    assert!(unknown.0 == 422 && unknown.2.contains(r#""field":"colour","reason":"unknown""#), "{}", unknown.2);
    let wrong = check(br#"{"title":"a","weeks":"x"}"#).await;
    assert!(wrong.0 == 422 && wrong.2.contains(r#""field":"weeks","reason":"invalid""#), "{}", wrong.2);
    let media = client.post("/api/v1/notes", "text/plain", "{}").await;
    assert_eq!(media.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = refused(&client, vec![b' '; (1 << 20) + 1]).await;
    assert_eq!((large.0, large.1.as_str()), (413, "WEB-003"));
}

#[tokio::test]
async fn a_problem_speaks_the_readers_language() {
    let client = Client::signed();
    let ask = |language: &'static str, body: &'static str| {
        let request = Request::post("/api/v1/notes").header(header::CONTENT_TYPE, JSON);
        let request = request.header("sec-fetch-site", "same-origin");
        client.send(request.header(header::COOKIE, format!("fpms_language={language}")), body)
    };
    let answer = ask("lo", r#"{"title":1}"#).await;
    let problem = answer.json();
    assert_eq!(answer.header("content-language"), "lo");
    assert_eq!(problem["title"], "ບາງຊ່ອງຂາດ ຫຼື ບໍ່ຖືກຕ້ອງ");
    assert_eq!(problem["code"], "WEB-006");
    let fields = problem["errors"].as_array().unwrap();
    let reasons: Vec<_> = fields.iter().map(|one| (one["field"].as_str(), one["reason"].as_str())).collect();
    assert_eq!(reasons, [(Some("title"), Some("invalid")), (Some("weeks"), Some("required"))]);
    assert!(fields.iter().all(|one| !one["detail"].as_str().unwrap().is_ascii()), "{problem}");
    let unreadable = ask("lo", "{").await.json();
    assert!(unreadable["detail"].as_str().unwrap().starts_with("ອ່ານເນື້ອໃນບໍ່ໄດ້: "), "{unreadable}");
    let answer = ask("en", "{").await;
    assert_eq!(answer.header("content-language"), "en");
    assert_eq!(answer.json()["title"], "What was sent cannot be read");
    let hint = answer.json()["hint"].as_str().unwrap().to_owned();
    assert_eq!(hint, "Mend what the member `detail` says, and send it again.");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let pieces = [Ok(bytes::Bytes::from_static(b"{\"ti")), Err(std::io::Error::other("gone"))];
    let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(refused(&Client::signed(), body).await.1, "WEB-004");
}

#[tokio::test]
async fn a_cursor_continues_its_own_list_of_its_own_tenant_only() {
    let client = Client::signed();
    let next = client.get("/api/v1/notes?state=open").await.json()["next"].as_str().unwrap().to_owned();
    let later = client.get(&format!("/api/v1/notes?after={next}&state=open&limit=7")).await;
    assert!(later.text.contains("key-7"), "{}", later.text);
    let other_filter = client.get(&format!("/api/v1/notes?after={next}")).await;
    assert_eq!((other_filter.status.as_u16(), other_filter.json()["code"].as_str()), (400, Some("WEB-008")));
    let stranger = base::Caller::nobody(base::TenantId::from_u128(2), base::RequestId::from_u128(1));
    let foreign = Client::new(&stranger).get(&format!("/api/v1/notes?after={next}&state=open")).await;
    assert_eq!(foreign.json()["code"], "WEB-008");
    assert_eq!(client.get("/api/v1/notes?after=nonsense").await.json()["code"], "WEB-008");
    assert_eq!(client.get("/api/v1/notes?limit=0").await.json()["errors"][0]["field"], "limit");
    assert_eq!(client.get("/api/v1/notes?limit=x").await.json()["code"], "WEB-007");
}

#[tokio::test]
async fn a_parameter_that_an_operation_does_not_know_is_refused_with_the_nearest_name() {
    let client = Client::signed();
    let refused = async |path: &str| {
        let answer = client.get(path).await;
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (400, Some("WEB-007")), "{path}: {problem}");
        problem
    };
    let problem = refused("/api/v1/notes?limt=2&state=open&limt=3&page=2").await;
    assert_eq!(problem["hint"], "the nearest name is `limit`");
    let unknown: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str()).collect();
    assert_eq!(unknown, [Some("limt"), Some("page")]);
    assert_eq!(problem["errors"][0]["reason"], "unknown");
    assert_eq!(problem["parameters"], serde_json::json!(["state", "limit", "after"]));
    assert_eq!(refused("/api/v1/notes?cursor=x").await["hint"], "the names are `state`, `limit`, `after`");
    let note = format!("/api/v1/notes/{}", base::PersonId::from_u128(5));
    assert_eq!(refused(&format!("{note}?fields=title")).await["hint"], "this operation takes no parameters");
    let written = client.post("/api/v1/notes?dry_run=true", JSON, r#"{"title":"a","weeks":1}"#).await;
    assert_eq!(written.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.get("/?utm_source=mail").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unchanged_version_is_not_sent_again() {
    let client = Client::signed();
    let path = format!("/api/v1/notes/{}", base::PersonId::from_u128(5));
    let first = client.get(&path).await;
    assert_eq!(first.header("etag"), "\"v3\"");
    let second = client.send(Request::get(&path).header(header::IF_NONE_MATCH, "\"v3\""), "").await;
    assert_eq!((second.status, second.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let wrong = Request::post("/api/v1/notes").header(header::IF_MATCH, "\"x\"").header(header::CONTENT_TYPE, JSON);
    let wrong = wrong.header("sec-fetch-site", "same-origin");
    assert_eq!(client.send(wrong, r#"{"title":"a","weeks":1}"#).await.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn who_may_not_is_told_so() {
    let body = r#"{"title":"a","weeks":1}"#;
    let nobody = Client::nobody().post("/api/v1/notes", JSON, body).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let reader = Client::new(&person("en", &[], Some(&["notes.read"])));
    assert_eq!(reader.post("/api/v1/notes", JSON, body).await.json()["code"], "ACC-003");
    assert_eq!(reader.get("/api/v1/notes").await.status, StatusCode::OK);
    let writer = Client::new(&person("en", &[], Some(&["notes.*"])));
    let request = Request::post("/api/v1/notes").header(header::CONTENT_TYPE, JSON);
    assert_eq!(writer.send(request, body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_did_not_come_through_the_gateway_is_refused() {
    let router = kit(&[]).0.mount(service());
    let bare = ask(&router, Request::get("/api/v1/notes").body("".into()).unwrap()).await;
    assert_eq!((bare.status.as_u16(), bare.json()["code"].as_str()), (401, Some("WEB-011")));
    let (kit, tokens) = kit(&[]);
    let token = tokens.seal(&base::Caller::nobody(TENANT, base::RequestId::from_u128(1)), NOON).unwrap();
    let expired = Request::get("/api/v1/notes").header("fpms-caller", token).body("".into()).unwrap();
    assert_eq!(ask(&kit.mount(service()), expired).await.json()["code"], "WEB-011");
}

#[tokio::test]
async fn an_idempotency_key_is_visible_and_bounded() {
    let client = Client::signed();
    for key in ["", "a b", &"k".repeat(256)] {
        let request = Request::post("/api/v1/notes").header(header::CONTENT_TYPE, JSON).header("idempotency-key", key);
        let answer = client.send(request.header("sec-fetch-site", "same-origin"), r#"{"title":"a","weeks":1}"#).await;
        assert_eq!(answer.json()["code"], "WEB-009", "{key:?}");
    }
}
