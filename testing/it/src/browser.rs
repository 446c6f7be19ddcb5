//! The walk in a real browser: what people see and click, from the import to a handed-in milestone.

use std::path::Path;

use testkit::{App, Browser, Engine, Installation, PASSWORD};

const COORDINATOR: &str = "coordinator@uni.example";
const SUBMIT: &str = "main form button[type=submit]";
const SUMMARY: &str =
    "We count the motorbikes that cross three bridges each morning, and tell the city which lights to lengthen.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faculty_comes_in_and_a_student_hands_in() {
    let Some(browser) = Browser::open(1280, 900).await else { return };
    let app = App::start(Installation::on(Engine::Sqlite).await.unwrap()).await;
    let tenant = app.tenant("uni").await;
    app.person(tenant.id, COORDINATOR, "coordinator").await;
    let cycle = crate::walk::prepared_cycle(&app, COORDINATOR).await;

    sign_in(&app, &browser, COORDINATOR).await;
    import(&app, &browser).await;
    let cast = crate::walk::cast(&app, tenant.id, COORDINATOR, &cycle).await;

    sign_in(&app, &browser, &cast.student).await;
    let project = propose(&app, &browser, &cast.topic).await;
    sign_in(&app, &browser, &cast.supervisor).await;
    ask_for_a_change(&app, &browser, &project).await;
    sign_in(&app, &browser, &cast.student).await;
    answer_it(&app, &browser, &project).await;
    sign_in(&app, &browser, &cast.supervisor).await;
    approve_and_start(&app, &browser, &project).await;
    sign_in(&app, &browser, &cast.student).await;
    hand_in(&app, &browser, &project).await;
    browser.close().await;
    app.stop().await;
}

async fn sign_in(app: &App, browser: &Browser, email: &str) {
    browser.window.delete_all_cookies().await.unwrap();
    browser.go(&format!("{}/sign-in", app.url)).await;
    browser.fill("email", email).await;
    browser.fill("password", PASSWORD).await;
    browser.click(SUBMIT).await;
    browser.sees("My tasks").await;
}

/// Uploads the small cohort, sees what is wrong with it, and keeps the good rows.
async fn import(app: &App, browser: &Browser) {
    browser.go(&format!("{}/import", app.url)).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cohort/small").canonicalize().unwrap();
    let files = ["students", "supervisors", "topics", "preferences", "rankings", "rooms", "availability"];
    let paths: Vec<String> =
        files.iter().map(|file| folder.join(format!("{file}.csv")).display().to_string()).collect();
    browser.find("input[name=files]").await.send_keys(&paths.join("\n")).await.unwrap();
    browser.click(SUBMIT).await;
    browser.sees("What would happen").await;
    browser.sees("15 rows are wrong").await;
    browser.click("input[name=mode][value=good_rows]").await;
    browser.click("form[action$='/confirm'] button[type=submit]").await;
    browser.sees("imported").await;
    app.settle().await;
}

/// Proposes on a topic: first with too little, which keeps what was typed, then in full.
async fn propose(app: &App, browser: &Browser, topic: &str) -> String {
    browser.go(&format!("{}/propose?topic={topic}", app.url)).await;
    browser.fill("title_en", "Counting bridges").await;
    browser.fill("summary", "Too short.").await;
    browser.click(SUBMIT).await;
    browser.find("[aria-invalid=true]").await;
    let kept = browser.find("[name=title_en]").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("Counting bridges"));
    browser.fill("summary", SUMMARY).await;
    browser.fill("methods", "Cameras, and patience.").await;
    browser.click(SUBMIT).await;
    browser.sees("Counting bridges").await;
    let url = browser.window.current_url().await.unwrap();
    url.path().rsplit('/').next().unwrap().to_owned()
}

async fn ask_for_a_change(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}/changes", app.url)).await;
    browser.fill("requests", "Name the three bridges.").await;
    browser.click(SUBMIT).await;
    browser.sees("Changes requested").await;
}

async fn answer_it(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}/resubmit", app.url)).await;
    browser.click("input[name=done][value='1']").await;
    browser.click(SUBMIT).await;
    browser.sees("Proposed").await;
}

async fn approve_and_start(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    browser.click("form[action$='/approve'] button").await;
    browser.sees("Approved").await;
    browser.go(&format!("{}/projects/{project}/steps/start", app.url)).await;
    browser.click(SUBMIT).await;
    browser.sees("Active").await;
}

/// Uploads a file for the first milestone and hands it in; the page shows the receipt.
async fn hand_in(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    browser.click("main a[href^='/milestones/']").await;
    let file = app.installation.folder.join("report.pdf");
    std::fs::write(&file, b"%PDF-1.7\n% a report of one line\n%%EOF\n").unwrap();
    browser.find("input[name=file]").await.send_keys(&file.display().to_string()).await.unwrap();
    browser.click(SUBMIT).await;
    browser.sees("report.pdf").await;
    browser.click("form[action$='/submit'] button[type=submit]").await;
    browser.sees("Receipt").await;
}
