//! What people see.

use http::{Request, StatusCode, header};

use super::{Client, person};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn nobody_is_sent_to_sign_in_and_back() {
    let answer = Client::nobody().get("/notes/clear?a=1").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fnotes%2Fclear%3Fa%3D1");
}

#[tokio::test]
async fn whoever_is_signed_out_in_the_middle_of_a_form_comes_back_to_it() {
    let sent = async |referer: &str| {
        let request =
            Request::post("/notes/clear").header("host", "uni.example").header("sec-fetch-site", "same-origin");
        Client::nobody().send(request.header(header::REFERER, referer).header(header::CONTENT_TYPE, FORM), "a=1").await
    };
    let back = sent("https://uni.example/notes/clear?b=2").await;
    assert_eq!(back.header("location"), "/sign-in?next=%2Fnotes%2Fclear%3Fb%3D2");
    for other in ["https://elsewhere.example/notes", "https://uni.example/", "nonsense"] {
        assert_eq!(sent(other).await.header("location"), "/sign-in", "{other}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_for_this_person_says_so() {
    let answer = Client::signed().get("/notes/clear").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text.contains("ACC-001") && answer.text.contains(answer.header("x-request-id")));
    assert_eq!(Client::new(&person("en", &["clerk"], None)).get("/notes/clear").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_is_read_urlencoded_and_multipart() {
    let client = Client::signed();
    let urlencoded = client.post("/notes", FORM, "title=A+note&weeks=3&once=k1").await;
    assert_eq!(urlencoded.text, "A note Some(3) Some(\"k1\")");
    let body = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA note\r\n--x\r\n\
                Content-Disposition: form-data; name=\"once\"\r\n\r\nk2\r\n--x--\r\n";
    let multipart = client.post("/notes", "multipart/form-data; boundary=x", body).await;
    assert_eq!(multipart.text, "A note None Some(\"k2\")");
    let truncated =
        client.post("/notes", "multipart/form-data; boundary=x", body.split("k2").next().unwrap().to_owned()).await;
    assert_eq!(truncated.status, StatusCode::BAD_REQUEST);
    assert!(truncated.text.contains("WEB-004"), "{}", truncated.text);
    let other = client.post("/notes", "text/plain", "title=a").await;
    assert_eq!(other.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

fn upload(bytes: usize) -> String {
    let file = "a".repeat(bytes);
    format!(
        "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA\r\n--x\r\nContent-Disposition: form-data; name=\"list\"; \
         filename=\"l.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
    )
}

#[tokio::test]
async fn a_route_takes_files_up_to_its_own_bound() {
    let client = Client::signed();
    let media = "multipart/form-data; boundary=x";
    assert_eq!(client.post("/notes/import", media, upload(5 << 20)).await.text, "l.csv text/csv 5242880");
    let large = client.post("/notes/import", media, upload(9 << 20)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(client.post("/notes/stream", media, upload(9 << 20)).await.text, (9 * 1024 * 1024 + 1).to_string());
}

#[tokio::test]
async fn another_sites_form_is_refused() {
    let client = Client::signed();
    let post = || Request::post("/notes").header(header::CONTENT_TYPE, FORM);
    let send = async |request: http::request::Builder| client.send(request, "title=a").await.status;
    assert_eq!(send(post().header("sec-fetch-site", "cross-site")).await, StatusCode::FORBIDDEN);
    assert_eq!(send(post().header("sec-fetch-site", "same-site")).await, StatusCode::FORBIDDEN);
    assert_eq!(
        send(post().header("origin", "https://evil.example").header("host", "uni.example")).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(send(post().header("origin", "null").header("host", "uni.example")).await, StatusCode::FORBIDDEN);
    assert_eq!(send(post()).await, StatusCode::FORBIDDEN);
    assert_eq!(
        send(post().header("origin", "https://uni.example").header("host", "uni.example")).await,
        StatusCode::OK
    );
    let behind = post()
        .header("origin", "https://uni.example")
        .header("host", "127.0.0.1:9")
        .header("x-forwarded-host", "uni.example");
    assert_eq!(send(behind).await, StatusCode::OK);
    assert_eq!(send(post().header("sec-fetch-site", "none")).await, StatusCode::OK);
}

#[tokio::test]
async fn a_message_is_shown_on_the_next_page_once() {
    let client = Client::signed();
    let answer = client.post("/notes", FORM, "title=go").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let shown = client.send(Request::get("/").header(header::COOKIE, &cookie), "").await;
    assert_eq!(shown.text, "en|Home|note-kept");
    let forged = client.send(Request::get("/").header(header::COOKIE, format!("{cookie}x")), "").await;
    assert_eq!(forged.text, "en|Home|-");
}

#[tokio::test]
async fn the_language_is_the_cookies_then_the_persons_then_the_browsers() {
    let lao = Client::new(&person("lo", &[], None));
    assert!(lao.get("/").await.text.starts_with("lo|ໜ້າຫຼັກ"));
    let chosen = Request::get("/").header(header::COOKIE, "fpms_language=en");
    assert!(lao.send(chosen, "").await.text.starts_with("en|"));
    let accept = |text: &str| Request::get("/").header(header::ACCEPT_LANGUAGE, text);
    assert!(Client::nobody().send(accept("fr, lo-LA;q=0.8, en;q=0.5"), "").await.text.starts_with("lo|"));
    assert!(Client::nobody().send(accept("fr"), "").await.text.starts_with("en|"));
}

#[tokio::test]
async fn an_error_page_speaks_to_people_and_says_once_what_can_be_done() {
    let wrong = Client::signed().get("/notes/all?limit=none").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let page = &wrong.text;
    assert!(page.contains("After its question mark the address has something"), "{page}");
    assert_eq!(page.matches("Open the page from a link again").count(), 1, "{page}");
    assert!(page.contains("<code>limit</code>: Enter a whole number"), "{page}");
    assert!(!page.contains("member `"), "{page}");
    let truncated = Client::signed().post("/notes", "multipart/form-data; boundary=x", "--x\r\n").await;
    assert!(
        truncated.text.contains("send it once more") && !truncated.text.contains("<dt>cause"),
        "{}",
        truncated.text
    );
    let lao =
        Client::signed().send(Request::get("/notes/all?limit=x").header(header::COOKIE, "fpms_language=lo"), "").await;
    assert!(lao.text.contains("ເປີດໜ້າຈາກລິ້ງຄືນ"), "{}", lao.text);
}

#[tokio::test]
async fn a_panic_shows_nothing_internal() {
    let answer = Client::signed().get("/notes/broken").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text.contains("WEB-500") && !answer.text.contains("in a handler"));
}

#[tokio::test(start_paused = true)]
async fn a_handler_ends_when_nobody_waits_any_longer() {
    let client = Client::signed();
    let answer = client.send(Request::get("/notes/slow").header("fpms-deadline-ms", "200"), "").await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    assert!(answer.text.contains("WEB-015"));
    assert_eq!(client.get("/notes/slow").await.text, "awake");
}

#[tokio::test]
async fn a_handler_is_not_begun_when_nobody_waits_for_it() {
    let answer = Client::signed().send(Request::get("/notes/broken").header("fpms-deadline-ms", "0"), "").await;
    assert!(answer.status == StatusCode::GATEWAY_TIMEOUT && answer.text.contains("WEB-015"), "{}", answer.text);
}

#[tokio::test]
async fn every_answer_forbids_inline_scripts_and_framing() {
    let answer = Client::signed().get("/").await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe")
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}
